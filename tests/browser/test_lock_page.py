"""A door is opened from its lock's page, which shows that it opened without a reload."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from access import tasks
from nuki_gateway.simulator import Simulator
from tests.browser.conftest import PHONE, Visit, Windows
from tests.conftest import Rings
from tests.worlds import Business

pytestmark = pytest.mark.slow

TASKS: dict[str, Callable[..., Any]] = {
    "access.tasks.open_lock": tasks.open_lock,
    "access.tasks.see_opening": tasks.see_opening,
}
LOG_LAG = 2.5  # seconds until the simulated cloud has the lock's log
SOON = 15_000  # milliseconds


def work(rings: Rings) -> None:
    name, arguments, _ = rings.sent.pop(0)
    TASKS[name](**arguments)


def test_a_door_is_opened_and_the_open_page_says_so(
    visit: Visit, alice: Business, rings: Rings, simulator: Simulator
) -> None:
    lock = alice.locks["Flat 1"]
    page = visit.open(f"/locks/{lock.pk}")

    page.get_by_role("link", name="Open the door").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Open Flat 1 now?")
    dialog.get_by_role("button", name="Open the door").click()
    expect(page.locator("#lock-live")).to_contain_text("We are asking Nuki to open the lock.")
    page.evaluate("window.neverReloaded = true")
    work(rings)
    expect(page.locator("#lock-live")).to_contain_text(
        "The lock has not said yet that it opened.", timeout=SOON
    )
    time.sleep(LOG_LAG)
    work(rings)

    expect(page.locator("#lock-live")).to_contain_text("The lock's log shows that it opened.", timeout=SOON)
    expect(page.locator("#lock-activity")).to_contain_text("over Nuki Web")
    expect(page.locator("#lock-side")).to_contain_text("asked the lock to open")
    assert page.evaluate("window.neverReloaded")
    assert simulator.engine.lock(lock.smartlock_id).device.state.last_action == 3


def test_keeping_it_shut_opens_nothing_and_gives_the_page_back(
    windows: Windows, alice: Business, rings: Rings
) -> None:
    visit = windows.open(size=PHONE, touch=True)
    visit.sign_in(alice.owner)
    page = visit.open(f"/locks/{alice.locks['Flat 1'].pk}")

    page.get_by_role("link", name="Open the door").click()
    page.get_by_role("dialog").get_by_role("link", name="Keep it shut").click()

    expect(page.get_by_role("dialog")).to_be_hidden()
    assert rings.sent == []


def test_without_scripts_a_door_is_opened_by_a_page_of_its_own(
    windows: Windows, alice: Business, rings: Rings
) -> None:
    visit = windows.open(scripts=False)
    visit.sign_in(alice.owner)
    page = visit.open(f"/locks/{alice.locks['Flat 1'].pk}")

    page.get_by_role("link", name="Open the door").click()
    page.get_by_role("button", name="Open the door").click()

    assert page.url == f"{visit.url}/locks/{alice.locks['Flat 1'].pk}"
    assert [name for name, _, _ in rings.sent] == ["access.tasks.open_lock"]
