"""What other programs are told, in which form, and how long it is tried. Pure.

An event says that something happened: ids, kinds and times, and never a name, an address or a code.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any


class EventType(StrEnum):
    """What happened. Programs may rely on these words."""

    STAY_CREATED = "stay.created"
    STAY_CHANGED = "stay.changed"
    STAY_CANCELLED = "stay.cancelled"
    GRANT_CONFIRMED = "grant.confirmed"
    GRANT_FAILED = "grant.failed"
    DOOR_OPENED = "door.opened"
    DOOR_CODE_REFUSED = "door.code_refused"
    LOCK_OFFLINE = "lock.offline"
    LOCK_ONLINE = "lock.online"
    LOCK_BATTERY_LOW = "lock.battery_low"
    MESSAGE_BOUNCED = "message.bounced"
    ALERT_OPENED = "alert.opened"
    ALERT_CLOSED = "alert.closed"
    PING = "ping"  # asked for by hand, to try an endpoint


CHOSEN = [one for one in EventType if one is not EventType.PING]  # what an endpoint can ask for
FAMILIES = sorted({f"{one.partition('.')[0]}.*" for one in CHOSEN})
# after a delivery that failed, the time until the next: eight tries in 27 h 35 min
PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=10),
)
FAILING_FOR = timedelta(days=5)  # without a single success, before an endpoint is switched off
FEWEST_FAILURES = 10  # within that time: a weekend's outage that two events ran into proves nothing
SHORTEST_REST, LONGEST_REST = timedelta(seconds=15), timedelta(minutes=5)
SLOW = timedelta(seconds=2)  # an answer that takes longer; programs do their work after they have answered
OLD_SECRET_LIVES = timedelta(hours=24)  # beside the new one
TOLD_WITHIN = timedelta(days=1)  # what a log shows later than this is history, and not told any more
KEPT = timedelta(days=30)


def wanted_by_word(word: str) -> list[EventType]:
    """The types that `stay.*` or a type's own name stands for; none for a word that means nothing."""
    if word.endswith(".*"):
        return [one for one in CHOSEN if one.startswith(word.removesuffix("*"))]
    return [one for one in CHOSEN if one == word]


def pause_after(tries: int) -> timedelta | None:
    """How long to wait after so many tries; None where it is given up."""
    return PAUSES[tries - 1] if tries <= len(PAUSES) else None


def rest_after(failures: int) -> timedelta:
    """How long an endpoint that cannot be reached is left alone: 15 s, 30 s … 5 min."""
    rest: timedelta = SHORTEST_REST * 2 ** min(failures, 10)
    return min(rest, LONGEST_REST)


def is_hopeless(*, failing_since: datetime, failures: int, now: datetime) -> bool:
    """Whether an endpoint is to be switched off."""
    return failures >= FEWEST_FAILURES and now >= failing_since + FAILING_FOR


def written(kind: str, number: int) -> str:
    """An id as the API writes it."""
    return f"{kind}_{number}"


def body_of(type_: str, at: datetime, facts: Mapping[str, Any]) -> dict[str, Any]:
    """What is sent, in the form of the Standard Webhooks."""
    return {"type": type_, "timestamp": instant(at), "data": dict(facts)}


def instant(at: datetime) -> str:
    """A moment as the API writes it."""
    return at.isoformat().replace("+00:00", "Z")
