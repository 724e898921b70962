"""A house to which anything happens in any order; after each thing the locks are judged, and nothing else.

What hosts do, what Nuki does and fails to do, what becomes of rings and webhooks, and workers that are killed
are rules, of which chance makes stories, and then the shortest one that goes wrong.
"""

import random
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from access import stays
from access.lifecycle import HORIZON
from access.models import Grant, Stay
from config.rehearsal.letters import Letter
from nuki_gateway.simulator import KeypadReason, Post
from nuki_gateway.simulator.authorization import Authorization, judge
from nuki_gateway.simulator.device import DeviceRefused
from nuki_gateway.simulator.world import OfflineWrites
from properties import nuki_accounts, tenancy
from properties.models import NukiAccount
from tests.crashes import stage as stages
from tests.crashes.house import House
from tests.crashes.stage import Stage

WAYS = {"Flat 1": ("Front door", "Flat 1"), "Flat 2": ("Front door", "Flat 2")}
DOORS = ("Front door", "Flat 1", "Flat 2")
OURS = "KT-"
LATE = timedelta(minutes=15)
A_DAY, AN_HOUR, TO_REST = timedelta(days=1), timedelta(hours=1), timedelta(minutes=20)
SECONDS = (1, 5, 20, 60, 300, 1800, 7200, 28_800, 86_400)
MOST_STAYS = 8

doors = st.sampled_from(DOORS)
units = st.sampled_from(sorted(WAYS))
numbers = st.integers(0, 20)
hours = st.sampled_from((-3, -1, 1, 2, 6, 30))


@dataclass
class Right:
    """What one guest is to have, as it was asked for here."""

    stay: Stay
    guest: str
    unit: str
    starts_at: datetime
    ends_at: datetime
    is_cancelled: bool = False
    ends: dict[str, datetime] = field(default_factory=dict)  # by door: the latest end ever wanted there
    starts: dict[str, datetime] = field(default_factory=dict)  # by door: the earliest start ever wanted there

    def want(self) -> None:
        """Keep in mind what is wanted now."""
        for door in WAYS[self.unit]:
            self.ends[door] = max(self.ends_at, self.ends.get(door, self.ends_at))
            self.starts[door] = min(self.starts_at, self.starts.get(door, self.starts_at))


class AnythingHappens(RuleBasedStateMachine):
    """The rules, and what must hold after each."""

    house: ClassVar[House]

    def __init__(self) -> None:
        super().__init__()
        self._running = ExitStack()
        self.stage: Stage = self._running.enter_context(stages.opened(self.house))
        self.stage.deaths.is_armed = False
        self.stage.mail._told = self._told
        self.stage.simulator.deliver = self._hold
        self.stage.let_nuki_call()
        self.rights: list[Right] = []
        self.foreign: dict[tuple[str, int], Authorization] = {}
        self.touched: set[tuple[str, int]] = set()  # codes of ours that the host changed in the app
        self.held: list[Post] = []
        self.broken: list[str] = []
        self._chance = random.Random(0)  # noqa: S311  names of codes

    # What hosts ask for

    @precondition(lambda self: len(self.rights) < MOST_STAYS)
    @rule(unit=units, after=st.sampled_from((0, 0, 3, 30, 80)), span=st.sampled_from((1, 5, 40)))
    def book(self, unit: str, after: int, span: int) -> None:
        starts_at = (self.stage.now + timedelta(hours=after)).replace(microsecond=0)
        ends_at = starts_at + timedelta(hours=span)
        guest = f"Guest{len(self.rights)}"
        try:
            self.stage.book(guest, unit=unit, starts_at=starts_at, ends_at=ends_at, code="")
        except stays.UnitIsTaken:
            return
        right = Right(self.stage.stay_of(guest), guest, unit, starts_at, ends_at)
        right.want()
        self.rights.append(right)

    @precondition(lambda self: self._going())
    @rule(number=numbers, hours=hours)
    def change_the_end(self, number: int, hours: int) -> None:
        right = self._pick(number)
        ends_at = right.ends_at + timedelta(hours=hours)
        try:
            self.stage.change(right.guest, longer=timedelta(hours=hours))
        except (stays.UnitIsTaken, stays.StayIsOver, stays.StayEndsBeforeItStarts):
            return
        right.ends_at = ends_at
        right.want()

    @precondition(lambda self: self._going())
    @rule(number=numbers, unit=units)
    def move(self, number: int, unit: str) -> None:
        right = self._pick(number)
        try:
            self.stage.change(right.guest, unit=unit)
        except stays.UnitIsTaken:
            return
        right.unit = unit
        right.want()

    @precondition(lambda self: self._going())
    @rule(number=numbers)
    def cancel(self, number: int) -> None:
        right = self._pick(number)
        self.stage.cancel(right.guest)
        right.is_cancelled = True

    # What hosts do in the Nuki app

    @rule(door=doors)
    def add_in_the_app(self, door: str) -> None:
        code = "".join(self._chance.choice("3456789") for _ in range(6))
        try:
            made = self.stage.simulator.in_the_app(self._number(door)).add_code(f"Host {code}", code)
        except DeviceRefused:
            return
        self.foreign[door, made.serial] = made

    @precondition(lambda self: self._ours())
    @rule(number=numbers, how=st.sampled_from(("delete", "rename", "disable", "no end")))
    def change_in_the_app(self, number: int, how: str) -> None:
        ours = self._ours()
        door, one = ours[number % len(ours)]
        app = self.stage.simulator.in_the_app(self._number(door))
        self.touched.add((door, one.serial))
        match how:
            case "delete":
                app.delete(one.name)
            case "rename":
                app.rename(one.name, f"Renamed {one.serial}")
            case "disable":
                app.disable(one.name)
            case _:
                app.edit(one.name, allowed_until=None)

    # What happens out there

    @rule(door=doors, writes=st.sampled_from((OfflineWrites.DELIVERED_ON_RETURN, OfflineWrites.LOST)))
    def go_offline(self, door: str, writes: OfflineWrites) -> None:
        self.stage.simulator.take_offline(self._number(door), writes=writes)

    @rule(door=doors)
    def come_online(self, door: str) -> None:
        self.stage.simulator.bring_online(self._number(door))

    @rule(seconds=st.sampled_from(SECONDS))
    def pass_time(self, seconds: int) -> None:
        self.stage.pass_seconds(seconds)

    @precondition(lambda self: self.held)
    @rule(number=numbers, times=st.sampled_from((0, 1, 1, 2)))
    def deliver(self, number: int, times: int) -> None:
        post = self.held.pop(number % len(self.held))
        for _ in range(times):
            self._deliver(post)

    @precondition(lambda self: self.held)
    @rule()
    def deliver_all(self) -> None:
        while self.held:
            self._deliver(self.held.pop(0))

    @rule()
    def lose_rings(self) -> None:
        self.stage.crew.forget()

    @rule(places=st.integers(0, 12))
    def die_soon(self, places: int) -> None:
        self.stage.deaths.die_in(places)

    @rule()
    def lose_the_token(self) -> None:
        self.stage.simulator.script.revoke_token(self.stage.simulator.world.accounts[0])

    @rule()
    def get_another_token(self) -> None:
        at_nuki = self.stage.simulator.world.accounts[0]
        self.stage.simulator.script.restore_token(at_nuki)
        at_nuki.token = f"{at_nuki.token[:5]}-{len(self.stage.simulator.calls)}"
        version = self._account().tokens_version
        self.stage.host(
            lambda: nuki_accounts.replace_token(
                account=NukiAccount.objects.get(), token=at_nuki.token, now=self.stage.now
            ),
            is_done=lambda: self._account().tokens_version > version,
        )

    # What must hold

    @invariant()
    def nothing_is_wrong(self) -> None:
        by_label = self._by_label()
        for door in DOORS:
            for one in self._codes_on(door):
                right = by_label.get(one.name)
                if right is not None and (door, one.serial) not in self.touched:
                    self._judge(door, one, right)
        for (door, serial), made in self.foreign.items():
            if self.stage.simulator.engine.lock(self._number(door)).device.find(serial) != made:
                self.broken.append(f"{made.name} at {door} is not as the host made it")
        self.broken += self.stage.crew.errors
        assert self.broken == []

    def teardown(self) -> None:
        """Faults end, a day passes, and all is as wanted; nothing is written in the hour after that."""
        try:
            self._come_to_rest()
            self.nothing_is_wrong()
            for door in DOORS:
                assert self._held_on(door) == self._wanted_on(door), door
            begins, written = self.stage.now, len(self.stage.writes)
            self.stage.pass_time(AN_HOUR)
            assert len(self.stage.writes) == written or self._has_boundary(begins)
        finally:
            self._running.close()

    def _come_to_rest(self) -> None:
        self.stage.deaths.die_in(-1)
        at_nuki = self.stage.simulator.world.accounts[0]
        if at_nuki.revoked:
            self.get_another_token()
        for door in DOORS:
            self.come_online(door)
        self.stage.pass_time(A_DAY)
        with tenancy.within(self.stage.business.organization):
            NukiAccount.objects.update(sweep_due_at=self.stage.now)
        self.stage.pass_time(TO_REST)

    def _has_boundary(self, begins: datetime) -> bool:
        """Whether a stay begins to be prepared, or ends, about the hour in which nothing is to be written."""
        moments = [moment for one in self.rights for moment in (one.starts_at - HORIZON, one.ends_at)]
        return any(begins - LATE <= moment <= begins + AN_HOUR for moment in moments)

    def _judge(self, door: str, one: Authorization, right: Right) -> None:
        """A window may lie within what was ever wanted there, and nowhere else."""
        grace = self.stage.business.house.grace
        begins, ends = right.starts.get(door), right.ends.get(door)
        if begins is None or ends is None:
            self.broken.append(f"{right.guest} has a code at {door}, where none was ever wanted")
        elif one.allowed_from is None or one.allowed_from < begins:
            self.broken.append(f"{right.guest} opens {door} early")
        elif one.allowed_until is None or one.allowed_until > ends + max(grace, LATE):
            self.broken.append(f"{right.guest} opens {door} late")

    def _told(self, letter: Letter) -> None:
        """A letter leaves: its code opens every door of the stay then, but for what hosts did in the app.

        One without a code says that the stay is cancelled, and is so.
        """
        self.stage.mail.letters.append(letter)
        right = next(one for one in self.rights if one.guest.lower() == letter.to.partition("@")[0])
        if not letter.code:
            if not right.is_cancelled:
                self.broken.append(f"{right.guest} was told of a cancellation that is none")
            return
        for door in WAYS[right.unit]:
            at = max(letter.at, right.starts_at)
            codes = [one for one in self._codes_on(door) if one.code == letter.code]
            if not any(self._opens(door, one, at) for one in codes) and not self._is_touched(door):
                self.broken.append(f"{right.guest} was told a code that does not open {door}")

    def _opens(self, door: str, one: Authorization, at: datetime | None = None) -> bool:
        device = self.stage.simulator.engine.lock(self._number(door)).device
        moment = device.clock(at or self.stage.now)
        return judge(one, at=moment, zone=device.zone()) is KeypadReason.OPEN

    def _is_touched(self, door: str) -> bool:
        return any(touched == door for touched, _ in self.touched)

    def _held_on(self, door: str) -> list[tuple[object, ...]]:
        """What of ours the lock has; a code that the host renamed is the host's, until we find it."""
        return sorted(
            (one.name, one.code, one.allowed_from, one.allowed_until, one.enabled)
            for one in self._codes_on(door)
            if one.name.startswith(OURS)
        )

    def _wanted_on(self, door: str) -> list[tuple[object, ...]]:
        now, grace = self.stage.now, self.stage.business.house.grace
        there = {
            right.stay.pk: right
            for right in self.rights
            if not right.is_cancelled
            and now < right.ends_at + grace
            and right.starts_at <= now + HORIZON
            and door in WAYS[right.unit]
        }
        with tenancy.within(self.stage.business.organization):
            live = Grant.objects.filter(
                stay__in=there, closed_at=None, is_wanted=True, smart_lock__smartlock_id=self._number(door)
            )
            found = {grant.stay_id: (grant.label, grant.code) for grant in live}
        return sorted(
            (*found.get(number, ("no grant", "")), right.starts_at, right.ends_at + grace, True)
            for number, right in there.items()
        )

    def _by_label(self) -> dict[str, Right]:
        by_stay = {right.stay.pk: right for right in self.rights}
        with tenancy.within(self.stage.business.organization):
            labels = dict(Grant.objects.values_list("label", "stay_id"))
        return {label: by_stay[stay] for label, stay in labels.items() if stay in by_stay}

    def _going(self) -> list[Right]:
        return [one for one in self.rights if not one.is_cancelled and one.ends_at > self.stage.now]

    def _pick(self, number: int) -> Right:
        going = self._going()
        return going[number % len(going)]

    def _ours(self) -> list[tuple[str, Authorization]]:
        return [(door, one) for door in DOORS for one in self._codes_on(door) if one.name.startswith(OURS)]

    def _codes_on(self, door: str) -> list[Authorization]:
        return self.stage.simulator.engine.lock(self._number(door)).device.codes()

    def _number(self, door: str) -> int:
        return self.stage.number(door)

    def _account(self) -> NukiAccount:
        with tenancy.within(self.stage.business.organization):
            return NukiAccount.objects.get()

    def _hold(self, post: Post) -> int:
        """Keep a delivery, until a rule lets it go, doubles it or loses it."""
        self.held.append(post)
        return 204

    def _deliver(self, post: Post) -> None:
        try:
            self.stage.carry_webhook(post)
        except ConnectionResetError:
            return
