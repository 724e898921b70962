"""The values behind what people asked of a smart lock: what was asked, by whom, and what came of it. Pure.

Never more than was seen: Nuki's answer is no opened door, only the lock's own log says that it opened.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from access.lock_calls import ACCEPTED, OPEN_WITHIN, TOO_LATE
from access.log_entries import ActivityKind
from access.models import Activity, AuditEntry, AuditKind
from access.shown import Tone
from nuki_gateway import errors
from properties.models import SmartLock

FRESH = timedelta(minutes=10)  # how long a page speaks of what was asked
CALL_LASTS = timedelta(seconds=45)  # at most, with its worker; then nobody knows how it ended
SHOWS_WITHIN = timedelta(minutes=2)  # a lock's log trails the door by some seconds


class State(StrEnum):
    """What came of something that was asked. Programs may rely on these words."""

    QUEUED = "queued"  # Nuki was not asked yet, or has not answered
    PASSED_ON = "passed_on"  # Nuki took it; the lock has said nothing yet
    OPENED = "opened"
    BLOCKED = "blocked"
    READ = "read"
    NOT_ASKED = "not_asked"
    NOT_DONE = "not_done"  # Nuki refused
    NOT_SEEN = "not_seen"  # Nuki took it, and the lock shows nothing of it
    NOT_KNOWN = "not_known"


SHOWN: dict[State, tuple[Tone, Promise]] = {
    State.QUEUED: (Tone.MOVING, later("Asked")),
    State.PASSED_ON: (Tone.MOVING, later("Asked")),
    State.OPENED: (Tone.READY, later("Opened")),
    State.BLOCKED: (Tone.ACT, later("Blocked")),
    State.READ: (Tone.READY, later("Read again")),
    State.NOT_ASKED: (Tone.LOOK, later("Not asked")),
    State.NOT_DONE: (Tone.LOOK, later("Not done")),
    State.NOT_SEEN: (Tone.LOOK, later("Not seen")),
    State.NOT_KNOWN: (Tone.LOOK, later("Not known")),
}


@dataclass(frozen=True)
class Outcome:
    """What came of something that was asked."""

    state: State
    sentence: str
    at: datetime | None = None

    @property
    def tone(self) -> Tone:
        """How it looks."""
        return SHOWN[self.state][0]

    @property
    def word(self) -> str:
        """What it is in a word."""
        return str(SHOWN[self.state][1])

    @property
    def is_open(self) -> bool:
        """Whether there is more to come."""
        return self.tone is Tone.MOVING


@dataclass(frozen=True)
class AskedLine:
    """One thing that somebody asked of a lock."""

    sentence: str
    at: datetime


@dataclass(frozen=True)
class Asked:
    """The latest of one kind: the wish, and how far it came."""

    wish: AuditEntry
    called: AuditEntry | None
    answered: AuditEntry | None


SENTENCES: dict[str, Promise] = {
    AuditKind.OPENING_ASKED: later("%(who)s asked the lock to open"),
    AuditKind.READING_ASKED: later("%(who)s had the lock read again"),
    AuditKind.LOCK_PUT_ON_DOOR: later("%(who)s put the lock on another door"),
    AuditKind.GUESTS_OPEN_CHANGED: later("%(who)s chose whether guests open the door from their page"),
    AuditKind.PICTURE_ADDED: later("%(who)s added a picture of the door for guests"),
    AuditKind.PICTURE_REMOVED: later("%(who)s removed a picture of the door for guests"),
    AuditKind.LOCK_RENAMED: later("%(who)s renamed the lock"),
    AuditKind.HOLDER_NAMED: later("%(who)s named who uses something on the lock"),
    AuditKind.HOLDER_FORGOTTEN: later("%(who)s had a name on the lock forgotten"),
}
REFUSALS: dict[str, Promise] = {
    errors.NukiBusy.__name__: later("Nuki does not reach the lock now, or it is busy."),
    errors.NukiForbidden.__name__: later(
        "Nuki refuses: the account may not do this, or the subscription has ended."
    ),
    errors.NukiNotFound.__name__: later("Nuki does not know this lock any more."),
    errors.NukiUnauthorized.__name__: later("Nuki no longer accepts the account's token."),
    errors.NukiTokenRests.__name__: later("Nuki no longer accepts the account's token."),
    errors.NukiSignInEnded.__name__: later("The sign-in with Nuki has ended."),
    errors.NukiThrottled.__name__: later("Nuki asks us to wait."),
    errors.NukiOverBudget.__name__: later("This account's calls of this minute are used up."),
    errors.NukiResting.__name__: later("Nuki did not answer lately, so we let it rest."),
    TOO_LATE: later("The request came too late, so it was dropped."),
}
DOES_NOT_ANSWER = errors.NukiUnavailable.__name__


def lines(entries: Sequence[AuditEntry]) -> list[AskedLine]:
    """What people asked, the latest first."""
    return [
        AskedLine(str(SENTENCES[one.kind]) % {"who": one.who}, one.at)
        for one in entries
        if one.kind in SENTENCES
    ]


def latest(entries: Sequence[AuditEntry], kind: AuditKind, now: datetime) -> Asked | None:
    """The latest wish of this kind, if it is fresh, with what followed."""
    wish = next((one for one in entries if one.kind == kind and one.at > now - FRESH), None)
    if wish is None:
        return None
    follows = {one.kind: one for one in entries if one.intent_id == wish.pk}
    return Asked(wish, follows.get(AuditKind.LOCK_CALLED), follows.get(AuditKind.LOCK_ANSWERED))


def just_asked(wish: AuditEntry) -> Outcome:
    """What is known of a wish at the moment when it is made."""
    sentences = {
        AuditKind.OPENING_ASKED: _("We are asking Nuki to open the lock."),
        AuditKind.READING_ASKED: _("The lock is being read. That takes some seconds."),
    }
    return Outcome(State.QUEUED, sentences[AuditKind(wish.kind)])


def opening(asked: Asked, movement: Activity | None, now: datetime) -> Outcome:
    """Whether the door opened, as far as the lock's log shows."""
    if movement is not None and movement.kind == ActivityKind.FAILED:
        return Outcome(State.BLOCKED, _("The lock tried, and did not turn."), movement.happened_at)
    if movement is not None:
        return Outcome(State.OPENED, _("The lock's log shows that it opened."), movement.happened_at)
    age = now - asked.wish.at
    if asked.called is None and age > OPEN_WITHIN:
        return Outcome(State.NOT_ASKED, _("The lock was not asked in time, so it stays as it is. Try again."))
    if asked.called is None:
        return Outcome(State.QUEUED, _("We are asking Nuki to open the lock."))
    if asked.answered is None:
        return _without_answer(asked.called, now)
    if asked.answered.answer != ACCEPTED:
        return _refused(asked.answered.answer, _("The lock was not opened."))
    if now - asked.answered.at > SHOWS_WITHIN:
        sentence = _(
            "Nuki took the request, but the lock's log does not show that it opened. Look at the door."
        )
        return Outcome(State.NOT_SEEN, sentence)
    return Outcome(State.PASSED_ON, _("Nuki took the request. The lock has not said yet that it opened."))


def reading(asked: Asked, lock: SmartLock, now: datetime) -> Outcome:
    """Whether what the page shows is newer than the wish."""
    if asked.answered is not None and asked.answered.answer != ACCEPTED:
        return _refused(asked.answered.answer, _("What stands here is from before."))
    if asked.answered is not None and lock.listed_at > asked.answered.at:
        sentence = _("Nuki was asked to read the lock, and what stands here was fetched after that.")
        return Outcome(State.READ, sentence, lock.listed_at)
    if now - asked.wish.at > SHOWS_WITHIN:
        return Outcome(State.NOT_SEEN, _("No newer reading has come. Try again."))
    state = State.QUEUED if asked.answered is None else State.PASSED_ON
    return Outcome(state, _("The lock is being read. That takes some seconds."))


def _without_answer(called: AuditEntry, now: datetime) -> Outcome:
    if now - called.at > CALL_LASTS:
        sentence = _("We do not know whether Nuki took the request. Look at the door.")
        return Outcome(State.NOT_KNOWN, sentence)
    return Outcome(State.QUEUED, _("We are asking Nuki to open the lock."))


def _refused(answer: str, what_stays: str) -> Outcome:
    if answer == DOES_NOT_ANSWER:
        sentence = _("Nuki gave no usable answer. It may have taken the request all the same.")
        return Outcome(State.NOT_KNOWN, sentence)
    reason = REFUSALS.get(answer, later("Nuki refuses the request."))
    return Outcome(State.NOT_DONE, f"{reason} {what_stays}")
