"""From what a clock on the wall shows to instants, and back. The only place that does either.

In spring an hour is skipped: a time inside it becomes the first one after the gap, as far after as it was
inside. In autumn an hour comes twice: the guest gets the longer stay, so the first is taken for an arrival
and the second for a departure.

States change the rules of their zones, at times weeks ahead. What was agreed with a guest is the time on the
wall, so it is kept beside the instant (`kept`), and the instant is derived anew from it. The rules are those
of the `tzdata` package, the same in every process of an installation (`config.settings`).
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import tzdata

FIRST, SECOND = 0, 1
RULES: str = tzdata.IANA_VERSION  # such as 2026f; a later release sorts after it
A_WEEK = timedelta(weeks=1)
WEEKS_OF_A_YEAR = 53
PAIRS_OF_ZONES = 1_000


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
    return instant.astimezone(_zone(zone))


def at(day: date, clock: time) -> datetime:
    """A wall-clock time on a day (naive)."""
    return datetime.combine(day, clock)


def kept(instant: datetime, zone: str) -> str:
    """What the clock shows at the instant, to be kept: `2026-06-15T14:00:00+02:00`."""
    return shown(instant, zone).isoformat()


def is_kept_of(instant: datetime, text: str) -> bool:
    """Whether the text was kept of this very instant, and not of one that was changed since."""
    return bool(text) and datetime.fromisoformat(text) == instant


def arrival_anew(text: str, zone: str) -> tuple[datetime, str]:
    """The instant (UTC) of an arrival by the zone's rules of today, from what was kept; and what to keep now.

    Both are as before where the clock still shows at that instant what it was to show.
    """
    return _anew(text, zone, arrival)


def departure_anew(text: str, zone: str) -> tuple[datetime, str]:
    """The same for a departure."""
    return _anew(text, zone, departure)


def clocks_differ(zone: str, other: str, now: datetime) -> bool:
    """Whether clocks of two zones differ at some time in the coming year, as far as both are known.

    Zones of other names may show the same all year: Nuki's locks know Berlin, but not Vienna.
    """
    return _differ_in_the_year_from(now.astimezone(UTC).date(), zone, other)


@lru_cache(maxsize=PAIRS_OF_ZONES)
def _differ_in_the_year_from(day: date, zone: str, other: str) -> bool:
    """Kept for as many pairs as there may be: a list of locks asks for each of them."""
    try:
        one, two = _zone(zone), _zone(other)
    except UnknownTimeZone:
        return False
    noon = datetime.combine(day, time(12), tzinfo=UTC)
    weeks = (noon + number * A_WEEK for number in range(WEEKS_OF_A_YEAR))
    return any(week.astimezone(one).utcoffset() != week.astimezone(two).utcoffset() for week in weeks)


def _zone(name: str) -> ZoneInfo:
    """The one place that looks up a zone's rules."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as missing:
        raise UnknownTimeZone(f"The time zone database has no {name!r}.") from missing


def _instant(on_the_wall: datetime, zone: str, fold: int) -> datetime:
    if on_the_wall.tzinfo is not None:
        raise ValueError("A wall-clock time carries no zone of its own.")
    place = _zone(zone)
    first = on_the_wall.replace(tzinfo=place, fold=FIRST)
    if first.astimezone(UTC).astimezone(place).replace(tzinfo=None) != on_the_wall:
        return first.astimezone(UTC)  # in a gap: the offset before it lands as far after it
    return on_the_wall.replace(tzinfo=place, fold=fold).astimezone(UTC)


def _anew(text: str, zone: str, turn: Callable[[datetime, str], datetime]) -> tuple[datetime, str]:
    before = datetime.fromisoformat(text)
    on_the_wall = before.replace(tzinfo=None)
    if shown(before, zone).replace(tzinfo=None) == on_the_wall:
        return before.astimezone(
            UTC
        ), text  # also the other pass of an hour that comes twice, as it was booked
    instant = turn(on_the_wall, zone)
    offset = on_the_wall - instant.replace(tzinfo=None)
    return instant, on_the_wall.replace(tzinfo=timezone(offset)).isoformat()
