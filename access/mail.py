"""E-mails to guests: how they look, and handing them to the mail server. Nothing is decided here."""

import smtplib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from email.headerregistry import Address
from email.utils import parseaddr
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from icalendar import Calendar, Event
from mjml import mjml2html

from access.letters import Letter
from access.models import Guest, Message, MessageKind, Stay, Trouble
from access.models.messages import TELLS_ACCESS
from properties import outgoing, plain_text
from properties.outgoing import NotTaken

WITH_CALENDAR = TELLS_ACCESS | {MessageKind.STAY_CANCELLED}
SEVERITY = {
    NotTaken.NOBODY_THERE: Trouble.SILENT,
    NotTaken.SILENCE: Trouble.SILENT,
    NotTaken.PUT_OFF: Trouble.PUT_OFF,
    NotTaken.REFUSED: Trouble.REFUSED,
}


class MailNotAccepted(Exception):
    """Nobody took the message, as far as is known. Its text names the kind of failure.

    After a silence it `may_have_left` all the same.
    """

    def __init__(self, failure: BaseException) -> None:
        super().__init__(type(failure).__name__)
        why = outgoing.why(failure)
        self.trouble, self.may_have_left = SEVERITY[why], why is NotTaken.SILENCE


@dataclass(frozen=True)
class HandedOver:
    """What became of a message that somebody answered for, by address."""

    accepted: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()  # for good: these take no mail
    put_off: tuple[str, ...] = ()
    provider_id: str = ""


def send(message: Message, letter: Letter, guests: Sequence[Guest]) -> HandedOver:
    """Hand a message over. The same Message-ID on a repeat. Raises MailNotAccepted.

    Those who come along read whom it was sent to first, and nobody reads their addresses.
    """
    kind, stay = MessageKind(message.kind), message.stay
    to, *others = [_address(guest) for guest in guests]
    mail = _mail(kind, letter, to=to, message_id=f"message-{message.pk}")
    mail.bcc = others
    if kind in WITH_CALENDAR:
        is_over = kind is MessageKind.STAY_CANCELLED
        mail.attach("stay.ics", calendar(stay, is_cancelled=is_over), "text/calendar")
    addresses = [guest.email for guest in guests]
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as failure:
        return _of_answers(addresses, outgoing.by_address(failure.recipients))
    except outgoing.NOT_ACCEPTED as failure:
        raise MailNotAccepted(failure) from None
    return _handed_over(mail, addresses)


def send_trial(kind: MessageKind, letter: Letter, *, to: str, message_id: str) -> None:
    """Send a message about nobody to the person who wrote its words."""
    mail = _mail(kind, letter, to=to, message_id=message_id)
    mail.subject = _("Test: %(subject)s") % {"subject": mail.subject}
    try:
        mail.send()
    except outgoing.NOT_ACCEPTED as failure:
        raise MailNotAccepted(failure) from None


def page(kind: MessageKind, letter: Letter) -> str:
    """The message as mail programs show it: a whole HTML document."""
    with translation.override(letter.language):
        source = render_to_string(f"email/{kind}.mjml", {"letter": letter})
    return str(mjml2html(plain_text.without_controls(source)))


def calendar(stay: Stay, *, is_cancelled: bool = False) -> bytes:
    """The stay as a calendar entry, in UTC, or what takes it out. Without the code: calendars are shared."""
    place = stay.unit.property
    event = Event()
    event.add("uid", f"stay-{stay.pk}@{_host()}")
    event.add("sequence", stay.revision)
    event.add("dtstamp", stay.booked_at.astimezone(UTC))
    event.add("dtstart", stay.starts_at.astimezone(UTC))
    event.add("dtend", stay.ends_at.astimezone(UTC))
    event.add("summary", f"{place.name}, {stay.unit.name}")
    if is_cancelled:
        event.add("status", "CANCELLED")
    event.add("location", place.address or place.name)
    entries = Calendar()
    entries.add("prodid", "-//Keyturn//Stay//EN")
    entries.add("version", "2.0")
    entries.add("method", "CANCEL" if is_cancelled else "PUBLISH")
    entries.add_component(event)
    return bytes(entries.to_ical())


def _mail(kind: MessageKind, letter: Letter, *, to: str, message_id: str) -> EmailMultiAlternatives:
    context = {"letter": letter}
    with translation.override(letter.language):
        subject = render_to_string(f"email/{kind}_subject.txt", context).strip()
        body = render_to_string(f"email/{kind}.txt", context)
    mail = EmailMultiAlternatives(
        subject=subject,
        body=body,
        from_email=_sender(letter),
        to=[to],
        reply_to=[letter.reply_to],
        headers={
            "Message-ID": f"<{message_id}@{_host()}>",
            "Auto-Submitted": "auto-generated",
            "Content-Language": letter.language,
        },
    )
    if kind is MessageKind.THANK_YOU:  # the only one that nobody needs
        mail.extra_headers["List-Unsubscribe"] = f"<mailto:{letter.reply_to}?subject=Unsubscribe>"
    mail.attach_alternative(page(kind, letter), "text/html")
    return mail


def _address(guest: Guest) -> str:
    return str(Address(plain_text.one_line(guest.name), addr_spec=guest.email))


def _sender(letter: Letter) -> str:
    """The business by its name, at the address from which this installation may send."""
    own_name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return str(Address(plain_text.one_line(letter.organization_name) or own_name, addr_spec=address))


def _handed_over(mail: EmailMultiAlternatives, addresses: Sequence[str]) -> HandedOver:
    """By what a mail server said of single addresses, or a provider of each."""
    refused = tuple(
        one for one, status in outgoing.statuses(mail).items() if status in outgoing.TAKES_NO_MAIL
    )
    handed = _of_answers(addresses, outgoing.refused_addresses(mail))
    accepted = tuple(address for address in handed.accepted if address not in refused)
    return replace(
        handed,
        accepted=accepted,
        refused=(*handed.refused, *(one for one in addresses if one in refused)),
        provider_id=outgoing.provider_id(mail),
    )


def _of_answers(addresses: Sequence[str], answers: outgoing.Answers) -> HandedOver:
    codes = {address: answers[address][0] for address in addresses if address in answers}
    return HandedOver(
        accepted=tuple(address for address in addresses if address not in codes),
        refused=tuple(address for address, code in codes.items() if code >= outgoing.PERMANENT),
        put_off=tuple(address for address, code in codes.items() if code < outgoing.PERMANENT),
    )


def _host() -> str:
    return urlsplit(settings.PUBLIC_URL).hostname or "keyturn"
