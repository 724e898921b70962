"""Keeps the demo's parts running: starts what can start, restarts what ended, and ends everything in order.

One loop in the main thread. Processes are started there and nowhere else: Linux ends them with that thread.
"""

import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import FrameType

from config.demo.output import Output
from config.demo.parts import Part, nothing
from config.demo.patience import Patience
from config.embedded import processes

TICK = 0.05  # seconds between two looks at all parts
ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class State(StrEnum):
    """Where a part is."""

    WAITING = "waiting"
    STARTING = "starting"
    READY = "ready"
    DONE = "done"
    RESTARTING = "restarting"
    ENDED = "ended"


class GaveUp(Exception):
    """A part does not stay up; the message says which one and ends with its last lines."""


@dataclass
class Running:
    """A part and its process."""

    part: Part
    output: Output
    state: State = State.WAITING
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0  # monotonic seconds, as all times here
    start_at: float = 0.0
    ended_at: list[float] = field(default_factory=list)
    ends_in_a_row: int = 0

    @property
    def pid(self) -> int | None:
        """Its process while it has one."""
        return self.process.pid if self.process else None

    @property
    def is_up(self) -> bool:
        """Say whether what needs it may start."""
        return self.state in {State.READY, State.DONE}


class Supervisor:
    """Runs parts until a signal ends them or one does not stay up."""

    def __init__(
        self,
        parts: Sequence[Part],
        *,
        logs: Path,
        say: Callable[[str], None],
        changed: Callable[["Supervisor"], None],
        all_ready: Callable[[], None],
        patience: Patience,
    ) -> None:
        logs.mkdir(parents=True, exist_ok=True)
        self.running = [Running(part, Output(logs / f"{part.name}.log")) for part in parts]
        self.is_complete = False
        self.is_ending = False
        self._say, self._changed, self._all_ready = say, changed, all_ready
        self._patience = patience

    def end(self) -> None:
        """Ask for the end."""
        self.is_ending = True

    def listen_to_signals(self) -> None:
        """Take Ctrl-C, a polite kill and a closed terminal as the wish to end; nohup keeps its meaning."""
        for number in ENDING_SIGNALS:
            if number is not signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._heard)

    def run(self) -> int:
        """Keep everything running; the exit code says whether the end was wished for."""
        self._changed(self)
        try:
            while not self.is_ending:
                self._look_after_all()
                time.sleep(TICK)
        except GaveUp as problem:
            self._say(str(problem))
            return 1
        else:
            return 0
        finally:
            self._end_all()

    def _heard(self, _number: int, _frame: FrameType | None) -> None:
        """End once, and let nothing disturb the order in which it happens."""
        for number in ENDING_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        self.end()

    def _look_after_all(self) -> None:
        # What has to be prepared comes last: the others start up meanwhile.
        for running in sorted(self.running, key=lambda each: each.part.prepare is not nothing):
            if not self.is_ending:
                self._look_after(running)
        if not self.is_complete and all(each.is_up for each in self.running):
            self.is_complete = True
            self._changed(self)
            self._all_ready()

    def _look_after(self, running: Running) -> None:
        match running.state:
            case State.WAITING if self._may_start(running.part):
                self._start(running)
            case State.RESTARTING if time.monotonic() >= running.start_at:
                self._start(running)
            case State.STARTING | State.READY if running.process and running.process.poll() is not None:
                self._has_ended(running, running.process)
            case State.STARTING:
                self._is_it_ready(running)
            case _:
                pass

    def _may_start(self, part: Part) -> bool:
        return all(each.is_up for each in self.running if each.part.name in part.needs)

    def _start(self, running: Running) -> None:
        part = running.part
        running.started_at = time.monotonic()
        part.prepare()
        process = processes.start(
            part.command(),
            output=subprocess.PIPE,
            directory=part.directory,
            environment=part.environment,
            last_signal=part.last_signal,
            person=part.person,
        )
        running.output.follow(process, until_it_says=part.ready_words)
        running.process = process
        self._becomes(running, State.STARTING)

    def _is_it_ready(self, running: Running) -> None:
        part = running.part
        is_ready = part.is_ready() if part.is_ready else running.output.said_it()
        seconds = time.monotonic() - running.started_at
        if is_ready:
            self._came_up(running, State.READY, seconds)
        elif seconds > self._patience.time_to_start:
            why = f"{part.name} was not ready after {seconds:.0f} seconds"
            if not self.is_complete:
                raise self._gave_up(running, why)
            if running.process:
                processes.end_rest(running.process)  # counts as an end at the next look

    def _came_up(self, running: Running, state: State, seconds: float) -> None:
        again = " again" if running.ended_at else ""
        self._say(f"  {running.part.name:<16}{state}{again} after {seconds:.1f} s")
        self._becomes(running, state)

    def _has_ended(self, running: Running, process: subprocess.Popen[bytes]) -> None:
        name, now = running.part.name, time.monotonic()
        processes.end_rest(process)
        running.output.finish()
        running.process = None
        if running.part.is_step:
            if process.returncode != 0:
                raise self._gave_up(running, f"{name} failed with {process.returncode}")
            self._came_up(running, State.DONE, now - running.started_at)
            return
        running.ended_at.append(now)
        if self._patience.is_exhausted(running.ended_at):
            raise self._gave_up(running, f"{name} ended {self._patience.ends} times within a short while")
        ran_for = now - running.started_at
        running.ends_in_a_row = self._patience.ends_in_a_row(running.ends_in_a_row, ran_for=ran_for)
        delay = self._patience.delay(running.ends_in_a_row)
        running.start_at = now + delay
        self._say(f"  {name:<16}ended ({_reason(process.returncode)}), starts again in {delay:.0f} s")
        self._becomes(running, State.RESTARTING)

    def _gave_up(self, running: Running, why: str) -> GaveUp:
        running.output.finish()
        lines = [f"    {line}" for line in running.output.last_lines]
        return GaveUp(
            "\n".join([f"{why}, so the demo ends. Its last lines:", *lines, f"All: {running.output.path}"])
        )

    def _end_all(self) -> None:
        """End the parts in the reverse order of their list, one after the other."""
        self.is_ending = True
        self._changed(self)
        for running in reversed(self.running):
            if running.process:
                part = running.part
                processes.end(running.process, *part.stop_signals, patience=self._patience.time_to_end)
                running.output.finish()
                running.process = None
            self._becomes(running, State.ENDED)

    def _becomes(self, running: Running, state: State) -> None:
        running.state = state
        self._changed(self)


def _reason(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name
