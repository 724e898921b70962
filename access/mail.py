"""E-mails to guests: how they look, and handing them to the mail server. Nothing is decided here."""

import smtplib
from datetime import UTC
from email.headerregistry import Address
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from icalendar import Calendar, Event
from mjml import mjml2html

from access import codes, party, queries
from access.models import Message, Stay
from properties import wall_clock


class MailNotAccepted(Exception):
    """The mail server did not take the message, or cannot be reached. Its text names the kind of failure."""


def send_access(message: Message, stay: Stay) -> str:
    """Send the code, its window and the way in, with a calendar entry. The same Message-ID on a repeat.

    Returns the addresses that it went to.
    """
    told = party.with_address(stay)
    with translation.override(stay.guest.language):
        context = _context(stay)
        html = mjml2html(render_to_string(f"email/{message.kind}.mjml", context))
        mail = EmailMultiAlternatives(
            subject=render_to_string(f"email/{message.kind}_subject.txt", context).strip(),
            body=render_to_string(f"email/{message.kind}.txt", context),
            to=[str(Address(guest.name, addr_spec=guest.email)) for guest in told],
            reply_to=[stay.organization.reply_to],
            headers={"Message-ID": _message_id(message), "Auto-Submitted": "auto-generated"},
        )
    mail.attach_alternative(html, "text/html")
    mail.attach("stay.ics", calendar(stay), "text/calendar")
    try:
        mail.send()
    except (smtplib.SMTPException, OSError) as failure:
        raise MailNotAccepted(type(failure).__name__) from None
    return ", ".join(guest.email for guest in told)


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


def _context(stay: Stay) -> dict[str, Any]:
    place = stay.unit.property
    grants = [grant for grant in queries.live_grants(stay) if grant.is_wanted]
    code = next(grant.code for grant in grants if grant.code)
    return {
        "guest_name": stay.guest.name,
        "organization_name": stay.organization.name,
        "property_name": place.name,
        "address": place.address,
        "unit_name": stay.unit.name,
        "code": code,
        "code_grouped": codes.grouped(code),
        "doors": [grant.door.name for grant in grants if grant.door],
        "starts_at": wall_clock.shown(stay.starts_at, place.time_zone),
        "ends_at": wall_clock.shown(stay.ends_at, place.time_zone),
        "zone": place.time_zone,
        "reply_to": stay.organization.reply_to,
    }


def _message_id(message: Message) -> str:
    return f"<message-{message.pk}@{_host()}>"


def _host() -> str:
    return urlsplit(settings.PUBLIC_URL).hostname or "keyturn"
