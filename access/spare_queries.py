"""Reading backup codes: which are ready, which somebody has, and what is due. None of these decrypts one."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from access.lifecycle import HORIZON
from access.log_entries import ActivityKind
from access.models import Activity, AuditEntry, AuditKind, Grant, GrantKind, Spare, Stay
from access.spare_rules import GUESTS_FROM, RENEWED_BEFORE, SETTLES_WITHIN
from properties.models import Door, SmartLock

OF_USE_FOR = timedelta(hours=1)  # at least, else the next one is better
TOLD_FOR = timedelta(hours=24)  # how long a host is shown that a guest got one
ON_ITS_DOOR = Q(grant__smart_lock=F("door__smart_lock"))  # the door has not got another lock since
NEW_WISHES = (
    AuditKind.STAY_BOOKED,
    AuditKind.STAY_CHANGED,
    AuditKind.TIMES_DERIVED_ANEW,
    AuditKind.CODE_DRAWN_ANEW,
    AuditKind.CODE_RENEWED,
)


def waiting() -> QuerySet[Spare]:
    """Backup codes that nobody has, and that are to stay."""
    return Spare.objects.filter(handed_to=None, ended_at=None)


def ready(doors: Collection[int], now: datetime) -> QuerySet[Spare]:
    """Those that were seen on the lock of their door, the one that lasts longest first."""
    return Spare.objects.filter(_is_ready(now), ON_ITS_DOOR, door__in=doors).order_by("-good_until", "pk")


def standing_of(stay: Stay) -> list[Spare]:
    """What the guests of a stay have, from the street inwards, with both grants and the door."""
    found = Spare.objects.filter(handed_to__stay=stay, ended_at=None)
    return list(
        found.select_related("grant", "handed_to__door", "handed_to__smart_lock").order_by(
            "handed_to__position", "pk"
        )
    )


def of_stay(stay: Stay) -> list[Spare]:
    """The same and what they had, with what pages show of it, and when it first opened its door.

    The stay's grants were read `with_backup`: as a rule there is nothing to ask for.
    """
    if not any(getattr(grant, "had_backup", False) for grant in stay.grants.all()):
        return []
    openings = Activity.objects.filter(
        grant=OuterRef("handed_to"),
        kind=ActivityKind.OPENED,
        authorization_id=OuterRef("grant__authorization_id"),
    ).exclude(authorization_id="")
    first = openings.order_by("happened_at").values("happened_at")[:1]
    found = Spare.objects.filter(handed_to__stay=stay).annotate(used_at=Subquery(first))
    return list(
        found.select_related(
            "grant__smart_lock", "handed_to__door", "handed_to__smart_lock", "message"
        ).order_by("handed_to__position", "pk")
    )


def standing_at(grant: Grant) -> Spare | None:
    """What opens in the place of a grant, with its code."""
    return Spare.objects.filter(handed_to=grant, ended_at=None).select_related("grant").first()


def with_backup(grants: QuerySet[Grant], now: datetime) -> QuerySet[Grant]:
    """The same grants with whether one waits at their door, and whether their guests ever had one."""
    had = Spare.objects.filter(handed_to=OuterRef("pk"))
    return grants.annotate(backup_waits=Exists(_ready_at_door(now)), had_backup=Exists(had))


def is_offered(grant: Grant, now: datetime) -> bool:
    """Whether the guest of a grant has a backup code, or could get one. One query."""
    if grant.door_id is None or grant.kind != GrantKind.KEYPAD_CODE:
        return False
    theirs = Spare.objects.filter(handed_to=grant, ended_at=None)
    return theirs.order_by().values("pk").union(ready([grant.door_id], now).order_by().values("pk")).exists()


@dataclass(frozen=True)
class OnLock:
    """How many backup codes take a place of a lock, and how many of those are ready to be handed out."""

    places: int
    ready: int


def on_lock(lock: SmartLock, now: datetime) -> OnLock:
    """Those of a lock. One query."""
    there = Spare.objects.filter(grant__smart_lock=lock, grant__closed_at=None)
    return OnLock(**there.aggregate(places=Count("pk"), ready=Count("pk", filter=_is_ready(now))))


def codes_on(lock: SmartLock, now: datetime) -> int:
    """How many places of a lock are taken, or will be within days: by ours, and by others' codes."""
    ours = Grant.objects.filter(
        smart_lock=lock, closed_at=None, kind=GrantKind.KEYPAD_CODE, allowed_from__lte=now + HORIZON
    )
    return ours.count() + len(lock.foreign_codes)


def wanted_at(door: Door) -> int:
    """How many a door is to have. Its lock and its property were fetched with it."""
    lock = door.smart_lock
    if lock is None or not lock.has_keypad or lock.gone_since is not None or not door.has_backup_codes:
        return 0
    return door.property.backup_codes


def doors_to_stock(now: datetime, most: int) -> list[int]:
    """Doors that have too few that last, or more than they are to have; of many some, by chance.

    A door on a lock that is full stays among them, and is not to stand before the others for ever.
    """
    waits = waiting().filter(door=OuterRef("pk")).order_by()
    lasting = waits.filter(
        good_until__gt=now + RENEWED_BEFORE, grant__smart_lock=OuterRef("smart_lock"), grant__closed_at=None
    )
    is_off = Q(smart_lock=None) | Q(has_backup_codes=False) | Q(smart_lock__has_keypad=False)
    doors = Door.objects.annotate(
        wanted=Case(
            When(is_off | Q(smart_lock__gone_since__isnull=False), then=0),
            default=F("property__backup_codes"),
            output_field=IntegerField(),
        ),
        lasting=_count(lasting),
        waits=_count(waits),
    )
    found = doors.filter(Q(lasting__lt=F("wanted")) | Q(waits__gt=F("wanted"))).order_by("?")
    return list(found.values_list("pk", flat=True)[:most])


def _count(spares: QuerySet[Spare]) -> Coalesce:
    counted = spares.values("door").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted), Value(0))


def not_ready_in_time(now: datetime, most: int) -> list[int]:
    """Stays with a door whose code is late, and at which a backup code waits."""
    late = late_grants(now).filter(Exists(_ready_at_door(now))).order_by()
    return list(late.values_list("stay_id", flat=True).distinct()[:most])


def late_grants(now: datetime) -> QuerySet[Grant]:
    """Codes of guests who arrive within the hour, or should be in, that are not confirmed on the door.

    Whoever came in by their own code has it there; who was booked or moved a moment ago waits for it.
    """
    stands_in = Spare.objects.filter(handed_to=OuterRef("pk"), ended_at=None)
    lately = AuditEntry.objects.filter(
        stay=OuterRef("stay"), at__gt=now - SETTLES_WITHIN, kind__in=NEW_WISHES
    )
    came_in = Activity.objects.filter(grant=OuterRef("pk"), kind=ActivityKind.OPENED)
    return Grant.objects.filter(
        ~Exists(stands_in),
        ~Exists(lately),
        ~Exists(came_in),
        stay__isnull=False,
        stay__cancelled_at=None,
        stay__starts_at__lte=now + GUESTS_FROM,
        stay__ends_at__gt=now,
        allowed_from__lte=now + GUESTS_FROM,
        allowed_until__gt=now,
        kind=GrantKind.KEYPAD_CODE,
        is_wanted=True,
        closed_at=None,
        confirmed_at=None,
    )


def handed_out_lately(now: datetime) -> QuerySet[Spare]:
    """Those of which a host is to know, of stays that go on."""
    found = Spare.objects.filter(ended_at=None, handed_out_at__gt=now - TOLD_FOR)
    return found.filter(handed_to__stay__cancelled_at=None, handed_to__stay__ends_at__gt=now)


def _is_ready(now: datetime) -> Q:
    """Nobody has it, it is of use for a while, and its lock was seen to have it."""
    return Q(
        handed_to=None,
        ended_at=None,
        good_until__gt=now + OF_USE_FOR,
        grant__is_wanted=True,
        grant__closed_at=None,
        grant__confirmed_at__isnull=False,
        grant__problem="",
    )


def _ready_at_door(now: datetime) -> QuerySet[Spare]:
    """The same as `ready`, of the door of an outer grant."""
    return Spare.objects.filter(_is_ready(now), ON_ITS_DOOR, door=OuterRef("door"))
