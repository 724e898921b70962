"""Reading how far a business has come with its doors: each function is a bounded number of queries."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, F, Q, QuerySet

from access.models import AuditEntry, AuditKind, Stay
from nuki_gateway.models import ServerState
from properties.models import Door, NukiAccount, Organization, Property, SmartLock, Unit
from properties.reach import Reach

TRIAL_GUEST = "Test"  # how the guest of a stay is called with which somebody tries a door


@dataclass(frozen=True)
class Facts:
    """What is there of what a first stay needs."""

    accounts: int
    refused_accounts: int
    locks: int
    lacking_locks: int  # that need a hand before a code opens them, or soon
    free_locks: int  # on no door
    has_ready_unit: bool
    had_code_confirmed: bool
    has_stay: bool


def facts_of(organization: Organization) -> Facts:
    """How far a business has come."""
    accounts = NukiAccount.objects.filter(organization=organization).aggregate(
        all=Count("pk"), refused=Count("pk", filter=Q(broken_since__isnull=False))
    )
    locks = SmartLock.objects.filter(organization=organization, gone_since=None).aggregate(
        all=Count("pk"), lacking=Count("pk", filter=_lacks_something()), free=Count("pk", filter=Q(door=None))
    )
    ready = Unit.objects.filter(organization=organization, way_in__door__smart_lock__isnull=False)
    confirmed = AuditEntry.objects.filter(organization=organization, kind=AuditKind.CONFIRMED)
    is_there = Organization.objects.annotate(
        ready=Exists(ready), confirmed=Exists(confirmed), booked=Exists(stays_of_guests(organization))
    ).get(pk=organization.pk)
    return Facts(
        accounts=accounts["all"],
        refused_accounts=accounts["refused"],
        locks=locks["all"],
        lacking_locks=locks["lacking"],
        free_locks=locks["free"],
        has_ready_unit=is_there.ready,
        had_code_confirmed=is_there.confirmed,
        has_stay=is_there.booked,
    )


def stays_of_guests(organization: Organization) -> QuerySet[Stay]:
    """Whatever was booked for guests, ever; somebody who tries a door is none."""
    trials = Q(guest__name=TRIAL_GUEST, guest__email=F("booked_by__email"))
    return Stay.objects.filter(organization=organization).exclude(trials)


def locks_of(organization: Organization) -> QuerySet[SmartLock]:
    """The smart locks of all accounts with the doors that they are on, by name."""
    locks = SmartLock.objects.filter(organization=organization, gone_since=None)
    return locks.select_related("door__property", "nuki_account").order_by("name", "pk")


def locks_after(locks: QuerySet[SmartLock], pk: int) -> QuerySet[SmartLock]:
    """Those that follow the one with this key; all where there is none such."""
    last = locks.filter(pk=pk).values_list("name", flat=True).first()
    return locks if last is None else locks.filter(Q(name__gt=last) | Q(name=last, pk__gt=pk))


def readings_of(locks: list[SmartLock], now: datetime, lately: timedelta) -> dict[int, list[AuditEntry]]:
    """What was asked of each of these locks lately, and what became of it: the latest first."""
    found: dict[int, list[AuditEntry]] = {}
    entries = AuditEntry.objects.filter(
        smart_lock__in=locks,
        kind__in=[AuditKind.READING_ASKED, AuditKind.LOCK_CALLED, AuditKind.LOCK_ANSWERED],
        at__gt=now - lately,
    )
    for entry in entries.order_by("-at", "-pk"):
        found.setdefault(entry.smart_lock_id or 0, []).append(entry)
    return found


def doors_to_try(organization: Organization, reach: Reach) -> QuerySet[Door]:
    """Doors with a smart lock that lead to some unit."""
    doors = Door.objects.filter(reach.covers("property")).filter(
        organization=organization, smart_lock__isnull=False, smart_lock__gone_since=None, opens__isnull=False
    )
    return doors.select_related("property").distinct().order_by("property__name", "name", "pk")


def properties_of(organization: Organization) -> list[Property]:
    """All properties by name."""
    return list(Property.objects.filter(organization=organization).order_by("name", "pk"))


def unit_names_of(organization: Organization) -> list[str]:
    """What units are called, each name once."""
    names = Unit.objects.filter(organization=organization).values_list("name", flat=True)
    return list(names.distinct().order_by("name"))


def _lacks_something() -> Q:
    return (
        Q(subscription_ended=True)
        | Q(server_state=ServerState.OFFLINE)
        | Q(has_keypad=False)
        | Q(keypad_battery_critical=True)
        | Q(battery_critical=True)
    )
