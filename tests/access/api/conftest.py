"""Alice's property system."""

import pytest

from nuki_gateway.simulator import TurnedClock
from tests.access.api import programs
from tests.access.api.programs import Program
from tests.worlds import Business


@pytest.fixture
def program(alice: Business, clock: TurnedClock) -> Program:
    """A program with every scope in Alice's business."""
    return programs.of(alice, clock)
