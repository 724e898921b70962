"""Bringing one smart lock in line with what is wanted on it: the only writer of what was seen.

Take the lease, write what needs no list (`at_once`), read what the lock has once, choose a step for each
grant that is due (`lifecycle`), take it, record. No transaction is open across a call. What is recorded is
recorded only while the grant's `generation` is as it was read, so a booking changed during a slow call is
never overwritten.
"""

from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import F, Q

from access import (
    activity,
    app_invites,
    app_steps,
    at_once,
    attention,
    audit,
    backoff,
    codes,
    installation,
    leases,
    lifecycle,
    lock_writes,
    messages,
    others,
    overstay,
    proof,
    queries,
    room,
    spares,
    stays,
    strays,
    syncs,
    turns,
    unread,
    webhook_events,
    work_queue,
)
from access.lifecycle import Step
from access.looks import (
    Look,
    SeenFields,
    asked_of,
    foreign_codes,
    look_again,
    push_at,
    record,
    seen_of,
    wanted_entry,
)
from access.models import AuditKind, Grant, GrantKind, Problem
from access.readiness import NEAR
from nuki_gateway import errors
from nuki_gateway.models import Authorization
from properties import clock, nuki_accounts
from properties.models import SmartLock
from properties.nuki_accounts import HealthChange

log = structlog.get_logger(__name__)

LONGEST_PASS = 20.0  # seconds of steps; with one call's time-out after them, as long as a lease
SHORTEST_REST = timedelta(seconds=1)  # between two looks of the same worker at the same lock
RING_SOON = timedelta(seconds=60)  # what is due within this is rung for by the worker, else by the tick
SHOWS_WITHIN = timedelta(seconds=45)  # a write, as a rule: copies lag up to 30 s
OFFLINE = timedelta(minutes=30)  # between looks at a lock that is out of reach, while news come
OFFLINE_AND_OPEN = timedelta(minutes=6)  # the same where a code opens that nobody may have: news can be lost
SLOW_COPY = timedelta(seconds=15)  # after this the cloud's copy may not come by itself: force a sync


def reconcile(lock: SmartLock, *, now: datetime) -> None:
    """Look at one smart lock and do what is due there. Does nothing while another worker holds it."""
    if _rests(lock, now):
        return
    if not (_is_due_itself(lock, now) or queries.due_on(lock, now)):
        work_queue.ring_was_idle(lock.pk, now=now)
        return
    lease = leases.take(lock, now=now)
    if lease is None:
        return
    try:
        due = queries.due_on(lock, now)
        if due or _is_due_itself(lock, now):
            _work(lock, lease, due, now)
    except leases.LeaseLost:
        log.warning("lease_lost", lock_id=lock.pk)
    finally:
        leases.give_back(lock, lease)
    _ring_for_the_rest(lock, now)


def _rests(lock: SmartLock, now: datetime) -> bool:
    """Whether the lock's account is paused: the tick rings again once it is not."""
    until = lock.nuki_account.paused_until
    return until is not None and until > now


def _is_due_itself(lock: SmartLock, now: datetime) -> bool:
    """Whether something of ours is on the lock that nobody wants (`strays`)."""
    return lock.look_due_at is not None and lock.look_due_at <= now


def _can_wait(due: list[Grant], now: datetime) -> bool:
    """Whether all that is due is for later arrivals, or nobody's yet: some calls are left to nearer ones."""
    return bool(due) and all(
        grant.is_wanted and (grant.stay_id is None or grant.allowed_from > now + NEAR) for grant in due
    )


def _work(lock: SmartLock, lease: UUID, due: list[Grant], now: datetime) -> None:
    client, began = (
        nuki_accounts.client_for(lock.nuki_account, background=_can_wait(due, now)),
        clock.monotonic(),
    )
    try:
        _refresh_health(lock, due, now)
        is_told = nuki_accounts.is_told_of_changes(lock.nuki_account, now=now)
        if _only_waits_for_the_lock(lock, due):
            _wait_for_the_lock(Look(lock, lease, client, [], now, began, is_told), due)
            return
        look = Look(lock, lease, client, [], now, began, is_told)
        unsure = at_once.write(look, due)
        if unsure or _is_due_itself(lock, now):
            _work_by_the_list(look, unsure)
    except errors.NukiError as failure:
        unread.postpone(lock, due, failure, now)
    else:
        if lock.failures:
            SmartLock.objects.filter(pk=lock.pk).update(failures=0, rests_until=None)


def _work_by_the_list(look: Look, due: list[Grant]) -> None:
    look.listed = look.client.authorizations_on(look.lock.smartlock_id, types=sorted(others.LIKE_OURS))
    _take_steps(look, due)
    labels = queries.labels_at_home_on(look.lock)
    if strays.remove(look, labels):
        room.look_soon(look.lock, now=look.now)
    _keep_foreign_codes(look, labels)
    syncs.ask(look)


def _refresh_health(lock: SmartLock, due: list[Grant], now: datetime) -> None:
    """Ask whether Nuki reaches the lock, where waiting has shown nothing for a while."""
    if lock.is_online and not any(_shows_nothing(grant, lock, now) for grant in due):
        return
    _ask_for_health(lock, due, now)


def _ask_for_health(lock: SmartLock, due: list[Grant], now: datetime) -> None:
    seen = nuki_accounts.client_for(lock.nuki_account).smart_lock(lock.smartlock_id)
    with transaction.atomic(durable=True):
        changes = nuki_accounts.record_lock(lock=lock, seen=seen, now=now)
        activity.record_health(lock=lock, changes=changes, now=now)
        if HealthChange.CAME_BACK in changes:
            attention.look_as_at_first(lock)
            for grant in due:
                grant.attempts = 0
    lock.server_state, lock.listed_at = seen.server_state, now


def _shows_nothing(grant: Grant, lock: SmartLock, now: datetime) -> bool:
    """Whether looks have shown nothing for long, and how the lock is was not asked since, or long ago.

    Many looks may come within seconds, rung for by others' news.
    """
    shows_by = grant.asked_at + SHOWS_WITHIN if grant.asked_at is not None else now
    is_known = shows_by <= lock.listed_at and now < lock.listed_at + OFFLINE
    return grant.attempts >= syncs.LOOKS_BEFORE_HEALTH and now >= shows_by and not is_known


def _only_waits_for_the_lock(lock: SmartLock, due: list[Grant]) -> bool:
    """Whether all that is due was asked for, and no list says more before the lock is reached again."""
    asked = [grant.asked_at is not None and grant.asked_generation == grant.generation for grant in due]
    return not lock.is_online and bool(due) and all(asked)


def _wait_for_the_lock(look: Look, due: list[Grant]) -> None:
    """News and sweeps tell that it is back, and wake what waits; without news it is asked for more often."""
    for grant in due:
        span = backoff.spread(OFFLINE) if look.is_told else look.after(grant.attempts)
        if overstay.may_open(grant, look.now):
            span = min(span, backoff.spread(OFFLINE_AND_OPEN))
        look_again(look, grant, span)


def _take_steps(look: Look, due: list[Grant]) -> None:
    started = clock.monotonic()
    places, whose_turn = room.Room(look), turns.of(look, due)
    due = turns.with_all_of_a_guest(due, whose_turn)
    for grant in room.with_those_that_wait(look, due):
        if clock.monotonic() - started > LONGEST_PASS:
            log.info("look_cut_short", lock_id=look.lock.pk)
            break
        if grant.kind == GrantKind.APP_INVITE and app_steps.is_held_up(look, grant, whose_turn):
            continue
        _take_step(look, grant, places)
    _leave_unchanged(look)


def _leave_unchanged(look: Look) -> None:
    """What was confirmed and still is as wanted sleeps until its end: one statement for all of it."""
    if look.unchanged:
        as_read = [Q(pk=grant.pk, generation=grant.generation) for grant in look.unchanged]
        still = Grant.objects.filter(reduce(or_, as_read), closed_at=None)
        still.update(due_at=F("allowed_until"), attempts=0, seen_at=look.now)


def _take_step(look: Look, grant: Grant, places: room.Room) -> None:
    found = look.find(grant)
    step = lifecycle.next_step(
        wanted=lifecycle.wanted_now(
            entry=wanted_entry(grant),
            is_wanted=grant.is_wanted,
            allowed_until=grant.allowed_until,
            now=look.now,
        ),
        seen=seen_of(grant, found),
        asked=asked_of(grant),
        now=look.now,
        push_at=push_at(grant),
        lock_is_online=look.lock.is_online,
    )
    if step is Step.WAIT:
        _wait(look, grant)
    elif step is Step.CONFIRM and found is not None:
        _confirm(look, grant, found)
    elif step is Step.CLOSE:
        _close(look, grant)
    elif step is not Step.REVOKE and _collides(look, grant, found):
        _resolve_collision(look, grant)
    elif step is Step.PUSH and grant.kind == GrantKind.KEYPAD_CODE and not places.has_place(grant):
        places.wait(grant)
    elif lock_writes.may_be_on_its_way(grant, step, now=look.now):
        _wait_for_an_earlier_write(look, grant)
    elif lock_writes.is_in_vain(grant, step, now=look.now):
        _rest_from_writing(look, grant, step)
    elif step is Step.PUSH and grant.kind == GrantKind.APP_INVITE and grant.confirmed_at is not None:
        _note_drift(look, grant, step)
        app_invites.make_anew(grant=grant, now=look.now)  # the guest has to accept once more, and is told
    else:
        _note_drift(look, grant, step)
        lock_writes.write(look, grant, step, found.id if found else "")
        if step is Step.PUSH and grant.kind == GrantKind.KEYPAD_CODE:
            places.take_place()


def _rest_from_writing(look: Look, grant: Grant, step: Step) -> None:
    """Accepted again and again and never carried out: the lock is out of reach, or a person has to look."""
    if grant.asked_at is not None and look.lock.listed_at <= grant.asked_at:
        _ask_for_health(look.lock, [grant], look.now)
    if not look.lock.is_online:
        _wait_for_the_lock(look, [grant])
        return
    span = backoff.LONGEST if step is Step.REVOKE else backoff.RESYNC
    look_again(look, grant, backoff.spread(span), {"problem": Problem.REFUSED})


def _wait(look: Look, grant: Grant) -> None:
    if grant.asked_at is None and look.now < push_at(grant):
        record(grant, due_at=push_at(grant), attempts=0)
        return
    if grant.asked_at is not None and look.now >= grant.asked_at + SLOW_COPY:
        look.wants_sync_after.append(grant.asked_at)
    look_again(look, grant)


def _wait_for_an_earlier_write(look: Look, grant: Grant) -> None:
    """What Nuki holds back for a lock that was offline a sync may let go: one after each refused push."""
    if look.sync is None or not proof.covers(look.sync, grant.asked_at):
        look.wants_sync_after.append(grant.asked_at or look.now)
    look_again(look, grant)


def _confirm(look: Look, grant: Grant, found: Authorization) -> None:
    """The list shows what is wanted. It counts as being on the lock once the lock was read again since."""
    seen: SeenFields = {"authorization_id": found.id, "seen_at": look.now, "problem": ""}
    if grant.kind == GrantKind.APP_INVITE and found.was_used and grant.redeemed_at is None:
        seen["redeemed_at"] = look.now
    if grant.confirmed_at is not None and grant.kind == GrantKind.APP_INVITE:
        app_steps.keep(look, grant, found, seen)
    elif grant.confirmed_at is not None and (found.id, "") == (grant.authorization_id, grant.problem):
        look.unchanged.append(grant)
    elif grant.confirmed_at is not None:
        record(grant, due_at=grant.allowed_until, attempts=0, **seen)
    elif syncs.proves_presence(look, grant, found.updated_at):
        _record_confirmed(look, grant, found, seen)
    else:
        listed_at = grant.listed_at or look.now
        look.wants_sync_after.append(syncs.newest_unproving(look, grant, listed_at))
        attempts = grant.attempts if grant.listed_at else 0
        due_at = look.now + look.after(attempts)
        record(grant, listed_at=listed_at, due_at=due_at, attempts=attempts + 1, **seen)


def _record_confirmed(look: Look, grant: Grant, found: Authorization, seen: SeenFields) -> None:
    """Confirmed, and with the last door the message to the guest: one transaction, so none is forgotten."""
    with transaction.atomic(durable=True):
        recorded = record(
            grant,
            confirmed_at=look.now,
            listed_at=grant.listed_at or look.now,
            due_at=app_steps.sleeps_until(grant, found),  # a sweep sees what changes until then
            attempts=0,
            **seen,
        )
        if recorded:
            audit.about_grant(AuditKind.CONFIRMED, grant, now=look.now)
            webhook_events.grant_confirmed(grant, now=look.now)
            grant.authorization_id = str(seen["authorization_id"])
            activity.attribute_to(grant)
            if grant.stay_id is not None:
                messages.write_if_ready(stay_id=grant.stay_id, now=look.now)


def _close(look: Look, grant: Grant) -> None:
    """Nothing is wanted and nothing is listed.

    While the window is open the lock itself has to say so too; once it is over, a code that should still be
    there opens nothing.
    """
    written_at = grant.asked_at
    if written_at is not None and look.now < grant.allowed_until:
        if not syncs.proves_absence(look, written_at):
            look.wants_sync_after.append(written_at)
            look_again(look, grant, syncs.until_proof(look, written_at))
            return
        if lifecycle.may_still_arrive(asked_of(grant), was_seen=bool(grant.authorization_id), now=look.now):
            look_again(look, grant)
            return
    if record(grant, closed_at=look.now, due_at=None, seen_at=look.now, attempts=0):
        audit.about_grant(AuditKind.CLOSED, grant, now=look.now)


def _collides(look: Look, grant: Grant, found: Authorization | None) -> bool:
    """Whether somebody else's entry on this lock has our code. A stray of ours goes away by itself."""
    if not grant.code:
        return False
    own = found.id if found else None
    return any(
        entry.code == grant.code and entry.id != own and not codes.is_ours(entry.name, installation.token())
        for entry in look.listed
    )


def _resolve_collision(look: Look, grant: Grant) -> None:
    """Another code for all doors, if the guest was told none yet; else a person has to decide.

    A backup code is given up: another one follows.
    """
    if grant.stay is None:
        spares.give_up(grant=grant, now=look.now)
        return
    if messages.was_told(grant.stay.pk):
        look_again(look, grant, backoff.spread(backoff.RESYNC), {"problem": Problem.CODE_TAKEN})
        return
    _keep_foreign_codes(look, queries.labels_at_home_on(look.lock))
    stays.draw_again(stay=grant.stay, now=look.now)


def _note_drift(look: Look, grant: Grant, step: Step) -> None:
    """What was confirmed and is different now was changed by somebody else."""
    if grant.confirmed_at is not None and step in {Step.PUSH, Step.CORRECT}:
        audit.about_grant(AuditKind.DRIFTED, grant, now=look.now)


def _keep_foreign_codes(look: Look, labels: set[str]) -> None:
    """Remember the digests of others' codes, so that none of ours is drawn equal to one."""
    foreign = foreign_codes(look.listed, labels=labels)
    if foreign != look.lock.foreign_codes:
        SmartLock.objects.filter(pk=look.lock.pk).update(foreign_codes=foreign)
        look.lock.foreign_codes = foreign


def _ring_for_the_rest(lock: SmartLock, now: datetime) -> None:
    """Have a worker come back when the next grant of this lock is due, if that is soon."""
    due = Grant.objects.filter(smart_lock=lock, closed_at=None, due_at__lte=now + RING_SOON)
    nearest = due.order_by("due_at").values_list("due_at", flat=True).first()
    if nearest is not None:
        work_queue.lock_is_due_at(lock.pk, at=max(nearest, now + SHORTEST_REST), now=now)
