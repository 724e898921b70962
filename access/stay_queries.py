"""Looking for stays among all that an organization ever had: a page at a time, however many they are."""

from datetime import datetime
from enum import StrEnum

from django.db.models import Q, QuerySet

from access import queries
from access.models import Stay
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
    """Stays by the name or address of their guest, or by unit; the latest arrival first."""
    found = queries.stays_of(organization)
    if looked_for:
        found = found.filter(
            Q(guest__name__icontains=looked_for)
            | Q(guest__email__icontains=looked_for)
            | Q(unit__name__icontains=looked_for)
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


def _is(shown: StaysShown, now: datetime) -> Q:
    if shown is StaysShown.CANCELLED:
        return Q(cancelled_at__isnull=False)
    span = {
        StaysShown.COMING: Q(starts_at__gt=now),
        StaysShown.HERE: Q(starts_at__lte=now, ends_at__gt=now),
        StaysShown.OVER: Q(ends_at__lte=now),
    }[shown]
    return span & Q(cancelled_at=None)
