"""Which rows somebody sees who is limited to some properties: one condition for each kind of row.

What leads to one property only needs none of these: `Reach.covers` takes the path to it.
"""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from access import live
from access.models import Stay, StayGuest
from properties.models import Organization, SmartLock
from properties.reach import Reach

MOST_TOPICS = 5_000  # of stays that go on or are to come; what changes in others is seen with the next look


def grants(reach: Reach) -> Q:
    """Of a stay that is seen: its way in whole, and of what is over only doors and locks within reach.

    A stay that was moved here from a property that is not seen has had codes there.
    """
    if not reach.is_limited:
        return Q()
    return Q(is_wanted=True) | (reach.covers("door__property") & reach.covers("smart_lock__door__property"))


def activity(reach: Reach) -> Q:
    """At locks within reach, but for what guests of another property did before the lock came here."""
    if not reach.is_limited:
        return Q()
    of_guests = Q(grant=None) | reach.covers("grant__stay__unit__property")
    return reach.covers("smart_lock__door__property") & of_guests


def guests(reach: Reach) -> Q:
    """Those of stays within reach, and who came along in one."""
    if not reach.is_limited:
        return Q()
    booked = Stay.objects.filter(reach.covers("unit__property"), guest=OuterRef("pk"))
    along = StayGuest.objects.filter(reach.covers("stay__unit__property"), guest=OuterRef("pk"))
    return Q(Exists(booked)) | Q(Exists(along))


def alerts(reach: Reach) -> Q:
    """About stays and locks within reach, and accounts that have such a lock."""
    if not reach.is_limited:
        return Q()
    locks = SmartLock.objects.filter(reach.covers("door__property"), nuki_account=OuterRef("nuki_account"))
    return (
        reach.covers("stay__unit__property")
        | reach.covers("smart_lock__door__property")
        | Q(Exists(locks), nuki_account__isnull=False)
    )


def history(reach: Reach) -> Q:
    """Of what is written down about a stay that is seen: nothing about doors that are not."""
    return Q(grant=None) | reach.covers("grant__door__property") if reach.is_limited else Q()


def topics(organization: Organization, reach: Reach, now: datetime) -> frozenset[str] | None:
    """What open pages may be told of; None: of everything in the business. Two queries for who is limited."""
    if not reach.is_limited:
        return None
    stays = Stay.objects.filter(reach.covers("unit__property"), organization=organization, ends_at__gt=now)
    locks = SmartLock.objects.filter(reach.covers("door__property"), organization=organization)
    return frozenset(
        [
            *map(live.stay_topic, stays.order_by("ends_at").values_list("pk", flat=True)[:MOST_TOPICS]),
            *map(live.lock_topic, locks.values_list("pk", flat=True)),
        ]
    )
