"""One run of a story: the production code in virtual time, without sockets, and a process that may die."""

import random
import smtplib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from functools import partial

from django.core.mail import EmailMessage

from access import chance, door_locks, stays, work_queue
from access.models import Stay
from access.nuki_webhook import senders
from config.rehearsal import letters
from config.rehearsal.intake import Intake
from config.rehearsal.letters import Letter, PostOffice
from config.rehearsal.line import Carried, Line
from config.rehearsal.times import StageClock
from config.rehearsal.workers import Killed
from nuki_gateway import transport
from nuki_gateway.simulator import Post, Simulator
from nuki_gateway.simulator.answers import Request
from nuki_gateway.simulator.api import WRITING
from properties import clock, tenancy
from properties.models import Door, SmartLock
from tests import worlds
from tests.crashes.crew import Crew
from tests.crashes.deaths import Deaths
from tests.crashes.house import House
from tests.worlds import CODE, Business


class Mailroom(PostOffice):
    """The mail server: whoever hands over a letter may die before."""

    def __init__(self, deaths: Deaths) -> None:
        self.letters: list[Letter] = []
        self.refusals = 0
        self._deaths = deaths
        super().__init__(chance=random.Random(0), refused=0.0, told=self.letters.append)  # noqa: S311

    def take(self, message: EmailMessage) -> None:
        """Take a letter, or refuse it where that was ordered."""
        self._deaths.reach("a letter")
        if self.refusals:
            self.refusals -= 1
            raise smtplib.SMTPServerDisconnected("greylisted")
        super().take(message)


class Stage:
    """What a story has at hand."""

    def __init__(self, business: Business, at: StageClock, deaths: Deaths) -> None:
        self.business = business
        self.simulator: Simulator = business.simulator
        self.clock = at
        self.deaths = deaths
        self.crew = Crew(at, deaths)
        self.mail = Mailroom(deaths)
        self.writes: list[Carried] = []  # on codes, that the service got
        self._intake = Intake(
            chance=random.Random(0),  # noqa: S311
            forged=0.0,
            is_alive=lambda: True,
            accepted=lambda _: None,
            beside=partial(deaths.process_beside, "a webhook"),
        )
        self.simulator.deliver = self.carry_webhook
        self.simulator.script.silence_webhooks()

    @property
    def now(self) -> datetime:
        """What the clock shows."""
        return self.clock.now()

    def pass_time(self, span: timedelta) -> None:
        """Let time pass: everything that is due meanwhile happens."""
        end = self.now + span
        while self.now < end:
            next_at = self.crew.next_at()
            self.clock.turned.turn_to(max(self.now, min(end, next_at or end)))
            self.crew.work()

    def pass_seconds(self, seconds: float) -> None:
        """The same, in seconds."""
        self.pass_time(timedelta(seconds=seconds))

    @contextmanager
    def undisturbed(self) -> Iterator[None]:
        """While the block runs, nobody dies."""
        before, self.deaths.is_armed = self.deaths.is_armed, False
        try:
            yield
        finally:
            self.deaths.is_armed = before

    def let_nuki_call(self) -> None:
        """Have Nuki tell us of changes; else it is silent, and we look by ourselves."""
        self.simulator.world.orders.webhooks_silenced = False

    def host(self, ask: Callable[[], object], *, is_done: Callable[[], bool]) -> None:
        """Ask for something in the browser. Where that dies on the way: look, and ask again if need be."""
        try:
            with self.deaths.process("a request"), tenancy.within(self.business.organization):
                ask()
        except Killed:
            with tenancy.within(self.business.organization):
                if not is_done():
                    ask()

    def book(self, guest: str = "Ada", *, unit: str = "Flat 1", hours: float = 4, **details: object) -> None:
        """Book from now on for some hours, with a code that is chosen, unless told otherwise."""
        asked = {
            "guest_name": guest,
            "guest_email": f"{guest.lower()}@guests.example",
            "starts_at": self.now,
            "ends_at": self.now + timedelta(hours=hours),
            "code": CODE,
        } | details
        self.host(
            lambda: self.business.book(now=self.now, unit=unit, **asked),
            is_done=lambda: Stay.objects.filter(guest__email=asked["guest_email"]).exists(),
        )

    def stay_of(self, guest: str = "Ada") -> Stay:
        """A guest's stay, as it is now."""
        with tenancy.within(self.business.organization):
            return Stay.objects.select_related("unit__property").get(guest__name=guest)

    def ends_at(self, guest: str = "Ada") -> datetime:
        """When a guest's code ends to open: the end of the stay, and the property's grace."""
        return self.stay_of(guest).ends_at + self.business.house.grace

    def cancel(self, guest: str = "Ada") -> None:
        """Cancel a guest's stay."""
        stay = self.stay_of(guest)
        self.host(
            lambda: stays.cancel(stay=stay, cancelled_by=None, now=self.now),
            is_done=lambda: Stay.objects.filter(pk=stay.pk, cancelled_at__isnull=False).exists(),
        )

    def change(self, guest: str = "Ada", *, unit: str = "", longer: timedelta = timedelta(0)) -> None:
        """Move a guest's end, or the guest to another unit."""
        stay = self.stay_of(guest)
        flat = self.business.flats[unit] if unit else stay.unit
        ends_at = stay.ends_at + longer
        self.host(
            lambda: stays.change(
                stay=stay,
                unit=flat,
                starts_at=stay.starts_at,
                ends_at=ends_at,
                changed_by=None,
                now=self.now,
            ),
            is_done=lambda: Stay.objects.filter(pk=stay.pk, unit=flat, ends_at=ends_at).exists(),
        )

    def put_lock_on_door(self, door: str, number: int) -> None:
        """Have the host put another smart lock on a door."""
        with tenancy.within(self.business.organization):
            lock = SmartLock.objects.get(smartlock_id=number)
        hung = self.business.doors[door]
        self.host(
            lambda: door_locks.replace_lock(door=hung, smart_lock=lock, replaced_by=None, now=self.now),
            is_done=lambda: Door.objects.filter(pk=hung.pk, smart_lock=lock).exists(),
        )

    def synchronize(self, door: str = "Flat 1") -> None:
        """Have the cloud hear what was done in the app, as the daily sync does."""
        path, authorization = f"/smartlock/{self.number(door)}/sync", {"authorization": "Bearer alice-token"}
        self.simulator.answer(Request("POST", path, {}, authorization, b""))

    def number(self, door: str = "Flat 1") -> int:
        """Nuki's number of a door's lock."""
        return self.business.locks[door].smartlock_id

    def carry_webhook(self, post: Post) -> int:
        """Carry a delivery to the portal; raises ConnectionResetError where the process dies on it."""
        senders.forget()
        try:
            return self._intake.carry(post)
        except Killed:
            raise ConnectionResetError from None

    def before_call(self, request: Request) -> None:
        """Whoever calls may die before the call is carried; one that only reads leaves nothing behind."""
        if request.method in WRITING:
            self.deaths.reach(f"{request.method} {request.path}")

    def after_call(self, carried: Carried) -> None:
        """Count what is written on locks."""
        is_about_codes = "/auth" in carried.request.path
        if carried.request.method in WRITING and is_about_codes:
            self.writes.append(carried)


@contextmanager
def opened(house: House, *, die_at: int | None = None, seed: int = 1) -> Iterator[Stage]:
    """Put the house as it was, and let a story begin."""
    at, deaths = StageClock(worlds.MONDAY_NOON), Deaths(die_at)
    business = house.at_the_beginning(at)
    stage = Stage(business, at, deaths)
    with ExitStack() as running:
        running.enter_context(clock.told_by(at))
        running.enter_context(chance.seeded(seed))
        running.enter_context(transport.carried_by(partial(_line, stage)))
        running.enter_context(work_queue.rung_by(stage.crew))
        running.enter_context(deaths.watched())
        letters.office.append(stage.mail)
        running.callback(letters.office.remove, stage.mail)
        yield stage


def _line(stage: Stage) -> Line:
    return Line(stage.simulator, stage.clock, before=stage.before_call, after=stage.after_call)
