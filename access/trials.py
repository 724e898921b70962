"""Test messages: what a host's words look like in a mail program, sent to nobody but the person who asks."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import transaction

from access import audit, letters, mail, words, work_queue
from access.letters import Letter
from access.models import AuditEntry, AuditKind, MessageKind
from properties import reading
from properties.models import Membership, Organization, Property, User

log = structlog.get_logger(__name__)

NOT_SOONER = timedelta(seconds=30)  # a second click sends nothing
MOST_A_DAY = 30  # for each person
A_DAY = timedelta(days=1)


class TriedJustNow(Exception):
    """The person asked for a test message a moment ago."""


class TriedTooOften(Exception):
    """The person has had as many test messages as one may have in a day."""


@dataclass(frozen=True)
class Trial:
    """What was asked for."""

    kind: MessageKind
    language: str

    @classmethod
    def of(cls, entry: AuditEntry) -> "Trial":
        """As it was written down."""
        kind, _, language = entry.answer.partition(" ")
        return cls(MessageKind(kind), language)

    def __str__(self) -> str:
        """As it is written down."""
        return f"{self.kind} {self.language}"


@transaction.atomic(durable=True)
def ask(*, organization: Organization, trial: Trial, asked_by: User, now: datetime) -> None:
    """Have a test message sent to the person's own address. Raises TriedJustNow, TriedTooOften."""
    Membership.objects.select_for_update().get(organization=organization, user=asked_by)
    of_today = trials_of(organization, asked_by, now)
    if any(at > now - NOT_SOONER for at in of_today):
        raise TriedJustNow
    if len(of_today) >= MOST_A_DAY:
        raise TriedTooOften
    entry = audit.about_trial(organization_id=organization.pk, by=asked_by, message=str(trial), now=now)
    work_queue.trial_is_due(entry.pk)


def trials_of(organization: Organization, user: User, now: datetime) -> list[datetime]:
    """When the person asked for test messages in the last day."""
    asked = AuditEntry.objects.filter(
        organization=organization, by=user, kind=AuditKind.TRIAL_ASKED, at__gt=now - A_DAY
    )
    return list(asked.order_by("-at").values_list("at", flat=True)[:MOST_A_DAY])


def latest(organization: Organization, user: User, now: datetime) -> tuple[AuditEntry, str] | None:
    """The last test message of the person's last day, and what became of it: "" while it is under way."""
    asked = AuditEntry.objects.filter(
        organization=organization, by=user, kind=AuditKind.TRIAL_ASKED, at__gt=now - A_DAY
    )
    entry = asked.order_by("-at", "-pk").first()
    if entry is None:
        return None
    return entry, entry.answers.values_list("answer", flat=True).first() or ""


def letter(organization: Organization, trial: Trial, now: datetime) -> Letter:
    """The message that is tried."""
    own = words.nearest(organization, trial.kind, trial.language)
    place = Property.objects.filter(organization=organization).order_by("name", "pk").first()
    return letters.sample(organization, place, own, language=trial.language, now=now)


def send(*, trial: AuditEntry, now: datetime) -> None:
    """Send a test message that was asked for, unless that was done."""
    if trial.by is None or trial.answers.exists():
        return
    wanted = Trial.of(trial)
    try:
        with reading.of_reader(trial.by):  # says in the subject that it is a test
            mail.send_trial(
                wanted.kind,
                letter(trial.organization, wanted, now),
                to=trial.by.email,
                message_id=f"trial-{trial.pk}",
            )
    except mail.MailNotAccepted as failure:
        log.warning("trial_not_sent", entry_id=trial.pk, reason=str(failure))
        audit.trial_answered(trial, str(failure)[:40], now=now)
        return
    audit.trial_answered(trial, "accepted", now=now)
