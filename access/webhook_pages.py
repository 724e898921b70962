"""The values behind the pages about webhooks: which there are, what one tells, and what became of it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.utils.translation import ngettext

from access import webhook_rules
from access.calling_out import Trouble
from access.models import DeliveryState, Off, WebhookDelivery, WebhookEndpoint
from access.shown import Chip, Tone
from access.webhook_rules import EventType


@dataclass(frozen=True)
class EndpointRow:
    """One webhook in the list."""

    name: str
    host: str
    tells: str
    chip: Chip
    last_delivered_at: datetime | None
    url: str


@dataclass(frozen=True)
class EndpointList:
    """All webhooks of a business."""

    rows: list[EndpointRow]
    zone: str
    add_url: str
    docs_url: str


@dataclass(frozen=True)
class DeliveryRow:
    """One event for one webhook."""

    sentence: str
    type: str
    chip: Chip
    more: str  # how it was answered
    at: datetime
    url: str


@dataclass(frozen=True)
class EndpointPage:
    """One webhook, and what it was told."""

    name: str
    address: str
    tells: list[str]
    chip: Chip
    answer: str
    tone: Tone
    is_on: bool
    made_by: str
    made_at: datetime
    last_delivered_at: datetime | None
    old_secret_ends_at: datetime | None
    rows: list[DeliveryRow]
    next_url: str | None
    zone: str
    list_url: str
    edit_url: str
    secret_url: str
    switch_url: str
    try_url: str
    delete_url: str


@dataclass(frozen=True)
class DeliveryPage:
    """One delivery opened: what was sent, and what came back."""

    sentence: str
    chip: Chip
    endpoint: str
    endpoint_url: str
    address: str
    number: str
    happened_at: datetime
    tried_at: datetime | None
    due_at: datetime | None
    tries: str
    body: str
    status: str
    took: str
    answer: str
    is_moving: bool
    url: str
    again_url: str  # empty where there is nothing to send again now
    zone: str


WORDS: dict[str, Promise] = {
    EventType.STAY_CREATED: later("A stay was booked"),
    EventType.STAY_CHANGED: later("A stay was changed"),
    EventType.STAY_CANCELLED: later("A stay was cancelled"),
    EventType.GRANT_CONFIRMED: later("A code is on a lock"),
    EventType.GRANT_FAILED: later("A code cannot get on a lock"),
    EventType.DOOR_OPENED: later("A door was opened"),
    EventType.DOOR_CODE_REFUSED: later("A code was refused at a door"),
    EventType.LOCK_OFFLINE: later("A lock went offline"),
    EventType.LOCK_ONLINE: later("A lock is back online"),
    EventType.LOCK_BATTERY_LOW: later("A battery is low"),
    EventType.MESSAGE_BOUNCED: later("A message to a guest came back"),
    EventType.ALERT_OPENED: later("Something needs somebody"),
    EventType.ALERT_CLOSED: later("It needs nobody any more"),
    EventType.PING: later("A test"),
}
FAMILIES: list[tuple[Promise, list[EventType]]] = [
    (later("Stays"), [EventType.STAY_CREATED, EventType.STAY_CHANGED, EventType.STAY_CANCELLED]),
    (later("Codes"), [EventType.GRANT_CONFIRMED, EventType.GRANT_FAILED]),
    (later("Doors"), [EventType.DOOR_OPENED, EventType.DOOR_CODE_REFUSED]),
    (later("Locks"), [EventType.LOCK_OFFLINE, EventType.LOCK_ONLINE, EventType.LOCK_BATTERY_LOW]),
    (later("Messages"), [EventType.MESSAGE_BOUNCED]),
    (later("Alerts"), [EventType.ALERT_OPENED, EventType.ALERT_CLOSED]),
]
TROUBLES: dict[str, Promise] = {
    Trouble.ADDRESS_REFUSED: later("The address leads into a network that is not public. Nothing was sent."),
    Trouble.NAME_UNKNOWN: later("There is no host of this name."),
    Trouble.NOT_REACHED: later("Nobody answered at this address."),
    Trouble.BAD_CERTIFICATE: later("The certificate of this address does not hold."),
    Trouble.TIMED_OUT: later("No whole answer came within 10 seconds."),
    Trouble.BROKEN_ANSWER: later("What came back was no answer of a web server."),
}
OFF: dict[str, Promise] = {
    Off.BY_HAND: later("This webhook is switched off. Nothing is sent."),
    Off.GONE: later(
        "The program said that it wants no more (410), so nothing is sent. Switch it on to go on."
    ),
    Off.FAILING: later(
        "For days nothing took what was sent, so nothing is sent any more. Put the program right, then "
        "switch the webhook on and send again what it missed."
    ),
}


def endpoint_list(endpoints: Sequence[WebhookEndpoint], *, zone: str, docs_url: str) -> EndpointList:
    """The list, from rows read before."""
    return EndpointList([_row(one) for one in endpoints], zone, reverse("access:add_webhook"), docs_url)


def endpoint_page(
    endpoint: WebhookEndpoint, found: Sequence[WebhookDelivery], *, most: int, zone: str, now: datetime
) -> EndpointPage:
    """One webhook; `found` holds one more than `most` where there is a next page."""
    own = {"endpoint_id": endpoint.pk}
    chip, ends_at = _state(endpoint), endpoint.old_secret_ends_at
    return EndpointPage(
        name=endpoint.name,
        address=endpoint.url,
        tells=[str(WORDS[one]) for one in endpoint.types],
        chip=chip,
        answer=_answer(endpoint),
        tone=chip.tone,
        is_on=endpoint.is_on,
        made_by=endpoint.made_by.get_full_name() if endpoint.made_by else "",
        made_at=endpoint.made_at,
        last_delivered_at=endpoint.last_delivered_at,
        old_secret_ends_at=ends_at if ends_at is not None and ends_at > now else None,
        rows=[_delivery_row(one) for one in found[:most]],
        next_url=f"?before={found[most - 1].pk}" if len(found) > most else None,
        zone=zone,
        list_url=list_address(),
        edit_url=reverse("access:edit_webhook", kwargs=own),
        secret_url=reverse("access:rotate_webhook_secret", kwargs=own),
        switch_url=reverse("access:switch_webhook", kwargs=own),
        try_url=reverse("access:try_webhook", kwargs=own),
        delete_url=reverse("access:delete_webhook", kwargs=own),
    )


def delivery_page(delivery: WebhookDelivery, *, zone: str) -> DeliveryPage:
    """One delivery, whose endpoint and event were read with it."""
    event, endpoint = delivery.event, delivery.endpoint
    body = webhook_rules.body_of(event.type, event.happened_at, event.facts)
    is_moving = delivery.state is DeliveryState.WAITING
    own = {"delivery_id": delivery.pk}
    return DeliveryPage(
        sentence=str(WORDS[event.type]),
        chip=_delivery_chip(delivery),
        endpoint=endpoint.name,
        endpoint_url=address_of(endpoint),
        address=endpoint.url,
        number=webhook_rules.written("event", event.pk),
        happened_at=event.happened_at,
        tried_at=delivery.tried_at,
        due_at=delivery.due_at,
        tries=_tries(delivery),
        body=json.dumps(body, indent=2),
        status=_status(delivery),
        took=_("%(count)d ms") % {"count": delivery.took_ms} if delivery.took_ms is not None else "",
        answer=delivery.answer,
        is_moving=is_moving,
        url=reverse("access:webhook_delivery", kwargs=own),
        again_url="" if is_moving or not endpoint.is_on else reverse("access:send_webhook_again", kwargs=own),
        zone=zone,
    )


def list_address() -> str:
    """Where all webhooks are."""
    return reverse("access:webhooks")


def address_of(endpoint: WebhookEndpoint) -> str:
    """The page of one."""
    return reverse("access:webhook", kwargs={"endpoint_id": endpoint.pk})


def delete_consequences(endpoint: WebhookEndpoint) -> list[str]:
    """What deleting does, said before it is done."""
    return [
        _("%(name)s is told nothing from now on, and nothing that still waits.") % {"name": endpoint.name},
        _("What was sent and how it was answered is forgotten."),
        _("A deleted webhook does not come back. To pause it, switch it off instead."),
    ]


def rotate_consequences(endpoint: WebhookEndpoint) -> list[str]:
    """What another secret means."""
    return [
        _("What is sent from now on is signed with a new secret, which is shown once."),
        _("For 24 hours the old secret signs, too: give the program the new one within that time."),
        _("If somebody else may know the old secret, give %(name)s the new one now.")
        % {"name": endpoint.name},
    ]


def _row(endpoint: WebhookEndpoint) -> EndpointRow:
    count = len(endpoint.types)
    tells = ngettext("%(count)d kind of event", "%(count)d kinds of events", count) % {"count": count}
    return EndpointRow(
        name=endpoint.name,
        host=urlsplit(endpoint.url).netloc,
        tells=str(WORDS[endpoint.types[0]]) if count == 1 else tells,
        chip=_state(endpoint),
        last_delivered_at=endpoint.last_delivered_at,
        url=address_of(endpoint),
    )


def _state(endpoint: WebhookEndpoint) -> Chip:
    if endpoint.off == Off.BY_HAND:
        return Chip(Tone.PAST, _("Off"))
    if not endpoint.is_on:
        return Chip(Tone.ACT, _("Switched off"))
    if endpoint.failures:
        return Chip(Tone.LOOK, _("Fails"))
    if endpoint.last_delivered_at is None:
        return Chip(Tone.PLANNED, _("Nothing sent yet"))
    return Chip(Tone.READY, _("Works"))


def _answer(endpoint: WebhookEndpoint) -> str:
    """The page's one sentence."""
    if not endpoint.is_on:
        return str(OFF[endpoint.off])
    if endpoint.failures:
        sentence = ngettext(
            "The last try was in vain. What waits is tried again by itself.",
            "The last %(count)d tries were in vain. What waits is tried again by itself.",
            endpoint.failures,
        )
        return sentence % {"count": endpoint.failures}
    if endpoint.last_delivered_at is None:
        return _("Nothing was sent yet. A test shows whether the program answers.")
    return _("The program takes what it is told.")


def _delivery_row(delivery: WebhookDelivery) -> DeliveryRow:
    return DeliveryRow(
        sentence=str(WORDS[delivery.event.type]),
        type=delivery.event.type,
        chip=_delivery_chip(delivery),
        more=_status(delivery),
        at=delivery.written_at,
        url=reverse("access:webhook_delivery", kwargs={"delivery_id": delivery.pk}),
    )


def _delivery_chip(delivery: WebhookDelivery) -> Chip:
    if delivery.state is DeliveryState.DELIVERED:
        return Chip(Tone.READY, _("Delivered"))
    if delivery.state is DeliveryState.GIVEN_UP:
        return Chip(Tone.ACT, _("Given up"))
    return Chip(Tone.LOOK, _("Tried again")) if delivery.tried_at else Chip(Tone.MOVING, _("On its way"))


def _tries(delivery: WebhookDelivery) -> str:
    return ngettext("%(count)d try", "%(count)d tries", delivery.attempts) % {"count": delivery.attempts}


def _status(delivery: WebhookDelivery) -> str:
    """How the last try was answered."""
    if delivery.trouble:
        return str(TROUBLES[delivery.trouble])
    if delivery.status is None:
        return ""
    return _("Answered with %(status)d") % {"status": delivery.status}
