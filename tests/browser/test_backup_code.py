"""A guest at night, with a telephone, before doors that no code of theirs opens."""

import pytest
from playwright.sync_api import expect

from access import spares
from access.log_entries import ActivityKind
from access.models import Activity, Grant, Stay
from nuki_gateway.simulator import Simulator
from properties.models import Property
from tests.browser.conftest import PHONE, Windows, Workers
from tests.browser.test_every_page import findings, work_until
from tests.browser.test_guest_page import path_of
from tests.worlds import CODE, Business, grant_on

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

FLAT = "Flat 1"


@pytest.fixture
def stay(alice: Business, workers: Workers, simulator: Simulator) -> Stay:
    """A guest who was told a code that somebody then deletes at the flat, where a backup code is."""
    Property.objects.update(backup_codes=1)
    spares.stock(door=alice.doors[FLAT], now=workers.now)
    booked = alice.book(now=workers.now.replace(microsecond=0), code=CODE)
    work_until(workers, lambda: booked.messages.filter(sent_at__isnull=False).exists())
    work_until(workers, lambda: not Grant.objects.filter(confirmed_at=None).exists())
    simulator.in_the_app(alice.locks[FLAT].smartlock_id).delete(grant_on(booked, FLAT).label)
    return booked


def was_seen(alice: Business, workers: Workers) -> bool:
    """Whether the lock's log has come to us."""
    alice.read_log(now=workers.now)
    return Activity.objects.filter(kind=ActivityKind.CODE_REFUSED).exists()


def test_a_guest_whose_code_the_lock_has_lost_opens_it_with_a_backup_code(
    windows: Windows, alice: Business, stay: Stay, workers: Workers
) -> None:
    opened_before = alice.opens(FLAT, CODE)
    work_until(workers, lambda: was_seen(alice, workers))
    phone = windows.open(size=PHONE, touch=True)
    page = phone.open(path_of(stay))

    page.get_by_role("button", name=f"My code does not work ({FLAT})").click()
    found = findings(page, "what is wrong")
    page.get_by_role("button", name="Get a backup code").click()
    expect(page.get_by_role("heading", name="Your backup code for this door")).to_be_visible()
    digits = page.locator("#code").inner_text().replace(" ", "")

    assert found + findings(page, "the backup code") == []
    assert not opened_before
    assert alice.opens(FLAT, digits)
