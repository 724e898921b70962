"""Choosing when guests of a house are told what: messages that wait follow."""

from datetime import datetime, time

from django.db import transaction

from access import messages, reminders, work_queue
from access.models import Message
from properties.models import Property


@transaction.atomic(durable=True)
def choose(
    *,
    place: Property,
    days: int | None,
    at: time,
    remind_at: time | None,
    says_thanks: bool,
    now: datetime,
) -> None:
    """Have guests told so many days before arrival at that time; None: once the code is on every door.

    On the day itself they are reminded at `remind_at`, if it is not None, and thanked when they leave.
    """
    chosen = {"tell_days": days, "tell_time": at, "remind_time": remind_at, "says_thanks": says_thanks}
    Property.objects.filter(pk=place.pk).update(**chosen)
    reminders.follow(place, now=now)
    waiting = messages.waiting_for_their_time(now).filter(stay__unit__property=place).order_by("pk")
    held = list(waiting.select_related("stay__unit__property").select_for_update(of=("self",)))
    for message in held:
        message.due_at = messages.due_at(message.stay, now=now)
        if message.due_at <= now:
            work_queue.message_is_due(message.pk)
    Message.objects.bulk_update(held, ["due_at"])
