"""Booking, changing and ending stays: the only writers of what is wanted on the locks.

One durable transaction each, no network inside. Whatever changes what is wanted bumps the grant's
`generation`, makes it due, and rings for the lock after the commit.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F

from access import audit, codes, installation, live, queries, wall_times, work_queue
from access.lifecycle import HORIZON
from access.models import AuditKind, Grant, GrantKind, Guest, Problem, Stay
from nuki_gateway import codes as keypad
from properties import places
from properties.encryption import digest
from properties.models import Door, Organization, SmartLock, Unit, User
from properties.queries import way_into


class StayEndsBeforeItStarts(Exception):
    """The end of a stay does not lie after its start."""


class StayIsOver(Exception):
    """The stay would be over already, or is."""


class StayIsCancelled(Exception):
    """A cancelled stay cannot be changed."""


class UnitHasNoSmartLock(Exception):
    """A stay was booked for a unit that no smart lock opens."""


class UnitIsTaken(Exception):
    """Another stay of the unit overlaps."""


class DoorNeedsItsLock(Exception):
    """A smart lock was to leave a door on which stays that are not over have their codes."""


class StayHasNoCode(Exception):
    """No door of the stay takes a code."""


class CodeIsTaken(Exception):
    """The code that the host chose is on one of the stay's doors already, or was until lately."""


@dataclass(frozen=True)
class Window:
    """From when to when codes open: the stay, and the property's grace after it."""

    allowed_from: datetime
    allowed_until: datetime


@transaction.atomic(durable=True)
def book(
    *,
    organization: Organization,
    unit: Unit,
    guest_name: str,
    guest_email: str,
    starts_at: datetime,
    ends_at: datetime,
    booked_by: User | None,
    now: datetime,
    language: str = "en",
    code: str = "",
) -> Stay:
    """Book a unit for a guest, and want one code on every door of the way in.

    `code` is the host's own choice; without one it is drawn. Raises this module's errors, and
    `nuki_gateway.codes.CodeRefusedByKeypads`; nothing is kept then.
    """
    starts_at, ends_at = _whole_seconds(starts_at), _whole_seconds(ends_at)
    _check_times(starts_at, ends_at, now)
    guest = _guest(organization, guest_name, guest_email.lower(), language)
    stay = Stay(
        organization=organization,
        unit=unit,
        guest=guest,
        starts_at=starts_at,
        ends_at=ends_at,
        booked_at=now,
        booked_by=booked_by,
    )
    wall_times.keep(stay)
    _save(stay)
    doors = _doors_of(unit)  # read with the row in place: who lays the way in anew sees it, or is seen
    chosen = keypad.check(code) if code else ""
    _want(stay, list(enumerate(doors, start=1)), code=chosen, is_chosen=bool(chosen), now=now)
    audit.about_stay(AuditKind.STAY_BOOKED, stay, by=booked_by, now=now)
    return stay


@transaction.atomic(durable=True)
def change(
    *, stay: Stay, unit: Unit, starts_at: datetime, ends_at: datetime, changed_by: User | None, now: datetime
) -> None:
    """Move a stay in time, or to another unit. The code stays the same wherever it is free."""
    current = Stay.objects.select_for_update().get(pk=stay.pk)
    starts_at, ends_at = _whole_seconds(starts_at), _whole_seconds(ends_at)
    _check_open(current, now)
    _check_times(starts_at, ends_at, now)
    if (current.unit_id, current.starts_at, current.ends_at) == (unit.pk, starts_at, ends_at):
        return
    if current.unit.property_id != unit.property_id:
        wall_times.forget(current)  # they were of another house's clocks
    current.unit, current.starts_at, current.ends_at = unit, starts_at, ends_at
    wall_times.keep(current)
    current.revision += 1
    _save(current)
    _want_elsewhere(current, _doors_of(unit), now)
    audit.about_stay(AuditKind.STAY_CHANGED, current, by=changed_by, now=now)


@transaction.atomic(durable=True)
def cancel(*, stay: Stay, cancelled_by: User | None, now: datetime) -> None:
    """Stop wanting the stay's codes anywhere."""
    current = Stay.objects.select_for_update().get(pk=stay.pk)
    _check_open(current, now)
    current.cancelled_at = now
    current.revision += 1
    current.save(update_fields=["cancelled_at", "revision"])
    _unwant(queries.live_grants(current), now)
    audit.about_stay(AuditKind.STAY_CANCELLED, current, by=cancelled_by, now=now)


@transaction.atomic(durable=True)
def derive_times_anew(*, stay: Stay, now: datetime) -> bool:
    """Bring a stay's instants in line with its times on the wall. False where they are, or it is settled.

    They part when a release of the zone database gives the property's zone other rules. They also do when a
    host gives the property another zone: three o'clock stays three o'clock, on the clocks of the new zone,
    and guests are told. Raises UnitIsTaken, StayEndsBeforeItStarts, `wall_clock.UnknownTimeZone`.
    """
    current = Stay.objects.select_for_update(of=("self",)).select_related("unit__property").get(pk=stay.pk)
    if current.cancelled_at is not None or current.ends_at <= now or not wall_times.derive(current):
        return False
    if current.ends_at <= current.starts_at:
        raise StayEndsBeforeItStarts
    current.revision += 1
    _save(current)
    for grant in queries.live_grants(current):
        if grant.is_wanted:
            _update_wanted(grant, now, **vars(_window(current)))
    audit.about_stay(AuditKind.TIMES_DERIVED_ANEW, current, by=None, now=now)
    return True


@transaction.atomic(durable=True)
def draw_again(*, stay: Stay, now: datetime) -> None:
    """Give a stay another code on all its doors, because the first one turned out to be taken."""
    current = Stay.objects.select_for_update().get(pk=stay.pk)
    if current.cancelled_at is not None:
        return
    _give_another_code(current, now)
    audit.about_stay(AuditKind.CODE_DRAWN_ANEW, current, by=None, now=now)


@transaction.atomic(durable=True)
def renew_code(*, stay: Stay, renewed_by: User | None, now: datetime) -> None:
    """Give a stay another code because somebody asks for it. The old one dies door by door.

    The guest is told the new one once it is on every door. Raises StayIsOver, StayIsCancelled, StayHasNoCode.
    """
    current = Stay.objects.select_for_update().get(pk=stay.pk)
    _check_open(current, now)
    if not _give_another_code(current, now):
        raise StayHasNoCode
    audit.about_stay(AuditKind.CODE_RENEWED, current, by=renewed_by, now=now)


@transaction.atomic(durable=True)
def use_new_keypad(*, grant: Grant, now: datetime) -> None:
    """Want the stay's code on a lock that had no keypad when it was booked, and has one now."""
    stay = Stay.objects.select_for_update().get(pk=grant.stay_id)
    if stay.cancelled_at is not None or stay.ends_at <= now:
        return
    others = [one for one in queries.live_grants(stay) if one.is_wanted and one.pk != grant.pk]
    code = next((one.code for one in others if one.code), "")
    if not code or code in _taken_on([grant.smart_lock_id], now):
        code = codes.draw(taken=_taken_on([grant.smart_lock_id, *(one.smart_lock_id for one in others)], now))
        for one in others:
            if one.code:
                _update_wanted(one, now, code=code, code_digest=digest(code))
    grant.kind = GrantKind.KEYPAD_CODE
    _update_wanted(grant, now, kind=grant.kind, code=code, code_digest=digest(code))
    Stay.objects.filter(pk=stay.pk).update(revision=F("revision") + 1)
    audit.about_stay(AuditKind.STAY_CHANGED, stay, by=None, now=now)


@transaction.atomic(durable=True)
def replace_lock(*, door: Door, smart_lock: SmartLock, replaced_by: User | None, now: datetime) -> None:
    """Put another smart lock on a door, and want the codes of current and coming stays there instead.

    On the old one they are wanted no more, and are removed if it still answers. A guest who was told a code
    keeps it, unless somebody has it on the new lock. Raises `places.LockIsOnAnotherDoor`.
    """
    put_lock_on(door, smart_lock, replaced_by, now)


@transaction.atomic(durable=True)
def move_lock(*, smart_lock: SmartLock, door: Door, moved_by: User | None, now: datetime) -> None:
    """Take a smart lock off its door, which no stay may need, and put it on another one, as `replace_lock`.

    Raises DoorNeedsItsLock, `places.LockIsOnAnotherDoor`.
    """
    left = Door.objects.select_for_update().filter(smart_lock=smart_lock).exclude(pk=door.pk).first()
    if left is not None:
        if queries.needs_its_lock(left, now):
            raise DoorNeedsItsLock
        places.take_lock_off(door=left)
    put_lock_on(door, smart_lock, moved_by, now)


def _guest(organization: Organization, name: str, email: str, language: str) -> Guest:
    """The guest of that name and address, if known; of two who were booked at one moment the first."""
    known = Guest.objects.filter(organization=organization, email=email, name=name).order_by("pk").first()
    return known or Guest.objects.create(organization=organization, name=name, email=email, language=language)


def put_lock_on(door: Door, smart_lock: SmartLock, by: User | None, now: datetime) -> None:
    """`replace_lock`, in a transaction that is open."""
    places.put_lock_on(door=door, smart_lock=smart_lock)
    follow_lock(door, smart_lock, by, now)


def follow_lock(door: Door, smart_lock: SmartLock, by: User | None, now: datetime) -> None:
    """Want the codes of a door's stays on its lock of now. In a transaction that holds the door."""
    audit.about_lock(AuditKind.LOCK_PUT_ON_DOOR, smart_lock, by=by, now=now)
    for stay in queries.stays_to_move(door, now):
        _move_to_lock_of(door, stay, now)
        audit.about_stay(AuditKind.STAY_CHANGED, stay, by=by, now=now)


def follow_way_in(stay: Stay, *, by: User | None, now: datetime) -> None:
    """Want a stay's code on the doors of its unit as they are now. In a transaction that holds the stay.

    The same doors in another order change nothing on any lock, and nobody is told of it.
    """
    doors = way_into(stay.unit)
    wanted = [grant for grant in queries.live_grants(stay) if grant.is_wanted]
    if {(one.smart_lock_id, one.door_id) for one in wanted} == {(one.smart_lock_id, one.pk) for one in doors}:
        _put_in_order(stay, wanted, doors)
        return
    _want_elsewhere(stay, doors, now)
    Stay.objects.filter(pk=stay.pk).update(revision=F("revision") + 1)
    audit.about_stay(AuditKind.STAY_CHANGED, stay, by=by, now=now)


def _put_in_order(stay: Stay, grants: Sequence[Grant], doors: Sequence[Door]) -> None:
    """Count the doors of a stay anew, from the street: what is wanted on their locks stays as it is."""
    order = {door.pk: position for position, door in enumerate(doors, start=1)}
    moved = []
    for grant in grants:
        position = order.get(grant.door_id or 0, grant.position)
        if position != grant.position:
            grant.position = position
            moved.append(grant)
    if moved:
        Grant.objects.bulk_update(moved, ["position"])
        live.tell(stay.organization_id, {live.stay_topic(stay.pk)})


def _give_another_code(stay: Stay, now: datetime) -> bool:
    """One that is free on all doors; False where no door takes a code. The stay's row is held."""
    grants = [grant for grant in queries.live_grants(stay) if grant.is_wanted and grant.code]
    if not grants:
        return False
    code = codes.draw(taken=_taken_on([grant.smart_lock_id for grant in grants], now))
    for grant in grants:
        _update_wanted(grant, now, code=code, code_digest=digest(code))
    Stay.objects.filter(pk=stay.pk).update(revision=F("revision") + 1)
    return True


def _whole_seconds(instant: datetime) -> datetime:
    """Locks know seconds: a window with a fraction would never be seen as it is wanted."""
    return instant.replace(microsecond=0)


def _check_times(starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    if ends_at <= starts_at:
        raise StayEndsBeforeItStarts
    if ends_at <= now:
        raise StayIsOver


def _check_open(stay: Stay, now: datetime) -> None:
    if stay.cancelled_at is not None:
        raise StayIsCancelled
    if stay.ends_at <= now:
        raise StayIsOver


def _doors_of(unit: Unit) -> list[Door]:
    doors = way_into(unit)
    if not doors:
        raise UnitHasNoSmartLock
    return doors


def _save(stay: Stay) -> None:
    try:
        with transaction.atomic():
            stay.save()
    except IntegrityError as refusal:
        if "stays_of_a_unit_do_not_overlap" in str(refusal):
            raise UnitIsTaken from None
        raise


def _want(
    stay: Stay, doors: Sequence[tuple[int, Door]], *, code: str, is_chosen: bool, now: datetime
) -> None:
    """Add a grant for each door; draws a code if there is none.

    Two bookings may draw at once: then the constraint speaks, and the later one draws again.
    """
    lock_ids = [door.smart_lock_id for _, door in doors if door.smart_lock_id]
    for last in (False, False, True):
        taken = _taken_on(lock_ids, now)
        if is_chosen and code in taken:
            raise CodeIsTaken
        drawn = code or codes.draw(taken=taken)
        try:
            with transaction.atomic():
                Grant.objects.bulk_create(
                    _grant(stay, position, door, drawn, now) for position, door in doors
                )
        except IntegrityError as refusal:
            if "one_live_grant_for_a_code_on_a_lock" not in str(refusal) or last:
                raise
            if is_chosen:
                raise CodeIsTaken from None
            continue
        break
    work_queue.locks_are_due(lock_ids)


def _grant(stay: Stay, position: int, door: Door, code: str, now: datetime) -> Grant:
    lock = door.smart_lock
    if lock is None:
        raise UnitHasNoSmartLock
    window = _window(stay)
    by_code = lock.has_keypad
    return Grant(
        organization_id=stay.organization_id,
        stay=stay,
        smart_lock=lock,
        door=door,
        position=position,
        kind=GrantKind.KEYPAD_CODE if by_code else GrantKind.APP_INVITE,
        label=codes.label(installation.token()),
        code=code if by_code else "",
        code_digest=digest(code) if by_code else "",
        allowed_from=window.allowed_from,
        allowed_until=window.allowed_until,
        problem="" if by_code else Problem.NO_KEYPAD,
        due_at=max(now, window.allowed_from - HORIZON) if by_code else None,
    )


def _window(stay: Stay) -> Window:
    return Window(stay.starts_at, stay.ends_at + stay.unit.property.grace)


def _want_elsewhere(stay: Stay, doors: Sequence[Door], now: datetime) -> None:
    """Bring the grants of a changed stay in line with the doors of its unit now."""
    live = {grant.smart_lock_id: grant for grant in queries.live_grants(stay)}
    places = {door.smart_lock_id: (position, door) for position, door in enumerate(doors, start=1)}
    kept = [grant for lock_id, grant in live.items() if lock_id in places]
    added = [place for lock_id, place in places.items() if lock_id not in live]
    _unwant((grant for lock_id, grant in live.items() if lock_id not in places), now)
    code = _code_for_all(list(live.values()), kept, added, now)
    for grant in kept:
        position, door = places[grant.smart_lock_id]
        new_code = {"code": code, "code_digest": digest(code)} if code and grant.code else {}
        _update_wanted(grant, now, position=position, door=door, **vars(_window(stay)), **new_code)
    if added:
        _want(stay, added, code=code, is_chosen=False, now=now)


def _move_to_lock_of(door: Door, stay: Stay, now: datetime) -> None:
    """Bring the grants of a stay in line with the lock that is on one of its doors now."""
    live = queries.live_grants(stay)
    there = [grant for grant in live if grant.smart_lock_id == door.smart_lock_id]
    old = [grant for grant in live if grant.door_id == door.pk and grant.is_wanted and grant not in there]
    others = [grant for grant in live if grant.is_wanted and grant not in [*there, *old]]
    known = next((grant.code for grant in [*old, *others, *there] if grant.code), "")
    code = _code_on(door, known, there, others, now)
    new_code = {"code": code, "code_digest": digest(code)}
    position, moved = old[0].position, [] if there else _that_can_be_taken_along(old, door)
    _unwant((grant for grant in old if grant not in moved), now)
    for grant in moved:
        nothing_yet = {"asked_at": None, "asked_step": "", "asked_generation": 0, "authorization_id": ""}
        _update_wanted(grant, now, smart_lock=door.smart_lock, **nothing_yet, **new_code)
        work_queue.locks_are_due([door.smart_lock_id or grant.smart_lock_id])
    for grant in there:  # it came back to a lock from which its code was being removed
        _update_wanted(grant, now, door=door, position=position, **vars(_window(stay)), **new_code)
    for grant in others:
        if grant.code and grant.code != code:
            _update_wanted(grant, now, **new_code)
    if not there and not moved:
        _want(stay, [(position, door)], code=code, is_chosen=False, now=now)
    if known and code != known:
        Stay.objects.filter(pk=stay.pk).update(revision=F("revision") + 1)


def _that_can_be_taken_along(old: Sequence[Grant], door: Door) -> list[Grant]:
    """Grants on a lock that is gone: nobody can revoke anything there.

    They keep their labels, as the lock may only have changed its id, and have their codes already.
    """
    lock = door.smart_lock
    if lock is None or not lock.has_keypad:
        return []
    return [one for one in old if one.code and one.smart_lock.gone_since is not None]


def _code_on(door: Door, known: str, there: Sequence[Grant], others: Sequence[Grant], now: datetime) -> str:
    """The stay's code if it is free on the door's lock, or there already; else another for all its doors."""
    locks = [door.smart_lock_id] if door.smart_lock_id else []
    if known and (any(grant.code == known for grant in there) or known not in _taken_on(locks, now)):
        return known
    return codes.draw(taken=_taken_on([*locks, *(grant.smart_lock_id for grant in others)], now))


def _code_for_all(
    live: Sequence[Grant], kept: Sequence[Grant], added: Sequence[tuple[int, Door]], now: datetime
) -> str:
    """The stay's code if it is free on the doors that come new, else another for all of them."""
    code = next((grant.code for grant in live if grant.code), "")
    new_locks = [door.smart_lock_id for _, door in added if door.smart_lock_id]
    if code and code not in _taken_on(new_locks, now):
        return code
    return codes.draw(taken=_taken_on([*new_locks, *(grant.smart_lock_id for grant in kept)], now))


def _update_wanted(grant: Grant, now: datetime, **wanted: object) -> None:
    """Change what is wanted of a live grant. What was seen of the older wish proves nothing any more."""
    allowed_from = wanted.get("allowed_from", grant.allowed_from)
    pushed = grant.asked_at is not None
    due_at = now if pushed or not isinstance(allowed_from, datetime) else max(now, allowed_from - HORIZON)
    Grant.objects.filter(pk=grant.pk).update(
        is_wanted=True,
        generation=F("generation") + 1,
        accepted_at=None,
        listed_at=None,
        confirmed_at=None,
        problem=Problem.NO_KEYPAD if grant.kind == GrantKind.APP_INVITE else "",
        due_at=due_at if grant.kind == GrantKind.KEYPAD_CODE else None,
        attempts=0,
        **wanted,
    )
    if grant.kind == GrantKind.KEYPAD_CODE:
        work_queue.lock_is_due(grant.smart_lock_id)


def _unwant(grants: Iterable[Grant], now: datetime) -> None:
    for grant in grants:
        is_code = grant.kind == GrantKind.KEYPAD_CODE
        Grant.objects.filter(pk=grant.pk).update(
            is_wanted=False,
            generation=F("generation") + 1,
            accepted_at=None,
            listed_at=None,
            confirmed_at=None,
            problem="",
            due_at=now if is_code else None,
            closed_at=None if is_code else now,
            attempts=0,
        )
        if is_code:
            work_queue.lock_is_due(grant.smart_lock_id)


class _Digests:
    """Codes that are taken, known by their digests only."""

    def __init__(self, digests: Iterable[str]) -> None:
        self._digests = frozenset(digests)

    def __contains__(self, code: object) -> bool:
        return digest(str(code)) in self._digests


def _taken_on(lock_ids: Iterable[int], now: datetime) -> _Digests:
    return _Digests(queries.digests_on(list(lock_ids), now))
