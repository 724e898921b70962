"""Keeping what happened at the doors: each thing once, and whose right it was where that is certain.

What is opened over Nuki Web names nobody: it was the guest whose page asked for it a moment before.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from access import alerts, live, webhook_events
from access.alerts import Fact
from access.attribution import A_LITTLE, SHOWS_WITHIN, Right, Wish, who_asked, whose
from access.log_entries import ActivityKind, Means, meaning_of
from access.models import Activity, AlertKind, AuditEntry, AuditKind, Grant
from nuki_gateway.models import LogEntry
from properties.models import GuestsOpen, NukiAccount, SmartLock
from properties.nuki_accounts import HealthChange

HEALTH_KINDS = {
    HealthChange.BATTERY_LOW: ActivityKind.BATTERY_LOW,
    HealthChange.KEYPAD_BATTERY_LOW: ActivityKind.KEYPAD_BATTERY_LOW,
    HealthChange.WENT_OFFLINE: ActivityKind.WENT_OFFLINE,
    HealthChange.CAME_BACK: ActivityKind.CAME_BACK,
}
MOVEMENTS = frozenset({ActivityKind.OPENED, ActivityKind.FAILED})
LONGEST_NAME = 100


@transaction.atomic
def record(*, account: NukiAccount, entries: Sequence[LogEntry], now: datetime) -> list[Activity]:
    """Store the log entries that are not known yet, and return those. Unknown locks are no error."""
    numbers = {entry.smartlock_id for entry in entries}
    locks = {
        lock.smartlock_id: lock
        for lock in SmartLock.objects.filter(nuki_account=account, smartlock_id__in=numbers)
    }
    ours = [entry for entry in entries if entry.smartlock_id in locks]
    known = set(
        Activity.objects.filter(
            smart_lock__in=locks.values(), source__in={entry.id for entry in ours}
        ).values_list("smart_lock_id", "source")
    )
    fresh = {
        (lock.pk, entry.id): (lock, entry)
        for entry in ours
        for lock in [locks[entry.smartlock_id]]
        if (lock.pk, entry.id) not in known
    }
    if not fresh:
        return []
    rights = _rights(locks.values(), [entry for _, entry in fresh.values()])
    made = [_activity(lock, entry, rights.get(lock.pk, []), now) for lock, entry in fresh.values()]
    _give_to_who_asked(made, now)
    Activity.objects.bulk_create(made, ignore_conflicts=True)  # another worker may have been faster
    webhook_events.of_activity(made, now=now)
    _tell(account.organization_id, made)
    return made


@transaction.atomic
def record_health(*, lock: SmartLock, changes: Iterable[HealthChange], now: datetime) -> None:
    """Store what changed in a lock's health, as we saw it."""
    made = [
        Activity(
            organization_id=lock.organization_id,
            smart_lock=lock,
            source=f"{change}:{now.isoformat(timespec='seconds')}",
            happened_at=now,
            recorded_at=now,
            kind=HEALTH_KINDS[change],
            means=Means.UNKNOWN,
        )
        for change in changes
    ]
    Activity.objects.bulk_create(made, ignore_conflicts=True)
    webhook_events.of_activity(made, now=now)
    _tell(lock.organization_id, made)


def attribute_to(grant: Grant) -> None:
    """Give a grant what was done with its authorization before we knew that authorization's id."""
    if not grant.authorization_id:
        return
    unclaimed = Activity.objects.filter(
        smart_lock=grant.smart_lock_id, authorization_id=grant.authorization_id, grant=None
    )
    right = _right(grant)
    if right is None:
        return
    certain = [one.pk for one in unclaimed if right.lived_at(one.happened_at)]
    Activity.objects.filter(pk__in=certain, grant=None).update(grant=right.grant_id)


def _activity(lock: SmartLock, entry: LogEntry, rights: Sequence[Right], now: datetime) -> Activity:
    meaning = meaning_of(entry)
    authorization_id = entry.authorization_id or ""
    return Activity(
        organization_id=lock.organization_id,
        smart_lock=lock,
        source=entry.id,
        happened_at=entry.at,
        recorded_at=now,
        kind=meaning.kind,
        means=meaning.means,
        authorization_id=authorization_id,
        name=entry.name[:LONGEST_NAME],
        grant_id=whose(authorization_id=authorization_id, name=entry.name, at=entry.at, rights=rights),
    )


def _give_to_who_asked(made: Sequence[Activity], now: datetime) -> None:
    """Name the guests who had their doors opened from their page. One query where anything was opened so."""
    over_web = [one for one in made if one.means == Means.WEB and one.kind in MOVEMENTS]
    if not over_web:
        return
    moments = [one.happened_at for one in over_web]
    asked = AuditEntry.objects.filter(
        smart_lock__in={one.smart_lock_id for one in over_web},
        kind=AuditKind.OPENING_ASKED,
        at__gte=min(moments) - SHOWS_WITHIN,
        at__lte=max(moments) + A_LITTLE,
    )
    wishes: dict[int | None, list[Wish]] = {}
    for lock_id, at, grant_id in asked.values_list("smart_lock_id", "at", "grant_id"):
        wishes.setdefault(lock_id, []).append(Wish(at, grant_id))
    for one in over_web:
        one.grant_id = one.grant_id or who_asked(at=one.happened_at, wishes=wishes.get(one.smart_lock_id, []))
    fresh = [one for one in over_web if one.happened_at > now - alerts.SHOWN_FOR]
    _tell_host([one for one in fresh if one.grant_id and one.kind == ActivityKind.OPENED], now)


def _tell_host(opened: Sequence[Activity], now: datetime) -> None:
    """Where the host wants to know that guests open a door from their page."""
    if not opened:
        return
    grants = Grant.objects.filter(
        pk__in=[one.grant_id for one in opened], door__guests_open=GuestsOpen.TELL_HOST
    )
    for grant in grants:
        fact = Fact(
            AlertKind.GUEST_OPENED_DOOR,
            grant.organization_id,
            stay_id=grant.stay_id,
            smart_lock_id=grant.smart_lock_id,
        )
        alerts.open_now(fact, now=now)


def _rights(locks: Iterable[SmartLock], entries: Sequence[LogEntry]) -> dict[int, list[Right]]:
    """The grants that these entries can be about, by lock: one query."""
    ids = {entry.authorization_id for entry in entries if entry.authorization_id}
    names = {entry.name for entry in entries if entry.name}
    grants = (
        Grant.objects.filter(Q(authorization_id__in=ids) | Q(label__in=names), smart_lock__in=locks)
        .select_related("stay", "spare")
        .order_by("pk")
    )
    found: dict[int, list[Right]] = {}
    for grant in grants:
        if (right := _right(grant)) is not None:
            found.setdefault(grant.smart_lock_id, []).append(right)
    return found


def _right(grant: Grant) -> Right | None:
    """Whose it is to use this grant: a backup code's is that of the guest who has it, and nobody's before."""
    if grant.stay is not None:
        grant_id, since = grant.pk, grant.stay.booked_at
    else:
        spare = grant.spare
        if spare.handed_to_id is None or spare.handed_out_at is None:
            return None
        grant_id, since = spare.handed_to_id, spare.handed_out_at
    return Right(
        grant_id=grant_id,
        label=grant.label,
        authorization_id=grant.authorization_id,
        asked_for_at=since,
        gone_at=grant.closed_at,
    )


def _tell(organization_id: int, made: Sequence[Activity]) -> None:
    if made:
        topics = {live.lock_topic(one.smart_lock_id) for one in made}
        live.tell(organization_id, {live.ACTIVITY, *topics})
