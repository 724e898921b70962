"""When a stay that is not ready is a matter for the host. Pure."""

from datetime import datetime, timedelta

from access.lifecycle import HORIZON

SLOW = timedelta(minutes=5)  # after this, "on its way" is worth a look
NEAR = timedelta(hours=24)  # an arrival this near that is not ready needs the host


def is_slow(*, booked_at: datetime, allowed_from: datetime, now: datetime) -> bool:
    """Whether a code that is not confirmed should be by now, since the time at which it may first go out."""
    return now - max(booked_at, allowed_from - HORIZON) > SLOW
