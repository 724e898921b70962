"""Laying the way into units anew, and putting locks on doors: stays that are not over follow.

A guest who was booked before gets in by the doors as they are now. Whose doors are others is told so, once
the code is on all of them.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from access import stays
from access.models import Stay
from properties import places
from properties.models import Door, SmartLock, Unit, UnitDoor, User


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


def _hold(units: Iterable[int]) -> None:
    """Whoever books one of them waits until the way in is laid, or is seen by those who lay it."""
    list(Unit.objects.select_for_update().filter(pk__in=list(units)).order_by("pk").values_list("pk"))


def _follow(units: Sequence[int], changed_by: User | None, now: datetime) -> None:
    """Each stay in the order of its number, as everybody locks them who holds several."""
    is_open = Stay.objects.filter(unit__in=units, cancelled_at=None, ends_at__gt=now).order_by("pk")
    for stay in is_open.select_related("unit__property").select_for_update(of=("self",)):
        stays.follow_way_in(stay, by=changed_by, now=now)
