"""Keys and the pages about the API in a real browser, under the policy of the pages."""

import pytest

from properties.models import ApiKey
from tests.browser.conftest import Windows
from tests.worlds import PASSWORD, Business

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


def test_a_key_is_made_and_used_on_the_page_where_the_api_is_tried_out(
    windows: Windows, alice: Business
) -> None:
    host = windows.open()
    host.sign_in(alice.owner)
    page = host.open("/settings/api-keys")
    page.get_by_role("link", name="Make a key").click()
    page.get_by_label("Name").fill("Property system")
    page.get_by_role("button", name="Make key").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    text = page.locator("#new-key").inner_text()

    page.goto(host.url + "/api/docs")
    page.locator(".auth-wrapper button.authorize").first.click()
    page.locator(".auth-container input").fill(text)
    page.locator(".auth-btn-wrapper button.authorize").click()
    page.locator(".auth-btn-wrapper button.btn-done").click()
    page.locator("#operations-Places-get_organization .opblock-summary-control").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()

    page.locator(".live-responses-table").get_by_text("Harbour Stays").wait_for()
    assert ApiKey.objects.get().last_used_at is not None


def test_whoever_is_signed_in_tries_the_api_with_a_key_of_an_hour(windows: Windows, alice: Business) -> None:
    host = windows.open()
    host.sign_in(alice.owner)
    page = host.open("/settings/api-keys")

    page.get_by_role("button", name="Try the API for an hour").click()
    page.locator("#operations-Places-get_organization .opblock-summary-control").click()
    address = page.url
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()

    page.locator(".live-responses-table").get_by_text("Harbour Stays").wait_for()
    assert "key=" not in address
    assert ApiKey.objects.get().scopes == ["read"]


def test_the_reference_is_drawn_without_anything_from_elsewhere(windows: Windows) -> None:
    visit = windows.open()

    page = visit.open("/api/reference")

    page.get_by_role("heading", name="Book a stay").first.wait_for()
    width = page.locator("redoc .menu-content").evaluate("one => getComputedStyle(one).width")
    assert width == "260px"  # its styles are there
    assert visit.wrong == []
