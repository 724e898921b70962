"""`manage.py demo`: runs everything, tells where it is, and says of a running demo what state it is in.

It runs before Django's settings are read, because it makes the environment that they are read from.
"""

import argparse
import fcntl
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO

from config.demo import variables
from config.demo.parts import Part
from config.demo.patience import Patience
from config.demo.supervisor import Supervisor
from config.demo.variables import Addresses
from config.demo.whole import PROJECT, Whole, discard
from config.embedded import private

DIRECTORY = PROJECT / "var" / "demo"
PASSWORD = "demo-Keyturn-1"  # noqa: S105  the sample data's; it is printed below
BANNER = """
Keyturn runs, {seconds:.0f} seconds after you asked.

  Keyturn         {keyturn}
  Simulated doors {simulator}
  Inbox           {inbox}

  Sign in as      alice@harbour.example    (Harbour Stays)
  or as           charlie@lindgren.example (Lindgren Lodging)
  Password        {password}

  Logs            {logs}
  Ctrl-C ends everything.
"""


class DemoRuns(Exception):
    """Another process runs the demo in this directory."""


def main(arguments: Sequence[str]) -> int:
    """Do what the command line says; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="manage.py demo", description="Run everything that Keyturn needs, here."
    )
    parser.add_argument(
        "--directory",
        type=Path,
        default=DIRECTORY,
        help="where it keeps everything; another one is another demo",
    )
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--reset", action="store_true", help="remove everything that the demo keeps")
    choice.add_argument("--state", action="store_true", help="print the running demo's parts as JSON")
    chosen = parser.parse_args(arguments)
    directory = chosen.directory.resolve()
    try:
        if chosen.state:
            return print_state(directory)
        with the_only_one(directory):
            return reset(directory) if chosen.reset else run(directory)
    except (DemoRuns, variables.NoPortIsFree) as problem:
        say(str(problem))
        return 1


@contextmanager
def the_only_one(directory: Path) -> Iterator[None]:
    """Hold the directory, so that two demos never share one."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)  # it holds messages with codes, and secrets
    with (directory / "lock").open("w", encoding="utf-8") as lock:
        if not _hold(lock):
            raise DemoRuns("The demo already runs here. End it with Ctrl-C in its terminal first.")
        yield


def _hold(lock: IO[str]) -> bool:
    """Take the lock; somebody who only asks for the state holds it for a moment."""
    for pause in (0.1, 0.2, 0.4, 0.0):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(pause)
        else:
            return True
    return False


def run(directory: Path) -> int:
    """Run the demo until it is ended."""
    began = time.monotonic()
    say("Starting Keyturn and what it needs:")
    (directory / "state.json").unlink(missing_ok=True)  # of an earlier run that was killed
    whole = Whole(directory, environment=os.environ)
    variables.write_for_shells(directory / "environment", whole.variables())
    supervisor = supervise(
        whole.parts(), directory=directory, addresses=whole.addresses, began=began, patience=Patience()
    )
    supervisor.listen_to_signals()
    code = supervisor.run()
    say("Everything has ended.")
    return code


def supervise(
    parts: Sequence[Part], *, directory: Path, addresses: Addresses, began: float, patience: Patience
) -> Supervisor:
    """Make a supervisor that writes its state into the directory and the banner onto the terminal."""
    logs = directory / "log"

    def tell() -> None:
        seconds = time.monotonic() - began
        say(BANNER.format(seconds=seconds, password=PASSWORD, logs=logs, **asdict(addresses)))

    def keep_state(supervisor: Supervisor) -> None:
        state = json.dumps(state_of(supervisor, addresses), indent=2)
        private.write(directory / "state.json", state + "\n")

    return Supervisor(parts, logs=logs, say=say, changed=keep_state, all_ready=tell, patience=patience)


def state_of(supervisor: Supervisor, addresses: Addresses) -> dict[str, object]:
    """Describe the demo for tests and for curious people."""
    parts = [
        {"name": each.part.name, "pid": each.pid, "state": each.state, "ended": len(each.ended_at)}
        for each in supervisor.running
    ]
    whole = "ending" if supervisor.is_ending else "running" if supervisor.is_complete else "starting"
    return {"state": whole, "pid": os.getpid(), "urls": asdict(addresses), "parts": parts}


def print_state(directory: Path) -> int:
    """Print the state of the demo that runs in the directory."""
    try:
        with the_only_one(directory):
            state = "ended"
    except DemoRuns:
        written = directory / "state.json"
        if written.exists():
            say(written.read_text(encoding="utf-8").rstrip())
            return 0
        state = "starting"
    say(json.dumps({"state": state, "pid": None, "urls": {}, "parts": []}, indent=2))
    return 0


def reset(directory: Path) -> int:
    """Remove everything that the demo keeps."""
    discard(directory)
    shutil.rmtree(directory)
    say("The demo's data is gone. The next start makes it anew.")
    return 0


def say(line: str) -> None:
    """Speak to the terminal, for as long as there is one."""
    try:
        print(line, flush=True)
    except OSError:  # the terminal was closed; ending in order matters more
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  until the process ends
