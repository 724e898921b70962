"""The simulation's heart: one queue of events by due time, worked off one by one under one lock."""

import contextlib
from collections import deque
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from threading import RLock

from nuki_gateway.simulator.clock import Clock
from nuki_gateway.simulator.happenings import KEPT, Happening, HappeningKind
from nuki_gateway.simulator.script import Script
from nuki_gateway.simulator.switches import Switches
from nuki_gateway.simulator.timings import Timings
from nuki_gateway.simulator.webhooks import Delivery, Post
from nuki_gateway.simulator.world import Event, EventKind, Lock, World


class Engine:
    """The world with its clock; who touches the world holds `guard`, and never while sleeping or sending."""

    def __init__(self, *, world: World, clock: Clock, timings: Timings, switches: Switches) -> None:
        self.world = world
        self.clock = clock
        self.timings = timings
        self.switches = switches
        self.script = Script(world)
        self.guard = RLock()
        self.changed = False
        self.reactions: dict[EventKind, Callable[[Engine, Event], None]] = {}
        self.posts: list[Post] = []
        self.happenings: deque[Happening] = deque(maxlen=KEPT)
        self._told = 0
        self.send: Callable[[Post], None] = lambda _post: None
        self._sequence = max((event.sequence for event in world.events), default=0)

    def now(self) -> datetime:
        """Return the simulation's time."""
        return self.clock.now()

    def plan(
        self,
        kind: EventKind,
        *,
        at: datetime,
        seconds: float,
        smartlock_id: int = 0,
        operation_id: str = "",
        subject_id: int = 0,
        body: str = "",
    ) -> None:
        """Let something happen so many seconds after `at`."""
        self._sequence += 1
        due_at = at + timedelta(seconds=seconds)
        self.world.plan(
            Event(due_at, self._sequence, kind, smartlock_id, operation_id, subject_id, body),
        )
        self.changed = True

    def next_due(self) -> datetime | None:
        """Return when the next event is due."""
        with self.guard:
            return self.world.events[0].due_at if self.world.events else None

    def run_due(self) -> None:
        """Let everything happen whose time has come, in order; webhooks are sent with the guard released."""
        while self._run_one():
            with self.guard:
                posts, self.posts = self.posts, []
            for post in posts:
                self.send(post)

    @contextlib.contextmanager
    def change(self) -> Iterator[datetime]:
        """Hold the guard for a change of the world; yields the time of it."""
        with self.guard:
            self.changed = True
            yield self.now()

    def tell(
        self,
        kind: HappeningKind,
        words: str,
        *,
        at: datetime,
        smartlock_id: int = 0,
        operation_id: str = "",
        delivery: Delivery | None = None,
    ) -> None:
        """Keep what happened for the people who watch."""
        with self.guard:
            self._told += 1
            self.happenings.append(
                Happening(self._told, at, kind, words, smartlock_id, operation_id, delivery)
            )

    def lag(self) -> float:
        """Return how many seconds the next reading back takes."""
        mix = self.world.mix
        if mix.lag_longest_seconds:
            shortest, longest = mix.lag_shortest_seconds, mix.lag_longest_seconds
        else:
            shortest, longest = self.timings.lag_shortest_seconds, self.timings.lag_longest_seconds
        return shortest + (longest - shortest) * self.world.draw()

    def lock(self, smartlock_id: int) -> Lock:
        """Return the lock; raises KeyError."""
        return self.world.locks[smartlock_id]

    def _run_one(self) -> bool:
        with self.guard:
            due = self.next_due()
            if due is None or due > self.now():
                return False
            event = self.world.pop_event()
            self.changed = True
            self.reactions[event.kind](self, event)
            return True
