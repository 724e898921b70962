"""Removing what carries our label and nobody wants: codes of closed grants, and doubles.

Only labels of this installation are touched. Fingerprints hang on codes of other people.
"""

from collections.abc import Container, Iterable
from datetime import datetime, timedelta

import structlog

from access import audit, codes, installation, leases
from access.lifecycle import PATIENCE
from access.lock_writes import ACCEPTED
from access.looks import Look
from access.models import Grant
from nuki_gateway import errors
from nuki_gateway.models import Authorization
from properties.models import SmartLock

log = structlog.get_logger(__name__)

LONGEST_REST = timedelta(days=1)  # between removals of what does not go away, or stays listed


def remove(look: Look, labels: set[str]) -> int:
    """Ask for the removal of every stray on this lock's list; say how many were asked for.

    `labels` are those that may be on it (`queries.labels_at_home_on`). Afterwards the lock is due once more,
    to see the strays gone. What is still listed then is left alone for longer each time, and before that the
    lock is made to be read again: the cloud may list what is gone.
    """
    strays = [] if _are_all_at_home(look, labels) else _strays(look, labels)
    if not strays:
        _note_none(look.lock)
        return 0
    if look.lock.stray_looks and _rests(look.lock, look.now):
        return 0
    for stray in strays:
        _remove(look, stray)
    if look.lock.stray_looks:
        look.wants_sync_after.append(look.now)
    _look_again(look.lock, look.now)
    return len(strays)


def among(
    listed: Iterable[Authorization], *, keepers: Container[str], taken_along: Container[str] = ()
) -> list[Authorization]:
    """What of one lock's list carries a label of ours, and is no open grant's.

    `keepers` are the ids of the authorizations of its grants, `taken_along` the labels of grants that are
    wanted on a lock that is gone, which may be this one under another id.
    """
    token = installation.token()
    return [
        entry
        for entry in listed
        if codes.is_ours(entry.name, token)
        and not entry.operation_runs
        and entry.id not in keepers
        and entry.name not in taken_along
    ]


def _are_all_at_home(look: Look, labels: set[str]) -> bool:
    """Whether each of our entries has a label that may be here, and none is there twice: nearly always."""
    ours = [entry.name for entry in among(look.listed, keepers=())]
    return len(set(ours)) == len(ours) and labels.issuperset(ours)


def _strays(look: Look, labels: set[str]) -> list[Authorization]:
    grants = list(Grant.objects.filter(smart_lock=look.lock, closed_at=None))
    keepers = {found.id for grant in grants if (found := look.find(grant))}
    taken_along = labels - {grant.label for grant in grants}
    return among(look.listed, keepers=keepers, taken_along=taken_along)


def _remove(look: Look, stray: Authorization) -> None:
    leases.check(look.lock, look.lease, now=look.moment())
    intent = audit.intend_removal_of_stray(organization_id=look.lock.organization_id, now=look.now)
    try:
        look.client.delete_authorization(look.lock.smartlock_id, stray.id)
        answer = ACCEPTED
    except errors.NukiError as failure:
        answer = type(failure).__name__
    audit.answered(intent, answer, now=look.now)
    log.info("stray_removed", lock_id=look.lock.pk, answer=answer)


def _rests(lock: SmartLock, now: datetime) -> bool:
    return lock.look_due_at is not None and lock.look_due_at > now


def _look_again(lock: SmartLock, now: datetime) -> None:
    rest = min(PATIENCE * 2 ** min(lock.stray_looks, 12), LONGEST_REST)
    lock.look_due_at, lock.stray_looks = now + rest, min(lock.stray_looks + 1, 100)
    SmartLock.objects.filter(pk=lock.pk).update(look_due_at=lock.look_due_at, stray_looks=lock.stray_looks)


def _note_none(lock: SmartLock) -> None:
    if lock.look_due_at is not None or lock.stray_looks:
        SmartLock.objects.filter(pk=lock.pk).update(look_due_at=None, stray_looks=0)
