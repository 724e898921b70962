"""What a provider of e-mail tells of a message later: that it was delivered, came back, or was unwanted."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any

import structlog
from django.db import transaction

from access import live, told, webhook_events
from access.models import Message

log = structlog.get_logger(__name__)


class Fate(StrEnum):
    """What became of a message at one address."""

    DELIVERED = "delivered"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


@transaction.atomic(durable=True)
def note(*, provider_id: str, address: str, fate: Fate, at: datetime) -> None:
    """Mark the message. What is doubled, late or about none of ours changes nothing.

    In a scope over all organizations: a provider knows only its own number of the message.
    """
    rows = Message.objects.select_for_update().filter(provider_id=provider_id)
    message = rows.first() if provider_id else None
    if message is None or address not in told.addresses(message.sent_to):
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
