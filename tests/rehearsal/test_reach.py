"""How long a lock could be written, from what happens in the simulated world."""

from datetime import UTC, datetime, timedelta

import pytest

from config.rehearsal.reach import Reach
from nuki_gateway.simulator import Simulator, TurnedClock
from nuki_gateway.simulator.orders import Span

NOON = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def simulator() -> Simulator:
    made = Simulator(clock=TurnedClock(NOON))
    made.add_lock(made.add_account(name="Alice", token="token"), name="Door", keypad="keypad", smartlock_id=7)
    return made


def test_a_lock_that_nothing_keeps_away_is_in_reach_all_the_time(simulator: Simulator) -> None:
    assert Reach(simulator.engine).of(7, NOON, NOON + HOUR) == HOUR


@pytest.mark.parametrize(
    ("span", "left"),
    [
        pytest.param(Span(NOON + HOUR / 4, 503), 45, id="the service fails"),
        pytest.param(Span(NOON + HOUR / 4, 423, smartlock_id=7), 45, id="a storm on this lock"),
        pytest.param(Span(NOON + HOUR / 4, 423, smartlock_id=8), 60, id="a storm on another lock"),
        pytest.param(Span(NOON + 3 * HOUR, 503), 0, id="all the time"),
    ],
)
def test_what_answers_in_the_services_place_is_no_reach(simulator: Simulator, span: Span, left: int) -> None:
    reach = Reach(simulator.engine)
    simulator.world.orders.spans.append(span)

    reach.note_spans(NOON)
    reach.note_spans(NOON + HOUR / 8)  # known already

    assert reach.of(7, NOON, NOON + HOUR) == timedelta(minutes=left)


def test_gaps_that_overlap_count_once(simulator: Simulator) -> None:
    reach = Reach(simulator.engine)
    simulator.world.orders.spans += [Span(NOON + HOUR / 2, 503), Span(NOON + HOUR / 4, 423, smartlock_id=7)]
    reach.note_spans(NOON)

    reach.portal.open(NOON + HOUR / 3)
    reach.portal.close(NOON + HOUR * 3 / 4)

    assert reach.of(7, NOON, NOON + HOUR) == HOUR / 4
    assert reach.of(7, NOON - HOUR, NOON) == HOUR
