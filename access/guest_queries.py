"""Reading guests, their stays and what they were told."""

from django.db.models import OuterRef, Q, QuerySet, Subquery

from access import in_reach
from access.models import Guest, Message, Stay, StayGuest
from properties.models import Organization
from properties.reach import Reach


def all_of(organization: Organization, reach: Reach) -> QuerySet[Guest]:
    """An organization's guests, also those who were erased."""
    return Guest.objects.filter(in_reach.guests(reach), organization=organization)


def guests_of(organization: Organization, reach: Reach, *, looked_for: str = "") -> QuerySet[Guest]:
    """An organization's guests by name, those who were erased left out.

    `came_at` is the latest arrival as the one who booked, `came_along_at` as one who came along.
    """
    latest = Stay.objects.filter(reach.covers("unit__property"), guest=OuterRef("pk"))
    latest = latest.order_by("-starts_at", "-pk")
    along = StayGuest.objects.filter(reach.covers("stay__unit__property"), guest=OuterRef("pk"))
    along = along.order_by("-stay__starts_at", "-stay")
    found = all_of(organization, reach).filter(erased_at=None)
    if looked_for:
        found = found.filter(Q(name__icontains=looked_for) | Q(email__icontains=looked_for))
    return found.annotate(
        came_at=Subquery(latest.values("starts_at")[:1]),
        zone=Subquery(latest.values("unit__property__time_zone")[:1]),
        came_along_at=Subquery(along.values("stay__starts_at")[:1]),
        zone_along=Subquery(along.values("stay__unit__property__time_zone")[:1]),
    ).order_by("sorted_by", "pk")


def guests_after(guests: QuerySet[Guest], pk: int) -> QuerySet[Guest]:
    """Those after the one with this key; all where there is none such."""
    last = guests.filter(pk=pk).values_list("sorted_by", flat=True).first()
    if last is None:
        return guests
    return guests.filter(Q(sorted_by__gt=last) | Q(sorted_by=last, pk__gt=pk), sorted_by__gte=last)


def stays_with(guest: Guest) -> QuerySet[Stay]:
    """Stays that were booked for a guest, or in which the guest came along."""
    booked = Stay.objects.filter(guest=guest).values("pk")
    along = StayGuest.objects.filter(guest=guest).values("stay")
    return Stay.objects.filter(pk__in=booked.union(along))


def known(organization: Organization, reach: Reach, looked_for: str) -> QuerySet[Guest]:
    """Guests with an address whose name or address has these letters, by name."""
    letters = Q(name__icontains=looked_for) | Q(email__icontains=looked_for)
    ours = all_of(organization, reach).filter(letters, erased_at=None).exclude(email="")
    return ours.order_by("sorted_by", "pk")


def messages_to(guest: Guest, reach: Reach) -> QuerySet[Message]:
    """What a guest was told about stays, the latest first."""
    return (
        Message.objects.filter(reach.covers("stay__unit__property"), stay__in=stays_with(guest))
        .select_related("stay__guest", "stay__unit__property")
        .order_by("-written_at", "-pk")
    )
