"""When a listed entry counts as being on the lock. Pure.

The cloud's list is a copy that may be old, and may show what the keypad never took. So a grant is confirmed
only by a list read after the lock itself was read again: we force a sync, and wait until Nuki's own dates
say that it happened. Nuki's dates are compared with Nuki's dates only, never with our clock.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

SYNC_PATIENCE = timedelta(seconds=60)  # a sync takes seconds; after this another sign of it is accepted
SYNC_AGAIN = timedelta(seconds=120)  # how long before the same sync is asked for again


@dataclass(frozen=True)
class Sync:
    """The last forced sync of a lock: when we asked, and the newest date of Nuki's that we knew then."""

    asked_at: datetime
    mark: datetime | None


def covers(sync: Sync | None, written_at: datetime | None) -> bool:
    """Whether the sync was asked for after the write, so that it can prove something about it."""
    return sync is not None and (written_at is None or sync.asked_at > written_at)


def was_asked_since(sync: Sync, listed_at: datetime | None) -> bool:
    """Whether the sync was asked for when the entry was listed already.

    The cloud may list an entry after a sync that was asked for before, with a date of its own, and without
    the keypad having taken it.
    """
    return listed_at is not None and sync.asked_at >= listed_at


def is_shown_by_entry(sync: Sync, entry_updated_at: datetime | None) -> bool:
    """Whether the entry itself was read from the lock since.

    A sync moves the date of every entry that it read (observed of the daily sync).
    """
    return entry_updated_at is not None and (sync.mark is None or entry_updated_at > sync.mark)


def is_shown_by_news(sync: Sync, told_at: datetime | None) -> bool:
    """Whether Nuki told, since we asked, that the lock was read.

    After a forced sync it sends the lock's master data even when nothing changed (documentation on device
    webhooks), with the date of the reading. News about the entry itself prove nothing: they are sent for
    the cloud's copy, which may list what the keypad never took.
    """
    return told_at is not None and sync.mark is not None and told_at > sync.mark


def is_shown_by_lock(
    sync: Sync, *, lock_updated_at: datetime | None, is_online: bool, operation_runs: bool, now: datetime
) -> bool:
    """Whether the lock was reached since. Weaker, as other news moves that date too: hence the patience."""
    return (
        lock_updated_at is not None
        and is_online
        and not operation_runs
        and (sync.mark is None or lock_updated_at > sync.mark)
        and now >= sync.asked_at + SYNC_PATIENCE
    )


def may_ask_again(sync: Sync | None, *, written_at: datetime | None, now: datetime) -> bool:
    """Whether a sync is to be asked for: none was since the write, or the last one has had its time."""
    return sync is None or not covers(sync, written_at) or now >= sync.asked_at + SYNC_AGAIN
