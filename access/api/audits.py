"""Who did what: as the page of it says, and as programs read it."""

import re
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from access import audit_pages, audit_queries
from access.api.fields import Id, Instant, written
from access.api.ids import Kind, made
from access.api.lists import list_of
from access.api.operations import operation
from access.api.paging import PageQuery
from access.api.views import ApiView
from access.audit_queries import Doers, Entry, Subject, Wanted
from access.models import AuditKind
from properties.api_scopes import Scope
from properties.models import Membership, Organization, TeamEntry, TeamEvent

TAG = "Audit"
UTC = "UTC"
PLACE = re.compile(r"[at][0-9]{1,18}", re.ASCII)


def code_of(kind: str) -> str:
    """A kind of ours as programs see it."""
    return kind.replace(" ", "_").lower()


KINDS = [code_of(one) for one in (*AuditKind, *TeamEvent)]


class AuditEntryOut(serializers.Serializer[Any]):
    """One thing that was done. Entries are only ever added."""

    id = serializers.CharField(help_text="`audit_…`, or `team_…` for what is about the team.")
    kind = serializers.ChoiceField(choices=KINDS)
    at = Instant()
    who = serializers.CharField(help_text="A person, a program by its key, or Keyturn itself.")
    api_key = serializers.CharField(allow_null=True, help_text="The key by which a program did it.")
    stay = serializers.CharField(allow_null=True)
    lock = serializers.CharField(allow_null=True)
    sentence = serializers.CharField()


class AuditQuery(PageQuery):
    """By whom, about what, and when. All conditions hold together."""

    by = serializers.ChoiceField(
        choices=[one.value for one in Doers],
        default=Doers.PEOPLE.value,
        required=False,
        help_text="What people and their programs did, what Keyturn did by itself, or all.",
    )
    member = Id(Kind.MEMBERSHIP, required=False, help_text="What this person did, also by keys of theirs.")
    subject = serializers.ChoiceField(choices=[one.value for one in Subject], required=False)
    stay = Id(Kind.STAY, required=False)
    lock = Id(Kind.LOCK, required=False)
    happened_after = Instant(required=False, help_text="At this instant, or after it.")
    happened_before = Instant(required=False, help_text="Before this instant.")


class Audit(ApiView):
    """Everything that was done."""

    @operation(
        "list_audit",
        "List who did what",
        says="The latest first.",
        scope=Scope.ADMIN,
        tag=TAG,
        query=AuditQuery,
        answers=list_of(AuditEntryOut),
    )
    def get(self, request: Request) -> Response:
        """A page of it."""
        del request
        wanted, most = self._wanted(), self.asked["limit"]
        place = _place(self.asked.get("cursor", ""))
        found = audit_queries.latest(self.organization, wanted, before=place, most=most + 1) if wanted else []
        cursor = audit_queries.place_of(found[most - 1]) if len(found) > most else None
        return Response({"data": [_shown(one) for one in found[:most]], "next_cursor": cursor})

    def _wanted(self) -> Wanted | None:
        """Which entries are asked for; None where there can be none, as what they are about is not there."""
        ours, asked = self.organization, self.asked
        person = _user_id(ours, asked["member"]) if "member" in asked else None
        stay = audit_queries.stay_named(ours, str(asked["stay"])) if "stay" in asked else None
        lock = audit_queries.lock_named(ours, str(asked["lock"])) if "lock" in asked else None
        found = {"member": person, "stay": stay, "lock": lock}
        if any(name in asked and one is None for name, one in found.items()):
            return None
        return Wanted(
            doers=Doers(asked["by"]),
            person_id=person,
            subject=Subject(asked["subject"]) if "subject" in asked else None,
            stay=stay,
            lock=lock,
            begins_at=asked.get("happened_after"),
            ends_at=asked.get("happened_before"),
        )


def _user_id(organization: Organization, membership_id: int) -> int | None:
    members = Membership.objects.filter(organization=organization, pk=membership_id)
    return members.values_list("user_id", flat=True).first()


def _place(cursor: str) -> str:
    """The place of the last entry that was shown; empty at the beginning."""
    if cursor and not PLACE.fullmatch(cursor):
        refusal = "Take the next_cursor of a page of this very list."
        raise ValidationError({"cursor": [refusal]}, code="invalid_cursor")
    return cursor


def _shown(entry: Entry) -> dict[str, Any]:
    common = {
        "kind": code_of(entry.kind),
        "at": written(entry.at),
        "sentence": audit_pages.line(entry, UTC).sentence,
    }
    if isinstance(entry, TeamEntry):
        about_none = {"api_key": None, "stay": None, "lock": None}
        return {"id": made(Kind.TEAM_ENTRY, entry.pk), "who": entry.by.get_full_name()} | about_none | common
    return {
        "id": made(Kind.AUDIT_ENTRY, entry.pk),
        "who": entry.who,
        "api_key": made(Kind.API_KEY, entry.api_key_id) if entry.api_key_id else None,
        "stay": made(Kind.STAY, entry.stay_id) if entry.stay_id else None,
        "lock": made(Kind.LOCK, entry.smart_lock_id) if entry.smart_lock_id else None,
    } | common
