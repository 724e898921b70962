"""Writing down what webhooks tell, in the transaction in which it happens.

A business that has no webhook for it costs nothing: what is wanted stands on the organization, which whoever
works for a business has in hand already.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, OuterRef, Q, Subquery

from access import work_queue
from access.log_entries import ActivityKind
from access.models import (
    Activity,
    Alert,
    AuditKind,
    Grant,
    Holder,
    Message,
    Stay,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookEvent,
)
from access.webhook_rules import TOLD_WITHIN, EventType, instant, written
from properties import tenancy
from properties.models import Organization

OF_STAYS: dict[AuditKind, tuple[EventType, str]] = {
    AuditKind.STAY_BOOKED: (EventType.STAY_CREATED, ""),
    AuditKind.STAY_CHANGED: (EventType.STAY_CHANGED, "stay"),
    AuditKind.GUESTS_CHANGED: (EventType.STAY_CHANGED, "guests"),
    AuditKind.ADDRESS_CORRECTED: (EventType.STAY_CHANGED, "guests"),
    AuditKind.TIMES_DERIVED_ANEW: (EventType.STAY_CHANGED, "times"),
    AuditKind.CODE_DRAWN_ANEW: (EventType.STAY_CHANGED, "code"),
    AuditKind.CODE_RENEWED: (EventType.STAY_CHANGED, "code"),
    AuditKind.STAY_CANCELLED: (EventType.STAY_CANCELLED, ""),
}
OF_ACTIVITY: dict[str, EventType] = {
    ActivityKind.OPENED: EventType.DOOR_OPENED,
    ActivityKind.CODE_REFUSED: EventType.DOOR_CODE_REFUSED,
    ActivityKind.WENT_OFFLINE: EventType.LOCK_OFFLINE,
    ActivityKind.CAME_BACK: EventType.LOCK_ONLINE,
    ActivityKind.BATTERY_LOW: EventType.LOCK_BATTERY_LOW,
    ActivityKind.KEYPAD_BATTERY_LOW: EventType.LOCK_BATTERY_LOW,
}
OF_DOORS = frozenset({EventType.DOOR_OPENED, EventType.DOOR_CODE_REFUSED})
BATTERIES: dict[str, str] = {
    ActivityKind.BATTERY_LOW: "lock",
    ActivityKind.KEYPAD_BATTERY_LOW: "keypad",
}


@dataclass(frozen=True)
class Happening:
    """Something that may be worth telling."""

    organization_id: int
    type: EventType
    subject: str
    at: datetime
    facts: Mapping[str, Any]


def about_stay(kind: AuditKind, stay: Stay, *, now: datetime) -> None:
    """A stay was booked, changed or cancelled. In a transaction, like all of these."""
    told = OF_STAYS.get(kind)
    if told is None or not _wants(stay.organization_id, told[0]):
        return
    type_, what = told
    facts: dict[str, Any] = {
        "stay": written("stay", stay.pk),
        "unit": written("unit", stay.unit_id),
        "guest": written("guest", stay.guest_id),
        "starts_at": instant(stay.starts_at),
        "ends_at": instant(stay.ends_at),
    }
    if what:
        facts["what"] = what
    tell([Happening(stay.organization_id, type_, written("stay", stay.pk), now, facts)], now=now)


def grant_confirmed(grant: Grant, *, now: datetime) -> None:
    """A guest's code was seen on a lock. Of a backup code nobody is told."""
    if grant.stay_id is not None and _wants(grant.organization_id, EventType.GRANT_CONFIRMED):
        tell([_of_grant(EventType.GRANT_CONFIRMED, grant, {}, now)], now=now)


def grants_failed(grants: Collection[Grant], *, problem: str = "", now: datetime) -> None:
    """A person has to help before a guest's code gets on a lock; `problem` is theirs, unless it is said."""
    of_guests = [one for one in grants if one.stay_id is not None]
    wanting = [one for one in of_guests if _wants(one.organization_id, EventType.GRANT_FAILED)]
    found = [(one, problem or one.problem) for one in wanting]
    told = [
        _of_grant(EventType.GRANT_FAILED, grant, {"problem": _word(why)}, now) for grant, why in found if why
    ]
    tell(told, now=now)


def of_activity(made: Sequence[Activity], *, now: datetime) -> None:
    """Things happened at locks of one business. What a log shows a day later is told no more."""
    lately = [one for one in made if one.kind in OF_ACTIVITY and one.happened_at > now - TOLD_WITHIN]
    wanted = [one for one in lately if _wants(one.organization_id, OF_ACTIVITY[one.kind])]
    if not wanted:
        return
    ours = {(one.smart_lock_id, one.source) for one in wanted}
    # of what two workers store at once only one has the row: it is told once
    stored = Activity.objects.filter(
        smart_lock__in={lock_id for lock_id, _ in ours},
        source__in={source for _, source in ours},
        recorded_at=now,
    )
    held = Holder.objects.filter(
        smart_lock=OuterRef("smart_lock"), authorization_id=OuterRef("authorization_id")
    )
    found = stored.order_by("happened_at", "pk").annotate(
        holder_id=Subquery(held.values("pk")[:1]),
        door_id=F("smart_lock__door__pk"),
        stay_id=F("grant__stay"),
        guest_id=F("grant__stay__guest"),
    )
    tell(
        [_of_activity(one) for one in found if (one.smart_lock_id, one.source) in ours],
        now=now,
    )


def message_bounced(message: Message, *, is_unwanted: bool = False, now: datetime) -> None:
    """A guest's address takes no mail, or its owner does not want ours."""
    if not _wants(message.organization_id, EventType.MESSAGE_BOUNCED):
        return
    stay = written("stay", message.stay_id)
    facts = {
        "message": written("message", message.pk),
        "kind": message.kind,
        "stay": stay,
        "why": "unwanted" if is_unwanted else "bounced",
    }
    tell([Happening(message.organization_id, EventType.MESSAGE_BOUNCED, stay, now, facts)], now=now)


def alerts_reviewed(*, opened: Q, closed: Q, organization_ids: Collection[int], now: datetime) -> None:
    """Alerts of any business were opened and closed: which, in conditions, as most businesses do not ask."""
    told = {EventType.ALERT_OPENED, EventType.ALERT_CLOSED}
    wanting = Organization.objects.filter(pk__in=organization_ids, webhook_types__overlap=sorted(told))
    known = set(wanting.values_list("pk", flat=True)) if organization_ids else set()
    if not known:
        return
    ours = Alert.objects.filter(organization__in=known)
    tell(
        [
            *(_of_alert(EventType.ALERT_CLOSED, one, now) for one in ours.filter(closed)),
            *(_of_alert(EventType.ALERT_OPENED, one, now) for one in ours.filter(opened)),
        ],
        now=now,
    )


def tell(happenings: Sequence[Happening], *, now: datetime) -> None:
    """Write events and their deliveries, and ring for them once the transaction has ended well."""
    if not happenings:
        return
    organizations = {one.organization_id for one in happenings}
    endpoints = list(
        WebhookEndpoint.objects.filter(organization__in=organizations, switched_off_at=None).only(
            "organization_id", "types"
        )
    )
    wanted = [
        (one, mine) for one in happenings if (mine := [each for each in endpoints if _is_for(each, one)])
    ]
    events = WebhookEvent.objects.bulk_create([_event(one, now) for one, _ in wanted])
    WebhookDelivery.objects.bulk_create(
        delivery_of(event, endpoint, now=now)
        for event, (_, mine) in zip(events, wanted, strict=True)
        for endpoint in mine
    )
    for endpoint in endpoints:
        if any(endpoint in mine for _, mine in wanted):
            ring(endpoint)


def delivery_of(
    event: WebhookEvent, endpoint: WebhookEndpoint, *, now: datetime, is_replay: bool = False
) -> WebhookDelivery:
    """A telling that is due at once; not stored yet."""
    return WebhookDelivery(
        organization_id=event.organization_id,
        endpoint=endpoint,
        event=event,
        subject=event.subject,
        is_replay=is_replay,
        written_at=now,
        due_at=now,
    )


def ring(endpoint: WebhookEndpoint) -> None:
    """Have a worker tell it what is due, once the transaction that is open now has ended well."""
    work_queue.webhooks_are_due(endpoint.pk)


def _wants(organization_id: int, type_: EventType) -> bool:
    """Whether some webhook of the business asks for it: known without a query within the business's scope."""
    ours = tenancy.current()
    if ours is not None and ours.pk == organization_id:
        return type_ in ours.webhook_types
    return Organization.objects.filter(pk=organization_id, webhook_types__contains=[type_]).exists()


def _is_for(endpoint: WebhookEndpoint, one: Happening) -> bool:
    return endpoint.organization_id == one.organization_id and one.type in endpoint.types


def _event(one: Happening, now: datetime) -> WebhookEvent:
    return WebhookEvent(
        organization_id=one.organization_id,
        type=one.type,
        subject=one.subject,
        happened_at=one.at,
        written_at=now,
        facts=dict(one.facts),
    )


def _of_grant(type_: EventType, grant: Grant, more: Mapping[str, Any], now: datetime) -> Happening:
    stay = written("stay", grant.own_stay_id)
    facts = {
        "grant": written("grant", grant.pk),
        "stay": stay,
        "lock": written("lock", grant.smart_lock_id),
        "door": _named("door", grant.door_id),
        **more,
    }
    return Happening(grant.organization_id, type_, stay, now, facts)


def _of_activity(one: Any) -> Happening:
    """Of a row with `holder_id`, `door_id`, `stay_id` and `guest_id` beside its own."""
    type_, lock = OF_ACTIVITY[one.kind], written("lock", one.smart_lock_id)
    facts: dict[str, Any] = {
        "activity": written("activity", one.pk),
        "lock": lock,
        "door": _named("door", one.door_id),
    }
    if type_ in OF_DOORS:
        facts |= {"means": _word(one.means), "who": _who(one)}
    if type_ is EventType.LOCK_BATTERY_LOW:
        facts["battery"] = BATTERIES[one.kind]
    return Happening(one.organization_id, type_, lock, one.happened_at, facts)


def _who(one: Any) -> dict[str, Any]:
    """A guest with their stay, whom the host has named on the lock, or somebody else."""
    kind = "guest" if one.stay_id else "staff" if one.holder_id and one.authorization_id else "other"
    return {
        "kind": kind,
        "stay": _named("stay", one.stay_id),
        "guest": _named("guest", one.guest_id),
        "holder": written("holder", one.holder_id) if kind == "staff" else None,
    }


def _of_alert(type_: EventType, alert: Alert, now: datetime) -> Happening:
    about = {
        "stay": _named("stay", alert.stay_id),
        "lock": _named("lock", alert.smart_lock_id),
        "nuki_account": _named("account", alert.nuki_account_id),
        "webhook_endpoint": _named("endpoint", alert.webhook_endpoint_id),
    }
    own = written("alert", alert.pk)
    subject = about["stay"] or about["lock"] or own
    return Happening(
        alert.organization_id, type_, subject, now, {"alert": own, "kind": _word(alert.kind), **about}
    )


def _named(kind: str, number: int | None) -> str | None:
    return None if number is None else written(kind, number)


def _word(word: str) -> str:
    """A word of ours as programs see it."""
    return word.replace(" ", "_")
