"""What the timeline was asked for, and where it leads on to: other weeks, other units, booking."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django.urls import reverse

from properties.models import Property, Unit
from properties.roles import Right, Role, may

DAYS = 14
STEP = timedelta(weeks=1)
A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Window:
    """What was asked for: from which day on, of which property, after which unit, and who asks when."""

    first_day: date
    place: Property | None
    after: int | None
    role: Role
    now: datetime

    @property
    def days(self) -> list[date]:
        """Every day that is shown."""
        return [self.first_day + number * A_DAY for number in range(DAYS)]


@dataclass(frozen=True)
class Ways:
    """Where one can go from here."""

    here_url: str
    previous_url: str
    next_url: str
    today_url: str
    more_url: str
    first_url: str
    book_url: str
    units_url: str


def ways(window: Window, last: int | None) -> Ways:
    """The addresses of other weeks and units, for the same property."""
    role, first_day = window.role, window.first_day
    return Ways(
        here_url=reverse("access:timeline"),
        previous_url=_address(first_day - STEP, window.place, window.after),
        next_url=_address(first_day + STEP, window.place, window.after),
        today_url=_address(None, window.place, window.after),
        more_url=_address(first_day, window.place, last) if last else "",
        first_url=_address(first_day, window.place, None) if window.after else "",
        book_url=reverse("access:book_stay") if may(role, Right.CHANGE_STAYS) else "",
        units_url=reverse("properties:properties") if may(role, Right.CHANGE_PROPERTIES) else "",
    )


def book_url(unit: Unit, day: date) -> str:
    """Where to book a unit for the night that follows a day."""
    nights = urlencode({"unit": unit.pk, "from": day.isoformat(), "until": (day + A_DAY).isoformat()})
    return f"{reverse('access:book_stay')}?{nights}"


def _address(first_day: date | None, place: Property | None, after: int | None) -> str:
    named = {
        "from": first_day.isoformat() if first_day else None,
        "property": place.pk if place else None,
        "after": after,
    }
    words = urlencode({name: value for name, value in named.items() if value is not None})
    return f"{reverse('access:timeline')}?{words}" if words else reverse("access:timeline")
