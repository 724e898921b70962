"""What tests share: the simulator as a real server, businesses in it, virtual time, kept rings."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser
from pytest_django.fixtures import Settings

from access import work_queue
from nuki_gateway.simulator import Simulator, TurnedClock
from properties import tenancy
from tests import chromium, worlds
from tests.timeline import Timeline
from tests.worlds import Business


@dataclass
class Rings:
    """Rings for the workers, kept instead of sent: tests run, lose, double and reorder them."""

    sent: list[tuple[str, dict[str, Any], float | None]] = field(default_factory=list)

    def send_task(self, task: str, *, kwargs: dict[str, Any], countdown: float | None = None) -> None:
        """Stands where Celery's own sending stands."""
        self.sent.append((task, kwargs, countdown))


@pytest.fixture(autouse=True)
def rings(monkeypatch: pytest.MonkeyPatch) -> Rings:
    """No test speaks to a broker unless it wants to."""
    kept = Rings()
    monkeypatch.setattr(work_queue._broker, "rests_until", 0.0)
    monkeypatch.setattr(work_queue, "current_app", kept)
    return kept


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
def simulator(clock: TurnedClock, settings: Settings) -> Iterator[Simulator]:
    """The Nuki Web API on loopback, over real HTTP, in virtual time."""
    made = Simulator(clock=clock, seed=7)
    with made.serve(port=0) as url:
        settings.NUKI_API_URL = url
        yield made


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
