"""What happens at a door stands on an open page as it happens, without a reload."""

import json
import time

import pytest
import requests
from playwright.sync_api import Page, expect

from access.models import Delivery
from nuki_gateway.simulator import Simulator
from nuki_gateway.webhooks import SIGNATURE_HEADER, signature
from properties.models import NukiAccount
from tests.browser.conftest import Visit, Workers
from tests.worlds import Business, code_of, grant_on

pytestmark = pytest.mark.slow

SECRET = "a-secret-of-the-webhook"
LONG_ENOUGH = 30.0  # seconds for a code to travel
AT_ONCE = 5_000


def nuki_calls(url: str, business: Business, entry: dict[str, object]) -> int:
    """Send one of Nuki's calls to the portal."""
    NukiAccount.objects.filter(pk=business.account.pk).update(webhook_secret=SECRET)
    body = json.dumps({"feature": "DEVICE_LOGS", "smartlockLog": entry}).encode()
    answer = requests.post(
        f"{url}/webhooks/nuki/{business.account.pk}",
        data=body,
        headers={"Content-Type": "application/json", SIGNATURE_HEADER: signature(SECRET, body)},
        timeout=5,
    )
    return answer.status_code


def opened_with_code(business: Business, authorization_id: str, at: str) -> dict[str, object]:
    return {
        "id": "e" * 24,
        "smartlockId": business.locks["Flat 1"].smartlock_id,
        "deviceType": 4,
        "authId": authorization_id,
        "name": "whatever",
        "action": 1,
        "trigger": 255,
        "state": 0,
        "autoUnlock": False,
        "source": 1,
        "date": at,
    }


def mark(page: Page) -> None:
    """Leave something in the page that a reload would take away."""
    page.evaluate("window.neverReloaded = true")


def test_a_guest_who_comes_in_is_seen_on_the_open_page(
    visit: Visit, alice: Business, workers: Workers, simulator: Simulator
) -> None:
    stay = alice.book(now=workers.now, guest_name="Ada Byron")
    ends = time.monotonic() + LONG_ENOUGH
    while not stay.messages.filter(
        sent_at__isnull=False
    ).exists():  # from then on the page asks once a minute
        assert time.monotonic() < ends
        workers.tick()
        time.sleep(0.2)
    with visit.page.expect_response(f"{visit.url}/live"):  # the stream is open
        page = visit.open(f"/stays/{stay.pk}")
    mark(page)
    assert simulator.type_code(alice.locks["Flat 1"].smartlock_id, code_of(stay)).opened

    entry = opened_with_code(alice, grant_on(stay, "Flat 1").authorization_id, workers.now.isoformat())
    status = nuki_calls(visit.url, alice, entry)
    assert Delivery.objects.filter(taken_in_at=None).count() == 1
    workers.take_in(alice.account.pk)

    assert status == 204
    expect(page.locator("#live")).to_contain_text("Ada Byron opened Flat 1", timeout=AT_ONCE)
    assert page.evaluate("window.neverReloaded")
