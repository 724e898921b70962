"""What is wanted of app invites: another one where nobody has used the last, or where the guest has moved."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from access import audit, queries, wanted, work_queue
from access.models import AuditKind, Grant, GrantKind, Stay


@transaction.atomic(durable=True)
def make_anew(*, grant: Grant, now: datetime) -> None:
    """Want another invite in the place of this one, and the guest told. Nothing if it has changed since.

    Nuki has no call that sends an invite again: the authorization goes, and another one is made.
    """
    stay = Stay.objects.select_for_update().get(pk=grant.own_stay_id)
    as_read = Grant.objects.filter(pk=grant.pk, generation=grant.generation, is_wanted=True, closed_at=None)
    changed = as_read.update(
        void_id=F("authorization_id"),
        renewals=F("renewals") + 1,
        generation=F("generation") + 1,
        accepted_at=None,
        listed_at=None,
        confirmed_at=None,
        redeemed_at=None,
        due_at=now,
        attempts=0,
    )
    if not changed:
        return
    Stay.objects.filter(pk=stay.pk).update(revision=F("revision") + 1)
    audit.about_grant(AuditKind.INVITE_RENEWED, grant, now=now)
    work_queue.lock_is_due(grant.smart_lock_id)


@transaction.atomic(durable=True)
def use_instead_of_code(*, grant: Grant, now: datetime) -> None:
    """Want an app invite for a stay to come, on a lock that has lost the keypad its code was for."""
    stay = Stay.objects.select_for_update(of=("self",)).select_related("guest").get(pk=grant.own_stay_id)
    if stay.cancelled_at is not None or stay.starts_at <= now or not stay.guest.email:
        return
    wanted.change_kind(grant, GrantKind.APP_INVITE, now)
    Stay.objects.filter(pk=stay.pk).update(revision=F("revision") + 1)
    audit.about_stay(AuditKind.STAY_CHANGED, stay, by=None, now=now)


def invite_at_new_address(stay: Stay, *, now: datetime) -> None:
    """Have the guest of a stay invited at the address of now. In a transaction that holds the stay."""
    for grant in queries.live_grants(stay):
        if grant.is_wanted and grant.kind == GrantKind.APP_INVITE:
            wanted.update(grant, now, void_id=grant.authorization_id, account_user_id=None, redeemed_at=None)
