"""The whole product as `make demo` runs it, and the hands of the people who use it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import requests

PROJECT = Path(__file__).parents[2]
SIGN_IN = {"login": "alice@harbour.example", "password": "demo-Keyturn-1"}
BERLIN = ZoneInfo("Europe/Berlin")
START_SECONDS = 90
QUIET = 10  # looks, a second apart, that show the same; an operation with its lag takes under four
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
CODE = re.compile(r"^\s+(\d\d \d\d \d\d)\s*$", re.MULTILINE)
OPTION = re.compile(r'<option value="(\d+)"[^>]*>([^<]+)</option>')


class NotInTime(AssertionError):
    """Something did not become true while we waited for it."""


def wait_until(what: str, is_so: Callable[[], Any], *, seconds: float) -> Any:
    """Wait for a truth and return it; the error says for what."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answer := is_so():
            return answer
        time.sleep(0.1)
    raise NotInTime(f"After {seconds} s still not: {what}")


def code_in(letter: dict[str, Any]) -> str:
    """The keypad code that a message tells."""
    found = CODE.search(letter["text"])
    assert found is not None
    return found[1].replace(" ", "")


@dataclass
class Demo:
    """The running demo."""

    directory: Path
    process: subprocess.Popen[str]

    def state(self) -> dict[str, Any]:
        """What `manage.py demo --state` prints."""
        words = [sys.executable, "manage.py", "demo", "--directory", str(self.directory), "--state"]
        printed = subprocess.run(words, cwd=PROJECT, capture_output=True, text=True, check=True).stdout
        state: dict[str, Any] = json.loads(printed)
        return state

    @property
    def urls(self) -> dict[str, str]:
        """Where its parts are."""
        urls: dict[str, str] = self.state()["urls"]
        return urls

    def part(self, name: str) -> dict[str, Any]:
        """How one part is."""
        return next(part for part in self.state()["parts"] if part["name"] == name)

    def kill(self, name: str) -> None:
        """`kill -9` a part, and wait until the supervisor has another one ready."""
        before = self.part(name)["pid"]
        os.kill(before, signal.SIGKILL)
        wait_until(
            f"{name} is back",
            lambda: self.part(name)["state"] == "ready" and self.part(name)["pid"] != before,
            seconds=60,
        )

    def doors(self) -> dict[str, dict[str, Any]]:
        """The simulated locks by name, with the codes that they really have."""
        answer = requests.get(f"{self.urls['simulator']}/-/state.json", timeout=10).json()
        return {lock["name"]: lock for lock in answer["doors"]}

    def settled_counts(self) -> dict[str, int]:
        """How many codes each lock has, once nothing is on its way: the sample data's codes have arrived."""
        counts: list[dict[str, int]] = []

        def is_the_same_for_a_while() -> bool:
            time.sleep(1.0)
            counts.append({name: len(door["on_the_lock"]) for name, door in self.doors().items()})
            return len(counts) > QUIET and all(count == counts[-1] for count in counts[-QUIET:])

        wait_until("no code is on its way", is_the_same_for_a_while, seconds=120)
        return counts[-1]

    def type_code(self, door: str, code: str) -> bool:
        """Type a code at a simulated door."""
        number = self.doors()[door]["smartlock_id"]
        answer = requests.post(
            f"{self.urls['simulator']}/-/locks/{number}/type-code", json={"code": code}, timeout=10
        )
        opened: bool = answer.json()["opened"]
        return opened

    def lose_next_write(self, door: str) -> None:
        """Have the service accept the next write for a door, and never carry it out."""
        number = self.doors()[door]["smartlock_id"]
        requests.post(
            f"{self.urls['simulator']}/-/locks/{number}/lose-next-write", timeout=10
        ).raise_for_status()

    def mail_to(self, address: str) -> list[dict[str, Any]]:
        """What the inbox got for somebody."""
        letters = requests.get(f"{self.urls['inbox']}/messages.json", timeout=10).json()
        return [letter for letter in letters if address in letter["to"]]


@contextmanager
def running(directory: Path) -> Iterator[Demo]:
    """Run the demo from nothing, and end it with one Ctrl-C."""
    words = [sys.executable, "manage.py", "demo", "--directory", str(directory)]
    environment = {name: value for name, value in os.environ.items() if name in KEPT}
    process = subprocess.Popen(
        words, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    demo = Demo(directory, process)
    try:
        wait_until("the demo runs", lambda: demo.state()["state"] == "running", seconds=START_SECONDS)
        yield demo
    finally:
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=30)
    assert process.returncode == 0, said
    subprocess.run([*words, "--reset"], cwd=PROJECT, check=True, capture_output=True)


KEPT = {
    "HOME",
    "LANG",
    "PATH",
    "TMPDIR",
    "USER",
    "XDG_CACHE_HOME",
}  # of our own environment, for a fresh demo


@dataclass
class Host:
    """A host without a browser: forms by hand."""

    base: str
    session: requests.Session

    @classmethod
    def signed_in(cls, base: str) -> "Host":
        """Sign in as Alice."""
        host = cls(base, requests.Session())
        host.send("/accounts/login/", SIGN_IN)
        return host

    def get(self, path: str) -> str:
        """A page."""
        answer = self.session.get(self.base + path, timeout=30)
        answer.raise_for_status()
        return answer.text

    def send(self, path: str, fields: dict[str, str]) -> requests.Response:
        """Fill a form in and send it."""
        found = TOKEN.search(self.get(path))
        assert found is not None
        answer = self.session.post(
            self.base + path,
            data={**fields, "csrfmiddlewaretoken": found[1]},
            headers={"Referer": self.base + path},
            timeout=30,
        )
        answer.raise_for_status()
        return answer

    def book(self, unit: str, email: str, *, in_days: float, hours: int = 24) -> str:
        """Book a unit for some hours; near enough to go on the locks at once. Returns its page's path."""
        units = {name: number for number, name in OPTION.findall(self.get("/stays/book"))}
        starts = datetime.now(BERLIN) + timedelta(days=in_days)
        answer = self.send(
            "/stays/book",
            {
                "unit": next(number for name, number in units.items() if unit in name),
                "guest_name": "Ada Vogel",
                "guest_email": email,
                "language": "en",
                "starts": f"{starts:%Y-%m-%dT%H:%M}",
                "ends": f"{starts + timedelta(hours=hours):%Y-%m-%dT%H:%M}",
            },
        )
        path = answer.url.removeprefix(self.base)
        assert re.fullmatch(r"/stays/\d+", path), answer.text
        return path
