"""What goes first, and that nobody's slow or huge account holds up anybody else's."""

import threading
from datetime import timedelta
from queue import SimpleQueue

import pytest
import time_machine
from django.db import connection, connections
from pytest_django.fixtures import Settings

from access import leases, queries, tasks
from access.models import Grant
from nuki_gateway import transport
from properties import nuki_accounts, tenancy
from properties.models import NukiAccount, SmartLock
from tests.conftest import Rings
from tests.timeline import Timeline
from tests.worlds import Business, code_of, grant_on

pytestmark = pytest.mark.slow  # hours and days of virtual time

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MANY = 300
MORE_LOCKS = """
INSERT INTO properties_smartlock (
    organization_id, nuki_account_id, smartlock_id, device_type, name, has_keypad, time_zone, server_state,
    battery_critical, keypad_battery_critical, listed_at, foreign_codes, failures
)
SELECT organization_id, nuki_account_id, number, device_type, 'Door ' || number, true, time_zone,
    server_state, false, false, listed_at, foreign_codes, 0
FROM properties_smartlock, generate_series(1, %s) AS number WHERE properties_smartlock.id = %s
"""
MORE_GRANTS = """
INSERT INTO access_grant (
    organization_id, stay_id, smart_lock_id, position, kind, label, is_wanted, code, code_digest,
    allowed_from, allowed_until, generation, asked_step, asked_generation, authorization_id, problem,
    attempts, due_at
)
SELECT access_grant.organization_id, stay_id, properties_smartlock.id, 1, access_grant.kind,
    'many-' || properties_smartlock.id, false, '', '', allowed_from, allowed_until, 1, '', 0, '', '', 0,
    due_at
FROM access_grant, properties_smartlock
WHERE access_grant.id = %s AND properties_smartlock.name LIKE 'Door %%'
"""


def due_locks(timeline: Timeline, most: int = 500) -> list[int]:
    """What the tick rings for."""
    with tenancy.across_organizations(because="the tick rings for everybody's locks"):
        return queries.due_locks(timeline.now, most)


def make_many_due(alice: Business, timeline: Timeline) -> None:
    """Give Alice some hundred locks with a revocation due on each."""
    stay = alice.book(now=timeline.now)
    with connection.cursor() as cursor:
        cursor.execute(MORE_LOCKS, [MANY, alice.locks["Flat 1"].pk])
        cursor.execute(MORE_GRANTS, [grant_on(stay, "Flat 1").pk])


def take(business: Business, door: str, timeline: Timeline) -> bool:
    """Whether a worker gets the lock of a door."""
    with tenancy.within(business.organization):
        return leases.take(business.locks[door], now=timeline.now) is not None


def test_of_one_account_so_many_locks_are_held_at_once_and_no_more(
    alice: Business, charlie: Business, timeline: Timeline, settings: Settings
) -> None:
    settings.NUKI_LOOKS_AT_ONCE = 2

    taken = [take(alice, door, timeline) for door in ("Front door", "Flat 1", "Flat 2")]

    assert taken == [True, True, False]
    assert take(charlie, "Front door", timeline)


def test_the_place_of_a_worker_that_ended_or_died_is_free_again(
    alice: Business, timeline: Timeline, settings: Settings
) -> None:
    settings.NUKI_LOOKS_AT_ONCE = 1
    lease = leases.take(alice.locks["Front door"], now=timeline.now)
    assert lease is not None
    leases.give_back(alice.locks["Front door"], lease)
    after_the_end = take(alice, "Flat 1", timeline)
    while_it_is_dead = take(alice, "Flat 2", timeline)

    timeline.clock.turn(seconds=leases.LEASE.total_seconds())

    assert (after_the_end, while_it_is_dead) == (True, False)
    assert take(alice, "Flat 2", timeline)


def test_a_lock_that_finds_no_place_is_left_alone_until_the_next_tick(
    alice: Business, timeline: Timeline, settings: Settings, rings: Rings
) -> None:
    settings.NUKI_LOOKS_AT_ONCE = 1
    alice.book(now=timeline.now)
    take(alice, "Front door", timeline)
    with time_machine.travel(timeline.now, tick=False):
        tasks.ring_due_locks()
    calls, rung = len(alice.simulator.calls), len(rings.sent)

    timeline.look_at(alice.locks["Flat 1"].pk)
    after_the_look = len(rings.sent)
    with time_machine.travel(timeline.now, tick=False):
        tasks.ring_due_locks()

    assert len(alice.simulator.calls) == calls
    assert after_the_look == rung
    assert [ring[1] for ring in rings.sent[rung:]] == [{"lock_id": alice.locks["Flat 1"].pk}]


@pytest.mark.django_db(transaction=True)
def test_two_workers_who_ask_at_once_never_both_get_the_last_place(
    alice: Business, timeline: Timeline, settings: Settings
) -> None:
    settings.NUKI_LOOKS_AT_ONCE = 1
    got: list[bool] = []
    together = threading.Barrier(4)

    def work(door: str) -> None:
        together.wait()
        got.append(take(alice, door, timeline))
        connections.close_all()

    workers = [threading.Thread(target=work, args=(door,)) for door in alice.locks]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert sorted(got) == [False, False, False, True]


@pytest.mark.django_db(transaction=True)
def test_while_the_calls_of_one_account_hang_the_other_workers_go_on(
    alice: Business,
    charlie: Business,
    timeline: Timeline,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.NUKI_LOOKS_AT_ONCE = 2
    monkeypatch.setattr(transport, "READ_TIMEOUT", 3.0)
    for unit in ("Flat 1", "Flat 2"):
        alice.book(now=timeline.now, unit=unit)
    with tenancy.within(charlie.organization):
        stay = charlie.book(now=timeline.now)
    for door in ("Front door", "Flat 1", "Flat 2"):
        alice.simulator.script.silent_next(alice.locks[door].smartlock_id)
    rung: SimpleQueue[int] = SimpleQueue()
    for business, doors in ((alice, ("Front door", "Flat 1", "Flat 2")), (charlie, ("Front door", "Flat 1"))):
        for door in doors:
            rung.put(business.locks[door].pk)
    done: list[int] = []

    def work() -> None:
        while not rung.empty():
            lock_id = rung.get()
            timeline.look_at(lock_id)
            done.append(lock_id)
        connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    hung = {alice.locks[door].pk for door in ("Front door", "Flat 1", "Flat 2")}
    assert [lock_id in hung for lock_id in done] == [
        True,
        False,
        False,
        True,
        True,
    ]  # the first found no place
    with tenancy.within(charlie.organization):
        assert Grant.objects.filter(stay=stay, asked_at__isnull=False).count() == 2


def test_an_account_with_hundreds_of_due_locks_does_not_fill_the_tick(
    alice: Business, charlie: Business, timeline: Timeline, settings: Settings
) -> None:
    make_many_due(alice, timeline)
    starts_at = timeline.now + 2 * DAY
    with tenancy.within(charlie.organization):
        charlie.book(now=timeline.now, starts_at=starts_at, ends_at=starts_at + DAY)
    theirs = {charlie.locks["Front door"].pk, charlie.locks["Flat 1"].pk}

    rung, of_few = due_locks(timeline), due_locks(timeline, most=4)

    assert len(rung) == queries.SHARE * settings.NUKI_LOOKS_AT_ONCE + len(theirs)
    assert set(rung[-2:]) == theirs  # a far arrival comes after what has to go, but it comes
    assert set(of_few[-2:]) == theirs


def test_what_has_to_go_comes_first_then_the_nearest_arrival_then_what_is_as_it_should_be(
    alice: Business, charlie: Business, timeline: Timeline
) -> None:
    ready = alice.book(now=timeline.now)
    timeline.pass_seconds(60)
    near, far = timeline.now + 4 * HOUR, timeline.now + 40 * HOUR
    second = alice.book(now=timeline.now, unit="Flat 2", starts_at=far, ends_at=far + DAY)
    with tenancy.within(charlie.organization):
        first = charlie.book(now=timeline.now, starts_at=near, ends_at=near + DAY)
        going = charlie.book(now=timeline.now, unit="Flat 2", starts_at=far, ends_at=far + DAY)
        Grant.objects.filter(stay=going).exclude(door__name="Flat 2").delete()
        Grant.objects.filter(stay=first).exclude(door__name="Flat 1").delete()
        Grant.objects.filter(stay=going).update(is_wanted=False)
    Grant.objects.filter(stay=second).exclude(door__name="Flat 2").delete()
    Grant.objects.filter(stay=ready).exclude(door__name="Flat 1").update(due_at=None)
    Grant.objects.filter(stay=ready, door__name="Flat 1").update(due_at=timeline.now)

    rung = due_locks(timeline)

    assert rung == [
        charlie.locks["Flat 2"].pk,
        charlie.locks["Flat 1"].pk,
        alice.locks["Flat 2"].pk,
        alice.locks["Flat 1"].pk,
    ]


def test_a_code_that_is_over_goes_before_a_nearer_arrival_of_the_same_lock(
    alice: Business, timeline: Timeline
) -> None:
    over = alice.book(now=timeline.now, ends_at=timeline.now + HOUR)
    later = timeline.now + 5 * HOUR
    long_ago = timeline.now - DAY
    here = alice.book(now=timeline.now, unit="Flat 2", starts_at=long_ago, ends_at=later + DAY)
    Grant.objects.update(due_at=timeline.now)

    due = queries.due_on(alice.locks["Front door"], later)

    assert [grant.stay_id for grant in due] == [over.pk, here.pk]


def test_calls_that_run_out_in_the_middle_of_a_look_leave_the_far_arrivals_for_later(
    alice: Business, timeline: Timeline, settings: Settings
) -> None:
    timeline.clock.turn(seconds=120)
    now = timeline.now
    stays = [
        alice.book(now=now, unit=unit, starts_at=now + hours * HOUR, ends_at=now + (hours + 2) * HOUR)
        for unit, hours in (("Flat 2", 60), ("Flat 1", 30), ("Flat 2", 2), ("Flat 1", 10))
    ]
    settings.NUKI_CALLS_PER_MINUTE = 3

    timeline.look_at(alice.locks["Front door"].pk)  # one list and two codes
    timeline.clock.turn(seconds=10)

    assert alice.codes_on("Front door") == sorted(code_of(stay) for stay in stays[2:])
    waiting = Grant.objects.filter(stay__in=stays[:2], door__name="Front door")
    assert [grant.asked_at for grant in waiting] == [None, None]
    assert SmartLock.objects.get(pk=alice.locks["Front door"].pk).failures == 0


def test_looks_for_far_arrivals_leave_calls_for_near_ones(
    alice: Business, timeline: Timeline, settings: Settings
) -> None:
    timeline.clock.turn(seconds=120)
    far, near = timeline.now + 30 * HOUR, timeline.now + 2 * HOUR
    alice.book(now=timeline.now, starts_at=far, ends_at=far + DAY)
    alice.book(now=timeline.now, unit="Flat 2", starts_at=near, ends_at=near + DAY)
    settings.NUKI_CALLS_PER_MINUTE = 10
    for _ in range(7):
        nuki_accounts.client_for(NukiAccount.objects.get(pk=alice.account.pk)).smart_locks()
    calls = len(alice.simulator.calls)

    timeline.look_at(alice.locks["Flat 1"].pk)
    after_the_far_one = len(alice.simulator.calls)
    timeline.look_at(alice.locks["Flat 2"].pk)

    assert after_the_far_one == calls
    assert [call.method for call in alice.simulator.calls[calls:]] == ["GET", "PUT"]
