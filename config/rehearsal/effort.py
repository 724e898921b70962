"""Watching the calls: what they cost, whom they concern, and whether anybody wrote what was not his."""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from config.rehearsal.findings import Findings
from config.rehearsal.history import History, Moment
from config.rehearsal.line import Carried
from nuki_gateway.simulator.answers import Request
from nuki_gateway.simulator.api import LOCK_PATH, WRITING
from nuki_gateway.simulator.world import Entry, Fate, Lock, World

OURS = "KT-"
SCANS = ("/smartlock", "/smartlock/auth", "/smartlock/log")
MOST_SCANS = 96  # a day, of each kind
ACCEPTED, REFUSED = 204, 400
HORIZON = timedelta(hours=72)  # before its window a code is put on the lock
SOON = timedelta(minutes=15)


@dataclass
class Effort:
    """Counts calls by grant (its label), and looks at each write before it is carried out."""

    world: World
    findings: Findings
    history: History
    writes: Counter[str] = field(default_factory=Counter)  # by label
    misfortunes: Counter[str] = field(default_factory=Counter)  # by label: what went wrong with its writes
    scans: Counter[tuple[str, str, date]] = field(default_factory=Counter)
    asked: dict[str, set[str]] = field(
        default_factory=lambda: defaultdict(set)
    )  # by label: codes and windows
    calls: int = 0
    of_accounts: int = 0  # of these: about no lock in particular
    not_sent: int = 0  # calls whose answer never came, or that were never made
    written: list[tuple[datetime, str]] = field(default_factory=list)
    windows: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)  # by label, as written last
    ours: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))  # codes we made, by lock
    _subject: str = ""

    def is_write(self, request: Request) -> bool:
        """Whether a call changes an authorization."""
        found = LOCK_PATH.fullmatch(request.path)
        return found is not None and found.group(2) is not None and request.method in WRITING

    def before(self, request: Request) -> None:
        """Look at a call before it is carried out: whose entry does it name?"""
        self._subject = ""
        found = LOCK_PATH.fullmatch(request.path)
        if found is None or found.group(2) is None or request.method not in WRITING:
            return
        lock = self.world.locks.get(int(found.group(1)))
        if lock is None:
            return
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        owner = next((one for one in self.world.accounts if one.account_id == lock.account_id), None)
        if owner is None or owner.token != token:
            self.findings.note(16, f"a call for lock {lock.smartlock_id} in another account's name")
        if request.method == "PUT":
            body = json.loads(request.body)
            self._subject = str(body["name"])
            self.ours[lock.smartlock_id].add(str(body["code"]))
            self._keep_window(body)
            return
        entry = lock.copy.entries.get((found.group(3) or "").removeprefix("/"))
        if request.method == "POST":
            self._keep_window(json.loads(request.body))
        if entry is not None:
            self._subject = entry.values.name
            self._check_ours(entry, lock.smartlock_id)

    def after(self, carried: Carried, at: datetime) -> None:
        """Count a call that was carried."""
        request = carried.request
        self.calls += 1
        found = LOCK_PATH.fullmatch(request.path)
        number = int(found.group(1)) if found else 0
        is_write = self.is_write(request)
        words = f"{request.method} {_kind(request.path)} {carried.status}"
        if is_write:
            self.written.append((at, self._subject))
            words += self._count_write(number, carried)
        self.history.note(Moment(at, words, number, self._subject))
        self.findings.count(f"{request.method} {_kind(request.path)}")
        if found is None:
            self.of_accounts += 1
        if request.method == "GET" and request.path in SCANS:
            self.scans[request.headers.get("authorization", ""), request.path, at.date()] += 1

    def judge_quiet(self, begins: datetime, ends: datetime) -> None:
        """Say which writes between two quiet instants had no cause: no end and no push of their own."""
        for at, label in self.written:
            if not begins <= at <= ends:
                continue
            window = self.windows.get(label)
            causes = () if window is None else (window[0] - HORIZON, window[1])
            if not any(cause <= ends and at - cause <= SOON for cause in causes if cause <= at):
                self.findings.note(
                    13, f"{label} was written to at {at:%d %b %H:%M} although all is quiet", label=label
                )

    def judge(self, touched: Counter[str]) -> None:
        """Say which grants cost more than they may: one for each thing asked for, two for a misfortune.

        `touched` counts what the host did to each in the Nuki app.
        """
        for label, count in self.writes.items():
            asked = 1 + len(self.asked[label])  # and its removal
            if count > asked + 2 * self.misfortunes[label] + 2 * touched[label]:
                words = f"{label}: {count} writes, {asked} asked for, {self.misfortunes[label]} misfortunes"
                self.findings.note(14, words, label=label)
        for (_, path, day), count in self.scans.items():
            if count > MOST_SCANS:
                self.findings.note(14, f"{count} times {path} on {day}")

    def _keep_window(self, body: dict[str, Any]) -> None:
        window = (
            datetime.fromisoformat(body["allowedFromDate"]),
            datetime.fromisoformat(body["allowedUntilDate"]),
        )
        self.windows[str(body["name"])] = window
        self.asked[str(body["name"])].add(f"{body['code']} {window}")

    def _count_write(self, number: int, carried: Carried) -> str:
        """Count it, and say what misfortune hit it, if any."""
        label = self._subject
        self.writes[label] += 1
        lock = self.world.locks[number]
        misfortune = _misfortune(lock, label, carried)
        self.misfortunes[label] += misfortune != ""
        return f", {misfortune}" if misfortune else ""

    def _check_ours(self, entry: Entry, lock: int) -> None:
        if not entry.values.name.startswith(OURS) and entry.values.code not in self.ours[lock]:
            self.findings.note(6, f"a write named {entry.id} on lock {lock}")


def _misfortune(lock: Lock, label: str, carried: Carried) -> str:
    """What went wrong with a write, as only the simulator knows."""
    answer = carried.outcome.answer
    if carried.status != ACCEPTED:
        return "refused" if answer is not None and answer.status >= REFUSED else "no proper answer"
    if not lock.device.online:
        return "offline"
    on_the_way = [*lock.queue, *lock.reading_back]
    operation = next(
        (one for one in reversed(on_the_way) if _names(lock.copy.entries, one.entry_id, label)), None
    )
    if operation is not None and (operation.fate is not Fate.CARRIED_OUT or operation.unread):
        return "unread" if operation.unread else str(operation.fate)
    wanted = operation.wanted if operation is not None else None
    if wanted is not None and any(
        one.code == wanted.code and one.name != label for one in lock.device.codes()
    ):
        return "the code is somebody else's"
    return ""


def _names(entries: dict[str, Entry], entry_id: str, label: str) -> bool:
    entry = entries.get(entry_id)
    return entry is not None and entry.values.name == label


def _kind(path: str) -> str:
    """The call without its numbers."""
    found = LOCK_PATH.fullmatch(path)
    if found is None:
        return path
    return (
        "/smartlock/…"
        + (found.group(2) or "")
        + ("/…" if found.group(3) and found.group(2) else found.group(3) or "")
    )
