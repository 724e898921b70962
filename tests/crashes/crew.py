"""Broker, beat and workers in virtual time, in one thread: each task is a process that may die."""

import heapq
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from access import tasks
from config.rehearsal import rows
from config.rehearsal.times import StageClock
from config.rehearsal.workers import Killed
from tests.crashes.deaths import Deaths

A_RING = timedelta(milliseconds=5)  # on its way
A_TICK = timedelta(seconds=5)
COMES_BACK = timedelta(seconds=120)  # what a dead worker had taken: the broker's visibility time-out


@dataclass(order=True)
class Job:
    """A task that waits to be run."""

    at: datetime
    sequence: int
    name: str = field(compare=False)
    arguments: dict[str, Any] = field(compare=False)
    is_tick: bool = field(compare=False, default=False)


class Crew:
    """Takes rings, as Celery does, and runs what they ask for; ticks come when some row is due."""

    def __init__(self, clock: StageClock, deaths: Deaths) -> None:
        self.errors: list[str] = []
        self.loses_rings = False
        self._clock = clock
        self._deaths = deaths
        self._jobs: list[Job] = []
        self._sequence = 0

    def send_task(self, name: str, *, kwargs: dict[str, Any], countdown: float | None = None) -> None:
        """Take a ring, unless whoever rings dies before."""
        self._deaths.reach(f"a ring for {_short(name)}")
        if not self.loses_rings:
            self._put(self._clock.now() + timedelta(seconds=countdown or 0.0) + A_RING, name, kwargs)

    def forget(self) -> None:
        """Lose every ring that is on its way."""
        self._jobs = []

    def next_at(self) -> datetime | None:
        """When there is something to do, as far as is known now."""
        tick_at = self._clock.now() + A_TICK
        if self._jobs and self._jobs[0].at <= tick_at:
            return self._jobs[0].at
        row = rows.next_due()
        if row is not None:
            self._jobs = [job for job in self._jobs if not job.is_tick]
            heapq.heapify(self._jobs)
            self._put(max(row[0], tick_at), row[1], {}, is_tick=True)
        return self._jobs[0].at if self._jobs else None

    def work(self) -> None:
        """Run every task that is due."""
        while self._jobs and self._jobs[0].at <= self._clock.now():
            self._run(heapq.heappop(self._jobs))

    def _run(self, job: Job) -> None:
        try:
            with self._deaths.process(_short(job.name), comes_back=not job.is_tick):
                getattr(tasks, _short(job.name))(**job.arguments)
        except Killed:
            if not job.is_tick:
                self._put(self._clock.now() + COMES_BACK, job.name, job.arguments)
        except Exception as failure:  # noqa: BLE001  a worker logs it and goes on; here it is a finding
            self.errors.append(f"{job.name}: {type(failure).__name__}: {failure}")

    def _put(self, at: datetime, name: str, arguments: dict[str, Any], *, is_tick: bool = False) -> None:
        self._sequence += 1
        heapq.heappush(self._jobs, Job(at, self._sequence, name, dict(arguments), is_tick))


def _short(task: str) -> str:
    return task.rpartition(".")[2]
