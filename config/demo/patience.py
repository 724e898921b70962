"""When a part that ended is started again, and when we give up: pure rules over times."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Patience:
    """How long we wait for what; all in seconds."""

    first_delay: float = 1.0  # before a part is started again; doubles each time
    longest_delay: float = 30.0
    healthy_after: float = 60.0  # after running so long the delays begin anew
    ends: int = 5  # so many ends …
    within: float = 60.0  # … in so short a time, and the demo is over
    time_to_start: float = 90.0
    time_to_end: float = 5.0

    def ends_in_a_row(self, before: int, *, ran_for: float) -> int:
        """Count the end that just happened, or begin anew after a healthy time."""
        return 1 if ran_for >= self.healthy_after else before + 1

    def delay(self, ends_in_a_row: int) -> float:
        """How long to wait before the next start."""
        return min(self.longest_delay, self.first_delay * 2.0 ** (ends_in_a_row - 1))

    def is_exhausted(self, ended_at: Sequence[float]) -> bool:
        """Say whether the part ended too often in too short a time."""
        return len(ended_at) >= self.ends and ended_at[-1] - ended_at[-self.ends] <= self.within
