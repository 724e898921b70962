"""Hosts of a rehearsal: they book, change and cancel, by chance and one seed, and know what they wish for."""

import heapq
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import partial

from access import stays
from access.models import Stay
from config.rehearsal.calendar import Nights
from config.rehearsal.town import CHECK_IN, CHECK_OUT, Home
from config.rehearsal.wishes import Wish
from properties import tenancy, wall_clock

WALK_INS, SHORT_NOTICE = 0.05, 0.2  # shares of bookings: after the start, and in the day before it
LONGEST_LEAD = 45.0  # days
CANCELLED, CHANGED, MOVED = 0.06, 0.1, 0.02  # shares of stays
DOUBLED = 0.01  # of forms: sent twice
ODD = 0.05  # of stays: begin at another time of the day
ODD_TIMES = (time(10), time(2, 30), time(0))
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(order=True)
class Plan:
    """Something that somebody will do."""

    at: datetime
    sequence: int
    act: Callable[[datetime], None] = field(compare=False)


class People:
    """Whoever uses the portal. What they do is planned, and done when its time has come."""

    def __init__(
        self, homes: Sequence[Home], *, chance: random.Random, wished: Callable[[Wish], None]
    ) -> None:
        self.wishes: list[Wish] = []
        self.refused = 0
        self._homes = homes
        self._chance = chance
        self._wished = wished
        self._plans: list[Plan] = []
        self._sequence = 0
        self._closed: tuple[datetime, datetime] | None = None

    def plan(self, at: datetime, act: Callable[[datetime], None]) -> None:
        """Let somebody do something."""
        self._sequence += 1
        heapq.heappush(self._plans, Plan(at, self._sequence, act))

    def next_at(self) -> datetime | None:
        """When somebody does something next."""
        return self._plans[0].at if self._plans else None

    def act(self, now: datetime) -> bool:
        """Do what is due; say whether something was."""
        acted = False
        while self._plans and self._plans[0].at <= now:
            heapq.heappop(self._plans).act(now)
            acted = True
        return acted

    def close_portal(self, begins: datetime, ends: datetime) -> None:
        """Let nobody use the portal for a while: they come back afterwards."""
        self._closed = (begins, ends)

    def portal_is_closed(self, now: datetime) -> bool:
        """Whether nobody can use it now."""
        return self._closed is not None and self._closed[0] <= now < self._closed[1]

    def _use_portal(self, at: datetime, act: Callable[[datetime], None]) -> None:
        """Let somebody do something in the portal then, or once it is there again."""

        def or_later(now: datetime) -> None:
            if self._closed is not None and self.portal_is_closed(now):
                self.plan(self._closed[1] + self._chance.random() * HOUR, act)
            else:
                act(now)

        self.plan(at, or_later)

    def plan_stay(self, nights: Nights, *, not_before: datetime) -> None:
        """Plan when and for which times one stay is booked."""
        chance, zone = self._chance, nights.home.zone
        first, check_in = nights.first, CHECK_IN
        if nights.last - nights.first > DAY and chance.random() < ODD:
            first, check_in = first + DAY, chance.choice(ODD_TIMES)
        starts_at = wall_clock.arrival(wall_clock.at(first, check_in), zone)
        ends_at = wall_clock.departure(wall_clock.at(nights.last, CHECK_OUT), zone)
        at = max(not_before + chance.random() * HOUR, starts_at - self._lead())
        self._use_portal(at, lambda now: self._book(nights.home, starts_at, ends_at, now))

    def _lead(self) -> timedelta:
        kind, share = self._chance.random(), self._chance.random()
        if kind < WALK_INS:
            return -3 * share * HOUR
        return share * DAY if kind < SHORT_NOTICE else (1 + share * LONGEST_LEAD) * DAY

    def _book(self, home: Home, starts_at: datetime, ends_at: datetime, now: datetime) -> None:
        number, is_doubled = len(self.wishes), self._chance.random() < DOUBLED
        email = f"guest-{number}@guests.example"
        stay = self._try(home, email, starts_at, ends_at, now) if now < ends_at - HOUR else None
        if stay is None:
            self.refused += 1
            return
        wish = Wish(number, home, email, starts_at, ends_at, now, stay, now)
        self.wishes.append(wish)
        if is_doubled:
            self._try(home, email, starts_at, ends_at, now)
        self._wished(wish)
        self._plan_changes(wish, now)

    def _try(
        self, home: Home, email: str, starts_at: datetime, ends_at: datetime, now: datetime
    ) -> Stay | None:
        with tenancy.within(home.organization):
            try:
                return stays.book(
                    organization=home.organization,
                    unit=home.unit,
                    guest_name="Ada Vogel",
                    guest_email=email,
                    starts_at=starts_at,
                    ends_at=ends_at,
                    booked_by=None,
                    now=now,
                )
            except stays.UnitIsTaken:
                return None

    def _plan_changes(self, wish: Wish, now: datetime) -> None:
        chance, left = self._chance, wish.ends_at - HOUR - now
        for share, act in (
            (CANCELLED, self._cancel),
            (CHANGED, self._change_times),
            (MOVED, self._move),
        ):
            if chance.random() < share:
                self._use_portal(now + chance.random() * left, partial(act, wish))

    def _cancel(self, wish: Wish, now: datetime) -> None:
        if wish.is_cancelled or wish.ends_at <= now:
            return
        with tenancy.within(wish.home.organization):
            stays.cancel(stay=wish.stay, cancelled_by=None, now=now)
        wish.is_cancelled = True
        wish.want((), now=now)
        self._wished(wish)

    def _change_times(self, wish: Wish, now: datetime) -> None:
        starts_at, ends_at = wish.starts_at, wish.ends_at
        match self._chance.randrange(4):
            case 0:
                ends_at += self._chance.randint(1, 5) * HOUR
            case 1:
                ends_at -= self._chance.randint(1, 20) * HOUR
            case 2:
                starts_at -= self._chance.randint(1, 3) * HOUR
            case _:
                starts_at, ends_at = starts_at + DAY, ends_at + DAY
        self._change(wish, wish.home, starts_at, ends_at, now)

    def _move(self, wish: Wish, now: datetime) -> None:
        same_host = [home for home in self._homes if home.organization == wish.home.organization]
        self._change(wish, self._chance.choice(same_host), wish.starts_at, wish.ends_at, now)

    def _change(self, wish: Wish, home: Home, starts_at: datetime, ends_at: datetime, now: datetime) -> None:
        is_same = (home, starts_at, ends_at) == (wish.home, wish.starts_at, wish.ends_at)
        if wish.is_cancelled or is_same or min(wish.ends_at, ends_at) <= now or ends_at <= starts_at:
            return
        with tenancy.within(wish.home.organization):
            try:
                stays.change(
                    stay=wish.stay,
                    unit=home.unit,
                    starts_at=starts_at,
                    ends_at=ends_at,
                    changed_by=None,
                    now=now,
                )
            except stays.UnitIsTaken:
                self.refused += 1
                return
        wish.home, wish.starts_at, wish.ends_at = home, starts_at, ends_at
        wish.changes += 1
        wish.want(home.locks, now=now)
        self._wished(wish)
