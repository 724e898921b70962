"""The values behind what people asked of a smart lock: what was asked, by whom, and what came of it. Pure.

Never more than was seen: Nuki's answer is no opened door, only the lock's own log says that it opened.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

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


@dataclass(frozen=True)
class Outcome:
    """What came of something that was asked."""

    tone: Tone
    word: str
    sentence: str
    at: datetime | None = None

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


def opening(asked: Asked, movement: Activity | None, now: datetime) -> Outcome:
    """Whether the door opened, as far as the lock's log shows."""
    if movement is not None and movement.kind == ActivityKind.FAILED:
        return Outcome(Tone.ACT, _("Blocked"), _("The lock tried, and did not turn."), movement.happened_at)
    if movement is not None:
        return Outcome(
            Tone.READY, _("Opened"), _("The lock's log shows that it opened."), movement.happened_at
        )
    age = now - asked.wish.at
    if asked.called is None and age > OPEN_WITHIN:
        return Outcome(
            Tone.LOOK, _("Not asked"), _("The lock was not asked in time, so it stays as it is. Try again.")
        )
    if asked.called is None:
        return Outcome(Tone.MOVING, _("Asked"), _("We are asking Nuki to open the lock."))
    if asked.answered is None:
        return _without_answer(asked.called, now)
    if asked.answered.answer != ACCEPTED:
        return _refused(asked.answered.answer, _("The lock was not opened."))
    if now - asked.answered.at > SHOWS_WITHIN:
        sentence = _(
            "Nuki took the request, but the lock's log does not show that it opened. Look at the door."
        )
        return Outcome(Tone.LOOK, _("Not seen"), sentence)
    return Outcome(
        Tone.MOVING, _("Asked"), _("Nuki took the request. The lock has not said yet that it opened.")
    )


def reading(asked: Asked, lock: SmartLock, now: datetime) -> Outcome:
    """Whether what the page shows is newer than the wish."""
    if asked.answered is not None and asked.answered.answer != ACCEPTED:
        return _refused(asked.answered.answer, _("What stands here is from before."))
    if asked.answered is not None and lock.listed_at > asked.answered.at:
        sentence = _("Nuki was asked to read the lock, and what stands here was fetched after that.")
        return Outcome(Tone.READY, _("Read again"), sentence, lock.listed_at)
    if now - asked.wish.at > SHOWS_WITHIN:
        return Outcome(Tone.LOOK, _("Not seen"), _("No newer reading has come. Try again."))
    return Outcome(Tone.MOVING, _("Asked"), _("The lock is being read. That takes some seconds."))


def _without_answer(called: AuditEntry, now: datetime) -> Outcome:
    if now - called.at > CALL_LASTS:
        sentence = _("We do not know whether Nuki took the request. Look at the door.")
        return Outcome(Tone.LOOK, _("Not known"), sentence)
    return Outcome(Tone.MOVING, _("Asked"), _("We are asking Nuki to open the lock."))


def _refused(answer: str, what_stays: str) -> Outcome:
    if answer == DOES_NOT_ANSWER:
        sentence = _("Nuki gave no usable answer. It may have taken the request all the same.")
        return Outcome(Tone.LOOK, _("Not known"), sentence)
    reason = REFUSALS.get(answer, later("Nuki refuses the request."))
    return Outcome(Tone.LOOK, _("Not done"), f"{reason} {what_stays}")
