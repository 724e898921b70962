"""The pages about properties, doors and units."""

from datetime import time, timedelta
from typing import Any

import pytest

from nuki_gateway.simulator import TurnedClock
from properties import places
from properties.models import Door, Property, Unit, UnitDoor
from properties.roles import Role
from tests.visitors import Visitor, check_page, signed_in, with_role, words
from tests.worlds import Business

EMPTY = ["This field is required."]
TYPED = {
    "name": "Lake Chalet",
    "address": "Seestraße 3",
    "time_zone": "Europe/Berlin",
    "check_in_time": "16:00",
    "check_out_time": "11:00",
    "grace_minutes": "15",
}


@pytest.fixture
def host(alice: Business, clock: TurnedClock) -> Visitor:
    return signed_in(alice, clock)


def test_a_property_is_added(host: Visitor) -> None:
    answer = host.post("/properties/add", TYPED)

    made = Property.objects.get(name="Lake Chalet")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/properties/{made.pk}")
    assert (made.time_zone, made.check_in_time, made.check_out_time, made.grace) == (
        "Europe/Berlin",
        time(16),
        time(11),
        timedelta(minutes=15),
    )


UNKNOWN = ["This is no time zone we know. Names look like Europe/Vienna."]


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        pytest.param({"time_zone": "Mars/Base"}, {"time_zone": UNKNOWN}, id="unknown zone"),
        pytest.param({"time_zone": "../etc/passwd"}, {"time_zone": UNKNOWN}, id="a path for a zone"),
        pytest.param(
            {"name": "House"}, {"name": ["You have a property of this name already."]}, id="name taken"
        ),
        pytest.param(
            {"grace_minutes": "1441"},
            {"grace_minutes": ["Ensure this value is less than or equal to 1440."]},
            id="more than a day of grace",
        ),
        pytest.param(
            {"check_in_time": "25:00"}, {"check_in_time": ["Enter a valid time."]}, id="no such time"
        ),
        pytest.param(
            dict.fromkeys(TYPED, ""),
            dict.fromkeys(("name", "time_zone", "check_in_time", "check_out_time", "grace_minutes"), EMPTY),
            id="nothing at all",
        ),
    ],
)
def test_what_cannot_be_a_property_is_said_at_its_field(
    host: Visitor, changes: dict[str, str], errors: dict[str, list[str]]
) -> None:
    answer = host.post("/properties/add", TYPED | changes)

    assert answer.status_code == 200
    assert answer.context["form"].errors == errors
    assert Property.objects.count() == 1
    check_page(answer)


def test_the_zones_that_can_be_chosen_stand_in_a_list(host: Visitor) -> None:
    page = host.get("/properties/add").content.decode()

    assert 'list="time-zones"' in page
    assert '<datalist id="time-zones">' in page
    assert page.count("<option value=") > 400
    assert '<option value="Europe/Vienna"></option>' in page


def test_a_property_keeps_its_name_when_it_is_edited(host: Visitor, alice: Business) -> None:
    answer = host.post(f"/properties/{alice.house.pk}/edit", TYPED | {"name": "House"})

    alice.house.refresh_from_db()
    assert answer.status_code == 302
    assert (alice.house.name, alice.house.time_zone) == ("House", "Europe/Berlin")
    assert alice.house.grace == timedelta(minutes=15)


def test_two_businesses_may_call_their_houses_the_same(charlie: Business, clock: TurnedClock) -> None:
    answer = signed_in(charlie, clock).post("/properties/add", TYPED)

    assert answer.status_code == 302


def test_the_list_counts_units_and_doors(host: Visitor) -> None:
    answer = host.get("/properties")

    assert "4 units · 4 doors" in words(answer)
    check_page(answer)


def test_the_page_of_a_property_offers_to_book_each_unit_that_has_a_lock(
    host: Visitor, alice: Business
) -> None:
    answer = host.get(f"/properties/{alice.house.pk}")

    units = {unit.name: unit for unit in answer.context["property_view"].units}
    assert units["Flat 1"].doors == ["Front door", "Flat 1"]
    assert units["Flat 1"].book_url == f"/stays/book?unit={alice.flats['Flat 1'].pk}"
    assert f'href="{units["Flat 1"].book_url}"' in answer.content.decode()
    assert (units["Attic"].doors, units["Attic"].book_url) == ([], "")
    check_page(answer)


def test_a_viewer_is_offered_nothing_that_changes_a_property(alice: Business, clock: TurnedClock) -> None:
    visitor = with_role(alice, clock, Role.VIEWER)

    pages = [words(visitor.get(path)) for path in ("/properties", f"/properties/{alice.house.pk}")]

    for page in pages:
        assert "Add" not in page
        assert "Edit" not in page
        assert "Book stay" not in page


def test_a_door_is_added_with_a_lock_that_is_on_no_other(host: Visitor, alice: Business) -> None:
    places.take_lock_off(door=alice.doors["Cellar"])
    form = host.get(f"/properties/{alice.house.pk}/doors/add")
    free = list(form.context["form"].fields["smart_lock"].queryset)

    answer = host.post(
        f"/properties/{alice.house.pk}/doors/add", {"name": "Gate", "smart_lock": alice.locks["Cellar"].pk}
    )

    assert free == [alice.locks["Cellar"]]
    assert answer.status_code == 302
    assert Door.objects.get(name="Gate").smart_lock == alice.locks["Cellar"]
    check_page(form)


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        pytest.param(
            {"name": "Flat 1"}, {"name": ["This property has a door of this name already."]}, id="name taken"
        ),
        pytest.param({"name": ""}, {"name": EMPTY}, id="no name"),
        pytest.param(
            {"smart_lock": "taken"},
            {"smart_lock": ["Select a valid choice. That choice is not one of the available choices."]},
            id="lock of another door",
        ),
    ],
)
def test_what_cannot_be_a_door_is_said_at_its_field(
    host: Visitor, alice: Business, changes: dict[str, Any], errors: dict[str, list[str]]
) -> None:
    typed = {"name": "Gate", "smart_lock": ""} | changes
    if typed["smart_lock"] == "taken":
        typed["smart_lock"] = alice.locks["Flat 1"].pk

    answer = host.post(f"/properties/{alice.house.pk}/doors/add", typed)

    assert answer.context["form"].errors == errors
    assert Door.objects.count() == 4


def test_a_door_is_renamed_and_keeps_its_lock(host: Visitor, alice: Business) -> None:
    door = alice.doors["Flat 1"]
    form = host.get(f"/doors/{door.pk}").context["form"]

    host.post(f"/doors/{door.pk}", {"name": "Flat One", "smart_lock": form["smart_lock"].value()})

    door.refresh_from_db()
    assert (door.name, door.smart_lock) == ("Flat One", alice.locks["Flat 1"])


def test_the_way_into_a_unit_begins_with_the_doors_that_others_share(host: Visitor, alice: Business) -> None:
    chosen = [alice.doors["Cellar"].pk, alice.doors["Front door"].pk]

    answer = host.post(f"/properties/{alice.house.pk}/units/add", {"name": "Studio", "doors": chosen})

    steps = UnitDoor.objects.filter(unit__name="Studio").order_by("position")
    assert answer.status_code == 302
    assert [(step.position, step.door.name) for step in steps] == [(1, "Front door"), (2, "Cellar")]


def test_a_unit_of_a_taken_name_is_refused_at_its_field(host: Visitor, alice: Business) -> None:
    answer = host.post(f"/properties/{alice.house.pk}/units/add", {"name": "Flat 1"})

    assert answer.context["form"].errors == {"name": ["This property has a unit of this name already."]}
    assert Unit.objects.count() == 4


def test_a_unit_is_edited_and_keeps_its_way_in(host: Visitor, alice: Business) -> None:
    unit = alice.flats["Flat 1"]
    form = host.get(f"/units/{unit.pk}").context["form"]

    host.post(f"/units/{unit.pk}", {"name": "Flat One", "doors": form["doors"].value()})

    unit.refresh_from_db()
    steps = UnitDoor.objects.filter(unit=unit).order_by("position")
    assert (unit.name, [step.door.name for step in steps]) == ("Flat One", ["Front door", "Flat 1"])


@pytest.mark.usefixtures("alice")
def test_charlie_reaches_no_place_of_alice(alice: Business, charlie: Business, clock: TurnedClock) -> None:
    visitor, house = signed_in(charlie, clock), alice.house.pk
    paths = [
        f"/properties/{house}",
        f"/properties/{house}/edit",
        f"/properties/{house}/doors/add",
        f"/properties/{house}/units/add",
        f"/doors/{alice.doors['Flat 1'].pk}",
        f"/units/{alice.flats['Flat 1'].pk}",
    ]

    read = [visitor.get(path).status_code for path in paths]
    sent = [visitor.post(path, TYPED).status_code for path in paths[1:]]

    assert (read, sent) == ([404] * 6, [404] * 5)
    assert Property.objects.get(pk=house).name == "House"
    assert (Door.objects.count(), Unit.objects.count()) == (4, 4)
