"""What people ask of a smart lock itself: to open now, to be read anew. Written down first, then rung for.

Nuki is called afterwards, by a worker (`access.lock_calls`).
"""

from datetime import datetime, timedelta

from django.db import transaction

from access import audit, opening_rules, work_queue
from access.models import AuditEntry, AuditKind, Grant
from properties.models import SmartLock, User

OPENS_AGAIN = timedelta(seconds=10)  # a second click opens nothing
READS_AGAIN = timedelta(seconds=60)  # a reading takes seconds, and the lock's battery
AN_HOUR = timedelta(hours=1)
MOST_FOR_GUESTS = 6  # openings from the page of one stay, at one door, in an hour


class LockIsGone(Exception):
    """The lock is no longer in its Nuki account."""


class LockDoesNotAnswer(Exception):
    """Nuki did not reach the lock when it was last asked."""


class LockIsOutOfService(Exception):
    """The lock is in maintenance, pairing or off the door."""


class AccountDoesNotAnswer(Exception):
    """Nothing can be asked of the lock's Nuki account now: it is signed out, or rests."""


class AskedJustNow(Exception):
    """The same was asked of this lock a moment ago."""


class NotForGuests(Exception):
    """The host does not let guests open this door from their page, or it is not their time."""


class TooManyOpenings(Exception):
    """The guests of this stay had this door opened as often as they may within an hour."""


@transaction.atomic(durable=True)
def ask_to_open(*, lock: SmartLock, asked_by: User, now: datetime) -> AuditEntry:
    """Have a lock open its door now. Raises this module's errors; nothing is asked then."""
    current = _held(lock)
    _check_can_open(current, now)
    return _open(current, asked_by, None, now)


@transaction.atomic(durable=True)
def ask_to_open_for_guest(*, grant: Grant, now: datetime) -> AuditEntry:
    """The same for whoever has the link of a stay, where the host allows it. Raises this module's errors."""
    lock = _held(grant.smart_lock)
    current = Grant.objects.select_related("stay", "door").get(pk=grant.pk)
    if not opening_rules.is_for_guests(current, current.own_stay, now):
        raise NotForGuests
    if not lock.is_in_service:
        raise LockIsOutOfService
    _check_can_open(lock, now)
    asked = AuditEntry.objects.filter(
        stay=current.stay_id, smart_lock=lock, kind=AuditKind.OPENING_ASKED, at__gt=now - AN_HOUR
    )
    if asked.count() >= MOST_FOR_GUESTS:
        raise TooManyOpenings
    return _open(lock, None, current, now)


def ask_to_read(*, lock: SmartLock, asked_by: User, now: datetime) -> AuditEntry:
    """Have a lock read anew. One that does not answer may be back. Raises this module's errors."""
    with transaction.atomic(durable=True):
        return read_again(lock=lock, asked_by=asked_by, now=now)


def read_again(
    *, lock: SmartLock, asked_by: User | None, now: datetime, not_within: timedelta = READS_AGAIN
) -> AuditEntry:
    """The same in a transaction that is open already; nobody asks (`asked_by`) but Keyturn itself."""
    current = _held(lock)
    _check(current, now)
    _check_was_not_asked(current, AuditKind.READING_ASKED, not_within, now)
    entry = audit.about_lock(AuditKind.READING_ASKED, current, by=asked_by, now=now)
    work_queue.reading_is_due(entry.pk)
    return entry


def _open(lock: SmartLock, asked_by: User | None, grant: Grant | None, now: datetime) -> AuditEntry:
    entry = audit.about_lock(AuditKind.OPENING_ASKED, lock, by=asked_by, grant=grant, now=now)
    work_queue.opening_is_due(entry.pk)
    return entry


def _held(lock: SmartLock) -> SmartLock:
    """The lock's row as it is now, held until the commit: of two clicks at once the second sees the first."""
    locks = SmartLock.objects.select_for_update(of=("self",), no_key=True).select_related("nuki_account")
    return locks.get(pk=lock.pk)


def _check_can_open(lock: SmartLock, now: datetime) -> None:
    _check(lock, now)
    if not lock.is_online:
        raise LockDoesNotAnswer
    _check_was_not_asked(lock, AuditKind.OPENING_ASKED, OPENS_AGAIN, now)


def _check(lock: SmartLock, now: datetime) -> None:
    if lock.gone_since is not None:
        raise LockIsGone
    if not opening_rules.answers(lock.nuki_account, now):
        raise AccountDoesNotAnswer


def _check_was_not_asked(lock: SmartLock, kind: AuditKind, span: timedelta, now: datetime) -> None:
    if AuditEntry.objects.filter(smart_lock=lock, kind=kind, at__gt=now - span).exists():
        raise AskedJustNow
