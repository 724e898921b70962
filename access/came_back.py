"""Messages that did not reach somebody because of the address: worked out from rows, for alerts and pages."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, Subquery

from access import told
from access.models import Guest, Message, Stay, StayGuest
from access.models.messages import TELLS_ACCESS

CAME_BACK = Q(bounced_at__isnull=False) | Q(complained_at__isnull=False)


@dataclass(frozen=True)
class DeadAddress:
    """One guest whose address takes no mail, or who does not want ours (`is_unwanted`)."""

    guest: Guest
    is_unwanted: bool


def messages() -> QuerySet[Message]:
    """Those that came back, of which nothing that left later says that the address is right by now."""
    answered = Message.objects.filter(
        Q(sent_at__isnull=False) | CAME_BACK, stay=OuterRef("stay"), kind__in=told.TELLS_CODE
    )
    waits = Message.objects.filter(stay=OuterRef("stay"), kind__in=TELLS_ACCESS, due_at__isnull=False)
    latest = answered.order_by("-pk").values("pk")[:1]
    return Message.objects.filter(CAME_BACK, pk=Subquery(latest)).annotate(is_followed=Exists(waits))


def open_at(now: datetime, most: int) -> list[Message]:
    """Those about stays that are not over, of all organizations; whoever came along is fetched with them."""
    going = messages().filter(stay__cancelled_at=None, stay__ends_at__gt=now)
    found = going.select_related("stay__guest").prefetch_related(_party("stay__party"))[:most]
    return [message for message in found if needs_somebody(message, message.stay)]


def with_stays() -> list[Prefetch[str, QuerySet[Message] | QuerySet[StayGuest], str]]:
    """What `dead_address` needs to have been fetched with alerts."""
    return [Prefetch("stay__messages", messages(), to_attr="came_back"), _party("stay__party")]


def needs_somebody(message: Message, stay: Stay) -> bool:
    """Whether the address is still that guest's, or the message to the right one has not left yet."""
    return _of(message, stay) is not None or bool(getattr(message, "is_followed", False))


def dead_address(stay: Stay) -> DeadAddress:
    """Whose address it is, of a stay with such an alert; whoever booked where that is not known any more."""
    for message in getattr(stay, "came_back", ()):
        found = _of(message, stay)
        if found is not None:
            return found
    return DeadAddress(stay.guest, is_unwanted=False)


def _of(message: Message, stay: Stay) -> DeadAddress | None:
    dead = set(told.addresses(message.bounced_to))
    unwanted = set(told.addresses(message.sent_to)) if message.complained_at else set()
    for guest in (stay.guest, *(one.guest for one in stay.party.all())):
        if guest.email in dead | unwanted:
            return DeadAddress(guest, is_unwanted=guest.email not in dead)
    return None


def _party(lookup: str) -> "Prefetch[str, QuerySet[StayGuest], str]":
    return Prefetch(lookup, StayGuest.objects.select_related("guest"))
