"""What tests share: the simulator as a real server, businesses in it, virtual time, kept rings."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.utils import translation
from playwright.sync_api import Browser
from pytest_django.fixtures import Settings

from access import work_queue
from access.broker import broker
from access.nuki_webhook import senders
from nuki_gateway.simulator import Post, Simulator, TurnedClock
from properties import nuki_limits, tenancy
from tests import chromium, worlds
from tests.timeline import Timeline
from tests.worlds import Business


@dataclass
class Rings:
    """Rings for the workers, kept instead of sent: tests run, lose, double and reorder them."""

    sent: list[tuple[str, dict[str, Any], float | None]] = field(default_factory=list)

    def send_task(self, name: str, *, kwargs: dict[str, Any], countdown: float | None = None) -> None:
        """Stands where Celery's own sending stands."""
        self.sent.append((name, kwargs, countdown))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have the longest begin first: chaos and journeys. pytest-django puts what needs no database last."""
    items.sort(key=lambda item: item.get_closest_marker("xdist_group") is None)


@pytest.fixture(autouse=True)
def rings(monkeypatch: pytest.MonkeyPatch) -> Rings:
    """No test speaks to a broker unless it wants to."""
    kept = Rings()
    monkeypatch.setattr(broker, "rests_until", 0.0)
    monkeypatch.setattr(work_queue, "bell", kept)
    senders.forget()
    cache.clear()
    return kept


@pytest.fixture(autouse=True)
def nobody_has_chosen_a_language() -> Iterator[None]:
    """A page in German leaves its thread German; in an installation each request chooses anew."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def passwords_are_cheap(settings: Settings) -> None:
    """Every business has an owner with a password; a good digest takes both cores a tenth of a second."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real browser, started once: Playwright allows one at a time."""
    with chromium.running() as started:
        yield started


@pytest.fixture
def clock() -> TurnedClock:
    """A clock that stands on a Monday noon in June until it is turned."""
    return TurnedClock(worlds.MONDAY_NOON)


@pytest.fixture
def simulator(clock: TurnedClock, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulator]:
    """The Nuki Web API on loopback, over real HTTP, in virtual time."""
    monkeypatch.setattr(nuki_limits, "clock", clock.now)
    made = Simulator(clock=clock, seed=7)
    with made.serve(port=0) as url:
        settings.NUKI_API_URL = url
        yield made


@pytest.fixture
def nuki_calls_us(simulator: Simulator, settings: Settings) -> Iterator[None]:
    """Webhooks of the businesses that are founded after this reach the portal, in virtual time."""
    settings.PUBLIC_URL = "http://127.0.0.1:1"  # the simulator takes plain addresses on this machine
    program = Client()

    def carry(post: Post) -> int:
        headers = {name: value for name, value in post.headers.items() if name != "Content-Type"}
        path = urlsplit(post.url).path
        kind = post.headers["Content-Type"]
        senders.forget()  # virtual seconds pass faster than the second for which a secret counts as fresh
        with time_machine.travel(post.at, tick=False):
            return program.post(path, post.body, content_type=kind, headers=headers).status_code

    before, simulator.deliver = simulator.deliver, carry
    yield
    simulator.deliver = before


@pytest.fixture
def timeline(simulator: Simulator, clock: TurnedClock) -> Timeline:
    """Beat and workers in virtual time."""
    return Timeline(simulator, clock)


@pytest.fixture
def alice(db: None, simulator: Simulator, clock: TurnedClock) -> Iterator[Business]:  # noqa: ARG001
    """Alice's business; the test runs inside its scope."""
    business = worlds.found(
        simulator, name="Harbour Stays", owner="alice@harbour.example", token="alice-token", now=clock.now()
    )
    with tenancy.within(business.organization):
        yield business


@pytest.fixture
def charlie(db: None, simulator: Simulator, clock: TurnedClock) -> Business:  # noqa: ARG001
    """Charlie's business, which must see and touch nothing of Alice's."""
    return worlds.found(
        simulator,
        name="Lindgren Lodging",
        owner="charlie@lindgren.example",
        token="charlie-token",
        now=clock.now(),
    )
