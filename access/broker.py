"""What this process knows of Redis: after a failure it is left alone for a while, as a try may take seconds.

Nothing that matters waits for Redis: the tick finds what was not rung for, and pages ask again by themselves.
"""

from dataclasses import dataclass

from properties import clock

REST = 5.0  # seconds without a try after one that failed


@dataclass
class Broker:
    """Whether Redis is worth a try."""

    rests_until: float = 0.0  # monotonic seconds

    def is_resting(self) -> bool:
        """Whether the last failure is too young."""
        return clock.monotonic() < self.rests_until

    def failed(self) -> None:
        """Leave it alone from now on for a while."""
        self.rests_until = clock.monotonic() + REST


broker = Broker()
