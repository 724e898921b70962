"""Looking for stays among all that an organization ever had: a page at a time, however many they are."""

from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Exists, OuterRef, Q, QuerySet

from access import queries
from access.models import Stay, StayGuest
from properties.models import Organization, Property


class StaysShown(StrEnum):
    """Which stays are looked for."""

    COMING = "coming"
    HERE = "here"
    OVER = "over"
    CANCELLED = "cancelled"


def find(
    organization: Organization,
    *,
    looked_for: str = "",
    place: Property | None = None,
    shown: StaysShown | None = None,
    now: datetime,
) -> QuerySet[Stay]:
    """Stays by the name or address of a guest, or by unit; the latest arrival first."""
    found = queries.stays_of(organization)
    if looked_for:
        found = found.filter(
            Q(guest__name__icontains=looked_for)
            | Q(guest__email__icontains=looked_for)
            | Q(unit__name__icontains=looked_for)
            | Exists(
                StayGuest.objects.filter(stay=OuterRef("pk")).filter(
                    Q(guest__name__icontains=looked_for) | Q(guest__email__icontains=looked_for)
                )
            )
        )
    if place is not None:
        found = found.filter(unit__property=place)
    if shown is not None:
        found = found.filter(_is(shown, now))
    return found.order_by("-starts_at", "-pk")


def before(stays: QuerySet[Stay], pk: int) -> QuerySet[Stay]:
    """Those that stand after the one with this key in that order; all where there is none such."""
    last = stays.filter(pk=pk).values_list("starts_at", flat=True).first()
    if last is None:
        return stays
    return stays.filter(Q(starts_at__lt=last) | Q(starts_at=last, pk__lt=pk), starts_at__lte=last)


def beside(
    *, unit_id: int, starts_at: datetime, ends_at: datetime, besides: int, within: timedelta
) -> list[Stay]:
    """The last stay of a unit before these times and the first one after them, where they are near."""
    others = Stay.objects.filter(unit_id=unit_id, cancelled_at=None).exclude(pk=besides)
    others = others.select_related("guest", "unit__property")
    before = others.filter(ends_at__lte=starts_at, ends_at__gt=starts_at - within).order_by("-ends_at")
    after = others.filter(starts_at__gte=ends_at, starts_at__lt=ends_at + within).order_by("starts_at")
    return [*before[:1], *after[:1]]


def _is(shown: StaysShown, now: datetime) -> Q:
    if shown is StaysShown.CANCELLED:
        return Q(cancelled_at__isnull=False)
    span = {
        StaysShown.COMING: Q(starts_at__gt=now),
        StaysShown.HERE: Q(starts_at__lte=now, ends_at__gt=now),
        StaysShown.OVER: Q(ends_at__lte=now),
    }[shown]
    return span & Q(cancelled_at=None)
