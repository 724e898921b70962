"""Backup codes: put on the locks of doors before anybody needs them, and handed out where a guest does.

The only writer of what is wanted of them. A spare is a grant without a stay, which the reconciler treats as
any other. Once it was handed out it opens in the place of the guest's own code at that door, ends with it,
and what it opens is the guest's doing.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from django.db import IntegrityError, transaction

from access import (
    alerts,
    audit,
    capacity,
    codes,
    installation,
    live,
    messages,
    spare_queries,
    spare_rules,
    wanted,
    windows,
    work_queue,
)
from access.alerts import Fact
from access.diagnosis import Diagnosis, Way
from access.models import AlertKind, AuditKind, Grant, GrantKind, Spare, Stay, WhyHandedOut
from access.spare_rules import Kept
from properties.encryption import digest
from properties.models import Door, SmartLock, User

DRAWS = 3  # two draws at once for one lock may be equal: then the constraint speaks, and one draws again


class NoSpareIsReady(Exception):
    """No backup code is on the lock of the door, as far as was seen."""


class IsNotOffered(Exception):
    """The guest has another way in, it is not their time, or they had enough of them."""


class StayIsNotNow(Exception):
    """The stay is over, cancelled, or begins much later."""


@transaction.atomic(durable=True)
def stock(*, door: Door, now: datetime) -> None:
    """Have as many backup codes on a door as its property says, and no new one where guests need the room."""
    held = (
        Door.objects.select_for_update(of=("self",)).select_related("property", "smart_lock").get(pk=door.pk)
    )
    waiting = spare_queries.waiting().filter(door=held).order_by("pk")
    found = list(waiting.select_for_update(of=("self",)).select_related("grant"))
    lock, count = held.smart_lock, spare_queries.wanted_at(held)
    plan = spare_rules.plan(
        [_kept(spare, held) for spare in found], wanted=count, has_room=_has_room(lock, count, now), now=now
    )
    _end([spare for spare in found if spare.pk in plan.drops], now)
    for _ in range(plan.draws if lock else 0):
        _draw(held, now)


@transaction.atomic(durable=True)
def hand_out_in_time(*, stay: Stay, now: datetime) -> list[Spare]:
    """Give a guest who is about to arrive a backup code for each door that has not got their own in time."""
    current = _held(stay)
    if current.cancelled_at is not None or current.ends_at <= now:
        return []
    late = list(spare_queries.late_grants(now).filter(stay=current).order_by("position", "pk"))
    return _hand_out(current, late, WhyHandedOut.NOT_CONFIRMED, None, now)


@transaction.atomic(durable=True)
def hand_out_to_guest(*, grant: Grant, found: Diagnosis, now: datetime) -> Spare:
    """Give the guest at a door a backup code, where that helps (`found`); pressed twice, the same one.

    Raises IsNotOffered, NoSpareIsReady.
    """
    stay = _held(grant.own_stay)
    current = Grant.objects.get(pk=grant.pk)
    ends_at = min(current.allowed_until, stay.ends_at)
    is_now = max(current.allowed_from, stay.starts_at) <= now < ends_at and stay.cancelled_at is None
    if not is_now or Way.BACKUP_CODE not in found.ways:
        raise IsNotOffered
    standing = spare_queries.standing_at(current)
    if standing is not None:
        return standing
    had = Spare.objects.filter(handed_to=current, why=WhyHandedOut.GUEST_ASKED).count()
    if had >= spare_rules.MOST_FOR_A_GUEST:
        raise IsNotOffered
    handed = _hand_out(stay, [current], WhyHandedOut.GUEST_ASKED, None, now)
    if not handed:
        raise NoSpareIsReady
    return handed[0]


@transaction.atomic(durable=True)
def hand_out(*, grant: Grant, handed_out_by: User, now: datetime) -> Spare:
    """Give the guest of a stay a backup code for one door, as a host decides; pressed twice, the same one.

    Raises StayIsNotNow, NoSpareIsReady.
    """
    stay = _held(grant.own_stay)
    current = Grant.objects.get(pk=grant.pk)
    is_over = stay.cancelled_at is not None or stay.ends_at <= now or current.closed_at is not None
    if is_over or not current.is_wanted or now < stay.starts_at - spare_rules.HOSTS_FROM:
        raise StayIsNotNow
    standing = spare_queries.standing_at(current)
    if standing is not None:
        return standing
    handed = _hand_out(stay, [current], WhyHandedOut.HOST_DECIDED, handed_out_by, now)
    if not handed:
        raise NoSpareIsReady
    return handed[0]


def take_back(*, stay: Stay, now: datetime) -> None:
    """Have nothing open any more that was handed out to a stay. In a transaction that holds it."""
    _end(spare_queries.standing_of(stay), now)


@transaction.atomic(durable=True)
def give_up(*, grant: Grant, now: datetime) -> None:
    """Stop wanting a backup code that its lock cannot take. Another one follows, where there is room."""
    _end(list(Spare.objects.filter(grant=grant, ended_at=None).select_related("grant")), now)


@transaction.atomic(durable=True)
def make_room(*, lock: SmartLock, now: datetime) -> bool:
    """Have the backup codes that nobody has leave a lock on which a guest's code waits for a place."""
    here = spare_queries.waiting().filter(grant__smart_lock=lock, grant__closed_at=None)
    found = list(here.select_for_update(of=("self",)).select_related("grant"))
    _end(found, now)
    return bool(found)


def _held(stay: Stay) -> Stay:
    rows = Stay.objects.select_for_update(of=("self",))
    return rows.select_related("organization", "unit__property").get(pk=stay.pk)


def _hand_out(
    stay: Stay, grants: Sequence[Grant], why: WhyHandedOut, by: User | None, now: datetime
) -> list[Spare]:
    """One for each of these doors where one is ready, and one message about all. The stay's row is held."""
    handed = [spare for grant in grants if (spare := _give(grant, why, now)) is not None]
    if not handed:
        return []
    message = messages.write_backup_code(stay=stay, now=now)
    Spare.objects.filter(pk__in=[spare.pk for spare in handed]).update(message=message)
    kind = AuditKind.BACKUP_TAKEN if why is WhyHandedOut.GUEST_ASKED else AuditKind.BACKUP_HANDED_OUT
    for spare in handed:
        if spare.handed_to is None:
            continue
        audit.about_grant(kind, spare.handed_to, by=by, answer=why, now=now)
        fact = Fact(
            AlertKind.BACKUP_HANDED_OUT,
            stay.organization_id,
            stay_id=stay.pk,
            smart_lock_id=spare.handed_to.smart_lock_id,
        )
        if by is None:  # who did it knows
            alerts.open_now(fact, now=now)
        if spare.door_id is not None:
            work_queue.door_is_to_be_stocked(spare.door_id)
    if by is None:
        transaction.on_commit(partial(work_queue.host_is_to_be_told, stay.organization_id))
    live.tell(stay.organization_id, {live.stay_topic(stay.pk)})
    return handed


def _give(grant: Grant, why: WhyHandedOut, now: datetime) -> Spare | None:
    """The one that lasts longest. Of two guests at one door at once each takes another."""
    if grant.door_id is None or grant.kind != GrantKind.KEYPAD_CODE:
        return None
    ready = spare_queries.ready([grant.door_id], now).select_related("grant")
    spare = ready.select_for_update(of=("self",), skip_locked=True).first()
    if spare is None:
        return None
    spare.handed_to, spare.handed_out_at, spare.why = grant, now, why
    spare.seen_on_lock_at = spare.grant.confirmed_at
    spare.save(update_fields=["handed_to", "handed_out_at", "why", "seen_on_lock_at"])
    begins_at = grant.allowed_from if now < grant.allowed_from else spare.grant.allowed_from
    wanted.update(spare.grant, now, allowed_from=begins_at, allowed_until=grant.allowed_until)
    return spare


def _end(spares: Sequence[Spare], now: datetime) -> None:
    Spare.objects.filter(pk__in=[spare.pk for spare in spares], ended_at=None).update(ended_at=now)
    wanted.unwant([spare.grant for spare in spares if spare.grant.closed_at is None], now)


def _kept(spare: Spare, door: Door) -> Kept:
    grant = spare.grant
    is_here = grant.smart_lock_id == door.smart_lock_id and grant.is_wanted and grant.closed_at is None
    is_ready = is_here and grant.confirmed_at is not None and not grant.problem
    return Kept(spare.pk, spare.good_until, is_ready=is_ready, is_here=is_here)


def _has_room(lock: SmartLock | None, count: int, now: datetime) -> bool:
    if lock is None or not count:
        return False
    return capacity.takes_a_spare(
        device_type=lock.device_type, taken=spare_queries.codes_on(lock, now) + count - 1
    )


def _draw(door: Door, now: datetime) -> None:
    lock = door.smart_lock
    if lock is None:
        return
    begins_at = windows.whole_seconds(now)
    ends_at = begins_at + spare_rules.LASTS
    for last in range(DRAWS):
        code = codes.draw(taken=wanted.taken_on([lock.pk], now))
        try:
            with transaction.atomic():
                grant = Grant.objects.create(
                    organization_id=door.organization_id,
                    smart_lock=lock,
                    position=0,
                    kind=GrantKind.KEYPAD_CODE,
                    label=codes.label(installation.token()),
                    code=code,
                    code_digest=digest(code),
                    allowed_from=begins_at,
                    allowed_until=ends_at,
                    due_at=now,
                )
        except IntegrityError as refusal:
            if "one_live_grant_for_a_code_on_a_lock" not in str(refusal) or last == DRAWS - 1:
                raise
            continue
        break
    Spare.objects.create(
        organization_id=door.organization_id, grant=grant, door=door, drawn_at=now, good_until=ends_at
    )
    work_queue.lock_is_due(lock.pk)
