"""Whose right was used at a door. Pure.

Locks give the numbers of deleted codes to new ones, so nobody is ever recognised by a number: only by the
authorization's id, which Nuki never gives twice, or, while we have not seen that id yet, by our label, which
no other grant ever has. Where neither is certain the answer is nobody: unknown is better than wrong.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

CLOCKS_DIFFER = timedelta(minutes=5)  # a lock's clock may be some minutes off ours
SHOWS_WITHIN = timedelta(minutes=2)  # after somebody asked a lock to open
A_LITTLE = timedelta(seconds=10)  # by which a clock may be off so that an opening is still known by its time


@dataclass(frozen=True)
class Right:
    """One grant on the lock in question: from when to when something of it can have been there."""

    grant_id: int
    label: str
    authorization_id: str
    asked_for_at: datetime
    gone_at: datetime | None

    def lived_at(self, moment: datetime) -> bool:
        """Whether it can have been on the lock then."""
        from_then = self.asked_for_at - CLOCKS_DIFFER <= moment
        return from_then and (self.gone_at is None or moment <= self.gone_at + CLOCKS_DIFFER)


@dataclass(frozen=True)
class Wish:
    """That somebody asked a lock to open; with a grant it was asked from the page of its stay."""

    at: datetime
    grant_id: int | None


def who_asked(*, at: datetime, wishes: Sequence[Wish]) -> int | None:
    """The grant from whose page an opening over Nuki Web was asked for, of the wishes on its lock.

    None where the last who asked before it was a host, or where it is nobody's that we know.
    """
    before = [wish for wish in wishes if wish.at - A_LITTLE <= at <= wish.at + SHOWS_WITHIN]
    return max(before, key=lambda wish: wish.at).grant_id if before else None


def whose(*, authorization_id: str, name: str, at: datetime, rights: Sequence[Right]) -> int | None:
    """The grant that was used, or None where that is not certain."""
    known = [right for right in rights if authorization_id and right.authorization_id == authorization_id]
    candidates = known or [right for right in rights if name and right.label == name]
    living = [right for right in candidates if right.lived_at(at)]
    return living[0].grant_id if len(living) == 1 else None
