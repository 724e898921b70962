"""A guest before a door that does not open, with a telephone: what is wrong, and a way to open it."""

import time

import pytest
from playwright.sync_api import Page, Response, expect

from access import tasks
from access.log_entries import ActivityKind
from access.models import Activity, AuditEntry, AuditKind, Stay
from properties.models import Door, GuestsOpen
from tests.browser.conftest import PHONE, Visit, Windows, Workers
from tests.browser.test_every_page import findings, work_until
from tests.browser.test_guest_page import path_of
from tests.conftest import Rings
from tests.worlds import CODE, Business

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

FLAT, WRONG = "Flat 1", "999999"
HEAVIEST = 60_000  # bytes of the page with all its parts
HELD = 1_300  # milliseconds


@pytest.fixture
def stay(alice: Business, workers: Workers) -> Stay:
    """A guest in the house, who may open the flat's door from the page."""
    Door.objects.filter(name=FLAT).update(guests_open=GuestsOpen.YES)
    booked = alice.book(now=workers.now.replace(microsecond=0), code=CODE)
    work_until(workers, lambda: booked.messages.filter(sent_at__isnull=False).exists())
    return booked


def was_seen(alice: Business, workers: Workers) -> bool:
    """Whether the lock's log has come to us."""
    alice.read_log(now=workers.now)
    return Activity.objects.filter(kind=ActivityKind.CODE_REFUSED).exists()


def openings() -> int:
    return AuditEntry.objects.filter(kind=AuditKind.OPENING_ASKED).count()


def work(alice: Business, workers: Workers, rings: Rings, page: Page, headline: str) -> None:
    """Have the lock asked and its log read, until the page, which looks by itself, says so."""
    ends = time.monotonic() + 20
    while time.monotonic() < ends and not page.get_by_role("heading", name=headline).count():
        for name, arguments, _ in [rings.sent.pop(0) for _ in list(rings.sent)]:
            if name == "access.tasks.open_lock":
                tasks.open_lock(**arguments)
        alice.read_log(now=workers.now)
        page.wait_for_timeout(300)
    expect(page.get_by_role("heading", name=headline)).to_be_visible()


def hold(page: Page) -> None:
    """Press the button for as long as it takes."""
    button = page.get_by_role("link", name=f"Hold to open ({FLAT})")
    button.scroll_into_view_if_needed()
    button.hover()
    page.mouse.down()
    page.wait_for_timeout(HELD)
    page.mouse.up()


def test_a_guest_finds_out_what_is_wrong_and_opens_the_door_and_the_host_sees_it(
    windows: Windows, visit: Visit, alice: Business, stay: Stay, workers: Workers, rings: Rings
) -> None:
    alice.opens(FLAT, WRONG)
    work_until(workers, lambda: was_seen(alice, workers))
    phone = windows.open(size=PHONE, touch=True)
    weights: list[int] = []

    def weigh(answer: Response) -> None:
        weights.append(len(answer.body()))

    phone.page.on("response", weigh)
    page = phone.open(path_of(stay))
    page.wait_for_load_state("networkidle")
    phone.page.remove_listener("response", weigh)

    page.get_by_role("button", name=f"My code does not work ({FLAT})").click()
    expect(page.get_by_role("heading", name="The last code was not right.")).to_be_visible()
    found = findings(page, "what is wrong")
    page.get_by_role("link", name=f"Hold to open ({FLAT})").click()
    asked_by_a_tap = openings()
    hold(page)
    expect(page.get_by_role("heading", name="Opening…")).to_be_visible()
    work(alice, workers, rings, page, "The door is open.")

    assert len(weights) >= 4
    assert sum(weights) <= HEAVIEST
    assert found + findings(page, "the door is open") == []
    assert (asked_by_a_tap, openings()) == (0, 1)
    host = visit.open(f"/stays/{stay.pk}")
    expect(host.get_by_text("Ada Vogel opened Flat 1")).to_be_visible()
    expect(host.get_by_text("from the guest's page", exact=True)).to_be_visible()
    expect(host.get_by_text("The guest asked for help at Flat 1.")).to_be_visible()
    expect(host.get_by_text("Got in")).to_be_visible()


def test_the_button_is_held_by_the_keyboard_too(windows: Windows, stay: Stay) -> None:
    page = windows.open(size=PHONE).open(path_of(stay))
    page.get_by_role("link", name=f"Hold to open ({FLAT})").focus()

    page.keyboard.press("Enter")
    pressed = openings()
    page.keyboard.down("Enter")
    page.wait_for_timeout(HELD)
    expect(page.get_by_role("heading", name="Opening…")).to_be_visible()

    assert (pressed, openings()) == (0, 1)


def test_without_scripts_the_door_is_opened_in_two_steps(windows: Windows, stay: Stay) -> None:
    page = windows.open(size=PHONE, touch=True, scripts=False).open(path_of(stay))

    page.get_by_role("link", name=f"Open the door ({FLAT})").click()
    before = openings()
    page.get_by_role("button", name="Open the door").click()

    expect(page.get_by_role("heading", name="Opening…")).to_be_visible()
    assert (before, openings()) == (0, 1)
