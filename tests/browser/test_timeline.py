"""The timeline in a real browser: weeks without a reload, days by mouse and by keyboard, a list on phones."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, Visit, Windows, Workers
from tests.browser.test_every_page import findings
from tests.worlds import ZONE, Business

pytestmark = pytest.mark.slow

DAY = timedelta(days=1)


def in_vienna(days: int) -> str:
    """A day from today on, as addresses name it."""
    return f"{datetime.now(UTC).astimezone(ZoneInfo(ZONE)).date() + days * DAY:%Y-%m-%d}"


def mark(page: Page) -> None:
    """Leave something in the page that a reload would take away."""
    page.evaluate("window.neverReloaded = true")


def free_day(page: Page, unit: str, days: int) -> str:
    """Where the link of a free day is."""
    row = page.get_by_role("row", name=unit)
    return f'tr:nth-child({row.evaluate("row => row.rowIndex")}) [data-day="{in_vienna(days)}"] .book'


def open_timeline(visit: Visit) -> Page:
    page = visit.open("/timeline")
    page.locator(".tape-help").wait_for()
    return page


@pytest.mark.parametrize("size", [pytest.param(PHONE, id="phone"), pytest.param(DESK, id="desk")])
def test_the_timeline_is_a_chart_at_a_desk_and_a_list_on_a_phone(
    windows: Windows, alice: Business, workers: Workers, size: dict[str, int]
) -> None:
    stay = alice.book(now=workers.now, ends_at=workers.now + 30 * DAY)
    visit = windows.open(size=size, touch=size is PHONE)
    visit.sign_in(alice.owner)

    page = visit.open("/timeline")

    is_desk = size is DESK
    expect(page.get_by_role("table")).to_be_visible(visible=is_desk)
    expect(page.locator(".tape-days")).to_be_visible(visible=not is_desk)
    page.get_by_role("link", name="Ada Vogel").first.click()
    page.wait_for_url(f"**/stays/{stay.pk}")
    page.go_back()
    mark(page)
    page.get_by_role("link", name="A week later").click()
    page.wait_for_url(f"**/timeline?from={in_vienna(7)}")
    expect(page.locator("#announcer")).not_to_be_empty()
    assert page.evaluate("window.neverReloaded")
    assert findings(page, "a week later") == []
    page.go_back()
    expect(page.get_by_label("From")).to_have_value(in_vienna(0))


def test_a_property_and_a_day_are_shown_without_a_reload(visit: Visit) -> None:
    page = open_timeline(visit)
    mark(page)

    page.get_by_label("From").fill("2031-05-17")
    page.get_by_role("button", name="Show").click()

    expect(page.get_by_role("heading", name="17 May to 30 May 2031")).to_be_visible()
    assert page.evaluate("window.neverReloaded")


def test_days_are_chosen_by_dragging_over_them(visit: Visit, alice: Business) -> None:
    page = open_timeline(visit)

    page.hover(free_day(page, "Flat 2", 2))
    page.mouse.down()
    page.hover(free_day(page, "Flat 2", 4))
    page.hover(free_day(page, "Flat 2", 5))
    expect(page.locator(".chosen")).to_have_count(4)
    page.mouse.up()

    page.wait_for_url("**/stays/book?**")
    expect(page.get_by_label("Unit")).to_have_value(str(alice.flats["Flat 2"].pk))
    expect(page.get_by_label("Arrival")).to_have_value(f"{in_vienna(2)}T15:00")
    expect(page.get_by_label("Departure")).to_have_value(f"{in_vienna(5)}T10:00")


def test_days_are_chosen_by_keyboard(visit: Visit, alice: Business) -> None:
    page = open_timeline(visit)

    page.focus(free_day(page, "Flat 1", 0))
    for key in ("ArrowRight", "ArrowDown", "Shift+ArrowRight", "Shift+ArrowRight", "Enter"):
        page.keyboard.press(key)

    page.wait_for_url("**/stays/book?**")
    expect(page.get_by_label("Unit")).to_have_value(str(alice.flats["Flat 2"].pk))
    expect(page.get_by_label("Arrival")).to_have_value(f"{in_vienna(1)}T15:00")
    expect(page.get_by_label("Departure")).to_have_value(f"{in_vienna(3)}T10:00")
