"""Whether a lock can be opened from here, and by whom: by its guests only where the host lets them. Pure."""

from datetime import datetime

from access.models import Grant, Stay
from properties.models import GuestsOpen, NukiAccount, SmartLock


def is_for_guests(grant: Grant, stay: Stay, now: datetime) -> bool:
    """Whether the host lets the guests of a stay open this door from their page, and it is their time."""
    door = grant.door
    if door is None or door.guests_open == GuestsOpen.NO or door.smart_lock_id != grant.smart_lock_id:
        return False
    stands = grant.is_wanted and grant.closed_at is None and stay.cancelled_at is None
    return stands and grant.allowed_from <= now < min(grant.allowed_until, stay.ends_at)


def may_be_opened(lock: SmartLock, now: datetime) -> bool:
    """Whether a lock can be asked to open now, as far as is known. Its account was fetched with it."""
    is_there = lock.gone_since is None and answers(lock.nuki_account, now)
    return is_there and lock.is_online and lock.is_in_service


def answers(account: NukiAccount, now: datetime) -> bool:
    """Whether anything can be asked of a Nuki account now: it is signed in, and does not rest."""
    is_paused = account.paused_until is not None and account.paused_until > now
    return account.broken_since is None and not is_paused
