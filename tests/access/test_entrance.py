"""Would this guest get in? The verdicts over every combination of facts."""

from itertools import product

import pytest

from access import entrance
from access.entrance import Code, DoorFacts, Told, Verdict

BOTH = (True, False)
EVERYTHING = [DoorFacts(code, *others) for code in Code for others in product(BOTH, repeat=6)]
USABLE = [one for one in EVERYTHING if one.is_listed and one.has_keypad and one.code is not Code.BLOCKED]
WELL = DoorFacts(Code.CONFIRMED)


def both(facts: DoorFacts) -> tuple[Verdict, Verdict]:
    """The verdict on a near arrival, and on a later one."""
    return entrance.at_door(facts, is_near=True), entrance.at_door(facts, is_near=False)


def test_every_combination_has_a_verdict() -> None:
    assert len(EVERYTHING) == 5 * 2**6
    assert {verdict for facts in EVERYTHING for verdict in both(facts)} == set(Verdict) - {Verdict.UNTOLD}


def test_a_door_that_no_code_can_open_is_shut_whatever_else_is_so() -> None:
    shut = [one for one in EVERYTHING if one not in USABLE]

    assert {both(facts) for facts in shut} == {(Verdict.SHUT, Verdict.SHUT)}


def test_a_confirmed_code_never_leaves_a_guest_outside() -> None:
    confirmed = [one for one in USABLE if one.code is Code.CONFIRMED]

    assert {both(one) for one in confirmed if not one.is_online} == {(Verdict.WEAK, Verdict.WEAK)}
    assert {verdict for one in confirmed for verdict in both(one)} == {Verdict.WEAK, Verdict.OPENS}


def test_only_a_confirmed_code_at_a_lock_that_is_well_is_certain() -> None:
    certain = [one for one in EVERYTHING if Verdict.OPENS in both(one)]

    assert certain == [WELL]


def test_a_code_that_is_not_there_is_never_better_than_on_its_way() -> None:
    waiting = [one for one in USABLE if one.code is not Code.CONFIRMED]

    assert {verdict for one in waiting for verdict in both(one)} == {
        Verdict.SHUT,
        Verdict.DOUBTFUL,
        Verdict.ON_ITS_WAY,
        Verdict.PLANNED,
    }


def test_what_is_late_or_out_of_reach_shuts_out_whoever_is_near() -> None:
    stuck = [
        one
        for one in USABLE
        if one.code is Code.LATE or (one.code is not Code.CONFIRMED and not one.is_online)
    ]

    assert {both(one) for one in stuck} == {(Verdict.SHUT, Verdict.DOUBTFUL)}


def test_weak_batteries_change_nothing_about_a_code_that_travels() -> None:
    travelling = [one for one in USABLE if one.is_online and one.code in {Code.ON_ITS_WAY, Code.PLANNED}]

    assert {(one.code.value, *both(one)) for one in travelling} == {
        ("on its way", Verdict.ON_ITS_WAY, Verdict.ON_ITS_WAY),
        ("planned", Verdict.PLANNED, Verdict.PLANNED),
    }


@pytest.mark.parametrize(
    ("doors", "told", "verdict"),
    [
        pytest.param([], Told.SENT, Verdict.SHUT, id="no door"),
        pytest.param([Verdict.OPENS, Verdict.OPENS], Told.SENT, Verdict.OPENS, id="all open"),
        pytest.param([Verdict.OPENS], Told.WAITING, Verdict.OPENS, id="being told"),
        pytest.param([Verdict.OPENS], Told.NOT_YET, Verdict.OPENS, id="told soon"),
        pytest.param([Verdict.OPENS], Told.LATE, Verdict.UNTOLD, id="not told"),
        pytest.param([Verdict.WEAK], Told.LATE, Verdict.UNTOLD, id="not told, and weak"),
        pytest.param([Verdict.SHUT], Told.LATE, Verdict.SHUT, id="not told, and shut"),
        pytest.param([Verdict.OPENS, Verdict.WEAK], Told.SENT, Verdict.WEAK, id="one is weak"),
        pytest.param([Verdict.OPENS, Verdict.ON_ITS_WAY], Told.NOT_YET, Verdict.ON_ITS_WAY, id="one travels"),
        pytest.param([Verdict.PLANNED, Verdict.ON_ITS_WAY], Told.NOT_YET, Verdict.ON_ITS_WAY, id="planned"),
        pytest.param([Verdict.DOUBTFUL, Verdict.WEAK], Told.NOT_YET, Verdict.DOUBTFUL, id="one is doubtful"),
        pytest.param([Verdict.OPENS, Verdict.SHUT], Told.NOT_YET, Verdict.SHUT, id="one is shut"),
    ],
)
def test_the_worst_door_decides_and_who_was_not_told_stands_outside_too(
    doors: list[Verdict], told: Told, verdict: Verdict
) -> None:
    assert entrance.of_stay(doors, told) is verdict
