"""What is particular to app invites: whom they wait for before a step is chosen, and how long one is kept."""

from datetime import datetime, timedelta

from access import app_invites, app_users, backoff, invites, looks
from access.lifecycle import Step
from access.looks import Look, SeenFields, look_again, push_at, record, record_problem
from access.models import Grant, GrantKind, Problem
from access.turns import Turns, address_of, is_to_open
from nuki_gateway.models import Authorization, AuthorizationType

OFFLINE = timedelta(minutes=30)  # between looks at one that is old, on a lock that is out of reach


def is_held_up(look: Look, grant: Grant, turns: Turns) -> bool:
    """Whether no step of this app invite can be taken now. What it waits for is recorded."""
    found = looks.find(grant, look.listed)
    if not is_to_open(grant, look.now):
        return _is_left_to_the_next(look, grant, found, turns)
    if found is not None and looks.is_void(grant, found):
        return False  # it goes, whoever is next
    if not address_of(grant):
        record_problem(
            grant, now=look.now, due_at=grant.allowed_until, attempts=0, problem=Problem.NO_ADDRESS
        )
        return True
    holder = turns.holder(grant)
    if holder is not None and holder.pk != grant.pk:
        _wait_for(look, grant, holder)
        return True
    if look.now >= push_at(grant) and not app_users.is_known(look, grant):
        return True
    if found is None and look.find(grant) is None and _has_right_of_others(look, grant):
        due_at = min(look.now + backoff.spread(backoff.RESYNC), grant.allowed_until)
        record_problem(grant, now=look.now, due_at=due_at, attempts=0, problem=Problem.OWN_APP_RIGHT)
        return True
    if grant.waits_until is not None:
        record(grant, waits_until=None)
    return False


def keep(look: Look, grant: Grant, found: Authorization, seen: SeenFields) -> None:
    """One that was used stays. Another one is made where this one may be too old to be redeemed."""
    until = sleeps_until(grant, found)
    if until > look.now:
        record(grant, due_at=until, attempts=0, **seen)
    elif look.lock.is_online:
        app_invites.make_anew(grant=grant, now=look.now)
    else:
        record(grant, due_at=look.now + backoff.spread(OFFLINE), attempts=0, **seen)


def sleeps_until(grant: Grant, found: Authorization) -> datetime:
    """When a grant that is confirmed is looked at again. What changes until then a sweep sees."""
    if grant.kind == GrantKind.KEYPAD_CODE:
        return grant.allowed_until
    return invites.sleeps_until(
        invited_at=grant.invited_at or found.created_at,
        is_used=found.was_used or grant.redeemed_at is not None,
        push_at=push_at(grant),
        allowed_from=grant.allowed_from,
        allowed_until=grant.allowed_until,
    )


def _is_left_to_the_next(look: Look, grant: Grant, found: Authorization | None, turns: Turns) -> bool:
    """What is over is not removed where the guest's next stay takes it over: the phone keeps it.

    For this stay that is its removal, which a sync has to prove as any other.
    """
    if found is None or not turns.is_taken_over(grant, found):
        return False
    asked = {"asked_at": look.now, "asked_step": Step.REVOKE, "asked_generation": grant.generation}
    look_again(look, grant, seen=asked)
    return True


def _wait_for(look: Look, grant: Grant, holder: Grant) -> None:
    due_at = min(_turn_comes(grant, holder, look.now), grant.allowed_until)
    nothing = {"accepted_at": None, "listed_at": None, "confirmed_at": None}
    waits_until = holder.allowed_until if look.now >= push_at(grant) else None
    seen = {"due_at": due_at, "waits_until": waits_until, "problem": "", **nothing}
    if any(getattr(grant, field) != value for field, value in seen.items()):
        record(grant, attempts=0, **seen)


def _turn_comes(grant: Grant, holder: Grant, now: datetime) -> datetime:
    first = push_at(grant)
    return first if now < first else holder.allowed_until


def _has_right_of_others(look: Look, grant: Grant) -> bool:
    """Whether the guest has the app on this lock from somebody else. Nuki gives no second one."""
    return any(
        entry.type == AuthorizationType.APP and entry.account_user_id == grant.account_user_id
        for entry in look.listed
        if grant.account_user_id is not None and entry.id != grant.void_id
    )
