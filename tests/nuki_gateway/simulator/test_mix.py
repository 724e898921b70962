"""Faults drawn by one seed: each rate bites, the same seed gives the same, and none costs anything."""

import http.client
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path

import pytest

from nuki_gateway.simulator import Mix, Simulator, TurnedClock, spontaneous, state_file
from nuki_gateway.simulator.mix import MEASURES
from nuki_gateway.simulator.webhooks import Post
from nuki_gateway.simulator.world import Account, EventKind, Lock, World
from tests.nuki_gateway.simulator.caller import Caller
from tests.nuki_gateway.simulator.conftest import START, keypad_code

DAY = 24 * 60 * 60
HOUR = 60 * 60
CODES = [code for code in range(384171, 384299) if "0" not in str(code)]


def quick(mix: Mix) -> Mix:
    """Return the mix without the faults that keep the caller waiting in real time."""
    return replace(mix, slow_answers=0, silent_sockets=0, done_then_broken=0, undone_then_broken=0)


HASTY = replace(quick(Mix.STRESS.times(2, name="hasty")), calls_a_second=0)


def path(door: Lock) -> str:
    return f"/smartlock/{door.smartlock_id}/auth"


def status_of(nuki: Caller, method: str, where: str, body: object = None) -> int:
    """The status, or 0 when no whole answer came."""
    try:
        return nuki(method, where, body).status
    except (OSError, http.client.HTTPException):
        nuki.close()
        return 0


def into(sent: list[bytes]) -> Callable[[Post], int]:
    """Return a way to deliver that keeps each body and answers 204."""

    def deliver(post: Post) -> int:
        sent.append(post.body)
        return 204

    return deliver


def a_week(seed: int, mix: Mix) -> tuple[list[int], list[tuple[str, ...]]]:
    """Make and delete codes on two doors for a week; the answers, and what stood on the doors each day."""
    clock = TurnedClock(START)
    simulator = Simulator(clock=clock, seed=seed, deliver=lambda _post: 204, mix=mix)
    alice = simulator.add_account(name="Alice", token="alice-token")
    doors = [simulator.add_lock(alice, name=name, keypad="keypad2") for name in ("Front door", "Flat")]
    answers, days = [], []
    with simulator.serve() as url, closing(Caller(url, alice.token)) as nuki:
        for day in range(7):
            for door in doors:
                for guest in range(5):
                    code = keypad_code(f"Guest {day} {guest}", 311111 + 111 * guest + day)
                    answers.append(status_of(nuki, "PUT", path(door), code))
                    clock.turn(seconds=60)
                days.append(tuple(one.name for one in simulator.codes_on(door.smartlock_id)))
            clock.turn(seconds=DAY)
    return answers, days


def test_the_same_seed_and_calls_give_the_same_faults_and_another_seed_others() -> None:
    first, again, other = a_week(3, HASTY), a_week(3, HASTY), a_week(4, HASTY)

    assert first == again
    assert first[0] != other[0]
    assert first[1] != other[1]
    assert set(first[0]) > {204}


def test_the_seed_alone_makes_the_same_lock_fare_otherwise() -> None:
    drawn = []
    for seed in (1, 1, 2):
        world = World(seed=seed)
        drawn.append([world.chance("lost:17900000001") for _ in range(3)])

    assert drawn[0] == drawn[1]
    assert set(drawn[0]).isdisjoint(drawn[2])
    assert len(set(drawn[0])) == 3


def test_one_door_is_not_disturbed_by_what_is_called_at_another(clock: TurnedClock) -> None:
    seen = []
    for busy_elsewhere in (False, True):
        simulator = Simulator(clock=clock, seed=5, mix=HASTY)
        alice = simulator.add_account(name="Alice", token="alice-token")
        front, flat = (simulator.add_lock(alice, name=name, keypad="keypad2") for name in ("Front", "Flat"))
        answers = []
        with simulator.serve() as url, closing(Caller(url, alice.token)) as nuki:
            for guest in range(60):
                answers.append(status_of(nuki, "PUT", path(front), keypad_code(f"G{guest}", CODES[guest])))
                if busy_elsewhere:
                    status_of(nuki, "GET", path(flat))
        seen.append(answers)

    assert seen[0] == seen[1]
    assert set(seen[0]) > {204}


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


@pytest.mark.parametrize(
    ("mix", "statuses", "is_done"),
    [
        pytest.param(Mix(spurious_busy=1), {423}, {False}, id="F3 busy"),
        pytest.param(Mix(done_then_broken=1), {0}, {True}, id="F8 done, no answer"),
        pytest.param(Mix(undone_then_broken=1), {0}, {False}, id="F9 not done, no answer"),
        pytest.param(Mix(slow_answers=1, slowest_answer_seconds=1), {0}, {True}, id="F9 slow"),
        pytest.param(Mix(silent_sockets=1), {0}, {True, False}, id="F9 silent"),
        pytest.param(Mix(half_answers=1), {0}, {True}, id="F9 half"),
        pytest.param(Mix(answers_not_json=1), {200}, {False}, id="F9 not JSON"),
        pytest.param(Mix(html_502s=1), {502}, {True, False}, id="F9 HTML"),
        pytest.param(Mix(server_errors=1), {500, 502, 503}, {False}, id="F10 single 5xx"),
        pytest.param(Mix(throttled=1), {429}, {False}, id="F11 throttled"),
    ],
)
def test_every_call_goes_wrong_at_a_rate_of_one(
    *,
    simulator: Simulator,
    nuki: Caller,
    door: Lock,
    mix: Mix,
    statuses: set[int],
    is_done: set[bool],
) -> None:
    simulator.mix = mix
    nuki.connection.timeout = 0.15
    seen = []
    for guest in range(10):
        codes = len(simulator.codes_on(door.smartlock_id))
        status = status_of(nuki, "PUT", path(door), keypad_code(f"Guest {guest}", CODES[guest]))
        simulator.settle()
        seen.append((status, len(simulator.codes_on(door.smartlock_id)) > codes))

    assert {status for status, _ in seen} == statuses
    assert {done for _, done in seen} == is_done


def test_half_of_the_throttled_are_told_how_long_to_wait_f11(
    simulator: Simulator, nuki: Caller, door: Lock
) -> None:
    simulator.mix = Mix(name="test", throttled=1)

    told = ["retry-after" in nuki("GET", path(door)).headers for _ in range(40)]

    assert 10 < told.count(True) < 30


def test_a_storm_follows_some_spurious_423_and_ends_f3(
    simulator: Simulator, clock: TurnedClock, nuki: Caller, door: Lock
) -> None:
    simulator.mix = Mix(name="test", spurious_busy=1)
    while not simulator.world.orders.spans:
        assert nuki("PUT", path(door), keypad_code()).status == 423

    (storm,) = simulator.world.orders.spans
    assert (storm.smartlock_id, storm.ends_at - clock.now()) == (door.smartlock_id, timedelta(minutes=10))
    assert nuki("GET", path(door)).status == 200


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


def test_bursts_of_5xx_come_and_pass_f10(
    simulator: Simulator, clock: TurnedClock, nuki: Caller, door: Lock
) -> None:
    simulator.mix = Mix(name="test", bursts_a_day=24)
    seen = []
    for _ in range(24 * 12):
        clock.turn(seconds=300)
        seen.append(nuki("GET", path(door)).status)

    counted = Counter(seen)
    assert set(counted) == {200, 503}
    assert 24 < counted[503] < 150


def test_calling_too_often_is_blocked_by_the_mix_too_f11(
    simulator: Simulator, nuki: Caller, door: Lock
) -> None:
    simulator.mix = Mix(name="test", calls_a_second=5)

    assert [nuki("GET", path(door)).status for _ in range(7)] == [200] * 5 + [429] * 2


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


@pytest.mark.parametrize(
    ("mix", "fewest", "most"),
    [
        pytest.param(Mix(webhooks_lost=1), 0, 0, id="F20 lost"),
        pytest.param(Mix(webhooks_doubled=1), 80, 80, id="F20 doubled"),
        pytest.param(Mix(webhooks_late=1), 0, 20, id="F20 late"),
    ],
)
def test_webhooks_go_wrong_at_a_rate_of_one(
    *,
    simulator: Simulator,
    clock: TurnedClock,
    nuki: Caller,
    door: Lock,
    mix: Mix,
    fewest: int,
    most: int,
) -> None:
    sent: list[bytes] = []
    simulator.deliver = into(sent)
    body = {"webhookUrl": "https://hooks.example.org/nuki", "webhookFeatures": ["DEVICE_STATUS"]}
    nuki("PUT", "/api/decentralWebhook", body)
    simulator.mix = mix
    for _ in range(20):
        simulator.take_offline(door.smartlock_id)
        simulator.bring_online(door.smartlock_id)

    clock.turn(seconds=10)
    assert fewest <= len(sent) <= most
    clock.turn(seconds=HOUR)

    assert len(sent) == (40 if mix.webhooks_late else fewest)


def test_webhooks_overtake_each_other_f20(
    simulator: Simulator, clock: TurnedClock, nuki: Caller, door: Lock
) -> None:
    sent: list[bytes] = []
    simulator.deliver = into(sent)
    body = {"webhookUrl": "https://hooks.example.org/nuki", "webhookFeatures": ["DEVICE_STATUS"]}
    nuki("PUT", "/api/decentralWebhook", body)
    simulator.mix = Mix(name="test", webhooks_overtaken=0.5)
    for _ in range(20):
        simulator.take_offline(door.smartlock_id)
        simulator.bring_online(door.smartlock_id)

    clock.turn(seconds=60)

    told = [b'"serverState":4' in one for one in sent]
    assert len(told) == 40
    assert told != [True, False] * 20


def test_log_entries_are_late_missing_or_nobodys_f23(
    simulator: Simulator, clock: TurnedClock, nuki: Caller, door: Lock
) -> None:
    simulator.in_the_app(door.smartlock_id).add_code("Ada", "384174")
    nuki("POST", f"/smartlock/{door.smartlock_id}/sync")
    simulator.settle()
    simulator.mix = Mix(name="test", odd_log_entries=1)
    for _ in range(30):
        simulator.type_code(door.smartlock_id, "384174")
    log = f"/smartlock/{door.smartlock_id}/log?limit=50"

    clock.turn(seconds=10)
    soon = nuki("GET", log).json
    clock.turn(seconds=HOUR)
    later = nuki("GET", log).json

    assert {one["name"] for one in soon} == {""}
    assert 0 < len(soon) < len(later) < 30


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


def test_no_mix_plans_nothing_and_draws_nothing(
    simulator: Simulator, clock: TurnedClock, nuki: Caller, door: Lock
) -> None:
    nuki("PUT", path(door), keypad_code())
    simulator.settle()
    clock.turn(seconds=30 * DAY)

    assert {event.kind for event in simulator.world.events} == {EventKind.DAILY_SYNC}
    assert simulator.world.chances == {}


def test_settling_does_not_wait_for_what_happens_by_itself(
    simulator: Simulator, clock: TurnedClock, nuki: Caller, door: Lock
) -> None:
    simulator.mix = Mix(name="test", offline_spells_a_day=0.1, bursts_a_day=0.1, host_edits=1)
    nuki("PUT", path(door), keypad_code())

    simulator.settle()

    assert clock.now() < START + timedelta(seconds=10)
    planned = {EventKind.LOCK_LEAVES, EventKind.SERVICE_FAILS, EventKind.HOST_EDITS}
    assert planned <= {event.kind for event in simulator.world.events}


def test_switching_the_mix_off_ends_what_it_began_and_leaves_what_was_ordered(
    simulator: Simulator, clock: TurnedClock, nuki: Caller, alice: Account, door: Lock
) -> None:
    flat = simulator.add_lock(alice, name="Flat")
    simulator.script.take_offline(flat)
    simulator.mix = Mix(name="test", offline_spells_a_day=100, offline_hours=50, bursts_a_day=1000)
    clock.turn(seconds=2 * HOUR)
    before = door.device.online
    while nuki("GET", "/smartlock").status == 200:
        clock.turn(seconds=60)

    simulator.mix = Mix.NONE

    assert (before, door.device.online, flat.device.online) == (False, True, False)
    assert nuki("GET", "/smartlock").status == 200
    assert not {event.kind for event in simulator.world.events} & spontaneous.PLANNED


def test_stress_is_three_times_base_in_every_rate() -> None:
    rates = [one.name for one in fields(Mix) if one.name not in MEASURES]

    assert [getattr(Mix.STRESS, name) for name in rates] == [3 * getattr(Mix.BASE, name) for name in rates]
    assert all(getattr(Mix.BASE, name) > 0 for name in rates)
    assert (Mix.STRESS.slowest_answer_seconds, Mix.STRESS.calls_a_second) == (60, 5)


def test_a_mix_goes_on_after_a_restart(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    first = Simulator(clock=TurnedClock(START), mix=Mix.BASE, state_path=state)
    alice = first.add_account(name="Alice", token="alice-token")
    first.add_lock(alice, name="Front door", keypad="keypad2")
    first.save()

    second = Simulator(clock=TurnedClock(START), state_path=state)

    assert second.mix == Mix.BASE
    assert state_file.text(second.world) == state_file.text(first.world)


@pytest.mark.parametrize("mix", [pytest.param(Mix.BASE, id="base"), pytest.param(Mix.STRESS, id="stress")])
def test_a_named_mix_can_be_lived_with(mix: Mix) -> None:
    gentle = replace(
        mix, slowest_answer_seconds=0, silent_sockets=0, done_then_broken=0, undone_then_broken=0
    )

    answers, days = a_week(11, gentle)

    assert answers.count(204) > 35
    assert any(days)
