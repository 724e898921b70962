"""The zone database's own files (TZif, RFC 9636), read without `zoneinfo`: a second opinion on wall times."""

import re
import struct
from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from itertools import pairwise
from typing import NamedTuple

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HEADER = struct.Struct(">4s c 15x 6L")
KIND = struct.Struct(">l ? B")
NAME = r"(?:[A-Za-z]{3,}|<[^>]+>)"
OFFSET = r"[+-]?\d+(?::\d+){0,2}"
FOOTER = re.compile(
    rf"{NAME}(?P<winter>{OFFSET})(?:{NAME}(?P<summer>{OFFSET})?,(?P<begins>[^,]+),(?P<ends>[^,]+))?"
)
RULE = re.compile(rf"M(?P<month>\d+)\.(?P<week>\d)\.(?P<day>\d)(?:/(?P<time>{OFFSET}))?")


class Stretch(NamedTuple):
    """From an instant on, clocks show so much more than UTC. In seconds since 1970, and seconds."""

    begins: int
    offset: int


def read(name: str) -> bytes:
    """The file of a zone, as the `tzdata` package has it."""
    return files("tzdata").joinpath("zoneinfo", *name.split("/")).read_bytes()


def stretches(name: str, years: range) -> list[Stretch]:
    """How far the clocks of a zone are from UTC, one stretch after another, until the end of the years."""
    content = read(name)
    after_old_half = HEADER.size + _length(HEADER.unpack_from(content), 4)
    header = HEADER.unpack_from(content, after_old_half)
    at = after_old_half + HEADER.size
    _, _, _, _, _, count, kinds, _ = header
    moments = struct.unpack_from(f">{count}q", content, at)
    numbers = content[at + 8 * count : at + 9 * count]
    offsets = [KIND.unpack_from(content, at + 9 * count + KIND.size * number)[0] for number in range(kinds)]
    found = [Stretch(-(2**62), offsets[0])]
    found += [Stretch(moment, offsets[number]) for moment, number in zip(moments, numbers, strict=True)]
    footer = content[at + _length(header, 8) :].decode().strip()
    found += [stretch for stretch in _by_footer(footer, years) if stretch.begins > found[-1].begins]
    return found


def instants(on_the_wall: int, zone: list[Stretch]) -> tuple[int, int]:
    """The first and the last instant at which a clock shows this; both the one after the gap if none does.

    `on_the_wall` is written as the seconds since 1970 that it would be in UTC, and so are the answers.
    """
    near = bisect_right(zone, (on_the_wall, 0))
    around = [*zone[max(near - 3, 0) : near + 3], Stretch(2**62, 0)]
    shows = [
        on_the_wall - stretch.offset
        for stretch, following in pairwise(around)
        if stretch.begins <= on_the_wall - stretch.offset < following.begins
    ]
    if shows:
        return min(shows), max(shows)
    before = next(
        stretch.offset
        for stretch, following in pairwise(around)
        if following.begins + stretch.offset <= on_the_wall < following.begins + following.offset
    )
    return on_the_wall - before, on_the_wall - before


def _length(header: tuple[int, ...], width: int) -> int:
    """How many bytes follow a header whose instants are so many bytes wide."""
    _, _, utc_marks, standard_marks, leaps, count, kinds, letters = header
    moments = count * (width + 1)
    return moments + kinds * KIND.size + letters + leaps * (width + 4) + standard_marks + utc_marks


def _by_footer(footer: str, years: range) -> Iterator[Stretch]:
    """The stretches by the rule that holds after the last moment of the table: `CET-1CEST,M3.5.0,…`."""
    rule = FOOTER.fullmatch(footer)
    assert rule, footer
    winter = -_seconds(rule["winter"])
    if rule["begins"] is None:
        return
    summer = -_seconds(rule["summer"]) if rule["summer"] else winter + 3600
    for year in years:
        changes = [(rule["begins"], winter, summer), (rule["ends"], summer, winter)]
        yield from sorted(Stretch(_moment(text, year) - before, after) for text, before, after in changes)


def _moment(text: str, year: int) -> int:
    """When clocks change in a year, as they show it before: the day of the month's week, 5 for the last."""
    rule = RULE.fullmatch(text)
    assert rule, text
    month, week, day = int(rule["month"]), int(rule["week"]), int(rule["day"])
    first = datetime(year, month, 1, tzinfo=UTC)
    date = first + timedelta(days=(day - first.isoweekday() % 7) % 7 + 7 * (week - 1))
    while date.month != month:
        date -= timedelta(days=7)
    return int((date - EPOCH).total_seconds()) + _seconds(rule["time"] or "2")


def _seconds(text: str) -> int:
    """`-1:30` as seconds."""
    parts = [int(part) for part in text.lstrip("+-").split(":")]
    size = sum(part * unit for part, unit in zip(parts, (3600, 60, 1), strict=False))
    return -size if text.startswith("-") else size
