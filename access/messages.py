"""The outbox: what guests have to be told, one message for each revision of a stay at most.

A message is written when every door of the stay is confirmed, in the transaction that confirms the last
one, if what counts then differs from what the guest was told last (`told`). The first is due at once, or when
the property tells its guests; a correction once nothing has followed it for some minutes. One that has not
left gives way to that of a later revision. It is sent by a task, at least once; what it says is made from
what is true when it is sent.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F, Q, QuerySet

from access import (
    audit,
    backoff,
    departures,
    guest_links,
    letters,
    mail,
    mail_events,
    reminders,
    spare_queries,
    telling,
    told,
    webhook_events,
    work_queue,
)
from access.letters import Letter
from access.mail import HandedOver
from access.models import AuditKind, Grant, Guest, Message, MessageKind, Stay, Trouble
from access.models.messages import OF_A_REVISION, TELLS_ACCESS
from properties.models import User

log = structlog.get_logger(__name__)

CLAIM = timedelta(minutes=2)  # one worker's hold on a message; longer than the mail server's time-out
NOT_SOONER = timedelta(minutes=1)  # after the last one: a second click on the same button
HAS_NOT_LEFT = {"sent_at": None, "claimed_until": None, "due_at__isnull": False}


class DoorsAreNotReady(Exception):
    """There is nothing to say: the stay is over, or its code is not on every door yet."""


class WasJustSent(Exception):
    """The guest was told a moment ago, or is being told now."""


def write_if_ready(*, stay_id: int, now: datetime) -> None:
    """Write the message of the stay's revision, if all its doors are confirmed. In a transaction."""
    stay = told.held(stay_id)
    if told.is_ready(stay, told.wanted_of(stay), now):
        _write(stay, now)


@transaction.atomic(durable=True)
def tell_again(*, stay: Stay, asked_by: User | None, now: datetime) -> None:
    """Send the message that waits for its time or another try, else write the same once more.

    Raises DoorsAreNotReady, WasJustSent; nothing is written then.
    """
    current = told.held(stay.pk)
    if not told.is_ready(current, told.wanted_of(current), now):
        raise DoorsAreNotReady
    if _send_at_once(current, now):
        audit.about_stay(AuditKind.TOLD_AT_ONCE, current, by=asked_by, now=now)
        return
    recent = Q(due_at__isnull=False) | Q(sent_at__gt=now - NOT_SOONER)
    if current.messages.filter(recent, superseded_at=None, kind__in=TELLS_ACCESS).exists():
        raise WasJustSent
    _change_revision(current)
    _write(current, now, again=True)
    audit.about_stay(AuditKind.TOLD_AGAIN, current, by=asked_by, now=now)


def say_again(stay: Stay, *, now: datetime) -> None:
    """Tell whoever has another address by now what counts, though nothing of it has changed.

    In a transaction that holds the stay. While a door is to be confirmed, the message comes with that door.
    """
    current = told.held(stay.pk)
    _change_revision(current)
    stay.revision = current.revision
    if told.is_ready(current, told.wanted_of(current), now):
        _write(current, now)


def write_cancelled(*, stay: Stay, tells_guest: bool, now: datetime) -> None:
    """Tell whoever was told, or may have been, that the stay is cancelled. Nothing else leaves any more.

    In a transaction that holds the stay.
    """
    waiting = Message.objects.filter(stay=stay, **HAS_NOT_LEFT)
    waiting.update(superseded_at=now, due_at=None)
    if tells_guest and told.has_a_code(stay.pk):
        _add(stay, MessageKind.STAY_CANCELLED, telling.settled_at(starts_at=stay.starts_at, now=now), now)


def write_backup_code(*, stay: Stay, now: datetime) -> Message:
    """Tell the guest of a backup code at once. In a transaction that holds the stay.

    One that waits to leave tells of this one, too.
    """
    waiting = Message.objects.filter(stay=stay, kind=MessageKind.BACKUP_CODE, **HAS_NOT_LEFT)
    return waiting.first() or _add(stay, MessageKind.BACKUP_CODE, now, now)


def take_back_cancellation(*, stay: Stay, now: datetime) -> None:
    """Tell nobody that a stay was cancelled which is booked again before they were told."""
    waiting = Message.objects.filter(stay=stay, kind=MessageKind.STAY_CANCELLED, **HAS_NOT_LEFT)
    waiting.update(superseded_at=now, due_at=None)


def waiting_for_their_time(now: datetime) -> QuerySet[Message]:
    """Messages that could leave, were it not for the time at which a property tells its guests."""
    waiting = Message.objects.filter(due_at__gt=now, attempts=0, claimed_until=None)
    return waiting.filter(kind=MessageKind.ACCESS_READY)


def may_be_shown(stay: Stay, grants: Sequence[Grant], written: Sequence[Message], now: datetime) -> bool:
    """Whether the guest may see the code: it is on every door, and no message still waits to tell of it.

    `grants` are those of the stay that are not closed, `written` all messages about it.
    """
    wanted = [grant for grant in grants if grant.is_wanted]
    if not wanted or not all(grant.confirmed_at for grant in wanted):
        return False
    tell = [message for message in written if message.kind in TELLS_ACCESS]
    left = any(message.sent_at or message.may_have_left_at or message.claimed_until for message in tell)
    return left or any(_was_due(message, now) for message in tell if message.revision == stay.revision)


def due_at(stay: Stay, *, now: datetime) -> datetime:
    """When the guest of this stay is told for the first time, if the code is on every door by then."""
    place = stay.unit.property
    return telling.due_at(
        starts_at=stay.starts_at, zone=place.time_zone, days=place.tell_days, at=place.tell_time, now=now
    )


def was_told(stay_id: int) -> bool:
    """Whether a message with the stay's code has left, or may have."""
    with_code = Q(kind__in=TELLS_ACCESS) | (Q(kind=MessageKind.BACKUP_CODE) & ~Q(told_code_digest=""))
    return Message.objects.filter(told.MAY_HAVE_LEFT, with_code, stay_id=stay_id).exists()


def send(message: Message, *, now: datetime) -> None:
    """Send one message, unless another worker does, it was sent, or the stay has changed since.

    While some door has not got the code, or not any more, it is held back.
    """
    claimed = _claim(message, now)
    if claimed is None:
        return
    current, letter, guests = claimed
    if (link := guest_links.needed_for(current.stay, now=now)) is not None:
        letter = replace(letter, page_url=guest_links.address(link))
    try:
        handed = mail.send(current, letter, guests) if guests else HandedOver()
    except mail.MailNotAccepted as failure:
        _come_back(current, failure, now)
        return
    with transaction.atomic(durable=True):
        _record(current, told.held(current.stay_id), handed, now)


def _was_due(message: Message, now: datetime) -> bool:
    """Whether a message may leave, or did not for another reason than its time, as without any address."""
    was_looked_at = bool(message.attempts) or message.superseded_at is not None
    return was_looked_at or (message.due_at is not None and message.due_at <= now)


def _change_revision(stay: Stay) -> None:
    Stay.objects.filter(pk=stay.pk).update(revision=F("revision") + 1)
    stay.refresh_from_db(fields=["revision"])


def _send_at_once(stay: Stay, now: datetime) -> bool:
    """Whether a message waited for its time, or for another try; it is due now."""
    waiting = Message.objects.filter(
        stay=stay,
        revision=stay.revision,
        kind__in=TELLS_ACCESS,
        due_at__gt=now,
        claimed_until=None,
    )
    message_id = waiting.values_list("pk", flat=True).first()
    if message_id is None or waiting.filter(pk=message_id).update(due_at=now) == 0:
        return False
    work_queue.message_is_due(message_id)
    return True


def _write(stay: Stay, now: datetime, *, again: bool = False) -> None:
    """Write what there is to tell of a stay that is ready; older ones that have not left are dropped."""
    kind = told.news_for(stay, told.truth_of(stay, told.wanted_of(stay)), told.last(stay.pk))
    if kind is None and not again:
        _note_nothing_new(stay, now)
    elif not Message.objects.filter(stay=stay, revision=stay.revision, kind__in=OF_A_REVISION).exists():
        kind = kind or MessageKind.ACCESS_READY
        _add(stay, kind, now if again else _leaves_at(stay, kind, now), now, again=again)
        _drop_older(stay, now)


def _note_nothing_new(stay: Stay, now: datetime) -> None:
    """Note that the guest knows all of this revision; what waited to tell an older one is dropped."""
    _drop_older(stay, now)
    Stay.objects.filter(pk=stay.pk).exclude(known_revision=stay.revision).update(known_revision=stay.revision)


def _leaves_at(stay: Stay, kind: MessageKind, now: datetime) -> datetime:
    if kind is not MessageKind.ACCESS_READY:
        return telling.settled_at(starts_at=stay.starts_at, now=now)
    return now if was_told(stay.pk) else due_at(stay, now=now)


def _add(
    stay: Stay, kind: MessageKind, leaves_at: datetime, now: datetime, *, again: bool = False
) -> Message:
    message = Message.objects.create(
        organization_id=stay.organization_id,
        stay=stay,
        kind=kind,
        revision=stay.revision,
        again=again,
        written_at=now,
        due_at=leaves_at,
    )
    if leaves_at <= now:
        work_queue.message_is_due(message.pk)
    return message


def _drop_older(stay: Stay, now: datetime) -> None:
    older = Message.objects.filter(
        stay=stay, revision__lt=stay.revision, kind__in=TELLS_ACCESS, **HAS_NOT_LEFT
    )
    older.update(superseded_at=now, due_at=None)


@transaction.atomic(durable=True)
def _claim(message: Message, now: datetime) -> tuple[Message, Letter, list[Guest]] | None:
    """Take the message with what it tells and whom, if it is to leave now. One at a time of each stay."""
    stay = told.held(message.stay_id)
    current = Message.objects.filter(pk=message.pk, due_at__lte=now, sent_at=None).first()
    if current is None or (current.claimed_until is not None and current.claimed_until > now):
        return None
    waiting, known = Message.objects.filter(pk=current.pk), told.last(stay.pk)
    if current.claimed_until is not None and current.may_have_left_at is None:  # whoever had it has died
        waiting.update(may_have_left_at=current.claimed_until)
    try:
        current.kind = departures.check(current, stay, known, now)
        guests = departures.addressees(current, stay)
    except departures.NotYet as later:
        waiting.update(due_at=later.look_at, claimed_until=None)
        return None
    except departures.NothingToSay:
        waiting.update(superseded_at=now, due_at=None, claimed_until=None)
        _write_what_is_new(stay, now)
        return None
    wanted = told.wanted_of(stay)
    handed = spare_queries.standing_of(stay) if current.kind == MessageKind.BACKUP_CODE else []
    if handed:
        tells = told.columns(told.backup_truth(stay, wanted, handed))
    else:
        tells = told.columns(told.truth_of(stay, wanted)) if current.kind in told.TELLS_CODE else {}
    language = stay.guest.language
    waiting.update(claimed_until=now + CLAIM, kind=current.kind, language=language, **tells)
    current.stay = stay
    return current, letters.of_stay(MessageKind(current.kind), stay, wanted, known, handed), guests


def _write_what_is_new(stay: Stay, now: datetime) -> None:
    """What a message that was under way would have told may be needed, now that it did not leave."""
    if told.is_ready(stay, told.wanted_of(stay), now):
        _write(stay, now)


def _record(message: Message, stay: Stay, handed: HandedOver, now: datetime) -> None:
    """Keep what became of a message that was handed over. In a transaction that holds the stay."""
    sent_to = told.together(told.addresses(message.sent_to), handed.accepted)
    mine = Message.objects.filter(pk=message.pk, sent_at=None)  # who took us for dead may have sent it, too
    if handed.refused:
        bounced_to = told.together(told.addresses(message.bounced_to), handed.refused)
        if mine.update(bounced_at=now, bounced_to=bounced_to):
            webhook_events.message_bounced(message, now=now)
    if handed.put_off:
        left_at = message.may_have_left_at or (now if sent_to else None)
        mine.update(sent_to=sent_to, may_have_left_at=left_at, **_later(message, Trouble.PUT_OFF, now))
    elif not sent_to:
        mine.update(due_at=None, claimed_until=None, attempts=F("attempts") + 1)
        log.info("message_bounced", message_id=message.pk)
    elif mine.update(
        sent_at=now,
        sent_to=sent_to,
        provider_id=handed.provider_id,
        due_at=None,
        claimed_until=None,
        trouble="",
    ):
        if handed.provider_id:
            mail_events.catch_up(message.pk, provider_id=handed.provider_id)
        audit.about_stay(AuditKind.MESSAGE_SENT, stay, by=None, now=now)
        log.info("message_sent", message_id=message.pk)
        if message.kind in TELLS_ACCESS and stay.cancelled_at is None:
            reminders.plan(stay, told_at=now)


def _come_back(message: Message, failure: mail.MailNotAccepted, now: datetime) -> None:
    """Have it tried again, as often as it takes."""
    left_at = message.may_have_left_at or (now if failure.may_have_left else None)
    mine = Message.objects.filter(pk=message.pk, sent_at=None)
    mine.update(may_have_left_at=left_at, **_later(message, failure.trouble, now))
    log.warning("message_not_sent", message_id=message.pk, attempts=message.attempts + 1, reason=str(failure))


def _later(message: Message, trouble: Trouble, now: datetime) -> dict[str, Any]:
    attempts = message.attempts + 1
    due_at = now + backoff.next_mail(attempts)
    return {"attempts": attempts, "due_at": due_at, "claimed_until": None, "trouble": trouble}
