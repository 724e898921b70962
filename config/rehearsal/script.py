"""What is rehearsed: as many stays, locks and days, with what faults, and from what seed."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
DEAD_FROM = 0.4  # of the days: when the portal or the service is dead, if it is


@dataclass(frozen=True)
class Script:
    """One rehearsal, or one part of it with its own businesses."""

    stays: int = 10_000
    locks: int = 130
    days: int = 365
    faults: str = "base"
    seed: int = 1
    webhooks: bool = True
    api_dead: timedelta = timedelta(0)
    portal_dead: timedelta = timedelta(0)
    part: int = 0
    parts: int = 1

    def to_json(self) -> dict[str, Any]:
        """As it is handed to a part's process."""
        spans = {name: getattr(self, name).total_seconds() for name in _SPANS}
        return {**asdict(self), **spans}

    @classmethod
    def from_json(cls, shape: dict[str, Any]) -> "Script":
        """Read it there."""
        spans = {name: timedelta(seconds=shape[name]) for name in _SPANS}
        return cls(**{**shape, **spans})

    @property
    def ends_at(self) -> datetime:
        """When no stay begins any more."""
        return START + timedelta(days=self.days)

    @property
    def dead_from(self) -> datetime:
        """When the portal or the service dies, if it does: in the middle of a night of many stays."""
        return START + timedelta(days=int(self.days * DEAD_FROM), hours=14)

    @property
    def longest_dead(self) -> timedelta:
        """How long one of the two is dead."""
        return max(self.api_dead, self.portal_dead)


_SPANS = ("api_dead", "portal_dead")
