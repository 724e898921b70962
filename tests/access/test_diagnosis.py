"""Why a code does not open a door: a table of what is known, and of what follows from it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from access.diagnosis import WAYS, Cause, Facts, Way, diagnose

NOW = datetime(2026, 6, 15, 21, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
WELL = Facts(begins_at=NOW - 6 * HOUR, ends_at=NOW + 12 * HOUR)
A_WHILE_AGO = NOW - HOUR


def ago(minutes: float) -> datetime:
    return NOW - minutes * MINUTE


CASES = [
    pytest.param(WELL, Cause.IN_ORDER, None, id="nothing is wrong"),
    pytest.param(replace(WELL, ends_at=NOW), Cause.ENDED, NOW, id="the stay is over"),
    pytest.param(replace(WELL, begins_at=NOW + HOUR), Cause.TOO_EARLY, NOW + HOUR, id="too early"),
    pytest.param(
        replace(WELL, begins_at=NOW + HOUR, has_keypad=False),
        Cause.TOO_EARLY,
        NOW + HOUR,
        id="early counts first",
    ),
    pytest.param(replace(WELL, opened_at=ago(1)), Cause.JUST_OPENED, ago(1), id="it was just opened"),
    pytest.param(replace(WELL, opened_at=ago(3)), Cause.IN_ORDER, None, id="it was opened before"),
    pytest.param(replace(WELL, has_keypad=False), Cause.NO_KEYPAD, None, id="no keypad"),
    pytest.param(replace(WELL, is_by_app=True), Cause.APP_DOOR, None, id="the app opens it"),
    pytest.param(
        replace(WELL, is_by_app=True, is_confirmed=False),
        Cause.APP_NOT_READY,
        None,
        id="invite not confirmed",
    ),
    pytest.param(
        replace(WELL, is_by_app=True, battery_is_low=True),
        Cause.LOCK_BATTERY,
        None,
        id="the app, and batteries",
    ),
    pytest.param(
        replace(WELL, is_by_app=True, is_in_service=False),
        Cause.OUT_OF_SERVICE,
        None,
        id="the app, and out of service",
    ),
    pytest.param(
        replace(WELL, keypad_refuses=True), Cause.KEYPAD_UNKNOWN, None, id="a keypad unknown to Nuki"
    ),
    pytest.param(replace(WELL, is_in_service=False), Cause.OUT_OF_SERVICE, None, id="in maintenance"),
    pytest.param(replace(WELL, jammed_at=ago(2)), Cause.JAMMED, ago(2), id="it did not turn"),
    pytest.param(
        replace(WELL, jammed_at=ago(5), opened_at=ago(4)), Cause.IN_ORDER, None, id="it turned after all"
    ),
    pytest.param(
        replace(WELL, wrong_codes_at=(ago(0.5), ago(1), ago(1.5))),
        Cause.TOO_MANY_TRIES,
        NOW + 1.5 * MINUTE,
        id="three wrong codes",
    ),
    pytest.param(
        replace(WELL, wrong_codes_at=(ago(0.5), ago(1), ago(11))),
        Cause.MISTYPED,
        ago(0.5),
        id="two wrong codes, and one long ago",
    ),
    pytest.param(
        replace(WELL, wrong_codes_at=(ago(3), ago(4), ago(5))), Cause.MISTYPED, ago(3), id="the pause is over"
    ),
    pytest.param(
        replace(WELL, wrong_codes_at=(ago(6), ago(7), ago(8)), opened_at=ago(4)),
        Cause.IN_ORDER,
        None,
        id="wrong codes before the right one",
    ),
    pytest.param(
        replace(WELL, is_confirmed=False, is_online=False, offline_since=A_WHILE_AGO),
        Cause.OFFLINE_WITHOUT_CODE,
        A_WHILE_AGO,
        id="offline, and without the code",
    ),
    pytest.param(
        replace(WELL, is_confirmed=False), Cause.NOT_CONFIRMED, None, id="the code is not confirmed"
    ),
    pytest.param(
        replace(WELL, own_code_refused_at=ago(1)),
        Cause.RIGHT_CODE_REFUSED,
        ago(1),
        id="the right code refused",
    ),
    pytest.param(
        replace(WELL, begins_at=ago(1), own_code_refused_at=ago(2)),
        Cause.IN_ORDER,
        None,
        id="refused before its time, which has come since",
    ),
    pytest.param(
        replace(WELL, keypad_battery_is_low=True), Cause.KEYPAD_BATTERY, None, id="keypad's battery"
    ),
    pytest.param(replace(WELL, battery_is_low=True), Cause.LOCK_BATTERY, None, id="lock's batteries"),
    pytest.param(
        replace(WELL, wrong_code_elsewhere_at=ago(2)), Cause.OTHER_DOOR, ago(2), id="typed at another door"
    ),
    pytest.param(
        replace(WELL, wrong_code_elsewhere_at=ago(2), wrong_codes_at=(ago(1),)),
        Cause.MISTYPED,
        ago(1),
        id="typed at both: it is this one",
    ),
    pytest.param(
        replace(WELL, is_online=False, offline_since=A_WHILE_AGO),
        Cause.OFFLINE,
        A_WHILE_AGO,
        id="offline, with the code",
    ),
]


@pytest.mark.parametrize(("facts", "cause", "at"), CASES)
def test_the_first_cause_that_is_so_is_named(facts: Facts, cause: Cause, at: datetime | None) -> None:
    found = diagnose(facts, NOW)

    assert (found.cause, found.at) == (cause, at)


def test_whom_the_app_lets_in_is_told_what_to_do_before_the_time() -> None:
    early = replace(WELL, begins_at=NOW + HOUR, is_by_app=True)

    found = diagnose(early, NOW)

    assert (found.cause, found.ways) == (Cause.TOO_EARLY, (Way.ACCEPT_INVITE, Way.WAIT))


def test_every_cause_has_a_case_and_a_way_out() -> None:
    assert {case.values[1] for case in CASES} == set(Cause)
    assert WAYS.keys() == set(Cause)
    assert all(WAYS.values())


@pytest.mark.parametrize(
    ("facts", "ways", "needs_host"),
    [
        pytest.param(WELL, [Way.KEY_IT_IN, Way.CALL_HOST], False, id="keyed in once more"),
        pytest.param(
            replace(WELL, may_open=True), [Way.KEY_IT_IN, Way.OPEN, Way.CALL_HOST], False, id="or opened"
        ),
        pytest.param(
            replace(WELL, begins_at=NOW + HOUR, may_open=True), [Way.WAIT], False, id="only waited for"
        ),
        pytest.param(replace(WELL, is_confirmed=False), [Way.CALL_HOST], True, id="only the host can help"),
        pytest.param(
            replace(WELL, is_confirmed=False, may_open=True),
            [Way.OPEN, Way.CALL_HOST],
            False,
            id="opened first",
        ),
    ],
)
def test_the_best_way_out_comes_first_and_the_host_last(
    facts: Facts, ways: list[Way], *, needs_host: bool
) -> None:
    found = diagnose(facts, NOW)

    assert (list(found.ways), found.needs_host) == (ways, needs_host)
