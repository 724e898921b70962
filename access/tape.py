"""Where stays stand on a tape of days: each day has two halves, and what was booked fills some of them. Pure.

Guests leave in the first half of a day and arrive in the second, as a rule, so that a turnover shows as two
stays that meet in the middle of a day. All times are what the clocks of the property show.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

HALVES = 2  # of a day
EARLY = time(6)  # who arrives before this hour has the whole day
LATE = time(18)  # who leaves from this hour on has the whole day, too
MIDNIGHT = time(0)


@dataclass(frozen=True)
class Span:
    """The half days of a window that a stay fills: from `first` up to, and without, `end`."""

    first: int
    end: int
    began_before: bool = False  # the window
    goes_on: bool = False  # after the window

    @property
    def is_seen(self) -> bool:
        """Whether any of it lies in the window."""
        return self.first < self.end


@dataclass(frozen=True)
class Cell:
    """Half days of a row that belong together: a stay, several that share them, or a free day or half."""

    first: int
    end: int
    held: tuple[int, ...] = ()  # numbers of the spans

    @property
    def width(self) -> int:
        """In half days."""
        return self.end - self.first

    @property
    def day(self) -> int:
        """On which day of the window it begins."""
        return self.first // HALVES

    @property
    def is_free(self) -> bool:
        """Whether nobody is there."""
        return not self.held

    @property
    def has_evening(self) -> bool:
        """Whether it lasts until the end of a day, so that somebody could arrive."""
        return self.end % HALVES == 0


def span_of(starts: datetime, ends: datetime, *, first_day: date, days: int) -> Span:
    """Where a stay stands in a window of days, cut where it is longer than that."""
    first = _arrival(starts, first_day)
    end = max(_departure(ends, first_day), first + 1)
    whole = days * HALVES
    return Span(max(first, 0), min(end, whole), began_before=first < 0, goes_on=end > whole)


def cells(spans: Sequence[Span], days: int) -> list[Cell]:
    """A row without gaps: the spans, which come in the order of time, and the free days between them."""
    row: list[Cell] = []
    reached = 0
    for taken in [*_apart(spans), Cell(days * HALVES, days * HALVES)]:
        row += _free(reached, taken.first)
        row += [taken] if taken.held else []
        reached = taken.end
    return row


def _arrival(starts: datetime, first_day: date) -> int:
    begun = (starts.date() - first_day).days * HALVES
    return begun if starts.time() < EARLY else begun + 1


def _departure(ends: datetime, first_day: date) -> int:
    begun = (ends.date() - first_day).days * HALVES
    if ends.time() == MIDNIGHT:
        return begun
    return begun + HALVES if ends.time() >= LATE else begun + 1


def _apart(spans: Sequence[Span]) -> list[Cell]:
    """A cell for each span. Of two in the same half day the earlier gives way, or they share a cell."""
    found: list[Cell] = []
    for number, span in enumerate(spans):
        last = found[-1] if found else Cell(0, 0)
        if span.first >= last.end:
            found.append(Cell(span.first, span.end, (number,)))
        elif span.first > last.first:
            found[-1] = Cell(last.first, span.first, last.held)
            found.append(Cell(span.first, max(span.end, last.end), (number,)))
        else:
            found[-1] = Cell(last.first, max(span.end, last.end), (*last.held, number))
    return found


def _free(first: int, end: int) -> Iterator[Cell]:
    """Free half days, whole days together."""
    while first < end:
        day_ends = min((first // HALVES + 1) * HALVES, end)
        yield Cell(first, day_ends)
        first = day_ends
