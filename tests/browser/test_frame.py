"""What surrounds all pages, in a real browser: two businesses at once, an ended session, focus, one press."""

import re
import time
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from access import live
from access.models import Stay
from properties.models import Membership
from properties.roles import Role
from tests.browser.conftest import Visit, Workers
from tests.worlds import PASSWORD, Business

pytestmark = pytest.mark.slow

LONG_ENOUGH = 8.0  # seconds
ALICES, CHARLIES = "/b/harbour-stays", "/b/lindgren-lodging"


def another_window(visit: Visit, path: str) -> Page:
    """A second window of the same browser, with the same session."""
    page = visit.context.new_page()
    page.goto(visit.url + path)
    return page


def test_two_businesses_are_open_side_by_side(
    visit: Visit, alice: Business, charlie: Business, workers: Workers
) -> None:
    Membership.objects.create(organization=charlie.organization, user=alice.owner, role=Role.OWNER)
    hers = alice.book(now=workers.now, guest_name="Ada Byron")
    with visit.page.expect_response(f"**{ALICES}/live"):
        first = visit.open(f"/stays/{hers.pk}")
    second = another_window(visit, f"{ALICES}/")
    second.locator(".business summary").click()
    second.get_by_role("link", name="Lindgren Lodging").click()
    second.wait_for_url(f"**{CHARLIES}/")
    second.get_by_role("link", name="Settings").click()
    second.get_by_label("Name").fill("Lindgren Rooms")
    second.get_by_role("button", name="Save business").click()

    first.get_by_role("button", name="Show code").click()

    expect(first.locator("#code-digits")).to_be_visible()
    expect(first.locator(".business-name")).to_contain_text("Harbour Stays")
    expect(second.locator(".business-name")).to_contain_text("Lindgren Rooms")
    alice.organization.refresh_from_db()
    assert (alice.organization.name, second.url) == ("Harbour Stays", f"{visit.url}{CHARLIES}/settings")


def test_a_session_that_ended_leads_back_to_the_page(visit: Visit, alice: Business, workers: Workers) -> None:
    later = workers.now + timedelta(days=10)  # so the page asks by itself only once a minute
    stay = alice.book(now=workers.now, starts_at=later, ends_at=later + timedelta(days=1))
    with visit.page.expect_response(f"**/stays/{stay.pk}/live"):  # it asks once when the stream begins
        page = visit.open(f"{ALICES}/stays/{stay.pk}")
    Session.objects.all().delete()

    page.get_by_role("button", name="Show code").click()
    page.wait_for_url("**/accounts/login/?next=**")
    page.get_by_label("Email").fill("alice@harbour.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")

    page.wait_for_url(f"**{ALICES}/stays/{stay.pk}")
    expect(page.locator(".toasts")).to_contain_text("nothing was saved")


def test_a_part_that_is_replaced_gives_the_focus_back(
    visit: Visit, alice: Business, workers: Workers
) -> None:
    stay = alice.book(now=workers.now)
    with visit.page.expect_response(f"**{ALICES}/live"):
        page = visit.open(f"{ALICES}/stays/{stay.pk}")
    link = page.locator("#live .door a").nth(1)
    link.focus()
    link.evaluate("one => { one.isOld = true }")

    live.tell(alice.organization.pk, {live.stay_topic(stay.pk)})

    ends = time.monotonic() + LONG_ENOUGH
    while page.evaluate("document.querySelectorAll('#live .door a')[1].isOld"):
        assert time.monotonic() < ends
        page.wait_for_timeout(50)
    expect(page.locator("#live .door a").nth(1)).to_be_focused()


def test_a_form_is_sent_once_however_often_its_button_is_pressed(visit: Visit, alice: Business) -> None:
    page = visit.open(f"{ALICES}/stays/book?unit={alice.flats['Flat 1'].pk}")
    page.get_by_label("Guest", exact=True).fill("Ada Vogel")
    page.get_by_label("Guest's e-mail").fill("ada@guests.example")

    page.get_by_role("button", name="Book stay").dblclick()

    page.wait_for_url(re.compile(r"/stays/\d+$"))
    assert Stay.objects.count() == 1
