"""Another smart lock on a door (F25): the codes of current and coming stays move to it."""

from datetime import timedelta

import pytest

from access import door_locks, stays
from access.models import AuditKind, Grant, GrantKind, Message, Stay
from nuki_gateway.simulator import Simulator
from properties import nuki_accounts, places
from properties.models import Door, SmartLock
from tests.timeline import Timeline
from tests.worlds import Business, code_of, grant_on, writes

pytestmark = pytest.mark.slow  # hours and days of virtual time

FLAT = "Flat 1"
A_DAY = timedelta(days=1)


def another_lock(business: Business, timeline: Timeline, *, keypad: str | None = "keypad2") -> SmartLock:
    """A lock that the host has added to the account."""
    (at_nuki,) = business.simulator.world.accounts
    made = business.simulator.add_lock(at_nuki, name="New", device_type=5, keypad=keypad)
    nuki_accounts.refresh(account=business.account, now=timeline.now)
    return SmartLock.objects.get(smartlock_id=made.smartlock_id)


def replace(business: Business, timeline: Timeline, lock: SmartLock, door: str = FLAT) -> None:
    door_locks.replace_lock(
        door=Door.objects.get(name=door), smart_lock=lock, replaced_by=business.owner, now=timeline.now
    )


def on_lock(simulator: Simulator, lock: SmartLock) -> list[str]:
    return sorted(str(one.code) for one in simulator.codes_on(lock.smartlock_id))


def test_the_code_moves_to_the_new_lock_and_the_guest_keeps_it(
    alice: Business, timeline: Timeline, mailoutbox: list[object]
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(120)
    code, lock = code_of(stay), another_lock(alice, timeline)

    replace(alice, timeline, lock)
    timeline.pass_time(timedelta(minutes=5))

    assert code_of(stay) == code
    assert alice.codes_on(FLAT) == []  # the old lock
    assert on_lock(alice.simulator, lock) == [code]
    assert alice.codes_on("Front door") == [code]
    assert writes(alice.simulator) == {"PUT": 3, "DELETE": 1}  # nothing on the front door
    assert len(mailoutbox) == 1
    assert stay.audit.filter(kind=AuditKind.STAY_CHANGED, by=alice.owner).count() == 1


def test_a_code_that_somebody_has_on_the_new_lock_is_changed_on_all_doors_and_told(
    alice: Business, timeline: Timeline, mailoutbox: list[object]
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(120)
    code, lock = code_of(stay), another_lock(alice, timeline)
    alice.simulator.script.add_foreign_code(lock.smartlock_id, name="Plumber", code=code, known_to_cloud=True)
    timeline.sweep(alice.account.pk)

    replace(alice, timeline, lock)
    timeline.pass_time(timedelta(minutes=5))

    assert code_of(stay) != code
    assert on_lock(alice.simulator, lock) == sorted([code, code_of(stay)])
    assert alice.codes_on("Front door") == [code_of(stay)]
    assert alice.codes_on(FLAT) == []
    assert len(mailoutbox) == 2


def test_coming_stays_move_too_and_those_that_are_over_or_cancelled_do_not(
    alice: Business, timeline: Timeline
) -> None:
    over = alice.book(now=timeline.now, ends_at=timeline.now + timedelta(hours=1))
    timeline.pass_time(timedelta(hours=2))
    start = timeline.now + timedelta(days=10)
    coming = alice.book(now=timeline.now, starts_at=start, ends_at=start + A_DAY)
    cancelled = alice.book(now=timeline.now, starts_at=start + A_DAY, ends_at=start + 2 * A_DAY)
    stays.cancel(stay=cancelled, cancelled_by=alice.owner, now=timeline.now)
    elsewhere = alice.book(now=timeline.now, unit="Flat 2")
    timeline.pass_time(timedelta(minutes=5))
    lock = another_lock(alice, timeline)
    before = writes(alice.simulator)

    replace(alice, timeline, lock)
    timeline.pass_time(timedelta(minutes=5))

    there = set(Grant.objects.filter(smart_lock=lock).values_list("stay_id", flat=True))
    assert there == {coming.pk}
    assert {over.pk, cancelled.pk, elsewhere.pk}.isdisjoint(there)
    assert not Grant.objects.filter(stay=coming, smart_lock=alice.locks[FLAT], closed_at=None).exists()
    assert writes(alice.simulator) == before
    timeline.skip_to(start)
    assert on_lock(alice.simulator, lock) == [code_of(coming)]


def test_a_lock_that_is_put_back_at_once_gets_its_codes_back(alice: Business, timeline: Timeline) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(120)
    code, lock = code_of(stay), another_lock(alice, timeline)

    replace(alice, timeline, lock)
    replace(alice, timeline, alice.locks[FLAT])
    timeline.pass_time(timedelta(minutes=5))

    assert code_of(stay) == code
    assert alice.codes_on(FLAT) == [code]
    assert on_lock(alice.simulator, lock) == []
    assert Grant.objects.filter(stay=stay, closed_at=None).count() == 2


def test_to_a_new_lock_without_a_keypad_the_guest_is_invited(alice: Business, timeline: Timeline) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(120)
    lock = another_lock(alice, timeline, keypad=None)

    replace(alice, timeline, lock)
    timeline.pass_time(timedelta(minutes=5))

    grant = Grant.objects.get(stay=stay, smart_lock=lock)
    assert (grant.kind, grant.problem, grant.code) == (GrantKind.APP_INVITE, "", "")
    assert [one.smartlock_id for one in alice.simulator.invites] == [lock.smartlock_id]
    assert alice.codes_on(FLAT) == []


def test_a_lock_that_is_on_another_door_is_refused_and_nothing_changes(
    alice: Business, timeline: Timeline
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(120)
    written = writes(alice.simulator)

    with pytest.raises(places.LockIsOnAnotherDoor):
        replace(alice, timeline, alice.locks["Flat 2"])
    timeline.pass_seconds(120)

    assert Door.objects.get(name=FLAT).smart_lock_id == alice.locks[FLAT].pk
    assert grant_on(stay, FLAT).smart_lock_id == alice.locks[FLAT].pk
    assert writes(alice.simulator) == written


def test_a_lock_that_appears_with_another_id_takes_over_and_the_one_that_is_gone_is_left_behind(
    alice: Business, timeline: Timeline
) -> None:
    stay = alice.book(now=timeline.now, ends_at=timeline.now + 4 * A_DAY)
    timeline.pass_seconds(120)
    code = code_of(stay)
    number = alice.simulator.script.change_id(alice.locks[FLAT].smartlock_id)
    timeline.sweep(alice.account.pk)
    lock = SmartLock.objects.get(smartlock_id=number)

    replace(alice, timeline, lock)
    timeline.pass_time(timedelta(minutes=20))
    looked = len(timeline.looked_at)
    timeline.pass_time(A_DAY)

    assert on_lock(alice.simulator, lock) == [code_of(stay)]
    assert alice.simulator.type_code(number, code_of(stay)).opened
    assert not Grant.objects.filter(smart_lock=alice.locks[FLAT], closed_at=None).exists()
    assert len(timeline.looked_at) == looked
    assert code_of(stay) == code
    assert writes(alice.simulator) == {"PUT": 2}


def test_a_lock_that_has_another_id_goes_on_letting_its_guest_in_until_the_host_has_mended_it(
    alice: Business, timeline: Timeline
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(120)
    number = alice.simulator.script.change_id(alice.locks[FLAT].smartlock_id)

    timeline.sweep(alice.account.pk)
    timeline.pass_time(timedelta(hours=13))

    assert alice.simulator.type_code(number, code_of(stay)).opened
    assert SmartLock.objects.get(smartlock_id=number).foreign_codes == []
    assert writes(alice.simulator) == {"PUT": 2}


def test_a_code_left_on_a_lock_that_was_gone_is_removed_when_it_comes_back(
    alice: Business, timeline: Timeline
) -> None:
    stay = alice.book(now=timeline.now, ends_at=timeline.now + 4 * A_DAY)
    timeline.pass_seconds(120)
    lock, owner = (
        alice.simulator.engine.lock(alice.locks[FLAT].smartlock_id),
        alice.simulator.world.accounts[0],
    )
    alice.simulator.script.leave_account(lock)
    new = another_lock(alice, timeline)
    replace(alice, timeline, new)
    timeline.pass_time(timedelta(minutes=20))

    lock.account_id = owner.account_id
    timeline.sweep(alice.account.pk)
    timeline.pass_time(timedelta(minutes=20))

    assert alice.codes_on(FLAT) == []
    assert on_lock(alice.simulator, new) == [code_of(stay)]
    assert Message.objects.filter(stay=stay).count() == 1
    assert Stay.objects.get(pk=stay.pk).revision == 1
