"""How stays look to programs. Codes are never among it."""

import hashlib
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response

from access import queries, shown
from access.api import problems
from access.api.fields import Expand, Id, Instant, Strict
from access.api.guests import GuestOut
from access.api.ids import Kind, made
from access.api.places import UnitOut
from access.api.views import ApiView
from access.models import Stay, StayGuest
from access.shown import Tone
from access.stay_queries import StaysShown
from properties import addresses
from properties.clock import now

GUEST, UNIT = "guest", "unit"
EXPANDABLE = (GUEST, UNIT)
NOTHING: frozenset[str] = frozenset()


class ExpandQuery(Strict):
    """What of a stay is to be more than an id."""

    expand = Expand(EXPANDABLE, required=False, help_text="`guest`, `unit`, or both with a comma between.")


class AccessOut(serializers.Serializer[Any]):
    """Whether the guest gets in: in a word for programs and one sentence for people."""

    state = serializers.ChoiceField(choices=[tone.value for tone in Tone])
    word = serializers.CharField()
    sentence = serializers.CharField()


class StayOut(serializers.Serializer[Stay]):
    """A booking of one unit for one guest and who comes along."""

    id = Id(Kind.STAY, source="pk")
    external_id = serializers.CharField(help_text="What your property system calls it; empty for others.")
    url = serializers.SerializerMethodField(help_text="Its page, for people.")
    status = serializers.SerializerMethodField()
    unit = serializers.SerializerMethodField(help_text="The id; the whole with `expand=unit`.")
    property = Id(Kind.PROPERTY, source="unit.property_id")
    guest = serializers.SerializerMethodField(help_text="The id; the whole with `expand=guest`.")
    companions = serializers.SerializerMethodField(help_text="The ids of guests who come along.")
    starts_at = Instant()
    ends_at = Instant()
    time_zone = serializers.CharField(source="unit.property.time_zone", help_text="Of the property.")
    access = serializers.SerializerMethodField()
    version = serializers.SerializerMethodField(help_text="For `If-Match`; another one after each change.")
    booked_at = Instant()
    cancelled_at = Instant(allow_null=True)

    def get_url(self, stay: Stay) -> str:
        """Where people look at it."""
        slug: str = self.context["slug"]
        return addresses.public("access:stay", slug=slug, stay_id=stay.pk)

    @extend_schema_field({"type": "string", "enum": [one.value for one in StaysShown]})
    def get_status(self, stay: Stay) -> str:
        """Where it is in time."""
        if stay.cancelled_at is not None:
            return StaysShown.CANCELLED
        if stay.ends_at <= self.context["now"]:
            return StaysShown.OVER
        return StaysShown.COMING if stay.starts_at > self.context["now"] else StaysShown.HERE

    @extend_schema_field({"oneOf": [{"type": "string"}, {"$ref": "#/components/schemas/Unit"}]})
    def get_unit(self, stay: Stay) -> Any:
        """The id, or the whole."""
        if UNIT in self.context["expand"]:
            return UnitOut(stay.unit).data
        return made(Kind.UNIT, stay.unit_id)

    @extend_schema_field({"oneOf": [{"type": "string"}, {"$ref": "#/components/schemas/Guest"}]})
    def get_guest(self, stay: Stay) -> Any:
        """The id, or the whole."""
        if GUEST in self.context["expand"]:
            return GuestOut(stay.guest).data
        return made(Kind.GUEST, stay.guest_id)

    def get_companions(self, stay: Stay) -> list[str]:
        """Who comes along."""
        return [made(Kind.GUEST, key) for key in _companions(stay)]

    @extend_schema_field(AccessOut)
    def get_access(self, stay: Stay) -> dict[str, str]:
        """As the pages say it."""
        state = shown.state_of(stay, list(stay.grants.all()), self.context["now"])
        return {"state": state.chip.tone.value, "word": state.chip.word, "sentence": state.sentence}

    def get_version(self, stay: Stay) -> str:
        """What is booked, in one word."""
        return version(stay)


def version(stay: Stay) -> str:
    """What is booked, in one word: it stays the same while codes travel."""
    times = (stay.starts_at, stay.ends_at, stay.cancelled_at)
    booked = (stay.revision, stay.unit_id, *times, stay.guest_id, stay.external_id)
    return hashlib.sha256(repr((*booked, _companions(stay))).encode()).hexdigest()[:16]


def stays_of(view: ApiView) -> QuerySet[Stay]:
    """The caller's stays with all that is answered of them, in two questions however many they are."""
    along = StayGuest.objects.filter(stay=OuterRef("pk")).order_by("pk").values("guest_id")
    return queries.stays_of(view.organization, view.reach).annotate(companion_keys=ArraySubquery(along))


def load(view: ApiView, stay_id: int) -> Stay:
    """One stay, if it is the caller's: everybody else's is not there."""
    found = stays_of(view).filter(pk=stay_id).first()
    if found is None:
        raise problems.there_is_no("stay")
    return found


def context(view: ApiView, expand: frozenset[str] = NOTHING) -> dict[str, Any]:
    """What an answer depends on besides the rows."""
    return {"now": now(), "slug": view.organization.slug, "expand": expand}


def answer(view: ApiView, stay: Stay, *, status: int = 200) -> Response:
    """One stay, with its version as the header has it."""
    asked: frozenset[str] = view.asked.get("expand", NOTHING)
    content = StayOut(stay, context=context(view, asked)).data
    return Response(content, status=status, headers={"ETag": f'"{version(stay)}"'})


def _companions(stay: Stay) -> list[int]:
    keys: list[int] = getattr(stay, "companion_keys", [])
    return list(keys)
