"""Booking in a real browser: known guests by the keyboard, further guests, and the times of another unit."""

from datetime import time

import pytest
from playwright.sync_api import expect

from access.models import Stay
from properties import places
from tests.browser.conftest import Visit, Windows
from tests.worlds import MONDAY_NOON, Business

pytestmark = pytest.mark.slow


def test_a_known_guest_is_chosen_with_the_keyboard_and_somebody_comes_along(
    visit: Visit, alice: Business
) -> None:
    alice.book(now=MONDAY_NOON, unit="Flat 2")
    page = visit.open(f"/stays/book?unit={alice.flats['Flat 1'].pk}")

    page.get_by_label("Guest", exact=True).press_sequentially("vog")
    offered = page.get_by_role("button", name="Ada Vogel ada@guests.example")
    expect(offered).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(offered).to_be_focused()
    page.keyboard.press("Enter")
    expect(offered).to_be_hidden()
    expect(page.get_by_label("Guest's e-mail")).to_be_focused()
    page.get_by_role("button", name="Add a guest").click()
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    page.keyboard.type("Ben Ito")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Ada Vogel in Flat 1")).to_be_visible()
    stay = Stay.objects.latest("pk")
    assert stay.guest == Stay.objects.earliest("pk").guest
    assert [one.guest.name for one in stay.party.select_related("guest")] == ["Ben Ito"]


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_another_unit_brings_its_times_and_keeps_what_was_typed(
    windows: Windows, alice: Business, *, scripts: bool
) -> None:
    chalet = places.add_property(
        organization=alice.organization,
        name="Chalet",
        time_zone="Europe/Vienna",
        check_in_time=time(17, 30),
        check_out_time=time(9),
    )
    places.add_unit(place=chalet, name="Chalet", way_in=[])
    visit = windows.open(scripts=scripts)
    visit.sign_in(alice.owner)
    page = visit.open(f"/stays/book?unit={alice.flats['Flat 1'].pk}")

    page.get_by_label("Guest", exact=True).fill("Ada Vogel")
    page.get_by_label("Arrival").fill("2031-07-01T15:00")
    page.get_by_label("Departure").fill("2031-07-03T11:45")
    page.get_by_label("Unit").select_option("Chalet · Chalet")
    if not scripts:
        page.get_by_role("button", name="Set the usual times").click()

    expect(page.get_by_label("Arrival")).to_have_value("2031-07-01T17:30")
    expect(page.get_by_label("Departure")).to_have_value("2031-07-03T11:45")
    expect(page.get_by_label("Guest", exact=True)).to_have_value("Ada Vogel")
