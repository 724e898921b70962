"""Making smart locks due because of news. The news itself is not believed: the next look decides."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from access import backoff, work_queue
from access.models import Grant, Problem
from nuki_gateway.models import Feature
from properties.models import NukiAccount, SmartLock

# After a forced sync Nuki sends these two, even when nothing changed (documentation on device webhooks)
AFTER_A_SYNC = frozenset({Feature.DEVICE_MASTERDATA, Feature.DEVICE_CONFIG})
_MAY_BE_THERE = Q(asked_at__isnull=False) | Q(seen_at__isnull=False)  # the latter also on its lock's older id
LONGEST_RESYNC = backoff.RESYNC * 1.2  # as it is spread


def codes_may_have_changed(*, lock: SmartLock, now: datetime) -> None:
    """Look at a lock's codes now, if any of ours may be on it or wait for room there."""
    _look_at(lock, _MAY_BE_THERE | Q(problem=Problem.NO_ROOM), now)


def lock_came_back(*, lock: SmartLock, now: datetime) -> None:
    """Look at a lock's codes now, and as often as at first."""
    look_as_at_first(lock)
    codes_may_have_changed(lock=lock, now=now)


def look_as_at_first(lock: SmartLock) -> None:
    """That a lock was out of reach for hours is no reason to look at it seldom now."""
    Grant.objects.filter(smart_lock=lock, closed_at=None).update(attempts=0)


def lock_was_read(*, lock: SmartLock, now: datetime) -> None:
    """Look at a lock's codes now, if any of ours waits for that. What changed has news of its own."""
    _look_at(lock, (_MAY_BE_THERE & Q(confirmed_at=None)) | Q(problem=Problem.NO_ROOM), now)


def _look_at(lock: SmartLock, concerned: Q, now: datetime) -> None:
    if Grant.objects.filter(concerned, smart_lock=lock, closed_at=None).update(due_at=now):
        work_queue.lock_was_told_of(lock.pk, now=now)


def sync_was_told(*, lock: SmartLock, told: Iterable[datetime | None]) -> None:
    """Keep Nuki's newest date of a sync that we asked for."""
    newest = max((date for date in [*told, lock.sync_told_at] if date is not None), default=None)
    if newest != lock.sync_told_at:
        SmartLock.objects.filter(pk=lock.pk).update(sync_told_at=newest)


def not_as_recorded(*, grants: Iterable[Grant], strays_on: Iterable[SmartLock], now: datetime) -> None:
    """Look now at grants that a list shows otherwise than their rows, and at locks with something of ours.

    Two updates for all of them. A lock that is looked at again because of such a thing is left to that.
    """
    changed = {grant.pk: grant.smart_lock_id for grant in grants}
    locks = {lock.pk for lock in strays_on}
    Grant.objects.filter(pk__in=changed, closed_at=None, due_at__gt=now).update(due_at=now)
    SmartLock.objects.filter(pk__in=locks, look_due_at=None).update(look_due_at=now)
    work_queue.locks_are_due(locks.union(changed.values()))


def look_at_each(*, account: NukiAccount, now: datetime) -> None:
    """Have the confirmed grants of an account looked at lock by lock: nothing else says that they are there.

    Each time that they are looked at they sleep until their end, and the next call of this wakes them again.
    """
    confirmed = Grant.objects.filter(
        smart_lock__nuki_account=account, closed_at=None, confirmed_at__isnull=False
    )
    again = now + backoff.spread(backoff.RESYNC)
    confirmed.filter(due_at__gt=now + LONGEST_RESYNC).update(due_at=again)
