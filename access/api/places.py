"""The business and its places: properties, units, doors."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access.api import paging, problems
from access.api.fields import Id, OnTheClock, written
from access.api.ids import Kind
from access.api.lists import list_of, listed
from access.api.operations import operation
from access.api.paging import PageQuery
from access.api.problems import Code
from access.api.views import ApiView
from properties import addresses
from properties.api_scopes import Scope
from properties.models import Door, Organization, Property, Unit

TAG = "Places"


class OrganizationOut(serializers.Serializer[Organization]):
    """The business of the key."""

    id = Id(Kind.ORGANIZATION, source="pk")
    name = serializers.CharField()
    slug = serializers.CharField(help_text="What its pages have in their addresses.")
    url = serializers.SerializerMethodField(help_text="Its pages, for people.")
    created_at = serializers.SerializerMethodField()

    def get_url(self, ours: Organization) -> str:
        """Where people look at it."""
        return addresses.public("access:stays", slug=ours.slug)

    def get_created_at(self, ours: Organization) -> str:
        """Since when it is there."""
        return written(ours.created_at)


class PropertyOut(serializers.Serializer[Property]):
    """A building."""

    id = Id(Kind.PROPERTY, source="pk")
    name = serializers.CharField()
    address = serializers.CharField()
    time_zone = serializers.CharField(help_text="A name of the IANA database.")
    check_in_time = OnTheClock(help_text="On the clocks of the property.")
    check_out_time = OnTheClock(help_text="On the clocks of the property.")
    grace_minutes = serializers.SerializerMethodField(help_text="How long codes open after a stay's end.")

    def get_grace_minutes(self, place: Property) -> int:
        """In whole minutes."""
        return int(place.grace.total_seconds() // 60)


class UnitOut(serializers.Serializer[Unit]):
    """What a guest books."""

    id = Id(Kind.UNIT, source="pk")
    name = serializers.CharField()
    property = Id(Kind.PROPERTY, source="property_id")


class DoorOut(serializers.Serializer[Door]):
    """A door, of one unit or shared by several."""

    id = Id(Kind.DOOR, source="pk")
    name = serializers.CharField()
    property = Id(Kind.PROPERTY, source="property_id")
    lock = Id(Kind.LOCK, source="smart_lock_id", allow_null=True)


class OfPropertyQuery(PageQuery):
    """Those of one property."""

    property = Id(Kind.PROPERTY, required=False)


class DoorQuery(OfPropertyQuery):
    """Those of one property, or on the way into one unit."""

    unit = Id(Kind.UNIT, required=False, help_text="Doors on the way into this unit.")


class OrganizationView(ApiView):
    """The business of the key."""

    @operation("get_organization", "Get the business", scope=Scope.READ, tag=TAG, answers=OrganizationOut)
    def get(self, request: Request) -> Response:
        """Whose key it is."""
        del request
        return Response(OrganizationOut(self.organization).data)


class Properties(ApiView):
    """All properties."""

    @operation(
        "list_properties",
        "List properties",
        says="In the order in which they were added.",
        scope=Scope.READ,
        tag=TAG,
        query=PageQuery,
        answers=list_of(PropertyOut),
    )
    def get(self, request: Request) -> Response:
        """A page of them."""
        del request
        found = Property.objects.filter(self.reach.covers("pk"), organization=self.organization)
        return listed(paging.page(found, self.asked), PropertyOut)


class OneProperty(ApiView):
    """One property."""

    @operation(
        "get_property",
        "Get a property",
        scope=Scope.READ,
        tag=TAG,
        answers=PropertyOut,
        problems=[Code.NOT_FOUND],
    )
    def get(self, request: Request, property_id: int) -> Response:
        """If it is theirs."""
        del request
        found = Property.objects.filter(
            self.reach.covers("pk"), organization=self.organization, pk=property_id
        ).first()
        if found is None:
            raise problems.there_is_no("property")
        return Response(PropertyOut(found).data)


class Units(ApiView):
    """All units."""

    @operation(
        "list_units",
        "List units",
        says="In the order in which they were added.",
        scope=Scope.READ,
        tag=TAG,
        query=OfPropertyQuery,
        answers=list_of(UnitOut),
    )
    def get(self, request: Request) -> Response:
        """A page of them."""
        del request
        found = Unit.objects.filter(
            self.reach.covers("property"), organization=self.organization, **_of_property(self.asked)
        )
        return listed(paging.page(found, self.asked), UnitOut)


class OneUnit(ApiView):
    """One unit."""

    @operation(
        "get_unit", "Get a unit", scope=Scope.READ, tag=TAG, answers=UnitOut, problems=[Code.NOT_FOUND]
    )
    def get(self, request: Request, unit_id: int) -> Response:
        """If it is theirs."""
        del request
        found = Unit.objects.filter(
            self.reach.covers("property"), organization=self.organization, pk=unit_id
        ).first()
        if found is None:
            raise problems.there_is_no("unit")
        return Response(UnitOut(found).data)


class Doors(ApiView):
    """All doors."""

    @operation(
        "list_doors",
        "List doors",
        says="In the order in which they were added.",
        scope=Scope.READ,
        tag=TAG,
        query=DoorQuery,
        answers=list_of(DoorOut),
    )
    def get(self, request: Request) -> Response:
        """A page of them."""
        del request
        found = Door.objects.filter(
            self.reach.covers("property"), organization=self.organization, **_of_property(self.asked)
        )
        if "unit" in self.asked:
            found = found.filter(opens__unit=self.asked["unit"])
        return listed(paging.page(found, self.asked), DoorOut)


class OneDoor(ApiView):
    """One door."""

    @operation(
        "get_door", "Get a door", scope=Scope.READ, tag=TAG, answers=DoorOut, problems=[Code.NOT_FOUND]
    )
    def get(self, request: Request, door_id: int) -> Response:
        """If it is theirs."""
        del request
        found = Door.objects.filter(
            self.reach.covers("property"), organization=self.organization, pk=door_id
        ).first()
        if found is None:
            raise problems.there_is_no("door")
        return Response(DoorOut(found).data)


def _of_property(asked: dict[str, Any]) -> dict[str, int]:
    return {"property": asked["property"]} if "property" in asked else {}
