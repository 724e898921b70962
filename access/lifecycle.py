"""What to do next about one grant: a pure function of what is wanted, what was seen, and what was asked.

It never reads a stored status. A task, webhook or write that is lost, doubled or late therefore costs time
and nothing else: the next look decides from what is true then.

    wanted    seen        asked recently       step
    entry     same        -                    CONFIRM
    nothing   nothing     a push, recently     WAIT     it may still arrive
    nothing   nothing     -                    CLOSE
    any       differs     yes, or one runs     WAIT
    any       differs     ever, lock offline   WAIT     it may be delivered when the lock is back
    entry     nothing     no, but too early    WAIT
    nothing   something   no                   REVOKE
    entry     nothing     no                   PUSH
    entry     different   no                   CORRECT
    entry     void        no                   REVOKE   another is made once it is gone
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from nuki_gateway.models import Entry

PATIENCE = timedelta(seconds=60)  # how long an accepted write may take to show; copies lag up to 30 s
STILL_DELIVERED = timedelta(hours=96)  # three days out of reach, and some hours after the lock is back
HORIZON = timedelta(hours=72)  # how long before its window a code is put on the lock, which holds 100 or 200


class Step(StrEnum):
    """What the reconciler does next about a grant."""

    PUSH = "push"
    CORRECT = "correct"
    WAIT = "wait"
    CONFIRM = "confirm"
    REVOKE = "revoke"
    CLOSE = "close"


@dataclass(frozen=True)
class Asked:
    """The last write that was sent for a grant, whether or not it was answered."""

    step: Step
    at: datetime
    is_current: bool  # whether it asked for what is wanted now


@dataclass(frozen=True)
class Seen:
    """What a list showed for a grant: the entry, and whether an operation on it was running."""

    entry: Entry | None
    operation_runs: bool = False
    is_void: bool = False  # an app invite that is to be made anew, or is another person's


def wanted_now(*, entry: Entry, is_wanted: bool, allowed_until: datetime, now: datetime) -> Entry | None:
    """The entry that should be on the lock, or None where none should be: cancelled, moved or over."""
    return entry if is_wanted and now < allowed_until else None


def next_step(
    *,
    wanted: Entry | None,
    seen: Seen,
    asked: Asked | None,
    now: datetime,
    push_at: datetime,
    lock_is_online: bool = True,
) -> Step:
    """Choose the step for one grant, from the table above."""
    if seen.operation_runs:
        return Step.WAIT
    if wanted == seen.entry and not seen.is_void:
        if wanted is not None:
            return Step.CONFIRM
        return Step.WAIT if _push_is_out(asked, now) else Step.CLOSE
    if _is_awaited(asked, seen, now, lock_is_online=lock_is_online):
        return Step.WAIT
    if wanted is None or seen.is_void:
        return Step.REVOKE
    if seen.entry is not None:
        return Step.CORRECT
    return Step.WAIT if now < push_at else Step.PUSH


def may_still_arrive(asked: Asked | None, *, was_seen: bool, now: datetime) -> bool:
    """Whether a push that nobody wants any more, and that was never seen, may come to the lock yet.

    Nuki may carry out a write hours after the lock is back (developer forum 16273, and hosts' reports).
    """
    return asked is not None and asked.step is Step.PUSH and not was_seen and now < asked.at + STILL_DELIVERED


def _push_is_out(asked: Asked | None, now: datetime) -> bool:
    """Whether a code that nobody wants any more may still be on its way to the lock."""
    return asked is not None and asked.step is Step.PUSH and now < asked.at + PATIENCE


def _is_awaited(asked: Asked | None, seen: Seen, now: datetime, *, lock_is_online: bool) -> bool:
    """Whether the last write may still show.

    One that asked for something older does not hold up a new wish, unless nothing is seen yet: then it is a
    push, and a second one would double it.
    """
    if asked is None or (now >= asked.at + PATIENCE and lock_is_online):
        return False
    return asked.is_current or seen.entry is None
