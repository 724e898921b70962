"""Telling programs what they asked for: at least once, signed, and of each stay or door in order.

A delivery is claimed for the length of a call, and of one subject only the eldest that is not done can be:
so nothing overtakes, whoever dies leaves it to the next worker, and no transaction is open across a call.
An endpoint that fails or is slow has one call at a time and rests between them; others do not wait for it.
"""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from standardwebhooks.webhooks import Webhook

from access import calling_out, webhook_endpoints, webhook_rules, work_queue
from access.models import Off, WebhookDelivery, WebhookEndpoint, WebhookEvent
from properties import clock, memberships

log = structlog.get_logger(__name__)

CLAIM = timedelta(seconds=30)  # one worker's hold on a delivery; a call ends after 10 s
AT_ONCE = 4  # calls to an endpoint that is well, at a time
LONGEST_PASS = timedelta(seconds=15)  # that a worker stays with one endpoint before others have their turn
MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Outcome:
    """What came of one call."""

    status: int | None = None
    trouble: str = ""
    answer: str = field(default="", repr=False)
    took: timedelta | None = None

    @property
    def is_success(self) -> bool:
        """Only 2xx says that it was taken; a redirect is none."""
        return self.status is not None and HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    @property
    def is_slow(self) -> bool:
        """Whether it took long, or never ended."""
        return self.took is None or self.took > webhook_rules.SLOW


def deliver(*, endpoint: WebhookEndpoint, now: datetime) -> None:
    """Send what is due to one endpoint, as long as it is well and others need not wait for it."""
    began = clock.monotonic()

    def moment() -> datetime:
        return now + timedelta(seconds=clock.monotonic() - began)

    while moment() < now + LONGEST_PASS:
        claimed = _claim(endpoint, moment())
        if claimed is None:
            return
        outcome = _send(claimed, moment())
        with transaction.atomic(durable=True):
            _record(claimed, outcome, moment())
    work_queue.webhooks_are_due(endpoint.pk)


def due_endpoints(now: datetime, most: int) -> list[int]:
    """Endpoints with something to send that nobody is sending: in a scope over all organizations."""
    awake = Q(endpoint__rests_until=None) | Q(endpoint__rests_until__lte=now)
    found = _due(now).filter(awake).values_list("endpoint_id", flat=True)
    return sorted(set(found.order_by("endpoint_id").distinct()[:most]))


def forget(*, now: datetime, most: int) -> int:
    """Delete events of long ago with their deliveries, but for what still waits; say how many."""
    waiting = WebhookDelivery.objects.filter(event=OuterRef("pk"), due_at__isnull=False)
    old = WebhookEvent.objects.filter(~Exists(waiting), written_at__lt=now - webhook_rules.KEPT)
    keys = list(old.order_by("written_at").values_list("pk", flat=True)[:most])
    WebhookEvent.objects.filter(pk__in=keys).delete()
    return len(keys)


def content_of(event: WebhookEvent) -> bytes:
    """What is sent of an event, word for word the same each time."""
    body = webhook_rules.body_of(event.type, event.happened_at, event.facts)
    return json.dumps(body, separators=(",", ":")).encode()


def headers_of(event: WebhookEvent, endpoint: WebhookEndpoint, now: datetime) -> dict[str, str]:
    """How it is signed: by each secret that lives now."""
    content, number = content_of(event).decode(), webhook_rules.written("event", event.pk)
    moment = now.astimezone(UTC)
    signatures = [
        Webhook(secret).sign(msg_id=number, timestamp=moment, data=content)
        for secret in endpoint.secrets(now)
    ]
    return {
        "webhook-id": number,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _due(now: datetime) -> QuerySet[WebhookDelivery]:
    """What may be sent now: free, and the eldest of its subject."""
    eldest = WebhookDelivery.objects.filter(
        endpoint=OuterRef("endpoint"),
        subject=OuterRef("subject"),
        due_at__isnull=False,
        pk__lt=OuterRef("pk"),
    )
    free = Q(claimed_until=None) | Q(claimed_until__lte=now)
    return WebhookDelivery.objects.filter(free, ~Exists(eldest), due_at__lte=now)


@transaction.atomic(durable=True)
def _claim(endpoint: WebhookEndpoint, now: datetime) -> WebhookDelivery | None:
    """Take the next delivery; None where there is none, or the endpoint has as many calls as it may.

    Counted with the endpoint's row in hand: of two workers who ask at once the second counts the first.
    """
    current = WebhookEndpoint.objects.select_for_update(no_key=True).filter(pk=endpoint.pk).first()
    if current is None or not current.is_on:
        return None
    if current.rests_until is not None and current.rests_until > now:
        return None
    calls = WebhookDelivery.objects.filter(endpoint=current, due_at__isnull=False, claimed_until__gt=now)
    if calls.count() >= (1 if current.failures or current.is_slow else AT_ONCE):
        return None
    found = _due(now).filter(endpoint=current).select_related("event").order_by("due_at", "pk").first()
    if found is None:
        return None
    found.attempts, found.claimed_until = found.attempts + 1, now + CLAIM
    found.tried_at = now
    found.save(update_fields=["attempts", "claimed_until", "tried_at"])
    current.organization = endpoint.organization
    found.endpoint = current
    return found


def _send(delivery: WebhookDelivery, now: datetime) -> Outcome:
    endpoint, event = delivery.endpoint, delivery.event
    try:
        answer = calling_out.post(
            endpoint.url, body=content_of(event), headers=headers_of(event, endpoint, now)
        )
        outcome = Outcome(answer.status, "", answer.text, answer.took)
    except calling_out.NoAnswer as failure:
        outcome = Outcome(trouble=failure.trouble.value)
    log.info(
        "webhook_called",
        delivery_id=delivery.pk,
        endpoint_id=endpoint.pk,
        status=outcome.status,
        trouble=outcome.trouble,
        attempts=delivery.attempts,
    )
    return outcome


def _record(delivery: WebhookDelivery, outcome: Outcome, now: datetime) -> None:
    """Keep what came of it. A failure that comes after another worker has taken over says nothing new."""
    if not outcome.is_success:  # it may be switched off: whoever changes webhooks holds this row first, too
        memberships.hold(delivery.endpoint.organization)
    endpoint = WebhookEndpoint.objects.select_for_update(no_key=True).filter(pk=delivery.endpoint_id)
    if endpoint.values_list("pk", flat=True).first() is None:
        return  # it was deleted meanwhile, with all that was to be told
    mine = WebhookDelivery.objects.filter(pk=delivery.pk, due_at__isnull=False)
    said: dict[str, Any] = {
        "claimed_until": None,
        "status": outcome.status,
        "trouble": outcome.trouble,
        "answer": outcome.answer,
        "took_ms": None if outcome.took is None else outcome.took // MILLISECOND,
    }
    if outcome.is_success:
        mine.update(due_at=None, delivered_at=now, **said)
        _note_success(delivery.endpoint, outcome, now)
        _wake_next(delivery, now)
        return
    pause = webhook_rules.pause_after(delivery.attempts)
    mine = mine.filter(attempts=delivery.attempts)
    if pause is None:
        if mine.update(due_at=None, given_up_at=now, **said):
            _wake_next(delivery, now)
    elif mine.update(due_at=now + pause, **said):
        _behind(delivery).filter(due_at__lt=now + pause).update(due_at=now + pause)
    _note_failure(delivery.endpoint, outcome, now)


def _note_success(endpoint: WebhookEndpoint, outcome: Outcome, now: datetime) -> None:
    took = outcome.took or timedelta(0)
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(
        failures=0,
        failing_since=None,
        is_slow=outcome.is_slow,
        rests_until=now + 2 * took if outcome.is_slow else None,  # a worker has it half of the time at most
        last_delivered_at=now,
    )


def _note_failure(endpoint: WebhookEndpoint, outcome: Outcome, now: datetime) -> None:
    """One that cannot be reached rests; one that answers 410, or has failed for days, is switched off."""
    rests_until = now + webhook_rules.rest_after(endpoint.failures) if outcome.status is None else None
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(
        failures=F("failures") + 1,
        failing_since=Coalesce("failing_since", now),
        is_slow=outcome.is_slow,
        rests_until=rests_until,
    )
    if outcome.status == HTTPStatus.GONE:
        webhook_endpoints.switch_off_by_itself(endpoint, Off.GONE, now=now)
    elif webhook_rules.is_hopeless(
        failing_since=endpoint.failing_since or now, failures=endpoint.failures + 1, now=now
    ):
        webhook_endpoints.switch_off_by_itself(endpoint, Off.FAILING, now=now)


def _wake_next(delivery: WebhookDelivery, now: datetime) -> None:
    """What waited behind it has its turn."""
    following = _behind(delivery).order_by("pk").values("pk")[:1]
    WebhookDelivery.objects.filter(pk__in=list(following.values_list("pk", flat=True))).update(due_at=now)


def _behind(delivery: WebhookDelivery) -> QuerySet[WebhookDelivery]:
    return WebhookDelivery.objects.filter(
        endpoint_id=delivery.endpoint_id,
        subject=delivery.subject,
        due_at__isnull=False,
        pk__gt=delivery.pk,
    )
