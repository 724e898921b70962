"""What the tests of faults share: a timeline that watches the locks, and short waits for silent sockets."""

import pytest

from nuki_gateway import transport
from nuki_gateway.simulator import Simulator, TurnedClock
from tests.faults.judging import Watch


@pytest.fixture
def timeline(simulator: Simulator, clock: TurnedClock) -> Watch:
    """Beat and workers in virtual time, watched."""
    return Watch(simulator, clock)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for an answer a fifth of a second: what is silent for longer is silent for good."""
    monkeypatch.setattr(transport, "READ_TIMEOUT", 0.2)
    monkeypatch.setattr(transport, "LONGEST_CALL", 0.4)
