"""One run: the parts, the hosts and the faults, then quiet, and the verdict."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from django.db import connections

from config.demo.supervisor import Running, State
from properties.clock import now
from tests.chaos import driver, faults, judge, witnesses
from tests.chaos.faults import Fault, Kind, Planned
from tests.chaos.installation import HIT, WORLD, Installation
from tests.chaos.judge import Disturbance, Wanted, Wrong

log = structlog.get_logger(__name__)

TICK = 0.1  # seconds between two looks at the parts
LOOK = 1.0  # seconds between two looks at the locks
QUIET = 20.0  # seconds in which all has to stay as it is wanted
CONVERGED_WITHIN = 120.0  # seconds after the last fault
# seconds after it: a change settles for three minutes, and a worker that dies sending holds a message for two
TOLD_WITHIN = 480.0
GIVEN_UP_AFTER = 600.0  # seconds
BACK_WITHIN = 120.0  # seconds for all parts to be up again
HOSTS_WAIT = 120.0  # seconds for the last answer that the hosts wait for
PAUSE = 2.5  # seconds between two intents, on average
OF_THE_MAIL = frozenset({"worker 1", "worker 2", "postgres", "inbox", "valkey"})  # workers end without Valkey
STORIES = 3  # that are told of a failure


@dataclass
class Report:
    """What was done, and what came of it."""

    seed: int
    seconds: float
    faults: list[Fault] = field(default_factory=list)
    answered: Counter[str] = field(default_factory=Counter)
    asked_again: int = 0
    wanted: int = 0
    ended_by_themselves: Counter[str] = field(default_factory=Counter)
    converged_after: float | None = None  # seconds
    told_after: float | None = None  # seconds
    letters: int = 0
    letters_again: int = 0
    wrong: list[str] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """For a person at a terminal."""
        kinds = Counter(fault.planned.kind for fault in self.faults)
        parts = Counter(fault.planned.part for fault in self.faults)
        yield f"{self.seconds:.0f} s of chaos, seed {self.seed}"
        yield f"  faults       {len(self.faults)}: {_counted({str(kind): kinds[kind] for kind in Kind})}"
        yield f"               {_counted({part: parts[part] for part in HIT})}"
        if self.ended_by_themselves:
            yield f"  ended alone  {_counted(self.ended_by_themselves)}"
        yield f"  intents      {_counted(self.answered)}; asked again {self.asked_again} times"
        yield f"  on the locks {self.wanted} stays, as wanted {_after(self.converged_after)}"
        letters = f"{self.letters} letters, {self.letters_again} sent again"
        yield f"  told         {_after(self.told_after)}; {letters}"
        yield f"  wrong        {'nothing' if not self.wrong else ''}"
        yield from (f"  {line}" for line in self.wrong)


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def _after(seconds: float | None) -> str:
    return "never" if seconds is None else f"{seconds:.0f} s after the last fault"


@dataclass
class Run:
    """Everything of one run. The supervisor has the main thread, and this one of its own."""

    installation: Installation
    seed: int
    seconds: float
    gap: float  # seconds between two faults, on average
    say: Callable[[str], None]

    def __post_init__(self) -> None:
        self.report = Report(self.seed, self.seconds)
        self._chance = random.Random(self.seed)  # noqa: S311  it is to be foreseen
        self._locks = witnesses.Locks(self.installation.addresses.simulator)
        self._thread = threading.Thread(target=self._conduct, name="chaos", daemon=True)
        self.supervisor = self.installation.supervisor(say=self._note, all_ready=self._thread.start)

    def go(self) -> Report:
        """Run until the verdict is there."""
        self.supervisor.listen_to_signals()
        code = self.supervisor.run()
        if code or self._thread.is_alive():
            self.report.wrong.append("ended before there was a verdict")
        return self.report

    def _note(self, line: str) -> None:
        with (self.installation.directory / "supervisor.log").open("a", encoding="utf-8") as file:
            file.write(f"{now():%H:%M:%S} {line}\n")

    def _conduct(self) -> None:
        try:
            self._rage_and_judge()
        except Exception as failure:  # the supervisor has to be ended, and the report says why
            log.exception("chaos ended early")
            self.report.wrong.append(f"the run itself failed: {type(failure).__name__}: {failure}")
        finally:
            connections.close_all()
            self.supervisor.end()

    def _rage_and_judge(self) -> None:
        businesses = [driver.found(name, self.installation.addresses.keyturn) for name in WORLD]
        foreign = self._locks.held()
        planned = faults.plan(self._chance, parts=HIT, length=self.seconds, gap=self.gap)
        self.say(f"{len(planned)} faults in {self.seconds:.0f} s, seed {self.seed}:")
        hosts = driver.Driver(businesses, random.Random(self.seed + 1), PAUSE)  # noqa: S311  the same
        before = {running.part.name: len(running.ended_at) for running in self.supervisor.running}
        hosts.start()
        self._rage(planned)
        hosts.end()
        calm_at = self._wait_for_all_parts()
        self._wait_for(lambda: not hosts.is_at_work, "the hosts got their answer", HOSTS_WAIT)
        self._count(hosts, before)
        self._judge(hosts.wanted(), foreign, calm_at)

    def _rage(self, planned: list[Planned]) -> None:
        began = time.monotonic()
        waiting, open_faults = list(planned), list[Fault]()
        while waiting or open_faults or time.monotonic() < began + self.seconds:
            time.sleep(TICK)
            at = time.monotonic() - began
            if waiting and waiting[0].at <= at and (fault := self._strike(waiting[0])):
                self.say(f"  {waiting.pop(0)}")
                self.report.faults.append(fault)
                open_faults.append(fault)
            for fault in list(open_faults):
                if fault.stopped and now() >= fault.began_at + timedelta(seconds=fault.planned.seconds):
                    faults.wake(fault)
                if fault.is_over(self._running(fault.planned.part)):
                    fault.ended_at = now()
                    open_faults.remove(fault)
            if at > self.seconds + BACK_WITHIN:
                return

    def _strike(self, planned: Planned) -> Fault | None:
        """None while the part has no process: then a moment later."""
        pid = self._running(planned.part).pid
        return None if pid is None else faults.strike(planned, pid)

    def _running(self, part: str) -> Running:
        return next(running for running in self.supervisor.running if running.part.name == part)

    def _wait_for_all_parts(self) -> float:
        """Return when all were up again (monotonic seconds)."""
        self._wait_for(
            lambda: all(self._running(part).state is State.READY for part in HIT),
            "all parts are up",
            BACK_WITHIN,
        )
        return time.monotonic()

    def _wait_for(self, is_so: Callable[[], bool], what: str, seconds: float) -> None:
        ends = time.monotonic() + seconds
        while not is_so():
            if time.monotonic() > ends:
                self.report.wrong.append(f"after {seconds:.0f} s still not: {what}")
                return
            time.sleep(TICK)

    def _count(self, hosts: driver.Driver, ended_before: dict[str, int]) -> None:
        self.report.answered, self.report.asked_again = hosts.answered, hosts.asked_again
        self.report.wrong += [f"a host met {error}" for error in hosts.unexpected]
        whole = Counter(
            fault.planned.part
            for fault in self.report.faults
            if fault.planned.kind is not Kind.STOP and not fault.planned.of_a_child
        )
        for name in HIT:
            alone = len(self._running(name).ended_at) - ended_before[name] - whole[name]
            if alone > 0:
                self.report.ended_by_themselves[name] = alone

    def _judge(self, wanted: list[Wanted], foreign: judge.Locks, calm_at: float) -> None:
        self.report.wanted = len(wanted)
        self.say(f"Calm. {len(wanted)} stays have to be on the locks.")
        wrong, untold = self._watch(wanted, foreign, calm_at)
        letters = witnesses.letters(self.installation.mailbox)
        disturbances = [
            Disturbance(fault.began_at, fault.ended_at or now())
            for fault in self.report.faults
            if fault.planned.part in OF_THE_MAIL
        ]
        of_mail, self.report.letters_again = judge.in_the_mail(letters, disturbances)
        self.report.letters = len(letters)
        self.report.wrong += of_mail
        for name, seconds, most in (
            ("on the locks as wanted", self.report.converged_after, CONVERGED_WITHIN),
            ("told", self.report.told_after, TOLD_WITHIN),
        ):
            if seconds is not None and seconds > most:
                self.report.wrong.append(f"{name} after {seconds:.0f} s, later than {most:.0f} s")
        self._tell(wrong)
        self._tell(untold)

    def _tell(self, wrong: list[Wrong]) -> None:
        connections.close_all()  # the one of the beginning broke with the first fault of PostgreSQL
        for one in wrong[:STORIES]:
            self.report.wrong += witnesses.story(one)
        self.report.wrong += [str(one) for one in wrong[STORIES:]]

    def _watch(
        self, wanted: list[Wanted], foreign: judge.Locks, calm_at: float
    ) -> tuple[list[Wrong], list[Wrong]]:
        """Look until all has been right for a while, or until it is given up; return what is wrong then."""
        while True:
            held = self._locks.held()
            looked_at = time.monotonic()
            wrong = judge.on_the_locks(wanted, held, foreign=foreign)
            untold = judge.untold(wanted, witnesses.letters(self.installation.mailbox), held)
            self.report.converged_after = _since(
                calm_at, looked_at, self.report.converged_after, is_wrong=bool(wrong)
            )
            self.report.told_after = _since(calm_at, looked_at, self.report.told_after, is_wrong=bool(untold))
            right_for = (
                looked_at - calm_at - max(self.report.converged_after or 0.0, self.report.told_after or 0.0)
            )
            if (not wrong and not untold and right_for >= QUIET) or looked_at > calm_at + GIVEN_UP_AFTER:
                return wrong, untold
            time.sleep(LOOK)


def _since(calm_at: float, looked_at: float, known: float | None, *, is_wrong: bool) -> float | None:
    """When it became right for the last time, in seconds after the calm; None while it is wrong."""
    if is_wrong:
        return None
    return looked_at - calm_at if known is None else known
