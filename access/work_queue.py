"""Ringing for the workers. A ring says "look at this" and nothing else; the row says what is due.

A ring may be lost without harm: the tick rings for whatever is due. So a broker that is down, slow or
silent never fails or holds up whoever rings.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog
from celery import current_app
from django.db import transaction
from django.db.models import Q
from kombu.exceptions import OperationalError

from properties.models import SmartLock

log = structlog.get_logger(__name__)

RING_AGAIN = timedelta(seconds=20)  # how long a ring is taken to be on its way, before the tick repeats it
BROKER_REST = 5.0  # seconds without a try after one that failed; the tick rings for what was missed
FARTHEST_RING = timedelta(minutes=15)  # a task that waits longer than the broker's patience comes twice


def lock_is_due(lock_id: int) -> None:
    """Have a worker look at a smart lock, once the transaction that is open now has ended well."""
    transaction.on_commit(partial(_send, "access.tasks.reconcile_lock", {"lock_id": lock_id}))


def locks_are_due(lock_ids: Iterable[int]) -> None:
    """The same for several."""
    for lock_id in sorted(set(lock_ids)):
        lock_is_due(lock_id)


def lock_is_due_at(lock_id: int, *, at: datetime, now: datetime) -> None:
    """Have a worker look at a smart lock at a moment, unless a ring for that moment is on its way."""
    if at - now <= FARTHEST_RING and _claim(lock_id, at, now):
        _send("access.tasks.reconcile_lock", {"lock_id": lock_id}, at - now)


def message_is_due(message_id: int) -> None:
    """Have a worker send a message, once the transaction that is open now has ended well."""
    transaction.on_commit(partial(_send, "access.tasks.send_message", {"message_id": message_id}))


def _claim(lock_id: int, at: datetime, now: datetime) -> bool:
    """Whether nobody has rung for this moment or an earlier one; a ring that is long past was lost."""
    free = Q(rung_for=None) | Q(rung_for__gt=at) | Q(rung_for__lte=now - RING_AGAIN)
    return SmartLock.objects.filter(free, pk=lock_id).update(rung_for=at) == 1


@dataclass
class _Broker:
    """What this process knows of the broker: after a failure it is left alone, as a try may take seconds."""

    rests_until: float = 0.0  # monotonic seconds


_broker = _Broker()


def _send(task: str, arguments: dict[str, int], span: timedelta = timedelta(0)) -> None:
    if time.monotonic() < _broker.rests_until:
        return
    try:
        current_app.send_task(task, kwargs=arguments, countdown=max(span.total_seconds(), 0) or None)
    except (OperationalError, OSError) as failure:
        _broker.rests_until = time.monotonic() + BROKER_REST
        log.warning("ring_not_sent", task=task, reason=type(failure).__name__, **arguments)
