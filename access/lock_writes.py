"""Sending one change to a smart lock, and recording how it was answered.

The intent stands in the audit, and on the grant as `asked_at`, before the call is made: whoever dies in the
middle of it leaves behind that something may be on its way.
"""

from datetime import datetime, timedelta

import structlog
from django.db.models import Count, Max, Q

from access import app_users, audit, backoff, leases
from access.lifecycle import PATIENCE, Step
from access.log_entries import ActivityKind
from access.looks import Look, SeenFields, look_again, record, wanted_entry
from access.models import Activity, AuditEntry, AuditKind, Grant, GrantKind, Problem
from nuki_gateway import errors
from nuki_gateway.models import AppEntry, Entry
from properties import nuki_accounts

log = structlog.get_logger(__name__)

ACCEPTED = "accepted"
TAKEN = errors.NukiConflict.__name__  # as the audit has it
LONGEST_WAY = timedelta(hours=12)  # how long a write may be held back once its lock is reached again
LONGEST_REST = timedelta(hours=1)  # between two pushes of which one may be on its way
MOST_IN_VAIN = 5  # accepted writes of one kind; of a hundred, two are lost
IN_VAIN_FOR = {Step.REVOKE: timedelta(hours=1)}  # how long writes in vain hold up another; else `RESYNC`
NEW_WISHES = (
    AuditKind.STAY_CHANGED,
    AuditKind.STAY_CANCELLED,
    AuditKind.TIMES_DERIVED_ANEW,
    AuditKind.CODE_DRAWN_ANEW,
)
REMOVED = timedelta(
    seconds=10
)  # until the list shows it, as a rule: nobody waits for that, as for a new code
REFUSALS_BEFORE_HELP = 2  # the first refusal forces a sync: the cloud may not know of the keypad yet


def write(look: Look, grant: Grant, step: Step, authorization_id: str) -> None:
    """Take a PUSH, or a CORRECT or REVOKE of the authorization with this id.

    Account-wide errors go up to whoever looks at the lock.
    """
    leases.check(look.lock, look.lease, now=look.moment())
    before: SeenFields = {
        "asked_at": grant.asked_at,
        "asked_step": grant.asked_step,
        "asked_generation": grant.asked_generation,
        "invited_at": grant.invited_at,
    }
    asked: SeenFields = {
        "asked_at": look.now,
        "asked_step": step,
        "asked_generation": grant.generation,
        "listed_at": None,  # what is listed from now on has to be proven anew, also if no answer comes
    }
    if step is Step.PUSH and grant.kind == GrantKind.APP_INVITE:
        asked["invited_at"] = look.now
    if grant.problem == Problem.NO_ROOM:  # there is some now
        asked["problem"] = ""
    if not record(grant, **asked):
        return
    grant.asked_at, grant.asked_step, grant.asked_generation = look.now, step, grant.generation
    intent = audit.intend(grant, step, now=look.now)
    try:
        _call(look, grant, step, authorization_id)
    except errors.NukiError as failure:
        audit.answered(intent, type(failure).__name__, now=look.now)
        log.info("lock_write_failed", grant_id=grant.pk, step=step, status=failure.status)
        _record_failure(look, grant, failure, before)
        return
    audit.answered(intent, ACCEPTED, now=look.now)
    log.info("lock_write_accepted", grant_id=grant.pk, step=step)
    record(
        grant,
        accepted_at=look.now,
        attempts=0,
        due_at=look.now + _until_it_shows(look, step),
        listed_at=None,
        confirmed_at=None,
    )


def _until_it_shows(look: Look, step: Step) -> timedelta:
    return max(look.after(0), backoff.spread(REMOVED)) if step is Step.REVOKE else look.after(0)


def is_in_vain(grant: Grant, step: Step, *, now: datetime) -> bool:
    """Whether this write was accepted so often without ever showing that a person has to look.

    The lock may be full, or may not do what it is told: Nuki tells neither. What was accepted since the wish
    last changed, since the lock last was as wanted, or since it came back into reach, counts. A removal is
    never given up for long: until it is carried out, somebody may come in.
    """
    if not grant.asked_at:
        return False
    entries = AuditEntry.objects
    of_the_stay = entries.filter(stay=grant.stay_id) if grant.stay_id else entries.filter(grant=grant)
    begun = of_the_stay.filter(Q(grant=None, kind__in=NEW_WISHES) | Q(grant=grant, kind=AuditKind.CONFIRMED))
    accepted = of_the_stay.filter(grant=grant, kind=AuditKind.WRITE_ANSWERED, answer=ACCEPTED, step=step)
    since = begun.aggregate(last=Max("pk"))["last"] or 0
    within = now - IN_VAIN_FOR.get(step, backoff.RESYNC)
    back = Activity.objects.filter(smart_lock=grant.smart_lock_id, kind=ActivityKind.CAME_BACK)
    came_back = back.filter(happened_at__gt=within).aggregate(last=Max("happened_at"))["last"]
    return accepted.filter(pk__gt=since, at__gt=came_back or within).count() >= MOST_IN_VAIN


def may_be_on_its_way(grant: Grant, step: Step, *, now: datetime) -> bool:
    """Whether a push was answered "that code exists" lately, although nothing is listed.

    Then an earlier one of ours is probably held back for a lock that was offline, for hours as hosts report.
    It is pushed again after a minute, two, four, up to an hour: the same answer each time tells nothing new.
    """
    if step is not Step.PUSH or grant.asked_at is None:
        return False
    answers = AuditEntry.objects.filter(grant=grant, kind=AuditKind.WRITE_ANSWERED, step=step, answer=TAKEN)
    found = answers.filter(at__gt=now - LONGEST_WAY).aggregate(count=Count("pk"), last=Max("at"))
    if not found["count"]:
        return False
    rest = min(PATIENCE * 2 ** min(found["count"] - 1, 10), LONGEST_REST)
    return bool(now < found["last"] + rest)


def _call(look: Look, grant: Grant, step: Step, authorization_id: str) -> None:
    number = look.lock.smartlock_id
    if step is Step.PUSH:
        _create(look, number, wanted_entry(grant))
    elif not authorization_id:
        raise ValueError(f"{step} needs the authorization that it is about")
    elif step is Step.CORRECT:
        _update(look, number, authorization_id, wanted_entry(grant))
    else:
        look.client.delete_authorization(number, authorization_id)


def _create(look: Look, number: int, entry: Entry) -> None:
    if isinstance(entry, AppEntry):
        look.client.create_app_invite(number, entry)
    else:
        look.client.create_keypad_code(number, entry)


def _update(look: Look, number: int, authorization_id: str, entry: Entry) -> None:
    if isinstance(entry, AppEntry):
        look.client.update_app_authorization(number, authorization_id, entry)
    else:
        look.client.update_keypad_code(number, authorization_id, entry)


def _record_failure(look: Look, grant: Grant, failure: errors.NukiError, before: SeenFields) -> None:
    """Later, differently, or not at all. What was certainly not carried out counts as not asked for."""
    if isinstance(failure, nuki_accounts.OF_THE_WHOLE_ACCOUNT):
        record(grant, due_at=look.now, **before)  # also one that was not due: it had waited for room
        raise failure
    if isinstance(failure, errors.NukiUnavailable):
        look_again(look, grant)
    elif isinstance(failure, errors.NukiBusy):
        look_again(look, grant, seen=before)
    elif isinstance(failure, errors.NukiConflict):
        look.wants_sync_after.append(look.now)
        look_again(look, grant)
    else:
        _refused(look, grant, before)


def _refused(look: Look, grant: Grant, before: SeenFields) -> None:
    """The same call will be refused again: once it is tried after a sync, then a person has to help."""
    if grant.asked_step == Step.PUSH and grant.kind == GrantKind.APP_INVITE:
        app_users.forget(look, grant)
    if grant.attempts < REFUSALS_BEFORE_HELP:
        look.wants_sync_after.append(look.now)
        look_again(look, grant, seen=before)
        return
    problem = Problem.REFUSED
    if grant.asked_step == Step.PUSH:
        is_code = grant.kind == GrantKind.KEYPAD_CODE
        problem = Problem.KEYPAD_REFUSES if is_code else Problem.INVITE_REFUSED
    look_again(look, grant, backoff.spread(backoff.RESYNC), seen={"problem": problem, **before})
