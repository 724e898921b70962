"""How many codes a lock holds, who gets the places, and what happens to those who find none."""

from datetime import timedelta

import pytest

from access import capacity, shown, stays
from access.models import Grant, Problem
from nuki_gateway.models import DeviceType
from nuki_gateway.simulator import Simulator
from properties import nuki_accounts
from properties.models import SmartLock
from tests.timeline import Timeline
from tests.worlds import Business, code_of, grant_on, writes

pytestmark = pytest.mark.slow  # hours and days of virtual time

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("device_type", "places"),
    [
        pytest.param(DeviceType.SMART_LOCK_1_2, 100, id="Smart Lock 1 or 2"),
        pytest.param(DeviceType.BOX, 100, id="box"),
        pytest.param(DeviceType.OPENER, 100, id="opener"),
        pytest.param(DeviceType.SMART_DOOR, 100, id="Smart Door"),
        pytest.param(DeviceType.SMART_LOCK_3_4, 200, id="Smart Lock 3 or 4"),
        pytest.param(DeviceType.SMART_LOCK_5, 200, id="Smart Lock 5"),
        pytest.param(9, 200, id="a kind that came later"),
    ],
)
def test_newer_locks_hold_twice_as_many_codes(device_type: int, places: int) -> None:
    assert capacity.places_of(device_type) == places


def test_every_kind_of_lock_has_its_number() -> None:
    assert set(capacity.MOST_CODES) == set(DeviceType)


@pytest.mark.parametrize(
    ("listed", "on_their_way", "free"),
    [
        pytest.param(0, 0, 200, id="empty"),
        pytest.param(198, 1, 1, id="one place left"),
        pytest.param(199, 1, 0, id="the last one is taken by what was sent"),
        pytest.param(230, 0, 0, id="more than it should hold"),
    ],
)
def test_a_place_is_free_that_is_neither_listed_nor_promised(
    listed: int, on_their_way: int, free: int
) -> None:
    assert capacity.free_places(device_type=4, listed=listed, on_their_way=on_their_way) == free


@pytest.mark.parametrize(
    ("until_arrival", "span"),
    [
        pytest.param(72 * HOUR, 6 * HOUR, id="far"),
        pytest.param(20 * HOUR, 2 * HOUR, id="nearer"),
        pytest.param(HOUR, timedelta(minutes=20), id="near"),
        pytest.param(-5 * HOUR, timedelta(minutes=20), id="the guest is there"),
    ],
)
def test_a_full_lock_is_read_again_the_sooner_the_nearer_the_arrival_is(
    until_arrival: timedelta, span: timedelta
) -> None:
    assert capacity.next_look(until_arrival=until_arrival) == span


def fill(alice: Business, count: int, *, door: str = "Flat 1", known: bool = True) -> None:
    """Leave 200 minus `count` places on the lock of a door."""
    number = alice.locks[door].smartlock_id
    alice.simulator.script.fill_with_foreign_codes(number, count, known_to_cloud=known)


def delete_one(alice: Business) -> None:
    """The host deletes a code that is not ours, in the Nuki app: the cloud learns of it by a sync."""
    flat = alice.locks["Flat 1"].smartlock_id
    foreign = next(one for one in alice.simulator.codes_on(flat) if one.name.startswith("Cleaner"))
    alice.simulator.in_the_app(flat).delete(foreign.name)


def lists_of(simulator: Simulator, lock: SmartLock) -> int:
    """How often the codes of a lock were read."""
    path = f"/smartlock/{lock.smartlock_id}/auth"
    return sum(call.method == "GET" and call.path.endswith(path) for call in simulator.calls)


def pushes_to(simulator: Simulator, lock: SmartLock) -> int:
    """How many codes were sent to a lock."""
    path = f"/smartlock/{lock.smartlock_id}/auth"
    return sum(call.method == "PUT" and call.path.endswith(path) for call in simulator.calls)


def test_nothing_is_sent_to_a_full_lock_and_the_host_is_told_what_to_do(
    alice: Business, timeline: Timeline
) -> None:
    fill(alice, 200)
    others = alice.codes_on("Flat 1")
    stay = alice.book(now=timeline.now)

    timeline.pass_time(timedelta(minutes=5))

    grant = Grant.objects.select_related("smart_lock", "door", "stay").get(stay=stay, door__name="Flat 1")
    assert grant.problem == Problem.NO_ROOM
    assert pushes_to(alice.simulator, alice.locks["Flat 1"]) == 0
    assert alice.codes_on("Flat 1") == others
    assert shown.door_line(grant, "Europe/Vienna", timeline.now).sentence == (
        "This lock holds 200 codes and is full. In the Nuki app, delete codes that you do not need. "
        "This guest's code follows as soon as there is a place."
    )


def test_a_place_that_the_host_makes_is_found_without_anybody_asking(
    alice: Business, timeline: Timeline
) -> None:
    fill(alice, 200)
    stay = alice.book(now=timeline.now)
    timeline.pass_time(timedelta(minutes=5))

    delete_one(alice)
    timeline.pass_time(timedelta(minutes=30))

    assert code_of(stay) in alice.codes_on("Flat 1")
    assert grant_on(stay, "Flat 1").problem == ""
    assert grant_on(stay, "Flat 1").confirmed_at is not None


@pytest.mark.usefixtures("nuki_calls_us")
def test_news_of_a_place_are_acted_on_at_once(alice: Business, timeline: Timeline) -> None:
    fill(alice, 200)
    starts_at = timeline.now + 2 * DAY
    stay = alice.book(now=timeline.now, starts_at=starts_at, ends_at=starts_at + DAY)
    timeline.pass_time(timedelta(minutes=5))

    delete_one(alice)
    nuki_accounts.client_for(alice.account).sync(alice.locks["Flat 1"].smartlock_id)
    for _ in range(6):
        timeline.pass_seconds(20)

    assert code_of(stay) in alice.codes_on("Flat 1")


def test_a_place_that_our_own_code_leaves_goes_to_who_waits(alice: Business, timeline: Timeline) -> None:
    fill(alice, 199)
    first = alice.book(now=timeline.now, ends_at=timeline.now + HOUR)
    starts_at = timeline.now + 30 * HOUR
    second = alice.book(now=timeline.now, starts_at=starts_at, ends_at=starts_at + DAY)
    timeline.pass_time(timedelta(minutes=30))
    before = grant_on(second, "Flat 1").problem

    stays.cancel(stay=first, cancelled_by=None, now=timeline.now)
    timeline.pass_time(timedelta(minutes=3))

    assert before == Problem.NO_ROOM
    assert code_of(second) in alice.codes_on("Flat 1")
    assert len(alice.codes_on("Flat 1")) == 200


def test_the_last_place_goes_to_the_nearest_arrival_and_nobody_makes_way_for_a_nearer_one(
    alice: Business, timeline: Timeline
) -> None:
    fill(alice, 199)
    far, near, nearest = (timeline.now + hours * HOUR for hours in (60, 30, 5))
    later = alice.book(now=timeline.now, starts_at=far, ends_at=far + HOUR)
    sooner = alice.book(now=timeline.now, starts_at=near, ends_at=near + HOUR)
    timeline.pass_time(timedelta(minutes=5))
    held = alice.codes_on("Flat 1")

    soonest = alice.book(now=timeline.now, starts_at=nearest, ends_at=nearest + HOUR)
    timeline.pass_time(timedelta(minutes=30))

    assert code_of(sooner) in held
    assert alice.codes_on("Flat 1") == held
    assert [grant_on(stay, "Flat 1").problem for stay in (later, sooner, soonest)] == [
        Problem.NO_ROOM,
        "",
        Problem.NO_ROOM,
    ]


def test_of_those_who_wait_the_nearest_goes_first_although_another_is_due_sooner(
    alice: Business, timeline: Timeline
) -> None:
    fill(alice, 200)
    far, near = timeline.now + 60 * HOUR, timeline.now + 30 * HOUR
    later = alice.book(now=timeline.now, starts_at=far, ends_at=far + HOUR)
    sooner = alice.book(now=timeline.now, starts_at=near, ends_at=near + HOUR)
    timeline.pass_time(timedelta(minutes=5))

    delete_one(alice)
    Grant.objects.filter(stay=later).update(due_at=timeline.now + HOUR)
    timeline.pass_time(4 * HOUR)

    assert code_of(sooner) in alice.codes_on("Flat 1")
    assert code_of(later) not in alice.codes_on("Flat 1")


def test_a_code_that_is_over_goes_before_one_is_sent(alice: Business, timeline: Timeline) -> None:
    fill(alice, 199, door="Front door")
    leaving = alice.book(now=timeline.now, ends_at=timeline.now + HOUR)
    timeline.pass_seconds(60)
    timeline.is_running = False
    timeline.skip_to(leaving.ends_at + HOUR)
    long_ago, tomorrow = timeline.now - 2 * DAY, timeline.now + DAY
    coming = alice.book(now=timeline.now, unit="Flat 2", starts_at=long_ago, ends_at=tomorrow)

    timeline.is_running = True
    timeline.pass_time(timedelta(minutes=10))

    front = alice.locks["Front door"].smartlock_id
    made = [call.method for call in alice.simulator.calls if f"/{front}/auth" in call.path]
    assert [method for method in made if method != "GET"] == ["PUT", "DELETE", "PUT"]
    assert code_of(coming) in alice.codes_on("Front door")


def test_a_full_lock_is_not_stormed_with_readings(alice: Business, timeline: Timeline) -> None:
    fill(alice, 200)
    for hours in (1, 20, 50, 70):
        starts_at = timeline.now + hours * HOUR
        alice.book(now=timeline.now, starts_at=starts_at, ends_at=starts_at + HOUR)
    timeline.pass_time(timedelta(minutes=5))
    before = lists_of(alice.simulator, alice.locks["Flat 1"])

    timeline.pass_time(DAY)

    assert lists_of(alice.simulator, alice.locks["Flat 1"]) - before <= 96
    assert pushes_to(alice.simulator, alice.locks["Flat 1"]) == 0


def test_a_lock_whose_list_is_old_is_known_to_be_full_after_one_code_in_vain(
    alice: Business, timeline: Timeline
) -> None:
    fill(alice, 200, known=False)
    stay = alice.book(now=timeline.now)

    timeline.pass_time(timedelta(minutes=10))

    assert grant_on(stay, "Flat 1").problem == Problem.NO_ROOM
    assert writes(alice.simulator)["PUT"] == 1 + 1  # one to each door


def test_a_stay_that_found_no_room_and_is_over_is_closed(alice: Business, timeline: Timeline) -> None:
    fill(alice, 200)
    stay = alice.book(now=timeline.now, ends_at=timeline.now + HOUR)

    timeline.skip_to(stay.ends_at + alice.house.grace)
    timeline.pass_seconds(60)

    assert not Grant.objects.filter(stay=stay, closed_at=None).exists()
