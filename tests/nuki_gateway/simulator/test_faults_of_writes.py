"""What goes wrong with accepted writes: a host who trusts 204 is fooled, fault by fault."""

import pytest

from nuki_gateway.simulator import OfflineWrites, Simulator, TurnedClock
from nuki_gateway.simulator.world import Lock
from tests.nuki_gateway.simulator.caller import Caller
from tests.nuki_gateway.simulator.conftest import HOUR, keypad_code
from tests.nuki_gateway.simulator.doors import Order, listed, on_the_lock, opens, path, sync


@pytest.mark.parametrize(
    ("order", "is_listed"),
    [
        pytest.param(lambda sim, door: sim.script.lose_next_write(door), False, id="F1 the write is lost"),
        pytest.param(lambda sim, door: sim.script.phantom_next_create(door), True, id="F6 a phantom"),
        pytest.param(
            lambda sim, door: sim.script.take_offline(door, writes=OfflineWrites.LOST),
            False,
            id="F14 offline, dropped at once",
        ),
        pytest.param(
            lambda sim, door: sim.script.take_offline(door), False, id="F13 offline, and not yet delivered"
        ),
        pytest.param(
            lambda sim, door: sim.script.empty_keypad_battery(door), True, id="F15 the keypad is empty"
        ),
        pytest.param(
            lambda sim, door: sim.set_keypad(door.smartlock_id, "keypad2", battery_empty=True),
            True,
            id="F15 the keypad is empty and the cloud knows",
        ),
        pytest.param(
            lambda sim, door: sim.set_keypad(door.smartlock_id, None, known_to_cloud=False),
            True,
            id="F15 the keypad is gone and the cloud does not know",
        ),
        pytest.param(
            lambda sim, door: sim.script.fill_with_foreign_codes(door, 200, known_to_cloud=False),
            False,
            id="F16 full of codes that the cloud does not know",
        ),
        pytest.param(lambda sim, door: sim.script.block_motor(door), True, id="the motor is blocked"),
    ],
)
def test_a_host_is_told_204_and_the_door_does_not_open(
    *, simulator: Simulator, nuki: Caller, door: Lock, order: Order, is_listed: bool
) -> None:
    order(simulator, door)

    status = nuki("PUT", path(door), keypad_code()).status
    simulator.settle()

    assert status == 204
    assert ("Ada" in listed(nuki, door)) is is_listed
    assert not opens(simulator, door)


@pytest.mark.parametrize(
    ("order", "is_listed", "opens_on"),
    [
        pytest.param(
            lambda sim, door: sim.script.lose_next_write(door), True, True, id="F1 the write is lost"
        ),
        pytest.param(
            lambda sim, door: sim.script.ignore_next_delete(door), True, True, id="F5 nothing happens"
        ),
        pytest.param(lambda sim, door: sim.script.ghost_next_delete(door), True, False, id="F5 a ghost"),
        pytest.param(
            lambda sim, door: sim.script.leave_next_write_unread(door), True, False, id="F4 never refreshed"
        ),
        pytest.param(lambda sim, door: sim.script.freeze_copy(door), True, False, id="F4 a frozen list"),
        pytest.param(
            lambda sim, door: sim.script.take_offline(door), True, True, id="F13 the lock is offline"
        ),
    ],
)
def test_a_host_is_told_204_and_the_code_is_not_gone(
    *,
    simulator: Simulator,
    nuki: Caller,
    door: Lock,
    ada: str,
    order: Order,
    is_listed: bool,
    opens_on: bool,
) -> None:
    order(simulator, door)

    status = nuki("DELETE", ada).status
    simulator.settle()

    assert status == 204
    assert (listed(nuki, door) == ["Ada"]) is is_listed
    assert opens(simulator, door) is opens_on


def test_the_third_of_rapid_updates_stands_f2(
    simulator: Simulator, clock: TurnedClock, nuki: Caller, door: Lock, ada: str
) -> None:
    statuses = []
    for code in (384181, 384182, 384183):
        statuses.append(nuki("POST", ada, {"name": "Ada", "code": code}).status)
        clock.turn(seconds=10)
    statuses.append(nuki("POST", ada, {"name": "Ada", "code": 384184}).status)
    statuses.append(nuki("POST", ada, {"name": "Ada", "code": 384185}).status)
    simulator.settle()

    assert statuses == [204, 204, 204, 204, 423]
    assert [one.code for one in simulator.codes_on(door.smartlock_id)] == ["384183"]


def test_a_storm_of_423_passes_by_itself_and_reads_go_on_f3(
    simulator: Simulator, clock: TurnedClock, nuki: Caller, door: Lock
) -> None:
    simulator.script.busy_for(door, 600)

    assert nuki("PUT", path(door), keypad_code()).status == 423
    clock.turn(seconds=599)
    assert nuki("PUT", path(door), keypad_code()).status == 423
    assert nuki("GET", path(door)).status == 200
    clock.turn(seconds=1)
    assert nuki("PUT", path(door), keypad_code()).status == 204


def test_what_was_never_refreshed_comes_with_the_next_sync_f4(
    simulator: Simulator, nuki: Caller, door: Lock
) -> None:
    simulator.script.leave_next_write_unread(door)
    nuki("PUT", path(door), keypad_code())
    simulator.settle()
    assert (listed(nuki, door), opens(simulator, door)) == ([], True)
    assert nuki("PUT", path(door), keypad_code("Twin")).status == 204
    simulator.settle()

    sync(simulator, nuki, door)

    assert listed(nuki, door) == ["Ada"]
    assert on_the_lock(simulator, door) == ["Ada"]


def test_a_ghost_keeps_its_code_until_a_sync_f5(
    simulator: Simulator, nuki: Caller, door: Lock, ada: str
) -> None:
    simulator.script.ghost_next_delete(door)
    nuki("DELETE", ada)
    simulator.settle()
    assert nuki("PUT", path(door), keypad_code("Bea")).status == 409

    sync(simulator, nuki, door)

    assert nuki("PUT", path(door), keypad_code("Bea")).status == 204


def test_an_update_clears_the_window_that_it_leaves_out_f7(
    simulator: Simulator, nuki: Caller, door: Lock
) -> None:
    starts, ends = "2026-05-05T08:00:00Z", "2026-05-06T08:00:00Z"
    code = keypad_code(allowedFromDate=starts, allowedUntilDate=ends, allowedWeekDays=127)
    nuki("PUT", path(door), code)
    simulator.settle()
    assert not opens(simulator, door)
    (shape,) = nuki("GET", path(door)).json

    nuki("POST", f"{path(door)}/{shape['id']}", {"name": "Ada Lovelace"})
    simulator.settle()

    assert opens(simulator, door)


@pytest.mark.parametrize(
    ("dropped_after", "delivered_after", "codes"),
    [
        pytest.param(2 * HOUR, 0, [[], [], []], id="F14 dropped after two hours"),
        pytest.param(4 * HOUR, 0, [[], ["Ada"], ["Ada"]], id="F14 back before that"),
        pytest.param(0, 2 * HOUR, [[], [], ["Ada"]], id="F14 delivered two hours after"),
    ],
)
def test_a_write_for_an_offline_lock_waits_in_one_of_two_ways(
    *,
    simulator: Simulator,
    clock: TurnedClock,
    nuki: Caller,
    door: Lock,
    dropped_after: float,
    delivered_after: float,
    codes: list[list[str]],
) -> None:
    simulator.script.take_offline(
        door,
        seconds=3 * HOUR,
        dropped_after_seconds=dropped_after,
        delivered_after_seconds=delivered_after,
    )
    assert nuki("PUT", path(door), keypad_code()).status == 204
    simulator.settle()
    seen = [on_the_lock(simulator, door)]

    clock.turn(seconds=3 * HOUR + 60)
    assert nuki("GET", f"/smartlock/{door.smartlock_id}").json["serverState"] == 0
    seen.append(on_the_lock(simulator, door))
    clock.turn(seconds=2 * HOUR)
    seen.append(on_the_lock(simulator, door))

    assert seen == codes


def test_a_dropped_change_leaves_the_authorization_as_it_was_and_free_f14(
    simulator: Simulator, clock: TurnedClock, nuki: Caller, door: Lock, ada: str
) -> None:
    simulator.script.take_offline(door, dropped_after_seconds=HOUR)
    assert nuki("POST", ada, {"name": "Ann"}).status == 204
    assert nuki("POST", ada, {"name": "Ann"}).status == 423

    clock.turn(seconds=HOUR)

    assert listed(nuki, door) == ["Ada"]
    assert nuki("POST", ada, {"name": "Ann"}).status == 204
