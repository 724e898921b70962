"""When an app invite that nobody has used is made anew: a table of hours around the arrival."""

from datetime import UTC, datetime, timedelta

import pytest

from access import invites

ARRIVAL = datetime(2026, 6, 15, 15, tzinfo=UTC)
PUSHED, LEAVES = ARRIVAL - timedelta(hours=72), ARRIVAL + timedelta(hours=72)


def at(hours: float) -> datetime:
    return ARRIVAL + timedelta(hours=hours)


@pytest.mark.parametrize(
    ("invited", "anew"),
    [
        pytest.param(-72, -48, id="a day after the first"),
        pytest.param(-30.5, -6.5, id="just before the quiet hours"),
        pytest.param(-30, 12, id="not from six hours before the arrival"),
        pytest.param(-13, 12, id="until twelve hours after it"),
        pytest.param(-12, 12, id="and then again after a day"),
        pytest.param(20, 44, id="during the stay"),
        pytest.param(-400, -72, id="taken over: not before a first invite would have gone out"),
        pytest.param(60, 72, id="not after the end"),
    ],
)
def test_an_unused_invite_is_made_anew_a_day_later_but_not_around_the_arrival(
    invited: float, anew: float
) -> None:
    until = invites.sleeps_until(
        invited_at=at(invited), is_used=False, push_at=PUSHED, allowed_from=ARRIVAL, allowed_until=LEAVES
    )

    assert until == at(anew)


@pytest.mark.parametrize(
    ("invited_at", "is_used"),
    [pytest.param(at(-72), True, id="used"), pytest.param(None, False, id="unknown")],
)
def test_an_invite_that_was_used_is_left_as_it_is(invited_at: datetime | None, *, is_used: bool) -> None:
    until = invites.sleeps_until(
        invited_at=invited_at, is_used=is_used, push_at=PUSHED, allowed_from=ARRIVAL, allowed_until=LEAVES
    )

    assert until == LEAVES
