"""Writing to hosts about alerts: one e-mail to each for all that has come together. At least once.

Whoever sends claims by moving `mail_due_at`; who dies in between leaves it to the next one, under the same
Message-ID.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.utils.translation import ngettext
from mjml import mjml2html

from access import alert_pages, alert_queries
from access.models import Alert
from access.models.alerts import URGENT
from properties import addresses, limits, organizations, outgoing, reading
from properties.models import AlertMail, Membership, Organization, User
from properties.reach import EVERYWHERE

log = structlog.get_logger(__name__)

CLAIM = timedelta(minutes=10)  # also the time after which a mail that was not accepted is tried again
MOST_TOLD = 20  # alerts in one e-mail; of the others it says how many


def write(*, organization: Organization, now: datetime) -> None:
    """Write about all that is due, if nobody else does."""
    found = _claimed(organization, now)
    usual = organizations.language_of(organization)
    try:
        for reader, wanted, seen in _readers(organization):
            asked = [alert for alert in found if wanted is AlertMail.ALL or alert.kind in URGENT]
            theirs = [alert for alert in asked if seen is None or alert.pk in seen]
            if theirs:
                with reading.of_reader(reader, otherwise=usual):
                    letter = _letter(organization, reader, theirs, now)
                letter.send()
    except outgoing.NOT_ACCEPTED as failure:
        log.warning("alerts_not_sent", organization_id=organization.pk, reason=type(failure).__name__)
        return
    told = Alert.objects.filter(pk__in=[alert.pk for alert in found])
    told.update(mail_due_at=None, mailed_at=now)
    log.info("alerts_sent", organization_id=organization.pk, alerts=len(found))


@transaction.atomic(durable=True)
def _claimed(organization: Organization, now: datetime) -> list[Alert]:
    """What is due and nobody else has: two workers may stand here, and alerts close meanwhile."""
    due = alert_queries.due_of(organization, now).select_for_update(skip_locked=True)
    mine = list(due.values_list("pk", flat=True))
    Alert.objects.filter(pk__in=mine).update(mail_due_at=now + CLAIM)
    return list(alert_queries.open_alerts(organization, EVERYWHERE).filter(pk__in=mine))


def _readers(organization: Organization) -> list[tuple[User, AlertMail, set[int] | None]]:
    """Whom to write to, about what, and the alerts that they see; None where they see all."""
    places = Membership.objects.filter(organization=organization, user__is_active=True)
    members = list(places.select_related("user").order_by("pk"))
    wanted = {place.pk: organizations.alert_mail_of(place) for place in members}
    told = [place for place in members if wanted[place.pk] is not AlertMail.NONE]
    reaches = limits.reaches_of(told)
    seen = {
        reach: alert_queries.open_within(organization, reach) if reach.is_limited else None
        for reach in set(reaches.values())
    }
    return [(place.user, wanted[place.pk], seen[reaches[place.pk]]) for place in told]


def _letter(
    organization: Organization, reader: User, alerts: Sequence[Alert], now: datetime
) -> EmailMultiAlternatives:
    with addresses.made_within(organization.slug):
        lines = [alert_pages.line(alert, now) for alert in alerts[:MOST_TOLD]]
    context = {
        "organization_name": organization.name,
        "lines": [(line, settings.PUBLIC_URL + line.url) for line in lines],
        "others": len(alerts) - len(lines),
        "alerts_url": addresses.public("access:alerts", slug=organization.slug),
    }
    letter = EmailMultiAlternatives(
        subject=_subject(organization, lines, len(alerts)),
        body=render_to_string("email/alerts.txt", context),
        to=[reader.email],
        headers={"Message-ID": _message_id(reader, alerts), "Auto-Submitted": "auto-generated"},
    )
    letter.attach_alternative(mjml2html(render_to_string("email/alerts.mjml", context)), "text/html")
    return letter


def _subject(organization: Organization, lines: Sequence[alert_pages.AlertLine], count: int) -> str:
    if count == 1:
        return f"{lines[0].subject}: {lines[0].sentence}"[:150]
    words = ngettext("%(count)d thing needs you at %(name)s", "%(count)d things need you at %(name)s", count)
    return words % {"count": count, "name": organization.name}


def _message_id(reader: User, alerts: Sequence[Alert]) -> str:
    newest = max(alert.pk for alert in alerts)
    return (
        f"<alerts-{newest}-{len(alerts)}-{reader.pk}@{urlsplit(settings.PUBLIC_URL).hostname or 'keyturn'}>"
    )
