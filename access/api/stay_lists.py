"""Stays as a list reads them: with no more of each row than is answered, and what many rows share made once.

Half of the time of a list would go into making models the usual way. Whatever else is read of a row here
would be one more question for each of them.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.db.models.base import ModelState

from access import in_reach
from access.api.stay_answers import Grants, with_companions
from access.api.views import ApiView
from access.models import Grant, Guest, Stay
from properties.models import Door, Property, SmartLock, Unit
from properties.reach import Reach

OF_STAYS = (
    *("id", "unit_id", "guest_id", "external_id", "starts_at", "ends_at"),
    *("booked_at", "cancelled_at", "revision", "companion_keys"),
)
OF_UNITS = ("id", "name", "property_id")
OF_PROPERTIES = ("id", "time_zone")
OF_GUESTS = ("id", "name", "email", "language", "erased_at")
OF_GRANTS = (
    *("id", "stay_id", "smart_lock_id", "door_id", "kind", "is_wanted", "problem"),
    *("allowed_from", "asked_at", "confirmed_at", "closed_at", "waits_until"),
)
OF_LOCKS = ("id", "name", "own_name", "has_keypad", "server_state", "gone_since", "subscription_ended")
OF_DOORS = ("id", "name")

Row = tuple[Any, ...]
Kind = TypeVar("Kind", bound=Model)


def stays_of(view: ApiView) -> QuerySet[Stay]:
    """The caller's stays, to be narrowed, ordered and read by `reader`."""
    found = Stay.objects.filter(view.reach.covers("unit__property"), organization=view.organization)
    return with_companions(found)


def columns() -> list[str]:
    """What `reader` reads of each stay."""
    return [
        *OF_STAYS,
        *(f"unit__{name}" for name in OF_UNITS),
        *(f"unit__property__{name}" for name in OF_PROPERTIES),
        *(f"guest__{name}" for name in OF_GUESTS),
    ]


def reader() -> Callable[[Row], Stay]:
    """What makes the stays of one page from their rows."""
    units: dict[int, Unit] = {}
    places: dict[int, Property] = {}
    guests: dict[int, Guest] = {}

    def read(row: Row) -> Stay:
        of_stay, of_unit, of_place, of_guest = _parts(row, OF_STAYS, OF_UNITS, OF_PROPERTIES, OF_GUESTS)
        stay, unit = _made(Stay, OF_STAYS, of_stay), _once(units, Unit, OF_UNITS, of_unit)
        _join(unit, property=_once(places, Property, OF_PROPERTIES, of_place))
        _join(stay, unit=unit, guest=_once(guests, Guest, OF_GUESTS, of_guest))
        return stay

    return read


def live_grants_of(stays: Iterable[Stay], reach: Reach) -> Grants:
    """The grants of some stays that are not closed, with what `shown.state_of` reads of each."""
    rows = Grant.objects.filter(in_reach.grants(reach), stay__in=stays, closed_at=None).values_list(
        *OF_GRANTS,
        *(f"smart_lock__{name}" for name in OF_LOCKS),
        *(f"door__{name}" for name in OF_DOORS),
    )
    locks: dict[int, SmartLock] = {}
    doors: dict[int, Door] = {}
    found: Grants = {}
    for row in rows:
        of_grant, of_lock, of_door = _parts(row, OF_GRANTS, OF_LOCKS, OF_DOORS)
        grant = _made(Grant, OF_GRANTS, of_grant)
        door = _once(doors, Door, OF_DOORS, of_door) if grant.door_id is not None else None
        _join(grant, smart_lock=_once(locks, SmartLock, OF_LOCKS, of_lock), door=door)
        found.setdefault(grant.own_stay_id, []).append(grant)
    return found


def _parts(row: Row, *of: Sequence[str]) -> list[Row]:
    """A row as those parts, one after the other."""
    parts, begins = [], 0
    for names in of:
        parts.append(row[begins : begins + len(names)])
        begins += len(names)
    return parts


def _once(made: dict[int, Kind], model: type[Kind], names: Sequence[str], row: Row) -> Kind:
    """The one of this id: what many rows share is made with the first of them."""
    found = made.get(row[0])
    if found is None:
        found = made[row[0]] = _made(model, names, row)
    return found


def _made(model: type[Kind], names: Sequence[str], row: Row) -> Kind:
    """As `Model.from_db` makes it, but without its signals, to which nobody listens."""
    made = model.__new__(model)
    made._state = ModelState()  # noqa: SLF001  what every model has
    made._state.adding, made._state.db = False, "default"  # noqa: SLF001
    made.__dict__.update(zip(names, row, strict=True))
    return made


def _join(row: Model, **others: Model | None) -> None:
    """Have it know the rows that it points to."""
    row._state.fields_cache.update(others)  # noqa: SLF001  as select_related does
