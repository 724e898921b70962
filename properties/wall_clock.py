"""From what a clock on the wall shows to instants, and back. The only place that does either.

In spring an hour is skipped: a time inside it becomes the first one after the gap, as far after as it was
inside. In autumn an hour comes twice: the guest gets the longer stay, so the first is taken for an arrival
and the second for a departure.
"""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo, available_timezones

FIRST, SECOND = 0, 1


class UnknownTimeZone(ValueError):
    """Not the name of a time zone in the IANA database."""


def check_time_zone(name: str) -> str:
    """The name itself, if the IANA database has it."""
    if name not in available_timezones():
        raise UnknownTimeZone("This is no time zone we know. Names look like Europe/Vienna.")
    return name


def arrival(on_the_wall: datetime, zone: str) -> datetime:
    """The instant (UTC) of an arrival's naive wall-clock time."""
    return _instant(on_the_wall, zone, FIRST)


def departure(on_the_wall: datetime, zone: str) -> datetime:
    """The instant (UTC) of a departure's naive wall-clock time."""
    return _instant(on_the_wall, zone, SECOND)


def shown(instant: datetime, zone: str) -> datetime:
    """What a clock on the wall of that zone shows at the instant (aware)."""
    return instant.astimezone(ZoneInfo(zone))


def at(day: date, clock: time) -> datetime:
    """A wall-clock time on a day (naive)."""
    return datetime.combine(day, clock)


def _instant(on_the_wall: datetime, zone: str, fold: int) -> datetime:
    if on_the_wall.tzinfo is not None:
        raise ValueError("A wall-clock time carries no zone of its own.")
    place = ZoneInfo(zone)
    first = on_the_wall.replace(tzinfo=place, fold=FIRST)
    if first.astimezone(UTC).astimezone(place).replace(tzinfo=None) != on_the_wall:
        return first.astimezone(UTC)  # in a gap: the offset before it lands as far after it
    return on_the_wall.replace(tzinfo=place, fold=fold).astimezone(UTC)
