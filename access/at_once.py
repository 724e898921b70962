"""What is written on a smart lock at once, without reading its list before: the list could tell nothing new.

A code that was never asked for cannot be there yet; where another has the same one, Nuki refuses it, and the
look after that sees why. A code that is over and was seen there goes by the id it had then. Whatever else is
to be done waits for the list, and so does every second try.
"""

from datetime import datetime

from access import backoff, capacity, lock_writes, queries
from access.lifecycle import Step
from access.looks import Look, push_at
from access.models import Grant, GrantKind
from properties import clock
from properties.models import SmartLock

LONGEST = 10.0  # seconds of writing; the rest of the look comes after it, within the same lease
KNOWN_FOR = backoff.RESYNC  # after its account was listed, others' codes on a lock are taken as known
KEPT_FREE = 10  # places on a lock, for what came since


def write(look: Look, due: list[Grant]) -> list[Grant]:
    """Take the steps that need no list, and return the grants that do. Account-wide errors go up."""
    steps = _steps(look, due)
    taken = set()
    for grant, step in steps:
        if clock.monotonic() - look.began > LONGEST:
            break
        lock_writes.write(look, grant, step, grant.authorization_id)
        taken.add(grant.pk)
    return [grant for grant in due if grant.pk not in taken]


def _steps(look: Look, due: list[Grant]) -> list[tuple[Grant, Step]]:
    lock = look.lock
    if not lock.is_online or lock.gone_since is not None or lock.subscription_ended:
        return []
    steps = [(grant, Step.REVOKE) for grant in due if is_over(grant, look.now)]
    new = [(grant, Step.PUSH) for grant in due if is_new(grant, look.now)]
    return [*steps, *new] if new and _takes(lock, new, look.now) else steps


def _takes(lock: SmartLock, new: list[tuple[Grant, Step]], now: datetime) -> bool:
    """Whether there is a place for each, and none has a code of somebody else's, as far as is known."""
    swept_at = lock.nuki_account.swept_at
    if not lock.has_keypad or swept_at is None or swept_at < now - KNOWN_FOR:
        return False
    if not set(lock.foreign_codes).isdisjoint(grant.code_digest for grant, _ in new):
        return False
    others = queries.open_grants_on(lock) + len(lock.foreign_codes)
    return others + KEPT_FREE <= capacity.places_of(lock.device_type)


def is_over(grant: Grant, now: datetime) -> bool:
    """Whether its time is over, its entry was seen, and nothing was tried since that was confirmed.

    What an app invite leaves may be taken over by the guest's next stay: that is for the list to tell.
    """
    if grant.kind != GrantKind.KEYPAD_CODE:
        return False
    was_seen = grant.authorization_id != "" and grant.confirmed_at is not None
    return grant.allowed_until <= now and was_seen and not grant.attempts


def is_new(grant: Grant, now: datetime) -> bool:
    """Whether its code is to go on the lock now, and nothing of it was ever tried or seen there."""
    was_touched = grant.asked_at is not None or grant.seen_at is not None or grant.attempts > 0
    is_wanted = grant.is_wanted and push_at(grant) <= now < grant.allowed_until
    is_code = grant.kind == GrantKind.KEYPAD_CODE
    return is_code and is_wanted and not was_touched and not grant.problem
