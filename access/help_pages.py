"""The values behind what hosts see of guests who asked for help at a door: where, when, what was found."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from access import help_queries, shown
from access.diagnosis import Cause
from access.models import HelpRequest, Stay
from access.shown import Chip, Tone
from properties.roles import Right, Role, may


@dataclass(frozen=True)
class HelpLine:
    """That the guest asked for help at one door."""

    chip: Chip
    sentence: str
    cause: str
    at: datetime


@dataclass(frozen=True)
class HelpView:
    """Where the guest of a stay asked for help. What is not open, or not for this role, is not settled."""

    lines: list[HelpLine]
    settle_url: str


CAUSES: dict[str, Promise] = {
    Cause.ENDED: later("The stay was over."),
    Cause.TOO_EARLY: later("It was before the arrival."),
    Cause.JUST_OPENED: later("The code had opened the door a moment before."),
    Cause.NO_KEYPAD: later("The lock has no keypad."),
    Cause.APP_NOT_READY: later("The guest's invitation to the Nuki app is not confirmed."),
    Cause.APP_DOOR: later("The Nuki app opens this door: the guest may not have accepted the invitation."),
    Cause.KEYPAD_UNKNOWN: later("The lock refuses every code: Nuki does not know its keypad."),
    Cause.OUT_OF_SERVICE: later("The lock is in maintenance, is being paired, or is off the door."),
    Cause.JAMMED: later("The lock tried, and did not turn."),
    Cause.TOO_MANY_TRIES: later("Wrong codes were typed several times, so the keypad pauses."),
    Cause.OFFLINE_WITHOUT_CODE: later("Nuki does not reach the lock, and the code is not on it."),
    Cause.NOT_CONFIRMED: later("The code is not confirmed on the lock."),
    Cause.RIGHT_CODE_REFUSED: later("The lock refused the right code. Its clock may be wrong."),
    Cause.KEYPAD_BATTERY: later("The battery of the keypad is nearly empty."),
    Cause.LOCK_BATTERY: later("The batteries of the lock are nearly empty."),
    Cause.OTHER_DOOR: later(
        "A wrong code was typed at another door of the house: the guest may stand there."
    ),
    Cause.OFFLINE: later("Nuki does not reach the lock. The code is on it."),
    Cause.MISTYPED: later("A wrong code was typed."),
    Cause.IN_ORDER: later("Nothing is known to be wrong: the code is on the lock, and the lock answers."),
}


def help_view(requests: Sequence[HelpRequest], stay: Stay, *, role: Role, now: datetime) -> HelpView | None:
    """Where the guest of a stay asked for help; None where that never was."""
    if not requests:
        return None
    lines = [line(request, now) for request in requests]
    is_open = any(one.chip.tone is Tone.ACT for one in lines)
    settle_url = reverse("access:settle_help", kwargs={"stay_id": stay.pk})
    return HelpView(lines, settle_url if is_open and may(role, Right.CHANGE_STAYS) else "")


def line(request: HelpRequest, now: datetime) -> HelpLine:
    """One door. Its name was fetched with it, and whether it opened for the guest since."""
    return HelpLine(
        chip=_chip(request, now),
        sentence=_("The guest asked for help at %(door)s.") % {"door": shown.door_name(request.grant)},
        cause=str(CAUSES[request.cause]),
        at=request.asked_at,
    )


def _chip(request: HelpRequest, now: datetime) -> Chip:
    if getattr(request, "has_opened", False):
        return Chip(Tone.READY, _("Got in"))
    if request.settled_at is not None:
        return Chip(Tone.PAST, _("Settled"))
    if help_queries.is_open(request, now):
        return Chip(Tone.ACT, _("Needs you"))
    if now - request.asked_at > help_queries.LASTS:
        return Chip(Tone.PAST, _("Over"))
    return Chip(Tone.LOOK, _("Was told what to do"))
