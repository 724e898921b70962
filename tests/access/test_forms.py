"""From what a host types to instants: the clock on the property's wall counts, whatever the season."""

from datetime import UTC, datetime

import pytest

from access.forms import BookStayForm, WallClockField, usual_times
from nuki_gateway.simulator import TurnedClock
from properties.reach import EVERYWHERE
from tests.worlds import Business


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        pytest.param("2026-06-15T14:00", datetime(2026, 6, 15, 14, 0), id="by a picker"),  # noqa: DTZ001  a wall's
        pytest.param("2026-06-15T14:00:00", datetime(2026, 6, 15, 14, 0), id="with seconds"),  # noqa: DTZ001  a wall's
        pytest.param(" 2026-06-15 14:00 ", datetime(2026, 6, 15, 14, 0), id="by hand"),  # noqa: DTZ001  a wall's
        pytest.param("", None, id="nothing"),
    ],
)
def test_a_time_is_read_as_a_clock_on_the_wall_shows_it(typed: str, read: datetime | None) -> None:
    assert WallClockField(required=False).clean(typed) == read


@pytest.mark.parametrize(
    ("starts", "ends", "instants"),
    [
        pytest.param(
            "2026-10-24T15:00",
            "2026-10-26T10:00",
            (datetime(2026, 10, 24, 13, 0, tzinfo=UTC), datetime(2026, 10, 26, 9, 0, tzinfo=UTC)),
            id="over the night that is longer",
        ),
        pytest.param(
            "2026-10-25T02:30",
            "2026-10-25T02:30",
            (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
            id="both in the hour that comes twice",
        ),
        pytest.param(
            "2027-03-28T02:30",
            "2027-03-28T10:00",
            (datetime(2027, 3, 28, 1, 30, tzinfo=UTC), datetime(2027, 3, 28, 8, 0, tzinfo=UTC)),
            id="from the hour that is skipped",
        ),
    ],
)
def test_wall_clock_times_become_instants_of_the_property(
    alice: Business, clock: TurnedClock, starts: str, ends: str, instants: tuple[datetime, datetime]
) -> None:
    typed = {
        "unit": alice.flats["Flat 1"].pk,
        "starts": starts,
        "ends": ends,
        "guest_name": "Ada Vogel",
        "guest_email": "ada@guests.example",
        "language": "en",
    }
    form = BookStayForm(typed, organization=alice.organization, reach=EVERYWHERE, now=clock.now())

    assert form.errors == {}
    assert (form.cleaned_data["starts_at"], form.cleaned_data["ends_at"]) == instants


def test_the_usual_times_are_of_today_and_tomorrow_where_the_property_is(
    alice: Business, clock: TurnedClock
) -> None:
    clock.turn(seconds=10.5 * 60 * 60)  # 00:30 on Tuesday in Vienna, still Monday in UTC

    starts, ends = usual_times(alice.flats["Flat 1"], clock.now())

    assert (starts.isoformat(), ends.isoformat()) == ("2026-06-16T15:00:00", "2026-06-17T10:00:00")
