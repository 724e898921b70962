"""Work that is left behind: what counts, and what is kept by a pause, a rest or a worker's hold."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

from access import deliveries, overdue, tasks
from access.models import Grant, Message
from nuki_gateway import webhooks
from properties import heartbeat
from properties.models import Heartbeat, NukiAccount, SmartLock
from tests.timeline import Timeline
from tests.worlds import Business, write_message

FIVE = heartbeat.LATE
A_SECOND = timedelta(seconds=1)


def test_a_look_that_nobody_took_is_left_behind_after_five_minutes(
    alice: Business, timeline: Timeline
) -> None:
    booked_at = timeline.now
    alice.book(now=booked_at)

    assert overdue.since(booked_at + FIVE - A_SECOND) is None
    assert overdue.since(booked_at + FIVE) == booked_at


@pytest.mark.parametrize(
    ("model", "field"),
    [
        pytest.param(SmartLock, "leased_until", id="a worker holds the lock"),
        pytest.param(SmartLock, "rests_until", id="the lock rests"),
        pytest.param(NukiAccount, "paused_until", id="the account is paused"),
    ],
)
def test_what_is_kept_is_not_left_behind_until_it_was_free_for_five_minutes(
    alice: Business, timeline: Timeline, model: type[Any], field: str
) -> None:
    booked_at = timeline.now
    alice.book(now=booked_at)
    free_at = booked_at + timedelta(hours=1)
    model.objects.update(**{field: free_at})

    assert overdue.since(free_at + FIVE - A_SECOND) is None
    assert overdue.since(free_at + FIVE) == free_at


def test_mail_and_deliveries_count_and_the_oldest_is_told(alice: Business, timeline: Timeline) -> None:
    start: datetime = timeline.now
    stay = alice.book(now=start)
    Grant.objects.update(due_at=None)
    deliveries.store(
        account_id=alice.account.pk,
        organization_id=alice.organization.pk,
        news=webhooks.read(b'{"feature": "DEVICE_NEW"}'),
        now=start + 2 * A_SECOND,
    )
    assert overdue.since(start + timedelta(hours=1)) == start + 2 * A_SECOND

    write_message(stay, now=start + A_SECOND)
    assert overdue.since(start + timedelta(hours=1)) == start + A_SECOND
    Message.objects.update(claimed_until=start + timedelta(hours=1))
    assert overdue.since(start + timedelta(hours=1)) == start + 2 * A_SECOND


def test_the_tick_writes_down_what_is_left_behind_and_that_it_is_done(
    alice: Business, timeline: Timeline
) -> None:
    booked_at = timeline.now
    alice.book(now=booked_at)

    with time_machine.travel(booked_at + FIVE, tick=False):
        tasks.note_ticks()
    left_behind = Heartbeat.objects.get()
    timeline.pass_seconds(60)
    with time_machine.travel(booked_at + 2 * FIVE, tick=False):
        tasks.note_ticks()

    done = Heartbeat.objects.get()
    assert (left_behind.ticked_at, left_behind.work_waits_since) == (booked_at + FIVE, booked_at)
    assert (done.ticked_at, done.work_waits_since) == (booked_at + 2 * FIVE, None)
