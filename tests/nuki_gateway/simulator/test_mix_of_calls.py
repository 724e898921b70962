"""Calls that go wrong at the mix's rates: no answer, a wrong one, or a refusal."""

from collections import Counter
from datetime import timedelta

import pytest

from nuki_gateway.simulator import Mix, Simulator, TurnedClock
from nuki_gateway.simulator.world import Lock
from tests.nuki_gateway.simulator.caller import Caller, status_of
from tests.nuki_gateway.simulator.conftest import CODES, keypad_code
from tests.nuki_gateway.simulator.doors import path


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
