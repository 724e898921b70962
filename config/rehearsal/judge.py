"""The judge: stands at the doors, and believes nothing but the locks and the letters.

It reads the simulated devices, what guests were told by mail, and what was wished for when it was booked. Our
own tables are read in one place only, where they are what is judged: who opened a door, what is at risk, and
the audit (`books`).
"""

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from config.rehearsal.findings import Findings
from config.rehearsal.history import History, Moment
from config.rehearsal.letters import Letter
from config.rehearsal.reach import Reach
from config.rehearsal.wishes import AFTER, Wish
from nuki_gateway.simulator import Simulator
from nuki_gateway.simulator.authorization import Authorization, KeypadReason, judge
from nuki_gateway.simulator.engine import Engine
from nuki_gateway.simulator.world import Event, EventKind, Lock

ENOUGH = timedelta(minutes=20)  # of reach, after which a guest gets in
TO_SHORTEN = timedelta(minutes=10)  # of reach, after which an end that was moved earlier counts
TO_TIDY = timedelta(minutes=30)  # of reach, after which nothing of ours is left that nobody wants
ON_THE_DAY = timedelta(hours=24)  # before an arrival
LONG_TOLD = timedelta(days=1)  # after this somebody may be reminded
CLOCK_ERROR = timedelta(minutes=3)  # a lock's own clock may be two minutes off
OURS = "KT-"


def as_logged(at: datetime) -> datetime:
    """An instant as the log has it: whole seconds."""
    return at.replace(microsecond=0)


@dataclass
class Edit:
    """Something that the host did to a code in the Nuki app; the cloud hears of it later."""

    lock: int
    serial: int
    code: str
    at: datetime
    known_at: datetime | None = None


@dataclass(frozen=True)
class Dead:
    """While we, or Nuki, or both were dead."""

    begins: datetime
    ends: datetime


class Judge:
    """Probes at the doors, and what follows from them."""

    def __init__(
        self,
        simulator: Simulator,
        reach: Reach,
        findings: Findings,
        history: History,
        *,
        chance: random.Random,
        dead: Sequence[Dead],
    ) -> None:
        self.typed: dict[tuple[int, datetime], list[Wish]] = defaultdict(
            list
        )  # whose code opened, where, when
        self.touched: Counter[str] = Counter()  # by label: what the host did to it in the app
        self._world = simulator.world
        self._simulator = simulator
        self._reach = reach
        self._findings = findings
        self._history = history
        self._chance = chance
        self._dead = dead
        self._edits: dict[int, list[Edit]] = defaultdict(list)
        self._strays: dict[tuple[int, int], datetime] = {}
        self._listen(simulator.engine)

    # Letters

    def told(self, letter: Letter, wish: Wish) -> None:
        """A letter left: does its code open every door, once the stay begins?"""
        before = [one for one in wish.letters if one.number != letter.number]
        wish.letters.append(letter)
        if not letter.code:
            self._judge_cancellation(wish, before)
            return
        at = max(letter.at, wish.starts_at + CLOCK_ERROR)
        for lock in wish.home.locks:
            if self._opens(lock, letter.code, at) or self._is_touched(lock, letter.code, letter.at):
                continue
            if wish.ends_at - at > CLOCK_ERROR:
                self._breach(8, f"told a code that does not open lock {lock}", wish)
        self._judge_count(letter, wish, before)

    def _judge_cancellation(self, wish: Wish, before: Sequence[Letter]) -> None:
        if not wish.is_cancelled:
            self._breach(9, "told that a stay is cancelled which is not", wish)
        if any(not one.code for one in before):
            self._breach(9, "told twice that the stay is cancelled", wish)

    def _judge_count(self, letter: Letter, wish: Wish, before: Sequence[Letter]) -> None:
        """One letter at first and one for each change; beside them one that repeats it on the day itself."""
        if wish.is_cancelled:
            self._breach(9, "told a code of a cancelled stay", wish)
        if letter.number in wish.reminders:
            return
        is_of_the_day = timedelta(0) < wish.starts_at - letter.at <= ON_THE_DAY
        is_the_same = bool(before) and (before[-1].code, before[-1].told) == (letter.code, letter.told)
        if is_the_same and is_of_the_day and letter.at - before[-1].at > LONG_TOLD:
            wish.reminders.add(letter.number)
            return
        numbers = {one.number for one in wish.letters} - wish.reminders
        if len(numbers) > 1 + wish.changes:
            self._breach(9, f"{len(numbers)} letters for {wish.changes} changes", wish)

    # Probes; each is planned when a wish is made or changed, and says nothing once the wish is another

    def plan(self, wish: Wish, now: datetime) -> list[tuple[datetime, Callable[[datetime], None]]]:
        """When to stand at the doors for this wish, and what to try."""
        change = wish.changed_at
        plans: list[tuple[datetime, Callable[[datetime], None]]] = []

        def at(moment: datetime, act: Callable[[Wish, datetime], None]) -> None:
            if moment > now:
                plans.append((moment, lambda when: act(wish, when) if wish.changed_at == change else None))

        if not wish.is_cancelled:
            span = wish.ends_at - wish.starts_at
            at(wish.starts_at - CLOCK_ERROR - self._chance.random() * timedelta(days=1), self._too_early)
            at(wish.starts_at - CLOCK_ERROR, self._too_early)
            late = timedelta(seconds=self._chance.random() * 600)  # no two guests type at one moment
            at(max(wish.starts_at + CLOCK_ERROR, now + ENOUGH + CLOCK_ERROR) + late, self._arrive)
            at(wish.starts_at + span * (0.1 + 0.8 * self._chance.random()), self._come_back)
            at(wish.starts_at + span * (0.1 + 0.8 * self._chance.random()), self._come_back)
            at(wish.ends_at - CLOCK_ERROR, self._come_back)
        end = now if wish.is_cancelled else wish.ends_at
        for later in (AFTER, timedelta(hours=1), timedelta(days=1)):
            at(end + later + timedelta(seconds=1), self._too_late)
        return plans

    def _arrive(self, wish: Wish, now: datetime) -> None:
        """The guest comes and types the code at every door."""
        if wish.ends_at - CLOCK_ERROR <= now:
            return
        for lock in wish.home.locks:
            self._findings.count("probes")
            opened = wish.code != "" and self._simulator.type_code(lock, wish.code).opened
            if opened:
                device = self._world.locks[lock].device
                at = device.clock(now)
                self.typed[lock, as_logged(at)].append(wish)
                self._findings.count("entered")
            else:
                self._locked_out(wish, lock, now)
        self._old_codes_are_dead(wish, now)

    def _come_back(self, wish: Wish, now: datetime) -> None:
        for lock in wish.home.locks:
            self._findings.count("probes")
            if not self._opens(lock, wish.code, now):
                self._locked_out(wish, lock, now)
        self._old_codes_are_dead(wish, now)

    def _too_early(self, wish: Wish, now: datetime) -> None:
        for lock in wish.home.locks:
            self._findings.count("probes")
            opening = [code for code in wish.codes if self._opens(lock, code, now)]
            if not opening or self._reach.of(lock, wish.changed_at, now) < ENOUGH:
                continue
            if not any(self._is_touched(lock, code, now) for code in opening):
                self._breach(3, f"opens lock {lock} before the stay", wish)

    def _too_late(self, wish: Wish, now: datetime) -> None:
        for lock, end in wish.ends.items():
            if end + AFTER > now:
                continue
            self._findings.count("probes")
            opening = [code for code in wish.codes if self._opens(lock, code, now)]
            if opening:
                self._came_late(wish, lock, opening, now)

    def _came_late(self, wish: Wish, lock: int, opening: Sequence[str], now: datetime) -> None:
        if any(self._is_touched(lock, code, now) for code in opening):
            self._findings.excuse("changed in the app")
            return
        left_at = wish.left.get(lock)
        is_earlier = left_at is not None and now < wish.latest[lock] + AFTER
        if left_at is not None and is_earlier and self._reach.of(lock, left_at, now) < TO_SHORTEN:
            self._findings.excuse("end moved earlier")
            return
        self._breach(2, f"opens lock {lock} after the end", wish)

    def _locked_out(self, wish: Wish, lock: int, now: datetime) -> None:
        excuse = self._excuse(wish, lock, now)
        is_dead = any(dead.begins <= now < dead.ends for dead in self._dead)
        if is_dead and self._was_confirmed(wish) and excuse not in {"changed in the app", "keypad"}:
            self._breach(4, f"locked out of lock {lock}", wish)
            return
        if excuse:
            self._findings.excuse(excuse)
        else:
            self._breach(1, f"locked out of lock {lock} (told {wish.code or 'nothing'})", wish)

    def _excuse(self, wish: Wish, lock: int, now: datetime) -> str:
        device = self._world.locks[lock].device
        if device.keypad is None or device.state.keypad_battery_empty:
            return "keypad"
        locks = wish.home.locks if not wish.code else (lock,)
        if any(self._reach.of(one, wish.changed_at, now) < ENOUGH for one in locks):
            return "not in reach"
        if any(self._is_touched(one, "", now) for one in locks) and self._is_theirs(wish, locks, now):
            return "changed in the app"
        if any(self._is_full(one) for one in locks):
            return "no room on the lock"
        return ""

    def _was_confirmed(self, wish: Wish) -> bool:
        begins = min(dead.begins for dead in self._dead)
        return bool(wish.letters) and wish.letters[-1].at < begins and wish.changed_at < begins

    def _old_codes_are_dead(self, wish: Wish, now: datetime) -> None:
        for lock in wish.home.locks:
            for code in wish.codes - {wish.code}:
                if self._opens(lock, code, now) and self._reach.of(lock, wish.letters[-1].at, now) >= ENOUGH:
                    self._breach(9, f"an older code opens lock {lock}", wish)

    # All of a lock at once

    def look_around(self, wishes: Sequence[Wish], now: datetime, *, exactly: bool = False) -> None:
        """Look at everything of ours on every lock: one code for each wish, and nothing besides."""
        wanted: dict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
        for wish in wishes:
            for lock in wish.home.locks:
                if wish.is_wanted_on(lock, now=now):
                    wanted[lock].append(wish.window)
        for number, device in self._world.locks.items():
            self._look_at(number, device, list(wanted[number]), now, exactly=exactly)

    def _look_at(
        self,
        number: int,
        lock: Lock,
        wanted: list[tuple[datetime, datetime]],
        now: datetime,
        *,
        exactly: bool,
    ) -> None:
        extra: list[Authorization] = []
        for one in lock.device.codes():
            if not one.name.startswith(OURS):
                continue
            window = (one.allowed_from, one.allowed_until)
            if window in wanted:
                wanted.remove(window)
            else:
                extra.append(one)
        known = {(number, one.serial) for one in extra}
        for key in [key for key in self._strays if key[0] == number and key not in known]:
            del self._strays[key]
        for one in extra:
            since = self._strays.setdefault((number, one.serial), now)
            is_old = self._reach.of(number, since, now) >= TO_TIDY and since < now
            if (exactly or is_old) and not self._is_touched(number, one.code or "", now):
                self._findings.note(
                    5, f"{one.name} on lock {number} is wanted by nobody at {now:%d %b %H:%M}"
                )
                self._strays.pop((number, one.serial))
        if exactly:
            for _ in wanted:
                self._findings.note(13, f"a code is missing on lock {number} although all is quiet")

    # What hosts do in the app

    def note_what_is_known(self, now: datetime) -> None:
        """See which of the host's doings in the app the cloud has heard of by now."""
        for edits in self._edits.values():
            for edit in edits:
                if edit.known_at is None and self._cloud_knows(edit):
                    edit.known_at = now

    def _listen(self, engine: Engine) -> None:
        react = engine.reactions[EventKind.HOST_EDITS]

        def noted(engine: Engine, event: Event) -> None:
            found = engine.lock(event.smartlock_id).device.find(event.subject_id)
            react(engine, event)
            if found is not None and found.code is not None:
                self._findings.count("changed in the app")
                self.touched[found.name] += 1
                number = event.smartlock_id
                self._edits[number].append(Edit(number, found.serial, found.code, event.due_at))
                self._history.note(Moment(event.due_at, "the host changes it in the app", number, found.name))

        engine.reactions[EventKind.HOST_EDITS] = noted

    def _cloud_knows(self, edit: Edit) -> bool:
        lock = self._world.locks[edit.lock]
        truth = lock.device.find(edit.serial)
        listed = next((one for one in lock.copy.entries.values() if one.serial == edit.serial), None)
        if truth is None or listed is None:
            return truth is None and listed is None
        return listed.values == truth

    def _is_touched(self, lock: int, code: str, now: datetime) -> bool:
        """Whether the host changed this code (empty: any) in the app, and it could not be mended yet."""
        for edit in self._edits[lock]:
            if code and edit.code != code:
                continue
            known = edit.known_at
            if known is None or self._reach.of(lock, known, now) < ENOUGH:
                return True
        return False

    def _is_theirs(self, wish: Wish, locks: Sequence[int], now: datetime) -> bool:
        return not wish.code or any(self._is_touched(lock, wish.code, now) for lock in locks)

    # The locks

    def _opens(self, lock: int, code: str, at: datetime) -> bool:
        device = self._world.locks[lock].device
        if not code or device.keypad is None or device.state.keypad_battery_empty:
            return False
        return any(
            one.code == code and judge(one, at=device.clock(at), zone=device.zone()) is KeypadReason.OPEN
            for one in device.authorizations
        )

    def _is_full(self, lock: int) -> bool:
        device = self._world.locks[lock].device
        return len(device.codes()) >= device.capacity

    def _breach(self, invariant: int, words: str, wish: Wish) -> None:
        now = self._simulator.clock.now()
        self._history.note(Moment(now, f"BROKEN {invariant}: {words}", wish=wish.number))
        self._findings.note(invariant, words, wish.number)
