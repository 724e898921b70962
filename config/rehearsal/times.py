"""Virtual time: one clock for the portal and the simulator, which stands still until somebody turns it."""

from datetime import datetime

from nuki_gateway.simulator import TurnedClock


class StageClock:
    """The simulator's turned clock, as `properties.clock` wants one."""

    def __init__(self, start: datetime) -> None:
        self.turned = TurnedClock(start)
        self._start = start

    def now(self) -> datetime:
        """This instant."""
        return self.turned.now()

    def monotonic(self) -> float:
        """Seconds since the start."""
        return (self.turned.now() - self._start).total_seconds()

    def sleep(self, seconds: float) -> None:
        """Let so many seconds pass for everybody: what is due at the locks meanwhile happens."""
        self.turned.turn(seconds=seconds)
