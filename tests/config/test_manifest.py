"""What a telephone needs to put Keyturn on its home screen."""

from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from tests.visitors import check_page

pytestmark = pytest.mark.django_db


def test_every_page_names_the_manifest_and_its_colours() -> None:
    page = Client().get("/accounts/login/")

    text = page.content.decode()
    assert '<link rel="manifest" href="/manifest.webmanifest">' in text
    assert text.count('name="theme-color"') == 2
    touch_icon = Path(str(finders.find("keyturn/touch-icon.png"))).read_bytes()
    assert '<link rel="apple-touch-icon" href="/static/keyturn/touch-icon.png">' in text
    assert touch_icon[:8] == b"\x89PNG\r\n\x1a\n"
    assert [int.from_bytes(touch_icon[at : at + 4]) for at in (16, 20)] == [180, 180]  # what iPhones ask for
    check_page(page)


@pytest.mark.parametrize("path", ["/manifest.webmanifest", "/b/harbour-stays/manifest.webmanifest"])
def test_the_manifest_is_for_everybody_and_its_icons_are_there(path: str) -> None:
    answer = Client().get(path)

    said = answer.json()
    assert answer.headers["Content-Type"] == "application/manifest+json"
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert "Set-Cookie" not in answer.headers
    assert (said["start_url"], said["scope"], said["display"]) == ("/", "/", "standalone")
    files = [finders.find(icon["src"].removeprefix("/static/")) for icon in said["icons"]]
    assert [Path(str(file)).read_text(encoding="utf-8")[:4] for file in files] == ["<svg", "<svg"]
    assert {icon["purpose"] for icon in said["icons"]} == {"any", "maskable"}
