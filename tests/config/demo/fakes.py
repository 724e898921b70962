"""Tiny parts for the supervisor, and one demo of them as a program of its own."""

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from config.demo.command import supervise
from config.demo.parts import Part
from config.demo.patience import Patience
from config.demo.supervisor import Supervisor
from config.demo.variables import Addresses, Ports

QUICK = Patience(first_delay=0.01, longest_delay=0.1, ends=3, within=20, time_to_start=20, time_to_end=2)
STAYS = "import time; print('ready.', flush=True); time.sleep(60)"
SAYS_GOODBYE = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print('ready.', flush=True)
time.sleep(60)
"""
HAS_A_CHILD = """
import subprocess, sys
child = subprocess.Popen([sys.executable, '-IS', '-c', 'import time; time.sleep(60)'])
print('child', child.pid, 'ready.', flush=True)
child.wait()
"""
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + STAYS
ENDS_AT_ONCE = "print('no such table: stays')"
FAILS = "raise SystemExit('no such table: stays')"


def part(name: str, script: str, **more: Any) -> Part:
    """Make a part of a Python script; ready when it says so."""
    more.setdefault("ready_words", "ready.")
    return Part(
        name=name,
        command=lambda: [sys.executable, "-IS", "-c", script],
        directory=Path("/"),
        environment={},
        **more,
    )


class Watched:
    """A supervisor over fake parts, and what it said."""

    def __init__(self, logs: Path, parts: Sequence[Part], *, patience: Patience = QUICK) -> None:
        self.said: list[str] = []
        self.states: list[dict[str, str]] = []
        self.when_ready: Callable[[], None] = self.end
        self.after_change: Callable[[], None] = lambda: None
        self.supervisor = Supervisor(
            parts,
            logs=logs,
            say=self.said.append,
            changed=self._changed,
            all_ready=self._all_ready,
            patience=patience,
        )

    def run(self) -> int:
        return self.supervisor.run()

    def end(self) -> None:
        self.supervisor.end()

    def pid(self, name: str) -> int:
        (pid,) = [each.pid for each in self.supervisor.running if each.part.name == name]
        assert pid
        return pid

    def _all_ready(self) -> None:
        self.when_ready()

    def _changed(self, supervisor: Supervisor) -> None:
        self.states.append({each.part.name: each.state for each in supervisor.running})
        self.after_change()


def main(directory: Path) -> int:
    """Run two fakes as the demo runs its parts."""
    parts = [part("first", HAS_A_CHILD), part("second", SAYS_GOODBYE)]
    addresses = Addresses.on(Ports())
    supervisor = supervise(
        parts, directory=directory, addresses=addresses, began=time.monotonic(), patience=QUICK
    )
    supervisor.listen_to_signals()
    return supervisor.run()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
