"""What a guest was told, line by line: what waits and why, what was sent to whom, and what became of it.

Never the code: that is shown to whoever asks for it, and written down.
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from access import told
from access.models import Message, MessageKind, Stay, Trouble
from access.models.messages import TELLS_ACCESS
from access.shown import Tone


@dataclass(frozen=True)
class MessageLine:
    """One message and what became of it. `note` says why, where there is something to say."""

    word: str
    to: str
    at: datetime
    tone: Tone
    zone: str
    note: str = ""
    told: str = ""
    page_opened_at: datetime | None = None  # after this message, and before another one left


NAMES: dict[MessageKind, Promise] = {
    MessageKind.ACCESS_READY: later("“Your code is ready”"),
    MessageKind.ACCESS_CHANGED: later("“Your access has changed”"),
    MessageKind.NEW_CODE: later("“You have a new code”"),
    MessageKind.APP_INVITE: later("“You are invited once more”"),
    MessageKind.STAY_CANCELLED: later("“Your stay is cancelled”"),
    MessageKind.REMINDER: later("Reminder"),
    MessageKind.THANK_YOU: later("Thanks"),
    MessageKind.BACKUP_CODE: later("“Your backup code”"),
}
WAITS_FOR_MORE = frozenset(
    {
        MessageKind.ACCESS_CHANGED,
        MessageKind.NEW_CODE,
        MessageKind.APP_INVITE,
        MessageKind.STAY_CANCELLED,
    }
)
KEEP_WHAT_THEY_TOLD = told.TELLS_CODE | {MessageKind.BACKUP_CODE}
TROUBLES: dict[str, Promise] = {
    Trouble.SILENT: later("The mail server does not answer."),
    Trouble.PUT_OFF: later("The mail server asks us to come back later."),
    Trouble.REFUSED: later("The mail server refuses the message, though not because of the address."),
}


def line(message: Message, stay: Stay) -> MessageLine:
    """One message of a stay."""
    word, at, tone, note = _fate(message, stay)
    what = {"what": str(NAMES[MessageKind(message.kind)])}
    to = message.sent_to or message.bounced_to or stay.guest.email
    zone = stay.unit.property.time_zone
    is_kept = message.sent_at is not None and message.kind in KEEP_WHAT_THEY_TOLD
    where = _told(message) if is_kept else ""
    return MessageLine(word % what, to, at, tone, zone, note, where, message.page_opened_at)


def waits_for_its_time(message: Message, stay: Stay, now: datetime) -> bool:
    """Whether a message about the code could leave, were it not for the time of it or of another try."""
    is_later = message.due_at is not None and message.due_at > now
    return is_later and message.kind in TELLS_ACCESS and message.revision == stay.revision


Fate = tuple[str, datetime, Tone, str]


def _fate(message: Message, stay: Stay) -> Fate:
    if message.bounced_at is not None:
        note = _("%(address)s takes no mail. Correct the address.") % {"address": message.bounced_to}
        return _("%(what)s came back"), message.bounced_at, Tone.ACT, note
    if message.sent_at is not None:
        return _after_sending(message, message.sent_at)
    if message.superseded_at is not None:
        return _("%(what)s not sent: the stay changed"), message.superseded_at, Tone.PAST, ""
    if message.kind in TELLS_ACCESS and message.revision < stay.revision:
        return _("%(what)s is not sent: the stay changed"), message.written_at, Tone.PAST, ""
    return _waiting(message)


def _after_sending(message: Message, sent_at: datetime) -> Fate:
    if message.complained_at is not None:
        note = _("The guest has marked it as unwanted. Later messages may not arrive.")
        return _("%(what)s unwanted"), message.complained_at, Tone.LOOK, note
    if message.delivered_at is not None:
        return _("%(what)s delivered"), message.delivered_at, Tone.READY, ""
    return _("%(what)s sent"), sent_at, Tone.READY, ""


def _waiting(message: Message) -> Fate:
    at = message.due_at or message.written_at
    if message.attempts:
        note = str(TROUBLES.get(message.trouble, ""))
        return _("%(what)s not accepted yet; we try again"), at, Tone.LOOK, note
    if at <= message.written_at:
        return _("%(what)s is being sent"), message.written_at, Tone.MOVING, ""
    if message.kind in WAITS_FOR_MORE:
        note = _("It waits some minutes, so that further changes come in the same message.")
        return _("%(what)s leaves in a moment"), at, Tone.MOVING, note
    return _("%(what)s waits for its time"), at, Tone.PLANNED, ""


def _told(message: Message) -> str:
    """Where the code leads, as the guest was told."""
    doors = ", ".join(message.told_doors or ())
    return f"{message.told_unit} · {doors}" if doors else message.told_unit
