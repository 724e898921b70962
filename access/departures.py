"""Whether a message leaves now: decided in the moment in which a worker takes it, from what is true then."""

from datetime import datetime, timedelta

from access import party, reminders, spare_queries, told
from access.models import Guest, Message, MessageKind, Stay
from access.models.messages import TELLS_ACCESS
from access.told import Told

HELD_BACK = timedelta(minutes=1)  # before a message about a door without its code is looked at again


class NothingToSay(Exception):
    """The message has nothing to tell any more: what it was about is otherwise, over, or known."""


class NotYet(Exception):
    """The message is to be looked at again: its doors are not ready, or its time has not come."""

    def __init__(self, look_at: datetime) -> None:
        super().__init__(look_at)
        self.look_at = look_at


def check(message: Message, stay: Stay, known: Told | None, now: datetime) -> MessageKind:
    """As which kind a message leaves now. Raises NothingToSay, NotYet."""
    kind = MessageKind(message.kind)
    others = Message.objects.filter(stay=stay, claimed_until__gt=now).exclude(pk=message.pk)
    if (under_way := others.order_by("-claimed_until").first()) is not None and under_way.claimed_until:
        raise NotYet(under_way.claimed_until)  # the later one arrives later
    is_cancelled = kind is MessageKind.STAY_CANCELLED
    if is_cancelled != (stay.cancelled_at is not None):
        raise NothingToSay
    if kind is MessageKind.BACKUP_CODE:
        _check_backup(stay, now)
        return kind
    is_news_to_nobody = known is None and kind not in TELLS_ACCESS
    if is_news_to_nobody and not (is_cancelled and told.has_a_code(stay.pk)):
        raise NothingToSay
    if kind in TELLS_ACCESS:
        return _checked_access(message, stay, known, now)
    if kind in reminders.BY_THE_CALENDAR:
        _check_calendar(kind, stay, known, now)
    elif stay.ends_at <= now:
        raise NothingToSay
    return kind


def addressees(message: Message, stay: Stay) -> list[Guest]:
    """Whom the message goes to: those of the stay with an address, but for which it was answered already.

    Raises NothingToSay where nobody has an address.
    """
    everybody = party.with_address(stay)
    if not everybody:
        raise NothingToSay
    answered = {*told.addresses(message.sent_to), *told.addresses(message.bounced_to)}
    return [guest for guest in everybody if guest.email not in answered]


def _checked_access(message: Message, stay: Stay, known: Told | None, now: datetime) -> MessageKind:
    if message.revision != stay.revision or stay.ends_at <= now:
        raise NothingToSay
    wanted = told.wanted_of(stay)
    if not told.is_ready(stay, wanted, now):  # it waited, and a door has lost its code since
        raise NotYet(now + HELD_BACK)
    kind = told.news_for(stay, told.truth_of(stay, wanted), known)
    if kind is None and not message.again:
        raise NothingToSay
    return kind or MessageKind.ACCESS_READY


def _check_backup(stay: Stay, now: datetime) -> None:
    """That the guest still has a backup code, and somewhere to use it."""
    if stay.ends_at <= now or not spare_queries.standing_of(stay):
        raise NothingToSay


def _check_calendar(kind: MessageKind, stay: Stay, known: Told | None, now: datetime) -> None:
    """That its time has come, and for a reminder that all is as the guest was told."""
    if not reminders.is_chosen(kind, stay.unit.property) or reminders.is_late(kind, stay, now):
        raise NothingToSay
    if kind is MessageKind.THANK_YOU:
        if stay.ends_at > now:
            raise NotYet(stay.ends_at)
        return
    wanted = told.wanted_of(stay)
    is_ready = told.is_ready(stay, wanted, now)
    if not is_ready or told.news_for(stay, told.truth_of(stay, wanted), known) is not None:
        raise NothingToSay
