"""What a newcomer does after `make demo`, in a real browser against the real processes."""

import time
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.the_demo import BERLIN, SIGN_IN, Demo, code_in, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.xdist_group("demo")]

GUEST = "journey@guests.example"
SECONDS_TO_CLOSED = 120  # an empty lock proves an absence by its own date only, which waits for a minute
SECONDS_TO_SEEN = 10  # the simulator's log takes two seconds of it to reach the cloud
SECONDS_TO_READY = 30  # the simulator takes two operations of 1.5 s and lags of up to 2 s of it


def test_a_stay_booked_for_now_opens_its_doors_and_no_other_until_it_is_cancelled(
    demo: Demo, page: Page
) -> None:
    urls = demo.urls
    sign_in(page, urls["keyturn"])
    book_flat_1_for_now(page, urls["keyturn"])

    began = time.monotonic()
    expect(page.locator("#live").get_by_text("code is on both doors")).to_be_visible(
        timeout=SECONDS_TO_READY * 1000
    )
    seconds = time.monotonic() - began
    print(f"from booking to confirmed: {seconds:.1f} s")  # noqa: T201  the README quotes this figure
    letter = wait_until("the message is in the inbox", lambda: demo.mail_to(GUEST), seconds=15)[0]
    code = code_in(letter)

    doors = ("Harbour front door", "Flat 1", "Flat 2", "Flat 3", "Annexe gate", "Studio")
    assert [demo.type_code(door, code) for door in doors] == [True, True, False, False, False, False]
    for door in ("Front door", "Flat 1"):
        expect(page.locator("#live").get_by_text(f"Jo Urney opened {door}")).to_be_visible(
            timeout=SECONDS_TO_SEEN * 1000
        )
    assert letter["attachments"] == ["stay.ics"]
    assert type_at_keypad(page, urls["simulator"], "Flat 1", code) == "Open"

    cancel(page)
    expect(page.locator("#history").get_by_text("Cancelled by Alice Hafner")).to_be_visible()
    wait_until(
        "the code opens nothing",
        lambda: not any(demo.type_code(door, code) for door in doors[:2]),
        seconds=30,
    )
    expect(page.locator("#live").get_by_text("The code is off every door.")).to_be_visible(
        timeout=SECONDS_TO_CLOSED * 1000
    )
    assert not any(entry["code"] == code for lock in demo.doors().values() for entry in lock["on_the_lock"])


def sign_in(page: Page, base: str) -> None:
    page.goto(base)
    page.get_by_label("Email").fill(SIGN_IN["login"])
    page.get_by_label("Password").fill(SIGN_IN["password"])
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Today", level=1)).to_be_visible()


def book_flat_1_for_now(page: Page, base: str) -> None:
    now = datetime.now(BERLIN)
    page.goto(f"{base}/stays/book")
    page.get_by_label("Unit").select_option(label="Harbour House · Flat 1")
    page.get_by_label("Arrival").fill(f"{now:%Y-%m-%dT%H:%M}")
    page.get_by_label("Departure").fill(f"{now + timedelta(days=1):%Y-%m-%dT%H:%M}")
    page.get_by_label("Guest", exact=True).fill("Jo Urney")
    page.get_by_label("Guest's e-mail").fill(GUEST)
    page.get_by_role("button", name="Book stay").click()
    expect(page.get_by_role("heading", name="Jo Urney in Flat 1")).to_be_visible()


def type_at_keypad(page: Page, simulator: str, door: str, code: str) -> str:
    stay_page = page.url
    page.goto(simulator)
    page.get_by_role("button", name=door).click()
    field = page.get_by_label(f"Code for {door}", exact=True)
    field.fill(code)
    field.press("Enter")
    card = page.locator("article, section, li").filter(has=field).last
    said = card.get_by_role("status").first
    expect(said).to_contain_text("Open", timeout=10_000)
    page.goto(stay_page)
    return "Open"


def cancel(page: Page) -> None:
    page.get_by_role("link", name="Cancel stay").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel stay").click()
