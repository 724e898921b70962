"""What happened at the doors, and what needs somebody."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access import activity_pages, alert_pages, alert_queries, queries
from access.api import paging
from access.api.fields import Id, Instant
from access.api.ids import Kind, made
from access.api.lists import list_of, listed
from access.api.operations import operation
from access.api.paging import PageQuery
from access.api.views import ApiView
from access.log_entries import ActivityKind, Means
from access.models import Activity, Alert, AlertKind
from access.models.alerts import URGENT
from properties.api_scopes import Scope
from properties.clock import now
from properties.models import Door

TAG = "What happens"
OPEN, CLOSED = "open", "closed"


def code_of(word: str) -> str:
    """A word of ours as programs see it."""
    return word.replace(" ", "_")


class ActivityOut(serializers.Serializer[Activity]):
    """One thing that happened at a lock, each once."""

    id = Id(Kind.ACTIVITY, source="pk")
    kind = serializers.SerializerMethodField()
    means = serializers.SerializerMethodField()
    happened_at = Instant(help_text="By the lock's own clock.")
    lock = Id(Kind.LOCK, source="smart_lock_id")
    door = serializers.SerializerMethodField()
    stay = serializers.SerializerMethodField(help_text="Whose code it was, where that is certain.")
    who = serializers.SerializerMethodField(
        help_text="The guest, or whom the host or Nuki names; may be empty."
    )
    sentence = serializers.SerializerMethodField()

    @extend_schema_field({"type": "string", "enum": [code_of(one.value) for one in ActivityKind]})
    def get_kind(self, one: Activity) -> str:
        """What happened."""
        return code_of(one.kind)

    @extend_schema_field({"type": "string", "enum": [code_of(one.value) for one in Means]})
    def get_means(self, one: Activity) -> str:
        """With what."""
        return code_of(one.means)

    def get_door(self, one: Activity) -> str | None:
        """The door that the lock is on now."""
        door: Door | None = getattr(one.smart_lock, "door", None)
        return made(Kind.DOOR, door.pk) if door else None

    def get_stay(self, one: Activity) -> str | None:
        """The stay of the code that was used."""
        return made(Kind.STAY, one.grant.own_stay_id) if one.grant else None

    def get_who(self, one: Activity) -> str:
        """A name."""
        return activity_pages.who(one)

    def get_sentence(self, one: Activity) -> str:
        """As the pages say it."""
        return activity_pages.line(one).sentence


class AlertOut(serializers.Serializer[Alert]):
    """One thing that needs somebody, or did. It opens and closes with the facts."""

    id = Id(Kind.ALERT, source="pk")
    kind = serializers.SerializerMethodField()
    is_urgent = serializers.SerializerMethodField()
    stay = Id(Kind.STAY, source="stay_id", allow_null=True)
    lock = Id(Kind.LOCK, source="smart_lock_id", allow_null=True)
    nuki_account = Id(Kind.NUKI_ACCOUNT, source="nuki_account_id", allow_null=True)
    subject = serializers.SerializerMethodField()
    sentence = serializers.SerializerMethodField()
    opened_at = Instant()
    closed_at = Instant(allow_null=True)

    @extend_schema_field({"type": "string", "enum": [code_of(one.value) for one in AlertKind]})
    def get_kind(self, alert: Alert) -> str:
        """What is wrong."""
        return code_of(alert.kind)

    def get_is_urgent(self, alert: Alert) -> bool:
        """Whether it cannot wait."""
        return alert.kind in URGENT

    def get_subject(self, alert: Alert) -> str:
        """Whom or what it is about."""
        return alert_pages.subject_of(alert)

    def get_sentence(self, alert: Alert) -> str:
        """What is so."""
        return alert_pages.line(alert, self.context["now"]).sentence


class ActivityQuery(PageQuery):
    """Of one lock, or in a span of time."""

    lock = Id(Kind.LOCK, required=False)
    stay = Id(Kind.STAY, required=False, help_text="What was done with the code of this stay.")
    happened_after = Instant(required=False, help_text="At this instant, or after it.")
    happened_before = Instant(required=False, help_text="Before this instant.")


class AlertQuery(PageQuery):
    """Those that are open, or those that were."""

    status = serializers.ChoiceField(choices=[OPEN, CLOSED], default=OPEN, required=False)


class ActivityList(ApiView):
    """What happened."""

    @operation(
        "list_activity",
        "List what happened",
        says="The latest first.",
        scope=Scope.READ,
        tag=TAG,
        query=ActivityQuery,
        answers=list_of(ActivityOut),
    )
    def get(self, request: Request) -> Response:
        """A page of it."""
        del request
        fields = {
            "lock": "smart_lock",
            "stay": "grant__stay",
            "happened_after": "happened_at__gte",
            "happened_before": "happened_at__lt",
        }
        conditions: dict[str, Any] = {
            field: self.asked[name] for name, field in fields.items() if name in self.asked
        }
        found = queries.activity_of(self.organization, self.reach).filter(**conditions)
        return listed(paging.page(found, self.asked, order=("-happened_at", "-pk")), ActivityOut)


class AlertList(ApiView):
    """What needs somebody."""

    @operation(
        "list_alerts",
        "List alerts",
        says="What opened last first; of those that are over, what closed last first.",
        scope=Scope.READ,
        tag=TAG,
        query=AlertQuery,
        answers=list_of(AlertOut),
    )
    def get(self, request: Request) -> Response:
        """A page of them."""
        del request
        if self.asked["status"] == OPEN:
            found, order = alert_queries.open_alerts(self.organization, self.reach), ("-opened_at", "-pk")
        else:
            found = alert_queries.past_alerts(self.organization, self.reach, before=None)
            order = ("-closed_at", "-pk")
        return listed(paging.page(found, self.asked, order=order), AlertOut, {"now": now()})
