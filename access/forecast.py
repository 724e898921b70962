"""How many codes a smart lock will hold on the days to come. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class Day:
    """One day on the property's clock, and the most codes that are on the lock at once then."""

    day: date
    begins_at: datetime
    ends_at: datetime
    codes: int = 0


def by_day(spans: Iterable[tuple[datetime, datetime]], *, others: int, days: Sequence[Day]) -> list[Day]:
    """Count the most at once for each day, which follow one another.

    `spans` are half-open, from when to when a code of ours is on the lock; `others` are always there.
    """
    changes = sorted(change for begins, ends in spans for change in ((begins, 1), (ends, -1)))
    counted, place, there = [], 0, others
    for one in days:
        while place < len(changes) and changes[place][0] <= one.begins_at:
            there += changes[place][1]
            place += 1
        most = there
        while place < len(changes) and changes[place][0] < one.ends_at:
            there += changes[place][1]
            most = max(most, there)
            place += 1
        counted.append(Day(one.day, one.begins_at, one.ends_at, most))
    return counted


def first_full(days: Iterable[Day], places: int) -> Day | None:
    """The first day on which no place is left."""
    return next((one for one in days if one.codes >= places), None)
