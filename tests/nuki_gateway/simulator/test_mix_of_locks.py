"""What the mix does to locks and to the codes on them."""

import pytest

from nuki_gateway.simulator import Mix, Simulator, TurnedClock
from nuki_gateway.simulator.world import Account, Lock
from tests.nuki_gateway.simulator.caller import Caller
from tests.nuki_gateway.simulator.conftest import CODES, DAY, HOUR, keypad_code
from tests.nuki_gateway.simulator.doors import path


@pytest.mark.parametrize(
    ("mix", "is_listed"),
    [
        pytest.param(Mix(lost_writes=1), False, id="F1 lost"),
        pytest.param(Mix(phantoms=1), True, id="F6 phantom"),
        pytest.param(Mix(collisions=1), False, id="F17 collision"),
    ],
)
def test_a_host_is_told_nothing_and_the_new_code_is_not_on_the_lock(
    *, simulator: Simulator, nuki: Caller, door: Lock, mix: Mix, is_listed: bool
) -> None:
    simulator.mix = mix
    names = []
    for guest in range(8):
        nuki("PUT", path(door), keypad_code(f"Guest {guest}", CODES[guest]))
        simulator.settle()
        names.append(f"Guest {guest}")

    listed = {one["name"] for one in nuki("GET", path(door)).json}

    assert {one.name for one in simulator.codes_on(door.smartlock_id)}.isdisjoint(names)
    assert listed.issuperset(names) is is_listed


def test_the_list_lags_up_to_half_a_minute_f4(
    simulator: Simulator, clock: TurnedClock, nuki: Caller, door: Lock
) -> None:
    simulator.mix = Mix(name="test", lag_shortest_seconds=20, lag_longest_seconds=30)
    nuki("PUT", path(door), keypad_code())

    clock.turn(seconds=21)
    assert nuki("GET", path(door)).json == []
    clock.turn(seconds=11)
    assert [one["name"] for one in nuki("GET", path(door)).json] == ["Ada"]


def test_what_is_never_refreshed_is_listed_after_the_daily_sync_f4(
    simulator: Simulator, clock: TurnedClock, nuki: Caller, door: Lock
) -> None:
    simulator.mix = Mix(name="test", unread_writes=1)
    nuki("PUT", path(door), keypad_code())
    clock.turn(seconds=HOUR)
    assert nuki("GET", path(door)).json == []

    clock.turn(seconds=DAY)

    assert [one["name"] for one in nuki("GET", path(door)).json] == ["Ada"]


def test_deletions_leave_ghosts_or_do_nothing_f5(simulator: Simulator, nuki: Caller, door: Lock) -> None:
    for guest in range(10):
        nuki("PUT", path(door), keypad_code(f"Guest {guest}", CODES[guest]))
        simulator.settle()
    simulator.mix = Mix(name="test", ghosts=1)

    for shape in nuki("GET", path(door)).json:
        assert nuki("DELETE", f"{path(door)}/{shape['id']}").status == 204
    simulator.settle()

    assert len(nuki("GET", path(door)).json) == 10
    assert 0 < len(simulator.codes_on(door.smartlock_id)) < 10


def test_locks_go_offline_and_come_back_by_themselves_f13(
    simulator: Simulator, clock: TurnedClock, door: Lock
) -> None:
    simulator.mix = Mix(name="test", offline_spells_a_day=0.1)
    spells, hours, was_online = 0, 0, True
    for _ in range(24 * 400):
        clock.turn(seconds=HOUR)
        hours += not door.device.online
        spells += was_online and not door.device.online
        was_online = door.device.online

    assert 20 < spells < 60
    assert 2 < hours / spells < 9


def test_writes_for_a_lock_that_went_offline_fare_in_both_ways_f14(
    simulator: Simulator, clock: TurnedClock, door: Lock
) -> None:
    simulator.mix = Mix(name="test", offline_spells_a_day=1)
    seen = set()
    for _ in range(24 * 30):
        clock.turn(seconds=HOUR)
        if not door.device.online:
            seen.add((door.dropped_after_seconds > 0, door.delivered_after_seconds > 0))

    assert seen == {(True, False), (False, True)}


def test_locks_hold_foreign_codes_and_some_are_nearly_full_f16(simulator: Simulator, alice: Account) -> None:
    simulator.mix = Mix(name="test", crowded_locks=0.3)

    locks = [simulator.add_lock(alice, name=f"Door {place}", keypad="keypad2") for place in range(20)]

    held = [len(simulator.codes_on(lock.smartlock_id)) for lock in locks]
    assert {count < 6 or count > 190 for count in held} == {True}
    assert 1 < len([count for count in held if count > 190]) < 12


def test_hosts_touch_codes_in_the_app_in_every_way_f18(
    simulator: Simulator, clock: TurnedClock, nuki: Caller, door: Lock
) -> None:
    simulator.mix = Mix(name="test", host_edits=1)
    for guest in range(30):
        window = {"allowedFromDate": "2026-05-04T08:00:00Z", "allowedUntilDate": "2026-05-08T08:00:00Z"}
        code = keypad_code(f"Guest {guest}", CODES[guest], allowedWeekDays=127, **window)
        nuki("PUT", path(door), code)
        simulator.settle()
    listed = len(nuki("GET", path(door)).json)
    clock.turn(seconds=4 * DAY)

    codes = simulator.codes_on(door.smartlock_id)
    ours = [one for one in codes if one.name.startswith("Guest ")]
    assert listed == 30
    assert len(ours) < 30
    assert any(not one.enabled for one in ours)
    assert {"Guest", "Added by the host"} <= {one.name for one in codes}
    assert any(str(one.allowed_until) != "2026-05-08 08:00:00+00:00" for one in ours)


def test_invites_are_left_lying_f26(simulator: Simulator, nuki: Caller, door: Lock) -> None:
    simulator.mix = Mix(name="test", invites_ignored=0.5)
    for guest in range(20):
        address = {"email": f"guest{guest}@example.org", "name": f"Guest {guest}"}
        user = nuki("PUT", "/account/user", address).json["accountUserId"]
        nuki("PUT", path(door), {"name": f"Guest {guest}", "remoteAllowed": False, "accountUserId": user})
        simulator.settle()

    first = [simulator.redeem(invite) for invite in simulator.invites]
    again = [simulator.redeem(invite) for invite in simulator.invites]

    assert 4 < first.count(True) < 16
    assert not any(again)


def test_clocks_are_off_or_in_another_zone_f27(simulator: Simulator, alice: Account) -> None:
    simulator.mix = Mix(name="test", odd_clocks=1)

    locks = [simulator.add_lock(alice, name=f"Door {place}") for place in range(20)]

    seen = {(lock.device.clock_offset_seconds, lock.device.time_zone_id) for lock in locks}
    assert seen == {(120.0, 37), (-120.0, 37), (0.0, 38)}
