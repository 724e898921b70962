"""What pages show of stays and grants: words, tones and times, worked out from rows that were read. Pure.

Never more than was seen: "accepted" is not "on the lock", and only "confirmed" is ready.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.utils.translation import ngettext

from access import capacity, readiness
from access.lifecycle import HORIZON
from access.models import Grant, GrantKind, Problem, Stay
from access.readiness import NEAR
from properties import wall_clock


class Tone(StrEnum):
    """The colour and sign of a state; always beside its word."""

    READY = "ready"
    MOVING = "moving"
    LOOK = "look"
    ACT = "act"
    PAST = "past"
    PLANNED = "planned"


@dataclass(frozen=True)
class Chip:
    """A state in one word."""

    tone: Tone
    word: str


@dataclass(frozen=True)
class Rung:
    """One rung of the ladder that a code climbs."""

    word: str
    at: datetime | None
    reached: bool
    is_current: bool


@dataclass(frozen=True)
class DoorLine:
    """How far the code of one stay has come on one door."""

    name: str
    position: int
    lock_name: str
    lock_url: str
    lock_state: str
    tone: Tone
    grade: str
    sentence: str
    ladder: list[Rung]


@dataclass(frozen=True)
class StayState:
    """The answer to "is this guest's code on the doors?"."""

    chip: Chip
    sentence: str
    is_moving: bool


PROBLEMS: dict[str, Promise] = {
    Problem.NO_ADDRESS: later(
        "This lock has no keypad, and the guest has no e-mail address for an invitation to the Nuki app. "
        "Add the address, let the guest in yourself, or pair a keypad: "
        "the code goes there within a quarter of an hour."
    ),
    Problem.INVITE_REFUSED: later(
        "Nuki refuses to invite this guest to its app. Check the guest's e-mail address, and that your Nuki "
        "account may manage users. We try again in some hours. Until then, let the guest in yourself."
    ),
    Problem.OWN_APP_RIGHT: later(
        "This guest's address has the Nuki app on this lock already, from somebody else. We leave that as it "
        "is. Delete it in the Nuki app, and the invitation follows within some hours."
    ),
    Problem.KEYPAD_REFUSES: later(
        "The lock refuses keypad codes. Check in the Nuki app that its keypad is paired. "
        "We try again in some hours."
    ),
    Problem.CODE_TAKEN: later(
        "Another entry on this lock has the same code. Delete it in the Nuki app, or cancel and book again."
    ),
    Problem.REFUSED: later(
        "Nuki refuses the change. Look at this lock in the Nuki app; we try again in some hours."
    ),
    Problem.SUBSCRIPTION_ENDED: later(
        "Nuki refuses our calls for this lock, as its Smart Hosting subscription has ended. "
        "Renew it in Nuki Web."
    ),
    Problem.LOCK_GONE: later("This lock is no longer in your Nuki account. Put another lock on the door."),
    Problem.NO_ROOM: later(
        "This lock holds %(places)d codes and is full. In the Nuki app, delete codes that you do not need. "
        "This guest's code follows as soon as there is a place."
    ),
    Problem.KEYPAD_GONE: later(
        "Nuki shows no keypad at this lock any more, so no code opens it. "
        "Check in the Nuki app that its keypad is paired. Until then, let the guest in yourself."
    ),
}


def state_of(stay: Stay, grants: Sequence[Grant], now: datetime) -> StayState:
    """What a stay's chip and headline say."""
    live = [grant for grant in grants if grant.closed_at is None]
    if stay.cancelled_at is not None or stay.ends_at <= now:
        return _ended(stay, grants, live)
    wanted = [grant for grant in live if grant.is_wanted]
    problems = [grant for grant in wanted if problem_of(grant)]
    guest = stay.guest.called
    if problems:
        doors = _names(problems)
        return StayState(
            Chip(Tone.ACT, _("Needs you")),
            _cannot(problems) % {"doors": doors, "guest": guest},
            is_moving=any(grant.confirmed_at is None and not problem_of(grant) for grant in wanted),
        )
    if wanted and all(grant.confirmed_at for grant in wanted):
        inside = stay.starts_at <= now
        word = _("In the house") if inside else _("Ready")
        return StayState(Chip(Tone.READY, word), _on_doors(guest, wanted), is_moving=False)
    return _under_way(stay, wanted, now)


def problem_of(grant: Grant) -> str:
    """Why a grant needs a person: what the reconciler met, or what is known of its lock by now."""
    if grant.problem or grant.closed_at is not None or not grant.is_wanted:
        return grant.problem
    if grant.smart_lock.gone_since is not None:
        return Problem.LOCK_GONE
    if grant.smart_lock.subscription_ended and grant.confirmed_at is None:
        return Problem.SUBSCRIPTION_ENDED
    if grant.kind == GrantKind.KEYPAD_CODE and not grant.smart_lock.has_keypad:
        return Problem.KEYPAD_GONE
    return ""


def problem_sentence(grant: Grant) -> str:
    """Why a grant needs a person, and what helps."""
    sentence = str(PROBLEMS[problem_of(grant)])
    return sentence % {"places": capacity.places_of(grant.smart_lock.device_type)}


def _cannot(problems: Sequence[Grant]) -> str:
    if any(_by_app(grant) for grant in problems):
        return _("%(doors)s cannot be opened by %(guest)s.")
    return _("%(doors)s cannot take %(guest)s's code.")


def _on_doors(guest: str, wanted: Sequence[Grant]) -> str:
    count, by_app = len(wanted), [grant for grant in wanted if _by_app(grant)]
    if by_app:
        return _by_code_and_app(guest, [grant for grant in wanted if not _by_app(grant)], by_app)
    if count == 2:  # noqa: PLR2004  two of something are both
        return _("%(guest)s's code is on both doors.") % {"guest": guest}
    sentence = ngettext(
        "%(guest)s's code is on the door.", "%(guest)s's code is on all %(count)d doors.", count
    )
    return sentence % {"guest": guest, "count": count}


def _by_code_and_app(guest: str, by_code: Sequence[Grant], by_app: Sequence[Grant]) -> str:
    facts = {"guest": guest, "doors": _names(by_code), "app_doors": _names(by_app)}
    if by_code:
        return _("%(guest)s's code is on %(doors)s; the Nuki app opens %(app_doors)s.") % facts
    return _("%(guest)s is invited to open %(app_doors)s with the Nuki app.") % facts


def _by_app(grant: Grant) -> bool:
    return grant.kind == GrantKind.APP_INVITE


def _ended(stay: Stay, grants: Sequence[Grant], live: Sequence[Grant]) -> StayState:
    cancelled = stay.cancelled_at is not None
    word = _("Cancelled") if cancelled else _("Over")
    if any(_by_app(grant) for grant in grants):
        return _rights_ended(word, [grant for grant in live if grant.asked_at or not _by_app(grant)])
    if not live:
        return StayState(Chip(Tone.PAST, word), _("The code is off every door."), is_moving=False)
    sentence = _("The code is being taken off %(doors)s.") % {"doors": _names(live)}
    return StayState(Chip(Tone.MOVING, word), sentence, is_moving=True)


def _rights_ended(word: str, live: Sequence[Grant]) -> StayState:
    if not live:
        return StayState(Chip(Tone.PAST, word), _("Nothing opens a door any more."), is_moving=False)
    sentence = _("The right to open is being taken off %(doors)s.") % {"doors": _names(live)}
    return StayState(Chip(Tone.MOVING, word), sentence, is_moving=True)


def _under_way(stay: Stay, wanted: Sequence[Grant], now: datetime) -> StayState:
    guest = stay.guest.called
    push_at = min((grant.allowed_from - HORIZON for grant in wanted), default=now)
    if now < push_at and not any(grant.asked_at for grant in wanted):
        day = wall_clock.shown(push_at, stay.unit.property.time_zone)
        sentence = _("%(guest)s's code goes on the doors on %(day)s.")
        if all(_by_app(grant) for grant in wanted):
            sentence = _("%(guest)s is invited to the Nuki app on %(day)s.")
        return StayState(
            Chip(Tone.PLANNED, _("Planned")),
            sentence % {"guest": guest, "day": date_format(day, "LONG_WEEKDAY")},
            is_moving=False,
        )
    waiting = [grant for grant in wanted if grant.confirmed_at is None]
    late = [grant for grant in waiting if not waits_for_turn(grant, now) and _is_slow(grant, stay, now)]
    if late:
        sentence = _("%(doors)s does not answer yet. We keep trying.")
        tone = Tone.ACT if stay.starts_at <= now + NEAR else Tone.LOOK
        return StayState(Chip(tone, _("Not ready")), sentence % {"doors": _names(late)}, is_moving=True)
    sentence = _("%(guest)s's code is on its way to %(doors)s.")
    if waiting and all(waits_for_turn(grant, now) for grant in waiting):
        sentence = _("%(guest)s opens %(doors)s with the Nuki app, which still has the stay before this one.")
    elif waiting and all(_by_app(grant) for grant in waiting):
        sentence = _("%(guest)s's invitation to the Nuki app is on its way for %(doors)s.")
    return StayState(
        Chip(Tone.MOVING, _("On its way")),
        sentence % {"guest": guest, "doors": _names(waiting)},
        is_moving=True,
    )


def _is_slow(grant: Grant, stay: Stay, now: datetime) -> bool:
    slow = readiness.is_slow(booked_at=stay.booked_at, allowed_from=grant.allowed_from, now=now)
    return slow or not grant.smart_lock.is_online


def waits_for_turn(grant: Grant, now: datetime) -> bool:
    """Whether another stay of the same guest has the one app right that Nuki gives a person on a lock."""
    return grant.waits_until is not None and now < grant.waits_until + readiness.SLOW


def _names(grants: Sequence[Grant]) -> str:
    return together([door_name(grant) for grant in grants])


def together(names: Sequence[str]) -> str:
    """Names as a sentence has them: "Ada, Ben and Cleo"."""
    if len(names) < 2:  # noqa: PLR2004  one name needs no "and"
        return "".join(names)
    return _("%(first)s and %(last)s") % {"first": ", ".join(names[:-1]), "last": names[-1]}


def door_name(grant: Grant) -> str:
    """The door's name, or the lock's where the door is gone."""
    return grant.door.name if grant.door else grant.smart_lock.called


def used_at(grant: Grant) -> datetime | None:
    """When the grant first opened its door, where `queries` fetched that with it."""
    first: datetime | None = getattr(grant, "used_at", None)
    return first


def door_line(grant: Grant, zone: str, now: datetime) -> DoorLine:
    """One door of a stay: what was seen of the code there, and how the lock is."""
    tone, grade, sentence = _grade(grant, now)
    lock = grant.smart_lock
    return DoorLine(
        name=door_name(grant),
        position=grant.position,
        lock_name=f"{lock.called} · {lock.kind}",
        lock_url=reverse("access:lock", kwargs={"lock_id": lock.pk}),
        lock_state=_lock_state(grant, zone, now),
        tone=tone,
        grade=grade,
        sentence=sentence,
        ladder=_ladder(grant),
    )


def _lock_state(grant: Grant, zone: str, now: datetime) -> str:
    lock = grant.smart_lock
    if lock.gone_since is not None:
        return _("left the Nuki account")
    if not lock.is_online:
        since = wall_clock.shown(lock.offline_since or lock.listed_at, zone)
        return _("does not answer since %(time)s") % {"time": date_format(since, "CLOCK")}
    if wall_clock.clocks_differ(lock.time_zone, zone, now):
        return _("online; its clock is set to %(zone)s") % {"zone": lock.time_zone}
    if lock.keypad_battery_critical:
        return _("online; change the keypad's battery")
    return _("online")


def _grade(grant: Grant, now: datetime) -> tuple[Tone, str, str]:
    """Tone, grade and sentence, from the last rung that was reached."""
    if grant.closed_at is not None or problem_of(grant):
        return _at_rest(grant, now)
    if not grant.is_wanted or grant.allowed_until <= now:
        return _leaving(grant)
    if _by_app(grant):
        return _app_grade(grant, now)
    if grant.confirmed_at is not None:
        return Tone.READY, _("Confirmed"), _("The lock was read again and has the code.")
    offline = not grant.smart_lock.is_online
    if grant.listed_at is not None:
        return Tone.MOVING, _("Listed"), _("Nuki lists the code. We are asking the lock itself.")
    if offline and grant.asked_at is not None:
        return (
            Tone.LOOK,
            _("Waiting for the lock"),
            _("Nuki has the code, but does not reach the lock. It goes on when the lock is back."),
        )
    if grant.accepted_at is not None:
        return Tone.MOVING, _("Accepted"), _("Nuki has accepted the code. It is not yet seen on the lock.")
    if grant.asked_at is not None:
        return Tone.MOVING, _("Sent"), _("The change was sent. Nuki has not answered for it yet.")
    return Tone.PLANNED, _("Planned"), _("The code has not been sent yet.")


def _app_grade(grant: Grant, now: datetime) -> tuple[Tone, str, str]:
    """The same of an app invite. That it was accepted nobody tells; only its use shows that."""
    if grant.confirmed_at is not None and (grant.redeemed_at or used_at(grant)):
        return Tone.READY, _("Used"), _("The guest has the Nuki app, and has used it here.")
    if grant.confirmed_at is not None:
        return (
            Tone.READY,
            _("Invited"),
            _("Nuki has sent the guest the invitation. Use alone shows that it was accepted."),
        )
    if waits_for_turn(grant, now):
        return (
            Tone.PLANNED,
            _("Waits"),
            _("The app still has this guest's other stay. It is handed over when that ends."),
        )
    if grant.listed_at is not None:
        return Tone.MOVING, _("Listed"), _("Nuki lists the invitation. We are asking the lock itself.")
    if grant.asked_at is not None and not grant.smart_lock.is_online:
        return (
            Tone.LOOK,
            _("Waiting for the lock"),
            _("Nuki has the invitation, but does not reach the lock. It goes on when the lock is back."),
        )
    if grant.accepted_at is not None:
        return Tone.MOVING, _("Accepted"), _("Nuki has accepted the invitation. It is not listed yet.")
    if grant.renewals:
        return Tone.MOVING, _("Renewed"), _("Nobody used the last invitation. Another one is being made.")
    if grant.asked_at is not None:
        return Tone.MOVING, _("Sent"), _("The change was sent. Nuki has not answered for it yet.")
    return Tone.PLANNED, _("Planned"), _("The guest has not been invited yet.")


def _at_rest(grant: Grant, now: datetime) -> tuple[Tone, str, str]:
    """Nothing moves any more: it is over, or waits for a person."""
    if _by_app(grant) and (grant.closed_at is not None or grant.allowed_until <= now):
        return Tone.PAST, _("Over"), _("The Nuki app opens nothing here any more.")
    if grant.closed_at is not None:
        return Tone.PAST, _("Removed"), _("The code is off this lock.")
    return Tone.ACT, _("Needs you"), problem_sentence(grant)


def _leaving(grant: Grant) -> tuple[Tone, str, str]:
    if _by_app(grant):
        return _app_leaving(grant)
    if not grant.smart_lock.is_online:
        return (
            Tone.LOOK,
            _("Waiting for the lock"),
            _("The code goes when the lock answers again. It ends by itself at checkout."),
        )
    if grant.accepted_at is not None:
        return Tone.MOVING, _("Being removed"), _("Nuki has accepted the removal. The lock is asked again.")
    return Tone.MOVING, _("Being removed"), _("The code is being taken off this lock.")


def _app_leaving(grant: Grant) -> tuple[Tone, str, str]:
    if not grant.smart_lock.is_online:
        return (
            Tone.LOOK,
            _("Waiting for the lock"),
            _("The app's right goes when the lock answers again. It ends by itself at checkout."),
        )
    return Tone.MOVING, _("Being removed"), _("The app's right is being taken off this lock.")


def _ladder(grant: Grant) -> list[Rung]:
    if not grant.is_wanted:
        return []
    used = used_at(grant) or grant.redeemed_at
    steps = [
        (_("Planned"), grant.own_stay.booked_at),
        (_("Accepted by Nuki"), grant.accepted_at),
        (_("Listed"), grant.listed_at),
        (_("Invited") if _by_app(grant) else _("Confirmed"), grant.confirmed_at),
        (_("Used"), used if grant.confirmed_at is not None else None),  # as it is on the lock now
    ]
    highest = max(index for index, (word, at) in enumerate(steps) if at is not None)
    return [
        Rung(word=word, at=at, reached=index <= highest, is_current=index == highest)
        for index, (word, at) in enumerate(steps)
    ]
