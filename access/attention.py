"""Making smart locks due because of news. The news itself is not believed: the next look decides."""

from datetime import datetime

from access import work_queue
from access.models import Grant
from properties.models import NukiAccount, SmartLock

ABOUT_CODES = frozenset({"DEVICE_AUTHS", "DEVICE_MASTERDATA", "DEVICE_CONFIG"})


def lock_changed(*, account: NukiAccount, smartlock_id: int, feature: str, now: datetime) -> None:
    """Look at a lock's codes now, if the news can be about them. Unknown locks are no error."""
    if feature not in ABOUT_CODES:
        return
    lock = SmartLock.objects.filter(nuki_account=account, smartlock_id=smartlock_id).first()
    if lock is None:
        return
    on_the_lock = Grant.objects.filter(smart_lock=lock, closed_at=None, asked_at__isnull=False)
    if on_the_lock.update(due_at=now):
        work_queue.lock_is_due_at(lock.pk, at=now, now=now)
