"""When an app invite is made anew. Pure.

Nuki tells nobody whether an invite was redeemed; only its use shows that (Nuki staff, forum 30845). Guests
have one day for it by the older word of Nuki staff and two by the newer, so a day is what we rely on, and two
are what an invite may be old where making another would do harm: around the arrival a guest who has accepted
stands at the door, and what the phone holds must not be taken away.
"""

from datetime import datetime, timedelta

REDEEMED_WITHIN = timedelta(hours=24)  # nobody is invited again sooner
BEFORE_ARRIVAL = timedelta(hours=6)  # from then on, and
AFTER_ARRIVAL = timedelta(hours=12)  # until then, an invite stands as it is: at most 42 hours in all


def renew_at(*, invited_at: datetime, push_at: datetime, allowed_from: datetime) -> datetime:
    """When an invite that nobody has used is made anew: not before the first one of a stay goes out."""
    due_at = max(invited_at + REDEEMED_WITHIN, push_at)
    is_quiet = allowed_from - BEFORE_ARRIVAL <= due_at < allowed_from + AFTER_ARRIVAL
    return max(due_at, allowed_from + AFTER_ARRIVAL) if is_quiet else due_at


def sleeps_until(
    *,
    invited_at: datetime | None,
    is_used: bool,
    push_at: datetime,
    allowed_from: datetime,
    allowed_until: datetime,
) -> datetime:
    """When an invite that is confirmed is looked at again: at its end, or to be made anew before that."""
    if is_used or invited_at is None:
        return allowed_until
    due_at = renew_at(invited_at=invited_at, push_at=push_at, allowed_from=allowed_from)
    return min(due_at, allowed_until)
