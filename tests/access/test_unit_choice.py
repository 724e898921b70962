"""Choosing one of many units: the list is cut, letters find the rest, and what was chosen stays."""

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse

from access import unit_choice
from access.models import Stay
from nuki_gateway.simulator import TurnedClock
from properties.models import Unit, UnitDoor
from tests.access.test_pages_booking import fields
from tests.timeline import Timeline
from tests.visitors import Visitor, signed_in, words
from tests.worlds import Business

HOUSES = 4
LONG = pytest.param("x" * 5000, id="long")


@pytest.fixture
def host(alice: Business, clock: TurnedClock) -> Visitor:
    return signed_in(alice, clock)


@pytest.fixture
def many(alice: Business, monkeypatch: pytest.MonkeyPatch) -> list[Unit]:
    """More units than are offered at once."""
    monkeypatch.setattr(unit_choice, "MOST_OFFERED", HOUSES)
    made = [
        Unit(organization=alice.organization, property=alice.house, name=f"Room 0{number} 100%")
        for number in range(HOUSES + 1)
    ]
    units = Unit.objects.bulk_create(made)
    entrance = UnitDoor.objects.filter(unit=alice.flats["Flat 1"]).first()
    assert entrance is not None
    UnitDoor.objects.bulk_create(
        UnitDoor(organization=alice.organization, unit=unit, door=entrance.door, position=1) for unit in units
    )
    return units


def offered(answer: HttpResponse) -> list[str]:
    """The units in the list, in their order."""
    return re.findall(r"<option value=\"\d+\"[^>]*>[^<]* · ([^<]+)</option>", answer.content.decode())


def chosen(answer: HttpResponse) -> list[str]:
    return re.findall(r"<option value=\"\d+\" selected>[^<]* · ([^<]+)</option>", answer.content.decode())


def test_a_short_list_needs_no_search(host: Visitor, alice: Business) -> None:
    page = host.get("/stays/book")

    assert offered(page) == sorted(alice.flats)
    assert "unit_like" not in page.content.decode()


def test_of_many_units_the_first_are_offered_and_letters_find_the_others(
    host: Visitor, alice: Business, many: list[Unit]
) -> None:
    page = host.get("/stays/book")
    found = host.get(f"/units/known?{urlencode({'unit_like': f'room {alice.house.name[:4]} 04'})}")
    by_signs = host.get("/units/known?unit_like=0%25")
    nothing = host.get("/units/known?unit_like=stable")

    assert offered(page) == sorted([*alice.flats, *(unit.name for unit in many)])[:HOUSES]
    assert "Find the unit" in words(page)
    assert offered(found) == ["Room 04 100%"]
    assert offered(by_signs) == [unit.name for unit in many[:HOUSES]]
    assert (offered(nothing), words(nothing)) == ([], "No unit fits these letters")


def test_what_fits_is_listed_again_with_a_form_that_was_sent_without_a_unit(
    host: Visitor, alice: Business, many: list[Unit]
) -> None:
    answer = host.post("/stays/book", fields(alice, unit="", unit_like="room 04"))

    assert answer.status_code == 200
    assert offered(answer) == [many[-1].name]
    assert not Stay.objects.exists()


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("junk", [LONG, "\0", "%", "' OR 1=1", "٣"])
def test_letters_that_fit_nothing_find_nothing(host: Visitor, junk: str) -> None:
    assert host.get(f"/units/known?{urlencode({'unit_like': junk})}").status_code == 200


def test_a_unit_that_is_not_in_the_list_can_be_chosen_by_its_number(
    host: Visitor, alice: Business, many: list[Unit]
) -> None:
    page = host.get(f"/stays/book?unit={many[-1].pk}")
    host.post("/stays/book", fields(alice, unit=many[-1].pk, unit_like="flat"))

    assert chosen(page) == ["Room 04 100%"]
    assert Stay.objects.get().unit == many[-1]


def test_a_stay_is_moved_to_a_unit_that_was_looked_for(
    host: Visitor, alice: Business, many: list[Unit], timeline: Timeline
) -> None:
    stay = alice.book(
        now=timeline.now, starts_at=timeline.now + timedelta(days=2), ends_at=timeline.now + timedelta(days=4)
    )
    page = host.get(f"/stays/{stay.pk}/change")
    asked = {
        "unit": stay.unit_id,
        "unit_like": "04",
        "starts": "2026-06-20T15:00",
        "ends": "2026-06-21T10:00",
    }
    looked_for = host.get(f"/stays/{stay.pk}/change?{urlencode(asked)}")

    assert chosen(page) == chosen(looked_for) == [stay.unit.name]
    assert offered(looked_for) == [stay.unit.name, many[-1].name]
