"""What a provider of e-mail tells of a message later: that it was delivered, came back, or was unwanted."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import structlog
from django.db import connection, transaction

from access import live, told, webhook_events
from access.models import EarlyMailEvent, Message
from properties.encryption import digest

log = structlog.get_logger(__name__)

KEPT = timedelta(days=1)  # what was told early; as a rule the number is written down within the second
LONGEST_NUMBER = 255  # letters, as messages keep it


class Fate(StrEnum):
    """What became of a message at one address."""

    DELIVERED = "delivered"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


@transaction.atomic(durable=True)
def note(*, provider_id: str, address: str, fate: Fate, at: datetime, now: datetime) -> None:
    """Mark the message. What is doubled, late or about none of ours changes nothing.

    A quick provider tells before its number of the message is written down here: that is kept for a day, and
    `catch_up` finds it. In a scope over all organizations: a provider knows only its own number.
    """
    if not provider_id:
        return
    _take_turns(provider_id)
    message = Message.objects.select_for_update().filter(provider_id=provider_id).first()
    if message is not None:
        _mark(message, address, fate, at)
        return
    event = EarlyMailEvent(
        provider_id=provider_id[:LONGEST_NUMBER],
        address_digest=digest(address),
        fate=fate,
        at=at,
        told_at=now,
    )
    EarlyMailEvent.objects.bulk_create([event], ignore_conflicts=True)


def catch_up(message_id: int, *, provider_id: str) -> None:
    """Mark a message by what was told before its number was written down, in the transaction that does so."""
    _take_turns(provider_id)
    early = EarlyMailEvent.objects.filter(provider_id=provider_id)
    for event in early.order_by("at", "pk"):
        message = Message.objects.get(pk=message_id)
        for address in told.addresses(message.sent_to):
            if digest(address) == event.address_digest:
                _mark(message, address, Fate(event.fate), event.at)
    early.delete()


def forget(*, now: datetime, most: int) -> int:
    """Delete what was told of messages that are none of ours; say how much."""
    old = EarlyMailEvent.objects.filter(told_at__lt=now - KEPT).order_by("told_at")
    return EarlyMailEvent.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:most])).delete()[0]


def _take_turns(provider_id: str) -> None:
    """Of who writes the number down and who is told of it one waits for the other, and sees what it did."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [provider_id])


def _mark(message: Message, address: str, fate: Fate, at: datetime) -> None:
    if address not in told.addresses(message.sent_to):
        return
    changes = _changes(message, address, fate, at)
    if changes:
        Message.objects.filter(pk=message.pk).update(**changes)
        if fate is not Fate.DELIVERED:
            webhook_events.message_bounced(message, is_unwanted=fate is Fate.COMPLAINED, now=at)
        live.tell(message.organization_id, {live.stay_topic(message.stay_id)})
        log.info("message_fate", message_id=message.pk, fate=fate)


def _changes(message: Message, address: str, fate: Fate, at: datetime) -> dict[str, Any]:
    """Of two fates of one address the later one counts, in whatever order they are told."""
    delivered, bounced = told.addresses(message.delivered_to), told.addresses(message.bounced_to)
    if fate is Fate.COMPLAINED:
        return {} if message.complained_at else {"complained_at": at}
    if fate is Fate.BOUNCED:
        if address in bounced or (address in delivered and _is_before(at, message.delivered_at)):
            return {}
        return {
            **_delivered(_without(delivered, address), message.delivered_at),
            **_bounced([*bounced, address], at),
        }
    if address in delivered or (address in bounced and _is_before(at, message.bounced_at)):
        return {}
    return {
        **_delivered([*delivered, address], at),
        **_bounced(_without(bounced, address), message.bounced_at),
    }


def _delivered(addresses: list[str], at: datetime | None) -> dict[str, Any]:
    return {"delivered_to": told.together(addresses), "delivered_at": at if addresses else None}


def _bounced(addresses: list[str], at: datetime | None) -> dict[str, Any]:
    return {"bounced_to": told.together(addresses), "bounced_at": at if addresses else None}


def _without(addresses: Iterable[str], address: str) -> list[str]:
    return [one for one in addresses if one != address]


def _is_before(at: datetime, other: datetime | None) -> bool:
    return other is not None and at < other
