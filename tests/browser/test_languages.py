"""Pages in German on a phone: nothing scrolls aside. And times, read where clocks show others."""

import pytest

from properties import reading
from tests.browser.conftest import DESK, PHONE, Windows
from tests.browser.test_every_page import Full, full  # noqa: F401  a fixture

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


def test_german_fits_a_phone(windows: Windows, full: Full) -> None:  # noqa: F811  the fixture
    reading.choose(user=full.business.owner, language="de")
    visit = windows.open(size=PHONE, touch=True)
    visit.sign_in(full.business.owner)

    wide = []
    for name, path in full.paths.items():
        page = visit.open(path)
        assert page.evaluate("document.documentElement.lang") == "de", name
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            wide.append(name)

    assert wide == []


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        pytest.param("Europe/Berlin", 0, id="the same clock by another name"),
        pytest.param("America/New_York", 1, id="another clock"),
    ],
)
def test_a_zone_is_named_where_clocks_differ(
    windows: Windows,
    full: Full,  # noqa: F811  the fixture
    zone: str,
    said: int,
) -> None:
    visit = windows.open(size=DESK, zone=zone)
    visit.sign_in(full.business.owner)

    page = visit.open(full.paths["ready"])

    assert page.locator(".period .zone").count() == said
