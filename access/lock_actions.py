"""What people ask of a smart lock itself: to open now, to be read anew. Written down first, then rung for.

Nuki is called afterwards, by a worker (`access.lock_calls`).
"""

from datetime import datetime, timedelta

from django.db import transaction

from access import audit, work_queue
from access.models import AuditEntry, AuditKind
from properties.models import SmartLock, User

OPENS_AGAIN = timedelta(seconds=10)  # a second click opens nothing
READS_AGAIN = timedelta(seconds=60)  # a reading takes seconds, and the lock's battery


class LockIsGone(Exception):
    """The lock is no longer in its Nuki account."""


class LockDoesNotAnswer(Exception):
    """Nuki did not reach the lock when it was last asked."""


class AccountDoesNotAnswer(Exception):
    """Nothing can be asked of the lock's Nuki account now: it is signed out, or rests."""


class AskedJustNow(Exception):
    """The same was asked of this lock a moment ago."""


@transaction.atomic(durable=True)
def ask_to_open(*, lock: SmartLock, asked_by: User, now: datetime) -> AuditEntry:
    """Have a lock open its door now. Raises this module's errors; nothing is asked then."""
    current = _held(lock)
    _check(current, now)
    if not current.is_online:
        raise LockDoesNotAnswer
    _check_was_not_asked(current, AuditKind.OPENING_ASKED, OPENS_AGAIN, now)
    entry = audit.about_lock(AuditKind.OPENING_ASKED, current, by=asked_by, now=now)
    work_queue.opening_is_due(entry.pk)
    return entry


@transaction.atomic(durable=True)
def ask_to_read(*, lock: SmartLock, asked_by: User, now: datetime) -> AuditEntry:
    """Have a lock read anew. One that does not answer may be back. Raises this module's errors."""
    current = _held(lock)
    _check(current, now)
    _check_was_not_asked(current, AuditKind.READING_ASKED, READS_AGAIN, now)
    entry = audit.about_lock(AuditKind.READING_ASKED, current, by=asked_by, now=now)
    work_queue.reading_is_due(entry.pk)
    return entry


def _held(lock: SmartLock) -> SmartLock:
    """The lock's row as it is now, held until the commit: of two clicks at once the second sees the first."""
    locks = SmartLock.objects.select_for_update(of=("self",), no_key=True).select_related("nuki_account")
    return locks.get(pk=lock.pk)


def _check(lock: SmartLock, now: datetime) -> None:
    if lock.gone_since is not None:
        raise LockIsGone
    account = lock.nuki_account
    is_paused = account.paused_until is not None and account.paused_until > now
    if account.broken_since is not None or is_paused:
        raise AccountDoesNotAnswer


def _check_was_not_asked(lock: SmartLock, kind: AuditKind, span: timedelta, now: datetime) -> None:
    if AuditEntry.objects.filter(smart_lock=lock, kind=kind, at__gt=now - span).exists():
        raise AskedJustNow
