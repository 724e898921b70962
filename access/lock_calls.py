"""Carrying out what people asked of a smart lock: one call to Nuki each, and a look at what came of it.

An opening is asked for once or not at all: it is claimed before the call, by a constraint, and one that
comes late is not carried out, as whoever pressed the button may have gone. What Nuki answers is no outcome,
only the lock's own log is.
"""

from datetime import datetime, timedelta

import structlog
from django.db import IntegrityError, transaction

from access import activity, attention, audit, health, lock_queries, others, work_queue
from access.models import AuditEntry, AuditKind
from nuki_gateway import errors
from nuki_gateway.models import Action, DeviceType
from properties import nuki_accounts
from properties.models import SmartLock

log = structlog.get_logger(__name__)

ACCEPTED = "accepted"
TOO_LATE = "too late"
OPEN_WITHIN = timedelta(seconds=20)  # of the click; a door that opens later opens for nobody
LOOKS = (timedelta(seconds=4), timedelta(seconds=6), timedelta(seconds=10), timedelta(seconds=30))
LATEST_LINES = 10  # of the lock's log
AFTER_A_SYNC = timedelta(seconds=6)  # a sync takes some seconds

# What lets somebody walk in. A latch is pulled wherever there is one: a door without a handle outside stays
# shut when it is only unlocked. A Box knows nothing else, and an Opener opens by the same number.
OPENS: dict[int, Action] = {DeviceType.BOX: Action.UNLOCK}


def open_door(*, entry: AuditEntry, now: datetime) -> None:
    """Ask Nuki to open the lock, as a person asked us."""
    lock = _lock(entry)
    if not _claims(entry, lock, now):
        return
    if now > entry.at + OPEN_WITHIN:
        _answered(entry, lock, TOO_LATE, now)
        return
    client = nuki_accounts.client_for(lock.nuki_account)
    try:
        client.act(lock.smartlock_id, OPENS.get(lock.device_type, Action.UNLATCH))
    except errors.NukiError as failure:
        _failed(entry, lock, failure, now)
        return
    _answered(entry, lock, ACCEPTED, now)
    work_queue.opening_is_to_be_seen(entry.pk, 0, after=LOOKS[0])


def see_opening(*, entry: AuditEntry, looks: int, now: datetime) -> None:
    """Read the end of the lock's log, until it shows whether the lock opened."""
    lock = _lock(entry)
    if lock_queries.movement_since(lock, entry.at) is not None:
        return
    try:
        lines = nuki_accounts.client_for(lock.nuki_account).log(lock.smartlock_id, limit=LATEST_LINES)
    except errors.NukiError as failure:
        log.info("opening_not_seen", lock_id=lock.pk, reason=type(failure).__name__, status=failure.status)
    else:
        activity.record(account=lock.nuki_account, entries=lines, now=now)
    if lock_queries.movement_since(lock, entry.at) is None and looks + 1 < len(LOOKS):
        work_queue.opening_is_to_be_seen(entry.pk, looks + 1, after=LOOKS[looks + 1])


def read(*, entry: AuditEntry, now: datetime) -> None:
    """Ask Nuki to read the lock anew, as a person asked us."""
    lock = _lock(entry)
    if not _claims(entry, lock, now):
        return
    try:
        nuki_accounts.client_for(lock.nuki_account).sync(lock.smartlock_id)
    except errors.NukiError as failure:
        _failed(entry, lock, failure, now)
        return
    _answered(entry, lock, ACCEPTED, now)
    work_queue.reading_is_to_be_seen(lock.pk, after=AFTER_A_SYNC)


def see_reading(*, lock: SmartLock, now: datetime) -> None:
    """Keep how the lock is now and what is on it, and have its codes compared with what is wanted."""
    health.look(lock=lock, now=now)
    others.read(lock=lock, now=now)
    attention.codes_may_have_changed(lock=lock, now=now)


def _lock(entry: AuditEntry) -> SmartLock:
    locks = SmartLock.objects.select_related("nuki_account", "organization")
    return locks.get(audit=entry)


def _claims(entry: AuditEntry, lock: SmartLock, now: datetime) -> bool:
    """Whether this worker is the first: a task may come twice."""
    try:
        with transaction.atomic():
            audit.about_lock(AuditKind.LOCK_CALLED, lock, intent=entry, now=now)
    except IntegrityError as refusal:
        if "what_is_asked_of_a_lock_is_called_for_once" not in str(refusal):
            raise
        return False
    return True


def _failed(entry: AuditEntry, lock: SmartLock, failure: errors.NukiError, now: datetime) -> None:
    reason = type(failure).__name__
    log.info("lock_not_asked", lock_id=lock.pk, kind=entry.kind, reason=reason, status=failure.status)
    _answered(entry, lock, reason, now)
    if isinstance(failure, nuki_accounts.OF_THE_WHOLE_ACCOUNT):
        nuki_accounts.pause(account=lock.nuki_account, failure=failure, now=now)


def _answered(entry: AuditEntry, lock: SmartLock, answer: str, now: datetime) -> None:
    audit.about_lock(AuditKind.LOCK_ANSWERED, lock, intent=entry, answer=answer, now=now)
