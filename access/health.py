"""Looking at one smart lock's health because news said that it changed."""

from datetime import datetime

import structlog

from access import activity, live
from nuki_gateway import errors
from properties import nuki_accounts
from properties.models import SmartLock

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
    changes = nuki_accounts.record_lock(lock=lock, seen=seen, now=now)
    activity.record_health(lock=lock, changes=changes, now=now)
    live.tell(lock.organization_id, {live.lock_topic(lock.pk)})
