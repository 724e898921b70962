"""Stays across a change of the clocks, judged on the lock's own clock."""

from datetime import UTC, datetime, time, timedelta

import pytest

from access import stays
from access.models import Stay
from nuki_gateway.simulator import TurnedClock
from properties import places, wall_clock
from tests.timeline import Timeline
from tests.worlds import ZONE, Business, code_of

BEFORE_WINTER = datetime(2026, 10, 24, 12, 0, tzinfo=UTC)
BEFORE_SUMMER = datetime(2026, 3, 28, 13, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("clock", "checkout"),
    [
        pytest.param(TurnedClock(BEFORE_WINTER), datetime(2026, 10, 26, 10, 0), id="to winter time"),  # noqa: DTZ001
        pytest.param(TurnedClock(BEFORE_SUMMER), datetime(2026, 3, 30, 10, 0), id="to summer time"),  # noqa: DTZ001
    ],
)
def test_a_stay_across_a_change_of_the_clocks_opens_until_ten_on_the_wall(
    alice: Business, timeline: Timeline, checkout: datetime
) -> None:
    ends_at = wall_clock.departure(checkout, ZONE)
    stay = alice.book(now=timeline.now, ends_at=ends_at)
    timeline.pass_seconds(60)
    code = code_of(stay)

    timeline.pass_time(ends_at - timeline.now - timedelta(seconds=1))
    on_the_wall = wall_clock.shown(timeline.now, ZONE)
    before = alice.opens("Flat 1", code)
    timeline.clock.turn(seconds=1)
    after = alice.opens("Flat 1", code)

    assert (on_the_wall.hour, on_the_wall.minute, on_the_wall.second) == (9, 59, 59)
    assert (before, after) == (True, False)


def test_a_stay_that_moves_to_a_house_of_another_zone_keeps_what_the_clocks_show_there(
    alice: Business, timeline: Timeline
) -> None:
    abroad = places.add_property(
        organization=alice.organization,
        name="Abroad",
        time_zone="Asia/Dubai",
        check_in_time=time(15),
        check_out_time=time(10),
    )
    villa = places.add_unit(place=abroad, name="Villa", way_in=[alice.doors["Flat 2"]])
    stay = alice.book(now=timeline.now)
    before = (stay.starts_on_the_wall, stay.ends_on_the_wall)

    stays.change(
        stay=stay,
        unit=villa,
        starts_at=stay.starts_at,
        ends_at=stay.ends_at,
        changed_by=None,
        now=timeline.now,
    )

    moved = Stay.objects.get(pk=stay.pk)
    assert before == ("2026-06-15T14:00:00+02:00", "2026-06-17T14:00:00+02:00")
    assert (moved.starts_on_the_wall, moved.ends_on_the_wall) == (
        "2026-06-15T16:00:00+04:00",
        "2026-06-17T16:00:00+04:00",
    )
