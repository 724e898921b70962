"""Trying a door: a stay of some minutes for whoever asks, called Test, which goes the way of all stays."""

from datetime import datetime, timedelta

from django.db.models import Count, QuerySet

from access import stays
from access.models import Stay
from access.start_queries import TRIAL_GUEST
from properties.models import Door, Organization, Unit, User

LASTS = timedelta(minutes=30)


class EveryUnitIsTaken(Exception):
    """Each unit that the door leads to has a guest, or gets one before the trial would be over."""


def begin(*, organization: Organization, door: Door, user: User, now: datetime) -> Stay:
    """Book a free unit behind the door for the next minutes. One that runs already is the one.

    Raises EveryUnitIsTaken, `stays.UnitHasNoSmartLock`, and others of `stays`.
    """
    for unit in _units_behind(door):
        if (running := of(organization, user, now)) is not None:
            return running
        try:
            return stays.book(
                organization=organization,
                unit=unit,
                guest_name=TRIAL_GUEST,
                guest_email=user.email,
                starts_at=now,
                ends_at=now + LASTS,
                booked_by=user,
                now=now,
            )
        except stays.UnitIsTaken:
            continue  # by a guest, or by the same button pressed twice
    if (running := of(organization, user, now)) is not None:
        return running
    raise EveryUnitIsTaken


def end(*, organization: Organization, user: User, now: datetime) -> Stay | None:
    """Cancel the trial that runs, if one does: its code is taken off at once."""
    running = of(organization, user, now)
    if running is not None:
        stays.cancel(stay=running, cancelled_by=user, now=now, tells_guest=False)  # it is the same person
    return running


def of(organization: Organization, user: User, now: datetime) -> Stay | None:
    """The trial of this person that runs now."""
    theirs = Stay.objects.filter(
        organization=organization,
        booked_by=user,
        guest__name=TRIAL_GUEST,
        guest__email=user.email.lower(),
        cancelled_at=None,
        ends_at__gt=now,
        starts_at__lte=now,
    )
    return theirs.order_by("-starts_at", "-pk").first()


def _units_behind(door: Door) -> QuerySet[Unit]:
    """Those behind the fewest doors first: what is tried is this door."""
    behind = Unit.objects.filter(way_in__door=door).select_related("property")
    return behind.annotate(doors_count=Count("doors", distinct=True)).order_by("doors_count", "name", "pk")
