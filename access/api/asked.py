"""What programs asked of smart locks, and what came of it: as far as the lock itself has shown."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access import asked_pages, lock_queries
from access.api import problems
from access.api.fields import Id, Instant, written
from access.api.ids import Kind, made
from access.api.operations import operation
from access.api.problems import Code
from access.api.views import ApiView
from access.asked_pages import Asked, Outcome, State
from access.models import AuditEntry, AuditKind
from properties.api_scopes import Scope
from properties.clock import now

TAG = "Locks"
UNLOCK, SYNC = "unlock", "sync"
ASKED = {AuditKind.OPENING_ASKED: UNLOCK, AuditKind.READING_ASKED: SYNC}


class LockActionOut(serializers.Serializer[Any]):
    """What was asked of a lock, by a program or by a person on a page, and what came of it."""

    id = Id(Kind.ACTION)
    lock = serializers.CharField()
    asked = serializers.ChoiceField(choices=[SYNC, UNLOCK])
    asked_at = Instant()
    state = serializers.ChoiceField(
        choices=[one.value for one in State],
        help_text="`opened` once the lock's own log shows it: that Nuki took the request opens no door.",
    )
    is_pending = serializers.BooleanField(help_text="Whether more is to be expected: ask again in a second.")
    sentence = serializers.CharField()
    seen_at = Instant(allow_null=True, help_text="When the door opened, or the lock was read.")


class LockAction(ApiView):
    """One thing that was asked."""

    @operation(
        "get_lock_action",
        "Get what came of an unlock or a sync",
        scope=Scope.READ,
        tag=TAG,
        answers=LockActionOut,
        problems=[Code.NOT_FOUND],
    )
    def get(self, request: Request, action_id: int) -> Response:
        """If it is about a lock of theirs."""
        del request
        ours = AuditEntry.objects.filter(
            self.reach.covers("smart_lock__door__property"),
            organization=self.organization,
            smart_lock__isnull=False,
            kind__in=ASKED,
        )
        found = ours.select_related("smart_lock").filter(pk=action_id).first()
        if found is None:
            raise problems.there_is_no("lock action")
        return Response(shown(found, _outcome(found)))


def just_asked(wish: AuditEntry) -> Response:
    """The answer to whoever asked just now."""
    return Response(shown(wish, asked_pages.just_asked(wish)), status=202)


def asked_by(view: ApiView, kind: AuditKind, *, lock_id: int) -> AuditEntry | None:
    """The latest wish of this kind that was made of a lock with the caller's key."""
    wishes = AuditEntry.objects.filter(organization=view.organization, smart_lock=lock_id, kind=kind)
    return wishes.filter(api_key=view.key).order_by("-at", "-pk").first()


def shown(wish: AuditEntry, outcome: Outcome) -> dict[str, Any]:
    """As programs see it."""
    return {
        "id": made(Kind.ACTION, wish.pk),
        "lock": made(Kind.LOCK, wish.smart_lock_id or 0),
        "asked": ASKED[AuditKind(wish.kind)],
        "asked_at": written(wish.at),
        "state": outcome.state.value,
        "is_pending": outcome.is_open,
        "sentence": outcome.sentence,
        "seen_at": written(outcome.at) if outcome.at else None,
    }


def _outcome(wish: AuditEntry) -> Outcome:
    lock = wish.smart_lock
    if lock is None:
        raise TypeError("What is asked of a lock names it.")
    follows = {one.kind: one for one in AuditEntry.objects.filter(intent=wish)}
    asked = Asked(wish, follows.get(AuditKind.LOCK_CALLED), follows.get(AuditKind.LOCK_ANSWERED))
    if wish.kind == AuditKind.READING_ASKED:
        return asked_pages.reading(asked, lock, now())
    return asked_pages.opening(asked, lock_queries.movement_since(lock, wish.at), now())
