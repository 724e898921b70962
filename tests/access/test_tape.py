"""Where stays stand on the tape: half days, turnovers, edges of the window, days that have no 24 hours."""

from datetime import UTC, date, datetime

import pytest

from access.tape import Cell, Span, cells, span_of
from properties import wall_clock

MONDAY = date(2026, 6, 15)
WEEK = 7


def june(day: int, hour: int, minute: int = 0) -> datetime:
    """What the clocks show."""
    return datetime(2026, 6, day, hour, minute)  # noqa: DTZ001  as clocks on walls show it


@pytest.mark.parametrize(
    ("starts", "ends", "span"),
    [
        pytest.param(june(15, 15), june(17, 10), Span(1, 5), id="two nights, by the usual times"),
        pytest.param(june(15, 5, 59), june(16, 10), Span(0, 3), id="arrives before dawn"),
        pytest.param(june(15, 23), june(16, 1), Span(1, 3), id="arrives late, leaves in the night"),
        pytest.param(june(15, 15), june(16, 18), Span(1, 4), id="leaves in the evening"),
        pytest.param(june(15, 15), june(17, 0), Span(1, 4), id="leaves at midnight"),
        pytest.param(june(16, 9), june(16, 17), Span(3, 4), id="only a day"),
        pytest.param(june(16, 0), june(16, 0, 30), Span(2, 3), id="only half an hour"),
        pytest.param(june(1, 15), june(16, 10), Span(0, 3, began_before=True), id="cut before"),
        pytest.param(june(20, 15), june(25, 10), Span(11, 14, goes_on=True), id="cut after"),
        pytest.param(
            june(1, 15), june(30, 10), Span(0, 14, began_before=True, goes_on=True), id="cut at both sides"
        ),
        pytest.param(june(20, 15), june(21, 23), Span(11, 14), id="ends with the window"),
    ],
)
def test_a_stay_fills_the_half_days_in_which_somebody_is_there(
    starts: datetime, ends: datetime, span: Span
) -> None:
    assert span_of(starts, ends, first_day=MONDAY, days=WEEK) == span
    assert span.is_seen


@pytest.mark.parametrize(
    ("starts", "ends"),
    [
        pytest.param(june(12, 15), june(14, 10), id="before"),
        pytest.param(june(12, 15), june(15, 0), id="until the first minute"),
        pytest.param(june(22, 0), june(23, 10), id="from the last minute on"),
        pytest.param(june(25, 15), june(26, 10), id="after"),
    ],
)
def test_a_stay_outside_of_the_window_is_not_seen(starts: datetime, ends: datetime) -> None:
    assert not span_of(starts, ends, first_day=MONDAY, days=WEEK).is_seen


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "first_day"),
    [
        pytest.param(
            datetime(2026, 3, 28, 14, tzinfo=UTC),
            datetime(2026, 3, 30, 8, tzinfo=UTC),
            date(2026, 3, 27),
            id="over a day of 23 hours",
        ),
        pytest.param(
            datetime(2026, 10, 24, 13, tzinfo=UTC),
            datetime(2026, 10, 26, 9, tzinfo=UTC),
            date(2026, 10, 23),
            id="over a day of 25 hours",
        ),
    ],
)
def test_a_stay_over_the_change_of_the_clocks_is_as_wide_as_any(
    starts_at: datetime, ends_at: datetime, first_day: date
) -> None:
    starts, ends = (
        wall_clock.shown(instant, "Europe/Vienna").replace(tzinfo=None) for instant in (starts_at, ends_at)
    )

    assert span_of(starts, ends, first_day=first_day, days=WEEK) == Span(3, 7)


def test_a_row_without_stays_is_free_day_by_day() -> None:
    assert cells([], 3) == [Cell(0, 2), Cell(2, 4), Cell(4, 6)]


def test_a_turnover_meets_in_the_middle_of_a_day() -> None:
    row = cells([Span(1, 5), Span(5, 9)], 5)

    assert row == [Cell(0, 1), Cell(1, 5, (0,)), Cell(5, 9, (1,)), Cell(9, 10)]
    assert [cell.width for cell in row] == [1, 4, 4, 1]
    assert [cell.day for cell in row] == [0, 0, 2, 4]


def test_between_two_stays_half_days_stand_at_both_ends() -> None:
    row = cells([Span(0, 1), Span(5, 8)], 4)

    assert row == [Cell(0, 1, (0,)), Cell(1, 2), Cell(2, 4), Cell(4, 5), Cell(5, 8, (1,))]
    assert [cell.has_evening for cell in row if cell.is_free] == [True, True, False]


def test_a_stay_that_fills_the_window_leaves_nothing_free() -> None:
    assert cells([Span(0, 14, began_before=True, goes_on=True)], WEEK) == [Cell(0, 14, (0,))]


def test_who_leaves_in_the_evening_gives_way_to_who_comes_then() -> None:
    assert cells([Span(1, 6), Span(5, 8)], 4) == [Cell(0, 1), Cell(1, 5, (0,)), Cell(5, 8, (1,))]


def test_stays_of_the_same_half_day_share_a_cell() -> None:
    row = cells([Span(2, 3), Span(2, 3), Span(2, 5)], 3)

    assert row == [Cell(0, 2), Cell(2, 5, (0, 1, 2)), Cell(5, 6)]


def test_every_row_is_as_wide_as_its_days() -> None:
    rows = [[], [Span(0, 3)], [Span(1, 6), Span(5, 6), Span(5, 14)], [Span(13, 14)]]

    assert [sum(cell.width for cell in cells(row, WEEK)) for row in rows] == [14, 14, 14, 14]
