"""How a year of stays is spread over the homes: nights and gaps, by chance and one seed."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from config.rehearsal.town import Home

NIGHTS_SHARE = 0.75  # of the days of a home that somebody sleeps there


class TooManyStays(Exception):
    """The homes cannot take so many stays in so many days."""


@dataclass(frozen=True)
class Nights:
    """One stay as it is planned, on the calendar of its home."""

    home: Home
    first: date
    last: date


def spread(
    homes: Sequence[Home], *, count: int, days: int, start: date, chance: random.Random
) -> list[Nights]:
    """So many stays; one of a home may begin on the day on which the one before ends."""
    found = []
    for place, home in enumerate(homes):
        share = count // len(homes) + (place < count % len(homes))
        if share > days:
            raise TooManyStays(f"{count} stays do not fit into {days} days of {len(homes)} homes.")
        if share:
            found += _of_home(home, share, days, start, chance)
    return found


def _of_home(home: Home, share: int, days: int, start: date, chance: random.Random) -> list[Nights]:
    lengths, gaps = [1] * share, [0] * share
    for _ in range(days - share):
        bins = lengths if chance.random() < NIGHTS_SHARE else gaps
        bins[chance.randrange(share)] += 1
    found, day = [], start
    for length, gap in zip(lengths, gaps, strict=True):
        found.append(Nights(home, day, day + timedelta(days=length)))
        day += timedelta(days=length + gap)
    return found
