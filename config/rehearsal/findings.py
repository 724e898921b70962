"""What a rehearsal found: how often each invariant was broken, what was excused, and the stories."""

from collections import Counter
from dataclasses import dataclass, field

INVARIANTS = {
    1: "nobody is locked out",
    2: "nobody comes late",
    3: "nobody comes early",
    4: "what was confirmed holds while we or Nuki are dead",
    5: "one code for each wish, and no stray",
    6: "hands off what is not ours",
    7: "codes are unique on a lock, and one for all doors of a stay",
    8: "no false green, and what is not ready is on the host's list",
    9: "told is what is set",
    10: "who opened is right or unknown",
    11: "news are taken in once",
    12: "forgeries are inert",
    13: "quiet when all is quiet",
    14: "bounded effort",
    15: "one writer, and no stale lease writes",
    16: "organizations never meet",
    17: "no secret in clear",
    18: "crashes change nothing",
    19: "each letter at least once, and once where nothing failed",
    20: "each write has its intent and its outcome",
}
MOST_STORIES = 20


@dataclass(frozen=True)
class Breach:
    """One time that an invariant was broken; `wish` is the stay's number, or -1."""

    invariant: int
    words: str
    wish: int = -1
    label: str = ""  # of the grant, where it is about one


@dataclass
class Findings:
    """Counters and the first stories."""

    broken: Counter[int] = field(default_factory=Counter)
    excused: Counter[str] = field(default_factory=Counter)
    measured: Counter[str] = field(default_factory=Counter)
    breaches: list[Breach] = field(default_factory=list)

    def note(self, invariant: int, words: str, wish: int = -1, *, label: str = "") -> None:
        """An invariant was broken."""
        self.broken[invariant] += 1
        if len(self.breaches) < MOST_STORIES:
            self.breaches.append(Breach(invariant, words, wish, label))

    def excuse(self, reason: str) -> None:
        """A probe failed for a reason that nobody can be blamed for."""
        self.excused[reason] += 1

    def count(self, what: str, number: int = 1) -> None:
        """Something to be reported happened."""
        self.measured[what] += number
