"""Where the simulator's time comes from: the wall, or a clock that a test turns."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Anything that can say what time it is, in UTC."""

    def now(self) -> datetime:
        """Return this instant, with its zone."""


class Passenger(Protocol):
    """Something with appointments, carried along when a clock is turned."""

    def next_due(self) -> datetime | None:
        """Return the time of the next appointment, or None when there is none."""

    def run_due(self) -> None:
        """Keep every appointment whose time has come."""


class WallClock:
    """The real time."""

    def now(self) -> datetime:
        """Return this instant, with its zone."""
        return datetime.now(UTC)


class TurnedClock:
    """A clock that stands still until it is turned, and then stops at every appointment on the way."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)
        self._passengers: list[Passenger] = []

    def now(self) -> datetime:
        """Return the instant it was turned to."""
        return self._now

    def carry(self, passenger: Passenger) -> None:
        """Let the passenger keep its appointments whenever the clock is turned."""
        self._passengers.append(passenger)

    def turn(self, *, seconds: float) -> None:
        """Move forward by so many seconds."""
        self.turn_to(self._now + timedelta(seconds=seconds))

    def turn_to(self, moment: datetime) -> None:
        """Move forward to the moment; raises ValueError for a moment that is past."""
        if moment < self._now:
            raise ValueError(f"The clock stands at {self._now} and cannot be turned back to {moment}.")
        while (due := self._next_due()) is not None and due <= moment:
            self._now = max(self._now, due)
            self._run_due()
        self._now = moment.astimezone(UTC)
        self._run_due()

    def _next_due(self) -> datetime | None:
        return min((due for one in self._passengers if (due := one.next_due()) is not None), default=None)

    def _run_due(self) -> None:
        for passenger in self._passengers:
            passenger.run_due()
