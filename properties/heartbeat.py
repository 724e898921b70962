"""Whether the ticks are carried out, and keep up: a row that a tick writes, read by pages and monitors.

It is in the database and not in Redis, so that a Redis that was emptied alarms nobody. A tick is sent by the
beat, carried by the broker, and done by a worker: where one of them is missing, the row grows old.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from properties.models import Heartbeat
from properties.models.heartbeats import THE_ONE

LATE = timedelta(minutes=5)  # without a tick, or with work that nobody does, before somebody is told
NOT_OFTENER = timedelta(seconds=10)  # two beats write as seldom as one


def note(*, work_waits_since: datetime | None, now: datetime) -> None:
    """Write down that a tick is carried out now, and since when work waits that should be done by now."""
    # a moment to come was written by a clock that was wrong
    is_old = Q(ticked_at__lte=now - NOT_OFTENER) | Q(ticked_at__gt=now)
    rows = Heartbeat.objects.filter(is_old, pk=THE_ONE)
    if not rows.update(ticked_at=now, work_waits_since=work_waits_since):
        first = Heartbeat(pk=THE_ONE, ticked_at=now, work_waits_since=work_waits_since)
        Heartbeat.objects.bulk_create([first], ignore_conflicts=True)


def stopped(now: datetime) -> QuerySet[Heartbeat, Any]:
    """When the last tick was carried out, if that is too long ago; no row while all is well."""
    return Heartbeat.objects.filter(ticked_at__lt=now - LATE).values("ticked_at")


def keeps_up(now: datetime) -> bool:
    """Whether ticks are carried out in time and no work waits for too long. One query.

    Migrations make the row. Where it is missing all the same, the next tick makes it, and nobody is alarmed.
    """
    return not Heartbeat.objects.filter(
        Q(ticked_at__lt=now - LATE) | Q(work_waits_since__isnull=False)
    ).exists()
