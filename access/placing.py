"""Putting many smart locks on doors at once: what is lacking of properties, doors and units is made then."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from django.db import transaction

from access import door_locks, ways_in
from properties import memberships, places
from properties.models import Door, Organization, Property, SmartLock, Unit, UnitDoor, User


@dataclass(frozen=True)
class Placement:
    """A smart lock, the door that it is on, and what that leads to. Names find what is there already."""

    smart_lock: SmartLock
    property_name: str
    door_name: str
    unit_name: str  # empty: every unit of the property


class Refusal(StrEnum):
    """Why a smart lock cannot be put on the door."""

    LOCK_IS_ELSEWHERE = "lock is elsewhere"
    DOOR_HAS_A_LOCK = "door has a lock"
    NO_UNIT = "no unit"
    NO_TIME_ZONE = "no time zone"


class CannotBePlaced(Exception):
    """Nothing was changed. `refusals` has the reason and a name that it is about, for each lock's key."""

    def __init__(self, refusals: dict[int, tuple[Refusal, str]]) -> None:
        super().__init__(sorted(refusals))
        self.refusals = refusals


@dataclass
class _House:
    """A property with its doors and units by name, as they are now and as they become."""

    name: str
    place: Property | None = None
    doors: dict[str, Door] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)


@transaction.atomic(durable=True)
def put_on_doors(
    *,
    organization: Organization,
    placements: Sequence[Placement],
    time_zone: str,
    placed_by: User,
    now: datetime,
) -> None:
    """Put each lock on its door, and lay the ways in; stays that are not over follow.

    `time_zone` is that of properties that are new. What is as wished already stays so: sent twice, it is
    done once. Raises CannotBePlaced.
    """
    memberships.hold(organization)  # two people who do this at once do it one after the other
    wanted = _check_locks(placements)
    houses = _houses(organization, wanted)
    _check(wanted, houses, time_zone)
    for house in houses.values():
        if house.place is None:
            house.place = _new_property(organization, house.name, time_zone)
    doors = {one.smart_lock.pk: _door(one, houses, placed_by, now) for one in wanted}
    _lay_ways_in(wanted, houses, doors, placed_by, now)


def _check_locks(placements: Sequence[Placement]) -> list[Placement]:
    """Those whose lock is on no door yet; one that is on another than its own is refused."""
    locks = [one.smart_lock.pk for one in placements]
    there = {
        door.smart_lock_id: door
        for door in Door.objects.filter(smart_lock__in=locks).select_related("property")
    }
    elsewhere = {
        one.smart_lock.pk: (Refusal.LOCK_IS_ELSEWHERE, f"{door.property.name} · {door.name}")
        for one in placements
        if (door := there.get(one.smart_lock.pk))
        and (_key(door.property.name), _key(door.name)) != (_key(one.property_name), _key(one.door_name))
    }
    if elsewhere:
        raise CannotBePlaced(elsewhere)
    return [one for one in placements if one.smart_lock.pk not in there]


def _houses(organization: Organization, placements: Iterable[Placement]) -> dict[str, _House]:
    houses = {_key(one.property_name): _House(one.property_name) for one in placements}
    for place in Property.objects.filter(organization=organization).order_by("-pk"):
        if _key(place.name) in houses:
            houses[_key(place.name)].place = place
    known = {house.place.pk: house for house in houses.values() if house.place}
    for door in Door.objects.filter(property__in=known).order_by("-pk"):
        known[door.property_id].doors[_key(door.name)] = door
    for unit in Unit.objects.filter(property__in=known).order_by("-pk"):
        known[unit.property_id].units[_key(unit.name)] = unit
    return houses


def _check(placements: Sequence[Placement], houses: dict[str, _House], time_zone: str) -> None:
    """Every lock that cannot be placed, with its first reason."""
    refusals: dict[int, tuple[Refusal, str]] = {}
    with_units = {_key(one.property_name) for one in placements if one.unit_name}
    doors = Counter((_key(one.property_name), _key(one.door_name)) for one in placements)
    for one in placements:
        key, house = one.smart_lock.pk, houses[_key(one.property_name)]
        door = house.doors.get(_key(one.door_name))
        is_one_of_two = doors[_key(one.property_name), _key(one.door_name)] > 1
        if is_one_of_two or (door is not None and door.smart_lock_id is not None):
            refusals[key] = (Refusal.DOOR_HAS_A_LOCK, one.door_name)
        elif not (one.unit_name or house.units or _key(house.name) in with_units):
            refusals[key] = (Refusal.NO_UNIT, house.name)
        elif house.place is None and not time_zone:
            refusals[key] = (Refusal.NO_TIME_ZONE, house.name)
    if refusals:
        raise CannotBePlaced(refusals)


def _new_property(organization: Organization, name: str, time_zone: str) -> Property:
    return places.add_property(
        organization=organization,
        name=name,
        time_zone=time_zone,
        check_in_time=places.USUAL_CHECK_IN,
        check_out_time=places.USUAL_CHECK_OUT,
        backup_codes=places.USUAL_BACKUP_CODES,
    )


def _door(one: Placement, houses: dict[str, _House], placed_by: User, now: datetime) -> Door:
    """The door with the lock on it: one that was there without a lock, or a new one."""
    house = houses[_key(one.property_name)]
    door = house.doors.get(_key(one.door_name)) or places.add_door(
        place=_place(house), name=one.door_name, smart_lock=None
    )
    door_locks.put_lock_on(door, one.smart_lock, placed_by, now)
    return door


def _lay_ways_in(
    placements: Sequence[Placement],
    houses: dict[str, _House],
    doors: dict[int, Door],
    placed_by: User,
    now: datetime,
) -> None:
    """Lead the doors to their units: those that several units share stand nearer to the street."""
    own: dict[Unit, list[Door]] = {}
    for one in placements:
        if one.unit_name:
            own.setdefault(_unit(one, houses), []).append(doors[one.smart_lock.pk])
    shared = {
        unit: [
            doors[one.smart_lock.pk]
            for one in placements
            if not one.unit_name and _key(one.property_name) == _key(house.name)
        ]
        for house in houses.values()
        for unit in house.units.values()
    }
    units = [unit for unit in shared if shared[unit] or unit in own]
    ways_in.hold_units([unit.pk for unit in units])
    before = _ways_in_of(units)
    for unit in units:
        way = [*shared[unit], *before.get(unit.pk, []), *own.get(unit, [])]
        places.change_unit(unit=unit, name=unit.name, way_in=list(dict.fromkeys(way)))
    ways_in.follow([unit.pk for unit in units], placed_by, now)


def _unit(one: Placement, houses: dict[str, _House]) -> Unit:
    house = houses[_key(one.property_name)]
    if _key(one.unit_name) not in house.units:
        made = places.add_unit(place=_place(house), name=one.unit_name, way_in=[])
        house.units[_key(one.unit_name)] = made
    return house.units[_key(one.unit_name)]


def _ways_in_of(units: Iterable[Unit]) -> dict[int, list[Door]]:
    found: dict[int, list[Door]] = {}
    steps = UnitDoor.objects.filter(unit__in=list(units)).select_related("door").order_by("position")
    for step in steps:
        found.setdefault(step.unit_id, []).append(step.door)
    return found


def _place(house: _House) -> Property:
    if house.place is None:
        raise LookupError("Every property is made before its doors.")
    return house.place


def _key(name: str) -> str:
    """By what names are compared: "flat 1" is Flat 1."""
    return name.strip().casefold()
