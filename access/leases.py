"""One worker's hold on one smart lock: a compare-and-swap on the lock's row, with an end.

No transaction is open while a worker holds a lease, so a worker that dies costs one lease's length. Of one
Nuki account a few locks are held at once and no more: while its calls hang, others' are worked on.
"""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from properties.models import NukiAccount, SmartLock

LEASE = timedelta(seconds=45)  # a look whose calls hang for longer loses it, and writes nothing more


class LeaseLost(Exception):
    """Another worker holds the smart lock now: this one slept too long and must write nothing more."""


def take(lock: SmartLock, *, now: datetime) -> uuid.UUID | None:
    """Take the hold, or None if another worker has it, or the lock's account has as many as it may.

    Without a place the ring is taken as not heard: the tick repeats it, in the order of what is urgent.
    """
    with transaction.atomic():
        if not _account_has_a_place(lock, now):
            SmartLock.objects.filter(pk=lock.pk).update(rung_for=None)
            return None
        lease = uuid.uuid4()
        free = SmartLock.objects.filter(pk=lock.pk).filter(Q(leased_until=None) | Q(leased_until__lte=now))
        taken = free.update(lease=lease, leased_until=now + LEASE)
    return lease if taken == 1 else None


def _account_has_a_place(lock: SmartLock, now: datetime) -> bool:
    """Counted with the account's row in hand: of two workers who ask at once the second counts the first."""
    account = NukiAccount.objects.select_for_update(no_key=True).filter(pk=lock.nuki_account_id)
    account.values_list("pk").get()
    held = SmartLock.objects.filter(nuki_account_id=lock.nuki_account_id, leased_until__gt=now)
    return held.exclude(pk=lock.pk).count() < settings.NUKI_LOOKS_AT_ONCE


def check(lock: SmartLock, lease: uuid.UUID, *, now: datetime) -> None:
    """Raise `LeaseLost` unless the hold is still this worker's. Asked before each write on the lock.

    A hold that is over counts for nothing, whether or not somebody else took the lock meanwhile.
    """
    if not SmartLock.objects.filter(pk=lock.pk, lease=lease, leased_until__gt=now).exists():
        raise LeaseLost(f"smart lock {lock.pk}")


def give_back(lock: SmartLock, lease: uuid.UUID) -> None:
    """End the hold, if it is still this worker's; rings that came meanwhile were answered by it."""
    SmartLock.objects.filter(pk=lock.pk, lease=lease).update(lease=None, leased_until=None, rung_for=None)
