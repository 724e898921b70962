"""Ticks, rings and tasks: doubled, lost and late ones do no harm."""

from datetime import timedelta

import pytest
import time_machine
from kombu.exceptions import OperationalError

from access import queries, tasks, work_queue
from access.models import Grant
from properties import nuki_accounts
from properties.models import NukiAccount, SmartLock
from tests.conftest import Rings
from tests.timeline import Timeline
from tests.worlds import Business, code_of, write_message


def test_the_tick_rings_once_for_each_lock_with_something_due(
    alice: Business, timeline: Timeline, rings: Rings
) -> None:
    alice.book(now=timeline.now)
    rings.sent.clear()

    with time_machine.travel(timeline.now, tick=False):
        tasks.ring_due_locks()
        tasks.ring_due_locks()

    assert sorted(ring[1]["lock_id"] for ring in rings.sent) == sorted(
        [alice.locks["Front door"].pk, alice.locks["Flat 1"].pk]
    )


def test_a_ring_that_was_lost_is_repeated(alice: Business, timeline: Timeline, rings: Rings) -> None:
    alice.book(now=timeline.now)
    with time_machine.travel(timeline.now, tick=False):
        tasks.ring_due_locks()
    rings.sent.clear()

    with time_machine.travel(timeline.now + work_queue.RING_AGAIN, tick=False):
        tasks.ring_due_locks()

    assert len(rings.sent) == 2


def test_the_tick_costs_the_same_queries_however_many_stays_there_are(
    alice: Business,
    timeline: Timeline,
    rings: Rings,
    django_assert_num_queries: pytest.FixtureRequest,
) -> None:
    starts_at = timeline.now + timedelta(days=100)
    for night in range(30):
        start = starts_at + timedelta(days=night)
        alice.book(now=timeline.now, starts_at=start, ends_at=start + timedelta(days=1))

    with time_machine.travel(timeline.now, tick=False), django_assert_num_queries(2):  # type: ignore[operator]
        tasks.ring_due_locks()

    assert rings.sent == []


def test_a_task_does_what_is_due_and_its_double_does_nothing(alice: Business, timeline: Timeline) -> None:
    stay = alice.book(now=timeline.now)
    with time_machine.travel(timeline.now, tick=False):
        tasks.reconcile_lock(lock_id=alice.locks["Flat 1"].pk)
        calls = len(alice.simulator.calls)
        tasks.reconcile_lock(lock_id=alice.locks["Flat 1"].pk)

    timeline.simulator.settle()

    assert len(alice.simulator.calls) == calls
    assert alice.codes_on("Flat 1") == [code_of(stay)]


def test_after_a_look_the_worker_rings_for_the_next_one(
    alice: Business, timeline: Timeline, rings: Rings
) -> None:
    alice.book(now=timeline.now)
    rings.sent.clear()

    timeline.look_at(alice.locks["Flat 1"].pk)

    (task, arguments, countdown) = rings.sent[0]
    assert (task, arguments) == ("access.tasks.reconcile_lock", {"lock_id": alice.locks["Flat 1"].pk})
    assert countdown is not None
    assert 3.0 <= countdown <= 3.6
    assert len(rings.sent) == 1


def test_a_broker_that_is_down_fails_nobody_and_is_not_asked_for_each_lock(
    alice: Business, timeline: Timeline, monkeypatch: pytest.MonkeyPatch, rings: Rings
) -> None:
    tried: list[str] = []

    def refuse(task: str, **_: object) -> None:
        tried.append(task)
        raise OperationalError

    monkeypatch.setattr(rings, "send_task", refuse)
    stay = alice.book(now=timeline.now)

    timeline.pass_seconds(60)

    assert alice.codes_on("Flat 1") == [code_of(stay)]
    assert len(tried) == 1


def test_the_mail_tick_rings_for_messages_that_nobody_has_claimed(
    alice: Business,
    timeline: Timeline,
    rings: Rings,
    django_capture_on_commit_callbacks: pytest.FixtureRequest,
) -> None:
    stay = alice.book(now=timeline.now)
    message = write_message(stay, now=timeline.now)

    with (
        time_machine.travel(timeline.now, tick=False),
        django_capture_on_commit_callbacks(execute=True),  # type: ignore[operator]
    ):
        tasks.ring_due_messages()

    assert rings.sent[-1] == ("access.tasks.send_message", {"message_id": message.pk}, None)


def test_a_lock_that_goes_offline_is_seen_by_the_refresh(alice: Business, timeline: Timeline) -> None:
    alice.simulator.take_offline(alice.locks["Flat 1"].smartlock_id)

    with time_machine.travel(timeline.now, tick=False):
        tasks.refresh_nuki_account(account_id=alice.account.pk)

    lock = SmartLock.objects.get(pk=alice.locks["Flat 1"].pk)
    assert (lock.is_online, lock.offline_since) == (False, timeline.now)


def test_a_refresh_that_is_refused_pauses_the_account(alice: Business, timeline: Timeline) -> None:
    alice.simulator.script.answer_next(None, "GET", 500)

    with time_machine.travel(timeline.now, tick=False):
        tasks.refresh_nuki_account(account_id=alice.account.pk)

    account = NukiAccount.objects.get(pk=alice.account.pk)
    assert account.paused_until is not None
    assert timeline.now < account.paused_until <= timeline.now + nuki_accounts.LONGEST_PAUSE


def test_revocations_come_before_pushes_and_near_arrivals_before_far_ones(
    alice: Business, timeline: Timeline
) -> None:
    near, far = timeline.now + timedelta(hours=5), timeline.now + timedelta(hours=50)
    first = alice.book(now=timeline.now, starts_at=far, ends_at=far + timedelta(days=1))
    second = alice.book(now=timeline.now, unit="Flat 2", starts_at=near, ends_at=near + timedelta(days=1))
    Grant.objects.filter(stay=first, door__name="Flat 1").update(is_wanted=False)

    due = queries.due_on(alice.locks["Front door"], timeline.now)
    locks = queries.due_locks(timeline.now, most=10)

    assert [grant.stay_id for grant in due] == [second.pk, first.pk]
    assert locks[0] == alice.locks["Flat 1"].pk


def test_a_keypad_that_was_paired_after_booking_gets_the_code_of_the_stay(
    alice: Business, timeline: Timeline, mailoutbox: list[object]
) -> None:
    soon = timeline.now + timedelta(hours=1)
    stay = alice.book(now=timeline.now, unit="Cellar", starts_at=soon, ends_at=soon + timedelta(days=1))
    timeline.pass_seconds(60)
    alice.simulator.set_keypad(alice.locks["Cellar"].smartlock_id, "keypad2")

    with time_machine.travel(timeline.now, tick=False):
        tasks.refresh_nuki_account(account_id=alice.account.pk)
        tasks.refresh_nuki_account(account_id=alice.account.pk)
    timeline.pass_time(timedelta(minutes=20))

    code = code_of(stay)
    assert alice.codes_on("Cellar") == [code]
    assert alice.codes_on("Front door") == [code]
    assert alice.phones_on("Cellar") == []
    assert len(mailoutbox) == 2
