"""What guests are to have, as it was booked and changed: what the judge measures the locks by."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from access.models import Stay
from config.rehearsal.letters import Letter
from config.rehearsal.town import Home

AFTER = timedelta(minutes=15)  # after an end nothing may open


@dataclass
class Wish:
    """One stay. `ends_at` is the end as wanted now; a cancelled stay has ended when it was cancelled."""

    number: int
    home: Home
    email: str
    starts_at: datetime
    ends_at: datetime
    booked_at: datetime
    stay: Stay
    changed_at: datetime
    changes: int = 0  # what the guest has to be told beyond the first letter
    is_cancelled: bool = False
    letters: list[Letter] = field(default_factory=list)
    reminders: set[str] = field(default_factory=set)  # Message-IDs of letters that said the same on the day
    ends: dict[int, datetime] = field(default_factory=dict)  # by lock: the end as wanted now
    latest: dict[int, datetime] = field(default_factory=dict)  # by lock: the latest end that was ever wanted
    left: dict[int, datetime] = field(default_factory=dict)  # by lock: when its end was last moved earlier

    def __post_init__(self) -> None:
        """Want the way into the home."""
        self.want(self.home.locks, now=self.booked_at)

    @property
    def codes(self) -> set[str]:
        """Every code that the guest was ever told."""
        return {letter.code for letter in self.letters if letter.code}

    @property
    def code(self) -> str:
        """The code that the guest was told last; empty before the first letter."""
        return next((letter.code for letter in reversed(self.letters) if letter.code), "")

    @property
    def window(self) -> tuple[datetime, datetime]:
        """From when to when codes are wanted."""
        return self.starts_at, self.ends_at

    def want(self, locks: Iterable[int], *, now: datetime) -> None:
        """Have these locks as the way in, until the end; others are left now."""
        locks = tuple(locks)
        for lock in {*self.ends, *locks}:
            end = self.ends_at if lock in locks and not self.is_cancelled else now
            if lock in self.ends and end < self.ends[lock]:
                self.left[lock] = now
            self.ends[lock] = end
            self.latest[lock] = max(end, self.latest.get(lock, end))
        self.changed_at = now

    def is_wanted_on(self, lock: int, *, now: datetime) -> bool:
        """Whether its code belongs on the lock now or later."""
        return not self.is_cancelled and lock in self.home.locks and now < self.ends_at
