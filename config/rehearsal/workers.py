"""What broker, beat and workers are in earnest: rings are kept, lost, doubled and delivered; tasks are run.

Everything happens in one thread, one task at a time, in virtual time. A worker can be killed in the middle of
a task: from then on nothing of it reaches the database, and what it had taken comes back after a while, as
from a broker whose messages are acknowledged late.
"""

import heapq
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import connection

from config.rehearsal.times import StageClock

RING_TAKES = timedelta(milliseconds=5)
COMES_BACK = timedelta(seconds=120)  # the broker's visibility time-out
OFTEN = timedelta(
    minutes=1
)  # what ticks more often than this only rings for rows: the one that is due is run
TICK = timedelta(seconds=15)  # how often it ticks here: in earnest each five seconds


class Killed(BaseException):
    """The worker is gone, in the middle of a task. No code of ours may catch it."""


@dataclass(frozen=True)
class Luck:
    """How often something goes wrong with rings and workers, as shares."""

    rings_lost: float = 0.0
    rings_doubled: float = 0.0
    killed: float = 0.0  # of calls and statements, each a place to die at
    naps: float = 0.0  # of calls: the worker stands still for ten minutes, and wakes with an old lease

    def times(self, factor: float) -> "Luck":
        """The same, so many times as often."""
        return Luck(
            self.rings_lost * factor, self.rings_doubled * factor, self.killed * factor, self.naps * factor
        )


@dataclass(order=True)
class Job:
    """A task that waits to be run."""

    due_at: datetime
    sequence: int
    name: str = field(compare=False)
    arguments: dict[str, Any] = field(compare=False)


class Workers:
    """The queue, the beat's schedule, and who works them off."""

    def __init__(
        self,
        clock: StageClock,
        *,
        chance: random.Random,
        luck: Luck,
        next_row: Callable[[], tuple[datetime, str] | None],
    ) -> None:
        self.clock = clock
        self.luck = luck
        self.kills = 0
        self.run_so_far: Counter[str] = Counter()
        self.errors: list[str] = []
        self._chance = chance
        self._next_row = next_row
        self._jobs: list[Job] = []
        self._sequence = 0
        self._is_killed = False
        self._is_working = False
        self.has_napped = False  # whether the worker of this moment stood still in the middle of its task
        self._elsewhere = 0
        self._ticks_from: datetime | None = None  # None: to be asked of the rows
        self._tick = ""  # the one that has something to ring for
        now = clock.now()
        beat = settings.CELERY_BEAT_SCHEDULE.values()
        for entry in beat:
            if entry["schedule"] >= OFTEN:
                self._plan_beat(entry["task"], entry["schedule"], now)
        self._seldom = {entry["task"]: entry["schedule"] for entry in beat if entry["schedule"] >= OFTEN}

    def send_task(self, name: str, *, kwargs: dict[str, Any], countdown: float | None = None) -> None:
        """Take a ring, as Celery does; some are lost on the way, and some come twice."""
        point = self._chance.random()
        if point < self.luck.rings_lost:
            return
        span = timedelta(seconds=countdown or 0.0) + RING_TAKES
        self._put(self.clock.now() + span, name, kwargs)
        if point > 1.0 - self.luck.rings_doubled:
            self._put(self.clock.now() + span, name, kwargs)

    def next_at(self) -> datetime:
        """When there is something to do, at the latest at the next task of the beat."""
        soonest = self._jobs[0].due_at
        if self._ticks_from is None:
            tick = self.clock.now() + TICK
            if soonest <= tick:
                return soonest
            row = self._next_row()
            if row is None:
                return soonest
            self._ticks_from, self._tick = max(row[0], tick), row[1]
        return min(soonest, self._ticks_from)

    def work(self) -> None:
        """Run every task that is due, and the ticks, if a row is due for them."""
        now = self.clock.now()
        if self._ticks_from is not None and self._ticks_from <= now:
            self._ticks_from = None
            self._put(now, self._tick, {})
        while self._jobs and self._jobs[0].due_at <= self.clock.now():
            self._run(heapq.heappop(self._jobs))
            self._ticks_from = None

    def rows_changed(self) -> None:
        """Somebody else wrote rows: what was known of the next tick is not known any more."""
        self._ticks_from = None

    def sleep_through(self) -> None:
        """Forget what waits, but for the beat's own: all workers and the broker were gone for a while."""
        now = self.clock.now()
        self._jobs = []
        for name, schedule in self._seldom.items():
            self._plan_beat(name, schedule, now)
        self._ticks_from = None

    def may_die_here(self) -> None:
        """One of the places at which a worker can be killed; raises `Killed` there."""
        if not self._is_working or self._is_killed or self._elsewhere:
            return
        if self.luck.killed and self._chance.random() < self.luck.killed:
            self.kills += 1
            self._is_killed = True
            raise Killed

    def may_nap_here(self) -> bool:
        """Whether the worker stands still now for a long time, while others go on."""
        if not self._is_working or self._is_killed or self._elsewhere or self.has_napped:
            return False
        naps = self.luck.naps > 0 and self._chance.random() < self.luck.naps
        self.has_napped = self.has_napped or naps
        return naps

    @contextmanager
    def elsewhere(self) -> Iterator[None]:
        """While the block runs, other processes are at work: no worker can die in it."""
        self._elsewhere += 1
        try:
            yield
        finally:
            self._elsewhere -= 1

    @contextmanager
    def asleep(self) -> Iterator[None]:
        """While the block runs, this worker stands still and others work."""
        before, self._is_working = self._is_working, False
        napped = self.has_napped
        try:
            yield
        finally:
            self._is_working, self.has_napped = before, napped

    def guard(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001
        """Wrap a statement, as Django wants it: a dead worker sends none, and a live one may die before."""
        if self._is_killed and not self._elsewhere:
            raise Killed
        self.may_die_here()
        return execute(sql, params, many, context)

    def _run(self, job: Job) -> None:
        self.run_so_far[job.name] += 1
        if job.name in self._seldom:
            self._plan_beat(job.name, self._seldom[job.name], job.due_at)
        was_working, was_awake = self._is_working, self.has_napped
        self._is_working, self.has_napped = True, False
        try:
            current_app.tasks[job.name](**job.arguments)
        except Killed:
            self._put(self.clock.now() + COMES_BACK, job.name, job.arguments)
        except Exception as failure:  # noqa: BLE001  a worker logs it and goes on; here it is a finding
            self.errors.append(f"{job.name}: {type(failure).__name__}: {failure}")
        finally:
            self._is_working, self.has_napped = was_working, was_awake
            if self._is_killed:
                self._is_killed = False
                with suppress(Exception):
                    connection.close()

    def _plan_beat(self, name: str, schedule: timedelta, now: datetime) -> None:
        self._put(now + schedule, name, {})

    def _put(self, at: datetime, name: str, arguments: dict[str, Any]) -> None:
        self._sequence += 1
        heapq.heappush(self._jobs, Job(at, self._sequence, name, dict(arguments)))
