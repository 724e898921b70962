"""What happened, as the simulator's side saw it: calls, letters and wishes, hashed, and kept for stories."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Moment:
    """One thing that happened to a lock or to a guest."""

    at: datetime
    words: str
    lock: int = 0
    label: str = ""
    wish: int = -1


class History:
    """All moments in order. The hash is the same for the same seed."""

    def __init__(self) -> None:
        self.moments: list[Moment] = []
        self._hash = hashlib.sha256()

    def note(self, moment: Moment) -> None:
        """Keep it."""
        self.moments.append(moment)
        self._hash.update(
            f"{moment.at.isoformat()} {moment.lock} {moment.label} {moment.wish} {moment.words}\n".encode()
        )

    @property
    def digest(self) -> str:
        """Stands for everything that happened."""
        return self._hash.hexdigest()[:16]

    def of(self, wish: int, labels: frozenset[str]) -> Iterator[Moment]:
        """What happened to one stay: to itself, and to what bears its labels."""
        return (
            one
            for one in self.moments
            if (one.wish == wish and wish >= 0) or (one.label and one.label in labels)
        )
