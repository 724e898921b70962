"""The health of smart locks: looking at one because news said that it changed, and what follows from it."""

from collections.abc import Sequence
from datetime import datetime

import structlog
from django.db import transaction

from access import activity, attention, live
from nuki_gateway import errors
from properties import nuki_accounts
from properties.models import SmartLock
from properties.nuki_accounts import HealthChange

log = structlog.get_logger(__name__)


def look(*, lock: SmartLock, now: datetime) -> None:
    """Ask Nuki how the lock is, and keep what changed. A refusal is left to the next reading of all locks."""
    account = lock.nuki_account
    if account.paused_until is not None and account.paused_until > now:
        return
    try:
        seen = nuki_accounts.client_for(account, background=True).smart_lock(lock.smartlock_id)
    except errors.NukiError as failure:
        log.info("health_not_read", lock_id=lock.pk, reason=type(failure).__name__, status=failure.status)
        return
    with transaction.atomic(durable=True):
        note(lock=lock, changes=nuki_accounts.record_lock(lock=lock, seen=seen, now=now), now=now)
    live.tell(lock.organization_id, {live.lock_topic(lock.pk)})


def note(*, lock: SmartLock, changes: Sequence[HealthChange], now: datetime) -> None:
    """Store what changed. A lock that is back is looked at now, not when waiting comes to an end."""
    activity.record_health(lock=lock, changes=changes, now=now)
    if HealthChange.CAME_BACK in changes:
        attention.lock_came_back(lock=lock, now=now)
