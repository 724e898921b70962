"""The board renews itself: what is new appears, the focus stays, and what did not change is left alone."""

import time
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit, Workers
from tests.worlds import Business

pytestmark = pytest.mark.slow

DAY = timedelta(days=1)
LONG_ENOUGH = 30.0  # seconds for codes to travel
SOON = 6_000  # milliseconds


def test_a_booking_appears_on_the_open_board_and_the_focus_stays_where_it_was(
    visit: Visit, alice: Business, workers: Workers
) -> None:
    stay = alice.book(now=workers.now, guest_name="Ada Byron")
    with visit.page.expect_response(f"{visit.url}/b/harbour-stays/live"):  # the stream is open
        page = visit.open("/")
    page.evaluate("window.neverReloaded = true")
    page.locator(f"#stay-{stay.pk}").focus()

    alice.book(now=workers.now, unit="Flat 2", guest_name="Bela Kis")

    expect(page.locator("#today")).to_contain_text("Bela Kis", timeout=SOON)
    expect(page.locator(f"#stay-{stay.pk}")).to_be_focused()
    assert page.evaluate("window.neverReloaded")


def test_the_answer_follows_the_codes_and_is_read_out(
    visit: Visit, alice: Business, workers: Workers
) -> None:
    stay = alice.book(now=workers.now)
    with visit.page.expect_response(f"{visit.url}/b/harbour-stays/live"):
        page = visit.open("/")
    expect(page.locator(".answer")).to_have_text("1 code is on its way.")

    ends = time.monotonic() + LONG_ENOUGH
    while stay.grants.filter(confirmed_at=None).exists():
        assert time.monotonic() < ends
        workers.tick()
        time.sleep(0.2)

    expect(page.locator(".answer")).to_contain_text("gets in.", timeout=SOON)
    expect(page.locator("#announcer")).to_contain_text("gets in.")


def test_a_board_that_did_not_change_is_not_touched(visit: Visit, alice: Business, workers: Workers) -> None:
    far = workers.now.replace(microsecond=0) + 300 * DAY
    alice.book(now=workers.now, starts_at=far, ends_at=far + DAY)
    with visit.page.expect_response(lambda answer: "/today/live" in answer.url) as first:
        page = visit.open("/")  # it asks once when the stream begins
    page.evaluate("document.getElementById('today').isTheSame = true")

    with page.expect_response(lambda answer: "/today/live" in answer.url) as second:
        page.evaluate("window.htmx.trigger('#today', 'live')")

    assert [first.value.status, second.value.status] == [204, 204]
    assert page.evaluate("document.getElementById('today').isTheSame")


def test_an_answer_that_does_not_come_is_said_until_one_comes(visit: Visit, alice: Business) -> None:
    with visit.page.expect_response(lambda answer: "/today/live" in answer.url):
        page = visit.open(f"/b/{alice.organization.slug}/")
    ask = "window.htmx.trigger('#today', 'live')"
    notice = page.locator(".toasts").get_by_text("Keyturn does not answer.")
    expect(notice).to_have_count(0)

    page.route("**/today/live*", lambda route: route.abort())
    page.evaluate(ask)
    expect(notice).to_be_visible()
    page.evaluate(ask)
    expect(notice).to_have_count(1)
    page.unroute("**/today/live*")
    page.route("**/today/live*", lambda route: route.fulfill(status=503))
    page.evaluate(ask)
    expect(notice).to_have_count(1)
    page.unroute("**/today/live*")
    page.evaluate(ask)

    expect(notice).to_have_count(0)
    assert {line.partition(":")[0] for line in visit.wrong} == {"error"}  # the browser says each of the three
    visit.wrong.clear()
