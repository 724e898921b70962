"""E-mails to guests: how they look, and handing them to the mail server. Nothing is decided here."""

import smtplib
from datetime import UTC
from email.headerregistry import Address
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from icalendar import Calendar, Event
from mjml import mjml2html

from access import letters, party
from access.letters import Letter
from access.models import Guest, Message, MessageKind, Stay
from properties import plain_text


class MailNotAccepted(Exception):
    """The mail server did not take the message, or cannot be reached. Its text names the kind of failure."""


def send_access(message: Message, stay: Stay, *, page_url: str) -> str:
    """Send the code, its window and the way in, with a calendar entry. The same Message-ID on a repeat.

    `page_url` leads to the guest's own page, if there is one. Returns the addresses that it went to.
    """
    kind, told = MessageKind(message.kind), party.with_address(stay)
    with translation.override(stay.guest.language):
        letter = letters.of_stay(kind, stay, page_url=page_url)
        mail = _mail(kind, letter, to=[_address(guest) for guest in told], message_id=f"message-{message.pk}")
    mail.attach("stay.ics", calendar(stay), "text/calendar")
    _hand_over(mail)
    return ", ".join(guest.email for guest in told)


def send_trial(kind: MessageKind, letter: Letter, *, to: str, message_id: str) -> None:
    """Send a message about nobody to the person who wrote its words."""
    mail = _mail(kind, letter, to=[to], message_id=message_id)
    mail.subject = _("Test: %(subject)s") % {"subject": mail.subject}
    _hand_over(mail)


def page(kind: MessageKind, letter: Letter) -> str:
    """The message as mail programs show it: a whole HTML document."""
    source = render_to_string(f"email/{kind}.mjml", {"letter": letter})
    return str(mjml2html(plain_text.without_controls(source)))


def calendar(stay: Stay) -> bytes:
    """The stay as a calendar entry, in UTC. Without the code: calendars are shared."""
    place = stay.unit.property
    event = Event()
    event.add("uid", f"stay-{stay.pk}@{_host()}")
    event.add("sequence", stay.revision)
    event.add("dtstamp", stay.booked_at.astimezone(UTC))
    event.add("dtstart", stay.starts_at.astimezone(UTC))
    event.add("dtend", stay.ends_at.astimezone(UTC))
    event.add("summary", f"{place.name}, {stay.unit.name}")
    event.add("location", place.address or place.name)
    entries = Calendar()
    entries.add("prodid", "-//Keyturn//Stay//EN")
    entries.add("version", "2.0")
    entries.add("method", "PUBLISH")
    entries.add_component(event)
    return bytes(entries.to_ical())


def _mail(kind: MessageKind, letter: Letter, *, to: list[str], message_id: str) -> EmailMultiAlternatives:
    context = {"letter": letter}
    mail = EmailMultiAlternatives(
        subject=render_to_string(f"email/{kind}_subject.txt", context).strip(),
        body=render_to_string(f"email/{kind}.txt", context),
        to=to,
        reply_to=[letter.reply_to],
        headers={"Message-ID": f"<{message_id}@{_host()}>", "Auto-Submitted": "auto-generated"},
    )
    mail.attach_alternative(page(kind, letter), "text/html")
    return mail


def _address(guest: Guest) -> str:
    return str(Address(plain_text.one_line(guest.name), addr_spec=guest.email))


def _hand_over(mail: EmailMultiAlternatives) -> None:
    try:
        mail.send()
    except (smtplib.SMTPException, OSError) as failure:
        raise MailNotAccepted(type(failure).__name__) from None


def _host() -> str:
    return urlsplit(settings.PUBLIC_URL).hostname or "keyturn"
