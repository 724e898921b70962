"""Why a stay needs the host although it begins soon or goes on: one sentence, worked out from its rows. Pure.

`queries.at_risk` finds these stays; what it takes for a risk and what is said here are the same facts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from access import capacity
from access.models import AlertKind, Grant, GrantKind, Problem, Stay
from access.shown import Tone, door_name, problem_of, waits_for_turn
from properties import wall_clock


@dataclass(frozen=True)
class Risk:
    """What stands between a guest and a door: `ACT` where it may not open, `LOOK` where it opens for now."""

    tone: Tone
    word: str
    sentence: str
    alert: AlertKind | None = None  # None where the lock itself is what has to be looked at


AT_A_DOOR: dict[str, Promise] = {
    Problem.NO_ADDRESS: later("%(door)s has no keypad, and the guest no address for an app invitation."),
    Problem.INVITE_REFUSED: later("Nuki refuses to invite the guest to the app for %(door)s."),
    Problem.OWN_APP_RIGHT: later("The guest has the Nuki app at %(door)s from somebody else."),
    Problem.KEYPAD_REFUSES: later("The lock of %(door)s refuses keypad codes."),
    Problem.CODE_TAKEN: later("Another entry on the lock of %(door)s has the same code."),
    Problem.REFUSED: later("Nuki refuses the change on the lock of %(door)s."),
    Problem.SUBSCRIPTION_ENDED: later("The Smart Hosting subscription of %(door)s has ended."),
    Problem.LOCK_GONE: later("The lock of %(door)s is no longer in your Nuki account."),
    Problem.NO_ROOM: later("The lock of %(door)s holds %(places)d codes and is full."),
    Problem.KEYPAD_GONE: later("The lock of %(door)s has no keypad any more, so no code opens it."),
}


def risk_of(stay: Stay, grants: Sequence[Grant], now: datetime) -> Risk:
    """The worst that is known of a stay at risk. Its grants and their locks have been fetched with it."""
    wanted = [grant for grant in grants if grant.closed_at is None and grant.is_wanted]
    for grant in wanted:
        if problem_of(grant):
            return _shut(_("Needs you"), _at_a_door(grant, problem_of(grant)))
    for grant in wanted:
        if grant.confirmed_at is None and not waits_for_turn(grant, now):
            return _shut(_("Not ready"), _not_confirmed(stay, grant, now))
    if not wanted:
        sentence = _("No door is set to open for %(guest)s.") % {"guest": stay.guest.called}
        return _shut(_("Not ready"), sentence)
    for grant in wanted:
        if sentence := weakness(grant):
            return Risk(Tone.LOOK, _("Look at it"), sentence)
    return Risk(Tone.LOOK, _("Not told"), not_told(stay), AlertKind.GUEST_NOT_TOLD)


def not_told(stay: Stay) -> str:
    """That the guest does not know the code."""
    return _("The message with the code has not been sent to %(guest)s.") % {"guest": stay.guest.called}


def _shut(word: str, sentence: str) -> Risk:
    return Risk(Tone.ACT, word, sentence, AlertKind.GUEST_MAY_NOT_GET_IN)


def _at_a_door(grant: Grant, problem: str) -> str:
    facts = {"door": door_name(grant), "places": capacity.places_of(grant.smart_lock.device_type)}
    return str(AT_A_DOOR[problem]) % facts


def _not_confirmed(stay: Stay, grant: Grant, now: datetime) -> str:
    facts = {"guest": stay.guest.called, "door": door_name(grant)}
    lock = grant.smart_lock
    if lock.is_online and grant.kind == GrantKind.APP_INVITE:
        return _("%(guest)s's invitation to the Nuki app is not confirmed for %(door)s yet.") % facts
    if lock.is_online:
        return _("%(guest)s's code is not confirmed on %(door)s yet.") % facts
    zone = stay.unit.property.time_zone
    since, today = wall_clock.shown(lock.offline_since or lock.listed_at, zone), wall_clock.shown(now, zone)
    moment = date_format(since, "CLOCK" if since.date() == today.date() else "DAY_CLOCK")
    return _("%(door)s does not answer since %(moment)s; %(guest)s's code is not confirmed there.") % {
        **facts,
        "moment": moment,
    }


def weakness(grant: Grant) -> str:
    """What a door that opens for now may fail of before the stay is over."""
    facts, lock = {"door": door_name(grant)}, grant.smart_lock
    if lock.keypad_battery_critical:
        return _("The battery of the keypad at %(door)s is nearly empty. Change it.") % facts
    if lock.battery_critical:
        return _("The batteries of the lock at %(door)s are nearly empty. Change them.") % facts
    if lock.subscription_ended:
        return (
            _("The Smart Hosting subscription of %(door)s has ended: its code can no longer be changed.")
            % facts
        )
    return ""
