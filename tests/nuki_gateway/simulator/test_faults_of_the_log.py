"""The log says late, wrongly or not at all who came."""

import pytest

from nuki_gateway.simulator import Simulator, TurnedClock
from nuki_gateway.simulator.world import Lock
from tests.nuki_gateway.simulator.caller import Caller
from tests.nuki_gateway.simulator.conftest import HOUR
from tests.nuki_gateway.simulator.doors import Order, opens, path


@pytest.mark.parametrize(
    ("order", "log", "state"),
    [
        pytest.param(lambda _sim, _door: None, [("Ada", True)], True, id="no fault"),
        pytest.param(
            lambda sim, door: sim.script.delay_next_log_entry(door, 3600), [], False, id="F23 an hour late"
        ),
        pytest.param(lambda sim, door: sim.script.lose_next_log_entry(door), [], False, id="F23 missing"),
        pytest.param(
            lambda sim, door: sim.script.strip_next_log_entry(door), [("", False)], False, id="F23 nobody's"
        ),
        pytest.param(
            lambda sim, door: sim.script.switch_log(door, on=False), [], False, id="F23 logging is off"
        ),
    ],
)
def test_the_log_does_not_say_who_came(
    *,
    simulator: Simulator,
    nuki: Caller,
    door: Lock,
    ada: str,
    order: Order,
    log: list[tuple[str, bool]],
    state: bool,
) -> None:
    order(simulator, door)
    assert ada

    assert opens(simulator, door)
    simulator.settle()

    lines = nuki("GET", f"/smartlock/{door.smartlock_id}/log").json
    assert [(one["name"], "authId" in one) for one in lines if one["action"] == 1] == log
    (shape,) = nuki("GET", path(door)).json
    assert (shape["lockCount"] == 1) is state


def test_a_late_log_entry_comes_after_those_that_followed_it_f23(
    simulator: Simulator, clock: TurnedClock, nuki: Caller, door: Lock, ada: str
) -> None:
    assert ada
    simulator.script.delay_next_log_entry(door, HOUR)
    assert opens(simulator, door)
    clock.turn(seconds=60)
    assert opens(simulator, door)
    simulator.settle()
    log = f"/smartlock/{door.smartlock_id}/log"
    (early,) = nuki("GET", log).json

    clock.turn(seconds=HOUR)

    dates = [one["date"] for one in nuki("GET", log).json]
    assert len(dates) == 2
    assert early["date"] == max(dates)


def test_a_door_left_ajar_is_an_entry_of_nobody(simulator: Simulator, nuki: Caller, door: Lock) -> None:
    simulator.script.leave_door_ajar(door)
    simulator.settle()

    (line,) = nuki("GET", f"/smartlock/{door.smartlock_id}/log").json
    assert (line["action"], line["name"], "authId" in line) == (208, "", False)
