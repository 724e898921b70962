"""What a part of the demo is: how it is started, when it is ready, how it is ended. Nothing runs here."""

import signal
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

from config.embedded.processes import Person
from config.embedded.server import Server

TIME_TO_ANSWER = 1.0  # seconds


def nothing() -> None:
    """Prepare nothing."""


@dataclass(frozen=True)
class Part:
    """A process that runs as long as the demo, or a step that is done once it ended well.

    It is ready when `is_ready` says so, or when its output contains `ready_words`, or else when it ended.
    """

    name: str
    command: Callable[[], Sequence[str]]
    directory: Path
    environment: Mapping[str, str] = field(repr=False)  # holds secrets
    needs: frozenset[str] = frozenset()
    is_ready: Callable[[], bool] | None = None
    ready_words: str = ""
    prepare: Callable[[], None] = nothing
    stop_signals: Sequence[signal.Signals] = (signal.SIGTERM,)
    last_signal: signal.Signals = signal.SIGKILL  # what it gets if the supervisor is killed
    person: Person | None = None

    @property
    def is_step(self) -> bool:
        """Say whether it is done when it ended."""
        return self.is_ready is None and not self.ready_words


def of_server(server: Server, environment: Mapping[str, str], *, prepare: Callable[[], None]) -> Part:
    """Make an embedded server a part."""
    return Part(
        name=server.name,
        command=lambda: server.command,
        directory=server.home,
        environment=environment,
        is_ready=server.is_ready,
        prepare=prepare,
        stop_signals=server.stop_signals,
        last_signal=server.stop_signals[0],
        person=server.person,
    )


def answers(url: str) -> Callable[[], bool]:
    """Ask an address of our own whether it answers 200."""

    def ask() -> bool:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # never through a proxy
        try:
            with opener.open(url, timeout=TIME_TO_ANSWER) as answer:
                return bool(answer.status == HTTPStatus.OK)
        except (OSError, ValueError):  # refused, not yet, or not HTTP; urllib's errors are kinds of OSError
            return False

    return ask
