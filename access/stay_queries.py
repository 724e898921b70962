"""Looking for stays among all that an organization ever had: a page at a time, however many they are."""

from datetime import datetime, timedelta
from enum import StrEnum

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from access import queries
from access.models import Guest, Stay, StayGuest
from properties.models import Organization, Property, Unit
from properties.reach import Reach

# that are found; with more, looking through the latest stays finds some sooner
FEW_GUESTS, FEW_UNITS = 200, 20


class StaysShown(StrEnum):
    """Which stays are looked for."""

    COMING = "coming"
    HERE = "here"
    OVER = "over"
    CANCELLED = "cancelled"


def find(
    organization: Organization,
    reach: Reach,
    *,
    looked_for: str = "",
    place: Property | None = None,
    shown: StaysShown | None = None,
    now: datetime,
) -> QuerySet[Stay]:
    """Stays by the name or address of a guest, or by unit; the latest arrival first."""
    found = queries.stays_of(organization, reach)
    if looked_for:
        found = _looked_for(found, organization, looked_for)
    if place is not None:
        found = found.filter(unit__property=place)
    if shown is not None:
        found = found.filter(that_are(shown, now))
    return found.order_by("-starts_at", "-pk")


def _looked_for(stays: QuerySet[Stay], organization: Organization, words: str) -> QuerySet[Stay]:
    """Those of guests or units of such a name or address.

    A few guests and units lead to their stays, however many others there are. Where many are called so, the
    latest stays are gone through instead: some that are looked for are soon among them.
    """
    guests, units = _few(organization, words)
    if len(guests) <= FEW_GUESTS and len(units) <= FEW_UNITS:
        return _of(stays, guests, units)
    called_so = Q(guest__name__icontains=words) | Q(guest__email__icontains=words)
    along = StayGuest.objects.filter(called_so, stay=OuterRef("pk"))
    return stays.filter(called_so | Q(unit__name__icontains=words) | Exists(along))


def _few(organization: Organization, words: str) -> tuple[list[int], list[int]]:
    """The keys of the guests and of the units that are called so; one too many where they are many."""
    called_so = Q(name__icontains=words) | Q(email__icontains=words)
    guests = Guest.objects.filter(called_so, organization=organization).order_by()
    units = Unit.objects.filter(organization=organization, name__icontains=words)
    keys = Organization.objects.values_list(
        ArraySubquery(guests.values("pk")[: FEW_GUESTS + 1]),
        ArraySubquery(units.values("pk")[: FEW_UNITS + 1]),
    )
    found: tuple[list[int], list[int]] = keys.get(pk=organization.pk)
    return found


def _of(stays: QuerySet[Stay], guests: list[int], units: list[int]) -> QuerySet[Stay]:
    """The stays of these guests, of those who come along, and of these units."""
    if not guests and not units:
        return stays.none()
    keys = Stay.objects.filter(guest__in=guests).order_by().values("pk")
    keys = keys.union(
        StayGuest.objects.filter(guest__in=guests).order_by().values("stay"),
        Stay.objects.filter(unit__in=units).order_by().values("pk"),
    )
    return stays.filter(queries.IsOneOf(F("pk"), ArraySubquery(keys)))


def before(stays: QuerySet[Stay], pk: int) -> QuerySet[Stay]:
    """Those that stand after the one with this key in that order; all where there is none such."""
    last = stays.filter(pk=pk).values_list("starts_at", flat=True).first()
    if last is None:
        return stays
    return stays.filter(Q(starts_at__lt=last) | Q(starts_at=last, pk__lt=pk), starts_at__lte=last)


def around(
    *, unit_id: int, starts_at: datetime, ends_at: datetime, besides: int, within: timedelta
) -> list[Stay]:
    """The other stays of a unit in these times, and so near before and after them, in their order."""
    others = Stay.objects.filter(unit_id=unit_id, cancelled_at=None).exclude(pk=besides)
    near = others.filter(ends_at__gt=starts_at - within, starts_at__lt=ends_at + within)
    return list(near.select_related("guest", "unit__property").order_by("starts_at"))


def that_are(shown: StaysShown, now: datetime) -> Q:
    """What is true of stays that are to come, in the house, over or cancelled."""
    if shown is StaysShown.CANCELLED:
        return Q(cancelled_at__isnull=False)
    span = {
        StaysShown.COMING: Q(starts_at__gt=now),
        StaysShown.HERE: Q(starts_at__lte=now, ends_at__gt=now),
        StaysShown.OVER: Q(ends_at__lte=now),
    }[shown]
    return span & Q(cancelled_at=None)
