"""The values behind the card of one stay on the board: each door on the way, the message, and what helps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from access import door_pages, entrance, ledger_pages, readiness, risks, shown
from access.entrance import Code, DoorFacts, Told, Verdict
from access.lifecycle import HORIZON
from access.models import Grant, GrantKind, Problem, Stay
from access.shown import Chip, Tone
from properties.models import SmartLock
from properties.roles import Right, Role, may


@dataclass(frozen=True)
class Fact:
    """One thing that is known, with a tone where it is worth a thought."""

    word: str
    tone: Tone | None = None


@dataclass(frozen=True)
class DoorCheck:
    """One door on the way in: whether it opens, and why."""

    name: str
    tone: Tone
    facts: list[Fact]


@dataclass(frozen=True)
class Help:
    """The one button that helps."""

    word: str
    url: str
    is_asked: bool  # sent as a form: pressing it does something


@dataclass(frozen=True)
class ArrivalCard:
    """One stay on the board."""

    number: int
    url: str
    guest_name: str
    unit_name: str
    property_name: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    verdict: Verdict
    chip: Chip
    sentence: str
    doors: list[DoorCheck]
    message: Fact
    message_at: datetime | None
    came_in_at: datetime | None
    help: Help | None


CHIPS: dict[Verdict, tuple[Tone, Promise]] = {
    Verdict.SHUT: (Tone.ACT, later("Needs you")),
    Verdict.DOUBTFUL: (Tone.LOOK, later("Not ready")),
    Verdict.UNTOLD: (Tone.LOOK, later("Not told")),
    Verdict.WEAK: (Tone.LOOK, later("Gets in")),
    Verdict.ON_ITS_WAY: (Tone.MOVING, later("On its way")),
    Verdict.PLANNED: (Tone.PLANNED, later("Planned")),
    Verdict.OPENS: (Tone.READY, later("Ready")),
}
CODES: dict[Code, Promise] = {
    Code.CONFIRMED: later("code confirmed"),
    Code.ON_ITS_WAY: later("code on its way"),
    Code.LATE: later("code not confirmed"),
    Code.PLANNED: later("code planned"),
    Code.BLOCKED: later("takes no code"),
}
INVITES: dict[Code, Promise] = {
    Code.CONFIRMED: later("invited to the app"),
    Code.ON_ITS_WAY: later("invitation on its way"),
    Code.LATE: later("invitation not confirmed"),
    Code.PLANNED: later("invitation planned"),
    Code.BLOCKED: later("cannot be invited"),
}
MESSAGES: dict[Told, tuple[Tone, Promise]] = {
    Told.SENT: (Tone.READY, later("Message sent")),
    Told.RETURNED: (Tone.ACT, later("Message came back")),
    Told.WAITING: (Tone.MOVING, later("Message not sent yet")),
    Told.LATE: (Tone.LOOK, later("Message not sent")),
    Told.NOT_YET: (Tone.PLANNED, later("Message goes out once every door is ready")),
}


def card(stay: Stay, *, role: Role, now: datetime) -> ArrivalCard:
    """One stay on the board, with its grants and message as `board_queries` fetches them."""
    place = stay.unit.property
    grants = sorted(_wanted(stay), key=lambda one: (one.position, one.pk))
    verdicts = [_at_door(grant, stay, now) for grant in grants]
    told = told_of(stay, grants, now)
    verdict = entrance.of_stay(verdicts, told)
    came_in_at = came_in(stay)
    tone, word = CHIPS[verdict]
    if came_in_at is not None and verdict is Verdict.OPENS:
        word = later("Came in")
    message_tone, message = MESSAGES[told]
    return ArrivalCard(
        number=stay.pk,
        url=reverse("access:stay", kwargs={"stay_id": stay.pk}),
        guest_name=stay.guest.called,
        unit_name=stay.unit.name,
        property_name=place.name,
        starts_at=stay.starts_at,
        ends_at=stay.ends_at,
        zone=place.time_zone,
        verdict=verdict,
        chip=Chip(tone, str(word)),
        sentence=_sentence(stay, grants, verdict, now),
        doors=[_check(grant, one, stay, now) for grant, one in zip(grants, verdicts, strict=True)],
        message=Fact(str(message), message_tone),
        message_at=getattr(stay, "told_at", None) or getattr(stay, "known_at", None),
        came_in_at=came_in_at,
        help=_help(stay, grants, verdicts, verdict, role),
    )


def came_in(stay: Stay) -> datetime | None:
    """When the guest first opened a door, as far as the locks' logs told."""
    return min((used for grant in stay.grants.all() if (used := shown.used_at(grant))), default=None)


def facts_of(grant: Grant, stay: Stay, now: datetime) -> DoorFacts:
    """What is known of one door."""
    lock = grant.smart_lock
    return DoorFacts(
        code=_code(grant, stay, now),
        is_listed=lock.gone_since is None,
        has_keypad=lock.has_keypad or grant.kind == GrantKind.APP_INVITE,
        is_online=lock.is_online,
        battery_is_low=lock.battery_critical,
        keypad_battery_is_low=lock.keypad_battery_critical,
        is_subscribed=not lock.subscription_ended,
    )


def told_of(stay: Stay, grants: Sequence[Grant], now: datetime) -> Told:
    """What became of the message: it is late where it was refused, or the doors have been ready for long."""
    if getattr(stay, "told_returned_at", None) is not None:
        return Told.RETURNED
    if getattr(stay, "told_at", None) is not None or getattr(stay, "known_at", None) is not None:
        return Told.SENT
    if getattr(stay, "told_tries", None):
        return Told.LATE
    due_at = getattr(stay, "telling_at", None)
    if due_at is not None and due_at > now:
        return Told.WAITING
    confirmed = [grant.confirmed_at for grant in grants]
    if grants and all(at is not None and at <= now - readiness.SLOW for at in confirmed):
        return Told.LATE
    return Told.NOT_YET if due_at is None else Told.WAITING


def _wanted(stay: Stay) -> list[Grant]:
    return [grant for grant in stay.grants.all() if grant.closed_at is None and grant.is_wanted]


def _code(grant: Grant, stay: Stay, now: datetime) -> Code:
    if shown.problem_of(grant):
        return Code.BLOCKED
    if grant.confirmed_at is not None:
        return Code.CONFIRMED
    if shown.waits_for_turn(grant, now):
        return Code.ON_ITS_WAY
    if readiness.is_slow(booked_at=stay.booked_at, allowed_from=grant.allowed_from, now=now):
        return Code.LATE
    is_to_come = now < grant.allowed_from - HORIZON and grant.asked_at is None
    return Code.PLANNED if is_to_come else Code.ON_ITS_WAY


def _at_door(grant: Grant, stay: Stay, now: datetime) -> Verdict:
    is_near = stay.starts_at <= now + readiness.NEAR
    return entrance.at_door(facts_of(grant, stay, now), is_near=is_near)


def _check(grant: Grant, verdict: Verdict, stay: Stay, now: datetime) -> DoorCheck:
    """The same facts in words; those that decide carry the door's tone."""
    lock, facts, tone = grant.smart_lock, facts_of(grant, stay, now), CHIPS[verdict][0]
    reached = door_pages.reach(lock, stay.unit.property.time_zone, now)
    return DoorCheck(
        name=shown.door_name(grant),
        tone=tone,
        facts=[
            Fact(_how_far(grant, facts.code), None if facts.code is Code.CONFIRMED else tone),
            Fact(reached, None if facts.is_online and facts.is_listed else tone),
            _battery(lock),
            _by_what(grant, tone),
        ],
    )


def _by_what(grant: Grant, tone: Tone) -> Fact:
    if _by_app(grant) and shown.problem_of(grant) != Problem.NO_ADDRESS:
        return Fact(_("opens with the Nuki app"))
    return _keypad(grant.smart_lock, tone)


def _by_app(grant: Grant) -> bool:
    return grant.kind == GrantKind.APP_INVITE


def _how_far(grant: Grant, code: Code) -> str:
    if _by_app(grant) and code is Code.CONFIRMED:
        was_used = grant.redeemed_at is not None or shown.used_at(grant) is not None
        return _("app used") if was_used else str(INVITES[code])
    return str((INVITES if _by_app(grant) else CODES)[code])


def _battery(lock: SmartLock) -> Fact:
    if lock.battery_critical:
        return Fact(_("battery nearly empty"), Tone.LOOK)
    if lock.battery_charge is None:
        return Fact(_("battery fine"))
    return Fact(_("battery %(percent)d %%") % {"percent": lock.battery_charge})


def _keypad(lock: SmartLock, tone: Tone) -> Fact:
    if not lock.has_keypad:
        return Fact(_("no keypad"), tone)
    if lock.keypad_battery_critical:
        return Fact(_("keypad's battery nearly empty"), Tone.LOOK)
    return Fact(_("keypad fine"))


def _sentence(stay: Stay, grants: Sequence[Grant], verdict: Verdict, now: datetime) -> str:
    """Why it is not simply well; nothing where the word says enough."""
    if verdict is Verdict.UNTOLD:
        return _why_untold(stay, now)
    if verdict in entrance.NEEDS_SOMEBODY:
        return risks.risk_of(stay, grants, now).sentence
    if verdict is not Verdict.WEAK:
        return ""
    offline = next((grant for grant in grants if not grant.smart_lock.is_online), None)
    if offline is None:
        return next(sentence for grant in grants if (sentence := risks.weakness(grant)))
    since = offline.smart_lock.offline_since or offline.smart_lock.listed_at
    return _(
        "%(door)s does not answer since %(moment)s. The code is already on the lock, so %(guest)s gets in; "
        "changes wait until it is back."
    ) % {
        "door": shown.door_name(offline),
        "moment": door_pages.moment(since, stay.unit.property.time_zone, now),
        "guest": stay.guest.called,
    }


def _why_untold(stay: Stay, now: datetime) -> str:
    """What keeps the message, and when it is tried again."""
    if getattr(stay, "told_returned_at", None) is not None:
        sentence = _("The message to %(guest)s came back: the address takes no mail.")
        return sentence % {"guest": stay.guest.called}
    trouble, due_at = getattr(stay, "told_trouble", ""), getattr(stay, "telling_at", None)
    if not trouble or due_at is None:
        return risks.not_told(stay)
    moment = door_pages.moment(max(due_at, now), stay.unit.property.time_zone, now)
    again = _("We try again at %(moment)s.") % {"moment": moment}
    return f"{risks.not_told(stay)} {ledger_pages.TROUBLES[trouble]} {again}"


def _help(
    stay: Stay, grants: Sequence[Grant], verdicts: Sequence[Verdict], verdict: Verdict, role: Role
) -> Help | None:
    """What gets this guest in, as far as this role may do it."""
    if verdict is Verdict.UNTOLD:
        return _telling_help(stay, role)
    if verdict not in {Verdict.SHUT, Verdict.DOUBTFUL, Verdict.WEAK}:
        return None
    if grants:
        return _door_help(stay, grants[verdicts.index(verdict)], role)
    way_in = reverse("access:edit_unit", kwargs={"unit_id": stay.unit_id})
    return Help(_("Choose the doors"), way_in, is_asked=False) if may(role, Right.CHANGE_PROPERTIES) else None


def _telling_help(stay: Stay, role: Role) -> Help | None:
    """A message that was refused goes out by itself once the address is right; one never tried is sent."""
    if not may(role, Right.CHANGE_STAYS):
        return None
    is_put_off = bool(getattr(stay, "told_trouble", ""))
    if getattr(stay, "told_returned_at", None) or (getattr(stay, "told_tries", None) and not is_put_off):
        address = reverse("access:edit_guest", kwargs={"guest_id": stay.guest_id})
        return Help(_("Check the address"), address, is_asked=False)
    return Help(
        _("Try again now") if is_put_off else _("Send the message"),
        reverse("access:tell_again", kwargs={"stay_id": stay.pk}),
        is_asked=True,
    )


def _door_help(stay: Stay, grant: Grant, role: Role) -> Help:
    """What helps at one door; whoever may do nothing about it may look at its lock."""
    problem, lock = shown.problem_of(grant), {"lock_id": grant.smart_lock_id}
    can_change = may(role, Right.CHANGE_STAYS)
    if problem == Problem.LOCK_GONE and grant.door_id is not None and may(role, Right.CHANGE_PROPERTIES):
        replaces = reverse("access:replace_lock", kwargs={"door_id": grant.door_id})
        return Help(_("Put another lock on"), replaces, is_asked=False)
    if problem == Problem.CODE_TAKEN and can_change:
        renews = reverse("access:renew_code", kwargs={"stay_id": stay.pk})
        return Help(_("Give another code"), renews, is_asked=False)
    if not problem and grant.confirmed_at is None and can_change:
        return Help(_("Read the lock again"), reverse("access:read_lock", kwargs=lock), is_asked=True)
    return Help(_("Look at the lock"), reverse("access:lock", kwargs=lock), is_asked=False)
