"""What a browser loads for a page, as an installation serves it: little, packed, and kept for years."""

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings as django_settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.test import Client
from pytest_django.fixtures import Settings

from access.models import Stay
from properties.models import User
from tests.worlds import Business

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240), pytest.mark.django_db(transaction=True)]

HEAVIEST = 150_000  # bytes over the wire, at the first visit
MOST_SCRIPT = 40_000
HOME = "/b/harbour-stays"
PARTS = re.compile(r'<(?:script|link)\b[^>]*?\b(?:src|href)="(/[^"]+)"')
FINGERPRINTED = re.compile(r"/static/.+\.[0-9a-f]{12}\.\w+")
FOR_YEARS = "max-age=315360000, public, immutable"  # whitenoise says ten years


@dataclass(frozen=True)
class Answer:
    """What came over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def weight(self) -> int:
        """Bytes, with the headers."""
        return len(self.body) + sum(len(name) + len(value) + 4 for name, value in self.headers.items())

    @property
    def text(self) -> str:
        packed = self.headers.get("Content-Encoding") == "gzip"
        return (gzip.decompress(self.body) if packed else self.body).decode()


class Site:
    """The web server's entry, with files as `collectstatic` leaves them."""

    def __init__(self, visitor: User) -> None:
        self._application: Any = get_wsgi_application()
        browser = Client()
        browser.force_login(visitor)
        self._cookie = f"sessionid={browser.cookies[django_settings.SESSION_COOKIE_NAME].value}"

    def get(self, path: str, *, signed_in: bool = True, method: str = "GET", **more: str) -> Answer:
        """Ask as a browser does."""
        heard: list[tuple[int, dict[str, str]]] = []

        def start_response(status: str, told: list[tuple[str, str]], *_: Any) -> None:
            heard.append((int(status.split(maxsplit=1)[0]), dict(told)))

        page, _, query = path.partition("?")
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": page,
            "QUERY_STRING": query,
            "SERVER_NAME": "testserver",
            "SERVER_PORT": "80",
            "HTTP_ACCEPT": "text/html",
            "HTTP_ACCEPT_ENCODING": "gzip, deflate, br",
            "HTTP_COOKIE": self._cookie if signed_in else "",
            "wsgi.input": BytesIO(),
            "wsgi.url_scheme": "http",
            **more,
        }
        answer = self._application(environ, start_response)
        body = b"".join(answer)
        close = getattr(answer, "close", None)
        if close is not None:
            close()
        return Answer(*heard[0], body)


@pytest.fixture
def collected(settings: Settings, tmp_path: Path) -> None:
    """Files as an installation has them."""
    settings.STATIC_ROOT = tmp_path
    settings.WHITENOISE_USE_FINDERS = False
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
    call_command("collectstatic", interactive=False, verbosity=0)


@pytest.fixture
def site(alice: Business, collected: None) -> Iterator[Site]:  # noqa: ARG001
    """A season of stays: a full board, a full timeline, a long list of everything."""
    now = alice.simulator.clock.now()
    for number in range(100):
        starts_at = now + timedelta(days=number // 2)
        alice.book(
            now=now,
            unit=("Flat 1", "Flat 2")[number % 2],
            guest_name=f"Maximiliane Schwarzenberg-Hohenlohe {number}",
            starts_at=starts_at,
            ends_at=starts_at + timedelta(days=1),
        )
    with time_machine.travel(now, tick=False):
        yield Site(alice.owner)


def loaded(site: Site, path: str) -> dict[str, Answer]:
    """The page and everything that it makes a browser ask for."""
    page = site.get(path)
    assert page.status == HTTPStatus.OK, path
    parts = sorted(set(PARTS.findall(page.text)))
    return {path: page, **{part: site.get(part, signed_in=False) for part in parts}}


def test_no_page_weighs_much_and_everything_but_the_page_is_kept(site: Site, alice: Business) -> None:
    stay = Stay.objects.filter(unit=alice.flats["Flat 1"]).earliest("pk").pk
    paths = ["/", "/timeline", "/stays/all", "/doors", f"/stays/{stay}", "/guests", "/activity"]

    weights = {}
    for path in paths:
        parts = loaded(site, HOME + path)
        weights[path] = (
            sum(answer.weight for answer in parts.values()),
            sum(answer.weight for name, answer in parts.items() if name.endswith(".js")),
        )
        files = {name: answer for name, answer in parts.items() if name.startswith("/static/")}
        assert len(files) >= 4
        assert [name for name in files if not FINGERPRINTED.fullmatch(name)] == []
        assert {answer.headers["Cache-Control"] for answer in files.values()} == {FOR_YEARS}
        as_they_are = [name for name, answer in files.items() if "Content-Encoding" not in answer.headers]
        assert [name for name in as_they_are if not name.endswith(".png")] == []  # which is packed by itself
        assert parts[HOME + path].headers["Content-Encoding"] == "gzip"

    assert {path: whole for path, (whole, _) in weights.items() if whole > HEAVIEST} == {}
    assert {path: script for path, (_, script) in weights.items() if script > MOST_SCRIPT} == {}
