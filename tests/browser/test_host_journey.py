"""What a host does on a day, in a real browser: by keyboard, by touch, and without JavaScript."""

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from access.models import AuditEntry, AuditKind, Stay
from tests.browser.conftest import PHONE, Visit, Windows, Workers
from tests.worlds import PASSWORD, ZONE, Business, code_of

pytestmark = pytest.mark.slow

LONG_ENOUGH = 30.0  # seconds for a code to travel
FOCUSED = """() => {
    const one = document.activeElement;
    return one === document.body ? "" : one.labels?.[0]?.innerText || one.innerText || "";
}"""


def typed(moment: datetime) -> str:
    """A wall-clock time as the browser's field is typed: month, day, year, hour, minute, half of the day."""
    return f"{moment:%m%d%Y%I%M%p}"


def in_vienna(hours: float) -> datetime:
    return (datetime.now(UTC) + timedelta(hours=hours)).astimezone(ZoneInfo(ZONE))


def work_until(workers: Workers, page: Page, sentence: str) -> None:
    """Do what is due until the page, which looks by itself, says the sentence."""
    ends = time.monotonic() + LONG_ENOUGH
    while time.monotonic() < ends:
        workers.tick()
        if page.locator(".answer").inner_text().strip() == sentence:
            return
        page.wait_for_timeout(300)
    raise AssertionError(page.locator("main").inner_text())


def sign_in(visit: Visit) -> Page:
    page = visit.open("/")
    page.get_by_label("Email").fill("alice@harbour.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{visit.url}/b/harbour-stays/")
    return page


def tab_to(page: Page, name: str) -> None:
    """Go on with the tabulator until the focus is on what has this name; it must be seen that it is."""
    for _ in range(40):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        if name in " ".join(focused.split()):
            outline = page.evaluate(
                "[getComputedStyle(document.activeElement).outlineStyle,"
                " getComputedStyle(document.activeElement, '::after').outlineStyle]"
            )
            assert "solid" in outline, f"the focus on {name} is not seen: {outline}"
            return
    raise AssertionError(f"The tabulator does not reach {name}.")


def test_a_host_books_reveals_changes_and_cancels_with_the_keyboard_alone(  # noqa: PLR0915  one day
    windows: Windows, alice: Business, workers: Workers
) -> None:
    page = sign_in(windows.open())
    expect(page.locator(".answer")).to_have_text("Nobody arrives today or in the two days after.")

    tab_to(page, "Book stay")
    page.keyboard.press("Enter")
    page.wait_for_url("**/stays/book")
    tab_to(page, "Unit")
    for _ in ("House · Attic", "House · Cellar", "House · Flat 1"):
        page.keyboard.press("ArrowDown")
    tab_to(page, "Arrival")
    page.keyboard.type(typed(in_vienna(-1)))
    tab_to(page, "Departure")
    page.keyboard.type(typed(in_vienna(30)))
    tab_to(page, "Guest")
    page.keyboard.type("Ada Vogel")
    tab_to(page, "Guest's e-mail")
    page.keyboard.type("ada@guests.example")
    page.keyboard.press("Enter")

    expect(page.locator(".answer")).to_have_text("Ada Vogel's code is on its way to Front door and Flat 1.")
    expect(page.locator(".ladder [aria-current=step]")).to_contain_text(["Planned", "Planned"])
    workers.tick()
    expect(page.locator(".ladder [aria-current=step]")).to_contain_text(
        ["Accepted by Nuki", "Accepted by Nuki"]
    )
    work_until(workers, page, "Ada Vogel's code is on both doors.")
    expect(page.locator(".ladder [aria-current=step]")).to_contain_text(["Confirmed", "Confirmed"])
    expect(page.locator("#announcer")).to_have_text("Ada Vogel's code is on both doors.")
    stay = Stay.objects.get()
    code = code_of(stay)
    assert code not in page.content()
    assert [alice.opens(door, code) for door in ("Front door", "Flat 1", "Flat 2")] == [True, True, False]

    tab_to(page, "Show code")
    page.keyboard.press("Enter")
    expect(page.locator("#code-digits")).to_be_focused()
    assert page.locator("#code-digits").inner_text() == f"{code[:2]} {code[2:4]} {code[4:]}"
    assert AuditEntry.objects.filter(kind=AuditKind.CODE_REVEALED, by=alice.owner).count() == 1

    tab_to(page, "Change stay")
    page.keyboard.press("Enter")
    page.wait_for_url("**/change")
    tab_to(page, "Departure")
    later = in_vienna(54)
    page.keyboard.type(typed(later))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="What changes")).to_be_visible()
    tab_to(page, "Change stay")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/stays/{stay.pk}")
    expect(page.locator(".answer")).to_have_text("Ada Vogel's code is on its way to Front door and Flat 1.")
    stay.refresh_from_db()
    assert stay.ends_at == later.replace(second=0, microsecond=0).astimezone(UTC)
    work_until(workers, page, "Ada Vogel's code is on both doors.")

    tab_to(page, "Cancel stay")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Cancel the stay of Ada Vogel?")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert Stay.objects.get().cancelled_at is None
    expect(page.get_by_role("link", name="Cancel stay")).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    tab_to(page, "Cancel stay")
    page.keyboard.press("Enter")

    expect(page.locator(".answer")).to_have_text("The code is being taken off Front door and Flat 1.")
    assert Stay.objects.get().cancelled_at is not None


def test_a_host_in_a_stairwell_books_reveals_changes_and_cancels_by_touch(
    windows: Windows, alice: Business, workers: Workers
) -> None:
    visit = windows.open(size=PHONE, touch=True)
    visit.sign_in(alice.owner)
    page = visit.open("/")

    page.get_by_role("link", name="Book stay").tap()
    page.get_by_label("Unit").select_option("House · Flat 2")
    page.get_by_label("Arrival").fill(f"{in_vienna(-1):%Y-%m-%dT%H:%M}")
    page.get_by_label("Departure").fill(f"{in_vienna(30):%Y-%m-%dT%H:%M}")
    page.get_by_label("Guest", exact=True).fill("Bela Kis")
    page.get_by_label("Guest's e-mail").fill("bela@guests.example")
    page.get_by_role("button", name="Book stay").tap()
    work_until(workers, page, "Bela Kis's code is on both doors.")
    page.get_by_role("button", name="Show code").tap()
    code = page.locator("#code-digits").inner_text().replace(" ", "")
    page.get_by_role("link", name="Change stay").tap()
    page.get_by_label("Departure").fill(f"{in_vienna(6):%Y-%m-%dT%H:%M}")
    page.get_by_role("button", name="See what changes").tap()
    page.get_by_role("button", name="Change stay").tap()
    work_until(workers, page, "Bela Kis's code is on both doors.")
    page.get_by_role("link", name="Cancel stay").tap()
    page.get_by_role("dialog").get_by_role("button", name="Cancel stay").tap()

    expect(page.locator(".answer")).to_have_text("The code is being taken off Front door and Flat 2.")
    assert len(code) == 6
    assert Stay.objects.get().cancelled_at is not None


def test_everything_works_without_javascript(windows: Windows, alice: Business, workers: Workers) -> None:
    visit = windows.open(scripts=False)
    visit.sign_in(alice.owner)
    page = visit.open("/stays/book")

    page.get_by_label("Unit").select_option("House · Flat 1")
    page.get_by_label("Arrival").fill(f"{in_vienna(-1):%Y-%m-%dT%H:%M}")
    page.get_by_label("Guest", exact=True).fill("Ada Vogel")
    page.get_by_label("Guest's e-mail").fill("ada@guests.example")
    page.get_by_role("button", name="Book stay").click()
    workers.tick()
    page.reload()
    accepted = page.locator(".ladder [aria-current=step]").all_inner_texts()
    page.get_by_role("button", name="Show code").click()
    shown = page.locator("#code-digits").inner_text()
    copying = page.get_by_role("button", name="Copy code").count()
    page.get_by_role("link", name="Cancel stay").click()
    page.get_by_role("button", name="Cancel stay").click()

    stay = Stay.objects.get()
    assert [rung.split("\n")[0] for rung in accepted] == ["Accepted by Nuki", "Accepted by Nuki"]
    assert shown.replace(" ", "") == stay.grants.first().code  # type: ignore[union-attr]  # it has two
    assert copying == 0
    assert stay.cancelled_at is not None
    assert page.locator(".answer").inner_text() == "The code is being taken off Front door and Flat 1."


def test_a_mistake_in_the_form_takes_the_focus_to_its_field(visit: Visit) -> None:
    page = visit.open("/stays/book")

    page.get_by_label("Guest", exact=True).fill("Ada Vogel")
    page.get_by_role("button", name="Book stay").click()

    expect(page.get_by_label("Unit")).to_be_focused()
    expect(page.get_by_label("Unit")).to_have_accessible_description("This field is required.")
    expect(page.get_by_label("Guest", exact=True)).to_have_value("Ada Vogel")
    assert Stay.objects.count() == 0


def test_a_session_that_ended_while_the_page_was_open_leads_to_signing_in(
    visit: Visit, alice: Business
) -> None:
    stay = alice.book(now=datetime.now(UTC))
    page = visit.open(f"/stays/{stay.pk}")

    visit.context.clear_cookies()

    page.wait_for_url("**/accounts/login/?next=**")
    expect(page.get_by_label("Password")).to_be_visible()
