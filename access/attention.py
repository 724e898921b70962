"""Making smart locks due because of news. The news itself is not believed: the next look decides."""

from collections.abc import Iterable
from datetime import datetime

from access import work_queue
from access.models import Grant
from nuki_gateway.models import Feature
from properties.models import SmartLock

# After a forced sync Nuki sends these two, even when nothing changed (documentation on device webhooks)
AFTER_A_SYNC = frozenset({Feature.DEVICE_MASTERDATA, Feature.DEVICE_CONFIG})
ABOUT_CODES = AFTER_A_SYNC | {Feature.DEVICE_AUTHS}


def codes_may_have_changed(*, lock: SmartLock, now: datetime) -> None:
    """Look at a lock's codes now, if any of ours may be on it."""
    on_the_lock = Grant.objects.filter(smart_lock=lock, closed_at=None, asked_at__isnull=False)
    if on_the_lock.update(due_at=now):
        work_queue.lock_was_told_of(lock.pk, now=now)


def sync_was_told(*, lock: SmartLock, told: Iterable[datetime | None]) -> None:
    """Keep Nuki's newest date of a sync that we asked for."""
    newest = max((date for date in [*told, lock.sync_told_at] if date is not None), default=None)
    if newest != lock.sync_told_at:
        SmartLock.objects.filter(pk=lock.pk).update(sync_told_at=newest)
