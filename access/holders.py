"""Saying who uses an authorization that is not ours. Nothing on a lock or at Nuki changes by it."""

from datetime import datetime

from django.db import transaction

from access import audit
from access.models import AuditKind, Holder, OtherAuthorization
from properties.models import User


@transaction.atomic(durable=True)
def name(
    *, authorization: OtherAuthorization, name: str, note: str, named_by: User | None, now: datetime
) -> None:
    """Keep who uses this authorization, or call that person otherwise. What happened has the name, too."""
    Holder.objects.update_or_create(
        organization_id=authorization.organization_id,
        smart_lock_id=authorization.smart_lock_id,
        authorization_id=authorization.authorization_id,
        defaults={"name": name, "note": note, "named_at": now, "named_by": named_by},
    )
    audit.about_lock(AuditKind.HOLDER_NAMED, authorization.smart_lock, by=named_by, now=now)


@transaction.atomic(durable=True)
def forget(*, holder: Holder, forgotten_by: User | None, now: datetime) -> None:
    """Know no more who uses this authorization; of two who say so at once only one is written down."""
    gone, _ = Holder.objects.filter(pk=holder.pk).delete()
    if gone:
        audit.about_lock(AuditKind.HOLDER_FORGOTTEN, holder.smart_lock, by=forgotten_by, now=now)
