from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import pytest

from nuki_gateway.simulator import Simulator, Switches, Timings, TurnedClock
from nuki_gateway.simulator.world import Account, Lock
from tests.nuki_gateway.simulator.caller import Caller
from tests.nuki_gateway.simulator.doors import path
from tests.nuki_gateway.simulator.inbox import Inbox

START = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)  # a Monday, 10:00 in Berlin
DAY = 24 * 60 * 60  # seconds
HOUR = 60 * 60  # seconds
CODES = [code for code in range(384171, 384299) if "0" not in str(code)]


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock(START)


@pytest.fixture
def switches() -> Switches:
    return Switches()


@pytest.fixture
def simulator(clock: TurnedClock, switches: Switches) -> Simulator:
    return Simulator(clock=clock, timings=Timings(), seed=1, switches=switches)


@pytest.fixture
def alice(simulator: Simulator) -> Account:
    return simulator.add_account(name="Alice", token="alice-token")


@pytest.fixture
def door(simulator: Simulator, alice: Account) -> Lock:
    return simulator.add_lock(alice, name="Front door", keypad="keypad2")


@pytest.fixture
def url(simulator: Simulator) -> Iterator[str]:
    with simulator.serve() as address:
        yield address


@pytest.fixture
def calling(url: str) -> Iterator[Callable[[str | None], Caller]]:
    with ExitStack() as open_connections:

        def caller(token: str | None) -> Caller:
            made = Caller(url, token)
            open_connections.callback(made.close)
            return made

        yield caller


@pytest.fixture
def nuki(calling: Callable[[str | None], Caller], alice: Account) -> Caller:
    return calling(alice.token)


@pytest.fixture
def ada(simulator: Simulator, nuki: Caller, door: Lock) -> str:
    """Ada's code is on the lock and listed; the value is the path of her authorization."""
    nuki("PUT", path(door), keypad_code())
    simulator.settle()
    (shape,) = nuki("GET", path(door)).json
    return f"{path(door)}/{shape['id']}"


@pytest.fixture
def inbox(simulator: Simulator) -> Inbox:
    simulator.deliver = made = Inbox()
    return made


def keypad_code(name: str = "Ada", code: int = 384174, **fields: Any) -> dict[str, Any]:
    return {"name": name, "type": 13, "code": code, **fields}
