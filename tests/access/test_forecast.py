"""How many codes a lock will hold: the most at once on each day."""

from datetime import UTC, date, datetime, timedelta

import pytest

from access import forecast
from access.forecast import Day

MONDAY = datetime(2026, 6, 15, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = 24 * HOUR


def days(count: int) -> list[Day]:
    return [
        Day(date(2026, 6, 15 + number), MONDAY + number * DAY, MONDAY + (number + 1) * DAY)
        for number in range(count)
    ]


@pytest.mark.parametrize(
    ("spans", "counted"),
    [
        pytest.param([], [2, 2, 2], id="only others' codes"),
        pytest.param([(0, 72)], [3, 3, 3], id="over all days"),
        pytest.param([(-48, 10)], [3, 2, 2], id="ends on the first"),
        pytest.param([(30, 40)], [2, 3, 2], id="within one day"),
        pytest.param([(0, 34), (34, 60)], [3, 3, 3], id="one goes as the next comes: never two at once"),
        pytest.param([(0, 34), (33, 60)], [3, 4, 3], id="two at once for an hour"),
        pytest.param([(24, 48)], [2, 3, 2], id="from midnight to midnight"),
        pytest.param([(100, 200)], [2, 2, 2], id="after the last day"),
        pytest.param([(-50, -10)], [2, 2, 2], id="over before the first"),
    ],
)
def test_each_day_has_the_most_at_once(spans: list[tuple[int, int]], counted: list[int]) -> None:
    periods = [(MONDAY + begins * HOUR, MONDAY + ends * HOUR) for begins, ends in spans]

    found = forecast.by_day(periods, others=2, days=days(3))

    assert [one.codes for one in found] == counted
    assert [one.day for one in found] == [one.day for one in days(3)]


def test_the_first_day_without_a_place_is_named() -> None:
    found = forecast.by_day([(MONDAY + DAY, MONDAY + 2 * DAY)], others=9, days=days(3))

    full, never = forecast.first_full(found, 10), forecast.first_full(found, 11)

    assert full is not None
    assert (full.day, full.codes, never) == (date(2026, 6, 16), 10, None)
