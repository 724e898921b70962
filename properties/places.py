"""Setting up properties, their units and the doors on the way in."""

from collections.abc import Sequence
from datetime import time, timedelta

from django.db import IntegrityError, transaction

from properties.models import Door, GuestsOpen, Organization, Property, SmartLock, Unit, UnitDoor

NO_GRACE = timedelta(0)
USUAL_CHECK_IN, USUAL_CHECK_OUT = time(15), time(10)
USUAL_BACKUP_CODES = 1  # of a property that a host adds


class LockIsOnAnotherDoor(Exception):
    """A smart lock is on one door at most; it has to be taken off the other one first."""


@transaction.atomic
def add_property(
    *,
    organization: Organization,
    name: str,
    time_zone: str,
    check_in_time: time,
    check_out_time: time,
    address: str = "",
    grace: timedelta = NO_GRACE,
    backup_codes: int = 0,
) -> Property:
    """Add a building. `grace` is how long codes go on opening after checkout.

    `backup_codes`: how many of them each door with a keypad has.
    """
    return Property.objects.create(
        organization=organization,
        name=name,
        address=address,
        time_zone=time_zone,
        check_in_time=check_in_time,
        check_out_time=check_out_time,
        grace=grace,
        backup_codes=backup_codes,
    )


@transaction.atomic
def add_door(
    *,
    place: Property,
    name: str,
    smart_lock: SmartLock | None,
    guests_open: GuestsOpen = GuestsOpen.NO,
    has_backup_codes: bool = True,
) -> Door:
    """Add a door, with the smart lock that is on it if there is one."""
    return Door.objects.create(
        organization_id=place.organization_id,
        property=place,
        name=name,
        smart_lock=smart_lock,
        guests_open=guests_open,
        has_backup_codes=has_backup_codes,
    )


@transaction.atomic
def rename_door(*, door: Door, name: str) -> None:
    """Call a door otherwise."""
    Door.objects.filter(pk=door.pk).update(name=name)


@transaction.atomic
def let_guests_open(*, door: Door, guests_open: GuestsOpen) -> bool:
    """Say whether guests may open a door from the page of their stay; returns whether that is new."""
    others = Door.objects.filter(pk=door.pk).exclude(guests_open=guests_open)
    return others.update(guests_open=guests_open) == 1


@transaction.atomic
def let_have_backup_codes(*, door: Door, has_backup_codes: bool) -> None:
    """Say whether a door has as many backup codes as its property says, or none."""
    Door.objects.filter(pk=door.pk).update(has_backup_codes=has_backup_codes)


@transaction.atomic
def put_lock_on(*, door: Door, smart_lock: SmartLock) -> None:
    """Put a lock on a door. Whoever calls has the stays' codes follow (`access.ways_in`)."""
    try:
        with transaction.atomic():
            Door.objects.filter(pk=door.pk).update(smart_lock=smart_lock)
    except IntegrityError:
        raise LockIsOnAnotherDoor(smart_lock.pk) from None
    door.smart_lock = smart_lock


@transaction.atomic
def swap_locks(*, door: Door, other: Door) -> None:
    """Put the lock of each door on the other one. Whoever calls holds both, and has the codes follow."""
    here, there = door.smart_lock, other.smart_lock
    Door.objects.filter(pk=door.pk).update(smart_lock=None)
    Door.objects.filter(pk=other.pk).update(smart_lock=here)
    Door.objects.filter(pk=door.pk).update(smart_lock=there)
    door.smart_lock, other.smart_lock = there, here


@transaction.atomic
def take_lock_off(*, door: Door) -> None:
    """Leave a door without a smart lock. Whoever calls minds the stays that have codes on it."""
    Door.objects.filter(pk=door.pk).update(smart_lock=None)
    door.smart_lock = None


@transaction.atomic
def add_unit(*, place: Property, name: str, way_in: Sequence[Door]) -> Unit:
    """Add what a guest books, with the doors from the street to it, in order."""
    unit = Unit.objects.create(organization_id=place.organization_id, property=place, name=name)
    _lay(unit, way_in)
    return unit


@transaction.atomic
def change_unit(*, unit: Unit, name: str, way_in: Sequence[Door]) -> None:
    """Rename a unit and lay its way in anew. Whoever calls has its stays follow (`access.ways_in`)."""
    Unit.objects.filter(pk=unit.pk).update(name=name)
    UnitDoor.objects.filter(unit=unit).delete()
    _lay(unit, way_in)


def _lay(unit: Unit, way_in: Sequence[Door]) -> None:
    UnitDoor.objects.bulk_create(
        UnitDoor(organization_id=unit.organization_id, unit=unit, door=door, position=position)
        for position, door in enumerate(way_in, start=1)
    )
