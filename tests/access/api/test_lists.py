"""Lists: a page at a time, filtered and ordered, and the same rows once each whatever comes and goes."""

from datetime import timedelta

import pytest

from access.models import Stay
from nuki_gateway.simulator import TurnedClock
from tests.access.api.programs import Program, problem
from tests.timeline import Timeline
from tests.worlds import Business

DAY = timedelta(days=1)


def ids_of(program: Program, path: str) -> list[str]:
    """All ids of a list, page by page."""
    found, cursor = [], ""
    while True:
        page = program.get(path + cursor).json()
        found += [one["id"] for one in page["data"]]
        if page["next_cursor"] is None:
            return found
        cursor = f"&cursor={page['next_cursor']}"


@pytest.fixture
def seven(alice: Business, clock: TurnedClock) -> list[str]:
    """Seven stays, of which some start at the same instant; the latest arrival first."""
    booked = [
        alice.book(now=clock.now(), unit=unit, starts_at=start, ends_at=start + DAY)
        for start in (clock.now(), clock.now() + 2 * DAY, clock.now() + 4 * DAY)
        for unit in ("Flat 1", "Flat 2")
    ]
    booked.append(alice.book(now=clock.now(), unit="Cellar"))
    ordered = sorted(booked, key=lambda one: (one.starts_at, one.pk), reverse=True)
    return [f"stay_{one.pk}" for one in ordered]


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 50])
def test_pages_together_are_the_whole_list(program: Program, seven: list[str], limit: int) -> None:
    assert ids_of(program, f"/stays?limit={limit}") == seven
    assert ids_of(program, f"/stays?order=starts_at&limit={limit}") == seven[::-1]


def test_a_page_goes_on_where_the_last_one_ended_though_its_last_row_is_gone(
    program: Program, seven: list[str], alice: Business, clock: TurnedClock
) -> None:
    first = program.get("/stays?limit=3").json()
    last = Stay.objects.get(pk=int(first["data"][-1]["id"].removeprefix("stay_")))
    Stay.objects.filter(pk=last.pk).update(starts_at=clock.now() + 20 * DAY, ends_at=clock.now() + 21 * DAY)
    alice.book(
        now=clock.now(), unit="Cellar", starts_at=clock.now() + 9 * DAY, ends_at=clock.now() + 10 * DAY
    )

    second = program.get(f"/stays?cursor={first['next_cursor']}").json()

    assert [one["id"] for one in second["data"]] == seven[3:]


def test_a_cursor_of_another_list_or_order_is_refused(program: Program, seven: list[str]) -> None:
    assert seven
    cursor = program.get("/stays?limit=3").json()["next_cursor"]

    other_list = program.get(f"/units?cursor={cursor}")
    other_order = program.get(f"/stays?order=starts_at&cursor={cursor}")

    assert problem(other_list) == problem(other_order) == (400, "invalid_request")
    assert other_list.json()["field"] == other_order.json()["field"] == "cursor"


def test_stays_are_found_by_what_is_known_of_them(
    program: Program, seven: list[str], alice: Business, clock: TurnedClock
) -> None:
    other = alice.book(
        now=clock.now(),
        unit="Cellar",
        guest_name="Carla",
        guest_email="carla@guests.example",
        starts_at=clock.now() + 6 * DAY,
        ends_at=clock.now() + 7 * DAY,
        external_id="R-9",
    )
    carla = f"stay_{other.pk}"
    program.post(f"/stays/{seven[0]}/cancel")
    soon = (clock.now() + DAY).isoformat().replace("+", "%2B")

    assert ids_of(program, "/stays?guest_email=CARLA@guests.example") == [carla]
    assert ids_of(program, f"/stays?guest=guest_{other.guest_id}") == [carla]
    assert ids_of(program, "/stays?external_id=R-9") == [carla]
    assert len(ids_of(program, f"/stays?unit=unit_{alice.flats['Cellar'].pk}")) == 2
    assert ids_of(program, "/stays?status=cancelled") == seven[:1]
    assert len(ids_of(program, "/stays?status=here")) == 3
    assert len(ids_of(program, "/stays?status=coming")) == 4
    assert len(ids_of(program, f"/stays?property=prop_{alice.house.pk}")) == 8
    assert len(ids_of(program, f"/stays?starts_before={soon}")) == 3
    assert len(ids_of(program, f"/stays?ends_after={soon}&status=here")) == 1
    assert ids_of(program, "/stays?unit=unit_0") == []


def test_places_locks_and_guests_are_listed(program: Program, alice: Business, clock: TurnedClock) -> None:
    alice.book(now=clock.now())
    house, flat = f"prop_{alice.house.pk}", f"unit_{alice.flats['Flat 1'].pk}"

    properties = program.get("/properties").json()["data"]
    units = program.get(f"/units?property={house}").json()["data"]
    doors = program.get(f"/doors?unit={flat}").json()["data"]
    guests = program.get("/guests?email=ada@guests.example").json()["data"]

    assert [(one["id"], one["time_zone"], one["check_in_time"]) for one in properties] == [
        (house, "Europe/Vienna", "15:00")
    ]
    assert [one["name"] for one in units] == ["Flat 1", "Flat 2", "Cellar", "Attic"]
    assert {one["name"] for one in doors} == {"Front door", "Flat 1"}
    assert [(one["name"], one["is_erased"]) for one in guests] == [("Ada Vogel", False)]


def test_locks_say_how_they_are_and_how_full(
    program: Program, alice: Business, clock: TurnedClock, timeline: Timeline
) -> None:
    alice.book(now=clock.now())
    timeline.pass_seconds(60)

    locks = {one["name"]: one for one in program.get("/locks").json()["data"]}

    assert locks["Flat 1"]["health"] == {"state": "ready", "sentence": "online"}
    assert locks["Flat 1"]["capacity"] == {"places": 200, "taken": 1}
    assert locks["Flat 1"]["door"] == f"door_{alice.doors['Flat 1'].pk}"
    assert (locks["Cellar"]["has_keypad"], locks["Cellar"]["health"]["state"]) == (False, "ready")


def test_what_happened_is_listed_with_whose_code_it_was(
    program: Program, alice: Business, clock: TurnedClock, timeline: Timeline
) -> None:
    stay = alice.book(now=clock.now())
    timeline.pass_seconds(60)
    assert alice.opens("Flat 1", next(iter(alice.codes_on("Flat 1"))))
    timeline.pass_seconds(10)
    alice.read_log(now=timeline.now)

    latest = program.get("/activity?limit=1").json()["data"][0]
    of_the_stay = program.get(f"/activity?stay=stay_{stay.pk}").json()["data"]

    assert (latest["kind"], latest["means"], latest["stay"]) == ("opened", "keypad", f"stay_{stay.pk}")
    assert latest["sentence"] == "Ada Vogel opened Flat 1"
    assert [one["id"] for one in of_the_stay] == [latest["id"]]


def test_alerts_are_listed_while_they_are_open_and_after(program: Program, alice: Business) -> None:
    assert program.get("/alerts").json() == {"data": [], "next_cursor": None}
    assert program.get("/alerts?status=closed").json() == {"data": [], "next_cursor": None}
    assert alice.organization.name == program.get("/organization").json()["name"]
