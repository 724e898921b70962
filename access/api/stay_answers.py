"""How stays look to programs. Codes are never among it."""

import hashlib
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response

from access import queries, shown
from access.api import problems
from access.api.fields import Expand, Id, Instant, Strict, written
from access.api.guests import GuestOut
from access.api.ids import Kind, made
from access.api.places import UnitOut
from access.api.views import ApiView
from access.models import Grant, Stay, StayGuest
from access.shown import Tone
from access.stay_queries import StaysShown
from properties import addresses
from properties.clock import now

GUEST, UNIT = "guest", "unit"
EXPANDABLE = (GUEST, UNIT)
NOTHING: frozenset[str] = frozenset()
Grants = dict[int, list[Grant]]


class ExpandQuery(Strict):
    """What of a stay is to be more than an id."""

    expand = Expand(EXPANDABLE, required=False, help_text="`guest`, `unit`, or both with a comma between.")


class AccessOut(serializers.Serializer[Any]):
    """Whether the guest gets in: in a word for programs and one sentence for people."""

    state = serializers.ChoiceField(choices=[tone.value for tone in Tone])
    word = serializers.CharField()
    sentence = serializers.CharField()


@extend_schema_field({"oneOf": [{"type": "string"}, {"$ref": "#/components/schemas/Unit"}]})
class UnitOrId(serializers.Field[Any, Any, Any, Any]):
    """The id; the whole where it is asked for."""


@extend_schema_field({"oneOf": [{"type": "string"}, {"$ref": "#/components/schemas/Guest"}]})
class GuestOrId(serializers.Field[Any, Any, Any, Any]):
    """The id; the whole where it is asked for."""


class StayOut(serializers.Serializer[Stay]):
    """A booking of one unit for one guest and who comes along."""

    id = Id(Kind.STAY)
    external_id = serializers.CharField(help_text="What your property system calls it; empty for others.")
    url = serializers.CharField(help_text="Its page, for people.")
    status = serializers.ChoiceField(choices=[one.value for one in StaysShown])
    unit = UnitOrId(help_text="The id; the whole with `expand=unit`.")
    property = Id(Kind.PROPERTY)
    guest = GuestOrId(help_text="The id; the whole with `expand=guest`.")
    companions = serializers.ListField(
        child=serializers.CharField(), help_text="The ids of guests who come along."
    )
    starts_at = Instant()
    ends_at = Instant()
    time_zone = serializers.CharField(help_text="Of the property.")
    access = AccessOut()
    version = serializers.CharField(help_text="For `If-Match`; another one after each change.")
    booked_at = Instant()
    cancelled_at = Instant(allow_null=True)

    @cached_property
    def _units(self) -> UnitOut:
        """One for all stays of a list: to make one takes longer than to use it."""
        return UnitOut()

    @cached_property
    def _guests(self) -> GuestOut:
        """The same."""
        return GuestOut()

    def to_representation(self, instance: Stay) -> dict[str, Any]:
        """By hand: field by field, a list takes twice as long."""
        expand, now = self.context["expand"], self.context["now"]
        unit, guest = instance.unit, instance.guest
        return {
            "id": made(Kind.STAY, instance.pk),
            "external_id": instance.external_id,
            "url": f"{self.context['pages']}{instance.pk}",
            "status": _status(instance, now).value,
            "unit": self._units.to_representation(unit) if UNIT in expand else made(Kind.UNIT, unit.pk),
            "property": made(Kind.PROPERTY, unit.property_id),
            "guest": self._guests.to_representation(guest) if GUEST in expand else made(Kind.GUEST, guest.pk),
            "companions": [made(Kind.GUEST, key) for key in _companions(instance)],
            "starts_at": written(instance.starts_at),
            "ends_at": written(instance.ends_at),
            "time_zone": unit.property.time_zone,
            "access": _access(instance, self.context.get("live"), now),
            "version": version(instance),
            "booked_at": written(instance.booked_at),
            "cancelled_at": written(instance.cancelled_at) if instance.cancelled_at else None,
        }


def _status(stay: Stay, now: datetime) -> StaysShown:
    """Where it is in time."""
    if stay.cancelled_at is not None:
        return StaysShown.CANCELLED
    if stay.ends_at <= now:
        return StaysShown.OVER
    return StaysShown.COMING if stay.starts_at > now else StaysShown.HERE


def _access(stay: Stay, live: Grants | None, now: datetime) -> dict[str, str]:
    """As the pages say it."""
    grants = list(stay.grants.all()) if live is None else live.get(stay.pk, [])
    state = shown.state_of(stay, grants, now)
    return {"state": state.chip.tone.value, "word": state.chip.word, "sentence": state.sentence}


def version(stay: Stay) -> str:
    """What is booked, in one word: it stays the same while codes travel."""
    times = (stay.starts_at, stay.ends_at, stay.cancelled_at)
    booked = (stay.revision, stay.unit_id, *times, stay.guest_id, stay.external_id)
    return hashlib.sha256(repr((*booked, _companions(stay))).encode()).hexdigest()[:16]


def stays_of(view: ApiView) -> QuerySet[Stay]:
    """The caller's stays with all that is answered of one, in two questions however many they are."""
    return with_companions(queries.stays_of(view.organization, view.reach))


def load(view: ApiView, stay_id: int) -> Stay:
    """One stay, if it is the caller's: everybody else's is not there."""
    found = stays_of(view).filter(pk=stay_id).first()
    if found is None:
        raise problems.there_is_no("stay")
    return found


def context(view: ApiView, expand: frozenset[str] = NOTHING) -> dict[str, Any]:
    """What an answer depends on besides the rows."""
    first = addresses.public("access:stay", slug=view.organization.slug, stay_id=0)
    return {"now": now(), "pages": first.removesuffix("0"), "expand": expand}


def answer(view: ApiView, stay: Stay, *, status: int = 200) -> Response:
    """One stay, with its version as the header has it."""
    asked: frozenset[str] = view.asked.get("expand", NOTHING)
    content = StayOut(stay, context=context(view, asked)).data
    return Response(content, status=status, headers={"ETag": f'"{version(stay)}"'})


def with_companions(found: QuerySet[Stay]) -> QuerySet[Stay]:
    """With the ids of those who come along, which an answer names."""
    along = StayGuest.objects.filter(stay=OuterRef("pk")).order_by("pk").values("guest_id")
    return found.annotate(companion_keys=ArraySubquery(along))


def _companions(stay: Stay) -> list[int]:
    keys: list[int] = getattr(stay, "companion_keys", [])
    return list(keys)
