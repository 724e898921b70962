"""What time it is. Ways in ask, and pass it on as `now`; a rehearsal puts a clock of its own in the place."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Anything that tells the time and lets it pass."""

    def now(self) -> datetime:
        """This instant, in UTC."""

    def monotonic(self) -> float:
        """Seconds since some moment, never fewer than before."""

    def sleep(self, seconds: float) -> None:
        """Let so many seconds pass."""


class MachineClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """This instant, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds since the machine was started, or some other moment."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


_clock: Clock = MachineClock()


def now() -> datetime:
    """This instant, in UTC."""
    return _clock.now()


def monotonic() -> float:
    """Seconds since some moment: for spans, which no change of the machine's time disturbs."""
    return _clock.monotonic()


def sleep(seconds: float) -> None:
    """Let so many seconds pass."""
    _clock.sleep(seconds)


@contextmanager
def told_by(clock: Clock) -> Iterator[None]:
    """Have this process's time told by another clock until the block ends."""
    global _clock  # noqa: PLW0603  there is one time in a process
    before, _clock = _clock, clock
    try:
        yield
    finally:
        _clock = before
