"""Reading stays, grants and messages: each function is a bounded number of queries."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet

from access.codes import NOT_AGAIN_FOR
from access.log_entries import ActivityKind
from access.models import Activity, Delivery, Grant, GrantKind, Message, Stay
from properties.models import NukiAccount, Organization, SmartLock

RUNG_FOR = timedelta(seconds=5)  # how long a ring for deliveries is taken to be on its way
SHOWN_ACTIVITY = frozenset(ActivityKind) - {ActivityKind.OTHER}
# what concerns whoever is in the house, though nobody's right was used
ABOUT_THE_DOOR = frozenset(
    {
        ActivityKind.CODE_REFUSED,
        ActivityKind.LEFT_OPEN,
        ActivityKind.FAILED,
        ActivityKind.BATTERY_LOW,
        ActivityKind.KEYPAD_BATTERY_LOW,
        ActivityKind.WENT_OFFLINE,
        ActivityKind.CAME_BACK,
    }
)


def live_grants(stay: Stay) -> list[Grant]:
    """The grants of a stay that are not closed, from the street inwards."""
    return list(Grant.objects.filter(stay=stay, closed_at=None).order_by("position", "pk"))


def due_on(lock: SmartLock, now: datetime) -> list[Grant]:
    """The grants to be looked at on one lock: what has to go first, then the nearest arrivals."""
    return list(
        Grant.objects.filter(smart_lock=lock, closed_at=None, due_at__lte=now)
        .select_related("stay")
        .order_by("is_wanted", "allowed_from", "pk")
    )


def due_locks(now: datetime, most: int) -> list[int]:
    """Smart locks with something due, that nobody holds or rests: revocations and near arrivals first."""
    rows = (
        Grant.objects.filter(due_at__lte=now)  # a closed grant is never due: a constraint holds that
        .filter(Q(smart_lock__leased_until=None) | Q(smart_lock__leased_until__lte=now))
        .filter(Q(smart_lock__rests_until=None) | Q(smart_lock__rests_until__lte=now))
        .filter(
            Q(smart_lock__nuki_account__paused_until=None)
            | Q(smart_lock__nuki_account__paused_until__lte=now)
        )
        .order_by("is_wanted", "allowed_from")
        .values_list("smart_lock_id", flat=True)[:most]
    )
    return list(dict.fromkeys(rows))


def digests_on(lock_ids: Sequence[int], now: datetime) -> set[str]:
    """Digests of the codes that are on these locks, are to come there, or were until lately."""
    ours = Grant.objects.filter(smart_lock__in=lock_ids).exclude(code_digest="")
    recent = ours.filter(Q(closed_at=None) | Q(closed_at__gt=now - NOT_AGAIN_FOR))
    foreign = SmartLock.objects.filter(pk__in=lock_ids).values_list("foreign_codes", flat=True)
    return set(recent.values_list("code_digest", flat=True)).union(*foreign)


def grants_with_a_new_keypad(nuki_account_id: int, now: datetime) -> list[Grant]:
    """Grants that were made without a code, on locks that have a keypad by now."""
    return list(
        Grant.objects.filter(
            kind=GrantKind.APP_INVITE,
            closed_at=None,
            is_wanted=True,
            allowed_until__gt=now,
            smart_lock__nuki_account_id=nuki_account_id,
            smart_lock__has_keypad=True,
        )
        .select_related("smart_lock")
        .order_by("pk")
    )


def somebody_is_in(nuki_account_id: int, now: datetime) -> bool:
    """Whether a guest may use a code on one of the account's locks now."""
    return Grant.objects.filter(
        smart_lock__nuki_account_id=nuki_account_id,
        closed_at=None,
        allowed_from__lte=now,
        allowed_until__gt=now,
    ).exists()


def accounts_whose_log_is_due(now: datetime, most: int) -> list[int]:
    """Nuki accounts whose log is to be read now; those that are paused wait."""
    rows = NukiAccount.objects.filter(
        Q(paused_until=None) | Q(paused_until__lte=now),
        Q(log_due_at=None) | Q(log_due_at__lte=now),
    ).order_by(F("log_due_at").asc(nulls_first=True))
    return list(rows.values_list("pk", flat=True)[:most])


def accounts_with_deliveries(now: datetime, most: int) -> list[int]:
    """Nuki accounts with deliveries that were not taken in, although there was time for it."""
    rows = Delivery.objects.filter(taken_in_at=None, received_at__lte=now - RUNG_FOR)
    return list(rows.values_list("nuki_account_id", flat=True).distinct()[:most])


def activity_of(organization: Organization) -> QuerySet[Activity]:
    """What happened at an organization's doors, the latest first."""
    return (
        Activity.objects.filter(organization=organization, kind__in=SHOWN_ACTIVITY)
        .select_related("smart_lock__door__property", "grant__stay__guest", "grant__stay__unit__property")
        .order_by("-happened_at", "-pk")
    )


def before(activity: QuerySet[Activity], pk: int) -> QuerySet[Activity]:
    """What is older than the one with this key; everything where there is none such."""
    last = activity.filter(pk=pk).values_list("happened_at", flat=True).first()
    if last is None:
        return activity
    return activity.filter(Q(happened_at__lt=last) | Q(happened_at=last, pk__lt=pk), happened_at__lte=last)


def activity_at_doors_of(stay: Stay) -> QuerySet[Activity]:
    """What this stay's guest did, and what else happened on the way in while the stay lasted."""
    locks = stay.grants.values("smart_lock")
    theirs = Q(grant__stay=stay)
    about_the_doors = Q(
        grant=None,
        smart_lock__in=locks,
        kind__in=ABOUT_THE_DOOR,
        happened_at__gte=stay.starts_at,
        happened_at__lte=stay.ends_at,
    )
    return activity_of(stay.organization).filter(theirs | about_the_doors)


def due_messages(now: datetime, most: int) -> list[int]:
    """Messages to be sent now that no worker has claimed."""
    unclaimed = Q(claimed_until=None) | Q(claimed_until__lte=now)
    rows = Message.objects.filter(unclaimed, due_at__lte=now).order_by("due_at")
    return list(rows.values_list("pk", flat=True)[:most])


def stays_of(organization: Organization) -> QuerySet[Stay]:
    """Stays with all that a list shows of them."""
    return (
        Stay.objects.filter(organization=organization)
        .select_related("guest", "unit__property")
        .prefetch_related("grants__smart_lock", "grants__door")
    )


def current_and_coming(organization: Organization, now: datetime) -> QuerySet[Stay]:
    """Stays that are not over and not cancelled, the nearest arrival first."""
    return (
        stays_of(organization).filter(ends_at__gt=now, cancelled_at=None).order_by(F("starts_at").asc(), "pk")
    )


def over_or_cancelled(organization: Organization, now: datetime) -> QuerySet[Stay]:
    """Stays that have ended or were cancelled, the latest first."""
    return (
        stays_of(organization)
        .filter(Q(ends_at__lte=now) | ~Q(cancelled_at=None))
        .order_by("-starts_at", "-pk")
    )


def neighbour(*, unit_id: int, starts_at: datetime, ends_at: datetime, besides: int | None) -> Stay | None:
    """A stay that stands in the way of these times in a unit; `besides` is the one that is to move."""
    others = Stay.objects.filter(
        unit_id=unit_id, cancelled_at=None, starts_at__lt=ends_at, ends_at__gt=starts_at
    )
    if besides is not None:
        others = others.exclude(pk=besides)
    return others.select_related("guest", "unit__property").order_by("starts_at").first()
