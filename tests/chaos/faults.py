"""What is hit when: a plan that follows from a seed, and the signals that carry it out."""

import os
import random
import signal
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from config.demo.supervisor import Running, State
from properties.clock import now

SHORTEST_STOP, LONGEST_STOP = 1.0, 10.0  # seconds
SLEEP = 55.0  # seconds; a worker that wakes finds its lease of 45 s in other hands
HAVE_CHILDREN = frozenset({"web", "postgres"})  # of which one alone may be killed, as when memory runs out
POLITE = {"postgres": (signal.SIGINT, signal.SIGQUIT)}  # fast and immediate shutdown; else SIGTERM


class Kind(StrEnum):
    """What is done to a part."""

    KILL = "kill"
    STOP = "stop"
    RESTART = "restart"


@dataclass(frozen=True)
class Planned:
    """One fault to come, so many seconds after the beginning."""

    at: float
    part: str
    kind: Kind
    seconds: float = 0.0  # of a stop
    of_a_child: bool = False
    by: signal.Signals = signal.SIGKILL

    def __str__(self) -> str:
        how = f" for {self.seconds:.0f} s" if self.kind is Kind.STOP else ""
        return f"{self.at:5.0f} s  {self.kind} {'a child of ' if self.of_a_child else ''}{self.part}{how}"


def plan(chance: random.Random, *, parts: Sequence[str], length: float, gap: float) -> list[Planned]:
    """Spread faults over so many seconds: each part once before any is hit again, and otherwise then."""
    turns = _turns(chance, parts)
    planned: list[Planned] = []
    at = chance.uniform(0.5, 1.5) * gap
    while at < length:
        part, kind = next(turns)
        planned.append(_one(chance, at, part, kind, left=length - at))
        at += chance.uniform(0.5, 1.5) * gap
    return planned


def _turns(chance: random.Random, parts: Sequence[str]) -> Iterator[tuple[str, Kind]]:
    kinds = {part: chance.sample(list(Kind), len(Kind)) for part in parts}
    turn = 0
    while True:
        for part in chance.sample(list(parts), len(parts)):
            yield part, kinds[part][turn % len(Kind)]
        turn += 1


def _one(chance: random.Random, at: float, part: str, kind: Kind, *, left: float) -> Planned:
    if kind is Kind.STOP:
        sleeps = part.startswith("worker") and left > SLEEP and chance.random() < 0.5
        return Planned(at, part, kind, SLEEP if sleeps else chance.uniform(SHORTEST_STOP, LONGEST_STOP))
    if kind is Kind.RESTART:
        return Planned(at, part, kind, by=chance.choice(POLITE.get(part, (signal.SIGTERM,))))
    return Planned(at, part, kind, of_a_child=part in HAVE_CHILDREN and chance.random() < 0.5)


@dataclass
class Fault:
    """One fault as it happened; it is over when its part works again."""

    planned: Planned
    began_at: datetime
    process: int
    ended_at: datetime | None = None
    stopped: list[int] = field(default_factory=list)

    def is_over(self, running: Running) -> bool:
        """Whether the part is up again."""
        if self.stopped or running.state is not State.READY:
            return False
        if self.planned.kind is Kind.STOP:
            return True
        if self.planned.of_a_child:
            return running.part.is_ready is not None and running.part.is_ready()
        return running.pid != self.process


def strike(planned: Planned, process: int) -> Fault:
    """Do it to the part's process."""
    fault = Fault(planned, now(), process)
    if planned.kind is Kind.STOP:
        fault.stopped = [process, *_descendants(process)]
        _signal(fault.stopped, signal.SIGSTOP)
    elif planned.of_a_child and (children := _children(process)):
        _signal(children[-1:], planned.by)
    else:
        _signal([process], planned.by)
    return fault


def wake(fault: Fault) -> None:
    """Let go on what was stopped."""
    _signal(reversed(fault.stopped), signal.SIGCONT)
    fault.stopped = []


def _signal(processes: Sequence[int] | Iterator[int], number: signal.Signals) -> None:
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, number)


def _descendants(process: int) -> Iterator[int]:
    for child in _children(process):
        yield child
        yield from _descendants(child)


def _children(process: int) -> list[int]:
    """The system's list; none where it does not show it (only Linux does)."""
    listed = Path(f"/proc/{process}/task/{process}/children")
    try:
        return [int(number) for number in listed.read_text(encoding="ascii").split()]
    except OSError:
        return []
