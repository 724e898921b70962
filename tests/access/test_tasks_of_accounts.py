"""The tasks about Nuki accounts: logs, deliveries and health, however often and in any order."""

from datetime import timedelta

import pytest
import time_machine

from access import deliveries, tasks, work_queue
from access.models import Activity, Delivery
from nuki_gateway import webhooks
from nuki_gateway.simulator import Simulator
from properties import tenancy
from properties.models import NukiAccount, SmartLock
from tests.conftest import Rings
from tests.timeline import Timeline
from tests.worlds import Business

NEWS = webhooks.read(b'{"feature": "DEVICE_NEW"}')


def store(business: Business, timeline: Timeline) -> None:
    deliveries.store(
        account_id=business.account.pk,
        organization_id=business.organization.pk,
        news=NEWS,
        now=timeline.now,
    )


def rung(rings: Rings) -> list[tuple[str, int]]:
    return [(task.rpartition(".")[2], next(iter(arguments.values()))) for task, arguments, _ in rings.sent]


def test_the_tick_rings_once_for_each_log_that_is_due(
    alice: Business, charlie: Business, timeline: Timeline, rings: Rings
) -> None:
    with tenancy.across_organizations(because="both accounts"):
        NukiAccount.objects.update(sweep_due_at=timeline.now + timedelta(days=1))
    rings.sent.clear()

    with time_machine.travel(timeline.now, tick=False):
        tasks.ring_due_accounts()
        tasks.ring_due_accounts()

    assert sorted(rung(rings)) == [("read_log", alice.account.pk), ("read_log", charlie.account.pk)]


def test_the_tick_rings_once_for_each_account_that_is_to_be_swept(
    alice: Business, charlie: Business, timeline: Timeline, rings: Rings
) -> None:
    with tenancy.across_organizations(because="both accounts"):
        NukiAccount.objects.update(log_due_at=timeline.now + timedelta(days=1))
    rings.sent.clear()

    with time_machine.travel(timeline.now, tick=False):
        tasks.ring_due_accounts()
        tasks.ring_due_accounts()

    assert sorted(rung(rings)) == [
        ("refresh_nuki_account", alice.account.pk),
        ("refresh_nuki_account", charlie.account.pk),
    ]


def test_a_log_is_not_read_while_its_account_is_paused(
    alice: Business, timeline: Timeline, rings: Rings
) -> None:
    NukiAccount.objects.update(paused_until=timeline.now + timedelta(minutes=5))
    rings.sent.clear()

    with time_machine.travel(timeline.now, tick=False):
        tasks.ring_due_accounts()

    assert alice.account.pk
    assert rings.sent == []


def test_deliveries_whose_ring_was_lost_are_rung_for_again(
    alice: Business, timeline: Timeline, rings: Rings
) -> None:
    never_mind = timeline.now + timedelta(days=1)
    NukiAccount.objects.update(log_due_at=never_mind, sweep_due_at=never_mind)
    store(alice, timeline)
    rings.sent.clear()
    work_queue.taking_in_deliveries(alice.account.pk)  # a worker took the ring, and died

    with time_machine.travel(timeline.now + timedelta(seconds=4), tick=False):
        tasks.ring_due_accounts()
    too_soon = rung(rings)
    with time_machine.travel(timeline.now + timedelta(seconds=6), tick=False):
        tasks.ring_due_accounts()

    assert (too_soon, rung(rings)) == ([], [("take_in_deliveries", alice.account.pk)])


def test_a_burst_of_deliveries_rings_once(alice: Business, timeline: Timeline, rings: Rings) -> None:
    rings.sent.clear()

    for _ in range(1_000):
        store(alice, timeline)

    assert rung(rings) == [("take_in_deliveries", alice.account.pk)]
    assert Delivery.objects.count() == 1_000


def test_a_task_takes_in_what_waits_and_its_double_does_nothing(alice: Business, timeline: Timeline) -> None:
    for _ in range(deliveries.AT_ONCE + 1):
        store(alice, timeline)

    tasks.take_in_deliveries(account_id=alice.account.pk)
    taken_in = list(Delivery.objects.values_list("taken_in_at", flat=True))
    tasks.take_in_deliveries(account_id=alice.account.pk)

    assert None not in taken_in
    assert list(Delivery.objects.values_list("taken_in_at", flat=True)) == taken_in


def test_the_task_of_a_log_stores_what_is_in_it(alice: Business, timeline: Timeline) -> None:
    alice.opens("Flat 1", "999999")
    timeline.pass_seconds(10)

    with time_machine.travel(timeline.now, tick=False):
        tasks.read_log(account_id=alice.account.pk)

    assert Activity.objects.count() == 1


def test_the_task_of_a_lock_asks_how_it_is(alice: Business, timeline: Timeline, simulator: Simulator) -> None:
    lock = alice.locks["Flat 1"]
    simulator.take_offline(lock.smartlock_id)

    with time_machine.travel(timeline.now, tick=False):
        tasks.look_at_health(lock_id=lock.pk)

    assert not SmartLock.objects.get(pk=lock.pk).is_online


@pytest.mark.parametrize(
    ("days", "kept"), [pytest.param(6, 2, id="six days"), pytest.param(8, 1, id="eight days")]
)
def test_deliveries_are_forgotten_a_week_after_they_were_taken_in(
    alice: Business, timeline: Timeline, days: int, kept: int
) -> None:
    store(alice, timeline)
    timeline.take_in(alice.account.pk)
    store(alice, timeline)

    with time_machine.travel(timeline.now + timedelta(days=days), tick=False):
        tasks.forget_deliveries()

    assert Delivery.objects.count() == kept
    assert Delivery.objects.filter(taken_in_at=None).count() == 1
