"""Stays: reading them, and changing them by the same calls that the pages make."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access import audit, messages, queries, spare_queries, stay_queries, stays
from access.api import booking, grants, matching, paging, stay_answers, stay_lists
from access.api.booking import StayChange, StayIn
from access.api.fields import LONGEST_EXTERNAL_ID, Email, ExternalId, Id, Instant, Nothing
from access.api.ids import Kind, made
from access.api.lists import list_of, listed
from access.api.operations import operation
from access.api.paging import PageQuery
from access.api.problems import Code, Problem
from access.api.stay_answers import ExpandQuery, StayOut
from access.api.stay_refusals import refusals
from access.api.views import ApiView
from access.models import ApiRequest, AuditKind, Stay
from access.stay_queries import StaysShown
from properties.api_scopes import Scope
from properties.clock import now

TAG = "Stays"
NUMBER = OpenApiParameter(
    "external_id",
    {"type": "string", "minLength": 1, "maxLength": LONGEST_EXTERNAL_ID, "pattern": booking.WITHOUT_BLANKS},
    OpenApiParameter.PATH,
    description="What your property system calls the stay. A slash may stand in it, as it is or as `%2F`.",
)
ORDERS = {"-starts_at": ("-starts_at", "-pk"), "starts_at": ("starts_at", "pk")}
CREATED = 201
EXAMPLE = {
    "unit": "unit_1",
    "starts_at": "2026-06-15T15:00:00+02:00",
    "ends_at": "2026-06-17T10:00:00+02:00",
    "guest": {"name": "Ada Vogel", "email": "ada@guests.example", "language": "en"},
    "companions": [{"name": "Ben Vogel"}],
    "external_id": "R-1001",
}


class StayQuery(PageQuery, ExpandQuery):
    """Which stays, and in which order. All conditions hold together."""

    unit = Id(Kind.UNIT, required=False)
    property = Id(Kind.PROPERTY, required=False)
    guest = Id(Kind.GUEST, required=False, help_text="Who booked, not who comes along.")
    guest_email = Email(required=False, help_text="The whole address of who booked.")
    external_id = ExternalId(required=False)
    status = serializers.ChoiceField(choices=[one.value for one in StaysShown], required=False)
    ends_after = Instant(required=False, help_text="Stays that end after this instant.")
    starts_before = Instant(required=False, help_text="Stays that start before this instant.")
    order = serializers.ChoiceField(choices=list(ORDERS), default="-starts_at", required=False)


class CodeOut(serializers.Serializer[Any]):
    """The code that opens the doors of a stay."""

    stay = serializers.CharField()
    code = serializers.CharField()


class Stays(ApiView):
    """All stays."""

    @operation(
        "list_stays",
        "List stays",
        says="The latest arrival first, unless another order is asked for.",
        scope=Scope.READ,
        tag=TAG,
        query=StayQuery,
        answers=list_of(StayOut),
    )
    def get(self, request: Request) -> Response:
        """A page of them."""
        del request
        found = _wanted(stay_lists.stays_of(self), self.asked)
        page = paging.read_page(
            found,
            self.asked,
            order=ORDERS[self.asked["order"]],
            columns=stay_lists.columns(),
            read=stay_lists.reader(),
        )
        expand = self.asked.get("expand", stay_answers.NOTHING)
        live = stay_lists.live_grants_of(page.rows, self.reach)
        return listed(page, StayOut, {**stay_answers.context(self, expand), "live": live})

    @operation(
        "create_stay",
        "Book a stay",
        says="A code is drawn, put on every door of the way in, and sent to the guest once it is there.",
        scope=Scope.STAYS,
        tag=TAG,
        query=ExpandQuery,
        body=StayIn,
        example=EXAMPLE,
        answers=StayOut,
        status=CREATED,
        keeps_answers=True,
        problems=[Code.NOT_FOUND, *booking.MAY_REFUSE],
    )
    def post(self, request: Request) -> Response:
        """As the page does."""
        del request
        made = booking.book(self, self.body)
        return stay_answers.answer(self, stay_answers.load(self, made.pk), status=CREATED)

    def answer_again(self, done: ApiRequest, **kwargs: Any) -> Response:
        """The stay that was booked."""
        del kwargs
        return stay_answers.answer(self, stay_answers.load(self, done.stay_id or 0), status=CREATED)


class OneStay(ApiView):
    """One stay."""

    @operation(
        "get_stay",
        "Get a stay",
        scope=Scope.READ,
        tag=TAG,
        query=ExpandQuery,
        answers=StayOut,
        problems=[Code.NOT_FOUND],
    )
    def get(self, request: Request, stay_id: int) -> Response:
        """If it is theirs."""
        del request
        return stay_answers.answer(self, stay_answers.load(self, stay_id))

    @operation(
        "change_stay",
        "Change unit, times or your own number",
        says="What is left out stays, and so does the code where it is free. The guest is told.",
        scope=Scope.STAYS,
        tag=TAG,
        query=ExpandQuery,
        body=StayChange,
        example={"ends_at": "2026-06-18T10:00:00+02:00"},
        answers=StayOut,
        matches=True,
        problems=[Code.NOT_FOUND, *booking.MAY_REFUSE_CHANGE],
    )
    def patch(self, request: Request, stay_id: int) -> Response:
        """As the page does."""
        found = stay_answers.load(self, stay_id)
        booking.change(self, found, self.body, seen=matching.seen(request, found))
        return stay_answers.answer(self, stay_answers.load(self, stay_id))


class StayAction(ApiView):
    """Something that is done with one stay, and is answered with the stay."""

    def answer_again(self, done: ApiRequest, **kwargs: Any) -> Response:
        """The stay as it is now."""
        del done
        return stay_answers.answer(self, stay_answers.load(self, kwargs["stay_id"]))


class Cancel(StayAction):
    """Cancelling a stay."""

    @operation(
        "cancel_stay",
        "Cancel a stay",
        says="Its code is taken off every door. A stay that was cancelled before stays as it is.",
        scope=Scope.STAYS,
        tag=TAG,
        query=ExpandQuery,
        body=Nothing,
        answers=StayOut,
        keeps_answers=True,
        matches=True,
        problems=[Code.NOT_FOUND, Code.STAY_IS_OVER],
    )
    def post(self, request: Request, stay_id: int) -> Response:
        """As the page does."""
        found = stay_answers.load(self, stay_id)
        if found.cancelled_at is None:
            seen = matching.seen(request, found)
            with refusals(found):
                stays.cancel(stay=found, cancelled_by=self.person, now=now(), seen=seen)
        return stay_answers.answer(self, stay_answers.load(self, stay_id))


class Resend(StayAction):
    """Telling the guest once more."""

    @operation(
        "resend_message",
        "Send the guest's message again",
        says="Once every door has the code; at most once a minute.",
        scope=Scope.STAYS,
        tag=TAG,
        query=ExpandQuery,
        body=Nothing,
        answers=StayOut,
        status=202,
        keeps_answers=True,
        problems=[Code.NOT_FOUND, Code.DOORS_NOT_READY, Code.ASKED_JUST_NOW],
    )
    def post(self, request: Request, stay_id: int) -> Response:
        """As the page does."""
        del request
        with refusals():
            messages.tell_again(stay=stay_answers.load(self, stay_id), asked_by=self.person, now=now())
        return stay_answers.answer(self, stay_answers.load(self, stay_id), status=202)


class NewCode(StayAction):
    """Another code for a stay."""

    @operation(
        "renew_code",
        "Give a stay another code",
        says="The old one dies door by door; the guest is told the new one once it is on every door.",
        scope=Scope.STAYS,
        tag=TAG,
        query=ExpandQuery,
        body=Nothing,
        answers=StayOut,
        status=202,
        keeps_answers=True,
        problems=[Code.NOT_FOUND, Code.STAY_IS_OVER, Code.STAY_IS_CANCELLED, Code.NO_CODE],
    )
    def post(self, request: Request, stay_id: int) -> Response:
        """As the page does."""
        del request
        found = stay_answers.load(self, stay_id)
        with refusals(found):
            stays.renew_code(stay=found, renewed_by=self.person, now=now())
        return stay_answers.answer(self, stay_answers.load(self, stay_id), status=202)


class RevealCode(ApiView):
    """The one address that shows a code."""

    @operation(
        "reveal_code",
        "Look at a stay's code",
        says="Written down in the audit each time. No other answer has a code.",
        scope=Scope.CODES,
        tag=TAG,
        body=Nothing,
        answers=CodeOut,
        problems=[Code.NOT_FOUND, Code.NO_CODE],
    )
    def post(self, request: Request, stay_id: int) -> Response:
        """As the page does."""
        del request
        found = stay_answers.load(self, stay_id)
        code = next((one.code for one in queries.live_grants(found) if one.code and one.is_wanted), "")
        if not code:
            raise Problem(Code.NO_CODE, "No door of the stay has one, or is to have one.")
        audit.about_stay(AuditKind.CODE_REVEALED, found, by=self.person, now=now())
        return Response({"stay": made(Kind.STAY, stay_id), "code": code})


class Grants(ApiView):
    """The doors of a stay."""

    @operation(
        "list_grants",
        "List a stay's grants",
        says="On each lock of the way in, from the street inwards: what is wanted, and what was seen.",
        scope=Scope.READ,
        tag=TAG,
        answers=grants.GrantsOut,
        problems=[Code.NOT_FOUND],
    )
    def get(self, request: Request, stay_id: int) -> Response:
        """All of them: a way in has few doors."""
        del request
        found = stay_answers.load(self, stay_id)
        return Response(grants.shown_of(found, spare_queries.standing_of(found), now()))


class ByExternalId(ApiView):
    """A stay by the number that a property system has for it."""

    @operation(
        "get_stay_by_external_id",
        "Get a stay by your own number",
        says="The one that stands; else the latest that was cancelled.",
        scope=Scope.READ,
        tag=TAG,
        path=[NUMBER],
        query=ExpandQuery,
        answers=StayOut,
        problems=[Code.NOT_FOUND],
    )
    def get(self, request: Request, external_id: str) -> Response:
        """If it is theirs."""
        del request
        found = booking.called(self, external_id)
        if found is None:
            raise Problem(Code.NOT_FOUND, "No stay has this external id.")
        return stay_answers.answer(self, found)

    @operation(
        "put_stay",
        "Book or change a stay by your own number",
        says=(
            "Books the stay where none that stands has this number, and brings it in line where one has. "
            "Without `companions` those who come along stay. The guest's name or address is corrected; "
            "another person needs another code, so cancel the stay and put it again."
        ),
        scope=Scope.STAYS,
        tag=TAG,
        path=[NUMBER],
        query=ExpandQuery,
        body=booking.StayPut,
        example={name: value for name, value in EXAMPLE.items() if name != "external_id"},
        answers=StayOut,
        also=CREATED,
        matches=True,
        problems=[Code.NOT_FOUND, *booking.MAY_REFUSE_PUT],
    )
    def put(self, request: Request, external_id: str) -> Response:
        """The same however often it is sent."""
        stay, is_new = booking.put(self, external_id, self.body, request=request)
        return stay_answers.answer(self, stay_answers.load(self, stay.pk), status=CREATED if is_new else 200)


def _wanted(found: QuerySet[Stay], asked: dict[str, Any]) -> QuerySet[Stay]:
    fields = {
        "unit": "unit",
        "property": "unit__property",
        "guest": "guest",
        "guest_email": "guest__email",
        "external_id": "external_id",
        "ends_after": "ends_at__gt",
        "starts_before": "starts_at__lt",
    }
    conditions = {field: asked[name] for name, field in fields.items() if name in asked}
    if "status" in asked:
        found = found.filter(stay_queries.that_are(StaysShown(asked["status"]), now()))
    return found.filter(**conditions)
