"""The values behind the pages about guests."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from access import ledger_pages, stay_pages
from access.ledger_pages import MessageLine
from access.models import Guest, Message, Stay
from access.stay_pages import StayCard
from properties.roles import Right, Role, may


@dataclass(frozen=True)
class GuestRow:
    """One guest in the list; `came_at` is the arrival of the latest stay."""

    url: str
    name: str
    email: str
    came_at: datetime | None
    zone: str


@dataclass(frozen=True)
class GuestList:
    """Some guests by name, and what was looked for."""

    rows: list[GuestRow]
    looked_for: str
    next_url: str | None
    empty: str


@dataclass(frozen=True)
class KnownGuest:
    """One guest who is offered while somebody types."""

    name: str
    email: str


@dataclass(frozen=True)
class GuestView:
    """One guest with stays and messages."""

    name: str
    email: str
    language: str
    is_erased: bool
    answer: str
    stays: list[StayCard]
    messages: list[MessageLine]
    edit_url: str
    erase_url: str


def guest_list(found: Sequence[Guest], *, most: int, looked_for: str) -> GuestList:
    """The first of the guests found; one more than `most` says that there is a next page."""
    rows = [_row(guest) for guest in found[:most]]
    next_url = None
    if len(found) > most:
        after = {"after": found[most - 1].pk, **({"q": looked_for} if looked_for else {})}
        next_url = f"{reverse('access:guests')}?{urlencode(after)}"
    empty = _("Nobody is called so.") if looked_for else _("Guests appear here with their first stay.")
    return GuestList(rows, looked_for, next_url, empty)


def guest_view(
    guest: Guest, stays: Iterable[Stay], messages: Iterable[Message], *, role: Role, now: datetime
) -> GuestView:
    """One guest, as this role sees it. What cannot be done has no address here."""
    cards = list(stays)
    is_open = guest.erased_at is None
    where = {"guest_id": guest.pk}
    can_edit = is_open and may(role, Right.CHANGE_STAYS)
    can_erase = is_open and may(role, Right.ERASE_GUESTS)
    return GuestView(
        name=guest.called,
        email=guest.email,
        language=guest.language,
        is_erased=not is_open,
        answer=_answer(guest, cards, now),
        stays=[stay_pages.card(stay, now) for stay in cards],
        messages=[ledger_pages.line(message, message.stay) for message in messages],
        edit_url=reverse("access:edit_guest", kwargs=where) if can_edit else "",
        erase_url=reverse("access:erase_guest", kwargs=where) if can_erase else "",
    )


def known(found: Iterable[Guest]) -> list[KnownGuest]:
    """Guests to be chosen from, so that nobody has to type them again."""
    return [KnownGuest(guest.name, guest.email) for guest in found]


def erasing(guest: Guest, *, stays: int) -> list[str]:
    """What goes and what stays, said before it is done."""
    return [
        _("The name “%(name)s” and the address %(email)s are deleted for good, here and in old messages.")
        % {"name": guest.called, "email": guest.email},
        ngettext(
            "One stay is kept, with its times and what happened at its doors, as a former guest's.",
            "%(count)s stays are kept, with their times and what happened at the doors, as a former guest's.",
            stays,
        )
        % {"count": stays},
        _("A copy of the database that was saved before still has them until it is thrown away."),
    ]


def _row(guest: Guest) -> GuestRow:
    arrivals = [
        (came_at, zone)
        for came_at, zone in (
            (getattr(guest, "came_at", None), getattr(guest, "zone", None)),
            (getattr(guest, "came_along_at", None), getattr(guest, "zone_along", None)),
        )
        if came_at is not None
    ]
    came_at, zone = max(arrivals, default=(None, None))
    return GuestRow(
        url=reverse("access:guest", kwargs={"guest_id": guest.pk}),
        name=guest.called,
        email=guest.email,
        came_at=came_at,
        zone=zone or "UTC",
    )


def _answer(guest: Guest, stays: Sequence[Stay], now: datetime) -> str:
    """Where the guest is, or is expected: the sentence at the top."""
    if guest.erased_at is not None:
        return _("Name and address were erased. The stays are kept.")
    going = [stay for stay in stays if stay.cancelled_at is None and stay.ends_at > now]
    here = next((stay for stay in going if stay.starts_at <= now), None)
    if here is not None:
        return _("In %(unit)s now.") % {"unit": here.unit.name}
    if going:
        nearest = min(going, key=lambda stay: stay.starts_at)
        return _("Expected in %(unit)s.") % {"unit": nearest.unit.name}
    return _("No stay is to come.")
