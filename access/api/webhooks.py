"""Webhooks, for programs that set them up: endpoints, what was told, and telling it again."""

from typing import Any

from django.db.models import Q
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access import webhook_deliveries, webhook_endpoints, webhook_queries, webhook_rules
from access.api import paging, problems
from access.api.fields import Id, Instant, Nothing, Strict, Text
from access.api.ids import Kind
from access.api.lists import list_of, listed
from access.api.operations import operation
from access.api.paging import PageQuery
from access.api.problems import Code
from access.api.views import ApiView
from access.api.webhook_refusals import refusals
from access.calling_out import LONGEST_URL
from access.models import ApiRequest, DeliveryState, WebhookDelivery, WebhookEndpoint, WebhookEvent
from access.webhook_rules import CHOSEN, FAMILIES, EventType
from properties.api_scopes import Scope
from properties.clock import now

TAG = "Webhooks"
CREATED = 201
LATEST_FIRST = ("-pk",)
EXAMPLE = {
    "name": "Lights",
    "url": "https://lights.example/hooks/keyturn",
    "types": ["door.opened", "stay.*"],
}
TYPES = [one.value for one in EventType]
ASKED_FOR = [one.value for one in CHOSEN]
WORDS = [*ASKED_FOR, *FAMILIES]
TYPE = {"type": "string", "enum": TYPES}


class EndpointOut(serializers.Serializer[WebhookEndpoint]):
    """An address that is told."""

    id = Id(Kind.WEBHOOK_ENDPOINT, source="pk")
    name = serializers.CharField()
    url = serializers.CharField()
    types = serializers.ListField(child=serializers.ChoiceField(choices=ASKED_FOR))
    is_on = serializers.BooleanField()
    off_reason = serializers.SerializerMethodField(help_text="Why it is off; empty while it is on.")
    switched_off_at = Instant(allow_null=True)
    failures = serializers.IntegerField(help_text="In a row, since the last success.")
    failing_since = Instant(allow_null=True)
    last_delivered_at = Instant(allow_null=True)
    old_secret_ends_at = Instant(
        allow_null=True, help_text="Until when the secret before the last rotation signs, too."
    )
    made_at = Instant()

    @extend_schema_field({"type": "string", "enum": ["", "by_hand", "gone", "failing"]})
    def get_off_reason(self, endpoint: WebhookEndpoint) -> str:
        """In a word."""
        return endpoint.off.replace(" ", "_")


class EndpointWithSecretOut(EndpointOut):
    """An endpoint with its secret, which is told this once."""

    secret = serializers.CharField(help_text="As the Standard Webhooks have it: `whsec_` and base64.")


class EventOut(serializers.Serializer[WebhookEvent]):
    """Something that happened, as webhooks tell it."""

    id = Id(Kind.WEBHOOK_EVENT, source="pk", help_text="The header `webhook-id`, the same at each try.")
    type = serializers.SerializerMethodField()
    timestamp = Instant(source="happened_at")
    data = serializers.JSONField(  # type: ignore[assignment]  # a field
        source="facts", help_text="Ids, kinds and times."
    )

    @extend_schema_field(TYPE)
    def get_type(self, event: WebhookEvent) -> str:
        """What happened."""
        return event.type


class DeliveryOut(serializers.Serializer[WebhookDelivery]):
    """One event for one endpoint."""

    id = Id(Kind.WEBHOOK_DELIVERY, source="pk")
    endpoint = Id(Kind.WEBHOOK_ENDPOINT, source="endpoint_id")
    event = Id(Kind.WEBHOOK_EVENT, source="event_id")
    type = serializers.SerializerMethodField()
    state = serializers.ChoiceField(choices=[one.value for one in DeliveryState])
    is_replay = serializers.BooleanField(help_text="Somebody had it sent again.")
    made_at = Instant(source="written_at")
    attempts = serializers.IntegerField()
    last_attempt_at = Instant(source="tried_at", allow_null=True)
    next_attempt_at = Instant(source="due_at", allow_null=True)
    delivered_at = Instant(allow_null=True)
    given_up_at = Instant(allow_null=True)
    status = serializers.IntegerField(allow_null=True, help_text="Of the last answer.")
    trouble = serializers.CharField(help_text="Why the last try had no answer; empty where it had one.")
    took_ms = serializers.IntegerField(allow_null=True)

    @extend_schema_field(TYPE)
    def get_type(self, delivery: WebhookDelivery) -> str:
        """What happened."""
        return delivery.event.type


class SentOut(serializers.Serializer[Any]):
    """The request, but for its signature, which is another one each time."""

    method = serializers.CharField()
    url = serializers.CharField()
    webhook_id = serializers.CharField()
    body = serializers.CharField(help_text="Word for word what was signed.")


class OpenedDeliveryOut(DeliveryOut):
    """A delivery with what was sent and what came back."""

    request = serializers.SerializerMethodField()
    answer = serializers.CharField(help_text="The first 2 kB of the last one.")

    @extend_schema_field(SentOut)
    def get_request(self, delivery: WebhookDelivery) -> dict[str, Any]:
        """What was sent."""
        sent = {
            "method": "POST",
            "url": delivery.endpoint.url,
            "webhook_id": webhook_rules.written("event", delivery.event_id),
            "body": webhook_deliveries.content_of(delivery.event).decode(),
        }
        return dict(SentOut(sent).data)


@extend_schema_field({"type": "array", "minItems": 1, "items": {"type": "string", "enum": WORDS}})
class Types(serializers.Field[list[EventType], Any, list[str], Any]):
    """Event types, of which `stay.*` names a whole family."""

    default_error_messages = {
        "invalid": "Send a list of event types, with one at least.",
        "unknown": "There is no event type {word}.",
    }

    def to_internal_value(self, data: Any) -> list[EventType]:
        """Each type once."""
        if not isinstance(data, list) or not data or not all(isinstance(one, str) for one in data):
            self.fail("invalid")
        found: list[EventType] = []
        for word in data:
            meant = webhook_rules.wanted_by_word(word)
            if not meant:
                self.fail("unknown", word=word)
            found += meant
        return list(dict.fromkeys(found))

    def to_representation(self, value: list[EventType]) -> list[str]:
        """As they are written."""
        return [one.value for one in value]


class EndpointIn(Strict):
    """A new endpoint."""

    name = Text(max_length=40)
    url = Text(max_length=LONGEST_URL, help_text="Public, and https.")
    types = Types()


class EndpointChange(Strict):
    """What is to be different; the rest stays."""

    name = Text(max_length=40, required=False)
    url = Text(max_length=LONGEST_URL, required=False)
    types = Types(required=False)
    is_on = serializers.BooleanField(required=False)


class DeliveryQuery(PageQuery):
    """Which deliveries. All conditions hold together."""

    endpoint = Id(Kind.WEBHOOK_ENDPOINT, required=False)
    state = serializers.ChoiceField(choices=[one.value for one in DeliveryState], required=False)
    type = serializers.ChoiceField(choices=TYPES, required=False)


class EventQuery(PageQuery):
    """Which events."""

    type = serializers.ChoiceField(choices=TYPES, required=False)


class EndpointView(ApiView):
    """What addresses about one endpoint share."""

    def load(self, endpoint_id: int) -> WebhookEndpoint:
        """One of the caller's business."""
        found = webhook_endpoints.of(self.organization).filter(pk=endpoint_id).first()
        if found is None:
            raise problems.there_is_no("webhook endpoint")
        return found


class Endpoints(ApiView):
    """All endpoints."""

    @operation(
        "list_webhook_endpoints",
        "List webhook endpoints",
        says="In the order in which they were made.",
        scope=Scope.ADMIN,
        tag=TAG,
        query=PageQuery,
        answers=list_of(EndpointOut),
    )
    def get(self, request: Request) -> Response:
        """A page of them."""
        del request
        return listed(paging.page(webhook_endpoints.of(self.organization), self.asked), EndpointOut)

    @operation(
        "create_webhook_endpoint",
        "Add a webhook endpoint",
        says="The answer has its secret, which is told this once.",
        scope=Scope.ADMIN,
        tag=TAG,
        body=EndpointIn,
        example=EXAMPLE,
        answers=EndpointWithSecretOut,
        status=CREATED,
        keeps_answers=True,
        problems=[Code.NAME_TAKEN, Code.TOO_MANY],
    )
    def post(self, request: Request) -> Response:
        """As the page does."""
        del request
        with refusals():
            made = webhook_endpoints.make(
                organization=self.organization, made_by=self.person, now=now(), **self.body
            )
        return Response(EndpointWithSecretOut(made).data, status=CREATED)

    def answer_again(self, done: ApiRequest, **kwargs: Any) -> Response:
        """The endpoint that was made by then, with its secret."""
        del kwargs
        made = webhook_endpoints.of(self.organization).filter(name=self.body["name"]).first()
        if made is None or made.made_at < done.asked_at:
            raise problems.there_is_no("webhook endpoint")
        return Response(EndpointWithSecretOut(made).data, status=CREATED)


class OneEndpoint(EndpointView):
    """One endpoint."""

    http_method_names = ["get", "head", "patch", "delete"]

    @operation(
        "get_webhook_endpoint",
        "Get a webhook endpoint",
        scope=Scope.ADMIN,
        tag=TAG,
        answers=EndpointOut,
        problems=[Code.NOT_FOUND],
    )
    def get(self, request: Request, endpoint_id: int) -> Response:
        """If it is theirs."""
        del request
        return Response(EndpointOut(self.load(endpoint_id)).data)

    @operation(
        "change_webhook_endpoint",
        "Change a webhook endpoint",
        says="`is_on` switches it on or off; what is left out stays as it is.",
        scope=Scope.ADMIN,
        tag=TAG,
        body=EndpointChange,
        example={"types": ["door.opened"], "is_on": True},
        answers=EndpointOut,
        problems=[Code.NOT_FOUND, Code.NAME_TAKEN],
    )
    def patch(self, request: Request, endpoint_id: int) -> Response:
        """As the pages do."""
        del request
        endpoint, asked = self.load(endpoint_id), dict(self.body)
        is_on = asked.pop("is_on", None)
        with refusals():
            if asked:
                kept = {
                    "name": endpoint.name,
                    "url": endpoint.url,
                    "types": [EventType(one) for one in endpoint.types],
                }
                webhook_endpoints.change(
                    endpoint=endpoint, changed_by=self.person, now=now(), **{**kept, **asked}
                )
            if is_on is not None:
                webhook_endpoints.switch(endpoint=endpoint, is_on=is_on, switched_by=self.person, now=now())
        return Response(EndpointOut(self.load(endpoint_id)).data)

    @operation(
        "delete_webhook_endpoint",
        "Delete a webhook endpoint",
        says="With what became of its deliveries. The answer is the endpoint as it was.",
        scope=Scope.ADMIN,
        tag=TAG,
        answers=EndpointOut,
        problems=[Code.NOT_FOUND],
    )
    def delete(self, request: Request, endpoint_id: int) -> Response:
        """As the page does."""
        del request
        endpoint = self.load(endpoint_id)
        answer = EndpointOut(endpoint).data
        with refusals():
            webhook_endpoints.delete(endpoint=endpoint, deleted_by=self.person, now=now())
        return Response(answer)


class RotateSecret(EndpointView):
    """Another secret."""

    @operation(
        "rotate_webhook_secret",
        "Make another secret",
        says="It is told this once. For 24 hours the one before signs, too.",
        scope=Scope.ADMIN,
        tag=TAG,
        body=Nothing,
        answers=EndpointWithSecretOut,
        keeps_answers=True,
        problems=[Code.NOT_FOUND],
    )
    def post(self, request: Request, endpoint_id: int) -> Response:
        """As the page does."""
        del request
        with refusals():
            webhook_endpoints.rotate_secret(
                endpoint=self.load(endpoint_id), rotated_by=self.person, now=now()
            )
        return Response(EndpointWithSecretOut(self.load(endpoint_id)).data)

    def answer_again(self, done: ApiRequest, **kwargs: Any) -> Response:
        """The endpoint with the secret that it has now."""
        del done
        return Response(EndpointWithSecretOut(self.load(kwargs["endpoint_id"])).data)


class TryEndpoint(EndpointView):
    """A test."""

    @operation(
        "test_webhook_endpoint",
        "Send a ping",
        says="The answer is its delivery, which is on its way; get it to see what became of it.",
        scope=Scope.ADMIN,
        tag=TAG,
        body=Nothing,
        answers=DeliveryOut,
        keeps_answers=True,
        problems=[Code.NOT_FOUND, Code.WEBHOOK_OFF],
    )
    def post(self, request: Request, endpoint_id: int) -> Response:
        """As the page does."""
        del request
        with refusals():
            made = webhook_endpoints.try_out(endpoint=self.load(endpoint_id), asked_by=self.person, now=now())
        return Response(DeliveryOut(made).data)

    def answer_again(self, done: ApiRequest, **kwargs: Any) -> Response:
        """The last ping."""
        del done
        found = webhook_queries.deliveries_of(self.organization).filter(event__type=EventType.PING)
        return Response(DeliveryOut(found.filter(endpoint=kwargs["endpoint_id"]).latest("pk")).data)


class Deliveries(ApiView):
    """What was told to whom."""

    @operation(
        "list_webhook_deliveries",
        "List webhook deliveries",
        says="The latest first. They are kept for 30 days.",
        scope=Scope.ADMIN,
        tag=TAG,
        query=DeliveryQuery,
        answers=list_of(DeliveryOut),
    )
    def get(self, request: Request) -> Response:
        """A page of them."""
        del request
        wanted = Q()
        if "endpoint" in self.asked:
            wanted &= Q(endpoint=self.asked["endpoint"])
        if "state" in self.asked:
            wanted &= webhook_queries.STATES[DeliveryState(self.asked["state"])]
        if "type" in self.asked:
            wanted &= Q(event__type=self.asked["type"])
        found = webhook_queries.deliveries_of(self.organization).filter(wanted)
        return listed(paging.page(found, self.asked, order=LATEST_FIRST), DeliveryOut)


class DeliveryView(ApiView):
    """What addresses about one delivery share."""

    def load(self, delivery_id: int) -> WebhookDelivery:
        """One of the caller's business."""
        found = webhook_queries.deliveries_of(self.organization).filter(pk=delivery_id).first()
        if found is None:
            raise problems.there_is_no("webhook delivery")
        return found


class OneDelivery(DeliveryView):
    """One delivery."""

    @operation(
        "get_webhook_delivery",
        "Get a webhook delivery",
        says="With what was sent, and what came back.",
        scope=Scope.ADMIN,
        tag=TAG,
        answers=OpenedDeliveryOut,
        problems=[Code.NOT_FOUND],
    )
    def get(self, request: Request, delivery_id: int) -> Response:
        """If it is theirs."""
        del request
        return Response(OpenedDeliveryOut(self.load(delivery_id)).data)


class Replay(DeliveryView):
    """Telling it again."""

    @operation(
        "replay_webhook_delivery",
        "Send an event again",
        says=(
            "The same event under its own id, as a new delivery, which the answer is. "
            "One that still waits is left to its turn, and is the answer then."
        ),
        scope=Scope.ADMIN,
        tag=TAG,
        body=Nothing,
        answers=DeliveryOut,
        keeps_answers=True,
        problems=[Code.NOT_FOUND, Code.WEBHOOK_OFF],
    )
    def post(self, request: Request, delivery_id: int) -> Response:
        """As the page does."""
        del request
        with refusals():
            again = webhook_endpoints.send_again(
                delivery=self.load(delivery_id), asked_by=self.person, now=now()
            )
        return Response(DeliveryOut(again).data)

    def answer_again(self, done: ApiRequest, **kwargs: Any) -> Response:
        """The last delivery of that event."""
        del done
        first = self.load(kwargs["delivery_id"])
        same = webhook_queries.deliveries_of(self.organization).filter(
            endpoint=first.endpoint_id, event=first.event_id
        )
        return Response(DeliveryOut(same.latest("pk")).data)


class Events(ApiView):
    """What happened."""

    @operation(
        "list_webhook_events",
        "List events",
        says=(
            "The latest first, for 30 days: what happened while some endpoint of the business asked for it. "
            "A program that was away reads here what it missed."
        ),
        scope=Scope.ADMIN,
        tag=TAG,
        query=EventQuery,
        answers=list_of(EventOut),
    )
    def get(self, request: Request) -> Response:
        """A page of them."""
        del request
        found = webhook_queries.events_of(self.organization)
        if "type" in self.asked:
            found = found.filter(type=self.asked["type"])
        return listed(paging.page(found, self.asked, order=LATEST_FIRST), EventOut)
