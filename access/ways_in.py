"""Laying the way into units anew, and putting locks on doors: stays that are not over follow.

A guest who was booked before gets in by the doors as they are now. Whose doors are others is told so, once
the code is on all of them.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from access import queries, stays
from access.models import Grant, Stay
from properties import places
from properties.models import Door, SmartLock, Unit, UnitDoor, User


class LockIsOnNoDoor(Exception):
    """Locks were to be swapped, and one of them is on no door."""


@transaction.atomic(durable=True)
def change_unit(
    *, unit: Unit, name: str, way_in: Sequence[Door], changed_by: User | None, now: datetime
) -> None:
    """Rename a unit and lay its way in anew."""
    _hold([unit.pk])
    places.change_unit(unit=unit, name=name, way_in=way_in)
    _follow([unit.pk], changed_by, now)


@transaction.atomic(durable=True)
def change_door(
    *, door: Door, name: str, smart_lock: SmartLock | None, changed_by: User | None, now: datetime
) -> None:
    """Rename a door, put a smart lock on it, another one, or none. Raises `places.LockIsOnAnotherDoor`."""
    held = Door.objects.select_for_update().get(pk=door.pk)
    places.rename_door(door=held, name=name)
    if held.smart_lock_id == (smart_lock.pk if smart_lock else None):
        return
    if smart_lock is not None and held.smart_lock_id is not None:
        stays.put_lock_on(held, smart_lock, changed_by, now)
        return
    units = list(UnitDoor.objects.filter(door=held).values_list("unit_id", flat=True))
    _hold(units)
    if smart_lock is None:
        places.take_lock_off(door=held)
    else:
        places.put_lock_on(door=held, smart_lock=smart_lock)
    _follow(units, changed_by, now)


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
    _hold(UnitDoor.objects.filter(door__in=doors).values_list("unit_id", flat=True))
    places.swap_locks(door=one, other=two)
    for stay in queries.stays_through_both(one, two, now):
        _exchange(stay, one, two)
    for door in doors:
        if door.smart_lock_id is not None:
            stays.follow_lock(door, locks[door.smart_lock_id], swapped_by, now)


def _exchange(stay: Stay, one: Door, two: Door) -> None:
    """Each lock has the stay's code already: only the doors that they are on are others."""
    wanted = [grant for grant in queries.live_grants(stay) if grant.is_wanted]
    there = {grant.door_id: grant for grant in wanted if grant.door_id in {one.pk, two.pk}}
    first, second = there[one.pk], there[two.pk]
    first.door, second.door = two, one
    first.position, second.position = second.position, first.position
    Grant.objects.bulk_update([first, second], ["door", "position"])


def _hold(units: Iterable[int]) -> None:
    """Whoever books one of them waits until the way in is laid, or is seen by those who lay it."""
    list(Unit.objects.select_for_update().filter(pk__in=list(units)).order_by("pk").values_list("pk"))


def _follow(units: Sequence[int], changed_by: User | None, now: datetime) -> None:
    """Each stay in the order of its number, as everybody locks them who holds several."""
    is_open = Stay.objects.filter(unit__in=units, cancelled_at=None, ends_at__gt=now).order_by("pk")
    for stay in is_open.select_related("unit__property").select_for_update(of=("self",)):
        stays.follow_way_in(stay, by=changed_by, now=now)
