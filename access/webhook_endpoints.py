"""Making, changing and ending webhooks: the only writer of what is to be told whom.

With each change the organization is told which types anybody asks for (`webhook_types`).
"""

import base64
import secrets
from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from access import audit, calling_out, webhook_events
from access.calling_out import UrlIsRefused
from access.models import AuditKind, Off, WebhookDelivery, WebhookEndpoint, WebhookEvent
from access.webhook_rules import CHOSEN, OLD_SECRET_LIVES, EventType, written
from properties import memberships
from properties.models import Organization, User
from properties.roles import Right, may

__all__ = [
    "EndpointIsOff",
    "MayNotManageWebhooks",
    "NameIsTaken",
    "TooManyWebhooks",
    "UrlIsRefused",
    "change",
    "delete",
    "make",
    "of",
    "rotate_secret",
    "send_again",
    "switch",
    "switch_off_by_itself",
    "try_out",
]

BEGINS_WITH = "whsec_"
SECRET_BYTES = 32
MOST_ENDPOINTS = 20  # of a business


class MayNotManageWebhooks(Exception):
    """The role of who asks does not carry it, or does not any more."""


class NameIsTaken(Exception):
    """Another webhook of the business has this name."""


class TooManyWebhooks(Exception):
    """The business has as many as it may."""


class EndpointIsOff(Exception):
    """Nothing is sent to a webhook that is switched off."""


@transaction.atomic(durable=True)
def make(
    *,
    organization: Organization,
    name: str,
    url: str,
    types: Collection[EventType],
    made_by: User,
    now: datetime,
) -> WebhookEndpoint:
    """A new webhook, with its secret. Raises this module's errors; nothing is made then."""
    calling_out.check_url(url)
    _hold(organization, made_by)
    standing = of(organization)
    if standing.filter(name=name).exists():
        raise NameIsTaken
    if standing.count() >= MOST_ENDPOINTS:
        raise TooManyWebhooks
    endpoint = WebhookEndpoint.objects.create(
        organization=organization,
        name=name,
        url=url,
        types=_in_order(types),
        secret=_new_secret(),
        made_at=now,
        made_by=made_by,
    )
    _note(AuditKind.WEBHOOK_MADE, endpoint, made_by, now)
    _tell_organization(organization)
    return endpoint


@transaction.atomic(durable=True)
def change(
    *,
    endpoint: WebhookEndpoint,
    name: str,
    url: str,
    types: Collection[EventType],
    changed_by: User,
    now: datetime,
) -> None:
    """Give a webhook another name, address or choice of events. What waits goes to the new address."""
    calling_out.check_url(url)
    _hold(endpoint.organization, changed_by)
    if of(endpoint.organization).filter(~Q(pk=endpoint.pk), name=name).exists():
        raise NameIsTaken
    current = WebhookEndpoint.objects.get(pk=endpoint.pk)
    before = (current.name, current.url, current.types)
    current.name, current.url, current.types = name, url, _in_order(types)
    if before == (current.name, current.url, current.types):
        return
    current.save(update_fields=["name", "url", "types"])
    _note(AuditKind.WEBHOOK_CHANGED, current, changed_by, now)
    _tell_organization(endpoint.organization)


@transaction.atomic(durable=True)
def rotate_secret(*, endpoint: WebhookEndpoint, rotated_by: User, now: datetime) -> str:
    """A new secret. The one before signs beside it for a day; of two rotations within it the first one's."""
    _hold(endpoint.organization, rotated_by)
    current = WebhookEndpoint.objects.get(pk=endpoint.pk)
    current.old_secret, current.old_secret_ends_at = current.secret, now + OLD_SECRET_LIVES
    current.secret = _new_secret()
    current.save(update_fields=["secret", "old_secret", "old_secret_ends_at"])
    _note(AuditKind.WEBHOOK_ROTATED, current, rotated_by, now)
    return current.secret


@transaction.atomic(durable=True)
def switch(*, endpoint: WebhookEndpoint, is_on: bool, switched_by: User, now: datetime) -> None:
    """Switch a webhook on, with its failures forgotten, or off. One that is so already stays as it is."""
    _hold(endpoint.organization, switched_by)
    if is_on:
        off = WebhookEndpoint.objects.filter(pk=endpoint.pk, switched_off_at__isnull=False)
        changed = off.update(
            switched_off_at=None, off="", failing_since=None, failures=0, rests_until=None, is_slow=False
        )
    else:
        changed = _switch_off(endpoint, Off.BY_HAND, now)
    if changed:
        _note(AuditKind.WEBHOOK_ON if is_on else AuditKind.WEBHOOK_OFF, endpoint, switched_by, now)
        _tell_organization(endpoint.organization)


def switch_off_by_itself(endpoint: WebhookEndpoint, why: Off, *, now: datetime) -> None:
    """Stop sending to an address that wants no more, or has failed for days. In a transaction.

    An alert tells the owners with the next review.
    """
    memberships.hold(endpoint.organization)
    if _switch_off(endpoint, why, now):
        _note(AuditKind.WEBHOOK_OFF, endpoint, None, now)
        _tell_organization(endpoint.organization)


@transaction.atomic(durable=True)
def delete(*, endpoint: WebhookEndpoint, deleted_by: User, now: datetime) -> None:
    """End a webhook, and forget what became of its deliveries."""
    _hold(endpoint.organization, deleted_by)
    if WebhookEndpoint.objects.filter(pk=endpoint.pk).delete()[0]:
        _note(AuditKind.WEBHOOK_DELETED, endpoint, deleted_by, now)
        _tell_organization(endpoint.organization)


@transaction.atomic(durable=True)
def try_out(*, endpoint: WebhookEndpoint, asked_by: User, now: datetime) -> WebhookDelivery:
    """Send a `ping`, which says nothing; while one waits, no second one is added. Raises EndpointIsOff."""
    current = _open(endpoint, asked_by)
    waiting = WebhookDelivery.objects.filter(
        endpoint=current, event__type=EventType.PING, due_at__isnull=False
    ).first()
    if waiting is not None:
        return waiting
    own = written("endpoint", current.pk)
    event = WebhookEvent.objects.create(
        organization_id=current.organization_id,
        type=EventType.PING,
        subject=f"{own}:ping",
        happened_at=now,
        written_at=now,
        facts={"webhook_endpoint": own},
    )
    _note(AuditKind.WEBHOOK_TRIED, current, asked_by, now)
    return _send(event, current, is_replay=False, now=now)


@transaction.atomic(durable=True)
def send_again(*, delivery: WebhookDelivery, asked_by: User, now: datetime) -> WebhookDelivery:
    """Send the same event once more, as a delivery of its own. One that waits is left to its turn.

    Raises EndpointIsOff.
    """
    current = _open(delivery.endpoint, asked_by)
    waiting = WebhookDelivery.objects.filter(
        endpoint=current, event_id=delivery.event_id, due_at__isnull=False
    ).first()
    if waiting is not None:
        return waiting
    _note(AuditKind.WEBHOOK_SENT_AGAIN, current, asked_by, now)
    return _send(delivery.event, current, is_replay=True, now=now)


def of(organization: Organization) -> QuerySet[WebhookEndpoint]:
    """The webhooks of a business, by name."""
    endpoints = WebhookEndpoint.objects.filter(organization=organization)
    return endpoints.select_related("organization", "made_by").order_by("name", "pk")


def _hold(organization: Organization, user: User) -> None:
    """One change at a time, by somebody who may."""
    memberships.hold(organization)
    role = memberships.role_of(user, organization)
    if role is None or not may(role, Right.MANAGE_WEBHOOKS):
        raise MayNotManageWebhooks


def _open(endpoint: WebhookEndpoint, user: User) -> WebhookEndpoint:
    _hold(endpoint.organization, user)
    current = WebhookEndpoint.objects.filter(pk=endpoint.pk, switched_off_at=None).first()
    if current is None:
        raise EndpointIsOff
    return current


def _send(
    event: WebhookEvent, endpoint: WebhookEndpoint, *, is_replay: bool, now: datetime
) -> WebhookDelivery:
    delivery = webhook_events.delivery_of(event, endpoint, is_replay=is_replay, now=now)
    delivery.save(force_insert=True)
    webhook_events.ring(endpoint)
    return delivery


def _switch_off(endpoint: WebhookEndpoint, why: Off, now: datetime) -> bool:
    """With what still waits given up: somebody who switches it on again chooses what is sent again."""
    on = WebhookEndpoint.objects.filter(pk=endpoint.pk, switched_off_at=None)
    if not on.update(switched_off_at=now, off=why, rests_until=None):
        return False
    waiting = WebhookDelivery.objects.filter(endpoint_id=endpoint.pk, due_at__isnull=False)
    waiting.update(due_at=None, given_up_at=now, claimed_until=None)
    return True


def _tell_organization(organization: Organization) -> None:
    """Have it know what any of its webhooks asks for; the row is held."""
    chosen = of(organization).filter(switched_off_at=None).values_list("types", flat=True)
    organization.webhook_types = _in_order({EventType(one) for types in chosen for one in types})
    Organization.objects.filter(pk=organization.pk).update(webhook_types=organization.webhook_types)


def _note(kind: AuditKind, endpoint: WebhookEndpoint, by: User | None, now: datetime) -> None:
    audit.about_webhook(kind, endpoint.name, organization_id=endpoint.organization_id, by=by, now=now)


def _in_order(types: Collection[EventType]) -> list[str]:
    return [one.value for one in CHOSEN if one in types]


def _new_secret() -> str:
    return BEGINS_WITH + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode("ascii")
