"""The values behind a guest's page about one door: why the code does not open it, how far an opening came."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from access import asked_pages, codes, help_queries, letters, shown
from access.asked_pages import Outcome, State
from access.diagnosis import Cause, Diagnosis, Way
from access.models import Activity, AuditEntry, AuditKind, Grant, GrantKind, HelpRequest, Spare, Stay
from access.shown import Tone
from properties import dates, plain_text
from properties.texts import HouseTexts

SPOKEN_OF = timedelta(minutes=3)  # how long the page speaks of an opening, and of a look at the lock
ASKED_LATELY = timedelta(hours=1)  # how long the page says what is wrong without being asked again


@dataclass(frozen=True)
class Answer:
    """One sentence, with what it means."""

    tone: Tone
    headline: str
    detail: str


@dataclass(frozen=True)
class Found:
    """What is wrong with a door, and what helps."""

    answer: Answer
    steps: list[str]
    calls_host: bool
    told_host: bool
    can_tell_host: bool
    is_checking: bool


@dataclass(frozen=True)
class DoorPage:
    """One door of a stay, as its guests see it."""

    business_name: str
    unit_name: str
    property_name: str
    door_name: str
    hint: str
    number: int
    opening: Answer | None
    is_opening: bool
    found: Found | None
    can_open: bool
    has_backup: bool
    can_get_backup: bool
    backup_grouped: str  # only in the answer to whoever asked for it
    phone: str
    phone_url: str
    reply_to: str

    @property
    def is_moving(self) -> bool:
        """Whether the page is another one in a moment."""
        return self.is_opening or (self.found is not None and self.found.is_checking)


CAUSES: dict[Cause, tuple[Promise, Promise]] = {
    Cause.ENDED: (later("Your stay is over."), later("The code no longer opens this door.")),
    Cause.TOO_EARLY: (later("It is too early."), later("Your code works from %(starts)s.")),
    Cause.JUST_OPENED: (
        later("This door was opened a moment ago."),
        later("It may still be unlocked."),
    ),
    Cause.NO_KEYPAD: (later("This door takes no code."), later("Your host lets you in here.")),
    Cause.APP_NOT_READY: (
        later("Your invitation to the Nuki app is not ready yet."),
        later("It is on its way. We keep trying."),
    ),
    Cause.APP_DOOR: (
        later("The Nuki app opens this door."),
        later("You need no code here, only the app and the invitation from Nuki."),
    ),
    Cause.KEYPAD_UNKNOWN: (
        later("The keypad takes no code at the moment."),
        later("That is not your fault."),
    ),
    Cause.OUT_OF_SERVICE: (
        later("The lock is out of service at the moment."),
        later("That is not your fault."),
    ),
    Cause.JAMMED: (later("The lock tried to open, and did not turn."), later("The door may press on it.")),
    Cause.TOO_MANY_TRIES: (
        later("The keypad takes a break."),
        later("A wrong code was typed several times."),
    ),
    Cause.OFFLINE_WITHOUT_CODE: (
        later("Your code is not on this door yet."),
        later("We cannot reach the lock since %(time)s. We keep trying."),
    ),
    Cause.NOT_CONFIRMED: (
        later("Your code is not on this door yet."),
        later("It is on its way. We keep trying."),
    ),
    Cause.RIGHT_CODE_REFUSED: (
        later("You typed the right code, and the lock refused it."),
        later("That is not your fault."),
    ),
    Cause.KEYPAD_BATTERY: (
        later("The battery of the keypad is nearly empty."),
        later("It may not notice every press."),
    ),
    Cause.LOCK_BATTERY: (
        later("The batteries of the lock are nearly empty."),
        later("It may not turn any more."),
    ),
    Cause.OTHER_DOOR: (
        later("Are you at the right door?"),
        later("A moment ago a wrong code was typed at another door of the house."),
    ),
    Cause.OFFLINE: (
        later("Your code is on this door."),
        later("We cannot reach the lock since %(time)s, but the keypad works without us."),
    ),
    Cause.MISTYPED: (
        later("The last code was not right."),
        later("A wrong code was typed here at %(time)s. The lock itself works."),
    ),
    Cause.IN_ORDER: (
        later("From here everything looks right."),
        later("Your code is on this door, and the lock answers."),
    ),
}
EARLY_BY_APP = later("The app opens this door from %(starts)s.")
TONES = {Cause.TOO_EARLY: Tone.PLANNED, Cause.JUST_OPENED: Tone.READY, Cause.IN_ORDER: Tone.READY}
STEPS: dict[Way, Promise] = {
    Way.WAIT: later("Wait until %(time)s."),
    Way.PUSH: later("Pull the door towards you, then push it. If it stays shut, type the code again."),
    Way.KEY_IT_IN: later("Press the six digits one after the other. There is no enter key to press."),
    Way.ACCEPT_INVITE: later(
        "Look for the e-mail from Nuki, also among unwanted mail. "
        "Install the Nuki app and accept the invitation."
    ),
    Way.USE_APP: later("Switch Bluetooth on, stand before the door, and open it in the app."),
    Way.OWN_DOOR: later("Go to this door: %(door)s."),
    Way.BACKUP_CODE: later("Use a backup code. It is on the lock already."),
    Way.OPEN: later("Open the door from this page, while you stand before it."),
}
UNDER_WAY = (Tone.MOVING, later("Opening…"), later("We wait until the lock says that it is open."))
OPENINGS: dict[State, tuple[Tone, Promise, Promise]] = {
    State.QUEUED: UNDER_WAY,
    State.PASSED_ON: UNDER_WAY,
    State.OPENED: (
        Tone.READY,
        later("The door is open."),
        later("The lock says so. Push the door."),
    ),
    State.BLOCKED: (
        Tone.LOOK,
        later("The lock tried to open, and did not turn."),
        later("Pull the door towards you, and try again."),
    ),
}


def door_page(
    grant: Grant,
    stay: Stay,
    *,
    house: HouseTexts,
    diagnosis: Diagnosis,
    request: HelpRequest | None,
    entries: Sequence[AuditEntry],
    movement: Activity | None,
    now: datetime,
    backup: Spare | None = None,
    shows_backup: bool = False,
) -> DoorPage:
    """One door as it is now, in the language that is active. What is wrong is said once that was asked."""
    asked = own_opening(stay, entries, now)
    outcome = asked_pages.opening(asked, movement, now) if asked else None
    was_asked = request is not None and request.asked_at > now - ASKED_LATELY
    told_host = request is not None and help_queries.is_open(request, now)
    is_opening = outcome is not None and outcome.is_open
    is_open = outcome is not None and outcome.state is State.OPENED
    says_what_is_wrong = was_asked and not is_opening and not is_open
    return DoorPage(
        business_name=plain_text.one_line(stay.organization.name),
        unit_name=plain_text.one_line(stay.unit.name),
        property_name=plain_text.one_line(stay.unit.property.name),
        door_name=name_of(grant),
        hint=house.doors.get(grant.door_id, "") if grant.door_id else "",
        number=grant.pk,
        opening=_opening(outcome, grant) if outcome else None,
        is_opening=is_opening,
        found=_found(grant, stay, diagnosis, entries, now, told_host=told_host)
        if says_what_is_wrong
        else None,
        can_open=Way.OPEN in diagnosis.ways and not is_opening,
        has_backup=backup is not None,
        can_get_backup=backup is None and says_what_is_wrong and Way.BACKUP_CODE in diagnosis.ways,
        backup_grouped=codes.grouped(backup.grant.code) if backup is not None and shows_backup else "",
        phone=house.phone,
        phone_url=letters.call_of(house.phone),
        reply_to=stay.organization.reply_to,
    )


def name_of(grant: Grant) -> str:
    """How guests read the door's name."""
    return plain_text.one_line(shown.door_name(grant))


def own_opening(stay: Stay, entries: Sequence[AuditEntry], now: datetime) -> asked_pages.Asked | None:
    """The latest opening that was asked for on the page of this stay, if that is fresh."""
    own = [entry for entry in entries if entry.kind != AuditKind.OPENING_ASKED or entry.stay_id == stay.pk]
    asked = asked_pages.latest(own, AuditKind.OPENING_ASKED, now)
    return asked if asked is not None and asked.wish.at > now - SPOKEN_OF else None


def _opening(outcome: Outcome, grant: Grant) -> Answer:
    if outcome.state in OPENINGS:
        tone, headline, detail = OPENINGS[outcome.state]
        return Answer(tone, str(headline), str(detail))
    takes_code = grant.kind == GrantKind.KEYPAD_CODE
    advice = _("Use your code, or try once more.") if takes_code else _("Try once more, or call your host.")
    return Answer(Tone.LOOK, _("The lock did not answer."), advice)


def _found(
    grant: Grant,
    stay: Stay,
    diagnosis: Diagnosis,
    entries: Sequence[AuditEntry],
    now: datetime,
    *,
    told_host: bool,
) -> Found:
    zone, at = stay.unit.property.time_zone, diagnosis.at
    time = dates.in_words(at, zone, "WEEKDAY_CLOCK") if at is not None else ""
    words = {"door": name_of(grant), "time": time, "starts": time}
    headline, detail = CAUSES[diagnosis.cause]
    if diagnosis.cause is Cause.TOO_EARLY and grant.kind == GrantKind.APP_INVITE:
        detail = EARLY_BY_APP
    tone = TONES.get(diagnosis.cause, Tone.LOOK)
    calls_host = Way.CALL_HOST in diagnosis.ways
    return Found(
        answer=Answer(tone, str(headline), str(detail) % words),
        steps=[str(STEPS[way]) % words for way in diagnosis.ways if way in STEPS],
        calls_host=calls_host,
        told_host=told_host,
        can_tell_host=calls_host and not told_host and diagnosis.cause is not Cause.ENDED,
        is_checking=_is_checking(grant, entries, now),
    )


def _is_checking(grant: Grant, entries: Sequence[AuditEntry], now: datetime) -> bool:
    """Whether the lock is being looked at, so that what is said here may be another in a moment."""
    asked = asked_pages.latest(entries, AuditKind.READING_ASKED, now)
    if asked is None or asked.wish.at <= now - SPOKEN_OF:
        return False
    return asked_pages.reading(asked, grant.smart_lock, now).is_open
