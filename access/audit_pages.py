"""The values behind the page of what was done: who did what, when, to which stay or lock."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from access import asked_pages, audit_queries, shown
from access.audit_queries import Entry, Wanted
from access.lifecycle import Step
from access.lock_writes import ACCEPTED
from access.models import AuditEntry, AuditKind, Stay
from properties import team_pages
from properties.models import SmartLock, TeamEntry


@dataclass(frozen=True)
class AuditLine:
    """One thing that was done."""

    sentence: str
    about: str  # empty where the sentence says it
    url: str  # empty where the page is about it anyway
    at: datetime
    zone: str


@dataclass(frozen=True)
class AuditPage:
    """Some of what was done, the latest first."""

    lines: list[AuditLine]
    about: str  # the one stay or lock that all of it is about
    empty: str
    all_url: str
    is_filtered: bool
    next_url: str | None


SENTENCES: dict[str, Promise] = {
    AuditKind.STAY_BOOKED: later("%(who)s booked the stay"),
    AuditKind.STAY_CHANGED: later("%(who)s changed the stay"),
    AuditKind.STAY_CANCELLED: later("%(who)s cancelled the stay"),
    AuditKind.GUESTS_CHANGED: later("%(who)s changed who comes"),
    AuditKind.ADDRESS_CORRECTED: later("%(who)s corrected the guest's address"),
    AuditKind.TIMES_DERIVED_ANEW: later("%(who)s worked the times out anew: the rules of the zone changed"),
    AuditKind.CODE_DRAWN_ANEW: later("%(who)s drew another code: the first was taken on a lock"),
    AuditKind.CODE_RENEWED: later("%(who)s asked for another code"),
    AuditKind.INVITE_RENEWED: later(
        "%(who)s had another app invitation made for %(door)s: nobody had used the last"
    ),
    AuditKind.CODE_REVEALED: later("%(who)s looked at the code"),
    AuditKind.GUEST_SAW_CODE: later("Somebody with the link looked at the code on the guest's page"),
    AuditKind.HELP_ASKED: later("%(who)s asked for help at %(door)s"),
    AuditKind.HELP_SETTLED: later("%(who)s said that the guest needs no help any more"),
    AuditKind.BACKUP_HANDED_OUT: later("%(who)s handed out a backup code for %(door)s"),
    AuditKind.BACKUP_TAKEN: later("%(who)s asked for a backup code at %(door)s"),
    AuditKind.LINK_REVEALED: later("%(who)s looked at the link to the guest's page"),
    AuditKind.LINK_RENEWED: later("%(who)s made another link to the guest's page"),
    AuditKind.LINK_REVOKED: later("%(who)s closed the guest's page"),
    AuditKind.TOLD_AGAIN: later("%(who)s sent the message again"),
    AuditKind.TOLD_AT_ONCE: later("%(who)s sent the message before its time"),
    AuditKind.WRITE_INTENDED: later("%(who)s asked Nuki to change a code at %(door)s"),
    AuditKind.WRITE_ANSWERED: later("Nuki did not take the change at %(door)s"),
    AuditKind.CONFIRMED: later("%(who)s saw the code on the lock at %(door)s"),
    AuditKind.DRIFTED: later("%(who)s saw that %(door)s had changed without us, and puts it right"),
    AuditKind.CLOSED: later("%(who)s saw that the code is gone from %(door)s"),
    AuditKind.MESSAGE_SENT: later("%(who)s sent the message to the guest"),
    AuditKind.TRIAL_ASKED: later("%(who)s asked for a test message"),
    AuditKind.TRIAL_ANSWERED: later("The mail server did not take the test message"),
    AuditKind.LOCK_CALLED: later("%(who)s passed the wish on to Nuki"),
    AuditKind.LOCK_ANSWERED: later("Nuki did not carry the wish out"),
    AuditKind.WEBHOOK_MADE: later("%(who)s made the webhook “%(name)s”"),
    AuditKind.WEBHOOK_CHANGED: later("%(who)s changed the webhook “%(name)s”"),
    AuditKind.WEBHOOK_ROTATED: later("%(who)s gave the webhook “%(name)s” another secret"),
    AuditKind.WEBHOOK_ON: later("%(who)s switched the webhook “%(name)s” on"),
    AuditKind.WEBHOOK_OFF: later("%(who)s switched the webhook “%(name)s” off"),
    AuditKind.WEBHOOK_DELETED: later("%(who)s deleted the webhook “%(name)s”"),
    AuditKind.WEBHOOK_TRIED: later("%(who)s sent a test to the webhook “%(name)s”"),
    AuditKind.WEBHOOK_SENT_AGAIN: later("%(who)s had an event sent to the webhook “%(name)s” again"),
    **asked_pages.SENTENCES,
}
WRITES: dict[str, Promise] = {
    Step.PUSH: later("%(who)s asked Nuki to put the code on %(door)s"),
    Step.CORRECT: later("%(who)s asked Nuki to correct the code at %(door)s"),
    Step.REVOKE: later("%(who)s asked Nuki to take the code off %(door)s"),
}
TAKEN: dict[str, Promise] = {
    AuditKind.WRITE_ANSWERED: later("Nuki took the change at %(door)s"),
    AuditKind.LOCK_ANSWERED: later("Nuki took the wish on"),
    AuditKind.TRIAL_ANSWERED: later("%(who)s sent the test message"),
}


def audit_page(
    found: Sequence[Entry], wanted: Wanted, asked: dict[str, str], *, most: int, zone: str
) -> AuditPage:
    """A page of entries; `found` holds one more than `most` where there is a next page."""
    own = reverse("access:audit")
    next_url = None
    if len(found) > most:
        place = audit_queries.place_of(found[most - 1])
        next_url = f"{own}?{urlencode({**asked, 'before': place})}"
    about = about_of(wanted.stay, wanted.lock)  # said once, not on each line
    lines = [line(entry, zone) for entry in found[:most]]
    return AuditPage(
        lines=[replace(one, url="") if about else one for one in lines],
        about=about,
        empty=_("Nothing of this was done.") if asked else _("Nothing has been done yet."),
        all_url=own,
        is_filtered=bool(asked),
        next_url=next_url,
    )


def line(entry: Entry, zone: str) -> AuditLine:
    """One entry, in the zone of its property, else in that of the business. All was fetched with it."""
    if isinstance(entry, TeamEntry):
        return AuditLine(team_pages.sentence(entry), "", "", entry.at, zone)
    door = getattr(entry.smart_lock, "door", None)
    return AuditLine(
        sentence=_sentence(entry),
        about=about_of(entry.stay, entry.smart_lock),
        url=_url_of(entry),
        at=entry.at,
        zone=entry.stay.unit.property.time_zone if entry.stay else door.property.time_zone if door else zone,
    )


def about_of(stay: Stay | None, lock: SmartLock | None) -> str:
    """A stay or a lock, in the words of the business."""
    if stay is not None:
        return f"{stay.guest.called} · {stay.unit.name}"
    if lock is not None:
        door = getattr(lock, "door", None)
        return door.name if door else lock.name
    return ""


def _sentence(entry: AuditEntry) -> str:
    words = SENTENCES[entry.kind]
    if entry.kind == AuditKind.WRITE_INTENDED:
        words = WRITES.get(entry.step, words)
    if entry.answer == ACCEPTED:
        words = TAKEN.get(entry.kind, words)
    return str(words) % {
        "who": entry.who,
        "door": shown.door_name(entry.grant) if entry.grant else _("a lock"),
        "name": entry.answer,
    }


def _url_of(entry: AuditEntry) -> str:
    if entry.stay_id is not None:
        return reverse("access:stay", kwargs={"stay_id": entry.stay_id})
    if entry.smart_lock_id is not None:
        return reverse("access:lock", kwargs={"lock_id": entry.smart_lock_id})
    return ""
