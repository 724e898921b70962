"""Everything at once, by chance: ten days of a house under the mix of an ordinary year, and three times that.

Judged on the locks alone, by what must hold whatever happens: nobody is locked out while the lock could be
reached, nobody comes early or late, no code of ours is left, and those of others are left alone.
"""

import random
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from access import chance, stays
from access.models import Grant, Stay
from nuki_gateway import transport
from nuki_gateway.simulator import Mix
from nuki_gateway.simulator.engine import Engine
from nuki_gateway.simulator.world import Event, EventKind
from tests.faults.judging import CLOCK_ERROR, SOON, Watch, would_open
from tests.worlds import Business

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]  # ten days take most of a minute

STEP = timedelta(minutes=30)
DAYS, STAYS = timedelta(days=10), 12
ENOUGH = 2 * STEP  # of reach, seen every half hour: surely twenty minutes of it in one piece
UNTIL_HEARD = timedelta(days=1, hours=9)  # what the host did in the app: the daily sync, and our next look
WAYS = {"Flat 1": ("Front door", "Flat 1"), "Flat 2": ("Front door", "Flat 2")}
DOORS = ("Front door", "Flat 1", "Flat 2")
OURS = "KT-"


@dataclass
class Right:
    """What one guest may do, as this test has asked for it."""

    stay: Stay
    unit: str
    starts_at: datetime
    ends_at: datetime
    latest_end: datetime  # of all that were ever asked for: no lock opens after it, reached or not
    reach: dict[str, timedelta]  # of each door, since the wish last changed
    codes: set[str] = field(default_factory=set)  # all that the stay ever had

    def wish(self, ends_at: datetime) -> None:
        """Want another end."""
        self.ends_at, self.latest_end = ends_at, max(ends_at, self.latest_end)
        self.reach = dict.fromkeys(WAYS[self.unit], timedelta(0))


@dataclass
class House:
    """A house whose days go by, and what went wrong at its doors."""

    alice: Business
    timeline: Watch
    chance: random.Random
    rights: list[Right] = field(default_factory=list)
    others: dict[tuple[str, int], str] = field(default_factory=dict)  # codes of others, by door and serial
    touched: set[str] = field(default_factory=set)  # codes that the host changed in the app
    faults: list[str] = field(default_factory=list)
    probes: int = 0  # of codes that belong to a door then
    excused: int = 0  # of those, for want of reach, or because the host changed them in the app

    def watch_the_host(self) -> None:
        """Note which codes the host changes in the app: until we hear of it nothing can be done."""
        engine = self.alice.simulator.engine
        edit = engine.reactions[EventKind.HOST_EDITS]

        def noted(engine: Engine, event: Event) -> None:
            found = engine.lock(event.smartlock_id).device.find(event.subject_id)
            if found is not None and found.code is not None:
                self.touched.add(found.code)
            edit(engine, event)

        engine.reactions[EventKind.HOST_EDITS] = noted

    def go_by(self) -> None:
        """Book, change and cancel as it comes, and look at the doors all the time."""
        ends_at = self.timeline.now + DAYS
        days = (DAYS - timedelta(days=2)).total_seconds()
        bookings = sorted(
            self.timeline.now + timedelta(seconds=self.chance.random() * days) for _ in range(STAYS)
        )
        while self.timeline.now < ends_at:
            while bookings and bookings[0] <= self.timeline.now:
                bookings.pop(0)
                self._book()
            if self.chance.random() < 0.04:  # twice a day
                self._change_a_stay()
            self.pass_step()

    def pass_step(self) -> None:
        """Let some minutes pass and look at all doors."""
        before = self._in_reach()
        self.timeline.pass_time(STEP)
        now_too = before & self._in_reach()
        for right in self.rights:
            for door in now_too & right.reach.keys():
                right.reach[door] += STEP
        self._judge()

    def ours_on(self, door: str) -> list[str]:
        """The codes on a door's lock that bear our label."""
        found = self.alice.simulator.codes_on(self.alice.locks[door].smartlock_id)
        return sorted(str(one.code) for one in found if one.name.startswith(OURS))

    def wanted_on(self, door: str) -> list[str]:
        """The codes that belong there now."""
        soon = self.timeline.now + timedelta(hours=72)
        there = [
            right
            for right in self.rights
            if right.starts_at <= soon and self.timeline.now < right.ends_at and door in WAYS[right.unit]
        ]
        return sorted(self._codes()[right.stay.pk] for right in there)

    def lost_codes_of_others(self) -> list[str]:
        """Codes of others that were on a lock and are not there any more."""
        still = self._codes_of_others()
        return sorted(code for key, code in self.others.items() if still.get(key) != code)

    def _book(self) -> None:
        unit = self.chance.choice(sorted(WAYS))
        now = self.timeline.now
        busy = [right.ends_at for right in self.rights if right.unit == unit and right.ends_at > now]
        starts_at = max([now + timedelta(hours=self.chance.choice([0, 3, 30])), *busy])
        ends_at = starts_at + timedelta(hours=self.chance.randint(10, 40))
        address = f"guest-{len(self.rights)}@guests.example"
        stay = self.alice.book(now=now, unit=unit, starts_at=starts_at, ends_at=ends_at, guest_email=address)
        right = Right(stay, unit, stay.starts_at, stay.ends_at, stay.ends_at, {})
        right.wish(stay.ends_at)
        self.rights.append(right)

    def _change_a_stay(self) -> None:
        now = self.timeline.now
        running = [right for right in self.rights if right.ends_at > now + timedelta(hours=3)]
        if not running:
            return
        right = self.chance.choice(running)
        if self.chance.random() < 0.4:
            stays.cancel(stay=right.stay, cancelled_by=None, now=now)
            right.wish(now)
            return
        ends_at = right.ends_at + timedelta(hours=self.chance.choice([-1, 2, 5]))
        try:
            stays.change(
                stay=right.stay,
                unit=right.stay.unit,
                starts_at=right.starts_at,
                ends_at=ends_at,
                changed_by=None,
                now=now,
            )
        except (stays.UnitIsTaken, stays.StayEndsBeforeItStarts):
            return
        right.wish(ends_at)

    def _in_reach(self) -> set[str]:
        """The doors whose lock could be written now."""
        world = self.alice.simulator.world
        found = set()
        for door in DOORS:
            number = self.alice.locks[door].smartlock_id
            device = world.locks[number].device
            silenced = any(
                span.ends_at > self.timeline.now and span.smartlock_id in {None, number}
                for span in world.orders.spans
            )
            if device.online and not silenced and len(device.codes()) < device.capacity:
                found.add(door)
        return found

    def _judge(self) -> None:
        codes = self._codes()
        for right in self.rights:
            code = codes.get(right.stay.pk)
            right.codes |= {code} if code else set()
            for door in WAYS[right.unit]:
                self._judge_door(right, code, door)
        self.others |= self._codes_of_others()

    def _judge_door(self, right: Right, code: str | None, door: str) -> None:
        now, number = self.timeline.now, self.alice.locks[door].smartlock_id
        is_certain = right.reach[door] >= ENOUGH and not right.codes & self.touched
        inside = right.starts_at + CLOCK_ERROR <= now < right.ends_at - CLOCK_ERROR
        opening = [one for one in right.codes if would_open(self.alice.simulator, number, one, at=now)]
        self.probes += inside
        self.excused += inside and not is_certain
        if inside and is_certain and code not in opening:
            self._note("locked out", right, door)
        if opening and now < right.starts_at - CLOCK_ERROR:
            self._note("early", right, door)
        if opening and now >= right.ends_at + SOON and is_certain:
            self._note("late", right, door)
        if opening and now >= right.latest_end + SOON and not right.codes & self.touched:
            self._note("late in spite of the lock's own end", right, door)

    def _note(self, what: str, right: Right, door: str) -> None:
        self.faults.append(f"{what}: stay {right.stay.pk} at {door}, {self.timeline.now:%d %H:%M}")

    def _codes(self) -> dict[int, str]:
        """The code of each stay that has one now."""
        numbers = [right.stay.pk for right in self.rights]
        live = Grant.objects.filter(stay__in=numbers, closed_at=None, is_wanted=True)
        return {grant.own_stay_id: grant.code for grant in live if grant.code}

    def _codes_of_others(self) -> dict[tuple[str, int], str]:
        return {
            (door, one.serial): str(one.code)
            for door in DOORS
            for one in self.alice.simulator.codes_on(self.alice.locks[door].smartlock_id)
            if not one.name.startswith(OURS) and one.code not in self.touched
        }


def in_virtual_time(mix: Mix) -> Mix:
    """The mix, but for what is measured in real seconds: all calls of one look are made in one moment."""
    return replace(mix, calls_a_second=0, slowest_answer_seconds=1.0)


@pytest.fixture
def news(request: pytest.FixtureRequest) -> str:
    """How we hear of what happens: by webhooks, or by looking alone."""
    if request.param == "webhooks":
        request.getfixturevalue("nuki_calls_us")
    return str(request.param)


@pytest.mark.parametrize(
    ("mix", "news", "seed"),
    [
        pytest.param(Mix.BASE, "webhooks", 11, id="base with webhooks"),
        pytest.param(Mix.BASE, "looking", 12, id="base"),
        pytest.param(Mix.STRESS, "looking", 11, id="stress"),
        pytest.param(Mix.STRESS, "looking", 12, id="stress again"),
    ],
    indirect=["news"],
)
@pytest.mark.usefixtures("news")
def test_ten_days_of_a_house_in_which_everything_goes_wrong(
    *, alice: Business, timeline: Watch, monkeypatch: pytest.MonkeyPatch, mix: Mix, seed: int
) -> None:
    monkeypatch.setattr(transport, "READ_TIMEOUT", 0.05)
    monkeypatch.setattr(transport, "LONGEST_CALL", 0.1)
    monkeypatch.setattr(chance, "_source", random.Random(seed))  # noqa: S311  it spreads
    alice.simulator.world.seed = seed
    house = House(alice, timeline, random.Random(seed))  # noqa: S311  which guest comes when
    house.watch_the_host()
    alice.simulator.mix = in_virtual_time(mix)

    house.go_by()
    alice.simulator.mix = Mix.NONE
    timeline.pass_time(UNTIL_HEARD)
    quiet = [(house.ours_on(door), house.wanted_on(door)) for door in DOORS]
    timeline.pass_time(max(right.ends_at for right in house.rights) + timedelta(days=1) - timeline.now)
    all_over_at = timeline.now
    timeline.pass_time(timedelta(days=1))

    assert house.faults == []
    assert house.excused < house.probes / 2
    assert all(ours == wanted for ours, wanted in quiet), quiet
    assert [house.ours_on(door) for door in DOORS] == [[], [], []]
    assert house.lost_codes_of_others() == []
    assert [letter for letter in timeline.letters if letter.shut] == []
    assert len(timeline.letters) >= STAYS // 2
    assert [call for call in alice.simulator.calls if call.at > all_over_at and call.method != "GET"] == []
