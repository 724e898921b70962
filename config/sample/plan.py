"""Which businesses a sample has, and how much of everything each gets. Pure."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any

TYPICAL_DOORS = 50
SMALL_DOORS = 3
LARGEST_FROM = 500  # doors; a smaller sample has no business that stands out
LARGEST_SHARE = 0.4  # of all doors
DOORS_OF_A_HOUSE = 10  # the front door, and nine flats
MOST_STAYS = 10_000  # of one step, which is kept or lost as a whole
MOST_EVENTS = 100_000


class Kind(StrEnum):
    """How large a business is."""

    LARGEST = "largest"
    TYPICAL = "typical"
    SMALL = "small"


@dataclass(frozen=True)
class Sizes:
    """How much is asked for in all, and the seed that decides the rest."""

    doors: int
    stays: int
    events: int
    seed: int = 1

    def to_json(self) -> dict[str, Any]:
        """For the database, which remembers what is being built."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Sizes":
        """What was remembered."""
        return cls(**kept)


@dataclass(frozen=True)
class Planned:
    """One business. A typical one is the same in every sample of as many stays and events for each door."""

    kind: Kind
    name: str
    doors: int
    stays: int
    events: int

    @property
    def slug(self) -> str:
        """What stands for it in addresses of pages."""
        return self.name.lower().replace(" ", "-")

    @property
    def domain(self) -> str:
        """Where its people have their addresses."""
        return f"{self.slug}.example"

    @property
    def houses(self) -> list[int]:
        """How many doors each of its houses has."""
        full, rest = divmod(self.doors, DOORS_OF_A_HOUSE)
        return [DOORS_OF_A_HOUSE] * full + ([rest] if rest else [])

    @property
    def units(self) -> int:
        """How many units: each door but the front doors; a house with one door is one unit."""
        return sum(max(1, doors - 1) for doors in self.houses)


@dataclass(frozen=True)
class Part:
    """Some units of a business, in the order of their names; the last one is not among them."""

    first: int
    last: int


def businesses(sizes: Sizes) -> list[Planned]:
    """Many typical ones, a small one, and one that is larger than all others."""
    kinds = list(_kinds(sizes.doors))
    names = {Kind.LARGEST: "Largest Stays", Kind.SMALL: "Small Stays"}
    planned = []
    for number, (kind, doors) in enumerate(kinds, start=1):
        planned.append(
            Planned(
                kind=kind,
                name=names.get(kind, f"Typical Stays {number}"),
                doors=doors,
                stays=sizes.stays * doors // sizes.doors,
                events=sizes.events * doors // sizes.doors,
            )
        )
    return [*planned[:-1], _with_the_rest(planned, sizes)]


def parts(business: Planned) -> list[Part]:
    """The steps in which its stays are written."""
    if not business.stays:
        return []
    steps = max(-(-business.stays // MOST_STAYS), -(-business.events // MOST_EVENTS))
    steps = min(steps, business.units)
    edges = [business.units * step // steps for step in range(steps + 1)]
    return [Part(first, last) for first, last in pairwise(edges)]


def share(total: int, *, number: int, among: int) -> int:
    """How many of a total the one of that number gets, so that all get all of it."""
    return total * (number + 1) // among - total * number // among


def _kinds(doors: int) -> Iterator[tuple[Kind, int]]:
    largest = int(doors * LARGEST_SHARE) if doors >= LARGEST_FROM else 0
    typical, rest = divmod(max(0, doors - largest - SMALL_DOORS), TYPICAL_DOORS)
    yield from ((Kind.TYPICAL, TYPICAL_DOORS) for _ in range(typical))
    small = min(doors, SMALL_DOORS)
    if largest:
        yield Kind.SMALL, small
        yield Kind.LARGEST, largest + rest
    else:
        yield Kind.SMALL, small + rest


def _with_the_rest(planned: list[Planned], sizes: Sizes) -> Planned:
    """The last one, with what could not be divided: the numbers that are asked for are totals."""
    last = planned[-1]
    return Planned(
        kind=last.kind,
        name=last.name,
        doors=last.doors,
        stays=sizes.stays - sum(one.stays for one in planned[:-1]),
        events=sizes.events - sum(one.events for one in planned[:-1]),
    )
