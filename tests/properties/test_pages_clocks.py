"""Where hosts read that a lock's clock is set to another zone than its property's (F27)."""

import pytest

from nuki_gateway.simulator import TurnedClock
from properties import places
from properties.models import SmartLock
from tests.timeline import Timeline
from tests.visitors import Visitor, check_page, signed_in, words
from tests.worlds import Business

WARNING = "its clock is set to Europe/London"


@pytest.fixture
def host(alice: Business, clock: TurnedClock) -> Visitor:
    return signed_in(alice, clock)


def set_clock(alice: Business, zone: str) -> None:
    SmartLock.objects.filter(pk=alice.locks["Flat 1"].pk).update(time_zone=zone)


def test_a_clock_of_another_zone_is_said_wherever_the_lock_is_listed(
    host: Visitor, alice: Business, timeline: Timeline
) -> None:
    stay = alice.book(now=timeline.now)
    set_clock(alice, "Europe/London")

    pages = [
        host.get(path) for path in (f"/properties/{alice.house.pk}", "/nuki-accounts", f"/stays/{stay.pk}")
    ]

    for page in pages:
        assert words(page).count(WARNING) == 1
        check_page(page)
    doors = {door.name: door for door in pages[0].context["property_view"].doors}
    assert (doors["Flat 1"].tone, doors["Flat 1"].lock_state) == ("look", WARNING)
    assert (doors["Front door"].tone, doors["Front door"].lock_state) == ("ready", "online")


@pytest.mark.parametrize(
    "zone",
    [
        pytest.param("Europe/Berlin", id="another name for the same time"),
        pytest.param("", id="a lock that does not say"),
    ],
)
def test_a_clock_that_shows_the_time_of_the_property_is_not_worth_a_word(
    host: Visitor, alice: Business, zone: str
) -> None:
    set_clock(alice, zone)

    pages = [words(host.get(path)) for path in (f"/properties/{alice.house.pk}", "/nuki-accounts")]

    assert [page.count("its clock is set to") for page in pages] == [0, 0]


def test_a_lock_on_no_door_has_no_time_to_keep(host: Visitor, alice: Business) -> None:
    set_clock(alice, "Europe/London")
    places.take_lock_off(door=alice.doors["Flat 1"])

    page = words(host.get("/nuki-accounts"))

    assert WARNING not in page
