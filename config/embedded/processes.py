"""Starting and ending child processes that never outlive us."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

LEASH = Path(__file__).with_name("leash.py")
POLL = 0.02  # seconds between two looks at something that is about to happen


@dataclass(frozen=True)
class Person:
    """The system's user and group that a process runs as."""

    user: int
    group: int


def start(
    command: Sequence[str],
    *,
    output: IO[bytes] | int,
    directory: Path,
    environment: Mapping[str, str],
    last_signal: signal.Signals,
    person: Person | None = None,
) -> subprocess.Popen[bytes]:
    """Start a command on a leash, in a session of its own: our terminal's Ctrl-C does not reach it.

    Call it from the main thread: Linux sends `last_signal` when the *thread* that started a process ends.
    """
    return subprocess.Popen(  # noqa: S603  every command is written in this project
        leashed(command, last_signal=last_signal, person=person),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        cwd=directory,
        env=environment,
        start_new_session=True,
    )


def run(
    command: Sequence[str],
    *,
    directory: Path,
    environment: Mapping[str, str],
    person: Person | None = None,
    text: str = "",
    timeout: float = 60,
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, with this text as its input; output and errors come back as one text."""
    return subprocess.run(  # noqa: S603  every command is written in this project
        leashed(command, last_signal=signal.SIGKILL, person=person),
        input=text,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=directory,
        env=environment,
        text=True,
        errors="replace",
        timeout=timeout,
        check=False,
    )


def leashed(
    command: Sequence[str], *, last_signal: signal.Signals, person: Person | None = None
) -> list[str]:
    """Write a command so that it gets `last_signal` when we end, however we end."""
    who = f"{person.user}:{person.group}" if person else ""
    leash = [sys.executable, "-IS", str(LEASH), str(os.getpid()), str(int(last_signal)), who, "--"]
    return [*leash, *command]


def end(process: subprocess.Popen[bytes], *signals: signal.Signals, patience: float) -> None:
    """End a process with the first of these signals that works, `patience` seconds each, or with SIGKILL."""
    for number in signals:
        process.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(patience)
            break
    end_rest(process)
    process.wait()


def end_rest(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of the session that a process had for itself."""
    with suppress(ProcessLookupError, PermissionError):  # macOS says the latter of zombies
        os.killpg(process.pid, signal.SIGKILL)


def becomes_true(condition: Callable[[], bool], *, within: float) -> bool:
    """Wait until a condition holds, at most this many seconds; say whether it does."""
    until = time.monotonic() + within
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(POLL)
    return True


def is_free(port: int) -> bool:
    """Say whether a server could listen on this port of 127.0.0.1."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Choose a port of 127.0.0.1 on which nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
