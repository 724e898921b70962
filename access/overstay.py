"""Whether a lock that is out of reach may still open to somebody who has left, as far as the audit tells."""

from datetime import datetime

from django.db.models import Q

from access.lifecycle import STILL_DELIVERED
from access.models import AuditEntry, AuditKind, Grant

CHANGES = (AuditKind.STAY_CHANGED, AuditKind.TIMES_DERIVED_ANEW)


def may_open(grant: Grant, now: datetime) -> bool:
    """Whether the code may open now, and should not. One query, and none for a stay that goes on.

    Of a stay that is cancelled, until its end. A stay that is over ends on the lock itself, unless it was
    made shorter and the lock was not seen to have the new end since: then for as long as a write may take.
    """
    if now < grant.allowed_until:
        return not grant.is_wanted
    return now < grant.allowed_until + STILL_DELIVERED and not _has_its_end(grant)


def _has_its_end(grant: Grant) -> bool:
    """Whether the lock was seen with what was wanted last: no change came after the last confirmation."""
    if grant.stay_id is None:  # a backup code, whose end is another since somebody has it
        return grant.confirmed_at is not None
    told = Q(kind__in=CHANGES) | Q(grant=grant, kind=AuditKind.CONFIRMED)
    of_the_stay = AuditEntry.objects.filter(told, stay=grant.stay_id)
    return of_the_stay.order_by("-pk").values_list("kind", flat=True).first() not in CHANGES
