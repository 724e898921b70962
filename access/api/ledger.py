"""What guests were told: which message, when, and what became of it. Never the code, nor any text."""

from enum import StrEnum
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access import ledger_pages
from access.api import paging, problems
from access.api.fields import Id, Instant
from access.api.ids import Kind
from access.api.lists import list_of, listed
from access.api.operations import operation
from access.api.paging import PageQuery
from access.api.problems import Code
from access.api.views import ApiView
from access.models import Message, MessageKind
from access.models.messages import TELLS_ACCESS
from properties.api_scopes import Scope

TAG = "Messages"
LATEST_FIRST = ("-written_at", "-pk")


class Fate(StrEnum):
    """What has become of a message. Programs may rely on these words."""

    WAITING = "waiting"  # for its time
    SENDING = "sending"
    TRYING_AGAIN = "trying_again"
    SENT = "sent"
    DELIVERED = "delivered"
    UNWANTED = "unwanted"
    BOUNCED = "bounced"
    NOT_SENT = "not_sent"  # the stay changed before


class MessageOut(serializers.Serializer[Message]):
    """One message about a stay."""

    id = Id(Kind.MESSAGE, source="pk")
    stay = Id(Kind.STAY, source="stay_id")
    kind = serializers.ChoiceField(choices=[one.value for one in MessageKind])
    channel = serializers.CharField()
    state = serializers.SerializerMethodField(
        help_text="`delivered`, `bounced` and `unwanted` only where the mail provider tells of them."
    )
    sentence = serializers.SerializerMethodField()
    language = serializers.CharField(help_text="In which it was written; empty until then.")
    is_repeat = serializers.BooleanField(source="again", help_text="Somebody asked for it once more.")
    written_at = Instant()
    due_at = Instant(allow_null=True, help_text="When it leaves, or is tried again; null once it has left.")
    sent_at = Instant(allow_null=True)
    delivered_at = Instant(allow_null=True)
    bounced_at = Instant(allow_null=True)
    complained_at = Instant(allow_null=True, help_text="When the guest marked it as unwanted.")
    page_opened_at = Instant(
        allow_null=True,
        help_text="When the code was first looked at on the guest's page after this message.",
    )

    @extend_schema_field({"type": "string", "enum": [one.value for one in Fate]})
    def get_state(self, message: Message) -> str:
        """What has become of it."""
        return fate_of(message)

    def get_sentence(self, message: Message) -> str:
        """As the pages say it."""
        return ledger_pages.line(message, message.stay).word


class MessageQuery(PageQuery):
    """Of one stay, of one kind, or in a span of time. All conditions hold together."""

    stay = Id(Kind.STAY, required=False)
    kind = serializers.ChoiceField(choices=[one.value for one in MessageKind], required=False)
    written_after = Instant(required=False, help_text="At this instant, or after it.")
    written_before = Instant(required=False, help_text="Before this instant.")


class Messages(ApiView):
    """All messages."""

    @operation(
        "list_messages",
        "List what guests were told",
        says="The latest first.",
        scope=Scope.READ,
        tag=TAG,
        query=MessageQuery,
        answers=list_of(MessageOut),
    )
    def get(self, request: Request) -> Response:
        """A page of them."""
        del request
        fields = {
            "stay": "stay",
            "kind": "kind",
            "written_after": "written_at__gte",
            "written_before": "written_at__lt",
        }
        conditions = {field: self.asked[name] for name, field in fields.items() if name in self.asked}
        found = _messages_of(self).filter(**conditions)
        return listed(paging.page(found, self.asked, order=LATEST_FIRST), MessageOut)


class OneMessage(ApiView):
    """One message."""

    @operation(
        "get_message",
        "Get a message",
        scope=Scope.READ,
        tag=TAG,
        answers=MessageOut,
        problems=[Code.NOT_FOUND],
    )
    def get(self, request: Request, message_id: int) -> Response:
        """If it is about a stay of theirs."""
        del request
        found = _messages_of(self).filter(pk=message_id).first()
        if found is None:
            raise problems.there_is_no("message")
        return Response(MessageOut(found).data)


def fate_of(message: Message) -> Fate:
    """What has become of a message: the same order of facts as `ledger_pages` has."""
    is_late = message.kind in TELLS_ACCESS and message.revision < message.stay.revision
    fates: list[tuple[Any, Fate]] = [
        (message.bounced_at, Fate.BOUNCED),
        (message.sent_at and message.complained_at, Fate.UNWANTED),
        (message.sent_at and message.delivered_at, Fate.DELIVERED),
        (message.sent_at, Fate.SENT),
        (message.superseded_at or is_late, Fate.NOT_SENT),
        (message.attempts, Fate.TRYING_AGAIN),
        (message.due_at and message.due_at > message.written_at, Fate.WAITING),
    ]
    return next((fate for fact, fate in fates if fact), Fate.SENDING)


def _messages_of(view: ApiView) -> QuerySet[Message]:
    """Without what they told: codes are not even read."""
    ours = Message.objects.filter(view.reach.covers("stay__unit__property"), organization=view.organization)
    return ours.select_related("stay__guest", "stay__unit__property").defer("told_code")
