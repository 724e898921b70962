"""What the embedded servers have in common: how one is started, watched and ended."""

import signal
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path

from config.embedded import processes
from config.embedded.processes import Person

TIME_TO_START = 30.0  # seconds; a recovery after a crash included
TIME_TO_END = 8.0  # seconds, for each signal
LAST_LINES = 20


class AlreadyRuns(Exception):
    """Another process runs a server in this directory."""


class DidNotStart(Exception):
    """The server ended, or did not answer in time; the message ends with its last lines."""


class Server(ABC):
    """A server in a directory. `start` and `stop` it, or `prepare` it and have a supervisor run `command`."""

    name: str
    stop_signals: Sequence[signal.Signals]  # the polite one first; also what it gets when we are killed

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    @property
    @abstractmethod
    def home(self) -> Path:
        """Where everything of this server is kept."""

    @property
    @abstractmethod
    def person(self) -> Person | None:
        """Whom it runs as; None: as ourselves."""

    @property
    @abstractmethod
    def command(self) -> Sequence[str]:
        """The program and its arguments, once prepared."""

    @abstractmethod
    def prepare(self) -> None:
        """Make what the server needs before it can start: idempotent, and safe to interrupt."""

    @abstractmethod
    def is_ready(self) -> bool:
        """Say whether our server, and no other one, answers."""

    @abstractmethod
    def discard(self) -> None:
        """Remove everything that it keeps. Call it only while nothing runs."""

    @property
    def environment(self) -> dict[str, str]:
        """Little on purpose: our own secrets are none of the server's business."""
        return {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}

    @property
    def pid(self) -> int | None:
        """The server's process, if `start` started one that still runs."""
        running = self._process is not None and self._process.poll() is None
        return self._process.pid if self._process and running else None

    def start(self) -> None:
        """Start and wait until it answers."""
        if self.is_ready():
            raise AlreadyRuns(f"{self.name} already runs in {self.home}. One directory serves one at a time.")
        self.stop()  # one of ours that was killed has to be gone from the system's list
        self.prepare()
        log = self.home / f"{self.name}.log"
        with log.open("wb") as output:
            self._process = processes.start(
                self.command,
                output=output,
                directory=self.home,
                environment=self.environment,
                last_signal=self.stop_signals[0],
                person=self.person,
            )
        if not processes.becomes_true(self._is_decided, within=TIME_TO_START) or self.pid is None:
            self.stop()
            last_lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-LAST_LINES:]
            raise DidNotStart("\n".join([f"{self.name} did not start in {self.home}:", *last_lines]))

    def stop(self) -> None:
        """End it, politely first; nothing happens if it does not run."""
        if self._process is not None:
            processes.end(self._process, *self.stop_signals, patience=TIME_TO_END)
            self._process = None

    def _is_decided(self) -> bool:
        return self.pid is None or self.is_ready()
