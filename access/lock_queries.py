"""Reading doors, smart locks and what happened at them: each function is a bounded number of queries."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import DateTimeRangeField
from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)

from access import codes, installation, queries
from access.lifecycle import HORIZON
from access.log_entries import ActivityKind, Means
from access.models import Activity, AuditEntry, AuditKind, Grant, GrantKind, Holder, OtherAuthorization
from nuki_gateway.models import ServerState
from properties import wall_clock
from properties.models import Door, Organization, SmartLock
from properties.reach import Reach

ACT, LOOK, WELL = 0, 1, 2  # how urgently a door needs a hand, as `properties.pages.lock_health` says it
MOST_CODES_SHOWN = 200  # of ours on one lock, which holds no more
COUNTED_AHEAD = HORIZON + timedelta(days=62)  # of which days a forecast tells, and some hours more
MOST_OTHERS_SHOWN = 400  # codes, phones and fobs on one lock, which holds no more
MOST_STAYS_SHOWN = 500  # in a preview
CHUNK = 500  # rows of an export that are in memory at once
ASKED_OF_LOCKS = (
    AuditKind.READING_ASKED,
    AuditKind.OPENING_ASKED,
    AuditKind.LOCK_CALLED,
    AuditKind.LOCK_ANSWERED,
    AuditKind.LOCK_PUT_ON_DOOR,
    AuditKind.GUESTS_OPEN_CHANGED,
    AuditKind.PICTURE_ADDED,
    AuditKind.PICTURE_REMOVED,
    AuditKind.LOCK_RENAMED,
    AuditKind.HOLDER_NAMED,
    AuditKind.HOLDER_FORGOTTEN,
)
MOVES_WITHIN = timedelta(minutes=10)  # of a wish; what opens later was not opened by it
CLOCKS_DIFFER = timedelta(seconds=10)  # a clock further off is not believed: another opening may be meant


@dataclass(frozen=True)
class DoorsCount:
    """How many doors there are, and how many need a hand."""

    all: int
    act: int
    look: int


@dataclass(frozen=True)
class DoorPlace:
    """A place in the list of doors: after this door, which was so urgent when it was shown."""

    urgency: int
    door_id: int


@dataclass(frozen=True)
class Wanted:
    """Which activity is asked for; None and empty ask for all."""

    begins_at: datetime | None = None
    ends_at: datetime | None = None
    who: str = ""


def doors_of(organization: Organization, reach: Reach, now: datetime) -> QuerySet[Door]:
    """Doors with their locks: what needs a hand first, then by property and name."""
    return (
        Door.objects.filter(reach.covers("property"), organization=organization)
        .select_related("property", "smart_lock")
        .annotate(urgency=_urgency(organization, now))
        .order_by("urgency", "property__name", "property_id", "name", "pk")
    )


def that_need_a_hand(doors: QuerySet[Door]) -> QuerySet[Door]:
    """Those of the doors that need one, or may soon."""
    return doors.filter(Q(urgency__lte=LOOK))


def after(doors: QuerySet[Door], place: DoorPlace) -> QuerySet[Door]:
    """The doors that follow a place; all of them where there is no such door."""
    last = doors.filter(pk=place.door_id).first()
    if last is None:
        return doors
    further = Q()
    keys = {
        "urgency": place.urgency,
        "property__name": last.property.name,
        "property_id": last.property_id,
        "name": last.name,
        "pk": last.pk,
    }
    for field, value in reversed(keys.items()):
        further = Q(**{f"{field}__gt": value}) | (Q(**{field: value}) & further if further else Q())
    return doors.filter(further)


def count(doors: QuerySet[Door]) -> DoorsCount:
    """How many of these doors need a hand: one business has hundreds of them at most."""
    found = doors.aggregate(
        all=Count("pk"), act=Count("pk", filter=Q(urgency=ACT)), look=Count("pk", filter=Q(urgency=LOOK))
    )
    return DoorsCount(**found)


def _urgency(organization: Organization, now: datetime) -> Case:
    """The same order of facts as in `properties.pages.lock_health`."""
    fails = (
        Q(smart_lock__gone_since__isnull=False)
        | Q(smart_lock__subscription_ended=True)
        | Q(smart_lock__server_state=ServerState.OFFLINE)
    )
    weak = (
        Q(smart_lock=None)
        | Q(smart_lock__battery_critical=True)
        | Q(smart_lock__keypad_battery_critical=True)
        | _clocks_differ(organization, now)
    )
    return Case(
        When(fails, then=ACT), When(weak, then=LOOK), default=Value(WELL), output_field=IntegerField()
    )


def _clocks_differ(organization: Organization, now: datetime) -> Q:
    """Doors whose lock is set to another clock than the house: zones are few, and are compared in pairs."""
    pairs = (
        Door.objects.filter(organization=organization, smart_lock__isnull=False)
        .values_list("smart_lock__time_zone", "property__time_zone")
        .distinct()
    )
    found = Q(pk__in=[])
    for zone, place in pairs:
        if wall_clock.clocks_differ(zone, place, now):
            found |= Q(smart_lock__time_zone=zone, property__time_zone=place)
    return found


def locks_of(organization: Organization, reach: Reach) -> QuerySet[SmartLock]:
    """Smart locks with their doors and accounts; those on no door are nobody's who is limited."""
    ours = SmartLock.objects.filter(reach.covers("door__property"), organization=organization)
    return ours.select_related("door__property", "nuki_account", "organization")


def activity_of(lock: SmartLock, reach: Reach, wanted: Wanted) -> QuerySet[Activity]:
    """What happened at one lock, the latest first; of one span of time or one person if that is asked for."""
    found = queries.activity_of(lock.organization, reach).filter(smart_lock=lock)
    if wanted.begins_at is not None and wanted.ends_at is not None:
        found = found.filter(happened_at__gte=wanted.begins_at, happened_at__lt=wanted.ends_at)
    if wanted.who:
        guest = Q(grant__stay__guest__name__icontains=wanted.who)
        named = Q(grant=None, name__icontains=wanted.who)
        held = Q(grant=None, held_by__icontains=wanted.who)
        no_label = ~Q(name__startswith=f"{codes.PREFIX}-{installation.token()}-")
        found = found.filter(guest | (named & no_label) | held)
    return found


def in_chunks(activity: QuerySet[Activity], before: Activity | None) -> list[Activity]:
    """The next rows of an export, older than one that was written already."""
    if before is not None:
        at, pk = before.happened_at, before.pk
        older = Q(happened_at__lt=at) | Q(happened_at=at, pk__lt=pk)
        activity = activity.filter(older, happened_at__lte=at)
    return list(activity[:CHUNK])


def codes_on(lock: SmartLock, reach: Reach) -> list[Grant]:
    """The guests' grants of which something may be on this lock, the nearest end first."""
    there = Q(asked_at__isnull=False) | Q(seen_at__isnull=False)
    ours = Grant.objects.filter(reach.covers("stay__unit__property"), smart_lock=lock)
    return list(
        ours.filter(there, closed_at=None)
        .exclude(stay=None)
        .select_related("stay__guest", "stay__unit__property", "smart_lock", "door")
        .order_by("allowed_until", "pk")[:MOST_CODES_SHOWN]
    )


def others_on(lock: SmartLock) -> list[OtherAuthorization]:
    """What was listed on this lock besides our codes, with who holds it: what was used lately first."""
    lately = F("used_at").desc(nulls_last=True)
    found = OtherAuthorization.objects.filter(smart_lock=lock).annotate(held_by=queries.holder_here())
    return list(found.order_by(lately, "pk")[:MOST_OTHERS_SHOWN])


def holders_of_what_is_gone(lock: SmartLock) -> list[Holder]:
    """Whom the host has named for what is no longer on this lock."""
    there = OtherAuthorization.objects.filter(smart_lock=lock, authorization_id=OuterRef("authorization_id"))
    gone = Holder.objects.filter(~Exists(there), smart_lock=lock)
    return list(gone.order_by("name", "pk")[:MOST_OTHERS_SHOWN])


def others_of(organization: Organization) -> QuerySet[OtherAuthorization]:
    """What was listed on the organization's locks besides our codes, with the lock and its door."""
    found = OtherAuthorization.objects.filter(organization=organization)
    return found.select_related("smart_lock__door__property", "smart_lock__organization")


def holder_of(authorization: OtherAuthorization) -> Holder | None:
    """Whom the host has named for one of them."""
    found = Holder.objects.filter(
        smart_lock=authorization.smart_lock_id, authorization_id=authorization.authorization_id
    )
    return found.select_related("smart_lock").first()


def holders_of(organization: Organization) -> QuerySet[Holder]:
    """Whom the organization has named, with the lock."""
    return Holder.objects.filter(organization=organization).select_related("smart_lock")


def locks_to_swap_with(organization: Organization, lock: SmartLock) -> QuerySet[SmartLock]:
    """Locks on other doors, with these."""
    on_a_door = SmartLock.objects.filter(organization=organization, door__isnull=False, gone_since=None)
    return (
        on_a_door.exclude(pk=lock.pk)
        .select_related("door__property")
        .order_by("door__property__name", "door__name", "pk")
    )


def with_windows(locks: QuerySet[SmartLock], now: datetime) -> QuerySet[SmartLock]:
    """The same locks with from when to when stays of the coming days open them (`spans_on`)."""
    windows = Grant.objects.filter(
        smart_lock=OuterRef("pk"),
        closed_at=None,
        is_wanted=True,
        kind=GrantKind.KEYPAD_CODE,
        allowed_until__gt=now,
        allowed_from__lte=now + COUNTED_AHEAD,
    )
    window = Func("allowed_from", "allowed_until", function="tstzrange", output_field=DateTimeRangeField())
    return locks.annotate(windows=ArraySubquery(windows.values_list(window)))


def spans_on(lock: SmartLock) -> Iterator[tuple[datetime, datetime]]:
    """From when to when codes are to be on this lock: they come `HORIZON` before their windows."""
    return ((window.lower - HORIZON, window.upper) for window in getattr(lock, "windows", ()))


def asked_of(lock: SmartLock, most: int) -> list[AuditEntry]:
    """What people asked of this lock lately, and what became of it: the latest first."""
    entries = AuditEntry.objects.filter(smart_lock=lock, kind__in=ASKED_OF_LOCKS)
    entries = entries.select_related("by", "api_key", "stay__guest")
    return list(entries.order_by("-at", "-pk")[:most])


def movement_since(lock: SmartLock, asked_at: datetime) -> Activity | None:
    """What the lock's own log shows of an opening that was asked for then, over Nuki Web."""
    found = Activity.objects.filter(
        smart_lock=lock,
        kind__in=[ActivityKind.OPENED, ActivityKind.FAILED],
        means=Means.WEB,
        happened_at__gte=asked_at - CLOCKS_DIFFER,
        happened_at__lt=asked_at + MOVES_WITHIN,
    )
    return movement_in(found.order_by("-happened_at", "-pk"), asked_at)


def movement_in(activity: Iterable[Activity], asked_at: datetime) -> Activity | None:
    """The same among activity of one lock that was read already, the latest first."""
    meant = [
        one
        for one in activity
        if one.kind in {ActivityKind.OPENED, ActivityKind.FAILED}
        and one.means == Means.WEB
        and one.happened_at >= asked_at - CLOCKS_DIFFER
        and one.recorded_at >= asked_at
    ]
    return meant[-1] if meant else None


def guests_behind(lock: SmartLock, reach: Reach, now: datetime) -> list[str]:
    """The names of guests who are in the house behind this lock now."""
    grants = (
        Grant.objects.filter(reach.covers("stay__unit__property"))
        .filter(smart_lock=lock, closed_at=None, is_wanted=True, allowed_from__lte=now, allowed_until__gt=now)
        .exclude(stay=None)
        .select_related("stay__guest")
    )
    return [
        grant.own_stay.guest.called for grant in grants.order_by("allowed_until", "pk")[:MOST_STAYS_SHOWN]
    ]


def stays_that_move(door: Door, now: datetime) -> list[Grant]:
    """The grants whose codes would move if this door got another lock, one for each stay."""
    return list(
        Grant.objects.filter(
            door=door, closed_at=None, is_wanted=True, allowed_until__gt=now, stay__cancelled_at=None
        )
        .select_related("stay__guest", "stay__unit__property")
        .order_by("allowed_from", "pk")[:MOST_STAYS_SHOWN]
    )


def doors_to_move_to(organization: Organization, lock: SmartLock) -> QuerySet[Door]:
    """Doors that a lock could be put on."""
    return (
        Door.objects.filter(organization=organization)
        .exclude(smart_lock=lock)
        .select_related("property", "smart_lock")
        .order_by("property__name", "name", "pk")
    )
