"""Writing down who did what. Nothing here is ever changed or taken back."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

from access import live, webhook_events
from access.lifecycle import Step
from access.models import ApiRequest, AuditEntry, AuditKind, Grant, Stay
from properties.models import ApiKey, Door, SmartLock, User


@dataclass(frozen=True)
class Program:
    """What asks in a person's place: the key it has, and the request that it must not make twice."""

    key: ApiKey
    request: ApiRequest | None


_program: ContextVar[Program | None] = ContextVar("program", default=None)


@contextmanager
def asked_by(program: Program) -> Iterator[None]:
    """Write down of whatever is done in the block with which key it was asked for."""
    before = _program.set(program)
    try:
        yield
    finally:
        _program.reset(before)


def about_stay(kind: AuditKind, stay: Stay, *, by: User | None, now: datetime) -> None:
    """Something that a person, or the portal itself (`by` is None), did with a stay."""
    AuditEntry.objects.create(
        organization_id=stay.organization_id, kind=kind, stay=stay, by=by, api_key=_key(), at=now
    )
    _was_done(now, stay=stay)
    webhook_events.about_stay(kind, stay, now=now)
    live.tell(stay.organization_id, {live.stay_topic(stay.pk)})


def about_grant(
    kind: AuditKind, grant: Grant, *, now: datetime, answer: str = "", by: User | None = None
) -> None:
    """Something that the reconciler found out about a grant, or that was asked or decided of it."""
    AuditEntry.objects.create(
        organization_id=grant.organization_id,
        kind=kind,
        stay_id=grant.stay_id,
        grant=grant,
        by=by,
        answer=answer,
        at=now,
    )
    live.tell(grant.organization_id, {live.topic_of(grant.stay_id, grant.smart_lock_id)})


def about_lock(
    kind: AuditKind,
    lock: SmartLock,
    *,
    now: datetime,
    by: User | None = None,
    answer: str = "",
    intent: AuditEntry | None = None,
    grant: Grant | None = None,
) -> AuditEntry:
    """Something that a person asked of a smart lock itself, or what became of that (`intent`).

    With a `grant` it was asked on the page of its stay.
    """
    topics = {live.lock_topic(lock.pk), *([live.topic_of(grant.stay_id, lock.pk)] if grant else [])}
    live.tell(lock.organization_id, topics)
    _was_done(now)
    return AuditEntry.objects.create(
        organization_id=lock.organization_id,
        kind=kind,
        smart_lock=lock,
        stay_id=grant.stay_id if grant else None,
        grant=grant,
        by=by,
        api_key=_key(),
        answer=answer,
        intent=intent,
        at=now,
    )


def about_door(kind: AuditKind, door: Door, *, by: User | None, answer: str, now: datetime) -> None:
    """Something that a person decided about a door, with the lock that is on it now."""
    _was_done(now)
    AuditEntry.objects.create(
        organization_id=door.organization_id,
        kind=kind,
        smart_lock_id=door.smart_lock_id,
        by=by,
        api_key=_key(),
        answer=answer,
        at=now,
    )


def about_webhook(
    kind: AuditKind, name: str, *, organization_id: int, by: User | None, now: datetime
) -> None:
    """Something that a person, or the portal itself, did with the webhook of this name."""
    _was_done(now)
    AuditEntry.objects.create(
        organization_id=organization_id, kind=kind, by=by, api_key=_key(), answer=name, at=now
    )


def about_trial(*, organization_id: int, by: User, message: str, now: datetime) -> AuditEntry:
    """That a person asked for a test message: which kind, in which language."""
    return AuditEntry.objects.create(
        organization_id=organization_id, kind=AuditKind.TRIAL_ASKED, by=by, answer=message, at=now
    )


def trial_answered(trial: AuditEntry, answer: str, *, now: datetime) -> None:
    """What became of it: `accepted` by the mail server, or the name of the error."""
    AuditEntry.objects.create(
        organization_id=trial.organization_id,
        kind=AuditKind.TRIAL_ANSWERED,
        answer=answer,
        intent=trial,
        at=now,
    )


def intend(grant: Grant, step: Step, *, now: datetime) -> AuditEntry:
    """Say what is about to be written on a lock, before the call is made."""
    return AuditEntry.objects.create(
        organization_id=grant.organization_id,
        kind=AuditKind.WRITE_INTENDED,
        stay_id=grant.stay_id,
        grant=grant,
        step=step,
        at=now,
    )


def intend_removal_of_stray(*, organization_id: int, now: datetime) -> AuditEntry:
    """The same for an authorization with our label that no grant wants."""
    return AuditEntry.objects.create(
        organization_id=organization_id, kind=AuditKind.WRITE_INTENDED, step=Step.REVOKE, at=now
    )


def answered(intent: AuditEntry, answer: str, *, now: datetime) -> None:
    """Say how the call was answered: `accepted`, or the name of the error."""
    AuditEntry.objects.create(
        organization_id=intent.organization_id,
        kind=AuditKind.WRITE_ANSWERED,
        stay_id=intent.stay_id,
        grant_id=intent.grant_id,
        step=intent.step,
        answer=answer,
        intent=intent,
        at=now,
    )


def _key() -> ApiKey | None:
    program = _program.get()
    return program.key if program else None


def _was_done(now: datetime, *, stay: Stay | None = None) -> None:
    """Mark the request that asked for it as carried out, in the transaction that does so."""
    program = _program.get()
    if program is not None and program.request is not None:
        ApiRequest.objects.filter(pk=program.request.pk).update(done_at=now, stay=stay)
