"""Messages that come by the calendar: on the day of arrival, and when a guest leaves.

They are planned when the guest was told the code, and looked at again when their time comes. Each function
is called in a transaction that holds the stay.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from access import telling
from access.models import Message, MessageKind, Stay
from access.models.messages import TELLS_ACCESS
from properties.models import Property

BY_THE_CALENDAR = (MessageKind.REMINDER, MessageKind.THANK_YOU)
THANKS_UNTIL = timedelta(days=1)  # after the end; later it is odd
WAITS = {"sent_at": None, "claimed_until": None, "due_at__isnull": False}


def plan(stay: Stay, *, told_at: datetime) -> None:
    """Plan both anew for a guest who has just been told, as the property has chosen."""
    place = stay.unit.property
    _drop(stay, BY_THE_CALENDAR, told_at)
    remind_at = telling.reminded_at(
        starts_at=stay.starts_at, zone=place.time_zone, at=place.remind_time, told_at=told_at
    )
    if remind_at is not None:
        _write(stay, MessageKind.REMINDER, remind_at, told_at)
    if place.says_thanks:
        _write(stay, MessageKind.THANK_YOU, stay.ends_at, told_at)


def follow(place: Property, *, now: datetime) -> None:
    """Have what waits follow another choice of the property, for guests who were told and have not left."""
    going = Stay.objects.filter(unit__property=place, cancelled_at=None, ends_at__gt=now).order_by("pk")
    told = going.filter(messages__kind__in=TELLS_ACCESS, messages__sent_at__isnull=False).distinct()
    keys = list(told.values_list("pk", flat=True))
    held = Stay.objects.filter(pk__in=keys).order_by("pk").select_for_update(of=("self",))
    for stay in held.select_related("unit__property"):
        told_at = _told_at(stay)
        if told_at is not None:
            plan(stay, told_at=told_at)
            _drop_what_is_past(stay, now)


def is_late(kind: MessageKind, stay: Stay, now: datetime) -> bool:
    """Whether a message's time has gone by: the guest has come, or left long ago."""
    if kind is MessageKind.REMINDER:
        return stay.starts_at <= now
    return stay.ends_at + THANKS_UNTIL <= now


def is_chosen(kind: MessageKind, place: Property) -> bool:
    """Whether the property sends such messages."""
    return place.remind_time is not None if kind is MessageKind.REMINDER else place.says_thanks


def _write(stay: Stay, kind: MessageKind, due_at: datetime, now: datetime) -> None:
    """A message of this kind and revision that was dropped before is taken up again; one that left is not."""
    message, is_new = Message.objects.get_or_create(
        stay=stay,
        revision=stay.revision,
        kind=kind,
        defaults={"organization_id": stay.organization_id, "written_at": now, "due_at": due_at},
    )
    if not is_new:
        dropped = Message.objects.filter(pk=message.pk, sent_at=None, claimed_until=None, bounced_at=None)
        dropped.update(due_at=due_at, superseded_at=None)


def _drop(stay: Stay, kinds: Iterable[MessageKind], now: datetime) -> None:
    waiting = Message.objects.filter(stay=stay, kind__in=kinds, **WAITS)
    waiting.update(due_at=None, superseded_at=now)


def _drop_what_is_past(stay: Stay, now: datetime) -> None:
    """Nobody is reminded at once because the property has just chosen a time that is past."""
    waiting = Message.objects.filter(stay=stay, kind=MessageKind.REMINDER, **WAITS)
    waiting.filter(due_at__lt=now).update(due_at=None, superseded_at=now)


def _told_at(stay: Stay) -> datetime | None:
    sent = Message.objects.filter(stay=stay, kind__in=TELLS_ACCESS, sent_at__isnull=False)
    return sent.order_by("-pk").values_list("sent_at", flat=True).first()
