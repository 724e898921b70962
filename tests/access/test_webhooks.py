"""Webhooks out: what is told, signed as the Standard Webhooks have it, in order, and until it is taken."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from standardwebhooks.webhooks import WebhookVerificationError

from access import alerts, guests, holders, mail_events, stays, tasks, webhook_deliveries, webhook_endpoints
from access.mail_events import Fate
from access.models import (
    Alert,
    AlertKind,
    AuditEntry,
    AuditKind,
    DeliveryState,
    Grant,
    Holder,
    Message,
    Off,
    OtherAuthorization,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookEvent,
)
from access.webhook_endpoints import EndpointIsOff, MayNotManageWebhooks, NameIsTaken
from access.webhook_rules import PAUSES, EventType
from nuki_gateway.simulator import TurnedClock
from properties import tenancy
from properties.models import Organization
from properties.roles import Role
from tests import worlds
from tests.access import receivers
from tests.access.receivers import Receiver, deliver, endpoint, latest, receiver
from tests.access.test_sweep import app_at
from tests.conftest import Rings
from tests.properties.teams import works_for
from tests.timeline import Timeline
from tests.worlds import Business

__all__ = ["endpoint", "receiver"]  # fixtures

DAY = timedelta(days=1)


def told(endpoint: WebhookEndpoint, receiver: Receiver, clock: TurnedClock) -> list[dict[str, Any]]:
    """Everything that the program was told, each checked by the reference library."""
    return [call.checked(endpoint.secret, clock) for call in receiver.calls]


def test_a_program_is_told_of_a_stay_and_the_reference_library_takes_the_signature(
    alice: Business, endpoint: WebhookEndpoint, receiver: Receiver, clock: TurnedClock
) -> None:
    stay = alice.book(now=clock.now())

    deliver(endpoint, clock)

    assert told(endpoint, receiver, clock) == [
        {
            "type": "stay.created",
            "timestamp": "2026-06-15T12:00:00Z",
            "data": {
                "stay": f"stay_{stay.pk}",
                "unit": f"unit_{stay.unit_id}",
                "guest": f"guest_{stay.guest_id}",
                "starts_at": "2026-06-15T12:00:00Z",
                "ends_at": "2026-06-17T12:00:00Z",
            },
        }
    ]
    headers = receiver.calls[0].headers
    assert headers["webhook-id"] == f"event_{WebhookEvent.objects.get().pk}"
    assert headers["Content-Type"] == "application/json"
    done = latest()
    assert (done.state, done.status, done.answer) == (DeliveryState.DELIVERED, 200, "taken")
    receiver.calls[0].checked(endpoint.secret, clock)
    clock.turn(seconds=301)
    with pytest.raises(WebhookVerificationError):
        receiver.calls[0].checked(endpoint.secret, clock)


def test_a_stay_is_told_from_booking_to_cancelling_with_its_codes_on_the_doors(
    alice: Business, endpoint: WebhookEndpoint, receiver: Receiver, clock: TurnedClock, timeline: Timeline
) -> None:
    stay = alice.book(now=clock.now(), starts_at=clock.now() + timedelta(hours=2))
    timeline.pass_seconds(120)
    stays.change(
        stay=stay,
        unit=stay.unit,
        starts_at=stay.starts_at,
        ends_at=stay.ends_at + DAY,
        changed_by=alice.owner,
        now=clock.now(),
    )
    stays.renew_code(stay=stay, renewed_by=alice.owner, now=clock.now())
    stays.cancel(stay=stay, cancelled_by=alice.owner, now=clock.now())

    deliver(endpoint, clock)

    said = [(one["type"], one["data"].get("what")) for one in told(endpoint, receiver, clock)]
    assert said == [
        ("stay.created", None),
        ("grant.confirmed", None),
        ("grant.confirmed", None),
        ("stay.changed", "stay"),
        ("stay.changed", "code"),
        ("stay.cancelled", None),
    ]
    grants = {
        (one["data"]["lock"], one["data"]["door"], one["data"]["stay"])
        for one in told(endpoint, receiver, clock)
        if one["type"] == "grant.confirmed"
    }
    assert grants == {
        (f"lock_{alice.locks[door].pk}", f"door_{alice.doors[door].pk}", f"stay_{stay.pk}")
        for door in ("Front door", "Flat 1")
    }


def test_an_opened_door_says_whether_it_was_a_guest_or_staff_or_somebody_else(
    alice: Business, endpoint: WebhookEndpoint, receiver: Receiver, clock: TurnedClock, timeline: Timeline
) -> None:
    stay = alice.book(now=clock.now())
    app_at(alice).add_code("Cleaner", "591826")
    timeline.pass_seconds(120)
    timeline.sweep(alice.account.pk)
    holders.name(
        authorization=OtherAuthorization.objects.get(),
        name="Nadia",
        note="",
        named_by=alice.owner,
        now=clock.now(),
    )
    for code, opens in ((worlds.code_of(stay), True), ("591826", True), ("999999", False)):
        assert alice.opens("Flat 1", code) is opens
        clock.turn(seconds=1)
    timeline.pass_seconds(10)
    alice.read_log(now=clock.now())

    deliver(endpoint, clock)

    doors = [
        (one["type"], one["data"]["means"], one["data"]["who"])
        for one in told(endpoint, receiver, clock)
        if one["type"].startswith("door.")
    ]
    nobody = {"stay": None, "guest": None, "holder": None}
    assert doors == [
        (
            "door.opened",
            "keypad",
            {"kind": "guest", "stay": f"stay_{stay.pk}", "guest": f"guest_{stay.guest_id}", "holder": None},
        ),
        ("door.opened", "keypad", {**nobody, "kind": "staff", "holder": f"holder_{Holder.objects.get().pk}"}),
        ("door.code_refused", "keypad", {**nobody, "kind": "other"}),
    ]


def test_nothing_is_told_of_what_a_log_shows_a_day_later(
    alice: Business, endpoint: WebhookEndpoint, clock: TurnedClock, timeline: Timeline
) -> None:
    stay = alice.book(now=clock.now())
    timeline.pass_seconds(60)
    assert alice.opens("Flat 1", worlds.code_of(stay))
    clock.turn(seconds=DAY.total_seconds() + 1)

    alice.read_log(now=clock.now())

    assert not WebhookEvent.objects.filter(type=EventType.DOOR_OPENED).exists()
    assert endpoint.is_on


def test_locks_messages_and_alerts_are_told(
    alice: Business, endpoint: WebhookEndpoint, receiver: Receiver, clock: TurnedClock, timeline: Timeline
) -> None:
    stay = alice.book(now=clock.now())
    lock = alice.locks["Cellar"]
    alice.simulator.script.weaken_battery(lock.smartlock_id)
    timeline.sweep(alice.account.pk)
    with tenancy.across_organizations(because="alerts are reviewed for all"):
        alerts.review(now=clock.now())
        alert = Alert.objects.get(kind=AlertKind.BATTERY_LOW)
        message = worlds.write_message(stay, now=clock.now())
        ada, now = "ada@guests.example", clock.now()
        handed = {"provider_id": "p-1", "sent_to": ada}
        Message.objects.filter(pk=message.pk).update(**handed)
        mail_events.note(provider_id="p-1", address=ada, fate=Fate.BOUNCED, at=now, now=now)
    alice.simulator.script.change_batteries(lock.smartlock_id)
    timeline.sweep(alice.account.pk)
    with tenancy.across_organizations(because="alerts are reviewed for all"):
        alerts.review(now=clock.now())

    deliver(endpoint, clock)

    said = {one["type"]: one["data"] for one in told(endpoint, receiver, clock)}
    assert said["lock.battery_low"]["battery"] == "lock"
    assert said["lock.battery_low"]["lock"] == f"lock_{lock.pk}"
    assert said["message.bounced"] == {
        "message": f"message_{message.pk}",
        "kind": "access_ready",
        "stay": f"stay_{stay.pk}",
        "why": "bounced",
    }
    about = {"stay": None, "lock": f"lock_{lock.pk}", "nuki_account": None, "webhook_endpoint": None}
    assert said["alert.closed"] == {"alert": f"alert_{alert.pk}", "kind": "battery_low", **about}


def test_a_code_that_no_lock_takes_is_told_once(
    alice: Business, endpoint: WebhookEndpoint, clock: TurnedClock
) -> None:
    stay = alice.book(now=clock.now(), unit="Cellar", guest_email="")

    failed = WebhookEvent.objects.get(type=EventType.GRANT_FAILED)

    grant = Grant.objects.get(stay=stay, door__name="Cellar")
    assert failed.facts["grant"] == f"grant_{grant.pk}"
    assert failed.facts["problem"] == "no_address"
    assert endpoint.is_on


def test_a_business_without_a_webhook_asks_nothing_and_writes_nothing(
    alice: Business, clock: TurnedClock
) -> None:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        alice.book(now=clock.now())

    assert [one["sql"] for one in captured if "access_webhook" in one["sql"]] == []


def test_an_endpoint_hears_of_what_it_has_chosen_and_nothing_else(
    alice: Business, receiver: Receiver, clock: TurnedClock
) -> None:
    receivers.add(alice, receiver.url, clock, types=[EventType.STAY_CANCELLED])

    stay = alice.book(now=clock.now())
    stays.cancel(stay=stay, cancelled_by=alice.owner, now=clock.now())

    assert list(WebhookDelivery.objects.values_list("event__type", flat=True)) == ["stay.cancelled"]


def test_what_is_not_booked_after_all_is_not_told(
    alice: Business, endpoint: WebhookEndpoint, clock: TurnedClock
) -> None:
    alice.book(now=clock.now())

    with pytest.raises(stays.UnitIsTaken):
        alice.book(now=clock.now())

    assert WebhookEvent.objects.count() == 1
    assert endpoint.is_on


def test_what_fails_is_tried_again_by_the_plan_and_given_up_after_28_hours(
    alice: Business, endpoint: WebhookEndpoint, receiver: Receiver, clock: TurnedClock
) -> None:
    alice.book(now=clock.now())
    receiver.status, began, waits = 500, clock.now(), []
    for _ in PAUSES:
        deliver(endpoint, clock)
        due_at = latest().due_at
        assert due_at is not None
        waits.append(timedelta(seconds=round((due_at - clock.now()).total_seconds())))
        clock.turn(seconds=waits[-1].total_seconds() - 1)
        deliver(endpoint, clock)  # too early
        clock.turn(seconds=2)

    deliver(endpoint, clock)

    done = latest()
    assert waits == list(PAUSES)
    assert (done.state, done.attempts, len(receiver.calls)) == (DeliveryState.GIVEN_UP, 8, 8)
    assert clock.now() - began == timedelta(hours=27, minutes=35, seconds=5 + len(PAUSES))
    assert {call.headers["webhook-id"] for call in receiver.calls} == {f"event_{done.event_id}"}
    assert len({call.body for call in receiver.calls}) == 1


@pytest.mark.parametrize("status", [100 + 99, 301, 302, 400, 404, 429, 503])
def test_only_a_2xx_says_that_it_was_taken(
    alice: Business, endpoint: WebhookEndpoint, receiver: Receiver, clock: TurnedClock, status: int
) -> None:
    receiver.status, receiver.headers = max(status, 300), {"Location": receiver.url}
    alice.book(now=clock.now())

    deliver(endpoint, clock)

    done = latest()
    assert (done.state, done.status, len(receiver.calls)) == (DeliveryState.WAITING, receiver.status, 1)


def test_of_one_stay_nothing_overtakes_and_other_stays_do_not_wait(
    alice: Business, endpoint: WebhookEndpoint, receiver: Receiver, clock: TurnedClock
) -> None:
    first = alice.book(now=clock.now())
    stays.cancel(stay=first, cancelled_by=alice.owner, now=clock.now())
    receiver.status = 500
    deliver(endpoint, clock)
    receiver.status = 200
    second = alice.book(now=clock.now(), unit="Flat 2")

    deliver(endpoint, clock)
    clock.turn(seconds=6)
    deliver(endpoint, clock)

    said = [(one["type"], one["data"]["stay"]) for one in told(endpoint, receiver, clock)]
    assert said == [
        ("stay.created", f"stay_{first.pk}"),  # which failed
        ("stay.created", f"stay_{second.pk}"),
        ("stay.created", f"stay_{first.pk}"),
        ("stay.cancelled", f"stay_{first.pk}"),
    ]


def test_two_workers_send_a_delivery_once(
    alice: Business, endpoint: WebhookEndpoint, receiver: Receiver, clock: TurnedClock
) -> None:
    alice.book(now=clock.now())
    claimed = webhook_deliveries._claim(endpoint, clock.now())

    deliver(endpoint, clock)

    assert claimed is not None
    assert receiver.calls == []


def test_a_worker_that_died_leaves_its_delivery_to_the_next_and_the_tick_rings_for_it(
    alice: Business, endpoint: WebhookEndpoint, receiver: Receiver, clock: TurnedClock
) -> None:
    alice.book(now=clock.now())
    assert webhook_deliveries._claim(endpoint, clock.now()) is not None
    with tenancy.across_organizations(because="as the tick"):
        meanwhile = webhook_deliveries.due_endpoints(clock.now(), 10)
        clock.turn(seconds=30)
        after = webhook_deliveries.due_endpoints(clock.now(), 10)

    deliver(endpoint, clock)

    assert (meanwhile, after) == ([], [endpoint.pk])
    assert (latest().state, latest().attempts) == (DeliveryState.DELIVERED, 2)
    assert receiver.types(clock, endpoint.secret) == ["stay.created"]


def test_a_failure_that_comes_after_anothers_success_changes_nothing(
    alice: Business, endpoint: WebhookEndpoint, receiver: Receiver, clock: TurnedClock
) -> None:
    alice.book(now=clock.now())
    slow = webhook_deliveries._claim(endpoint, clock.now())
    assert slow is not None
    clock.turn(seconds=31)
    deliver(endpoint, clock)

    webhook_deliveries._record(slow, webhook_deliveries.Outcome(500), clock.now())

    assert latest().state is DeliveryState.DELIVERED
    assert len(receiver.calls) == 1


def test_an_endpoint_that_fails_has_one_call_at_a_time_and_one_that_is_away_rests(
    alice: Business, endpoint: WebhookEndpoint, receiver: Receiver, clock: TurnedClock
) -> None:
    for unit in ("Flat 1", "Flat 2"):
        alice.book(now=clock.now(), unit=unit)
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(failures=1)
    first = webhook_deliveries._claim(endpoint, clock.now())
    second = webhook_deliveries._claim(endpoint, clock.now())

    assert first is not None
    webhook_deliveries._record(first, webhook_deliveries.Outcome(trouble="timed_out"), clock.now())
    while_it_rests = webhook_deliveries._claim(endpoint, clock.now())
    clock.turn(seconds=31)

    assert (second, while_it_rests) == (None, None)
    assert webhook_deliveries._claim(endpoint, clock.now()) is not None
    assert receiver.calls == []


def test_for_a_day_after_a_rotation_both_secrets_sign(
    alice: Business, endpoint: WebhookEndpoint, receiver: Receiver, clock: TurnedClock
) -> None:
    old = endpoint.secret
    new = webhook_endpoints.rotate_secret(endpoint=endpoint, rotated_by=alice.owner, now=clock.now())
    alice.book(now=clock.now())
    deliver(endpoint, clock)

    for secret in (old, new):
        assert receiver.calls[0].checked(secret, clock)["type"] == "stay.created"
    clock.turn(seconds=DAY.total_seconds())
    alice.book(now=clock.now(), unit="Flat 2")
    deliver(endpoint, clock)

    assert old != new
    receiver.calls[1].checked(new, clock)
    with pytest.raises(WebhookVerificationError):
        receiver.calls[1].checked(old, clock)


def test_an_endpoint_that_says_gone_is_switched_off_at_once_and_an_alert_says_so(
    alice: Business, endpoint: WebhookEndpoint, receiver: Receiver, clock: TurnedClock
) -> None:
    alice.book(now=clock.now())
    alice.book(now=clock.now(), unit="Flat 2")
    receiver.status = 410

    deliver(endpoint, clock)

    endpoint.refresh_from_db()
    assert (endpoint.off, len(receiver.calls)) == (Off.GONE, 1)
    states = [one.state for one in WebhookDelivery.objects.all()]
    assert states == [DeliveryState.GIVEN_UP] * 2
    assert Organization.objects.get(pk=alice.organization.pk).webhook_types == []
    assert AuditEntry.objects.get(kind=AuditKind.WEBHOOK_OFF).by is None
    with tenancy.across_organizations(because="alerts are reviewed for all"):
        alerts.review(now=clock.now())
        assert Alert.objects.get(closed_at=None).webhook_endpoint_id == endpoint.pk
        webhook_endpoints.switch(endpoint=endpoint, is_on=True, switched_by=alice.owner, now=clock.now())
        alerts.review(now=clock.now())
        assert not Alert.objects.filter(closed_at=None).exists()


def test_an_endpoint_that_fails_for_five_days_is_switched_off(
    alice: Business, endpoint: WebhookEndpoint, receiver: Receiver, clock: TurnedClock
) -> None:
    receiver.status = 500
    for day in range(5):
        starts_at = clock.now() + timedelta(days=30 + 3 * day)
        alice.book(now=clock.now(), starts_at=starts_at, ends_at=starts_at + DAY)
        for pause in PAUSES[:3]:
            deliver(endpoint, clock)
            clock.turn(seconds=pause.total_seconds())
        clock.turn(seconds=(DAY - sum(PAUSES[:3], timedelta())).total_seconds())
        endpoint.refresh_from_db()
        assert endpoint.is_on, day

    deliver(endpoint, clock)

    endpoint.refresh_from_db()
    assert endpoint.off == Off.FAILING


def test_one_success_makes_the_days_of_failure_begin_anew(
    alice: Business, endpoint: WebhookEndpoint, receiver: Receiver, clock: TurnedClock
) -> None:
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(
        failures=50, failing_since=clock.now() - timedelta(days=4)
    )
    alice.book(now=clock.now())

    deliver(endpoint, clock)

    endpoint.refresh_from_db()
    assert (endpoint.failures, endpoint.failing_since) == (0, None)
    assert len(receiver.calls) == 1


def test_an_event_is_sent_again_under_its_own_id_and_a_second_press_sends_none(
    alice: Business, endpoint: WebhookEndpoint, receiver: Receiver, clock: TurnedClock
) -> None:
    alice.book(now=clock.now())
    deliver(endpoint, clock)
    first = latest()

    again = [
        webhook_endpoints.send_again(delivery=first, asked_by=alice.owner, now=clock.now()) for _ in "12"
    ]
    deliver(endpoint, clock)

    assert again[0] == again[1] != first
    assert latest().is_replay
    assert len(receiver.calls) == 2
    assert receiver.calls[0].headers["webhook-id"] == receiver.calls[1].headers["webhook-id"]


def test_a_test_says_nothing_but_that_it_is_one(
    alice: Business, endpoint: WebhookEndpoint, receiver: Receiver, clock: TurnedClock
) -> None:
    for _ in range(2):
        webhook_endpoints.try_out(endpoint=endpoint, asked_by=alice.owner, now=clock.now())

    deliver(endpoint, clock)

    (said,) = told(endpoint, receiver, clock)
    assert (said["type"], said["data"]) == ("ping", {"webhook_endpoint": f"endpoint_{endpoint.pk}"})


def test_what_is_switched_off_is_told_nothing_and_says_so_to_whoever_tries(
    alice: Business, endpoint: WebhookEndpoint, receiver: Receiver, clock: TurnedClock
) -> None:
    alice.book(now=clock.now())
    for _ in range(2):
        webhook_endpoints.switch(endpoint=endpoint, is_on=False, switched_by=alice.owner, now=clock.now())
    alice.book(now=clock.now(), unit="Flat 2")

    deliver(endpoint, clock)

    assert receiver.calls == []
    assert WebhookDelivery.objects.count() == 1
    assert AuditEntry.objects.filter(kind=AuditKind.WEBHOOK_OFF).count() == 1
    with pytest.raises(EndpointIsOff):
        webhook_endpoints.try_out(endpoint=endpoint, asked_by=alice.owner, now=clock.now())
    with pytest.raises(EndpointIsOff):
        webhook_endpoints.send_again(delivery=latest(), asked_by=alice.owner, now=clock.now())


def test_names_differ_and_staff_change_nothing(
    alice: Business, endpoint: WebhookEndpoint, receiver: Receiver, clock: TurnedClock
) -> None:
    bob = works_for(alice, "bob@harbour.example", Role.STAFF).user
    asked = {"organization": alice.organization, "url": receiver.url, "types": [EventType.DOOR_OPENED]}

    with pytest.raises(NameIsTaken):
        webhook_endpoints.make(name="Lights", made_by=alice.owner, now=clock.now(), **asked)  # type: ignore[arg-type]
    with pytest.raises(MayNotManageWebhooks):
        webhook_endpoints.make(name="Bob's", made_by=bob, now=clock.now(), **asked)  # type: ignore[arg-type]
    for operation in (
        lambda: webhook_endpoints.delete(endpoint=endpoint, deleted_by=bob, now=clock.now()),
        lambda: webhook_endpoints.rotate_secret(endpoint=endpoint, rotated_by=bob, now=clock.now()),
        lambda: webhook_endpoints.switch(endpoint=endpoint, is_on=False, switched_by=bob, now=clock.now()),
    ):
        with pytest.raises(MayNotManageWebhooks):
            operation()

    kept = WebhookEndpoint.objects.get()
    assert (kept.secret, kept.is_on) == (endpoint.secret, True)


def test_events_are_forgotten_after_thirty_days_but_not_what_still_waits(
    alice: Business, endpoint: WebhookEndpoint, receiver: Receiver, clock: TurnedClock
) -> None:
    alice.book(now=clock.now())
    deliver(endpoint, clock)
    alice.book(now=clock.now(), unit="Flat 2")
    clock.turn(seconds=timedelta(days=30, seconds=1).total_seconds())

    forgotten = [webhook_deliveries.forget(now=clock.now(), most=10) for _ in range(2)]

    assert forgotten == [1, 0]
    assert WebhookDelivery.objects.get().due_at is not None
    assert len(receiver.calls) == 1


def test_no_code_name_address_or_token_is_in_anything_that_is_sent_or_kept(
    alice: Business,
    endpoint: WebhookEndpoint,
    receiver: Receiver,
    clock: TurnedClock,
    timeline: Timeline,
    capfd: pytest.CaptureFixture[str],
) -> None:
    stay = alice.book(now=clock.now(), guest_name="Ada Vogel", guest_email="ada@guests.example")
    timeline.pass_seconds(60)
    code = worlds.code_of(stay)
    assert alice.opens("Flat 1", code)
    timeline.pass_seconds(10)
    alice.read_log(now=clock.now())
    guests.correct(
        guest=stay.guest,
        name="Ada Lovelace",
        email="al@guests.example",
        language="en",
        corrected_by=alice.owner,
        now=clock.now(),
    )

    deliver(endpoint, clock)

    kept = json.dumps(list(WebhookEvent.objects.values("type", "subject", "facts")))
    answers = json.dumps(list(WebhookDelivery.objects.values("answer", "trouble", "subject")))
    sent = b"".join(call.body for call in receiver.calls).decode()
    out = capfd.readouterr()
    logs = out.out + out.err
    canaries = (code, "Ada", "guests.example", "alice-token", endpoint.secret, "Vogel", "Lovelace")
    assert "door.opened" in sent
    for where in (kept, answers, sent, logs):
        assert [one for one in canaries if one in where] == []
    row = WebhookEndpoint.objects.filter(pk=endpoint.pk).extra(select={"raw": "secret || url"})
    assert receiver.url not in str(row.values_list("raw", flat=True).get())


def test_the_task_delivers_and_the_tick_rings(
    alice: Business, endpoint: WebhookEndpoint, receiver: Receiver, clock: TurnedClock, rings: Rings
) -> None:
    alice.book(now=clock.now())

    tasks.ring_due_webhooks()
    tasks.deliver_webhooks(endpoint_id=endpoint.pk)
    tasks.deliver_webhooks(endpoint_id=endpoint.pk + 1)

    assert len(receiver.calls) == 1
    assert rings.sent is not None
