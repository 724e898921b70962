"""Nuki's webhooks: stored within milliseconds, taken in afterwards.

A delivery is news that something may have changed, and never the change itself: it may be lost, doubled, late
or out of order. So all it does is to make a smart lock due, and to bring log entries, which are the same
whenever they come.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction

from access import activity, attention, work_queue
from access.models import Delivery
from nuki_gateway import webhooks
from nuki_gateway.models import Feature, LockNews, LogEntry, LogNews
from properties import tenancy
from properties.models import NukiAccount, SmartLock

log = structlog.get_logger(__name__)

LONGEST_FEATURE = 24  # letters
INSERT = """
    INSERT INTO access_delivery
    (organization_id, nuki_account_id, received_at, feature, smartlock_id, facts)
    VALUES (%s, %s, %s, %s, %s, %s::jsonb)
"""
AT_ONCE = 500  # deliveries in one transaction
OF_THE_HEALTH = ("server_state", "battery_critical", "keypad_battery_critical")
KEPT = timedelta(days=7)  # after they were taken in, for whoever wonders what Nuki told us


def store(*, account_id: int, organization_id: int, news: webhooks.Delivery, now: datetime) -> None:
    """Keep a delivery, and ring for a worker. The caller has checked its signature."""
    tenancy.write(
        organization_id,
        INSERT,
        [
            organization_id,
            account_id,
            now,
            news.feature[:LONGEST_FEATURE],
            news.smartlock_id,
            json.dumps(_facts(news)),
        ],
    )
    work_queue.deliveries_came(account_id)


def take_in(*, account: NukiAccount, now: datetime) -> None:
    """Do what an account's deliveries ask for. Those that come meanwhile ring for themselves."""
    work_queue.taking_in_deliveries(account.pk)
    while _take_in_some(account, now) == AT_ONCE:
        continue


@transaction.atomic(durable=True)
def _take_in_some(account: NukiAccount, now: datetime) -> int:
    waiting = Delivery.objects.filter(nuki_account=account, taken_in_at=None).order_by("pk")
    batch = list(waiting.select_for_update(skip_locked=True)[:AT_ONCE])
    if not batch:
        return 0
    heard: dict[str, object] = {"webhook_heard_at": max(one.received_at for one in batch)}
    entries = [_entry(one) for one in batch if one.feature == Feature.DEVICE_LOGS and one.facts]
    if entries:
        activity.record(account=account, entries=entries, now=now)
        heard["webhook_missed"] = 0
    _look_at_locks(account, batch, now)
    NukiAccount.objects.filter(pk=account.pk).update(**heard)
    Delivery.objects.filter(pk__in=[one.pk for one in batch]).update(taken_in_at=now)
    return len(batch)


def forget(*, now: datetime, most: int) -> int:
    """Delete deliveries that were taken in long ago; say how many."""
    old = Delivery.objects.filter(taken_in_at__lt=now - KEPT).order_by("taken_in_at")
    return Delivery.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:most])).delete()[0]


def _look_at_locks(account: NukiAccount, batch: Sequence[Delivery], now: datetime) -> None:
    about: dict[int, list[Delivery]] = {}
    for one in batch:
        if one.smartlock_id is not None:
            about.setdefault(one.smartlock_id, []).append(one)
    locks = SmartLock.objects.filter(nuki_account=account, smartlock_id__in=about).order_by("pk")
    for lock in locks:
        _look_at(lock, about[lock.smartlock_id], now)


def _look_at(lock: SmartLock, told: Sequence[Delivery], now: datetime) -> None:
    features = {one.feature for one in told}
    if features & attention.AFTER_A_SYNC:
        attention.sync_was_told(lock=lock, told=[_told(one, lock) for one in told])
        attention.lock_was_read(lock=lock, now=now)
    if Feature.DEVICE_AUTHS in features:
        attention.codes_may_have_changed(lock=lock, now=now)
    if any(_says_otherwise(one.facts, lock) for one in told):
        work_queue.health_is_due(lock.pk)


def _facts(news: webhooks.Delivery) -> dict[str, Any]:
    """What is kept of a delivery: enough to act on, and never a code."""
    if isinstance(news, LogNews):
        return _log_facts(news.entry)
    if isinstance(news, LockNews):
        told = {
            "updated_at": None if news.updated_at is None else news.updated_at.isoformat(),
            "server_state": news.server_state,
            "battery_critical": news.battery_critical,
            "keypad_battery_critical": news.keypad_battery_critical,
        }
        return {name: value for name, value in told.items() if value is not None}
    return {}


def _log_facts(entry: LogEntry) -> dict[str, Any]:
    """The entry as Nuki writes it, so that it is read again like any other."""
    return {
        "id": entry.id,
        "smartlockId": entry.smartlock_id,
        "authId": entry.authorization_id,
        "accountUserId": entry.account_user_id,
        "name": entry.name,
        "action": entry.action,
        "trigger": entry.trigger,
        "state": entry.state,
        "source": entry.source,
        "date": entry.at.isoformat(),
        "deviceType": entry.device_type,
        "autoUnlock": entry.auto_unlock,
    }


def _entry(delivery: Delivery) -> LogEntry:
    return LogEntry.from_json(delivery.facts)


def _told(delivery: Delivery, lock: SmartLock) -> datetime | None:
    """Nuki's date in the news of a finished sync, if it came after we asked for one."""
    asked_at, date = lock.sync_asked_at, delivery.facts.get("updated_at")
    if delivery.feature not in attention.AFTER_A_SYNC or asked_at is None or date is None:
        return None
    return datetime.fromisoformat(date) if delivery.received_at > asked_at else None


def _says_otherwise(facts: dict[str, Any], lock: SmartLock) -> bool:
    """Whether the news speak of another health than ours: a reason to look, and no more."""
    return any(name in facts and facts[name] != getattr(lock, name) for name in OF_THE_HEALTH)
