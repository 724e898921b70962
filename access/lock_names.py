"""What the portal calls a smart lock. At Nuki its name stays, as does its configuration there."""

from datetime import datetime

from django.db import transaction

from access import audit
from access.models import AuditKind
from properties.models import SmartLock, User


@transaction.atomic(durable=True)
def rename(*, lock: SmartLock, name: str, renamed_by: User | None, now: datetime) -> None:
    """Call a lock otherwise; by no name of ours it is called as in the Nuki app."""
    changed = SmartLock.objects.filter(pk=lock.pk).exclude(own_name=name).update(own_name=name)
    if changed:
        audit.about_lock(AuditKind.LOCK_RENAMED, lock, by=renamed_by, now=now)
