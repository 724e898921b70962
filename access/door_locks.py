"""Putting smart locks on doors: the codes of stays that are not over follow.

One durable transaction each, no network inside.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F

from access import audit, codes, queries, wanted, work_queue
from access.models import AuditKind, Grant, Stay
from properties import places
from properties.encryption import digest
from properties.models import Door, SmartLock, User


class DoorNeedsItsLock(Exception):
    """A smart lock was to leave a door on which stays that are not over have their codes."""


@transaction.atomic(durable=True)
def replace_lock(*, door: Door, smart_lock: SmartLock, replaced_by: User | None, now: datetime) -> None:
    """Put another smart lock on a door, and want the codes of current and coming stays there instead.

    On the old one they are wanted no more, and are removed if it still answers. A guest who was told a code
    keeps it, unless somebody has it on the new lock. Raises `places.LockIsOnAnotherDoor`.
    """
    put_lock_on(door, smart_lock, replaced_by, now)


@transaction.atomic(durable=True)
def move_lock(*, smart_lock: SmartLock, door: Door, moved_by: User | None, now: datetime) -> None:
    """Take a smart lock off its door, which no stay may need, and put it on another one, as `replace_lock`.

    Raises DoorNeedsItsLock, `places.LockIsOnAnotherDoor`.
    """
    left = Door.objects.select_for_update().filter(smart_lock=smart_lock).exclude(pk=door.pk).first()
    if left is not None:
        if queries.needs_its_lock(left, now):
            raise DoorNeedsItsLock
        places.take_lock_off(door=left)
    put_lock_on(door, smart_lock, moved_by, now)


def put_lock_on(door: Door, smart_lock: SmartLock, by: User | None, now: datetime) -> None:
    """`replace_lock`, in a transaction that is open."""
    places.put_lock_on(door=door, smart_lock=smart_lock)
    follow_lock(door, smart_lock, by, now)


def follow_lock(door: Door, smart_lock: SmartLock, by: User | None, now: datetime) -> None:
    """Want the codes of a door's stays on its lock of now. In a transaction that holds the door."""
    audit.about_lock(AuditKind.LOCK_PUT_ON_DOOR, smart_lock, by=by, now=now)
    for stay in queries.stays_to_move(door, now):
        _move_to_lock_of(door, stay, now)
        audit.about_stay(AuditKind.STAY_CHANGED, stay, by=by, now=now)


def _move_to_lock_of(door: Door, stay: Stay, now: datetime) -> None:
    """Bring the grants of a stay in line with the lock that is on one of its doors now."""
    live = queries.live_grants(stay)
    there = [grant for grant in live if grant.smart_lock_id == door.smart_lock_id]
    old = [grant for grant in live if grant.door_id == door.pk and grant.is_wanted and grant not in there]
    others = [grant for grant in live if grant.is_wanted and grant not in [*there, *old]]
    known = next((grant.code for grant in [*old, *others, *there] if grant.code), "")
    code = _code_on(door, known, there, others, now)
    new_code = {"code": code, "code_digest": digest(code)}
    position, moved = old[0].position, [] if there else _that_can_be_taken_along(old, door)
    wanted.unwant((grant for grant in old if grant not in moved), now)
    for grant in moved:
        nothing_yet = {"asked_at": None, "asked_step": "", "asked_generation": 0, "authorization_id": ""}
        wanted.update(grant, now, smart_lock=door.smart_lock, **nothing_yet, **new_code)
        work_queue.locks_are_due([door.smart_lock_id or grant.smart_lock_id])
    for grant in there:  # it came back to a lock from which its code was being removed
        wanted.update(grant, now, door=door, position=position, **vars(wanted.window(stay)), **new_code)
    for grant in others:
        if grant.code and grant.code != code:
            wanted.update(grant, now, **new_code)
    if not there and not moved:
        wanted.want(stay, [(position, door)], code=code, is_chosen=False, now=now)
    if known and code != known:
        Stay.objects.filter(pk=stay.pk).update(revision=F("revision") + 1)


def _that_can_be_taken_along(old: Sequence[Grant], door: Door) -> list[Grant]:
    """Grants on a lock that is gone: nobody can revoke anything there.

    They keep their labels, as the lock may only have changed its id, and have their codes already.
    """
    lock = door.smart_lock
    if lock is None or not lock.has_keypad:
        return []
    return [one for one in old if one.code and one.smart_lock.gone_since is not None]


def _code_on(door: Door, known: str, there: Sequence[Grant], others: Sequence[Grant], now: datetime) -> str:
    """The stay's code if it is free on the door's lock, or there already; else another for all its doors."""
    locks = [door.smart_lock_id] if door.smart_lock_id else []
    if known and (any(grant.code == known for grant in there) or known not in wanted.taken_on(locks, now)):
        return known
    return codes.draw(taken=wanted.taken_on([*locks, *(grant.smart_lock_id for grant in others)], now))
