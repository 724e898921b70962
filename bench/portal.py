"""Keyturn on the stage of a makespan: its businesses, its workers, and what it took to confirm every code.

Imported once Django is set up. Everything happens in one thread and in virtual time, as in a rehearsal, but
as if there were a worker and a connection for everybody: calls take no time, so that none waits for another.
"""

import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from datetime import time as time_of_day
from typing import Any

from django.conf import settings

from access import chance, stays, work_queue
from access.models import Grant
from bench import street
from bench.street import Case, Code, Doors
from config.rehearsal.intake import Intake
from config.rehearsal.line import Carried, Line
from config.rehearsal.workers import OFTEN, Job, Luck, Workers
from nuki_gateway import transport
from nuki_gateway.simulator.answers import Request
from properties import clock, nuki_accounts, organizations, places, tenancy
from properties.models import Organization, SmartLock, Unit

SETTLING_IN = timedelta(minutes=1)  # the first sweep, and the first reading of the log, are done before
LONGEST = timedelta(hours=2)
LOOKING = timedelta(seconds=1)  # how often it is asked whether all is done
NOT_PLAYED = {"send_message", "ring_due_messages"}  # guests' mail
ELSEWHERE = "elsewhere"  # the simulator, and whoever measures
BOOKING = "booking"


@dataclass(frozen=True)
class Result:
    """What it took."""

    makespan: float  # virtual seconds until the last code was confirmed
    halfway: float  # until half of the codes were
    calls: dict[str, int]  # by kind
    cpu: dict[str, float]  # seconds of this process, by what it did
    tasks: dict[str, int]  # how often each was run
    doors: Doors


@dataclass
class Spent:
    """Processor time of this process, by who spends it."""

    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    _who: str = ELSEWHERE
    _since: float = field(default_factory=time.process_time)

    @contextmanager
    def by(self, who: str) -> Iterator[None]:
        """Until the block ends, but for what others spend within it."""
        before = self.turn_to(who)
        try:
            yield
        finally:
            self.turn_to(before)

    def turn_to(self, who: str) -> str:
        """From now on it is spent by them; return by whom it was until now."""
        now, before = time.process_time(), self._who
        self.seconds[before] += now - self._since
        self._who, self._since = who, now
        return before


class ManyWorkers(Workers):
    """The workers of a rehearsal, each ring with a worker that waits for it, and all ticks as in earnest."""

    def __init__(self, stage_clock: street.Instant, spent: Spent) -> None:
        super().__init__(stage_clock, chance=random.Random(1), luck=Luck(), next_row=lambda: None)  # noqa: S311
        self._spent = spent
        for entry in settings.CELERY_BEAT_SCHEDULE.values():
            if entry["schedule"] < OFTEN and _name(entry["task"]) not in NOT_PLAYED:
                self._plan_beat(entry["task"], entry["schedule"], stage_clock.now())
                self._seldom[entry["task"]] = entry["schedule"]

    def send_task(self, name: str, *, kwargs: dict[str, Any], countdown: float | None = None) -> None:
        """Deliver a ring. Who takes in deliveries first waits for more of them: here before it begins."""
        if _name(name) in NOT_PLAYED:
            return
        gathering = work_queue.GATHERING if _name(name) == "take_in_deliveries" else 0.0
        super().send_task(name, kwargs=kwargs, countdown=(countdown or 0.0) + gathering)

    def _run(self, job: Job) -> None:
        with self._spent.by(_name(job.name)):
            super()._run(job)


class Portal:
    """Keyturn, and the simulated Nuki Web that it works with."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.clock = street.Instant(street.START)
        self.calls: Counter[str] = Counter()
        self.spent = Spent()
        self.simulator = street.simulator(case, self.clock.turned)
        self.workers = ManyWorkers(self.clock, self.spent)
        self._units: list[tuple[Organization, Unit]] = []
        self._caller = ELSEWHERE

    def play(self) -> Result:
        """Book every stay at one moment, and go on until all codes are confirmed."""
        with self._on_stage():
            for number, token in enumerate(street.tokens(self.case)):
                self._units += _found(number, token, self.case)
            self._have_news_told()
            self._go(self.clock.now() + SETTLING_IN)
            self.calls.clear()
            self.workers.run_so_far.clear()
            self.spent.seconds.clear()
            began = self.clock.now()
            with self.spent.by(BOOKING):
                self._book()
            while self._left() and self.clock.now() < began + LONGEST:
                self._go(self.clock.now() + LOOKING)
            self.spent.turn_to(ELSEWHERE)
            return self._result(began)

    def _have_news_told(self) -> None:
        """Somebody mistypes a code at a door of each account: in earnest, too, webhooks were heard before."""
        locks = self.simulator.world.locks.values()
        for smartlock_id in {lock.account_id: lock.smartlock_id for lock in locks}.values():
            self.simulator.type_code(smartlock_id, "999999")

    @contextmanager
    def _on_stage(self) -> Iterator[None]:
        intake = Intake(
            chance=random.Random(1),  # noqa: S311  it is to be foreseen
            forged=0.0,
            is_alive=lambda: True,
            accepted=lambda _status: None,
            beside=lambda: self.spent.by("webhooks"),
        )
        self.simulator.deliver = intake.carry
        with ExitStack() as stage:
            stage.enter_context(clock.told_by(self.clock))
            stage.enter_context(chance.seeded("makespan"))
            stage.enter_context(transport.carried_by(self._line))
            stage.enter_context(work_queue.rung_by(self.workers))
            yield

    def _line(self) -> Line:
        return Line(self.simulator, self.clock, before=self._calls, after=self._called)

    def _calls(self, request: Request) -> None:
        self.calls[street.kind_of(request)] += 1
        self._caller = self.spent.turn_to(ELSEWHERE)

    def _called(self, _carried: Carried) -> None:
        self.spent.turn_to(self._caller)

    def _book(self) -> None:
        for number, (organization, unit) in enumerate(self._units):
            with tenancy.within(organization):
                stays.book(
                    organization=organization,
                    unit=unit,
                    guest_name=f"Guest {number}",
                    guest_email=f"guest-{number}@guests.example",
                    starts_at=street.FROM,
                    ends_at=street.UNTIL,
                    booked_by=None,
                    now=self.clock.now(),
                )

    def _go(self, until: datetime) -> None:
        """Stop at each happening at Nuki's, too: its webhook may ring for somebody at once."""
        while self.clock.now() < until:
            moments = [until, self.workers.next_at(), self.simulator.engine.next_due() or until]
            self.clock.turned.turn_to(max(self.clock.now(), min(moments)))
            self.workers.work()

    def _left(self) -> int:
        with tenancy.across_organizations(because="all are measured"):
            return Grant.objects.filter(confirmed_at=None).count()

    def _result(self, began: datetime) -> Result:
        with tenancy.across_organizations(because="all are measured"):
            grants = list(Grant.objects.select_related("smart_lock"))
        taken = sorted(
            (grant.confirmed_at - began).total_seconds() if grant.confirmed_at else LONGEST.total_seconds()
            for grant in grants
        )
        codes = [Code(grant.smart_lock.smartlock_id, grant.code) for grant in grants]
        return Result(
            makespan=taken[-1],
            halfway=taken[len(taken) // 2],
            calls=dict(self.calls),
            cpu=dict(self.spent.seconds),
            tasks={_name(name): count for name, count in self.workers.run_so_far.items()},
            doors=street.try_doors(self.simulator, self.clock.turned, codes),
        )


def _found(number: int, token: str, case: Case) -> list[tuple[Organization, Unit]]:
    """One business with its Nuki account, and behind each of its locks as many units as codes are wanted."""
    organization = organizations.found(name=f"Host {number}", owner_email=f"host-{number}@hosts.example")
    with tenancy.within(organization):
        connected = nuki_accounts.connect(
            organization=organization, name="Nuki", token=token, now=clock.now()
        )
        place = places.add_property(
            organization=organization,
            name=f"House {number}",
            time_zone="Europe/Berlin",
            check_in_time=time_of_day(15),
            check_out_time=time_of_day(10),
        )
        units = []
        for lock in SmartLock.objects.filter(nuki_account=connected).order_by("pk"):
            door = places.add_door(place=place, name=lock.name, smart_lock=lock)
            names = [f"{lock.name}, room {room}" for room in range(case.codes)]
            units += [
                (organization, places.add_unit(place=place, name=name, way_in=[door])) for name in names
            ]
        return units


def _name(task: str) -> str:
    return task.rpartition(".")[2]
