"""A guest asks for help at a door, and a host says that it is settled. Nothing here finds out what is wrong.

The host is told once for each stay and door: by an alert that stays open until the guest has got in.
"""

from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction

from access import alerts, audit, help_queries, lock_actions, work_queue
from access.alerts import Fact
from access.diagnosis import Cause, Diagnosis
from access.models import AlertKind, AuditEntry, AuditKind, Grant, HelpRequest, Stay
from properties.models import SmartLock, User

ASKED_AGAIN = timedelta(seconds=20)  # the same press, as far as what is written down is concerned
LOOKED_AGAIN = timedelta(minutes=3)  # a look costs the lock's battery
AN_HOUR = timedelta(hours=1)
MOST_IN_AN_HOUR = 20  # at one door of one stay
NOT_TOLD = {Cause.TOO_EARLY, Cause.ENDED}  # of which no host has to know at once
CANNOT_LOOK = (lock_actions.AccountDoesNotAnswer, lock_actions.AskedJustNow, lock_actions.LockIsGone)


class AskedTooOften(Exception):
    """Help was asked for at this door more often within an hour than anybody reads the answer."""


@transaction.atomic(durable=True)
def ask(*, grant: Grant, found: Diagnosis, wants_host: bool, now: datetime) -> None:
    """Write down that a guest asked, have the lock looked at, and tell the host if nothing else helps.

    `wants_host`: the guest has tried the rest. Raises AskedTooOften.
    """
    SmartLock.objects.select_for_update(no_key=True).get(pk=grant.smart_lock_id)  # of two presses at once
    before = HelpRequest.objects.filter(grant=grant).first()
    is_known = before is not None and help_queries.open_requests_at(grant.pk, now).exists()
    is_news = (found.needs_host or wants_host) and found.cause not in NOT_TOLD and not is_known
    if before is not None and before.asked_at > now - ASKED_AGAIN and not is_news:
        return
    _check_count(grant, now)
    audit.about_grant(AuditKind.HELP_ASKED, grant, answer=found.cause, now=now)
    fields: dict[str, object] = {"asked_at": now, "cause": found.cause}
    if not is_known:
        fields |= {"told_host_at": now if is_news else None, "settled_at": None}
    HelpRequest.objects.update_or_create(
        grant=grant,
        defaults=fields,
        create_defaults={**fields, "stay_id": grant.own_stay_id, "organization_id": grant.organization_id},
    )
    if is_news:
        _tell_host(grant, now)
    if found.cause is not Cause.TOO_EARLY:
        _look_at(grant, now)


@transaction.atomic(durable=True)
def settle(*, stay: Stay, settled_by: User, now: datetime) -> None:
    """Say that a stay's guest needs no help any more, at whichever door."""
    Stay.objects.select_for_update().get(pk=stay.pk)
    open_ones = help_queries.open_requests_of(stay, now).values_list("pk", flat=True)
    if not HelpRequest.objects.filter(pk__in=list(open_ones)).update(settled_at=now):
        return
    alerts.close(AlertKind.GUEST_NEEDS_HELP, stay_id=stay.pk, now=now)
    audit.about_stay(AuditKind.HELP_SETTLED, stay, by=settled_by, now=now)


def _check_count(grant: Grant, now: datetime) -> None:
    asked = AuditEntry.objects.filter(
        stay=grant.stay_id, grant=grant, kind=AuditKind.HELP_ASKED, at__gt=now - AN_HOUR
    )
    if asked.count() >= MOST_IN_AN_HOUR:
        raise AskedTooOften


def _tell_host(grant: Grant, now: datetime) -> None:
    fact = Fact(
        AlertKind.GUEST_NEEDS_HELP,
        grant.organization_id,
        stay_id=grant.stay_id,
        smart_lock_id=grant.smart_lock_id,
    )
    alerts.open_now(fact, now=now)
    transaction.on_commit(partial(work_queue.host_is_to_be_told, grant.organization_id))


def _look_at(grant: Grant, now: datetime) -> None:
    """What is known may be old: have the lock and its log read, if that was not done a moment ago."""
    with suppress(*CANNOT_LOOK):
        lock_actions.read_again(lock=grant.smart_lock, asked_by=None, now=now, not_within=LOOKED_AGAIN)
        transaction.on_commit(partial(work_queue.log_is_due, grant.smart_lock.nuki_account_id))
