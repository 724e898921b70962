"""A real browser at a real server, in real time: the simulator and the workers run by the wall clock."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from nuki_gateway.simulator import Simulator, Timings, TurnedClock, WallClock
from properties.models import User
from tests.timeline import Timeline
from tests.worlds import MONDAY_NOON, Business

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
QUICK = Timings(operation_seconds=0.3, lag_shortest_seconds=0.1, lag_longest_seconds=0.2, sync_seconds=0.3)
PATIENCE = 8_000  # milliseconds that a page may take on a busy machine
LOCAL = {"127.0.0.1", "localhost"}


class Workers(Timeline):
    """Beat and workers by the wall clock, worked by the test."""

    @property
    def now(self) -> datetime:
        """What the clock on the wall shows."""
        return datetime.now(UTC)


@dataclass
class Visit:
    """One person's browser window, and what went wrong in it."""

    context: BrowserContext
    page: Page
    url: str
    wrong: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Open a page of the portal."""
        self.page.goto(self.url + path)
        return self.page

    def sign_in(self, user: User) -> None:
        """Be signed in, without the form."""
        client = Client()
        client.force_login(user)
        session = client.cookies[django_settings.SESSION_COOKIE_NAME].value
        self.context.add_cookies(
            [{"name": django_settings.SESSION_COOKIE_NAME, "value": session, "url": self.url}]
        )

    def listen(self) -> None:
        """Keep what must not happen on any page: errors, broken policies, requests to elsewhere."""
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        self.page.on("request", self._follow)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.wrong.append(f"{message.type}: {message.text}")

    def _follow(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in {"data", "blob"} and address.hostname not in LOCAL:
            self.wrong.append(f"request to {request.url}")


@pytest.fixture(autouse=True)
def _nobody_was_counted() -> None:
    """Nobody has tried too many passwords yet: those of the test before are forgotten."""
    cache.clear()


@pytest.fixture
def simulator(settings: Settings, transactional_db: None) -> Iterator[Simulator]:  # noqa: ARG001
    """The Nuki Web API on loopback, in real time and in a hurry."""
    made = Simulator(clock=WallClock(), timings=QUICK, seed=7)
    with made.serve(port=0) as url:
        settings.NUKI_API_URL = url
        yield made


@pytest.fixture
def clock() -> TurnedClock:
    """When the businesses were founded; nothing turns it here."""
    return TurnedClock(MONDAY_NOON)


@pytest.fixture
def workers(simulator: Simulator, clock: TurnedClock) -> Workers:
    """What the test has to work itself, so that it decides when something moves."""
    return Workers(simulator, clock)


@dataclass
class Windows:
    """Opens windows of any kind, and checks at the end what happened in them."""

    browser: Browser
    url: str
    opened: list[Visit] = field(default_factory=list)

    def open(
        self,
        *,
        size: dict[str, int] | None = None,
        dark: bool = False,
        touch: bool = False,
        scripts: bool = True,
        zone: str | None = None,
    ) -> Visit:
        """Open a window: a desk's unless told otherwise."""
        width_and_height = size or DESK
        context = self.browser.new_context(
            viewport={"width": width_and_height["width"], "height": width_and_height["height"]},
            color_scheme="dark" if dark else "light",
            has_touch=touch,
            is_mobile=touch,
            java_script_enabled=scripts,
            reduced_motion="reduce",
            timezone_id=zone,
        )
        context.set_default_timeout(PATIENCE)
        visit = Visit(context, context.new_page(), self.url)
        visit.listen()
        self.opened.append(visit)
        return visit

    def close(self) -> list[str]:
        """Close all; returns what went wrong in any."""
        for visit in self.opened:
            visit.context.close()
        return [wrong for visit in self.opened for wrong in visit.wrong]


@pytest.fixture
def windows(browser: Browser, live_server: LiveServer) -> Iterator[Windows]:
    """Windows of the browser; the test fails if anything went wrong in one of them."""
    opened = Windows(browser, live_server.url)
    yield opened
    assert opened.close() == []


@pytest.fixture
def visit(windows: Windows, alice: Business) -> Visit:
    """Alice, signed in at her desk."""
    opened = windows.open()
    opened.sign_in(alice.owner)
    return opened
