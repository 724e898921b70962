"""Laying the way into units anew, and putting locks on doors: stays that are not over follow.

A guest who was booked before gets in by the doors as they are now. Whose doors are others is told so, once
the code is on all of them.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F

from access import audit, door_locks, live, queries, wanted, work_queue
from access.models import AuditKind, Grant, Stay
from properties import places
from properties.models import Door, GuestsOpen, SmartLock, Unit, UnitDoor, User
from properties.queries import way_into


class LockIsOnNoDoor(Exception):
    """Locks were to be swapped, and one of them is on no door."""


@transaction.atomic(durable=True)
def change_unit(
    *, unit: Unit, name: str, way_in: Sequence[Door], changed_by: User | None, now: datetime
) -> None:
    """Rename a unit and lay its way in anew."""
    hold_units([unit.pk])
    places.change_unit(unit=unit, name=name, way_in=way_in)
    follow([unit.pk], changed_by, now)


@transaction.atomic(durable=True)
def change_door(
    *,
    door: Door,
    name: str,
    smart_lock: SmartLock | None,
    changed_by: User | None,
    now: datetime,
    guests_open: GuestsOpen | None = None,
    has_backup_codes: bool | None = None,
) -> None:
    """Rename a door, put a smart lock on it, another one, or none. Raises `places.LockIsOnAnotherDoor`.

    `guests_open`: whether guests open it from their page; None leaves that as it is, and so it is
    with backup codes.
    """
    held = Door.objects.select_for_update().get(pk=door.pk)
    places.rename_door(door=held, name=name)
    if guests_open is not None and places.let_guests_open(door=held, guests_open=guests_open):
        audit.about_door(AuditKind.GUESTS_OPEN_CHANGED, held, by=changed_by, answer=guests_open, now=now)
    if has_backup_codes is not None:
        places.let_have_backup_codes(door=held, has_backup_codes=has_backup_codes)
        work_queue.door_is_to_be_stocked(held.pk)
    if held.smart_lock_id == (smart_lock.pk if smart_lock else None):
        return
    if smart_lock is not None and held.smart_lock_id is not None:
        door_locks.put_lock_on(held, smart_lock, changed_by, now)
        return
    units = list(UnitDoor.objects.filter(door=held).values_list("unit_id", flat=True))
    hold_units(units)
    if smart_lock is None:
        places.take_lock_off(door=held)
    else:
        places.put_lock_on(door=held, smart_lock=smart_lock)
    follow(units, changed_by, now)


@transaction.atomic(durable=True)
def swap_locks(*, smart_lock: SmartLock, other: SmartLock, swapped_by: User | None, now: datetime) -> None:
    """Put each of two smart locks on the other's door; the codes of their stays move both ways.

    A stay that goes through both doors has its code on both locks: there nothing moves. A guest who was told
    a code keeps it, unless somebody has it on the new lock. Raises LockIsOnNoDoor.
    """
    locks = {smart_lock.pk: smart_lock, other.pk: other}
    doors = list(Door.objects.select_for_update().filter(smart_lock__in=locks).order_by("pk"))
    if len(doors) < len(locks) or len(locks) == 1:
        raise LockIsOnNoDoor
    one, two = doors
    hold_units(UnitDoor.objects.filter(door__in=doors).values_list("unit_id", flat=True))
    places.swap_locks(door=one, other=two)
    for stay in queries.stays_through_both(one, two, now):
        _exchange(stay, one, two)
    for door in doors:
        if door.smart_lock_id is not None:
            door_locks.follow_lock(door, locks[door.smart_lock_id], swapped_by, now)


def _exchange(stay: Stay, one: Door, two: Door) -> None:
    """Each lock has the stay's code already: only the doors that they are on are others."""
    grants = [grant for grant in queries.live_grants(stay) if grant.is_wanted]
    there = {grant.door_id: grant for grant in grants if grant.door_id in {one.pk, two.pk}}
    first, second = there[one.pk], there[two.pk]
    first.door, second.door = two, one
    first.position, second.position = second.position, first.position
    Grant.objects.bulk_update([first, second], ["door", "position"])


def hold_units(units: Iterable[int]) -> None:
    """Whoever books one of them waits until the way in is laid, or is seen by those who lay it."""
    list(Unit.objects.select_for_update().filter(pk__in=list(units)).order_by("pk").values_list("pk"))


def follow(units: Sequence[int], changed_by: User | None, now: datetime) -> None:
    """Each stay in the order of its number, as everybody locks them who holds several."""
    is_open = Stay.objects.filter(unit__in=units, cancelled_at=None, ends_at__gt=now).order_by("pk")
    for stay in is_open.select_related("unit__property").select_for_update(of=("self",)):
        _follow_way_in(stay, by=changed_by, now=now)


def _follow_way_in(stay: Stay, *, by: User | None, now: datetime) -> None:
    """Want a stay's code on the doors of its unit as they are now. In a transaction that holds the stay.

    The same doors in another order change nothing on any lock, and nobody is told of it.
    """
    doors = way_into(stay.unit)
    grants = [grant for grant in queries.live_grants(stay) if grant.is_wanted]
    if {(one.smart_lock_id, one.door_id) for one in grants} == {(one.smart_lock_id, one.pk) for one in doors}:
        _put_in_order(stay, grants, doors)
        return
    wanted.want_elsewhere(stay, doors, now)
    Stay.objects.filter(pk=stay.pk).update(revision=F("revision") + 1)
    audit.about_stay(AuditKind.STAY_CHANGED, stay, by=by, now=now)


def _put_in_order(stay: Stay, grants: Sequence[Grant], doors: Sequence[Door]) -> None:
    """Count the doors of a stay anew, from the street: what is wanted on their locks stays as it is."""
    order = {door.pk: position for position, door in enumerate(doors, start=1)}
    moved = []
    for grant in grants:
        position = order.get(grant.door_id or 0, grant.position)
        if position != grant.position:
            grant.position = position
            moved.append(grant)
    if moved:
        Grant.objects.bulk_update(moved, ["position"])
        live.tell(stay.organization_id, {live.stay_topic(stay.pk)})
