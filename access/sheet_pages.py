"""The values behind the sheet of paper that a guest is handed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from access import shown, squares, stay_pages
from access.models import Grant, GrantKind, Guest, Stay
from access.squares import Square


@dataclass(frozen=True)
class Sheet:
    """What a guest is handed on paper."""

    guests: str
    organization_name: str
    unit_name: str
    property_name: str
    address: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    code_grouped: str
    doors: list[str]
    is_ready: bool
    reply_to: str
    page_url: str
    square: Square | None
    url: str


def sheet(stay: Stay, companions: Sequence[Guest], grants: Sequence[Grant], *, page_url: str) -> Sheet:
    """The sheet of one arrival, with its code and the guest's page: whoever asks for it is written down."""
    place, wanted = stay.unit.property, [grant for grant in grants if grant.is_wanted]
    return Sheet(
        guests=shown.together([guest.called for guest in (stay.guest, *companions)]),
        organization_name=stay.organization.name,
        unit_name=stay.unit.name,
        property_name=place.name,
        address=place.address,
        starts_at=stay.starts_at,
        ends_at=stay.ends_at,
        zone=place.time_zone,
        code_grouped=stay_pages.code_of(grants),
        doors=[_door(grant) for grant in wanted],
        is_ready=bool(wanted) and all(grant.confirmed_at for grant in wanted),
        reply_to=stay.organization.reply_to,
        page_url=page_url,
        square=squares.of_text(page_url) if page_url else None,
        url=reverse("access:stay", kwargs={"stay_id": stay.pk}),
    )


def _door(grant: Grant) -> str:
    name = shown.door_name(grant)
    return _("%(door)s, with the Nuki app") % {"door": name} if grant.kind == GrantKind.APP_INVITE else name
