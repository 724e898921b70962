"""One part of a rehearsal, in one process with its own database: businesses that no other part knows."""

import logging
import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from access import chance, work_queue
from access.models import Grant
from config.rehearsal import books, calendar, letters, rows
from config.rehearsal.effort import Effort
from config.rehearsal.findings import Breach, Findings
from config.rehearsal.history import History, Moment
from config.rehearsal.intake import UNAUTHORIZED, Intake
from config.rehearsal.judge import Dead, Judge
from config.rehearsal.letters import Letter, PostOffice
from config.rehearsal.line import Carried, Line
from config.rehearsal.overheard import Overheard
from config.rehearsal.people import People
from config.rehearsal.reach import Reach
from config.rehearsal.script import START, Script
from config.rehearsal.times import StageClock
from config.rehearsal.town import LOCKS_OF_A_BUSINESS, Home, build
from config.rehearsal.wishes import Wish
from config.rehearsal.workers import Luck, Workers
from nuki_gateway import transport
from nuki_gateway.simulator import Mix, Simulator
from nuki_gateway.simulator.answers import Request
from nuki_gateway.simulator.mix import NAMED
from nuki_gateway.simulator.orders import Span
from properties import clock, tenancy

LUCK = Luck(
    rings_lost=0.01, rings_doubled=0.01, killed=0.0001, naps=0.0005
)  # our own broker and workers, base mix
REFUSED_LETTERS = 0.03
FORGED_NEWS = 0.002
LOOK_AROUND = timedelta(hours=12)
TO_SETTLE = timedelta(minutes=20)  # of reach that all of it needs once nothing goes wrong any more
A_DAY = timedelta(days=1)
A_NAP = timedelta(minutes=10)
UNAVAILABLE = 503


class Part:
    """The stage with everybody on it."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.findings = Findings()
        self.history = History()
        self.clock = StageClock(START)
        mix, times = NAMED[script.faults], {"none": 0, "base": 1, "stress": 3}[script.faults]
        # All calls of a look are made by one worker here, so the pace of an account is never what is tested.
        # A lock that others have filled lets nobody in, whatever we do: scripted tests are about that.
        self._mix = replace(mix, calls_a_second=0, slowest_answer_seconds=30.0, crowded_locks=0.0)
        self._chance = random.Random(f"{script.seed}:{script.part}")  # noqa: S311  it is to be foreseen
        self.simulator = Simulator(clock=self.clock.turned, seed=script.seed * 1000 + script.part)
        self.reach = Reach(self.simulator.engine)
        dead = [Dead(script.dead_from, script.dead_from + script.longest_dead)] if script.longest_dead else []
        self.judge = Judge(
            self.simulator, self.reach, self.findings, self.history, chance=self._own("judge"), dead=dead
        )
        self.effort = Effort(self.simulator.world, self.findings, self.history)
        self.workers = Workers(
            self.clock,
            chance=self._own("workers"),
            luck=LUCK.times(times),
            next_row=rows.next_due,
        )
        self._office = PostOffice(chance=self._own("mail"), refused=REFUSED_LETTERS * times, told=self._told)
        self._intake = Intake(
            chance=self._own("forgeries"),
            forged=FORGED_NEWS * times if script.webhooks else 0.0,
            is_alive=self._is_alive,
            beside=self.workers.elsewhere,
            accepted=self._forgery_was_answered,
        )
        self._by_email: dict[str, Wish] = {}
        self._numbers: set[str] = set()  # of letters
        self.overheard = Overheard()
        self._looked_around_at = START
        self.homes: list[Home] = []
        self.people = People(self.homes, chance=self._own("people"), wished=self._wished)

    def play(self) -> None:
        """Let the year go by."""
        with self._on_stage():
            self._build()
            self.simulator.mix = self._mix
            self._plan_stays()
            self._plan_death()
            self._go(self.script.ends_at)
            self._come_to_rest()

    def findings_as_json(self, *, cpu_seconds: float) -> dict[str, Any]:
        """What was found, as `report.Report` reads it."""
        found, scans = self.findings, self.effort.of_accounts
        grants = len(self.effort.asked)
        for name, count in self.workers.run_so_far.items():
            found.count(name.rpartition(".")[2], count)
        found.count("workers killed", self.workers.kills)
        found.count("stays", len(self.people.wishes))
        return {
            "broken": found.broken,
            "excused": found.excused,
            "measured": found.measured,
            "grants": grants,
            "calls": self.effort.calls - scans,
            "scans": scans,
            "cpu_seconds": cpu_seconds,
            "digest": self.history.digest,
            "stories": [self._story(breach) for breach in found.breaches],
        }

    def _story(self, breach: Breach) -> list[str]:
        """What happened to one stay, as far as it can bear on the breach."""
        title = f"{breach.invariant}: {breach.words}"
        labels = {breach.label} - {""}
        if breach.wish >= 0:
            wish = self.people.wishes[breach.wish]
            with tenancy.within(wish.home.organization):
                labels.update(Grant.objects.filter(stay=wish.stay).values_list("label", flat=True))
        told = self.history.of(breach.wish, frozenset(labels)) if labels else ()
        return [title] + [
            f"    {one.at:%d %b %H:%M:%S} {one.lock or '':11} {one.label:18} {one.words}" for one in told
        ]

    def _own(self, what: str) -> random.Random:
        return random.Random(f"{self.script.seed}:{self.script.part}:{what}")  # noqa: S311  the same

    @contextmanager
    def _on_stage(self) -> Iterator[None]:
        """Have time, chance, calls, rings, mail and webhooks go by this part."""
        script = self.script
        with ExitStack() as stage:
            stage.enter_context(clock.told_by(self.clock))
            stage.enter_context(chance.seeded(f"{script.seed}:{script.part}:ours"))
            stage.enter_context(transport.carried_by(self._line))
            stage.enter_context(work_queue.rung_by(self.workers))
            stage.enter_context(connection.execute_wrapper(self.workers.guard))
            self.simulator.deliver = self._intake.carry
            letters.office.append(self._office)
            stage.callback(letters.office.clear)
            logging.getLogger().addHandler(self.overheard)
            stage.callback(logging.getLogger().removeHandler, self.overheard)
            yield

    def _line(self) -> Line:
        return Line(self.simulator, self.clock, before=self._before_call, after=self._after_call)

    def _build(self) -> None:
        script = self.script
        left = script.locks // script.parts + (script.part < script.locks % script.parts)
        number = script.part
        while left > 0:
            locks = min(left, LOCKS_OF_A_BUSINESS)
            self.homes += build(self.simulator, number=number, locks=locks, now=self.clock.now())
            left -= locks
            number += script.parts
        if not script.webhooks:
            self.simulator.script.silence_webhooks()

    def _plan_stays(self) -> None:
        script = self.script
        count = script.stays // script.parts + (script.part < script.stays % script.parts)
        spread = calendar.spread(
            self.homes,
            count=count,
            days=script.days,
            start=START.date(),
            chance=self._own("calendar"),
        )
        for nights in spread:
            self.people.plan_stay(nights, not_before=self.clock.now())

    def _plan_death(self) -> None:
        begins = self.script.dead_from
        if self.script.api_dead:
            self.people.plan(begins, lambda now: self._kill_service(now + self.script.api_dead))
        if self.script.portal_dead:
            ends = begins + self.script.portal_dead
            self.people.close_portal(begins, ends)
            self.people.plan(begins, self.reach.portal.open)
            self.people.plan(ends, self._raise_portal)

    def _kill_service(self, until: datetime) -> None:
        self.simulator.world.orders.spans.append(Span(until, UNAVAILABLE))

    def _raise_portal(self, now: datetime) -> None:
        self.reach.portal.close(now)
        self.workers.sleep_through()

    def _is_alive(self) -> bool:
        return not self.people.portal_is_closed(self.clock.now())

    def _go(self, until: datetime) -> None:
        while self.clock.now() < until:
            self._step(until)

    def _step(self, until: datetime) -> None:
        now, alive = self.clock.now(), self._is_alive()
        moments = [until, self.people.next_at() or until]
        if alive:
            moments.append(self.workers.next_at())
        moment = max(min(moments), now)
        if moment > now:
            self.clock.turned.turn_to(moment)
        self.reach.note_spans(self.clock.now())
        self.judge.note_what_is_known(self.clock.now())
        if self.people.act(self.clock.now()):
            self.workers.rows_changed()
        if self._is_alive():
            self.workers.work()
        if self.clock.now() - self._looked_around_at >= LOOK_AROUND:
            self._looked_around_at = self.clock.now()
            self.judge.look_around(self._live_wishes(), self.clock.now())

    def _come_to_rest(self) -> None:
        """Nothing goes wrong any more: soon all is as wanted, and then nothing is written without cause."""
        self.simulator.mix = Mix.NONE
        self.workers.luck = Luck()
        self._go(self.clock.now() + A_DAY + TO_SETTLE)  # the daily sync tells what the host did in the app
        self.judge.look_around(self._live_wishes(), self.clock.now(), exactly=True)
        begins = self.clock.now()
        self._go(begins + A_DAY)
        self.effort.judge_quiet(begins, self.clock.now())
        last = max([wish.ends_at for wish in self.people.wishes], default=begins)
        self._go(max(last, self.clock.now()) + A_DAY + TO_SETTLE)
        self.judge.look_around([], self.clock.now(), exactly=True)
        self.effort.judge(self.judge.touched)
        self._close_the_books()

    def _live_wishes(self) -> list[Wish]:
        now = self.clock.now()
        return [wish for wish in self.people.wishes if not wish.is_cancelled and now < wish.ends_at]

    def _close_the_books(self) -> None:
        with self.workers.elsewhere():
            books.audit(
                self.findings,
                world=self.simulator.world,
                typed=self.judge.typed,
                writes=self.effort.writes.total(),
                killed=self.workers.kills,
                not_sent=self.effort.not_sent,
            )
        repeated = self.findings.measured["letters"] - len(self._numbers)
        if repeated > self._office.failed_afterwards + self.workers.kills:
            self.findings.note(19, f"{repeated} letters were sent again without cause")
        codes = {code for wish in self.people.wishes for code in wish.codes}
        for _ in codes & self.overheard.digits:
            self.findings.note(17, "a code was logged")
        for _ in self.overheard.addresses:
            self.findings.note(17, "an address was logged")
        for words in self.workers.errors:
            self.findings.note(18, f"a task ended with an error: {words}")

    def _wished(self, wish: Wish) -> None:
        now = self.clock.now()
        self._by_email[wish.email] = wish
        words = (
            f"wants {wish.starts_at:%d %b %H:%M} to {wish.ends_at:%d %b %H:%M}, cancelled {wish.is_cancelled}"
        )
        self.history.note(Moment(now, f"{words}, locks {wish.home.locks}", wish=wish.number))
        for moment, act in self.judge.plan(wish, now):
            self.people.plan(moment, act)

    def _told(self, letter: Letter) -> None:
        wish = self._by_email.get(letter.to)
        if wish is None:
            self.findings.note(16, "a letter to somebody who booked nothing")
            return
        self.findings.count("letters")
        self._numbers.add(letter.number)
        self.history.note(Moment(letter.at, f"letter {letter.number} with {letter.code}", wish=wish.number))
        self.judge.told(letter, wish)

    def _before_call(self, request: Request) -> None:
        self.workers.may_die_here()
        is_write = self.effort.is_write(request)
        if not is_write and self.workers.may_nap_here():  # between its last look at the lease and the call
            self._nap()  # nobody can hinder a worker: so it stands still before it reads
        self.effort.before(request)
        if is_write and self.workers.has_napped:
            self.findings.note(15, f"a worker that had slept wrote: {request.method} {request.path}")

    def _nap(self) -> None:
        """One worker stands still in the middle of its task; everybody else goes on."""
        self.findings.count("workers that slept")
        with self.workers.asleep():
            self._go(self.clock.now() + A_NAP)

    def _after_call(self, carried: Carried) -> None:
        self.reach.note_spans(self.clock.now())
        self.effort.after(carried, self.clock.now())
        self.workers.may_die_here()

    def _forgery_was_answered(self, status: int) -> None:
        self.findings.count("forgeries")
        if status != UNAUTHORIZED:
            self.findings.note(12, f"a forgery was answered with {status}")
