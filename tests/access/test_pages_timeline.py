"""The timeline: who is where when, and what is free."""

import re
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from access import stays, timeline_views, timeline_ways
from access.models import Stay
from access.timeline_pages import Bar, Timeline, UnitLine
from nuki_gateway.simulator import TurnedClock
from properties import places, tenancy
from properties.models import Property
from properties.roles import Role
from tests.timeline import Timeline as Workers
from tests.visitors import Visitor, check_page, signed_in, with_role, words
from tests.worlds import Business

DAY = timedelta(days=1)
MOST_QUERIES = 12
TODAY = date(2026, 6, 15)


@pytest.fixture
def host(alice: Business, clock: TurnedClock) -> Visitor:
    return signed_in(alice, clock)


def usual(business: Business, first: int, last: int, unit: str = "Flat 1", **details: object) -> Stay:
    """A stay by days from today, from three o'clock until ten by the clocks of Vienna."""
    noon = datetime(2026, 6, 15, 12, tzinfo=UTC)
    starts_at, ends_at = noon + first * DAY + timedelta(hours=1), noon + last * DAY - timedelta(hours=4)
    booked_at = min(noon, starts_at)
    return business.book(now=booked_at, unit=unit, starts_at=starts_at, ends_at=ends_at, **details)


def in_los_angeles(business: Business) -> Property:
    """A house whose clocks show five in the morning, and its one flat."""
    place = places.add_property(
        organization=business.organization,
        name="Beach",
        time_zone="America/Los_Angeles",
        check_in_time=time(16),
        check_out_time=time(11),
    )
    business.flats["Beach flat"] = places.add_unit(
        place=place, name="Beach flat", way_in=[business.doors["Cellar"]]
    )
    return place


def page_of(host: Visitor, address: str = "/timeline") -> Timeline:
    shown = host.get(address).context["page"]
    assert isinstance(shown, Timeline)
    return shown


def line_of(page: Timeline, unit: str) -> UnitLine:
    return next(line for house in page.houses for line in house.units if line.name == unit)


def bars_of(page: Timeline, unit: str) -> list[Bar]:
    return [bar for place in line_of(page, unit).places for bar in place.bars]


def test_two_weeks_from_today_show_each_unit_with_its_stays(
    host: Visitor, alice: Business, timeline: Workers
) -> None:
    stay = usual(alice, 0, 2)
    usual(alice, 2, 4, guest_name="Bela Kis")
    timeline.pass_time(timedelta(hours=1, minutes=2))

    answer = host.get("/timeline")

    page = answer.context["page"]
    check_page(answer)
    assert page.period == "15 Jun to 28 Jun 2026"
    assert [head.day for head in page.heads] == [TODAY + number * DAY for number in range(14)]
    assert [(house.name, [line.name for line in house.units]) for house in page.houses] == [
        ("House", ["Attic", "Cellar", "Flat 1", "Flat 2"])
    ]
    assert [(bar.guest_name, bar.chip.word, bar.chip.tone, bar.words) for bar in bars_of(page, "Flat 1")] == [
        ("Ada Vogel", "In the house", "ready", "In the house, from Mon 15 Jun, 15:00 to Wed 17 Jun, 10:00"),
        ("Bela Kis", "Ready", "ready", "Ready, from Wed 17 Jun, 15:00 to Fri 19 Jun, 10:00"),
    ]
    assert f'href="/stays/{stay.pk}"' in answer.content.decode()


def test_a_turnover_leaves_no_room_between_two_stays(host: Visitor, alice: Business) -> None:
    usual(alice, 0, 2)
    usual(alice, 2, 4, guest_name="Bela Kis")

    line = line_of(page_of(host), "Flat 1")

    assert [(place.width, bool(place.bars)) for place in line.places[:5]] == [
        (1, False),
        (4, True),
        (4, True),
        (1, False),
        (2, False),
    ]


def test_every_row_of_the_table_has_as_many_columns_as_its_head(host: Visitor, alice: Business) -> None:
    usual(alice, -3, 2)
    usual(alice, 2, 40, guest_name="Bela Kis")
    usual(alice, 0, 1, unit="Flat 2")

    page = host.get("/timeline").content.decode()

    rows = re.findall(r'<tr class="tape-row">.*?</tr>', page, re.DOTALL)
    assert [sum(int(width) for width in re.findall(r'colspan="(\d+)"', row)) for row in rows] == [28] * 4
    assert page.count("began-before") == 1
    assert page.count("goes-on") == 1


def test_the_same_stays_are_told_day_by_day(host: Visitor, alice: Business) -> None:
    usual(alice, 0, 2)
    usual(alice, 2, 4, guest_name="Bela Kis")

    days = page_of(host).days

    assert [
        ([bar.guest_name for bar in one.leaving], [bar.guest_name for bar in one.arriving])
        for one in days[:5]
    ] == [([], ["Ada Vogel"]), ([], []), (["Ada Vogel"], ["Bela Kis"]), ([], []), (["Bela Kis"], [])]
    assert [[bar.guest_name for bar in one.inside] for one in days[:5]] == [
        [],
        ["Ada Vogel"],
        [],
        ["Bela Kis"],
        [],
    ]
    assert days[0].is_today


def test_cancelled_stays_are_in_nobodys_way(host: Visitor, alice: Business) -> None:
    stay = usual(alice, 0, 2)
    stays.cancel(stay=stay, cancelled_by=alice.owner, now=host.clock.now())

    page = page_of(host)

    assert bars_of(page, "Flat 1") == []
    assert all(place.book_url for place in line_of(page, "Flat 1").places)


def test_free_days_lead_to_the_form_with_unit_and_night(host: Visitor, alice: Business) -> None:
    flat = alice.flats["Flat 1"].pk
    usual(alice, 1, 3)

    line = line_of(page_of(host), "Flat 1")

    assert [(place.head.day.day, place.book_url) for place in line.places[:5]] == [
        (15, f"/stays/book?unit={flat}&from=2026-06-15&until=2026-06-16"),
        (16, ""),  # free until the arrival
        (16, ""),
        (18, f"/stays/book?unit={flat}&from=2026-06-18&until=2026-06-19"),  # after the departure
        (19, f"/stays/book?unit={flat}&from=2026-06-19&until=2026-06-20"),
    ]
    assert line.places[3].book_words == "Book Flat 1 from Thu 18 Jun"


def test_one_free_half_day_is_no_night(host: Visitor, alice: Business) -> None:
    usual(alice, 0, 2)
    late = datetime(2026, 6, 18, 1, tzinfo=UTC)  # three in the morning after the night that would be free
    alice.book(now=host.clock.now(), guest_name="Bela Kis", starts_at=late, ends_at=late + 2 * DAY)

    free = [place for place in line_of(page_of(host), "Flat 1").places if not place.bars]

    assert [(place.head.day.day, bool(place.book_url)) for place in free[:2]] == [(15, False), (17, False)]


def test_days_that_are_over_and_units_without_a_lock_cannot_be_booked(host: Visitor) -> None:
    page = page_of(host, "/timeline?from=2026-06-13")

    assert [bool(place.book_url) for place in line_of(page, "Flat 1").places[:4]] == [
        False,
        False,
        True,
        True,
    ]
    assert line_of(page, "Attic").note == "No lock yet"
    assert not any(place.book_url for place in line_of(page, "Attic").places)


def test_what_was_chosen_stands_in_the_form(host: Visitor, alice: Business) -> None:
    flat = alice.flats["Flat 2"].pk

    form = host.get(f"/stays/book?unit={flat}&from=2026-07-01&until=2026-07-04").context["form"]

    assert form["unit"].value() == flat
    assert 'value="2026-07-01T15:00"' in str(form["starts"])
    assert 'value="2026-07-04T10:00"' in str(form["ends"])


@pytest.mark.parametrize(
    ("named", "starts", "ends"),
    [
        pytest.param({"from": "x", "until": "y"}, "2026-06-15T15:00", "2026-06-16T10:00", id="no days"),
        pytest.param({"from": "2026-07-01"}, "2026-07-01T15:00", "2026-07-02T10:00", id="no end"),
        pytest.param({"until": "2026-06-20"}, "2026-06-15T15:00", "2026-06-20T10:00", id="no start"),
        pytest.param(
            {"from": "2026-07-04", "until": "2026-07-01"},
            "2026-07-04T15:00",
            "2026-07-05T10:00",
            id="leaves before coming",
        ),
        pytest.param(
            {"from": "9999-12-31", "until": "0001-01-01"},
            "2026-06-15T15:00",
            "2026-06-16T10:00",
            id="the ends of time",
        ),
        pytest.param(
            {"from": "2026-02-30", "until": "²"}, "2026-06-15T15:00", "2026-06-16T10:00", id="no such day"
        ),
    ],
)
def test_days_that_the_form_cannot_read_are_the_usual_ones(
    host: Visitor, named: dict[str, str], starts: str, ends: str
) -> None:
    form = host.get("/stays/book", query_params=named).context["form"]

    assert f'value="{starts}"' in str(form["starts"])
    assert f'value="{ends}"' in str(form["ends"])


def test_weeks_lead_on_for_the_same_property(host: Visitor, alice: Business) -> None:
    house = alice.house.pk

    ways = page_of(host, f"/timeline?from=2026-11-21&property={house}").ways

    assert (ways.previous_url, ways.next_url, ways.today_url) == (
        f"/timeline?from=2026-11-14&property={house}",
        f"/timeline?from=2026-11-28&property={house}",
        f"/timeline?property={house}",
    )


@pytest.mark.parametrize("junk", ["", "x", "-1", "0", "٣", "²", "1e3", "9999-12-31", "9" * 30])
def test_an_address_that_names_nothing_of_ours_shows_everything_from_today(host: Visitor, junk: str) -> None:
    answer = host.get("/timeline", query_params=dict.fromkeys(("from", "property", "after"), junk))

    page = answer.context["page"]
    assert answer.status_code == 200
    assert page.first_day == TODAY
    assert len(page.houses[0].units) == 4


@pytest.mark.parametrize("first_day", ["2000-01-01", "2199-12-31"])
def test_the_first_and_the_last_day_of_all_have_a_page(host: Visitor, first_day: str) -> None:
    page = page_of(host, f"/timeline?from={first_day}")

    assert page.first_day == date.fromisoformat(first_day)
    assert host.get(page.ways.previous_url).status_code == 200
    assert host.get(page.ways.next_url).status_code == 200


def test_one_property_can_be_chosen(host: Visitor, alice: Business) -> None:
    beach = in_los_angeles(alice)
    usual(alice, 0, 2)
    usual(alice, 0, 2, unit="Beach flat", guest_name="Bela Kis")

    everything, chosen = page_of(host), page_of(host, f"/timeline?property={beach.pk}")

    assert [(house.name, house.zone) for house in everything.houses] == [
        ("Beach", "America/Los_Angeles"),
        ("House", "Europe/Vienna"),
    ]
    assert [(house.name, house.zone) for house in chosen.houses] == [("Beach", "")]
    assert [(choice.name, choice.is_chosen) for choice in chosen.choices] == [
        ("Beach", True),
        ("House", False),
    ]
    assert [bar.where for bar in bars_of(everything, "Beach flat")] == ["Beach flat · Beach"]
    assert [bar.where for bar in bars_of(chosen, "Beach flat")] == ["Beach flat"]


def test_each_property_has_the_days_of_its_own_clocks(host: Visitor, alice: Business) -> None:
    beach = in_los_angeles(alice)
    host.clock.turn(seconds=timedelta(hours=12).total_seconds())  # 02:00 in Vienna, 17:00 there
    starts_at = datetime(2026, 6, 16, 1, tzinfo=UTC)  # 03:00 on the 16th in Vienna, 18:00 on the 15th there
    for unit in ("Flat 1", "Beach flat"):
        alice.book(now=host.clock.now(), unit=unit, starts_at=starts_at, ends_at=starts_at + DAY)

    page = page_of(host, "/timeline?from=2026-06-15")

    assert [bar.starts.isoformat() for unit in ("Flat 1", "Beach flat") for bar in bars_of(page, unit)] == [
        "2026-06-16T03:00:00",
        "2026-06-15T18:00:00",
    ]
    assert [head.day.day for head in page.heads if head.is_today] == [15, 16]
    assert [place.head.day.day for place in line_of(page, "Cellar").places if place.is_today] == [16]
    assert page_of(host, f"/timeline?property={beach.pk}").first_day == date(2026, 6, 15)
    assert page_of(host, f"/timeline?property={alice.house.pk}").first_day == date(2026, 6, 16)


def test_more_units_are_a_page_further(
    host: Visitor, alice: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeline_views, "UNITS", 3)
    usual(alice, 0, 2, unit="Flat 2")

    first = page_of(host)
    second = page_of(host, first.ways.more_url)

    assert [line.name for house in first.houses for line in house.units] == ["Attic", "Cellar", "Flat 1"]
    assert [line.name for house in second.houses for line in house.units] == ["Flat 2"]
    assert [bar.guest_name for bar in bars_of(second, "Flat 2")] == ["Ada Vogel"]
    assert (first.ways.first_url, second.ways.more_url) == ("", "")
    assert second.ways.first_url == "/timeline?from=2026-06-15"
    assert second.ways.next_url == f"/timeline?from=2026-06-22&after={alice.flats['Flat 1'].pk}"


def test_a_viewer_sees_the_stays_and_can_book_none(alice: Business, clock: TurnedClock) -> None:
    usual(alice, 0, 2)

    answer = with_role(alice, clock, Role.VIEWER).get("/timeline")

    page = answer.context["page"]
    assert [bar.guest_name for bar in bars_of(page, "Flat 1")] == ["Ada Vogel"]
    assert not any(place.book_url for house in page.houses for unit in house.units for place in unit.places)
    assert "/stays/book" not in answer.content.decode()


def test_before_there_is_a_unit_the_page_says_what_comes_first(host: Visitor, alice: Business) -> None:
    alice.house.units.all().delete()

    answer = host.get("/timeline")

    assert "No units here yet." in words(answer)
    check_page(answer)


@pytest.mark.usefixtures("alice")
def test_charlie_sees_nothing_of_alice(charlie: Business, alice: Business, clock: TurnedClock) -> None:
    usual(alice, 0, 2)
    visitor = signed_in(charlie, clock)
    named = {"property": str(alice.house.pk), "after": str(alice.flats["Attic"].pk)}

    answer = visitor.get("/timeline", query_params=named)

    page = answer.context["page"]
    with tenancy.within(charlie.organization):
        ours = [(choice.pk, choice.is_chosen) for choice in page.choices]
        assert ours == [(charlie.house.pk, False)]
    assert "Ada Vogel" not in words(answer)
    assert page.ways.first_url == ""
    assert len(page.houses[0].units) == 4


def test_codes_do_not_stand_on_the_timeline(host: Visitor, alice: Business) -> None:
    usual(alice, 0, 2, code="384174")

    page = host.get("/timeline").content.decode()

    assert "Ada Vogel" in page
    assert ("384174" in page, "38 41 74" in page) == (False, False)


def test_the_page_costs_the_same_for_3_units_and_for_30(host: Visitor, alice: Business) -> None:
    alice.flats["Attic"].delete()
    few = [alice.flats[name] for name in ("Cellar", "Flat 1", "Flat 2")]
    for unit in few:
        usual(alice, 0, 2, unit=unit.name)
    with CaptureQueriesContext(connection) as for_few:
        page_of(host)
    way_in = [alice.doors["Front door"], alice.doors["Cellar"]]
    for number in range(27):
        name = f"Flat {number + 3}"
        alice.flats[name] = places.add_unit(place=alice.house, name=name, way_in=way_in)
        usual(alice, 0, 2, unit=name, guest_name=f"Guest {number}")

    with CaptureQueriesContext(connection) as for_many:
        page = page_of(host)

    assert sum(len(house.units) for house in page.houses) == 30
    assert len(page.days[0].arriving) == 30
    assert len(for_few) == len(for_many) <= MOST_QUERIES


def test_the_window_is_as_long_as_the_table_of_the_page(host: Visitor) -> None:
    page = host.get("/timeline").content.decode()

    assert f'<col span="{2 * timeline_ways.DAYS}">' in page
