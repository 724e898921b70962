"""From signing up to the first stay with its code on the doors: on a telephone, in under five minutes."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from playwright.sync_api import Page, expect
from pytest_django.fixtures import Settings

from access.models import Stay
from nuki_gateway.simulator import Simulator
from properties import tenancy
from properties.models import Organization
from tests.browser.conftest import PHONE, Windows, Workers
from tests.browser.test_every_page import findings
from tests.worlds import PASSWORD, code_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

LONG_ENOUGH = 30.0  # seconds for a code to travel
FIVE_MINUTES = 300.0  # seconds
TOKEN = "nora-token"
LOCKS = (("Front door", "keypad2"), ("Flat 1", "keypad"), ("Shed", None))


@dataclass
class Walk:
    """Nora with her telephone, and what is wrong with the pages that she comes by."""

    page: Page
    workers: Workers
    found: list[str] = field(default_factory=list)

    def at(self, heading: str, act: Callable[[], object]) -> None:
        """Look at the page of this heading, and go on."""
        expect(self.page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
        self.found += findings(self.page, heading)
        act()

    def wait_for(self, sentence: str) -> None:
        """Do what is due until the page, which looks by itself, says the sentence."""
        ends = time.monotonic() + LONG_ENOUGH
        while time.monotonic() < ends:
            self.workers.tick()
            if self.page.locator(".answer").inner_text().strip() == sentence:
                return
            self.page.wait_for_timeout(300)
        raise AssertionError(self.page.locator("main").inner_text())

    def sign_up(self) -> None:
        """Make an account, prove the address, name the business."""
        page = self.page
        page.get_by_role("link", name="Create an account").tap()
        page.get_by_label("Your name").fill("Nora Lind")
        page.get_by_label("Email").fill("nora@newcomer.example")
        page.get_by_label("Password").fill(PASSWORD)
        self.at("Create an account", page.get_by_role("button", name="Create account").tap)
        expect(page.get_by_role("heading", name="Type the code")).to_be_visible()
        page.get_by_label("Code").fill(str(mail.outbox[-1].subject)[:6])
        self.at("Type the code", page.get_by_role("button", name="Confirm address").tap)
        page.get_by_label("Name of the business").fill("Lind Rooms")
        self.at("Name your business", page.get_by_role("button", name="Create business").tap)

    def put_locks_on_doors(self) -> None:
        """Connect Nuki, see the locks, and take the form as it is preset."""
        page = self.page
        self.at("Getting started", page.get_by_role("main").get_by_role("link", name="Connect Nuki").tap)
        page.get_by_label("API token").fill(TOKEN)
        page.get_by_role("button", name="Connect account").tap()
        expect(page.locator(".answer")).to_have_text("1 lock lacks something.")
        self.at("Your locks", page.get_by_role("link", name="Put locks on doors").tap)
        doors = page.get_by_role("button", name="Put locks on doors")
        self.at("Which door is each lock on?", doors.tap)
        expect(page.get_by_text("3 of 5 steps are done.")).to_be_visible()

    def try_a_door(self) -> None:
        """Put a code on a door for oneself, and end it again."""
        page = self.page
        self.at("Getting started", page.get_by_role("link", name="Try a door").tap)
        self.at("Try a door", page.get_by_role("button", name="Put a test code on it").tap)
        self.wait_for("Test's code is on both doors.")
        page.get_by_role("button", name="Show code").tap()
        expect(page.locator("#code-digits")).to_be_visible()
        self.at("Test in Flat 1", page.get_by_role("button", name="End test").tap)

    def book(self) -> None:
        """Book the first stay, which begins now."""
        page, now = self.page, datetime.now(UTC)
        page.get_by_role("main").get_by_role("link", name="Book stay").tap()
        page.get_by_label("Unit").select_option("Lind Rooms · Flat 1")
        page.get_by_label("Arrival").fill(f"{now:%Y-%m-%dT%H:%M}")
        page.get_by_label("Departure").fill(f"{now + timedelta(days=2):%Y-%m-%dT%H:%M}")
        page.get_by_label("Guest", exact=True).fill("Ada Vogel")
        page.get_by_label("Guest's e-mail").fill("ada@guests.example")
        page.get_by_role("button", name="Book stay").tap()
        self.wait_for("Ada Vogel's code is on both doors.")


def test_a_newcomer_gets_from_signing_up_to_the_first_code_in_under_five_minutes(
    windows: Windows, simulator: Simulator, workers: Workers, settings: Settings
) -> None:
    settings.SIGN_UP = "open"
    at_nuki = simulator.add_account(name="Lind Rooms", token=TOKEN)
    locks = {
        name: simulator.add_lock(at_nuki, name=name, device_type=4, keypad=keypad).smartlock_id
        for name, keypad in LOCKS
    }
    visit = windows.open(size=PHONE, touch=True)
    began = time.monotonic()

    nora = Walk(visit.open("/accounts/login/"), workers)
    nora.sign_up()
    nora.put_locks_on_doors()
    nora.try_a_door()
    nora.book()
    seconds = time.monotonic() - began

    with tenancy.within(Organization.objects.get()):
        code = code_of(Stay.objects.get(guest__name="Ada Vogel"))
    opened = [simulator.type_code(locks[name], code).opened for name in ("Front door", "Flat 1")]
    assert opened == [True, True]
    assert seconds < FIVE_MINUTES
    assert nora.found == []
