"""Choosing when guests of a house are told their code: messages that wait follow."""

from datetime import datetime, time

from django.db import transaction

from access import messages, work_queue
from access.models import Message
from properties.models import Property


@transaction.atomic(durable=True)
def choose(*, place: Property, days: int | None, at: time, now: datetime) -> None:
    """Have guests told so many days before arrival at that time; None: once the code is on every door."""
    Property.objects.filter(pk=place.pk).update(tell_days=days, tell_time=at)
    waiting = messages.waiting_for_their_time(now).filter(stay__unit__property=place).order_by("pk")
    held = list(waiting.select_related("stay__unit__property").select_for_update(of=("self",)))
    for message in held:
        message.due_at = messages.due_at(message.stay, now=now)
        if message.due_at <= now:
            work_queue.message_is_due(message.pk)
    Message.objects.bulk_update(held, ["due_at"])
