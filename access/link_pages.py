"""The values behind what hosts see of a guest's page: whether it was opened, and its link on demand."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from access.models import GuestLink, Stay
from access.shown import Chip, Tone
from properties.roles import Right, Role, may


@dataclass(frozen=True)
class LinkView:
    """The guest's page of one stay. What cannot be done, or not by this role, has no address."""

    chip: Chip
    sentence: str
    first_opened_at: datetime | None
    last_opened_at: datetime | None  # None where that was the first time
    show_url: str
    renew_url: str
    revoke_url: str


def link_view(stay: Stay, link: GuestLink | None, *, is_open: bool, role: Role) -> LinkView | None:
    """The page of a stay; None where there is none and none is to come."""
    if link is None and not is_open:
        return None
    where, can_change = {"stay_id": stay.pk}, is_open and may(role, Right.CHANGE_STAYS)
    works = link is None or link.revoked_at is None
    chip, sentence = _state(link, is_open=is_open)
    first = link.first_opened_at if link else None
    last = link.last_opened_at if link else None
    return LinkView(
        chip=chip,
        sentence=sentence,
        first_opened_at=first,
        last_opened_at=last if last != first else None,
        show_url=reverse("access:show_link", kwargs=where)
        if is_open and works and may(role, Right.REVEAL_CODES)
        else "",
        renew_url=reverse("access:renew_link", kwargs=where) if can_change and link else "",
        revoke_url=reverse("access:revoke_link", kwargs=where) if can_change and link and works else "",
    )


def _state(link: GuestLink | None, *, is_open: bool) -> tuple[Chip, str]:
    if not is_open:
        return Chip(Tone.PAST, _("Ended")), _("The page ended with the stay.")
    if link is None:
        return Chip(Tone.PLANNED, _("Not sent yet")), _("Its link comes with the first message.")
    if link.revoked_at is not None:
        return Chip(Tone.LOOK, _("Closed")), _("No link leads to the page, and messages have none.")
    if link.first_opened_at is None:
        return Chip(Tone.PLANNED, _("Not opened yet")), _("Nobody has looked at the code there.")
    return Chip(Tone.READY, _("Opened")), _("Somebody with the link has looked at the code there.")


def renew_consequences(stay: Stay) -> list[str]:
    """What another link does, said before it is made."""
    return [
        _("The link that %(guest)s has leads nowhere from then on.") % {"guest": stay.guest.called},
        _("The code stays as it is."),
        _("No message is sent by this: show the new link and hand it on, or send the message again."),
    ]


def revoke_consequences(stay: Stay) -> list[str]:
    """What closing the page does, said before it is done."""
    return [
        _("The link that %(guest)s has leads nowhere from then on.") % {"guest": stay.guest.called},
        _("Messages have no link until you make a new one."),
        _("The code stays as it is."),
    ]
