"""What goes wrong with accepted writes: a host who trusts 204 is fooled, fault by fault."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from nuki_gateway.simulator import OfflineWrites, Simulator, TurnedClock
from nuki_gateway.simulator.world import Account, Lock
from tests.nuki_gateway.simulator.caller import Caller
from tests.nuki_gateway.simulator.conftest import START, keypad_code

Order = Callable[[Simulator, Lock], object]
HOUR = 60 * 60


def path(door: Lock) -> str:
    return f"/smartlock/{door.smartlock_id}/auth"


def listed(nuki: Caller, door: Lock) -> list[str]:
    return [one["name"] for one in nuki("GET", path(door)).json]


def on_the_lock(simulator: Simulator, door: Lock) -> list[str]:
    return [one.name for one in simulator.codes_on(door.smartlock_id)]


def opens(simulator: Simulator, door: Lock, code: str = "384174") -> bool:
    return simulator.type_code(door.smartlock_id, code).opened


def sync(simulator: Simulator, nuki: Caller, door: Lock) -> None:
    assert nuki("POST", f"/smartlock/{door.smartlock_id}/sync").status == 204
    simulator.settle()


@pytest.fixture
def ada(simulator: Simulator, nuki: Caller, door: Lock) -> str:
    """Ada's code is on the lock and listed; the value is the path of her authorization."""
    nuki("PUT", path(door), keypad_code())
    simulator.settle()
    (shape,) = nuki("GET", path(door)).json
    return f"{path(door)}/{shape['id']}"


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


def test_a_keypad_that_the_cloud_does_not_know_is_refused_until_a_sync_f15(
    simulator: Simulator, nuki: Caller, door: Lock
) -> None:
    simulator.script.unpair_keypad(door)
    simulator.script.pair_keypad(door, known_to_cloud=False)
    assert nuki("PUT", path(door), keypad_code()).status == 400

    sync(simulator, nuki, door)

    assert nuki("PUT", path(door), keypad_code()).status == 204


def test_foreign_codes_stand_on_the_lock_beside_ours_f16(
    simulator: Simulator, nuki: Caller, door: Lock
) -> None:
    nuki("PUT", path(door), keypad_code())
    simulator.settle()

    made = simulator.script.fill_with_foreign_codes(door, 500)

    codes = [one.code for one in simulator.codes_on(door.smartlock_id)]
    assert made == 199
    assert len(set(codes)) == 200
    assert len(listed(nuki, door)) == 200


@pytest.mark.parametrize(
    ("known", "status", "names"),
    [
        pytest.param(True, 409, ["Made in the app"], id="F17 known to the cloud"),
        pytest.param(False, 204, ["Made in the app"], id="F17 unknown, and silently lost"),
    ],
)
def test_somebody_else_makes_our_code_first(
    *, simulator: Simulator, nuki: Caller, door: Lock, known: bool, status: int, names: list[str]
) -> None:
    simulator.script.collide_with_next_code(door, known_to_cloud=known)

    answered = nuki("PUT", path(door), keypad_code()).status
    simulator.settle()

    assert answered == status
    assert on_the_lock(simulator, door) == names


@pytest.mark.parametrize("known", [pytest.param(True, id="F17 known"), pytest.param(False, id="F17 unknown")])
def test_a_foreign_code_can_be_there_long_before(
    *, simulator: Simulator, nuki: Caller, door: Lock, known: bool
) -> None:
    simulator.script.add_foreign_code(door, "384174", known_to_cloud=known)

    status = nuki("PUT", path(door), keypad_code()).status
    simulator.settle()

    assert status == (409 if known else 204)
    assert on_the_lock(simulator, door) == ["Made in the app"]


def test_the_smallest_free_number_goes_to_the_next_person_f19(
    simulator: Simulator, nuki: Caller, door: Lock, ada: str
) -> None:
    nuki("PUT", path(door), keypad_code("Bea", 384175))
    simulator.settle()
    before = {one["name"]: (one["authId"], one["id"]) for one in nuki("GET", path(door)).json}
    nuki("DELETE", ada)
    simulator.settle()

    nuki("PUT", path(door), keypad_code("Cyd", 384176))
    simulator.settle()

    after = {one["name"]: (one["authId"], one["id"]) for one in nuki("GET", path(door)).json}
    assert (before["Ada"][0], before["Bea"][0]) == (4097, 4098)
    assert after["Cyd"][0] == 4097
    assert after["Cyd"][1] != before["Ada"][1]


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


def test_a_lock_without_a_subscription_is_refused_until_it_is_renewed_f24(
    simulator: Simulator, nuki: Caller, door: Lock
) -> None:
    simulator.script.end_subscription(door)
    refused = nuki("PUT", path(door), keypad_code()).status

    simulator.script.renew_subscription(door)

    assert refused == 403
    assert nuki("PUT", path(door), keypad_code()).status == 204


def test_a_lock_that_left_the_account_is_refused_and_its_codes_open_on_f25(
    simulator: Simulator, nuki: Caller, door: Lock, ada: str
) -> None:
    simulator.script.leave_account(door)

    assert nuki("DELETE", ada).status == 403
    assert nuki("GET", "/smartlock").json == []
    assert opens(simulator, door)


def test_a_replaced_lock_has_another_id_and_no_codes_f25(
    simulator: Simulator, nuki: Caller, door: Lock, ada: str
) -> None:
    made = simulator.script.replace_lock(door)

    assert nuki("GET", ada).status == 403
    assert [one["smartlockId"] for one in nuki("GET", "/smartlock").json] == [made.smartlock_id]
    assert listed(nuki, made) == []
    assert not opens(simulator, made)
    assert nuki("PUT", path(made), keypad_code()).status == 204
    simulator.settle()
    assert opens(simulator, made)


def test_a_lock_that_changes_its_id_finishes_what_was_on_its_way_f25(
    simulator: Simulator, nuki: Caller, door: Lock
) -> None:
    nuki("PUT", path(door), keypad_code())
    old = door.smartlock_id

    new = simulator.script.change_id(door)
    simulator.settle()

    assert new == door.smartlock_id != old
    assert nuki("GET", f"/smartlock/{old}/auth").status == 404
    assert listed(nuki, door) == ["Ada"]
    assert opens(simulator, door)


def test_an_invite_that_somebody_leaves_lying_is_never_redeemed_f26(
    simulator: Simulator, nuki: Caller, door: Lock
) -> None:
    user = nuki("PUT", "/account/user", {"email": "guest@example.org", "name": "Gus"}).json
    nuki("PUT", path(door), {"name": "Gus", "remoteAllowed": False, "accountUserId": user["accountUserId"]})
    simulator.settle()
    simulator.script.ignore_next_invite()

    (invite,) = simulator.invites

    assert [simulator.redeem(invite), simulator.redeem(invite)] == [False, False]


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


def test_a_door_left_ajar_is_an_entry_of_nobody(simulator: Simulator, nuki: Caller, door: Lock) -> None:
    simulator.script.leave_door_ajar(door)
    simulator.settle()

    (line,) = nuki("GET", f"/smartlock/{door.smartlock_id}/log").json
    assert (line["action"], line["name"], "authId" in line) == (208, "", False)


@pytest.mark.parametrize(
    ("break_it", "mend_it", "status"),
    [
        pytest.param(
            lambda sim, alice: sim.script.revoke_token(alice),
            lambda sim, alice: sim.script.restore_token(alice),
            401,
            id="F12 token revoked",
        ),
        pytest.param(
            lambda sim, alice: sim.script.lose_scope(alice, "smartlock.auth"),
            lambda sim, alice: sim.script.regain_scope(alice, "smartlock.auth"),
            403,
            id="F12 scope lost",
        ),
    ],
)
def test_an_account_loses_its_rights_and_gets_them_back(
    *,
    simulator: Simulator,
    nuki: Caller,
    alice: Account,
    door: Lock,
    break_it: Callable[[Simulator, Account], None],
    mend_it: Callable[[Simulator, Account], None],
    status: int,
) -> None:
    break_it(simulator, alice)
    refused = nuki("PUT", path(door), keypad_code()).status

    mend_it(simulator, alice)

    assert refused == status
    assert nuki("PUT", path(door), keypad_code()).status == 204
