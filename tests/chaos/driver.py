"""The hosts: they book, change and cancel, by the operations and by the pages, until they are answered."""

import random
import re
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

import requests
import structlog
from django.db import InterfaceError, OperationalError, connections

from access import stays
from access.models import Stay
from nuki_gateway import codes as keypad
from properties import clock, nuki_accounts, organizations, places, tenancy
from properties.models import Organization, SmartLock, Unit, User
from tests.chaos.installation import WORLD, token_of
from tests.chaos.judge import Wanted
from tests.journeys.the_demo import Host

log = structlog.get_logger(__name__)

PASSWORD = "chaos-Keyturn-1"
ZONE = "Atlantic/Reykjavik"  # its clocks show UTC, all the year
SLOTS = 16  # for each unit, four hours each: all lie within the 72 h in which codes go on the locks
SLOT = timedelta(hours=4)
ROOM = 3  # free slots of a business that are left, so that stays can be moved
BY_THE_PAGE = 0.25  # of all that is asked
CHOSEN_CODES = 0.5  # of the bookings
ASK_AGAIN = 0.5  # seconds
NOT_ANSWERED = (OperationalError, InterfaceError)


@dataclass
class Business:
    """A host business with its units."""

    organization: Organization
    owner: User
    units: dict[str, Unit]
    doors: dict[str, tuple[str, ...]]  # by unit: the names of the locks on the way in
    host: Host


@dataclass
class Wish:
    """A stay as its host wants it."""

    serial: int
    business: Business
    unit: str
    slot: int
    starts_at: datetime
    ends_at: datetime
    address: str
    code: str
    stay_id: int = 0
    is_cancelled: bool = False
    is_left_alone: bool = False

    def wanted(self) -> Wanted:
        """What follows from it for the locks."""
        doors = self.business.doors[self.unit]
        return Wanted(self.serial, doors, self.starts_at, self.ends_at, self.address, self.code, self.stay_id)


def found(name: str, base: str) -> Business:
    """Found a business whose account and locks are in the simulator, and sign its owner in."""
    owner = f"owner@{name.split(maxsplit=1)[0].lower()}.example"
    organization = organizations.found(name=name, owner_email=owner, password=PASSWORD)
    front, *flats = (lock for lock, _ in WORLD[name])
    with tenancy.within(organization):
        account = nuki_accounts.connect(
            organization=organization, name="Nuki", token=token_of(name), now=clock.now()
        )
        place = places.add_property(
            organization=organization,
            name=name,
            time_zone=ZONE,
            check_in_time=time(15),
            check_out_time=time(10),
        )
        doors = {
            lock.name: places.add_door(place=place, name=lock.name, smart_lock=lock)
            for lock in SmartLock.objects.filter(nuki_account=account)
        }
        units = {
            flat: places.add_unit(place=place, name=flat, way_in=[doors[front], doors[flat]])
            for flat in flats
        }
    host = Host(base, requests.Session())
    host.send("/accounts/login/", {"login": owner, "password": PASSWORD})
    user = User.objects.get(email=owner)
    return Business(organization, user, units, {flat: (front, flat) for flat in flats}, host)


@dataclass
class Driver:
    """Books, changes and cancels, one after the other, in a thread of its own."""

    businesses: list[Business]
    chance: random.Random
    pause: float  # seconds between two intents, on average
    wishes: list[Wish] = field(default_factory=list)
    answered: Counter[str] = field(default_factory=Counter)
    asked_again: int = 0
    unexpected: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._began_at = clock.now().replace(microsecond=0)
        self._serial = 0
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hosts", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def end(self) -> None:
        """Ask for the end; what is asked for now is still waited for."""
        self._ending.set()

    @property
    def is_at_work(self) -> bool:
        """Whether something that was asked for has no answer yet."""
        return self._thread.is_alive()

    def wanted(self) -> list[Wanted]:
        """What all stays are to have. Call it once the driver has ended."""
        return [wish.wanted() for wish in self.wishes if not wish.is_cancelled]

    def _run(self) -> None:
        while not self._ending.wait(self.chance.uniform(0.2, 1.8) * self.pause):
            try:
                self._ask_for_something()
            except Exception as failure:  # whatever reaches a host is a finding, and the others go on
                self.unexpected.append(f"{type(failure).__name__}: {failure}")
                log.exception("a host met an error")
        connections.close_all()

    def _ask_for_something(self) -> None:
        open_wishes = [wish for wish in self.wishes if not (wish.is_cancelled or wish.is_left_alone)]
        drawn = self.chance.random()
        if drawn < 0.25 and open_wishes:
            self._change(self.chance.choice(open_wishes))
            return
        business = self.chance.choice(self.businesses)
        if open_wishes and (drawn < 0.45 or len(self._free_slots(business)) <= ROOM):
            self._cancel(self.chance.choice(open_wishes))
        else:
            self._book(business)

    def _book(self, business: Business) -> None:
        free = self._free_slots(business)
        unit, slot = self.chance.choice(free)
        starts_at, ends_at = self._window(slot)
        code = self._code() if self.chance.random() < CHOSEN_CODES else ""
        address = f"guest-{self._serial}@guests.example"
        wish = Wish(self._serial, business, unit, slot, starts_at, ends_at, address, code)
        self.wishes.append(wish)
        fields = {"guest_name": "Ada Vogel", "guest_email": address, "language": "en", "code": code}
        try:
            self._until_answered(wish, lambda: _book(wish), page="/stays/book", fields=_times(wish) | fields)
        except stays.CodeIsTaken:  # one that was drawn meanwhile: nothing was booked
            self.wishes.remove(wish)
            return
        self.answered["booked"] += 1

    def _change(self, wish: Wish) -> None:
        if self.chance.random() < 0.5:
            unit, slot, starts_at = wish.unit, wish.slot, wish.starts_at
            ends_at = starts_at + timedelta(minutes=self.chance.randrange(90, 170))
        else:
            unit, slot = self.chance.choice(self._free_slots(wish.business))
            starts_at, ends_at = self._window(slot)
        wish.unit, wish.slot, wish.starts_at, wish.ends_at = unit, slot, starts_at, ends_at
        page = f"/stays/{wish.stay_id}/change"
        self._until_answered(wish, lambda: _change(wish), page=page, fields=_times(wish))
        self.answered["changed"] += 1

    def _cancel(self, wish: Wish) -> None:
        page = f"/stays/{wish.stay_id}/cancel"
        self._until_answered(wish, lambda: _cancel(wish), page=page, fields={})
        wish.is_cancelled = True
        self.answered["cancelled"] += 1

    def _until_answered(
        self, wish: Wish, operation: Callable[[], None], *, page: str, fields: dict[str, str]
    ) -> None:
        """Ask by the page or by the operation, and by the operation again until there is an answer."""
        if self.chance.random() < BY_THE_PAGE:
            if self._was_answered_by_the_page(wish, page, fields):
                self.answered["by the page"] += 1
                return
            wish.is_left_alone = True
            self.asked_again += 1
        while True:
            try:
                with tenancy.within(wish.business.organization):
                    operation()
            except NOT_ANSWERED:
                connections.close_all()
                self.asked_again += 1
                clock.sleep(ASK_AGAIN)
            else:
                return

    def _was_answered_by_the_page(self, wish: Wish, page: str, fields: dict[str, str]) -> bool:
        """Whether the page led to the stay, which it does once it is done."""
        with suppress(requests.RequestException, AssertionError):  # no answer, or a page without a form
            answer = wish.business.host.send(page, fields)
            if led_to := re.search(r"/stays/(\d+)$", answer.url):
                wish.stay_id = int(led_to[1])
                return True
        return False

    def _free_slots(self, business: Business) -> list[tuple[str, int]]:
        taken = {
            (wish.unit, wish.slot)
            for wish in self.wishes
            if wish.business is business and not wish.is_cancelled
        }
        return [(unit, slot) for unit in business.units for slot in range(SLOTS) if (unit, slot) not in taken]

    def _window(self, slot: int) -> tuple[datetime, datetime]:
        """A window in the slot that no other wish has: it begins at a second of its own."""
        self._serial += 1
        starts_at = self._began_at - timedelta(hours=1) + slot * SLOT + timedelta(seconds=self._serial)
        return starts_at, starts_at + timedelta(minutes=self.chance.randrange(90, 170))

    def _code(self) -> str:
        """One that keypads take and that no other wish has."""
        used = {wish.code for wish in self.wishes}
        while True:
            code = "3" + "".join(self.chance.choices(keypad.DIGITS, k=keypad.CODE_LENGTH - 1))
            if code not in used and code != "384174":
                return code


def _book(wish: Wish) -> None:
    business = wish.business
    try:
        stay = stays.book(
            organization=business.organization,
            unit=business.units[wish.unit],
            guest_name="Ada Vogel",
            guest_email=wish.address,
            starts_at=wish.starts_at,
            ends_at=wish.ends_at,
            code=wish.code,
            booked_by=business.owner,
            now=clock.now(),
        )
    except stays.UnitIsTaken:  # by ourselves, if the answer to an earlier try was lost
        stay = Stay.objects.get(guest__email=wish.address)
    wish.stay_id = stay.pk


def _change(wish: Wish) -> None:
    stays.change(
        stay=Stay.objects.get(pk=wish.stay_id),
        unit=wish.business.units[wish.unit],
        starts_at=wish.starts_at,
        ends_at=wish.ends_at,
        changed_by=wish.business.owner,
        now=clock.now(),
    )


def _cancel(wish: Wish) -> None:
    with suppress(stays.StayIsCancelled):  # by ourselves, if the answer to an earlier try was lost
        stays.cancel(
            stay=Stay.objects.get(pk=wish.stay_id), cancelled_by=wish.business.owner, now=clock.now()
        )


def _times(wish: Wish) -> dict[str, str]:
    """The fields of a form; the clocks of the place show UTC."""
    unit = wish.business.units[wish.unit]
    starts, ends = (f"{instant:%Y-%m-%dT%H:%M:%S}" for instant in (wish.starts_at, wish.ends_at))
    return {"unit": str(unit.pk), "starts": starts, "ends": ends}
