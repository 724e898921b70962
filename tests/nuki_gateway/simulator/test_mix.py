"""The mix as a whole: the same seed gives the same faults, none costs nothing, and it can be switched."""

from contextlib import closing
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path

import pytest

from nuki_gateway.simulator import Mix, Simulator, TurnedClock, spontaneous, state_file
from nuki_gateway.simulator.mix import MEASURES
from nuki_gateway.simulator.world import Account, EventKind, Lock, World
from tests.nuki_gateway.simulator.caller import Caller, status_of
from tests.nuki_gateway.simulator.conftest import CODES, DAY, HOUR, START, keypad_code
from tests.nuki_gateway.simulator.doors import path


def quick(mix: Mix) -> Mix:
    """Return the mix without the faults that keep the caller waiting in real time."""
    return replace(mix, slow_answers=0, silent_sockets=0, done_then_broken=0, undone_then_broken=0)


HASTY = replace(quick(Mix.STRESS.times(2, name="hasty")), calls_a_second=0)


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
