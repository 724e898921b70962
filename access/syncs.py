"""Having a smart lock read again, and what that proved of a grant. `proof` holds the rules."""

from datetime import datetime, timedelta

from access import proof, queries
from access.looks import Look
from access.models import Grant
from nuki_gateway import errors
from properties.models import SmartLock

LOOKS_BEFORE_HEALTH = 3  # looks that showed nothing new, before we ask whether the lock is reached at all
AFTER_A_SYNC = timedelta(seconds=6)  # a sync takes some seconds


def proves_presence(look: Look, grant: Grant, updated_at: datetime | None) -> bool:
    """Whether the grant's entry, which the list shows, was read from the lock since the write."""
    sync = look.sync
    if sync is None or not proof.covers(sync, grant.asked_at):
        return False
    if not proof.was_asked_since(sync, grant.listed_at):
        return False
    if proof.is_shown_by_entry(sync, updated_at) or proof.is_shown_by_news(sync, look.lock.sync_told_at):
        return True
    return look.now >= sync.asked_at + proof.SYNC_PATIENCE and _lock_was_read(look, sync)


def proves_absence(look: Look, written_at: datetime) -> bool:
    """Whether the list without our entry was read from the lock since the write."""
    sync = look.sync
    if sync is None or not proof.covers(sync, written_at):
        return False
    told_at = look.lock.sync_told_at
    if proof.is_shown_by_entry(sync, look.newest_date()) or proof.is_shown_by_news(sync, told_at):
        return True
    return look.now >= sync.asked_at + proof.SYNC_PATIENCE and _lock_was_read(look, sync)


def newest_unproving(look: Look, grant: Grant, listed_at: datetime) -> datetime:
    """What the next sync has to come after: the write, or a sync that was asked for before the listing."""
    if look.sync is not None and not proof.was_asked_since(look.sync, listed_at):
        return look.sync.asked_at
    return grant.asked_at or listed_at


def until_proof(look: Look, written_at: datetime) -> timedelta | None:
    """How long until the lock's own date may count, where a sync is under way; else as always."""
    sync = look.sync
    if sync is None or not proof.covers(sync, written_at):
        return None
    rest = sync.asked_at + proof.SYNC_PATIENCE - look.now
    return rest if rest > timedelta(0) else None


def ask(look: Look) -> None:
    """Force one sync for all that wait for proof, unless one that covers them is under way.

    Not of a lock that is not reached: it cannot be read, and its next look sees when it is back. Not while
    another push of seconds ago is still to show: one sync proves both.
    """
    if not look.wants_sync_after or not look.lock.is_online or queries.push_is_out(look.lock, look.now):
        return
    if not proof.may_ask_again(look.sync, written_at=max(look.wants_sync_after), now=look.now):
        return
    number = look.lock.smartlock_id
    mark = look.newest_date() or look.client.smart_lock(number).updated_at
    try:
        look.client.sync(number)
    except errors.NukiBusy:
        return  # another operation runs; the next look asks again
    SmartLock.objects.filter(pk=look.lock.pk).update(sync_asked_at=look.now, sync_mark=mark)
    _look_after_sync(look)


def _look_after_sync(look: Look) -> None:
    """A sync takes seconds: whoever waited ever longer for something to show sees it right after that."""
    soon = look.now + AFTER_A_SYNC
    waiting = Grant.objects.filter(smart_lock=look.lock, closed_at=None, confirmed_at=None, problem="")
    if look.is_told:  # of the sync, too; but for whom nothing has come for long
        waiting = waiting.filter(attempts__gt=LOOKS_BEFORE_HEALTH)
    waiting.filter(asked_at__isnull=False, due_at__gt=soon).update(due_at=soon)


def _lock_was_read(look: Look, sync: proof.Sync) -> bool:
    seen = look.client.smart_lock(look.lock.smartlock_id)
    return proof.is_shown_by_lock(
        sync,
        lock_updated_at=seen.updated_at,
        is_online=seen.is_online,
        operation_runs=seen.operation_runs,
        now=look.now,
    )
