"""Every day of three years in every zone that a lock can have, against the zone database read another way."""

import re
import zoneinfo
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
import tzdata

from nuki_gateway.time_zones import zone_of
from properties import wall_clock
from tests.properties import zone_files

ZONES = [zone for zone in map(zone_of, range(46)) if zone is not None]
YEARS = range(2026, 2029)
DAYS = [datetime(2026, 1, 1) + timedelta(days=number) for number in range(1096)]  # noqa: DTZ001  on the wall
CHECK_INS = [time(15), time(10), time(2, 30), time(0)]
ROOT = Path(__file__).parents[2]
GIVES_A_ZONE = re.compile(r"ZoneInfo\(|make_aware|localize\(|pytz|dateutil|tzinfo=(?!UTC\b|None\b)")


def seconds(moment: datetime) -> int:
    return int((moment.replace(tzinfo=UTC) - zone_files.EPOCH).total_seconds())


@pytest.mark.slow
def test_each_day_of_three_years_begins_and_ends_at_the_right_instant_in_each_zone_of_nuki() -> None:
    compared, differences = 0, []

    for zone in ZONES:
        known = zone_files.stretches(zone, range(2025, 2030))
        for day in DAYS:
            for clock in CHECK_INS:
                on_the_wall = wall_clock.at(day, clock)
                first, last = zone_files.instants(seconds(on_the_wall), known)
                arrival = wall_clock.arrival(on_the_wall, zone)
                departure = wall_clock.departure(on_the_wall, zone)
                compared += 1
                if (seconds(arrival), seconds(departure)) != (first, last):
                    differences.append((zone, on_the_wall, arrival, departure, first, last))

    assert len(ZONES) == 46
    assert DAYS[-1] == datetime(2028, 12, 31)  # noqa: DTZ001
    assert compared == 201_664
    assert differences == []


@pytest.mark.parametrize(
    ("on_the_wall", "first", "last"),
    [
        pytest.param("2027-03-28T01:59:59", "2027-03-28T00:59:59", "2027-03-28T00:59:59", id="before a gap"),
        pytest.param("2027-03-28T02:30:00", "2027-03-28T01:30:00", "2027-03-28T01:30:00", id="in a gap"),
        pytest.param("2027-03-28T03:00:00", "2027-03-28T01:00:00", "2027-03-28T01:00:00", id="after a gap"),
        pytest.param("2027-10-31T02:30:00", "2027-10-31T00:30:00", "2027-10-31T01:30:00", id="comes twice"),
        pytest.param("2027-10-31T03:00:00", "2027-10-31T02:00:00", "2027-10-31T02:00:00", id="once again"),
    ],
)
def test_the_other_way_knows_what_clocks_in_berlin_do(on_the_wall: str, first: str, last: str) -> None:
    known = zone_files.stretches("Europe/Berlin", range(2025, 2030))

    found = zone_files.instants(seconds(datetime.fromisoformat(on_the_wall)), known)

    assert found == (seconds(datetime.fromisoformat(first)), seconds(datetime.fromisoformat(last)))


def test_nothing_but_the_wall_clock_turns_wall_times_into_instants() -> None:
    found = {
        str(path.relative_to(ROOT))
        for folder in ("access", "config", "properties", "nuki_gateway")
        for path in (ROOT / folder).rglob("*.py")
        if GIVES_A_ZONE.search(path.read_text(encoding="utf-8"))
    }

    assert found == {
        "properties/wall_clock.py",
        "nuki_gateway/simulator/zones.py",  # what the simulated locks' own clocks show
    }


def test_zones_have_the_rules_that_came_with_the_package() -> None:
    assert zoneinfo.TZPATH == ()
    assert tzdata.IANA_VERSION == wall_clock.RULES
    assert re.fullmatch(r"\d{4}[a-z]+", wall_clock.RULES)
