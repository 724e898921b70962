"""Setting up places, and reading them: ways in keep their order, and only one's own rows are offered."""

from datetime import time, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from properties import places, queries, tenancy
from properties.models import Door, SmartLock, Unit, UnitDoor
from properties.reach import EVERYWHERE
from tests.statements import asked
from tests.worlds import Business


def way_in(unit: Unit) -> list[tuple[int, str]]:
    steps = UnitDoor.objects.filter(unit=unit).order_by("position")
    return [(step.position, step.door.name) for step in steps]


def test_a_property_belongs_to_its_organization_and_has_no_grace_unless_it_is_given(alice: Business) -> None:
    made = places.add_property(
        organization=alice.organization,
        name="Old mill",
        time_zone="Europe/Vienna",
        check_in_time=time(15),
        check_out_time=time(10),
    )

    assert (made.organization, made.grace, made.address) == (alice.organization, timedelta(0), "")


def test_a_way_in_is_kept_in_its_order_from_the_street(alice: Business) -> None:
    front, flat = alice.doors["Front door"], alice.doors["Flat 1"]

    unit = places.add_unit(place=alice.house, name="Suite", way_in=[flat, front])

    assert way_in(unit) == [(1, "Flat 1"), (2, "Front door")]
    assert [door.name for door in queries.way_into(unit)] == ["Flat 1", "Front door"]
    assert unit.organization_id == alice.organization.pk


def test_a_way_in_is_laid_anew_as_a_whole(alice: Business) -> None:
    unit = alice.flats["Flat 1"]

    places.change_unit(unit=unit, name="Flat one", way_in=[alice.doors["Flat 1"], alice.doors["Cellar"]])

    assert way_in(unit) == [(1, "Flat 1"), (2, "Cellar")]
    assert Unit.objects.get(pk=unit.pk).name == "Flat one"
    assert way_in(alice.flats["Flat 2"]) == [(1, "Front door"), (2, "Flat 2")]


def test_a_way_in_that_names_a_door_twice_changes_nothing(alice: Business) -> None:
    unit, door = alice.flats["Flat 1"], alice.doors["Flat 1"]

    with pytest.raises(IntegrityError, match="a_door_stands_once_on_a_way_in"):
        places.change_unit(unit=unit, name="Other", way_in=[door, door])

    assert Unit.objects.get(pk=unit.pk).name == "Flat 1"
    assert way_in(unit) == [(1, "Front door"), (2, "Flat 1")]


def test_a_door_without_a_lock_is_no_part_of_the_way_that_codes_open(alice: Business) -> None:
    places.rename_door(door=alice.doors["Front door"], name="Gate")
    places.take_lock_off(door=alice.doors["Front door"])

    assert [door.name for door in queries.way_into(alice.flats["Flat 1"])] == ["Flat 1"]
    assert Door.objects.get(pk=alice.doors["Front door"].pk).name == "Gate"


def test_a_lock_is_on_one_door_only(alice: Business) -> None:
    with pytest.raises(IntegrityError, match="smart_lock_id"), transaction.atomic():
        Door.objects.create(
            organization=alice.organization,
            property=alice.house,
            name="Back door",
            smart_lock=alice.locks["Flat 1"],
        )

    assert Door.objects.filter(smart_lock=alice.locks["Flat 1"]).count() == 1


def test_free_locks_are_on_no_door_listed_by_nuki_and_ones_own(alice: Business, charlie: Business) -> None:
    flat, cellar, front = (alice.locks[name] for name in ("Flat 1", "Cellar", "Front door"))
    for name in ("Flat 1", "Cellar"):
        places.take_lock_off(door=alice.doors[name])
    SmartLock.objects.filter(pk=cellar.pk).update(gone_since=cellar.listed_at)
    foreign = charlie.locks["Flat 1"]

    free = queries.free_smart_locks(alice.organization)
    with_the_current = queries.free_smart_locks(alice.organization, keep=[front.pk, None, foreign.pk])

    assert list(free) == [flat]
    assert list(with_the_current) == [flat, front]


def test_properties_are_counted_without_multiplying_units_by_doors(alice: Business) -> None:
    (house,) = queries.properties_of(alice.organization, EVERYWHERE)

    assert (house.units_count, house.doors_count) == (4, 4)  # type: ignore[attr-defined]


def test_queries_of_one_organization_show_nothing_of_another_even_across_them(
    alice: Business, charlie: Business
) -> None:
    with tenancy.across_organizations(because="only the queries' own conditions count here"):
        units = {unit.organization_id for unit in queries.bookable_units(alice.organization, EVERYWHERE)}
        accounts = {account.pk for account in queries.nuki_accounts_of(alice.organization, EVERYWHERE)}
        houses = {house.pk for house in queries.properties_of(alice.organization, EVERYWHERE)}

    assert units == {alice.organization.pk}
    assert accounts == {alice.account.pk}
    assert houses == {alice.house.pk}
    assert charlie.house.pk not in houses


def test_pages_of_places_need_few_queries(alice: Business) -> None:
    with CaptureQueriesContext(connection) as of_ways:
        ways = {
            unit.name: [step.door.name for step in unit.way_in.all()]
            for unit in queries.units_of(alice.house)
        }
    with CaptureQueriesContext(connection) as of_locks:
        on_doors = [
            lock.door.property.name
            for account in queries.nuki_accounts_of(alice.organization, EVERYWHERE)
            for lock in account.some_locks  # type: ignore[attr-defined]  # what `queries` adds
        ]

    assert [len(asked(of_ways)), len(asked(of_locks))] == [2, 2]
    assert ways["Flat 2"] == ["Front door", "Flat 2"]
    assert on_doors == ["House"] * 4
