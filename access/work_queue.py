"""Ringing for the workers. A ring says "look at this" and nothing else; the row says what is due.

A ring may be lost without harm: the tick rings for whatever is due. So a broker that is down, slow or
silent never fails or holds up whoever rings.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

import structlog
from celery import current_app
from django.core.cache import cache
from django.db import transaction
from django.db.models import Q
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from access.broker import broker
from properties import clock
from properties.models import SmartLock

log = structlog.get_logger(__name__)


class Bell(Protocol):
    """What carries a ring to some worker."""

    def send_task(self, name: str, *, kwargs: dict[str, int], countdown: float | None) -> object:
        """Have a task run, at the earliest in so many seconds."""


bell: Bell = current_app


@contextmanager
def rung_by(other: Bell) -> Iterator[None]:
    """Have rings of this process carried by something else than Celery until the block ends."""
    global bell  # noqa: PLW0603  there is one broker
    before, bell = bell, other
    try:
        yield
    finally:
        bell = before


RING_AGAIN = timedelta(seconds=20)  # how long a ring is taken to be on its way, before the tick repeats it
RUNG_FOR = 0.02  # seconds in which one ring for an account's deliveries stands for all that come
GATHERING = 0.03  # seconds; longer than `RUNG_FOR`, so that nothing falls between a ring and its reading
LOST_RING = 5  # seconds after which a ring for deliveries is taken to be lost
# a task that is not done within the broker's patience of 120 s comes twice; the tick rings for what is later
FARTHEST_RING = timedelta(minutes=1)


def lock_is_due(lock_id: int) -> None:
    """Have a worker look at a smart lock, once the transaction that is open now has ended well."""
    transaction.on_commit(partial(_send, "access.tasks.reconcile_lock", {"lock_id": lock_id}))


def locks_are_due(lock_ids: Iterable[int]) -> None:
    """The same for several."""
    for lock_id in sorted(set(lock_ids)):
        lock_is_due(lock_id)


def lock_was_told_of(lock_id: int, *, now: datetime) -> None:
    """The same because of news, of which there may be many: one ring is on its way."""
    if _claim(lock_id, now, now):
        lock_is_due(lock_id)


def lock_is_due_at(lock_id: int, *, at: datetime, now: datetime) -> None:
    """Have a worker look at a smart lock at a moment, unless a ring for that moment is on its way."""
    if at - now <= FARTHEST_RING and _claim(lock_id, at, now):
        _send("access.tasks.reconcile_lock", {"lock_id": lock_id}, at - now)


def ring_was_idle(lock_id: int, *, now: datetime) -> None:
    """Said by a worker who found nothing to do: whoever has something to ring for from now on rings anew."""
    SmartLock.objects.filter(pk=lock_id, rung_for__lte=now).update(rung_for=None)


def message_is_due(message_id: int) -> None:
    """Have a worker send a message, once the transaction that is open now has ended well."""
    transaction.on_commit(partial(_send, "access.tasks.send_message", {"message_id": message_id}))


def deliveries_came(account_id: int) -> None:
    """Have a worker take in an account's deliveries, which are committed. A burst of them rings once."""
    began = clock.monotonic()
    if began - _rung_at.get(account_id, -RUNG_FOR) < RUNG_FOR:
        return  # a ring was on its way then, and its worker waits for longer than that before it reads
    if _is_first(account_id):
        _send("access.tasks.take_in_deliveries", {"account_id": account_id})
    _rung_at[account_id] = began


def taking_in_deliveries(account_id: int) -> None:
    """Said by the worker before it reads them: what comes from now on is rung for anew."""
    with suppress(RedisError, OSError):  # the key ends by itself soon
        cache.delete(_ring_key(account_id))
    clock.sleep(GATHERING)


_rung_at: dict[int, float] = {}  # monotonic seconds by account, in this process


def log_is_due(account_id: int) -> None:
    """Have a worker read an account's log."""
    _send("access.tasks.read_log", {"account_id": account_id})


def account_is_to_be_read(account_id: int) -> None:
    """Have a worker read the smart locks of an account."""
    _send("access.tasks.refresh_nuki_account", {"account_id": account_id})


def host_is_to_be_told(organization_id: int) -> None:
    """Have a worker write to an organization's people about alerts."""
    _send("access.tasks.tell_host", {"organization_id": organization_id})


def webhooks_are_due(endpoint_id: int) -> None:
    """Have a worker tell a program what happened, once the transaction that is open now has ended well."""
    transaction.on_commit(partial(_send, "access.tasks.deliver_webhooks", {"endpoint_id": endpoint_id}))


def zone_rules_are_to_be_followed() -> None:
    """Have a worker bring stays in line with the rules of their zones."""
    _send("access.tasks.follow_zone_rules", {})


def door_is_to_be_stocked(door_id: int) -> None:
    """Have a worker see to a door's backup codes, once the transaction that is open now has ended well."""
    transaction.on_commit(partial(_send, "access.tasks.stock_door", {"door_id": door_id}))


def guest_is_to_be_helped(stay_id: int) -> None:
    """Have a worker hand out backup codes to a guest whose own code is late."""
    _send("access.tasks.help_in_time", {"stay_id": stay_id})


def trial_is_due(entry_id: int) -> None:
    """Have a worker send a test message, once the transaction that is open now has ended well. Only once."""
    transaction.on_commit(partial(_send, "access.tasks.send_trial", {"entry_id": entry_id}))


def health_is_due(lock_id: int) -> None:
    """Have a worker look at a smart lock's health, once the transaction that is open now has ended well."""
    transaction.on_commit(partial(_send, "access.tasks.look_at_health", {"lock_id": lock_id}))


def opening_is_due(entry_id: int) -> None:
    """Have a worker open a lock, once the transaction that is open now has ended well. No tick repeats it."""
    transaction.on_commit(partial(_send, "access.tasks.open_lock", {"entry_id": entry_id}))


def opening_is_to_be_seen(entry_id: int, looks: int, *, after: timedelta) -> None:
    """Have a worker look in the lock's log whether it opened; `looks` were in vain so far."""
    _send("access.tasks.see_opening", {"entry_id": entry_id, "looks": looks}, after)


def reading_is_due(entry_id: int) -> None:
    """Have a worker ask for a reading of a lock, once the transaction that is open now has ended well."""
    transaction.on_commit(partial(_send, "access.tasks.read_lock", {"entry_id": entry_id}))


def reading_is_to_be_seen(lock_id: int, *, after: timedelta) -> None:
    """Have a worker look at a lock that was to be read anew."""
    _send("access.tasks.see_reading", {"lock_id": lock_id}, after)


def _is_first(account_id: int) -> bool:
    if broker.is_resting():
        return False
    try:
        return cache.add(_ring_key(account_id), 1, timeout=LOST_RING)
    except (RedisError, OSError):
        broker.failed()
        return False


def _ring_key(account_id: int) -> str:
    return f"deliveries-of-{account_id}"


def _claim(lock_id: int, at: datetime, now: datetime) -> bool:
    """Whether nobody has rung for this moment or an earlier one; a ring that is long past was lost."""
    free = Q(rung_for=None) | Q(rung_for__gt=at) | Q(rung_for__lte=now - RING_AGAIN)
    return SmartLock.objects.filter(free, pk=lock_id).update(rung_for=at) == 1


def _send(task: str, arguments: dict[str, int], span: timedelta = timedelta(0)) -> None:
    if broker.is_resting():
        return
    try:
        bell.send_task(task, kwargs=arguments, countdown=max(span.total_seconds(), 0) or None)
    except (OperationalError, OSError) as failure:
        broker.failed()
        log.warning("ring_not_sent", task=task, reason=type(failure).__name__, **arguments)
