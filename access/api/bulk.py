"""Many reservations in one call: each is put by its own number, and answered for by itself."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from access.api import booking, fields, problems, stay_answers
from access.api.fields import ExternalId, Strict
from access.api.operations import ProblemOut, operation
from access.api.problems import Problem
from access.api.stay_answers import ExpandQuery, StayOut
from access.api.views import ApiView
from access.models import ApiRequest
from properties.api_scopes import Scope

TAG = "Stays"
MOST = 100  # reservations of a call
OK, CREATED = 200, 201
EXAMPLE = {
    "stays": [
        {
            "external_id": "R-1001",
            "unit": "unit_1",
            "starts_at": "2026-06-15T15:00:00+02:00",
            "ends_at": "2026-06-17T10:00:00+02:00",
            "guest": {"name": "Ada Vogel", "email": "ada@guests.example", "language": "en"},
        }
    ]
}


class ReservationIn(booking.StayPut):
    """What the stay of this number is to be."""

    external_id = ExternalId()


class Unread(serializers.Field[Any, Any, Any, Any]):
    """Whatever was sent, to be read later."""

    def to_internal_value(self, data: Any) -> Any:
        """As it is."""
        return data


@extend_schema_field(serializers.ListSerializer(child=ReservationIn(), min_length=1, max_length=MOST))
class Reservations(serializers.ListField):
    """Reservations, each of which is read by itself: one that is not as it has to be stops no other."""

    def __init__(self, **options: Any) -> None:
        super().__init__(child=Unread(allow_null=True), min_length=1, max_length=MOST, **options)


class ReservationsIn(Strict):
    """Up to a hundred reservations."""

    stays = Reservations()


class ReservationResultOut(serializers.Serializer[Any]):
    """What has become of one reservation: the stay, or why there was nothing done."""

    index = serializers.IntegerField(help_text="Its place in the call, from 0.")
    external_id = serializers.CharField(allow_null=True, help_text="Null where it could not be read.")
    status = serializers.IntegerField(
        help_text="201 booked, 200 as it was or brought in line; else that of the problem."
    )
    stay = StayOut(allow_null=True)
    problem = ProblemOut(allow_null=True)


class ReservationResultsOut(serializers.Serializer[Any]):
    """What has become of each, in the order of the call."""

    data = ReservationResultOut(many=True)  # type: ignore[assignment]  # a field, which the class takes out


@dataclass(frozen=True)
class Result:
    """What has become of one reservation."""

    external_id: str | None
    status: int
    stay_id: int | None = None
    problem: Problem | None = None


class BulkUpsert(ApiView):
    """Many reservations in one call."""

    @operation(
        "bulk_upsert_stays",
        "Book or change up to 100 stays by your own numbers",
        says=(
            "Each as by `PUT /stays/by-external-id/{external_id}`, one after the other in the order given. "
            "One that is refused stops no other: look at each `status`. The same call again changes nothing. "
            "A number that stands twice in a call is refused both times, as nobody knows which is meant."
        ),
        scope=Scope.STAYS,
        tag=TAG,
        query=ExpandQuery,
        body=ReservationsIn,
        example=EXAMPLE,
        answers=ReservationResultsOut,
        keeps_answers=True,
    )
    def post(self, request: Request) -> Response:
        """Each by a transaction of its own."""
        del request
        return self._answer()

    def answer_again(self, done: ApiRequest, **kwargs: Any) -> Response:
        """Some may have been put before the process died; putting them again changes nothing."""
        del done, kwargs
        return self._answer()

    def _answer(self) -> Response:
        sent: list[Any] = self.body["stays"]
        often = Counter(_number(one) for one in sent)
        results = [_put(self, one, is_twice=often[_number(one)] > 1) for one in sent]
        return Response({"data": _shown(self, results)})


def _put(view: ApiView, sent: Any, *, is_twice: bool) -> Result:
    number = None
    try:
        read = fields.read(ReservationIn, sent)
        number = str(read.pop("external_id"))
        _check_stands_once(is_twice=is_twice)
        stay, is_new = booking.put(view, number, read, request=None)
    except Exception as failure:  # noqa: BLE001  whatever it is, it is this one's answer
        problem = problems.problem_of(failure)
        return Result(number, problem.status, problem=problem)
    return Result(number, CREATED if is_new else OK, stay_id=stay.pk)


def _check_stands_once(*, is_twice: bool) -> None:
    if is_twice:
        error = ErrorDetail("This number stands twice in the call.", "twice")
        raise ValidationError({"external_id": [error]})


def _number(sent: Any) -> str | None:
    """The number that a reservation would be put by, if it has one."""
    number = sent.get("external_id") if isinstance(sent, dict) else None
    return (number.strip() or None) if isinstance(number, str) else None


def _shown(view: ApiView, results: Sequence[Result]) -> list[dict[str, Any]]:
    """All stays are read at once, as they are now."""
    keys = [one.stay_id for one in results if one.stay_id is not None]
    found = {stay.pk: stay for stay in stay_answers.stays_of(view).filter(pk__in=keys)}
    context = stay_answers.context(view, view.asked.get("expand", stay_answers.NOTHING))
    return [
        {
            "index": index,
            "external_id": one.external_id,
            "status": one.status,
            "stay": StayOut(found[one.stay_id], context=context).data if one.stay_id in found else None,
            "problem": problems.content_of(one.problem) if one.problem else None,
        }
        for index, one in enumerate(results)
    ]
