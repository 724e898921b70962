"""The right on each lock of a stay: what is wanted there, and what was seen."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from rest_framework import serializers

from access import shown
from access.api.fields import Id, Instant, written
from access.api.ids import Kind, made
from access.models import Grant, GrantKind, Problem, Spare, Stay, WhyHandedOut
from access.shown import Tone


class Grade(StrEnum):
    """How far a code has come on one lock. Programs may rely on these words."""

    PLANNED = "planned"
    SENT = "sent"
    ACCEPTED = "accepted"
    LISTED = "listed"
    CONFIRMED = "confirmed"
    USED = "used"
    NEEDS_SOMEBODY = "needs_somebody"
    LEAVING = "leaving"
    REMOVED = "removed"


class GrantProblemOut(serializers.Serializer[Any]):
    """Why a person is needed, and what helps."""

    code = serializers.ChoiceField(choices=[one.value.replace(" ", "_") for one in Problem])
    sentence = serializers.CharField()


class WantedOut(serializers.Serializer[Any]):
    """What is to be on the lock."""

    is_wanted = serializers.BooleanField(help_text="False once the code is to go.")
    allowed_from = Instant()
    allowed_until = Instant()


class SeenOut(serializers.Serializer[Any]):
    """When the code was seen to come so far; null where it was not, or not since the last change."""

    asked_at = Instant(allow_null=True)
    accepted_at = Instant(allow_null=True, help_text="Nuki took the change on. It is not on the lock yet.")
    listed_at = Instant(allow_null=True)
    confirmed_at = Instant(
        allow_null=True, help_text="The lock itself was read again, and has the code or the invite."
    )
    used_at = Instant(allow_null=True, help_text="When it first opened the door.")


class BackupOut(serializers.Serializer[Any]):
    """The backup code that the guest has for this door. Its digits are nowhere in the API."""

    handed_out_at = Instant()
    why = serializers.ChoiceField(choices=[one.value.replace(" ", "_") for one in WhyHandedOut])
    seen_on_lock_at = Instant(allow_null=True, help_text="The last proof before it was handed out.")
    allowed_until = Instant(help_text="Its end, once the lock has taken it: that of the grant.")


class GrantOut(serializers.Serializer[Any]):
    """One lock of the way in."""

    id = Id(Kind.GRANT)
    lock = serializers.CharField()
    door = serializers.CharField(allow_null=True)
    position = serializers.IntegerField(help_text="From the street inwards.")
    kind = serializers.ChoiceField(
        choices=[one.value.replace(" ", "_") for one in GrantKind],
        help_text="`app_invite` where the lock has no keypad: the guest opens with the Nuki app.",
    )
    wanted = WantedOut()
    seen = SeenOut()
    grade = serializers.ChoiceField(choices=[one.value for one in Grade])
    state = serializers.ChoiceField(choices=[one.value for one in Tone])
    sentence = serializers.CharField()
    problem = GrantProblemOut(allow_null=True)
    backup = BackupOut(allow_null=True, help_text="Null where the guest has none.")


class GrantsOut(serializers.Serializer[Any]):
    """All grants of a stay."""

    data = GrantOut(many=True)  # type: ignore[assignment]  # a field, which the class takes out


def shown_of(stay: Stay, spares: Sequence[Spare], now: datetime) -> dict[str, Any]:
    """All grants of a stay, which were fetched with it; those that are closed at the end.

    `spares` are the backup codes that its guests have.
    """
    zone = stay.unit.property.time_zone
    grants = _in_order(list(stay.grants.all()))
    stand_ins = {spare.handed_to_id: spare for spare in spares}
    return {"data": [_grant(grant, stand_ins.get(grant.pk), zone, now) for grant in grants]}


def grade_of(grant: Grant, now: datetime) -> Grade:
    """The last rung that was seen, from the same facts as pages have their words."""
    if grant.closed_at is not None:
        return Grade.REMOVED
    if shown.problem_of(grant):
        return Grade.NEEDS_SOMEBODY
    if not grant.is_wanted or grant.allowed_until <= now:
        return Grade.LEAVING
    rungs = [
        (Grade.USED, shown.used_at(grant) if grant.confirmed_at else None),
        (Grade.CONFIRMED, grant.confirmed_at),
        (Grade.LISTED, grant.listed_at),
        (Grade.ACCEPTED, grant.accepted_at),
        (Grade.SENT, grant.asked_at),
    ]
    return next((grade for grade, at in rungs if at is not None), Grade.PLANNED)


def _in_order(grants: Sequence[Grant]) -> list[Grant]:
    return sorted(grants, key=lambda one: (one.closed_at is not None, one.position, one.pk))


def _grant(grant: Grant, spare: Spare | None, zone: str, now: datetime) -> dict[str, Any]:
    line = shown.door_line(grant, zone, now)
    problem = shown.problem_of(grant)
    sentence = shown.problem_sentence(grant) if problem else ""
    return {
        "id": made(Kind.GRANT, grant.pk),
        "lock": made(Kind.LOCK, grant.smart_lock_id),
        "door": made(Kind.DOOR, grant.door_id) if grant.door_id else None,
        "position": grant.position,
        "kind": _code(grant.kind),
        "wanted": {
            "is_wanted": grant.is_wanted,
            "allowed_from": written(grant.allowed_from),
            "allowed_until": written(grant.allowed_until),
        },
        "seen": {
            "asked_at": _at(grant.asked_at),
            "accepted_at": _at(grant.accepted_at),
            "listed_at": _at(grant.listed_at),
            "confirmed_at": _at(grant.confirmed_at),
            "used_at": _at(shown.used_at(grant)),
        },
        "grade": grade_of(grant, now).value,
        "state": line.tone.value,
        "sentence": line.sentence,
        "problem": {"code": _code(problem), "sentence": sentence} if problem else None,
        "backup": _backup(spare) if spare else None,
    }


def _backup(spare: Spare) -> dict[str, Any]:
    return {
        "handed_out_at": _at(spare.handed_out_at),
        "why": _code(spare.why),
        "seen_on_lock_at": _at(spare.seen_on_lock_at),
        "allowed_until": written(spare.grant.allowed_until),
    }


def _at(instant: datetime | None) -> str | None:
    return written(instant) if instant else None


def _code(word: str) -> str:
    return str(word).replace(" ", "_")
