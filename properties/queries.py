"""Reading places and locks for pages: each function is a bounded number of queries."""

from collections.abc import Sequence

from django.db.models import Count, Exists, F, OuterRef, Prefetch, QuerySet

from properties.models import Door, NukiAccount, Organization, Property, SmartLock, Unit, UnitDoor
from properties.reach import Reach

MOST_LOCKS = 100  # of an account on the page of all accounts; the page of doors has them all


def properties_of(organization: Organization, reach: Reach) -> QuerySet[Property]:
    """Properties with how many units and doors they have, by name."""
    return (
        Property.objects.filter(reach.covers("pk"), organization=organization)
        .annotate(
            units_count=Count("units", distinct=True),
            doors_count=Count("doors", distinct=True),
        )
        .order_by("name", "pk")
    )


def units_of(place: Property) -> QuerySet[Unit]:
    """A property's units with their ways in."""
    way_in = UnitDoor.objects.select_related("door").order_by("position")
    return place.units.prefetch_related(Prefetch("way_in", way_in)).order_by("name", "pk")


def doors_of(place: Property) -> QuerySet[Door]:
    """A property's doors with the locks on them."""
    return place.doors.select_related("smart_lock").order_by("name", "pk")


def bookable_units(organization: Organization, reach: Reach) -> QuerySet[Unit]:
    """Units with their property, in the order of a list to choose from."""
    return (
        Unit.objects.filter(reach.covers("property"), organization=organization)
        .select_related("property")
        .order_by("property__name", "name", "pk")
    )


def nuki_accounts_of(organization: Organization, reach: Reach) -> QuerySet[NukiAccount]:
    """Nuki accounts with their smart locks and the doors those are on.

    Of many locks come (`some_locks`) those that are on no door yet, and one more than is shown. Whoever is
    limited to some properties sees the accounts that have a lock there, with those locks.
    """
    within = SmartLock.objects.filter(reach.covers("door__property"))
    locks = within.select_related("door__property").defer("foreign_codes")
    locks = locks.order_by(F("door").asc(nulls_first=True), "name", "pk")[: MOST_LOCKS + 1]
    accounts = NukiAccount.objects.filter(organization=organization)
    if reach.is_limited:
        accounts = accounts.filter(Exists(within.filter(nuki_account=OuterRef("pk"))))
    return accounts.prefetch_related(Prefetch("smart_locks", locks, to_attr="some_locks")).order_by(
        "name", "pk"
    )


def free_smart_locks(organization: Organization, keep: Sequence[int | None] = ()) -> QuerySet[SmartLock]:
    """Smart locks that are on no door yet, and those whose keys are to be kept in the list."""
    locks = SmartLock.objects.filter(organization=organization)
    free = locks.filter(door=None, gone_since=None) | locks.filter(pk__in=[key for key in keep if key])
    return free.order_by("name", "pk")


def way_into(unit: Unit) -> list[Door]:
    """The doors from the street to the unit that have a smart lock, in order."""
    return [
        step.door
        for step in UnitDoor.objects.filter(unit=unit, door__smart_lock__isnull=False)
        .select_related("door__smart_lock__nuki_account")
        .order_by("position")
    ]
