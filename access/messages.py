"""The outbox: what guests have to be told, one message for each revision of a stay.

A message is written when every door of the stay is confirmed, in the transaction that confirms the last
one. It is due at once, or when the property tells its guests; one that has not left then gives way to that of
a later revision. It is sent by a task, at least once; what it says is made from what is true when it is sent.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import F, Q, QuerySet

from access import audit, backoff, guest_links, mail, telling, work_queue
from access.models import AuditKind, Grant, Message, MessageKind, Stay
from properties.models import User

log = structlog.get_logger(__name__)

CLAIM = timedelta(minutes=2)  # one worker's hold on a message; longer than the mail server's time-out
HELD_BACK = timedelta(minutes=1)  # before a message about a door without its code is looked at again
NOT_SOONER = timedelta(minutes=1)  # after the last one: a second click on the same button


class DoorsAreNotReady(Exception):
    """There is nothing to say: the stay is over, or its code is not on every door yet."""


class WasJustSent(Exception):
    """The guest was told a moment ago, or is being told now."""


def write_if_ready(*, stay_id: int, now: datetime) -> None:
    """Write the message of the stay's revision, if all its doors are confirmed. In a transaction."""
    stay = Stay.objects.select_for_update().get(pk=stay_id)
    if not _is_ready(stay, now):
        return
    _write(stay, MessageKind.ACCESS_CHANGED if was_told(stay.pk) else MessageKind.ACCESS_READY, now)


@transaction.atomic(durable=True)
def tell_again(*, stay: Stay, asked_by: User | None, now: datetime) -> None:
    """Send the message that waits for its time, else write the same once more.

    Raises DoorsAreNotReady, WasJustSent; nothing is written then.
    """
    current = Stay.objects.select_for_update().get(pk=stay.pk)
    if not _is_ready(current, now):
        raise DoorsAreNotReady
    if _send_at_once(current, now):
        audit.about_stay(AuditKind.TOLD_AT_ONCE, current, by=asked_by, now=now)
        return
    recent = Q(due_at__isnull=False) | Q(sent_at__gt=now - NOT_SOONER)
    if current.messages.filter(recent, superseded_at=None).exists():
        raise WasJustSent
    say_again(current, now=now)
    audit.about_stay(AuditKind.TOLD_AGAIN, current, by=asked_by, now=now)


def say_again(stay: Stay, *, now: datetime) -> None:
    """Write what is told as if for the first time: nothing of it has changed.

    In a transaction that holds the stay. While a door is to be confirmed, the message comes with that door.
    """
    Stay.objects.filter(pk=stay.pk).update(revision=F("revision") + 1)
    stay.refresh_from_db(fields=["revision"])
    if _is_ready(stay, now):
        _write(stay, MessageKind.ACCESS_READY, now)


def _is_ready(stay: Stay, now: datetime) -> bool:
    """Whether the stay goes on or is to come, and every door of it is confirmed."""
    if stay.cancelled_at is not None or stay.ends_at <= now:
        return False
    wanted = Grant.objects.filter(stay=stay, closed_at=None, is_wanted=True)
    return wanted.exists() and not wanted.filter(confirmed_at=None).exists()


def _send_at_once(stay: Stay, now: datetime) -> bool:
    """Whether a message waited for the time at which the property tells its guests; it is due now."""
    waiting = waiting_for_their_time(now).filter(stay=stay, revision=stay.revision)
    message_id = waiting.values_list("pk", flat=True).first()
    if message_id is None or waiting.filter(pk=message_id).update(due_at=now) == 0:
        return False
    work_queue.message_is_due(message_id)
    return True


def waiting_for_their_time(now: datetime) -> QuerySet[Message]:
    """Messages that could leave, were it not for the time at which a property tells its guests."""
    return Message.objects.filter(due_at__gt=now, attempts=0, claimed_until=None)


def may_be_shown(stay: Stay, grants: Sequence[Grant], written: Sequence[Message], now: datetime) -> bool:
    """Whether the guest may see the code: it is on every door, and no message still waits to tell of it.

    `grants` are those of the stay that are not closed, `written` all messages about it.
    """
    wanted = [grant for grant in grants if grant.is_wanted]
    if not wanted or not all(grant.confirmed_at for grant in wanted):
        return False
    left = any(message.sent_at or message.claimed_until for message in written)
    return left or any(_was_due(message, now) for message in written if message.revision == stay.revision)


def _was_due(message: Message, now: datetime) -> bool:
    """Whether a message may leave, or could not for another reason than its time."""
    return bool(message.attempts) or (message.due_at is not None and message.due_at <= now)


def due_at(stay: Stay, *, now: datetime) -> datetime:
    """When the guest of this stay is told for the first time, if the code is on every door by then."""
    place = stay.unit.property
    return telling.due_at(
        starts_at=stay.starts_at, zone=place.time_zone, days=place.tell_days, at=place.tell_time, now=now
    )


def _write(stay: Stay, kind: MessageKind, now: datetime) -> None:
    message_due_at = now if was_told(stay.pk) else due_at(stay, now=now)
    message, is_new = Message.objects.get_or_create(
        stay=stay,
        revision=stay.revision,
        defaults={
            "organization_id": stay.organization_id,
            "kind": kind,
            "written_at": now,
            "due_at": message_due_at,
        },
    )
    if not is_new:
        return
    older = Message.objects.filter(stay=stay, revision__lt=stay.revision, sent_at=None, claimed_until=None)
    older.filter(superseded_at=None).update(superseded_at=now, due_at=None)
    if message_due_at <= now:
        work_queue.message_is_due(message.pk)


def was_told(stay_id: int) -> bool:
    """Whether a message with the stay's code has left, or may have."""
    left = Q(sent_at__isnull=False) | Q(claimed_until__isnull=False)
    return Message.objects.filter(left, stay_id=stay_id).exists()


def send(message: Message, *, now: datetime) -> None:
    """Send one message, unless another worker does, it was sent, or the stay has changed since.

    While some door has not got the code, or not any more, it is held back.
    """
    if not _claim(message, now):
        return
    stay = Stay.objects.select_related("guest", "unit__property", "organization").get(pk=message.stay_id)
    if stay.revision != message.revision or stay.cancelled_at is not None or stay.ends_at <= now:
        Message.objects.filter(pk=message.pk).update(superseded_at=now, due_at=None, claimed_until=None)
        return
    if not _is_ready(stay, now):  # it waited, and a door has lost its code since
        Message.objects.filter(pk=message.pk).update(due_at=now + HELD_BACK, claimed_until=None)
        return
    link = guest_links.needed_for(stay, now=now)
    try:
        sent_to = mail.send_access(message, stay, page_url=guest_links.address(link) if link else "")
    except mail.MailNotAccepted as failure:
        _come_back(message, failure, now)
        return
    with transaction.atomic(durable=True):
        Message.objects.filter(pk=message.pk).update(
            sent_at=now, sent_to=sent_to, due_at=None, claimed_until=None
        )
        audit.about_stay(AuditKind.MESSAGE_SENT, stay, by=None, now=now)
    log.info("message_sent", message_id=message.pk)


def _claim(message: Message, now: datetime) -> bool:
    """Claim by update, then count: two workers may stand here."""
    free = Message.objects.filter(pk=message.pk, due_at__lte=now, sent_at=None)
    rows = free.filter(Q(claimed_until=None) | Q(claimed_until__lte=now))
    return rows.update(claimed_until=now + CLAIM) == 1


def _come_back(message: Message, failure: mail.MailNotAccepted, now: datetime) -> None:
    attempts = message.attempts + 1
    Message.objects.filter(pk=message.pk).update(
        attempts=attempts, due_at=now + backoff.next_mail(attempts), claimed_until=None
    )
    log.warning("message_not_sent", message_id=message.pk, attempts=attempts, reason=str(failure))
