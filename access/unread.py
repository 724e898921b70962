"""What becomes of a smart lock that could not be read: a later look, and for one that is gone an end."""

from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction

from access import audit, backoff, webhook_events
from access.looks import record
from access.models import AuditKind, Grant, Problem
from nuki_gateway import errors
from properties import nuki_accounts
from properties.models import SmartLock

log = structlog.get_logger(__name__)


def postpone(lock: SmartLock, due: list[Grant], failure: errors.NukiError, now: datetime) -> None:
    """Nothing can be said of the lock now: come back later, and later still each time."""
    log.info("lock_not_read", lock_id=lock.pk, reason=type(failure).__name__, status=failure.status)
    if isinstance(failure, nuki_accounts.OF_THE_WHOLE_ACCOUNT):
        nuki_accounts.pause(account=lock.nuki_account, failure=failure, now=now)
    failures = lock.failures + 1
    rests_until = now + backoff.next_look(failures)
    if isinstance(failure, errors.NukiOverBudget):  # no fault of the lock, and the account goes on
        failures = lock.failures  # all in the order in which they asked, so that the most urgent stays first
        rests_until = now + timedelta(seconds=failure.retry_after or 0)
    refused = {} if failure.can_help else {"look_due_at": None}  # the next sweep sees whether it is needed
    SmartLock.objects.filter(pk=lock.pk).update(failures=failures, rests_until=rests_until, **refused)
    is_gone = _is_gone(lock, failure)
    problem = {"problem": Problem.LOCK_GONE} if is_gone else {}
    for grant in due:
        if is_gone and _nothing_is_left_to_do(lock, grant, now):
            _leave_behind(grant, now)
            continue
        _put_off(grant, now, due_at=rests_until, **problem)


@transaction.atomic
def _put_off(grant: Grant, now: datetime, **seen: Any) -> None:
    asked = Grant.objects.filter(pk=grant.pk, generation=grant.generation, closed_at=None, due_at__lte=now)
    if asked.update(**seen) and seen.get("problem", grant.problem) != grant.problem:
        webhook_events.grants_failed([grant], problem=seen["problem"], now=now)


def _leave_behind(grant: Grant, now: datetime) -> None:
    """A lock that is gone, and a code that is over or is not wanted there: there is nobody left to ask.

    Should the lock come back, what it still has of ours has no grant, and is removed as a stray.
    """
    if record(grant, closed_at=now, due_at=None):
        audit.about_grant(AuditKind.CLOSED, grant, now=now)


def _nothing_is_left_to_do(lock: SmartLock, grant: Grant, now: datetime) -> bool:
    return grant.allowed_until <= now or (not grant.is_wanted and lock.gone_since is not None)


def _is_gone(lock: SmartLock, failure: errors.NukiError) -> bool:
    """Whether the account has lost the lock. One of somebody else's is refused like a missing scope (403)."""
    if isinstance(failure, errors.NukiNotFound):
        return True
    return lock.gone_since is not None and isinstance(failure, errors.NukiForbidden)
