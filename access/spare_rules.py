"""How many backup codes a door keeps, how long they last, and from when guests get one. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

LASTS = timedelta(days=30)  # a backup code that nobody needs; then it was on the lock for long enough
RENEWED_BEFORE = timedelta(days=7)  # a lock may be out of reach for days
# Before arrival: time to read the message on the way. A lock that does not answer is asked again each half
# hour, so this leaves two tries for the guest's own code.
GUESTS_FROM = timedelta(minutes=60)
HOSTS_FROM = timedelta(days=1)  # before arrival; until it takes its new window it opens from now on
SETTLES_WITHIN = timedelta(minutes=10)  # a new booking or change: as a rule its code is confirmed by then
MOST_FOR_A_GUEST = 2  # at one door of one stay, ever: the second where the first was taken back


@dataclass(frozen=True)
class Kept:
    """A backup code of a door that nobody has yet."""

    key: int
    good_until: datetime
    is_ready: bool  # confirmed on the lock that the door has now
    is_here: bool  # on that lock, or to come there


@dataclass(frozen=True)
class Plan:
    """What is to be done about the backup codes of a door."""

    draws: int = 0
    drops: list[int] = field(default_factory=list)


def plan(kept: Sequence[Kept], *, wanted: int, has_room: bool, now: datetime) -> Plan:
    """As many as wanted that last; one that ends soon stays until another has come in its place."""
    here = sorted((one for one in kept if one.is_here), key=lambda one: (one.good_until, one.key))
    drops = [one.key for one in kept if not one.is_here]
    lasting = [one for one in here if one.good_until > now + RENEWED_BEFORE]
    ending = [one for one in here if one not in lasting]
    ready = [one for one in lasting if one.is_ready]
    surplus = lasting[: max(0, len(lasting) - wanted)]
    is_over = [one for one in ending if one.good_until <= now or len(ready) >= wanted]
    drops += [one.key for one in (*surplus, *is_over)]
    draws = max(0, wanted - len(lasting)) if has_room else 0
    return Plan(draws, drops)
