"""Work that should be done by now and is not, though no pause, no rest and no worker's hold keeps it."""

from datetime import datetime

from django.db.models import Min
from django.db.models.functions import Greatest

from access.models import Delivery, Grant, Message
from properties.heartbeat import LATE


def since(now: datetime) -> datetime | None:
    """Since when the oldest of it has been ready to be done, if longer than `LATE`. Three queries, by index.

    What a worker held until lately counts from the end of its hold: a lock that fails is no lock forgotten.
    """
    limit = now - LATE
    looks = (
        Grant.objects.filter(due_at__lte=limit)
        .annotate(
            ready_at=Greatest(
                "due_at",
                "smart_lock__leased_until",
                "smart_lock__rests_until",
                "smart_lock__nuki_account__paused_until",
            )
        )
        .filter(ready_at__lte=limit)
        .aggregate(oldest=Min("ready_at"))["oldest"]
    )
    letters = (
        Message.objects.filter(due_at__lte=limit)
        .annotate(ready_at=Greatest("due_at", "claimed_until"))
        .filter(ready_at__lte=limit)
        .aggregate(oldest=Min("ready_at"))["oldest"]
    )
    told = Delivery.objects.filter(taken_in_at=None, received_at__lte=limit).aggregate(
        oldest=Min("received_at")
    )["oldest"]
    return min((moment for moment in (looks, letters, told) if moment is not None), default=None)
