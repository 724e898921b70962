"""The values behind the page of all stays: those that were looked for, a page at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from access import stay_pages
from access.models import Stay
from access.stay_pages import StayCard


@dataclass(frozen=True)
class FoundStays:
    """Some of the stays that were looked for."""

    cards: list[StayCard]
    next_url: str | None
    empty: str


def found_stays(found: Sequence[Stay], *, most: int, asked: Mapping[str, Any], now: datetime) -> FoundStays:
    """The first of the stays found; one more than `most` says that there is a next page."""
    next_url = None
    if len(found) > most:
        where = {name: getattr(value, "pk", value) for name, value in asked.items()}
        next_url = f"{reverse('access:all_stays')}?{urlencode({**where, 'before': found[most - 1].pk})}"
    empty = _("No stay is like that.") if asked else _("Nothing has been booked yet.")
    return FoundStays([stay_pages.card(stay, now) for stay in found[:most]], next_url, empty)
