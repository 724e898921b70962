"""The choice of a step, over the whole table and then over every combination."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from access.lifecycle import (
    PATIENCE,
    STILL_DELIVERED,
    Asked,
    Seen,
    Step,
    may_still_arrive,
    next_step,
    wanted_now,
)
from nuki_gateway.models import AppEntry, KeypadEntry, Window

NOW = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)
WINDOW = Window(NOW, NOW + timedelta(days=2))
CODE = KeypadEntry("KT-0000-aaaaaaaaaa", "384174", WINDOW)
OTHER_WINDOW = KeypadEntry(CODE.name, CODE.code, Window(NOW, NOW + timedelta(days=3)))
OTHER_CODE = KeypadEntry(CODE.name, "384175", WINDOW)
DISABLED = KeypadEntry(CODE.name, CODE.code, WINDOW, enabled=False)
INVITE = AppEntry("KT-0000-bbbbbbbbbb", 77, WINDOW)
LONG_AGO = NOW - PATIENCE
JUST_NOW = NOW - timedelta(seconds=2)
EARLIER = NOW - timedelta(days=1)


def pushed(at: datetime, *, is_current: bool = True) -> Asked:
    return Asked(Step.PUSH, at, is_current)


def corrected(at: datetime, *, is_current: bool = True) -> Asked:
    return Asked(Step.CORRECT, at, is_current)


def revoked(at: datetime, *, is_current: bool = True) -> Asked:
    return Asked(Step.REVOKE, at, is_current)


@pytest.mark.parametrize(
    ("wanted", "seen", "asked", "step"),
    [
        pytest.param(CODE, CODE, None, Step.CONFIRM, id="there, and never asked for"),
        pytest.param(CODE, CODE, pushed(JUST_NOW), Step.CONFIRM, id="there, just asked"),
        pytest.param(CODE, None, None, Step.PUSH, id="missing, never asked"),
        pytest.param(CODE, None, pushed(JUST_NOW), Step.WAIT, id="missing, push is out"),
        pytest.param(CODE, None, pushed(LONG_AGO), Step.PUSH, id="missing, push was lost"),
        pytest.param(
            CODE, None, revoked(JUST_NOW, is_current=False), Step.WAIT, id="missing, removal is out"
        ),
        pytest.param(
            CODE, None, pushed(JUST_NOW, is_current=False), Step.WAIT, id="missing, older push is out"
        ),
        pytest.param(CODE, OTHER_WINDOW, None, Step.CORRECT, id="other window"),
        pytest.param(CODE, OTHER_CODE, None, Step.CORRECT, id="other code"),
        pytest.param(CODE, DISABLED, None, Step.CORRECT, id="disabled in the app"),
        pytest.param(CODE, OTHER_WINDOW, corrected(JUST_NOW), Step.WAIT, id="other window, change is out"),
        pytest.param(
            CODE, OTHER_WINDOW, corrected(LONG_AGO), Step.CORRECT, id="other window, change was lost"
        ),
        pytest.param(
            CODE,
            OTHER_WINDOW,
            pushed(JUST_NOW, is_current=False),
            Step.CORRECT,
            id="the older wish has arrived",
        ),
        pytest.param(None, CODE, None, Step.REVOKE, id="unwanted, there"),
        pytest.param(None, CODE, revoked(JUST_NOW), Step.WAIT, id="unwanted, removal is out"),
        pytest.param(None, CODE, revoked(LONG_AGO), Step.REVOKE, id="unwanted, removal was lost"),
        pytest.param(
            None, CODE, pushed(JUST_NOW, is_current=False), Step.REVOKE, id="unwanted, its push has arrived"
        ),
        pytest.param(None, None, None, Step.CLOSE, id="unwanted, never asked"),
        pytest.param(None, None, revoked(JUST_NOW), Step.CLOSE, id="unwanted, removed"),
        pytest.param(
            None, None, pushed(JUST_NOW, is_current=False), Step.WAIT, id="unwanted, but its push may arrive"
        ),
        pytest.param(
            None, None, pushed(LONG_AGO, is_current=False), Step.CLOSE, id="unwanted, its push was lost"
        ),
    ],
)
def test_the_step_follows_from_wanted_seen_and_asked(
    wanted: KeypadEntry | None, seen: KeypadEntry | None, asked: Asked | None, step: Step
) -> None:
    assert next_step(wanted=wanted, seen=Seen(seen), asked=asked, now=NOW, push_at=EARLIER) is step


ASKED = [
    None,
    *(
        Asked(step, at, is_current)
        for step, at, is_current in itertools.product(
            (Step.PUSH, Step.CORRECT, Step.REVOKE), (JUST_NOW, LONG_AGO), (True, False)
        )
    ),
]
EVERYTHING = list(
    itertools.product(
        (None, CODE), (None, CODE, OTHER_WINDOW, OTHER_CODE), ASKED, (True, False), (True, False)
    )
)


@pytest.mark.parametrize(
    ("wanted", "asked", "step"),
    [
        pytest.param(INVITE, None, Step.REVOKE, id="it goes though it is as wanted"),
        pytest.param(INVITE, pushed(EARLIER, is_current=False), Step.REVOKE, id="asked for long ago"),
        pytest.param(INVITE, revoked(JUST_NOW), Step.WAIT, id="its removal is out"),
        pytest.param(INVITE, revoked(LONG_AGO), Step.REVOKE, id="its removal was lost"),
        pytest.param(None, None, Step.REVOKE, id="nothing is wanted any more"),
    ],
)
def test_an_invite_that_is_void_is_never_confirmed_or_changed(
    wanted: AppEntry | None, asked: Asked | None, step: Step
) -> None:
    seen = Seen(INVITE, is_void=True)

    chosen = next_step(wanted=wanted, seen=seen, asked=asked, now=NOW, push_at=NOW - timedelta(days=1))

    assert chosen is step


def test_nothing_is_decided_while_an_operation_runs() -> None:
    steps = {
        next_step(
            wanted=wanted,
            seen=Seen(seen, operation_runs=True),
            asked=asked,
            now=NOW,
            push_at=NOW if is_time else NOW + timedelta(days=1),
            lock_is_online=is_online,
        )
        for wanted, seen, asked, is_time, is_online in EVERYTHING
    }

    assert steps == {Step.WAIT}


def test_each_step_fits_what_is_wanted_and_seen_in_every_combination() -> None:
    for wanted, seen, asked, is_time, is_online in EVERYTHING:
        step = next_step(
            wanted=wanted,
            seen=Seen(seen),
            asked=asked,
            now=NOW,
            push_at=NOW if is_time else NOW + timedelta(days=1),
            lock_is_online=is_online,
        )

        fits = {
            Step.CONFIRM: wanted is not None and wanted == seen,
            Step.CLOSE: wanted is None and seen is None,
            Step.REVOKE: wanted is None and seen is not None,
            Step.PUSH: wanted is not None and seen is None and is_time,
            Step.CORRECT: wanted is not None and seen not in {None, wanted},
            Step.WAIT: asked is not None or not is_time,
        }
        assert fits[step]


def test_a_write_is_never_repeated_while_its_lock_is_offline() -> None:
    for wanted, seen, asked, is_time, _ in EVERYTHING:
        if asked is None or not asked.is_current or wanted == seen:
            continue

        step = next_step(
            wanted=wanted,
            seen=Seen(seen),
            asked=asked,
            now=NOW,
            push_at=NOW if is_time else NOW + timedelta(days=1),
            lock_is_online=False,
        )

        assert step is Step.WAIT


def test_nothing_is_pushed_before_its_time() -> None:
    step = next_step(wanted=CODE, seen=Seen(None), asked=None, now=NOW, push_at=NOW + timedelta(seconds=1))

    assert step is Step.WAIT


@pytest.mark.parametrize(
    ("is_wanted", "until", "entry"),
    [
        pytest.param(True, NOW + timedelta(seconds=1), CODE, id="until its last second"),
        pytest.param(True, NOW, None, id="not from its end on"),
        pytest.param(False, NOW + timedelta(days=1), None, id="not once cancelled"),
    ],
)
def test_an_entry_is_wanted_until_its_window_ends(
    *, is_wanted: bool, until: datetime, entry: KeypadEntry | None
) -> None:
    assert wanted_now(entry=CODE, is_wanted=is_wanted, allowed_until=until, now=NOW) == entry


@pytest.mark.parametrize(
    ("asked", "was_seen", "may_arrive"),
    [
        pytest.param(pushed(LONG_AGO), False, True, id="a push that was never seen"),
        pytest.param(pushed(LONG_AGO), True, False, id="a push that was seen"),
        pytest.param(pushed(NOW - STILL_DELIVERED), False, False, id="a push so old that nobody carries it"),
        pytest.param(revoked(LONG_AGO), False, False, id="a removal"),
        pytest.param(None, False, False, id="nothing was asked for"),
    ],
)
def test_a_push_may_arrive_long_after_it_was_asked_for(
    asked: Asked | None, *, was_seen: bool, may_arrive: bool
) -> None:
    assert may_still_arrive(asked, was_seen=was_seen, now=NOW) is may_arrive
