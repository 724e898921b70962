"""What is wrong with a lock itself: its keypad, its clock, its batteries."""

from datetime import timedelta

import pytest

from nuki_gateway.simulator import Simulator, TurnedClock
from nuki_gateway.simulator.world import Lock
from tests.nuki_gateway.simulator.caller import Caller
from tests.nuki_gateway.simulator.conftest import HOUR, START, keypad_code
from tests.nuki_gateway.simulator.doors import Order, opens, path, sync


def test_a_keypad_that_the_cloud_does_not_know_is_refused_until_a_sync_f15(
    simulator: Simulator, nuki: Caller, door: Lock
) -> None:
    simulator.script.unpair_keypad(door)
    simulator.script.pair_keypad(door, known_to_cloud=False)
    assert nuki("PUT", path(door), keypad_code()).status == 400

    sync(simulator, nuki, door)

    assert nuki("PUT", path(door), keypad_code()).status == 204


def test_a_clock_two_minutes_slow_keeps_a_guest_out_at_the_start_f27(
    simulator: Simulator, clock: TurnedClock, door: Lock
) -> None:
    starts = START + timedelta(hours=1)
    simulator.in_the_app(door.smartlock_id).add_code("Ada", "384174", allowed_from=starts)
    simulator.script.set_clock_offset(door, -120)
    clock.turn_to(starts)

    assert not opens(simulator, door)
    clock.turn(seconds=120)
    assert opens(simulator, door)


@pytest.mark.parametrize(
    "order",
    [
        pytest.param(lambda sim, door: sim.script.set_time_zone(door, 40), id="F27 a wrong zone"),
        pytest.param(lambda sim, door: sim.script.set_zone_rules(door, 60), id="F28 new zone data"),
    ],
)
def test_daily_times_shift_with_the_zone_that_the_lock_believes_in(
    simulator: Simulator, clock: TurnedClock, door: Lock, order: Order
) -> None:
    simulator.in_the_app(door.smartlock_id).add_code(
        "Ada", "384174", allowed_from=START, from_minute=600, until_minute=660
    )
    before = opens(simulator, door)

    order(simulator, door)

    assert (before, opens(simulator, door)) == (True, False)
    clock.turn(seconds=HOUR)
    assert opens(simulator, door)


def test_a_stay_across_the_change_of_the_clocks_keeps_its_instants_f28(
    simulator: Simulator, clock: TurnedClock, door: Lock
) -> None:
    starts, ends = START.replace(month=10, day=24, hour=13), START.replace(month=10, day=26, hour=9)
    simulator.in_the_app(door.smartlock_id).add_code(
        "Ada", "384174", allowed_from=starts, allowed_until=ends, weekdays=127
    )
    seen = []
    for moment in (starts - timedelta(seconds=1), starts, ends - timedelta(seconds=1), ends):
        clock.turn_to(moment)
        seen.append(opens(simulator, door))

    assert seen == [False, True, True, False]


@pytest.mark.parametrize(
    ("order", "field"),
    [
        pytest.param(lambda sim, door: sim.script.weaken_battery(door), "batteryCritical", id="the lock's"),
        pytest.param(
            lambda sim, door: sim.script.weaken_keypad_battery(door),
            "keypadBatteryCritical",
            id="the keypad's",
        ),
    ],
)
def test_a_weak_battery_is_told_and_changed(
    simulator: Simulator, nuki: Caller, door: Lock, order: Order, field: str
) -> None:
    state = f"/smartlock/{door.smartlock_id}"
    order(simulator, door)
    weak = nuki("GET", state).json["state"][field]

    simulator.script.change_batteries(door)

    assert (weak, nuki("GET", state).json["state"][field]) == (True, False)
