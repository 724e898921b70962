"""One look at one smart lock: what was read there, and how what was seen is recorded."""

from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from access import backoff, codes, installation, live, webhook_events
from access.lifecycle import HORIZON, PATIENCE, Asked, Seen, Step
from access.models import Grant, GrantKind
from access.proof import Sync
from nuki_gateway.client import NukiClient
from nuki_gateway.models import AppEntry, Authorization, Entry, KeypadEntry, Window
from properties import clock
from properties.encryption import digest
from properties.models import SmartLock

NOBODY = 0  # no account user has this number
TOLD_WITHIN = timedelta(seconds=25)  # Nuki's call about a change comes before that, or is lost


@dataclass
class Look:
    """What one worker holds while it looks at one smart lock."""

    lock: SmartLock
    lease: UUID
    client: NukiClient
    listed: list[Authorization]
    now: datetime
    began: float = field(default_factory=clock.monotonic)
    is_told: bool = False  # whether Nuki's calls tell of what changes
    wants_sync_after: list[datetime] = field(default_factory=list)  # writes that a sync is to prove
    unchanged: list[Grant] = field(default_factory=list)  # confirmed before, and still as wanted

    @property
    def sync(self) -> Sync | None:
        """The last forced sync of this lock."""
        asked_at = self.lock.sync_asked_at
        return None if asked_at is None else Sync(asked_at, self.lock.sync_mark)

    def find(self, grant: Grant) -> Authorization | None:
        """The grant's authorization on this lock, or the one of the same guest that it takes over."""
        return find(grant, self.listed) or self._left_to(grant)

    def _left_to(self, grant: Grant) -> Authorization | None:
        """What another stay of the same guest has, or has left: Nuki gives a person one on each lock."""
        if grant.kind != GrantKind.APP_INVITE or grant.account_user_id is None:
            return None
        if not grant.is_wanted or grant.allowed_until <= self.now:
            return None
        theirs = (
            entry
            for entry in self.listed
            if entry.app_entry is not None and entry.account_user_id == grant.account_user_id
        )
        return next((entry for entry in theirs if entry.id != grant.void_id and _is_ours(entry)), None)

    def moment(self) -> datetime:
        """This instant: `now`, and what has passed since."""
        return self.now + timedelta(seconds=clock.monotonic() - self.began)

    def after(self, attempts: int) -> timedelta:
        """How long to wait after so many looks that showed nothing new."""
        span = backoff.next_look(attempts)
        return max(span, backoff.spread(TOLD_WITHIN)) if self.is_told else span

    def newest_date(self) -> datetime | None:
        """The newest of Nuki's dates on this list."""
        return max((entry.updated_at for entry in self.listed if entry.updated_at), default=None)


def find(grant: Grant, listed: Iterable[Authorization]) -> Authorization | None:
    """A grant's authorization on its lock's list: by its label, else by the id it had when it was last seen.

    What has another label of ours by now belongs to the stay that took it over (`turns`).
    Of several with the same label, the one that is as wanted counts; the others are strays.
    """
    own_id = grant.authorization_id
    candidates = [
        entry
        for entry in listed
        if entry.name == grant.label or (own_id and entry.id == own_id and not _is_ours(entry))
    ]
    by_label = [entry for entry in candidates if entry.name == grant.label]
    as_wanted = [entry for entry in by_label if entry_of(grant, entry) == wanted_entry(grant)]
    return next(iter([*as_wanted, *by_label, *candidates]), None)


def foreign_codes(listed: Iterable[Authorization], *, labels: Container[str]) -> list[str]:
    """The digests of the codes on a lock's list that have no open grant's label.

    A stray of ours counts, too: while it is there, its code is not free.
    """
    return sorted({digest(entry.code) for entry in listed if entry.code and entry.name not in labels})


def wanted_entry(grant: Grant) -> Entry:
    """The whole entry that this grant puts on a lock: every field, since what is left out is cleared."""
    window = Window(grant.allowed_from, grant.allowed_until)
    if grant.kind == GrantKind.APP_INVITE:
        return AppEntry(grant.label, grant.account_user_id or NOBODY, window)
    return KeypadEntry(grant.label, grant.code, window)


def entry_of(grant: Grant, found: Authorization) -> Entry | None:
    """What stands on the lock, or None where it is of another type than the grant's."""
    return found.app_entry if grant.kind == GrantKind.APP_INVITE else found.entry


def asked_of(grant: Grant) -> Asked | None:
    """The last write that was sent for this grant."""
    if grant.asked_at is None:
        return None
    return Asked(Step(grant.asked_step), grant.asked_at, grant.asked_generation == grant.generation)


def seen_of(grant: Grant, found: Authorization | None) -> Seen:
    """What the list shows. An entry of another type than the grant's counts as nothing of ours."""
    if found is None:
        return Seen(None)
    return Seen(entry_of(grant, found), found.operation_runs, is_void=is_void(grant, found))


def is_void(grant: Grant, found: Authorization) -> bool:
    """Whether another has to be made in its place: its invite is void, or it is another person's."""
    if found.app_entry is None or grant.kind != GrantKind.APP_INVITE:
        return False
    return found.id == grant.void_id or found.account_user_id != grant.account_user_id


def _is_ours(entry: Authorization) -> bool:
    return codes.is_ours(entry.name, installation.token())


def push_at(grant: Grant) -> datetime:
    """When the code of this grant goes on the lock at the earliest."""
    return grant.allowed_from - HORIZON


SeenFields = dict[str, Any]  # fields of the grant's second half


ONLY_WHEN = {"due_at", "attempts"}  # fields that say when to look again, and nothing that a page shows


def record(grant: Grant, **seen: Any) -> bool:
    """Write what was seen, unless what is wanted has changed since it was read."""
    rows = Grant.objects.filter(pk=grant.pk, generation=grant.generation, closed_at=None).update(**seen)
    if rows and not seen.keys() <= ONLY_WHEN:
        live.tell(grant.organization_id, {live.topic_of(grant.stay_id, grant.smart_lock_id)})
    return rows == 1


def record_problem(grant: Grant, *, now: datetime, **seen: Any) -> None:
    """The same where a person has to help; what is new is told to webhooks, in the same transaction."""
    with transaction.atomic():
        if record(grant, **seen) and seen["problem"] != grant.problem:
            webhook_events.grants_failed([grant], problem=seen["problem"], now=now)


def look_again(
    look: Look, grant: Grant, span: timedelta | None = None, seen: SeenFields | None = None
) -> None:
    """Record, and come back: after `span`, else soon, and later with each look that showed nothing new.

    At the end of the stay at the latest: then something else is wanted.
    """
    due_at = look.now + (span or look.after(grant.attempts))
    if look.now < grant.allowed_until:
        due_at = min(due_at, grant.allowed_until)
    if span is None and grant.asked_at is not None and look.now < grant.asked_at + PATIENCE:
        due_at = min(due_at, grant.asked_at + PATIENCE)
    fields = {"due_at": due_at, "attempts": grant.attempts + 1, **(seen or {})}
    if fields.get("problem"):
        record_problem(grant, now=look.now, **fields)
    else:
        record(grant, **fields)
