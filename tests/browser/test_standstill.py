"""The notice of a standstill as people see it: nothing for axe to find, on a phone and at a desk."""

from datetime import timedelta

import pytest

from properties import heartbeat
from tests.browser.conftest import DESK, PHONE, Windows, Workers
from tests.browser.test_every_page import findings
from tests.worlds import Business

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


@pytest.mark.parametrize("size", [pytest.param(PHONE, id="phone"), pytest.param(DESK, id="desk")])
@pytest.mark.parametrize("dark", [pytest.param(False, id="light"), pytest.param(True, id="dark")])
def test_the_notice_stands_on_the_page_without_a_finding(
    windows: Windows, alice: Business, workers: Workers, size: dict[str, int], *, dark: bool
) -> None:
    heartbeat.note(work_waits_since=None, now=workers.now - timedelta(minutes=12))
    visit = windows.open(size=size, dark=dark, touch=size is PHONE)
    visit.sign_in(alice.owner)

    page = visit.open("/properties")

    assert page.locator(".standstill").is_visible()
    assert findings(page, "standstill") == []
