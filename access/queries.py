"""Reading stays, grants and messages: each function is a bounded number of queries."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    BooleanField,
    Case,
    F,
    Func,
    Min,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
    Window,
)
from django.db.models.functions import Concat, RowNumber
from django.db.models.lookups import LessThan

from access import in_reach
from access.codes import NOT_AGAIN_FOR
from access.lifecycle import HORIZON, Step
from access.log_entries import ActivityKind
from access.models import Activity, Delivery, Grant, GrantKind, Holder, Message, Problem, Stay
from access.models.messages import TELLS_ACCESS
from access.readiness import NEAR, SLOW
from nuki_gateway.models import ServerState
from properties.models import Door, NukiAccount, Organization, SmartLock
from properties.reach import Reach

RUNG_FOR = timedelta(seconds=5)  # how long a ring for deliveries is taken to be on its way
SOON_LISTED = timedelta(seconds=12)  # after a push: as a rule it takes some seconds
KEYPAD_IS_LOST = timedelta(minutes=30)  # copies lag up to 30 s, and sweeps come every quarter of an hour
SHARE = 2  # looks at an account's locks that one tick asks for, for each that may be made at once
# by `starts_at`, but not by its index, which leads past everybody who ever came to those who have not left
NOT_BY_THE_INDEX = F("starts_at") + Value(timedelta(0))
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
    due = Grant.objects.filter(smart_lock=lock, closed_at=None, due_at__lte=now)
    return in_order(due.select_related("stay__guest"), now)


def live_grants_with_doors(stay: Stay) -> list[Grant]:
    """The same with their doors and locks."""
    live = Grant.objects.filter(stay=stay, closed_at=None).select_related("door", "smart_lock")
    return list(live.order_by("position", "pk"))


def open_grants_on(lock: SmartLock) -> int:
    """How many codes of ours are on a lock, or may be, or are to come there."""
    return Grant.objects.filter(smart_lock=lock, closed_at=None, kind=GrantKind.KEYPAD_CODE).count()


def push_is_out(lock: SmartLock, now: datetime) -> bool:
    """Whether a code was accepted for this lock a moment ago that no list shows yet."""
    sent = Grant.objects.filter(smart_lock=lock, closed_at=None, is_wanted=True, asked_step=Step.PUSH)
    accepted = sent.filter(asked_at__gt=now - SOON_LISTED, accepted_at__gte=F("asked_at"))
    return accepted.filter(listed_at=None).exists()


def waiting_for_room(lock: SmartLock) -> QuerySet[Grant]:
    """The grants that wait for a place on one lock."""
    waiting = Grant.objects.filter(smart_lock=lock, closed_at=None, problem=Problem.NO_ROOM)
    return waiting.select_related("stay")


def in_order(grants: Iterable[Grant], now: datetime) -> list[Grant]:
    """Grants of one lock: what has to go first, as it also makes room; then the nearest arrivals.

    Backup codes come after all guests.
    """

    def urgency(grant: Grant) -> tuple[bool, bool, datetime, int]:
        stays = grant.is_wanted and now < grant.allowed_until
        return stays, grant.stay_id is None, grant.allowed_from, grant.pk

    return sorted(grants, key=urgency)


def due_locks(now: datetime, most: int) -> list[int]:
    """Smart locks with something due, that nobody holds or rests: the most urgent first.

    Each account has its share of them, so that one with thousands does not keep out the others: as many as
    its looks of the next seconds can take, whatever else of it is due.
    """
    rows = (
        Grant.objects.filter(due_at__lte=now)  # a closed grant is never due: a constraint holds that
        .filter(Q(smart_lock__leased_until=None) | Q(smart_lock__leased_until__lte=now))
        .filter(Q(smart_lock__rests_until=None) | Q(smart_lock__rests_until__lte=now))
        .filter(
            Q(smart_lock__nuki_account__paused_until=None)
            | Q(smart_lock__nuki_account__paused_until__lte=now)
        )
        .values("smart_lock_id", account_id=F("smart_lock__nuki_account_id"))
        .annotate(urgency=Min(_urgency(now)), nearest=Min("allowed_from"))
        .annotate(
            place=Window(
                RowNumber(), partition_by="account_id", order_by=("urgency", "nearest", "smart_lock_id")
            )
        )
        .filter(place__lte=SHARE * settings.NUKI_LOOKS_AT_ONCE)
        .order_by("place", "urgency", "nearest", "smart_lock_id")
        .values_list("urgency", "nearest", "smart_lock_id")[:most]
    )
    found = rows.union(_locks_due_by_themselves(now, most), all=True)
    return list(dict.fromkeys(lock_id for _, _, lock_id in sorted(found)))


def _locks_due_by_themselves(now: datetime, most: int) -> QuerySet[SmartLock, tuple[int, datetime, int]]:
    """Smart locks to be looked at although no grant on them may be due: there are few, as a rule none."""
    return (
        SmartLock.objects.filter(look_due_at__lte=now)
        .filter(Q(leased_until=None) | Q(leased_until__lte=now))
        .filter(Q(rests_until=None) | Q(rests_until__lte=now))
        .filter(Q(nuki_account__paused_until=None) | Q(nuki_account__paused_until__lte=now))
        .order_by("look_due_at", "pk")
        .values_list(Value(0), "look_due_at", "pk")[:most]
    )


def _urgency(now: datetime) -> Case:
    """Codes that have to go, guests' that have to come, and those that are in place, or can wait."""
    goes = Q(is_wanted=False) | Q(allowed_until__lte=now)
    return Case(When(goes, then=0), When(confirmed_at=None, stay__isnull=False, then=1), default=2)


def digests_on(lock_ids: Sequence[int], now: datetime, *, besides: Stay | None = None) -> set[str]:
    """Digests of the codes that are on these locks, are to come there, or were until lately.

    What was there for the guests of one stay, and is gone, may be left out: they may have it again.
    """
    ours = Grant.objects.filter(smart_lock__in=lock_ids).exclude(code_digest="")
    if besides is not None:
        ours = ours.exclude(stay=besides, closed_at__isnull=False)
    recent = ours.filter(Q(closed_at=None) | Q(closed_at__gt=now - NOT_AGAIN_FOR))
    foreign = SmartLock.objects.filter(pk__in=lock_ids).values_list("foreign_codes", flat=True)
    return set(recent.values_list("code_digest", flat=True)).union(*foreign)


def grants_with_a_new_keypad(nuki_account_id: int, now: datetime) -> list[Grant]:
    """Grants that were made without a code, on locks that have a keypad by now.

    Who is in the house with the app keeps it, unless that opens nothing.
    """
    return list(
        Grant.objects.filter(
            Q(allowed_from__gt=now) | ~Q(problem=""),
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


def grants_without_their_keypad(nuki_account_id: int, now: datetime) -> list[Grant]:
    """Codes of stays to come on locks that have lost their keypad, whose guests can be invited to the app.

    Guests know their codes, so a keypad counts as lost only once more than one reading has missed it.
    """
    codes = Grant.objects.filter(
        kind=GrantKind.KEYPAD_CODE,
        stay__isnull=False,
        closed_at=None,
        is_wanted=True,
        allowed_from__gt=now,
        smart_lock__nuki_account_id=nuki_account_id,
        smart_lock__has_keypad=False,
        smart_lock__keypad_gone_since__lte=now - KEYPAD_IS_LOST,
        smart_lock__gone_since=None,
    )
    return list(codes.exclude(stay__guest__email="").order_by("pk"))


def somebody_is_in(nuki_account_id: int, now: datetime) -> bool:
    """Whether a guest may use a code on one of the account's locks now."""
    return Grant.objects.filter(
        smart_lock__nuki_account_id=nuki_account_id,
        stay__isnull=False,
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


def accounts_to_sweep(now: datetime, most: int) -> list[int]:
    """Nuki accounts whose locks are to be compared with our rows now; those that are paused wait."""
    rows = NukiAccount.objects.filter(
        Q(paused_until=None) | Q(paused_until__lte=now),
        Q(sweep_due_at=None) | Q(sweep_due_at__lte=now),
    ).order_by(F("sweep_due_at").asc(nulls_first=True))
    return list(rows.values_list("pk", flat=True)[:most])


def locks_to_compare(account: NukiAccount) -> list[SmartLock]:
    """The account's locks of whose codes a list tells: Nuki withholds those without a subscription."""
    return list(SmartLock.objects.filter(nuki_account=account, subscription_ended=False).order_by("pk"))


def grants_to_compare(account: NukiAccount) -> list[Grant]:
    """The open grants of an account of which something may be on their locks."""
    may_be_there = Q(asked_at__isnull=False) | Q(seen_at__isnull=False)
    grants = Grant.objects.filter(may_be_there, smart_lock__nuki_account=account, closed_at=None)
    return list(grants.order_by("pk"))


def labels_at_home_on(lock: SmartLock) -> set[str]:
    """Labels that may stay on a lock: of its open grants, and of those that are wanted on one that is gone.

    Such a lock may only have another id now: what its guests were told still opens, and must.
    """
    here = Q(smart_lock=lock) | Q(
        is_wanted=True,
        smart_lock__nuki_account_id=lock.nuki_account_id,
        smart_lock__gone_since__isnull=False,
    )
    return set(Grant.objects.filter(here, closed_at=None).values_list("label", flat=True))


def accounts_with_deliveries(now: datetime, most: int) -> list[int]:
    """Nuki accounts with deliveries that were not taken in, although there was time for it."""
    rows = Delivery.objects.filter(taken_in_at=None, received_at__lte=now - RUNG_FOR)
    return list(rows.values_list("nuki_account_id", flat=True).distinct()[:most])


def activity_of(organization: Organization, reach: Reach) -> QuerySet[Activity]:
    """What happened at an organization's doors, the latest first, and who holds what was used (`held_by`)."""
    return _shown_activity(organization.pk, reach)


def _shown_activity(organization_id: int, reach: Reach) -> QuerySet[Activity]:
    ours = Activity.objects.filter(organization_id=organization_id, kind__in=SHOWN_ACTIVITY)
    return (
        ours.filter(in_reach.activity(reach))
        .select_related("smart_lock__door__property", "grant__stay__guest", "grant__stay__unit__property")
        .annotate(held_by=holder_here())
        .order_by("-happened_at", "-pk")
    )


def holder_here() -> Subquery:
    """Whom the host has named for the authorization that a row is about, as `Holder.called`."""
    holders = Holder.objects.filter(
        smart_lock=OuterRef("smart_lock"), authorization_id=OuterRef("authorization_id")
    )
    with_note = Concat("name", Value(" ("), "note", Value(")"))
    return Subquery(holders.values_list(Case(When(note="", then=F("name")), default=with_note)))


def before(activity: QuerySet[Activity], pk: int) -> QuerySet[Activity]:
    """What is older than the one with this key; everything where there is none such."""
    last = activity.filter(pk=pk).values_list("happened_at", flat=True).first()
    if last is None:
        return activity
    return activity.filter(Q(happened_at__lt=last) | Q(happened_at=last, pk__lt=pk), happened_at__lte=last)


class IsOneOf(Func):
    """Whether a value is in an array. A join with its rows would be planned for, and badly, among many."""

    template, arg_joiner = "%(expressions)s)", " = ANY("
    output_field = BooleanField()


def activity_at_doors_of(stay: Stay, reach: Reach) -> QuerySet[Activity]:
    """What this stay's guest did, and what else happened on the way in while the stay lasted."""
    everything = Activity.objects.order_by()
    theirs = everything.filter(grant__in=stay.grants.values("pk"))
    about_the_doors = everything.filter(
        grant=None,
        smart_lock__in=stay.grants.values("smart_lock"),
        kind__in=ABOUT_THE_DOOR,
        happened_at__gte=stay.starts_at,
        happened_at__lte=stay.ends_at,
    )  # apart from theirs, as each has an index that leads there
    keys = theirs.values("pk").union(about_the_doors.values("pk"), all=True)
    return _shown_activity(stay.organization_id, reach).filter(IsOneOf(F("pk"), ArraySubquery(keys)))


def due_messages(now: datetime, most: int) -> list[int]:
    """Messages to be sent now that no worker has claimed."""
    unclaimed = Q(claimed_until=None) | Q(claimed_until__lte=now)
    rows = Message.objects.filter(unclaimed, due_at__lte=now).order_by("due_at")
    return list(rows.values_list("pk", flat=True)[:most])


def stays_of(organization: Organization, reach: Reach) -> QuerySet[Stay]:
    """Stays with all that a list shows of them."""
    return (
        Stay.objects.filter(reach.covers("unit__property"), organization=organization)
        .select_related("guest", "unit__property")
        .prefetch_related(Prefetch("grants", shown_grants(reach)))
    )


def shown_grants(reach: Reach) -> QuerySet[Grant]:
    """Grants of stays with lock and door, without what only the reconciler reads of a lock.

    `used_at` is when the grant first opened its door, as far as the lock's log told.
    """
    openings = Activity.objects.filter(grant=OuterRef("pk"), kind=ActivityKind.OPENED)
    first = openings.order_by("happened_at").values("happened_at")[:1]
    return (
        Grant.objects.filter(in_reach.grants(reach))
        .select_related("smart_lock", "door")
        .defer("smart_lock__foreign_codes")
        .annotate(used_at=Subquery(first))
    )


def at_risk(now: datetime, organization: Organization | None = None) -> QuerySet[Stay]:
    """Stays that go on or begin within a day, and of which some door is not known to open for the guest.

    Worked out from rows at the moment of asking, so it needs no worker to have run. Of one organization, or
    of all in a scope over all; the nearest arrival first. `risks.risk_of` says why.
    """
    near = Stay.objects.filter(starts_at__lte=now + NEAR, ends_at__gt=now, cancelled_at=None)
    if organization is not None:
        near = near.filter(organization=organization)
    return (
        _risky(near, _may_not_open(now) | LOCK_IS_WEAK, now)
        .select_related("guest", "unit__property")
        .prefetch_related("grants__smart_lock", "grants__door")
        .order_by(NOT_BY_THE_INDEX, "pk")
    )


def not_sure_to_get_in(
    organization: Organization, reach: Reach, *, until: datetime, now: datetime
) -> QuerySet[Stay]:
    """Stays that go on or begin by then, of which a door may be shut or whose guest was not told.

    The nearest arrival first. What only may fail later, as a battery, is left out: those doors open.
    """
    there = Stay.objects.filter(reach.covers("unit__property"), organization=organization, cancelled_at=None)
    return _risky(there.filter(starts_at__lte=until, ends_at__gt=now), _may_not_open(now), now).order_by(
        NOT_BY_THE_INDEX, "pk"
    )


def _risky(stays: QuerySet[Stay], at_a_door: Q, now: datetime) -> QuerySet[Stay]:
    """Those of the stays with such a door, with none at all, or whose guest was not told in time.

    Each question is put for one stay at a time. Asked by EXISTS, PostgreSQL may answer it first for all stays
    that there ever were, and then looks up the few.
    """
    wanted = Grant.objects.filter(stay=OuterRef("pk"), closed_at=None, is_wanted=True)
    messages = Message.objects.filter(
        stay=OuterRef("pk"), revision=OuterRef("revision"), kind__in=TELLS_ACCESS
    )
    waits = Q(
        due_at__gt=now, attempts=0
    )  # for the time at which the property tells its guests, or for a change
    arrived = Q(sent_at__isnull=False) & ~Q(bounced_at__isnull=False, bounced_to=F("sent_to"))
    is_known = Q(known_revision__isnull=False, known_revision=F("revision"))
    untold = Q(told_or_waits=None) & (Q(tried__isnull=False) | Q(lately_ready=None)) & ~is_known
    return stays.alias(
        shut=_first(wanted.filter(at_a_door)),
        door=_first(wanted),
        told_or_waits=_first(messages.filter(arrived | waits)),
        tried=_first(messages.filter(Q(attempts__gt=0) | Q(bounced_at__isnull=False))),
        lately_ready=_first(wanted.filter(Q(confirmed_at=None) | Q(confirmed_at__gt=now - SLOW))),
    ).filter(Q(shut__isnull=False) | Q(door=None) | untold)


def _first(rows: QuerySet[Any]) -> Subquery:
    """Some row of those that belong to one outer row, or nothing."""
    return Subquery(rows.order_by().values("pk")[:1])


# a code that is confirmed on such a lock opens, for now
LOCK_IS_WEAK = (
    Q(smart_lock__subscription_ended=True)
    | Q(smart_lock__keypad_battery_critical=True)
    | Q(smart_lock__battery_critical=True)
)


def _may_not_open(now: datetime) -> Q:
    """Grants of an outer stay whose doors are not known to open. New codes have minutes to arrive."""
    keypad_is_gone = Q(kind=GrantKind.KEYPAD_CODE, smart_lock__has_keypad=False)
    lock_fails = Q(smart_lock__gone_since__isnull=False) | keypad_is_gone
    is_late = Q(LessThan(OuterRef("booked_at"), now - SLOW)) & Q(allowed_from__lt=now - SLOW + HORIZON)
    cannot_be_put = Q(smart_lock__server_state=ServerState.OFFLINE) | Q(smart_lock__subscription_ended=True)
    waits_for_turn = Q(
        waits_until__isnull=False, waits_until__gt=now - SLOW
    )  # the guest has the app till then
    is_not_there = Q(confirmed_at=None) & (is_late | cannot_be_put) & ~waits_for_turn
    return ~Q(problem="") | lock_fails | is_not_there


def stays_to_move(door: Door, now: datetime) -> list[Stay]:
    """Stays with a code on a lock that this door had before, which may still open; held until the commit."""
    wanted = Grant.objects.filter(door=door, closed_at=None, is_wanted=True, allowed_until__gt=now)
    elsewhere = wanted.exclude(smart_lock=door.smart_lock_id)
    stays = Stay.objects.filter(pk__in=elsewhere.values("stay"), cancelled_at=None).order_by("pk")
    return list(stays.select_related("unit__property").select_for_update(of=("self",)))


def stays_through_both(one: Door, two: Door, now: datetime) -> list[Stay]:
    """Stays with a code on each of two doors, which may still open; held until the commit.

    All that have one on either are held, in the order of their numbers, as everybody holds several.
    """
    wanted = Grant.objects.filter(
        closed_at=None, is_wanted=True, allowed_until__gt=now, stay__cancelled_at=None
    )
    doors = wanted.filter(door__in=[one, two]).values_list("stay_id", "door_id")
    held = Stay.objects.filter(pk__in=doors.values("stay_id")).order_by("pk").select_for_update(of=("self",))
    found = {stay.pk: stay for stay in held}
    reached: dict[int, set[int | None]] = {}
    for stay_id, door_id in doors:
        reached.setdefault(stay_id, set()).add(door_id)
    return [stay for stay_id, stay in found.items() if len(reached.get(stay_id, ())) > 1]


def needs_its_lock(door: Door, now: datetime) -> bool:
    """Whether a stay that is not over has a code on this door."""
    return Grant.objects.filter(door=door, closed_at=None, is_wanted=True, allowed_until__gt=now).exists()


def neighbour(*, unit_id: int, starts_at: datetime, ends_at: datetime, besides: int | None) -> Stay | None:
    """A stay that stands in the way of these times in a unit; `besides` is the one that is to move."""
    others = Stay.objects.filter(
        unit_id=unit_id, cancelled_at=None, starts_at__lt=ends_at, ends_at__gt=starts_at
    )
    if besides is not None:
        others = others.exclude(pk=besides)
    return others.select_related("guest", "unit__property").order_by("starts_at").first()
