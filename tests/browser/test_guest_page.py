"""A guest's page on a telephone: the code after a tap, light and dark, on paper, without scripts."""

import pytest
from playwright.sync_api import expect

from access import guest_links
from access.models import Guest, Stay
from properties import texts
from properties.models import Door, Property, TextKind
from tests import pictures
from tests.browser.conftest import DESK, PHONE, Visit, Windows, Workers
from tests.browser.test_every_page import findings, work_until
from tests.worlds import CODE, Business

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

GROUPED = "38 41 74"


@pytest.fixture
def stay(alice: Business, workers: Workers) -> Stay:
    """A guest of whom the house has something to say, and whose code is on both doors."""
    Property.objects.filter(pk=alice.house.pk).update(address="Hafengasse 1, 1030 Wien")
    alice.flats["Flat 1"].property.refresh_from_db()
    door = Door.objects.get(name="Flat 1", property=alice.house)
    about: dict[texts.Subject, str] = {
        (TextKind.WAY_IN, None): "The blue gate left of the bakery.\nThe key pad is under the lamp.",
        (TextKind.DOOR, door.pk): "Third floor, on the right.",
        (TextKind.HOUSE_RULES, None): "Please be quiet after ten.",
        (TextKind.GOOD_TO_KNOW, None): "The bins are in the yard.",
    }
    texts.write(place=alice.house, language="en", texts=about)
    texts.note_facts(
        place=alice.house, wifi_name="Harbour Guests", wifi_password="sail-away-7", phone="+43 1 234567"
    )
    pictures.put(door, added_by=alice.owner, now=workers.now)
    booked = alice.book(now=workers.now.replace(microsecond=0), code=CODE)
    work_until(workers, lambda: booked.messages.filter(sent_at__isnull=False).exists())
    return booked


def path_of(stay: Stay) -> str:
    link = guest_links.latest(stay)
    assert link is not None
    return f"/g/{guest_links.token(link)}"


@pytest.mark.parametrize("size", [pytest.param(PHONE, id="phone"), pytest.param(DESK, id="desk")])
@pytest.mark.parametrize("dark", [pytest.param(False, id="light"), pytest.param(True, id="dark")])
def test_no_guest_s_page_has_a_finding(
    windows: Windows, stay: Stay, workers: Workers, size: dict[str, int], *, dark: bool
) -> None:
    visit = windows.open(size=size, dark=dark, touch=size is PHONE)
    page = visit.open(path_of(stay))
    found = findings(page, "without the code")

    page.get_by_role("button", name="Show my code").click()
    expect(page.locator("#code")).to_have_text(GROUPED)
    found += findings(page, "with the code")
    guest_links.revoke(stay=stay, revoked_by=None, now=workers.now)
    found += findings(visit.open(path_of(stay)), "closed")
    found += findings(visit.open("/g/nothing"), "unknown")
    visit.wrong[:] = [wrong for wrong in visit.wrong if "responded with a status of 4" not in wrong]

    assert found == []


def test_the_code_is_large_copied_by_a_tap_and_gone_when_one_comes_back(windows: Windows, stay: Stay) -> None:
    visit = windows.open(size=PHONE, touch=True)
    visit.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = visit.open(path_of(stay))
    page.get_by_role("button", name="Show my code").click()
    expect(page.locator("#code")).to_be_focused()

    page.get_by_role("button", name="Copy code").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    code = page.evaluate("navigator.clipboard.readText()")
    page.get_by_role("button", name="Copy password").click()
    expect(page.get_by_role("button", name="Copied").last).to_be_visible()
    password = page.evaluate("navigator.clipboard.readText()")
    height = page.locator("#code").evaluate("one => parseFloat(getComputedStyle(one).fontSize)")
    page.goto(page.url.removesuffix("/code"))

    assert (code, password) == (CODE, "sail-away-7")
    assert height >= 40
    assert GROUPED not in page.content()


def test_a_picture_of_a_door_is_there_once_one_scrolls_to_it(windows: Windows, stay: Stay) -> None:
    page = windows.open(size=PHONE, touch=True).open(path_of(stay))
    picture = page.get_by_role("img", name="A blue door")

    picture.scroll_into_view_if_needed()

    page.wait_for_function("document.querySelector('.pictures img').naturalWidth > 0")
    assert picture.bounding_box() is not None
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_without_scripts_the_page_does_all_but_copying(windows: Windows, stay: Stay) -> None:
    visit = windows.open(size=PHONE, touch=True, scripts=False)
    page = visit.open(path_of(stay))

    page.get_by_role("button", name="Show my code").click()

    expect(page.locator("#code")).to_have_text(GROUPED)
    expect(page.get_by_role("img", name="The camera of another device")).to_be_visible()
    expect(page.get_by_role("button", name="Copy code")).to_be_hidden()
    expect(page.get_by_role("button", name="Print this page")).to_be_hidden()


def test_on_paper_there_is_the_code_and_nothing_to_press(windows: Windows, stay: Stay) -> None:
    page = windows.open().open(path_of(stay))
    page.get_by_role("button", name="Show my code").click()
    expect(page.locator("#code")).to_have_text(GROUPED)

    page.emulate_media(media="print")

    expect(page.locator("#code")).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)
    expect(page.get_by_role("heading", name="House rules")).to_be_visible()


def test_a_hostile_name_is_read_and_nothing_else(windows: Windows, stay: Stay) -> None:
    name = "<img src=x onerror=alert(1)><script>alert(1)</script>"
    Guest.objects.filter(pk=stay.guest_id).update(name=name)
    visit = windows.open(size=PHONE)

    page = visit.open(path_of(stay))

    expect(page.get_by_text(f"Welcome, {name}")).to_be_visible()
    assert page.locator('img:not([src^="/g/"]), main script').count() == 0  # but for the door's own picture


def test_a_host_copies_the_link_and_gives_another_one(visit: Visit, windows: Windows, stay: Stay) -> None:
    visit.context.grant_permissions(["clipboard-read", "clipboard-write"])
    before = path_of(stay)
    page = visit.open(f"/stays/{stay.pk}")
    page.get_by_role("button", name="Show link").click()
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")

    page.get_by_role("link", name="New link").click()
    page.get_by_role("dialog").get_by_role("button", name="Make new link").click()
    expect(page.get_by_role("button", name="Show link")).to_be_visible()

    assert copied.endswith(before)
    assert path_of(stay) != before
    guest = windows.open(size=PHONE)
    expect(guest.open(before).get_by_role("heading", name="This page has ended")).to_be_visible()
    guest.wrong[:] = [wrong for wrong in guest.wrong if "status of 410" not in wrong]
    expect(guest.open(path_of(stay)).get_by_role("button", name="Show my code")).to_be_visible()
