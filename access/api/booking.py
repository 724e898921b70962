"""Booking and changing stays as programs ask for it: what they may send, and the calls that it becomes."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from access import guests, queries, stays
from access.api import matching, problems, stay_answers
from access.api.fields import Email, ExternalId, Id, Instant, Name, Strict, Text
from access.api.ids import Kind
from access.api.problems import Code, Problem
from access.api.stay_refusals import refusals
from access.api.views import ApiView
from access.forms import CODE_RULES, FARTHEST_START, LONGEST_STAY
from access.models import Guest, Stay
from access.party import MOST_COMPANIONS, Person
from access.party_forms import LONGEST_ADDRESS, LONGEST_NAME
from nuki_gateway import codes as keypad
from properties import api_scopes, languages
from properties.api_scopes import Scope
from properties.clock import now
from properties.models import Unit
from properties.queries import bookable_units

WITHOUT_BLANKS = r"^\S([\s\S]*\S)?$"  # at its ends
MAY_REFUSE_TIMES = (Code.STAY_OVERLAPS, Code.UNIT_WITHOUT_LOCK)
MAY_REFUSE = (*MAY_REFUSE_TIMES, Code.EXTERNAL_ID_TAKEN, Code.CODE_TAKEN)
MAY_REFUSE_CHANGE = (
    *MAY_REFUSE_TIMES,
    Code.EXTERNAL_ID_TAKEN,
    Code.STAY_IS_OVER,
    Code.STAY_IS_CANCELLED,
)
MAY_REFUSE_PUT = (
    *MAY_REFUSE_CHANGE,
    Code.CODE_TAKEN,
    Code.CODE_DIFFERS,
    Code.GUEST_DIFFERS,
    Code.GUEST_KNOWN,
    Code.GUEST_ERASED,
)


class GuestIn(Strict):
    """Who books, and in which language they are written to."""

    name = Name(max_length=LONGEST_NAME)
    email = Email(max_length=LONGEST_ADDRESS)
    language = serializers.ChoiceField(choices=list(languages.NAMES), default=languages.FIRST)


class CompanionIn(Strict):
    """Who comes along; an address is not always known."""

    name = Name(max_length=LONGEST_NAME)
    email = Email(max_length=LONGEST_ADDRESS, required=False, allow_blank=True, default="")


@extend_schema_field({"type": "string", "pattern": "^((?!12)[1-9]{6})?$", "writeOnly": True})
class OwnCode(Text):
    """A code of the host's own choice."""

    def to_internal_value(self, data: Any) -> str:
        """Only what a keypad takes. A refusal does not repeat it."""
        read = super().to_internal_value(data)
        try:
            return keypad.check(read) if read else ""
        except keypad.CodeRefusedByKeypads as refusal:
            raise ValidationError(str(CODE_RULES[refusal.rule]), "invalid") from None


class StayChange(Strict):
    """Unit, times and your own number; what is left out stays."""

    unit = Id(Kind.UNIT, required=False)
    starts_at = Instant(required=False)
    ends_at = Instant(required=False)
    external_id = ExternalId(required=False, allow_blank=True)


class StayPut(Strict):
    """What a stay is to be."""

    unit = Id(Kind.UNIT)
    starts_at = Instant()
    ends_at = Instant()
    guest = GuestIn()
    companions: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=CompanionIn(), required=False, max_length=MOST_COMPANIONS
    )
    code = OwnCode(
        required=False,
        allow_blank=True,
        write_only=True,
        help_text=(
            "Your own choice: six digits 1 to 9, not beginning with 12. Without one a code is drawn. "
            "Needs the scope `codes` too. No answer repeats it."
        ),
    )

    def validate(self, attrs: Any) -> Any:
        """Nobody stands twice among those who come."""
        met = {_as_known(attrs["guest"])}
        for number, companion in enumerate(attrs.get("companions", ())):
            if _as_known(companion) in met:
                raise ValidationError(
                    {f"companions.{number}.name": ["This guest is named already."]}, "twice"
                )
            met.add(_as_known(companion))
        return attrs


class StayIn(StayPut):
    """A new stay."""

    external_id = ExternalId(required=False, allow_blank=True, default="")


def book(view: ApiView, body: Mapping[str, Any]) -> Stay:
    """Book what was asked for; raises Problem."""
    _check_may_choose(view, body)
    wanted = {**body, "unit": _unit(view, body["unit"])}
    moment = now()
    _check_times(wanted["starts_at"], wanted["ends_at"], moment)
    with refusals(wanted=wanted, reach=view.reach):
        return stays.book(
            organization=view.organization,
            unit=wanted["unit"],
            guest_name=wanted["guest"]["name"],
            guest_email=wanted["guest"]["email"],
            language=wanted["guest"]["language"],
            code=wanted.get("code", ""),
            starts_at=wanted["starts_at"],
            ends_at=wanted["ends_at"],
            companions=_people(wanted.get("companions", ())),
            external_id=wanted.get("external_id", ""),
            booked_by=view.person,
            now=moment,
        )


def change(view: ApiView, stay: Stay, body: Mapping[str, Any], *, seen: str) -> None:
    """Move a stay, or call it otherwise; what the body leaves out stays. Raises Problem."""
    moment = now()
    with refusals():
        stays.check_open(stay, moment)
    wanted = {
        "unit": _unit(view, body["unit"]) if "unit" in body else stay.unit,
        "starts_at": body.get("starts_at", stay.starts_at),
        "ends_at": body.get("ends_at", stay.ends_at),
    }
    if "starts_at" in body or "ends_at" in body:
        _check_times(wanted["starts_at"], wanted["ends_at"], moment)
    number = body.get("external_id")
    with refusals(stay, {**wanted, "external_id": number}, view.reach):
        stays.change(stay=stay, external_id=number, changed_by=view.person, now=moment, seen=seen, **wanted)


def put(
    view: ApiView, external_id: str, body: Mapping[str, Any], *, request: Request | None
) -> tuple[Stay, bool]:
    """Have the stay of this number be as the body says; the stay, and whether it was booked just now.

    With a `request` its `If-Match` counts. Raises Problem, ValidationError.
    """
    _check_number(external_id)
    found = _standing(view, external_id)
    if found is None:
        if request is not None and request.headers.get("If-Match") is not None:
            raise matching.stale()
        with suppress(_BookedMeanwhile):
            return _book_or_find(view, {**body, "external_id": external_id}), True
        found = _standing(view, external_id)
        if found is None:
            raise Problem(Code.EXTERNAL_ID_TAKEN, "The stay of this number cannot be seen with this key.")
    _bring_in_line(view, found, body, seen=matching.seen(request, found) if request else "")
    return found, False


def called(view: ApiView, external_id: str) -> Stay | None:
    """The stay of this number: the one that stands, else the latest one."""
    _check_number(external_id)
    of_that_number = stay_answers.stays_of(view).filter(external_id=external_id)
    return _standing(view, external_id) or of_that_number.order_by("-pk").first()


class _BookedMeanwhile(Exception):
    """Somebody has booked the same number in the same instant."""


def _book_or_find(view: ApiView, body: Mapping[str, Any]) -> Stay:
    try:
        return book(view, body)
    except Problem as refusal:
        if refusal.code is Code.EXTERNAL_ID_TAKEN:
            raise _BookedMeanwhile from None
        raise


def _bring_in_line(view: ApiView, stay: Stay, body: Mapping[str, Any], *, seen: str) -> None:
    """Times first, as they may be refused; then who comes."""
    guest = body["guest"]
    if guest["name"] != stay.guest.name and guest["email"] != stay.guest.email:
        raise Problem(
            Code.GUEST_DIFFERS,
            "Another person needs another code: cancel the stay, and put it again.",
            "guest",
        )
    _check_code(view, stay, body)
    change(view, stay, body, seen=seen)
    with refusals():
        if "companions" in body:
            people = _people(body["companions"])
            guests.change_party(stay=stay, people=people, seen=None, changed_by=view.person, now=now())
        if _is_otherwise(stay.guest, guest):
            guests.correct(guest=stay.guest, corrected_by=view.person, now=now(), **guest)


def _check_may_choose(view: ApiView, body: Mapping[str, Any]) -> None:
    if body.get("code") and not api_scopes.allows(view.key.scopes, Scope.CODES):
        detail = "To choose a code takes a key with the scope codes."
        raise Problem(Code.SCOPE_MISSING, detail, "code", more={"scope": Scope.CODES.value})


def _check_code(view: ApiView, stay: Stay, body: Mapping[str, Any]) -> None:
    """A code that stands is not replaced in passing: the guest may know it."""
    _check_may_choose(view, body)
    standing = {grant.code for grant in queries.live_grants(stay) if grant.code and grant.is_wanted}
    if body.get("code") and standing - {body["code"]}:
        detail = "Leave it out, or give the stay a new code. Nothing was changed."
        raise Problem(Code.CODE_DIFFERS, detail, "code")


def _is_otherwise(known: Guest, told: Mapping[str, str]) -> bool:
    return (known.name, known.email, known.language) != (told["name"], told["email"], told["language"])


def _standing(view: ApiView, external_id: str) -> Stay | None:
    standing = stay_answers.stays_of(view).filter(external_id=external_id, cancelled_at=None)
    return standing.first()


def _unit(view: ApiView, unit_id: int) -> Unit:
    found = bookable_units(view.organization, view.reach).filter(pk=unit_id).first()
    if found is None:
        raise problems.there_is_no("unit", field="unit")
    return found


def _people(named: Iterable[Mapping[str, str]]) -> list[Person]:
    return [Person(one["name"], one["email"]) for one in named]


def _as_known(person: Mapping[str, str]) -> tuple[str, str]:
    return person["name"].casefold(), person["email"]


def _check_times(starts_at: datetime, ends_at: datetime, moment: datetime) -> None:
    """What no host means, as the form says it."""
    if ends_at <= starts_at:
        raise ValidationError({"ends_at": ["The stay has to end after it starts."]}, "ends_before_start")
    if ends_at <= moment:
        raise ValidationError({"ends_at": ["This stay would be over already."]}, "over_already")
    if ends_at - starts_at > LONGEST_STAY:
        raise ValidationError({"ends_at": ["A stay lasts a year at most."]}, "too_long")
    if starts_at > moment + FARTHEST_START:
        raise ValidationError({"starts_at": ["This is more than three years ahead."]}, "too_far_ahead")


def _check_number(external_id: str) -> None:
    """As for a field, though it stands in the address."""
    try:
        checked = ExternalId().run_validation(external_id)
    except ValidationError as refusal:
        raise ValidationError({"external_id": refusal.detail}) from None
    if checked != external_id:
        raise ValidationError({"external_id": ["It has no blanks at its ends."]}, "blanks_at_ends")
