"""What is wanted on the locks: the grants of one stay, brought in line with its times and its doors.

All of it in a transaction of the caller, who holds the stay. Whatever changes what is wanted bumps the
grant's `generation`, makes it due, and rings for the lock after the commit.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F

from access import code_queries, codes, installation, queries, webhook_events, windows, work_queue
from access.lifecycle import HORIZON
from access.models import Grant, GrantKind, Guest, Problem, Spare, Stay
from access.windows import Window
from properties.encryption import digest
from properties.models import Door, SmartLock

NO_CODE = {"code": "", "code_digest": ""}  # of whoever comes in with the app

TIMES = ("allowed_from", "allowed_until")


class UnitHasNoSmartLock(Exception):
    """A stay was booked for a unit that no smart lock opens."""


class CodeIsTaken(Exception):
    """The code that the host chose is on one of the stay's doors already, or was until lately."""


def want(stay: Stay, doors: Sequence[tuple[int, Door]], *, code: str, is_chosen: bool, now: datetime) -> None:
    """Add a grant for each door; draws a code if there is none.

    Two bookings may draw at once: then the constraint speaks, and the later one draws again.
    """
    lock_ids = [door.smart_lock_id for _, door in doors if door.smart_lock_id]
    for last in (False, False, True):
        taken = taken_on(lock_ids, now)
        if is_chosen and code in taken:
            raise CodeIsTaken
        drawn = code or codes.draw(taken=taken)
        try:
            with transaction.atomic():
                made = Grant.objects.bulk_create(
                    _grant(stay, position, door, drawn, now) for position, door in doors
                )
        except IntegrityError as refusal:
            if "one_live_grant_for_a_code_on_a_lock" not in str(refusal) or last:
                raise
            if is_chosen:
                raise CodeIsTaken from None
            continue
        break
    webhook_events.grants_failed(made, now=now)
    work_queue.locks_are_due(lock_ids)


def want_elsewhere(stay: Stay, doors: Sequence[Door], now: datetime) -> None:
    """Bring the grants of a changed stay in line with the doors of its unit now."""
    live = {grant.smart_lock_id: grant for grant in queries.live_grants(stay)}
    places = {door.smart_lock_id: (position, door) for position, door in enumerate(doors, start=1)}
    kept = [grant for lock_id, grant in live.items() if lock_id in places]
    added = [place for lock_id, place in places.items() if lock_id not in live]
    unwant((grant for lock_id, grant in live.items() if lock_id not in places), now)
    code = _code_for_all(list(live.values()), kept, added, now)
    for grant in kept:
        position, door = places[grant.smart_lock_id]
        new_code = {"code": code, "code_digest": digest(code)} if code and grant.code else {}
        update(grant, now, position=position, door=door, **vars(window(stay)), **new_code)
    if added:
        want(stay, added, code=code, is_chosen=False, now=now)


def update(grant: Grant, now: datetime, **wanted: object) -> None:
    """Change what is wanted of a live grant. What was seen of the older wish proves nothing any more.

    A backup code that opens in its place has its new times, too.
    """
    times = {name: at for name, at in wanted.items() if name in TIMES and at != getattr(grant, name)}
    if times:
        for spare in _standing_in_for([grant]):
            update(spare.grant, now, **times)
    allowed_from = wanted.get("allowed_from", grant.allowed_from)
    pushed = grant.asked_at is not None
    due_at = now if pushed or not isinstance(allowed_from, datetime) else max(now, allowed_from - HORIZON)
    problem = ""
    if grant.kind == GrantKind.APP_INVITE:
        wanted |= NO_CODE
        if not Guest.objects.filter(stays=grant.stay_id).exclude(email="").exists():
            problem = Problem.NO_ADDRESS
            due_at = now if pushed else grant.allowed_until
    Grant.objects.filter(pk=grant.pk).update(
        is_wanted=True,
        generation=F("generation") + 1,
        accepted_at=None,
        listed_at=None,
        confirmed_at=None,
        waits_until=None,
        problem=problem,
        due_at=due_at,
        attempts=0,
        **wanted,
    )
    work_queue.lock_is_due(grant.smart_lock_id)


def change_kind(grant: Grant, kind: GrantKind, now: datetime, **wanted: object) -> None:
    """Have a guest come in by the other way. Under a new label: what the old one is on is nobody's then."""
    grant.kind = kind
    nothing_yet = {
        "label": codes.label(installation.token()),
        "authorization_id": "",
        "asked_at": None,
        "asked_step": "",
        "asked_generation": 0,
        "seen_at": None,
    }
    update(grant, now, kind=kind, **nothing_yet, **wanted)
    SmartLock.objects.filter(pk=grant.smart_lock_id, look_due_at=None).update(look_due_at=now)


def unwant(grants: Iterable[Grant], now: datetime) -> None:
    """Want these on their locks no more, and no backup code in their place."""
    ended = list(grants)
    stand_ins = _standing_in_for(ended)
    Spare.objects.filter(pk__in=[spare.pk for spare in stand_ins]).update(ended_at=now)
    for grant in [*ended, *(spare.grant for spare in stand_ins)]:
        may_be_there = grant.kind == GrantKind.KEYPAD_CODE or grant.asked_at is not None
        Grant.objects.filter(pk=grant.pk).update(
            is_wanted=False,
            generation=F("generation") + 1,
            accepted_at=None,
            listed_at=None,
            confirmed_at=None,
            problem="",
            waits_until=None,
            due_at=now if may_be_there else None,
            closed_at=None if may_be_there else now,
            attempts=0,
        )
        if may_be_there:
            work_queue.lock_is_due(grant.smart_lock_id)


def taken_on(lock_ids: Iterable[int], now: datetime, *, besides: Stay | None = None) -> codes.Taken:
    """What a new code for these locks has to differ from (`code_queries.taken_on`)."""
    return code_queries.taken_on(list(lock_ids), now, besides=besides)


def window(stay: Stay) -> Window:
    """From when to when the stay's codes open."""
    return windows.of(starts_at=stay.starts_at, ends_at=stay.ends_at, grace=stay.unit.property.grace)


def _standing_in_for(grants: Iterable[Grant]) -> list[Spare]:
    """The backup codes that open in the place of these grants, with their own."""
    of_guests = [grant.pk for grant in grants if grant.stay_id is not None]
    if not of_guests:
        return []
    return list(Spare.objects.filter(handed_to__in=of_guests, ended_at=None).select_related("grant"))


def _grant(stay: Stay, position: int, door: Door, code: str, now: datetime) -> Grant:
    lock = door.smart_lock
    if lock is None:
        raise UnitHasNoSmartLock
    opens = window(stay)
    by_code = lock.has_keypad
    can_come = by_code or bool(stay.guest.email)
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
        allowed_from=opens.allowed_from,
        allowed_until=opens.allowed_until,
        problem="" if can_come else Problem.NO_ADDRESS,
        due_at=max(now, opens.allowed_from - HORIZON) if can_come else opens.allowed_until,
    )


def _code_for_all(
    live: Sequence[Grant], kept: Sequence[Grant], added: Sequence[tuple[int, Door]], now: datetime
) -> str:
    """The stay's code if it is free on the doors that come new, else another for all of them."""
    code = next((grant.code for grant in live if grant.code), "")
    new_locks = [door.smart_lock_id for _, door in added if door.smart_lock_id]
    if code and code not in taken_on(new_locks, now):
        return code
    return codes.draw(taken=taken_on([*new_locks, *(grant.smart_lock_id for grant in kept)], now))
