"""Wall-clock times and instants, across the days on which clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from properties import wall_clock

CHECK_IN, CHECK_OUT = time(15), time(10)
ZONES = sorted(available_timezones())
HOURS_THAT_CLOCKS_CHANGE_BY = timedelta(days=1)


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "arrival", "departure", "starts_at", "ends_at"),
    [
        pytest.param(
            "Europe/Vienna",
            date(2026, 10, 24),
            date(2026, 10, 26),
            utc("2026-10-24T13:00"),
            utc("2026-10-26T09:00"),
            id="Vienna in autumn",
        ),
        pytest.param(
            "Europe/Vienna",
            date(2026, 3, 28),
            date(2026, 3, 30),
            utc("2026-03-28T14:00"),
            utc("2026-03-30T08:00"),
            id="Vienna in spring",
        ),
        pytest.param(
            "America/New_York",
            date(2026, 10, 31),
            date(2026, 11, 2),
            utc("2026-10-31T19:00"),
            utc("2026-11-02T15:00"),
            id="New York in autumn",
        ),
        pytest.param(
            "Australia/Sydney",
            date(2026, 4, 4),
            date(2026, 4, 6),
            utc("2026-04-04T04:00"),
            utc("2026-04-06T00:00"),
            id="Sydney in autumn",
        ),
        pytest.param(
            "America/St_Johns",
            date(2026, 3, 7),
            date(2026, 3, 9),
            utc("2026-03-07T18:30"),
            utc("2026-03-09T12:30"),
            id="St John's in spring",
        ),
        pytest.param(
            "Asia/Dubai",
            date(2026, 10, 24),
            date(2026, 10, 26),
            utc("2026-10-24T11:00"),
            utc("2026-10-26T06:00"),
            id="Dubai, where clocks never change",
        ),
    ],
)
def test_a_stay_keeps_its_wall_clock_times_when_clocks_change(
    *, zone: str, arrival: date, departure: date, starts_at: datetime, ends_at: datetime
) -> None:
    arrives = wall_clock.at(arrival, CHECK_IN)
    departs = wall_clock.at(departure, CHECK_OUT)

    assert wall_clock.arrival(arrives, zone) == starts_at
    assert wall_clock.departure(departs, zone) == ends_at
    assert wall_clock.shown(starts_at, zone).replace(tzinfo=None) == arrives
    assert wall_clock.shown(ends_at, zone).replace(tzinfo=None) == departs


@pytest.mark.parametrize(
    ("zone", "on_the_wall", "instant", "shows"),
    [
        pytest.param(
            "Europe/Vienna",
            wall("2026-03-29T02:00"),
            utc("2026-03-29T01:00"),
            wall("2026-03-29T03:00"),
            id="its first minute",
        ),
        pytest.param(
            "Europe/Vienna",
            wall("2026-03-29T02:30"),
            utc("2026-03-29T01:30"),
            wall("2026-03-29T03:30"),
            id="its middle",
        ),
        pytest.param(
            "Australia/Lord_Howe",
            wall("2026-10-04T02:15"),
            utc("2026-10-03T15:45"),
            wall("2026-10-04T02:45"),
            id="a gap of half an hour",
        ),
        pytest.param(
            "Pacific/Apia",
            wall("2011-12-30T15:00"),
            utc("2011-12-31T01:00"),
            wall("2011-12-31T15:00"),
            id="a day that an island left out",
        ),
    ],
)
def test_a_time_in_a_gap_becomes_as_long_after_it_for_arrivals_and_departures(
    zone: str, on_the_wall: datetime, instant: datetime, shows: datetime
) -> None:
    arrival = wall_clock.arrival(on_the_wall, zone)
    departure = wall_clock.departure(on_the_wall, zone)

    assert (arrival, departure) == (instant, instant)
    assert wall_clock.shown(arrival, zone).replace(tzinfo=None) == shows


@pytest.mark.parametrize(
    ("zone", "on_the_wall", "first", "second"),
    [
        pytest.param(
            "Europe/Vienna",
            wall("2026-10-25T02:30"),
            utc("2026-10-25T00:30"),
            utc("2026-10-25T01:30"),
            id="Vienna",
        ),
        pytest.param(
            "America/New_York",
            wall("2026-11-01T01:00"),
            utc("2026-11-01T05:00"),
            utc("2026-11-01T06:00"),
            id="New York",
        ),
        pytest.param(
            "Australia/Lord_Howe",
            wall("2026-04-05T01:45"),
            utc("2026-04-04T14:45"),
            utc("2026-04-04T15:15"),
            id="an hour of which half comes twice",
        ),
    ],
)
@pytest.mark.parametrize("fold", [0, 1])
def test_a_time_that_comes_twice_is_taken_to_the_guests_advantage(
    *, zone: str, on_the_wall: datetime, first: datetime, second: datetime, fold: int
) -> None:
    on_the_wall = on_the_wall.replace(fold=fold)

    assert wall_clock.arrival(on_the_wall, zone) == first
    assert wall_clock.departure(on_the_wall, zone) == second


@settings(max_examples=500, database=None, deadline=None)
@given(
    on_the_wall=st.datetimes(min_value=wall("1970-01-03"), max_value=wall("2090-01-01")),
    zone=st.sampled_from(ZONES),
)
def test_what_a_clock_shows_at_an_instant_leads_back_to_it(on_the_wall: datetime, zone: str) -> None:
    around = [on_the_wall - HOURS_THAT_CLOCKS_CHANGE_BY, on_the_wall + HOURS_THAT_CLOCKS_CHANGE_BY]
    offsets = [near.replace(tzinfo=ZoneInfo(zone)).utcoffset() or timedelta() for near in around]
    possible = [on_the_wall.replace(tzinfo=UTC) - offset for offset in offsets]
    showing = [
        instant
        for instant in possible
        if instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == on_the_wall
    ]

    arrival, departure = wall_clock.arrival(on_the_wall, zone), wall_clock.departure(on_the_wall, zone)

    if showing:
        assert wall_clock.shown(arrival, zone).replace(tzinfo=None) == on_the_wall
        assert wall_clock.shown(departure, zone).replace(tzinfo=None) == on_the_wall
        assert (arrival, departure) == (min(showing), max(showing))
    else:
        assert arrival == departure
        assert wall_clock.shown(arrival, zone).replace(tzinfo=None) > on_the_wall


@pytest.mark.parametrize("turn", [wall_clock.arrival, wall_clock.departure])
def test_a_time_with_a_zone_of_its_own_is_refused(turn: object) -> None:
    assert callable(turn)

    with pytest.raises(ValueError, match="no zone of its own"):
        turn(utc("2026-06-15T12:00"), "Europe/Vienna")


@pytest.mark.parametrize("name", ["Europe/Vienna", "Asia/Dubai", "UTC", "America/Argentina/Buenos_Aires"])
def test_a_zone_of_the_iana_database_is_known(name: str) -> None:
    assert wall_clock.check_time_zone(name) == name


@pytest.mark.parametrize(
    "name",
    ["", "Vienna", "europe/vienna", "Europe/Vienna ", "Europe/Wien", "+01:00", "../../etc/passwd", "Europe"],
)
def test_anything_else_is_no_zone(name: str) -> None:
    with pytest.raises(wall_clock.UnknownTimeZone, match="Names look like Europe/Vienna"):
        wall_clock.check_time_zone(name)


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        pytest.param(utc("2026-06-15T12:00"), "2026-06-15T14:00:00+02:00", id="in summer"),
        pytest.param(
            utc("2026-10-25T00:30"), "2026-10-25T02:30:00+02:00", id="an hour that comes twice, first"
        ),
        pytest.param(utc("2026-10-25T01:30"), "2026-10-25T02:30:00+01:00", id="and then"),
    ],
)
def test_what_is_kept_of_an_instant_leads_back_to_it_for_either_side(instant: datetime, text: str) -> None:
    kept = wall_clock.kept(instant, "Europe/Vienna")

    assert kept == text
    assert wall_clock.is_kept_of(instant, kept)
    assert not wall_clock.is_kept_of(instant + timedelta(seconds=1), kept)
    assert wall_clock.arrival_anew(kept, "Europe/Vienna") == (instant, text)
    assert wall_clock.departure_anew(kept, "Europe/Vienna") == (instant, text)


def test_nothing_kept_is_kept_of_no_instant() -> None:
    assert not wall_clock.is_kept_of(utc("2026-06-15T12:00"), "")


@pytest.mark.parametrize(
    ("kept", "zone", "arrival", "departure"),
    [
        pytest.param(
            "2026-06-15T15:00:00+02:00",
            "Africa/Lagos",
            (utc("2026-06-15T14:00"), "2026-06-15T15:00:00+01:00"),
            (utc("2026-06-15T14:00"), "2026-06-15T15:00:00+01:00"),
            id="an hour later",
        ),
        pytest.param(
            "2026-03-29T02:30:00+00:00",
            "Europe/Vienna",
            (utc("2026-03-29T01:30"), "2026-03-29T02:30:00+01:00"),
            (utc("2026-03-29T01:30"), "2026-03-29T02:30:00+01:00"),
            id="into a gap",
        ),
        pytest.param(
            "2026-10-25T02:30:00+00:00",
            "Europe/Vienna",
            (utc("2026-10-25T00:30"), "2026-10-25T02:30:00+02:00"),
            (utc("2026-10-25T01:30"), "2026-10-25T02:30:00+01:00"),
            id="into an hour that comes twice",
        ),
    ],
)
def test_under_other_rules_the_time_on_the_wall_stays_and_the_instant_moves_once(
    kept: str, zone: str, arrival: tuple[datetime, str], departure: tuple[datetime, str]
) -> None:
    assert wall_clock.arrival_anew(kept, zone) == arrival
    assert wall_clock.departure_anew(kept, zone) == departure
    assert wall_clock.arrival_anew(arrival[1], zone) == arrival
    assert wall_clock.departure_anew(departure[1], zone) == departure


@pytest.mark.parametrize("name", ["", "Vienna", "../../etc/passwd", "Europe"])
def test_a_zone_that_nobody_knows_is_said_to_be_unknown(name: str) -> None:
    with pytest.raises(wall_clock.UnknownTimeZone):
        wall_clock.shown(utc("2026-06-15T12:00"), name)


@pytest.mark.parametrize(
    ("zone", "other", "differ"),
    [
        pytest.param("Europe/Vienna", "Europe/Berlin", False, id="two names, one time"),
        pytest.param("Europe/Vienna", "Europe/London", True, id="always an hour apart"),
        pytest.param("Europe/London", "Africa/Lagos", True, id="apart in winter only"),
        pytest.param("Europe/Vienna", "", False, id="a lock that does not say"),
        pytest.param("Europe/Vienna", "Mars/Base", False, id="a zone that nobody knows"),
    ],
)
def test_clocks_of_two_zones_are_compared_over_a_year(*, zone: str, other: str, differ: bool) -> None:
    assert wall_clock.clocks_differ(zone, other, utc("2026-06-15T12:00")) is differ
    assert wall_clock.clocks_differ(other, zone, utc("2026-12-15T12:00")) is differ
