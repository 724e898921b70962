"""Reading units and stays for the timeline: each function is a bounded number of queries."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from access import in_reach
from access.models import Grant, Stay
from properties.models import Organization, Property, SmartLock, Unit, UnitDoor
from properties.queries import bookable_units
from properties.reach import Reach

FARTHEST = timedelta(hours=14)  # from UTC that a zone's clocks are: a day begins somewhere so much earlier


def properties_of(organization: Organization, reach: Reach) -> QuerySet[Property]:
    """Properties in the order of the timeline."""
    return Property.objects.filter(reach.covers("pk"), organization=organization).order_by("name", "pk")


def units_of(organization: Organization, reach: Reach, place: Property | None) -> QuerySet[Unit]:
    """Units of one property or of all, in the order of the timeline; `has_lock` where some door has one."""
    locked = UnitDoor.objects.filter(unit=OuterRef("pk"), door__smart_lock__isnull=False)
    units = bookable_units(organization, reach).annotate(has_lock=Exists(locked))
    return units if place is None else units.filter(property=place)


def following(units: QuerySet[Unit], pk: int) -> QuerySet[Unit]:
    """Those that stand after the one with this key; all where there is none such."""
    last = units.filter(pk=pk).first()
    if last is None:
        return units
    place = last.property
    same_name = Q(property__name=place.name, name=last.name, pk__gt=last.pk)
    same_place = Q(property__name=place.name, name__gt=last.name)
    return units.filter(Q(property__name__gt=place.name) | same_place | same_name)


def stays_in(
    organization: Organization, reach: Reach, units: Collection[Unit], *, first_day: date, days: int
) -> QuerySet[Stay]:
    """The stays of these units on any of these days, wherever on earth; none that was cancelled."""
    begins = datetime.combine(first_day, time(0), tzinfo=UTC) - FARTHEST
    ends = begins + timedelta(days=days) + 2 * FARTHEST
    # a lock is fetched once and not with each code on it: a front door has everybody's
    locks = SmartLock.objects.defer("foreign_codes")
    grants = Grant.objects.filter(in_reach.grants(reach)).defer("code", "code_digest")
    grants = grants.prefetch_related(Prefetch("smart_lock", locks), "door")
    return (
        Stay.objects.filter(organization=organization, unit__in=units, cancelled_at=None)
        .filter(ends_at__gt=begins, starts_at__lt=ends)
        .select_related("guest", "unit__property")
        .prefetch_related(Prefetch("grants", grants))
        .order_by("starts_at", "pk")
    )
