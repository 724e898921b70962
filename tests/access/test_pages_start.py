"""Getting started: what comes next, what each lock lacks, and locks on doors."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from access import placing, start_forms
from access.models import AuditEntry, AuditKind, Grant
from access.placing import Placement
from nuki_gateway.models import ServerState
from nuki_gateway.simulator import Simulator, TurnedClock
from properties import nuki_accounts, places, tenancy
from properties.models import Door, NukiAccount, Property, SmartLock, Unit, UnitDoor
from properties.roles import Role
from tests.access import newcomers
from tests.access.newcomers import Newcomer
from tests.timeline import Timeline
from tests.visitors import Visitor, check_page, signed_in, with_role, words
from tests.worlds import ZONE, Business, code_of

MOST_QUERIES = 12
SHARED = {"Front_door": {"opens": "every", "unit": ""}}


@pytest.fixture
def nora(db: None, simulator: Simulator) -> Iterator[Newcomer]:  # noqa: ARG001
    made = newcomers.found(simulator)
    with tenancy.within(made.organization):
        yield made


@pytest.fixture
def connected(nora: Newcomer, clock: TurnedClock) -> Newcomer:
    nora.connect(now=clock.now())
    return nora


@pytest.fixture
def visitor(nora: Newcomer, clock: TurnedClock) -> Visitor:
    return Visitor(clock).sign_in(nora.owner)


def states(visitor: Visitor) -> list[str]:
    return [step.chip.word for step in visitor.get("/start").context["page"].steps]


def ways_in() -> dict[str, list[str]]:
    """The doors on the way into each unit."""
    steps = UnitDoor.objects.order_by("unit__name", "position").values_list("unit__name", "door__name")
    found: dict[str, list[str]] = {}
    for unit, door in steps:
        found.setdefault(unit, []).append(door)
    return found


def rows() -> tuple[int, int, int, int]:
    return Property.objects.count(), Door.objects.count(), Unit.objects.count(), UnitDoor.objects.count()


def errors(answer: Any) -> dict[str, dict[str, list[str]]]:
    """What is said at each row's fields, by the lock's name."""
    form = answer.context["form"]
    said = {row.lock.name: dict(row.errors) for row in form.rows if row.errors}
    return said | ({"zone": dict(form.zone.errors)} if form.zone.errors else {})


def test_each_step_follows_from_what_is_there(visitor: Visitor, nora: Newcomer, timeline: Timeline) -> None:
    at_first = visitor.get("/start")
    seen = [states(visitor)]
    visitor.post("/nuki-accounts/connect", {"name": "Nuki", "token": newcomers.TOKEN})
    SmartLock.objects.update(has_keypad=True)
    seen.append(states(visitor))
    visitor.post("/start/doors", nora.typed(Front_door=SHARED["Front_door"], Flat_2={"use": None}))
    seen.append(states(visitor))
    visitor.post("/start/test", {"door": Door.objects.get(name="Flat 1").pk})
    timeline.pass_seconds(60)
    seen.append(states(visitor))
    visitor.post("/start/test/end")
    in_the_frame = words(visitor.get("/"))
    visitor.post(
        "/stays/book",
        {
            "unit": Unit.objects.get().pk,
            "guest_name": "Ada Vogel",
            "guest_email": "ada@guests.example",
            "language": "en",
            "starts": "2026-06-16T15:00",
            "ends": "2026-06-18T10:00",
        },
    )
    seen.append(states(visitor))

    assert seen == [
        ["Next", "Not yet", "Not yet", "Not yet", "Not yet"],
        ["Done", "Done", "Next", "Not yet", "Not yet"],
        ["Done", "Done", "Done", "Next", "Not yet"],
        ["Done", "Done", "Done", "Done", "Next"],
        ["Done", "Done", "Done", "Done", "Done"],
    ]
    assert "Connect the Nuki account that your locks belong to." in words(at_first)
    assert "0 of 5 steps are done. Leave whenever you like: nothing is lost." in words(at_first)
    assert "Getting started" in in_the_frame
    assert "Getting started" not in words(visitor.get("/"))
    check_page(at_first)


def test_only_the_next_step_and_what_is_done_have_a_button(visitor: Visitor, connected: Newcomer) -> None:
    assert connected.account

    steps = visitor.get("/start").context["page"].steps

    assert [step.url for step in steps] == ["/nuki-accounts", "/start/locks", "/start/doors", "", ""]
    assert [step.is_next for step in steps] == [False, False, True, False, False]


def test_an_account_that_nuki_refuses_is_said_first(
    visitor: Visitor, connected: Newcomer, clock: TurnedClock
) -> None:
    NukiAccount.objects.filter(pk=connected.account.pk if connected.account else 0).update(
        broken_since=clock.now()
    )

    page = visitor.get("/start").context["page"]

    assert (page.answer, page.tone) == ("Nuki no longer accepts one of your accounts.", "act")
    assert page.steps[0].chip.word == "Look at it"


def test_an_empty_board_leads_to_the_first_steps_and_one_with_a_stay_does_not(
    alice: Business, clock: TurnedClock
) -> None:
    host = signed_in(alice, clock)

    empty = host.get("/").content.decode()
    alice.book(now=clock.now(), booked_by=None)
    booked = host.get("/").content.decode()

    assert 'href="/b/harbour-stays/start"' in empty
    assert 'href="/b/harbour-stays/start"' not in booked


@pytest.mark.parametrize("role", [Role.STAFF, Role.VIEWER])
def test_who_may_not_change_places_is_not_led_there(alice: Business, clock: TurnedClock, role: Role) -> None:
    visitor = with_role(alice, clock, role)

    assert "Getting started" not in words(visitor.get("/"))
    assert [visitor.get(path).status_code for path in ("/start", "/start/locks", "/start/doors")] == [403] * 3


def test_once_connected_one_sees_the_locks_and_what_they_lack(
    visitor: Visitor, nora: Newcomer, clock: TurnedClock
) -> None:
    led = visitor.post("/nuki-accounts/connect", {"name": "Nuki", "token": newcomers.TOKEN})
    offline = {"server_state": ServerState.OFFLINE, "offline_since": clock.now() - timedelta(hours=2)}
    SmartLock.objects.filter(name="Flat 1").update(**offline, battery_critical=True)

    answer = visitor.get(led.headers["Location"])

    assert led.headers["Location"] == "/start/locks"
    found = {row.name: row for row in answer.context["page"].rows}
    assert {name: row.chip.word for name, row in found.items()} == {
        "Flat 1": "Does not answer",
        "Flat 2": "No keypad",
        "Front door": "Ready for codes",
    }
    assert found["Flat 1"].lacks == [
        "Nuki does not reach it since 10:00. Check its Wi-Fi or its bridge.",
        "Its batteries are nearly empty. Change them.",
    ]
    assert {name: row.help.word for name, row in found.items()} == {
        "Flat 1": "Look again",
        "Flat 2": "Sync and look again",
        "Front door": "Put on a door",
    }
    assert answer.context["page"].answer == "2 locks lack something."
    assert nora.organization.name in words(answer)
    check_page(answer)


@pytest.mark.parametrize(
    ("health", "word", "sentence", "helps"),
    [
        pytest.param(
            {"subscription_ended": True},
            "No subscription",
            "Renew it in Nuki Web.",
            "Open Nuki Web",
            id="subscription",
        ),
        pytest.param(
            {"keypad_battery_critical": True},
            "Keypad battery low",
            "The battery of its keypad is nearly empty.",
            "Look again",
            id="keypad's battery",
        ),
        pytest.param(
            {"time_zone": "Asia/Dubai"},
            "Another time zone",
            f"Its clock is set to Asia/Dubai, and House is in {ZONE}.",
            "Edit property",
            id="clock",
        ),
        pytest.param({}, "Ready for codes", "", "Try this door", id="nothing"),
    ],
)
def test_each_lack_is_a_sentence_with_what_helps(
    alice: Business, clock: TurnedClock, health: dict[str, Any], word: str, sentence: str, helps: str
) -> None:
    SmartLock.objects.filter(pk=alice.locks["Flat 1"].pk).update(**health)

    answer = signed_in(alice, clock).get("/start/locks")

    row = next(one for one in answer.context["page"].rows if one.name == "Flat 1")
    assert (row.chip.word, row.help.word) == (word, helps)
    assert sentence in " ".join(row.lacks)
    check_page(answer)


def test_a_keypad_that_was_paired_meanwhile_is_seen_after_sync_and_another_look(
    visitor: Visitor, connected: Newcomer, clock: TurnedClock
) -> None:
    lock = connected.locks["Flat 2"]
    led = visitor.post(f"/locks/{lock.pk}/read", {"back": "start"})
    asked = next(row for row in visitor.get("/start/locks").context["page"].rows if row.name == "Flat 2")
    connected.simulator.set_keypad(lock.smartlock_id, "keypad")
    clock.turn(seconds=10)

    account = NukiAccount.objects.get()
    done = visitor.post(f"/nuki-accounts/{account.pk}/import", {"back": "start"})
    nuki_accounts.refresh(account=account, now=clock.now())

    row = next(row for row in visitor.get("/start/locks").context["page"].rows if row.name == "Flat 2")
    assert led.headers["Location"] == done.headers["Location"] == "/start/locks"
    assert asked.reading.sentence == "The lock is being read. That takes some seconds."
    assert row.chip.word == "Ready for codes"


def test_every_lock_is_on_one_of_the_pages(visitor: Visitor, connected: Newcomer) -> None:
    add_locks(connected, 60)

    first = visitor.get("/start/locks").context["page"]
    second = visitor.get(f"/start/locks{first.next_url}").context["page"]

    names = [row.name for page in (first, second) for row in page.rows]
    assert (len(first.rows), second.next_url, second.live_url) == (50, None, "")
    assert names == sorted(connected.locks)


def add_locks(newcomer: Newcomer, count: int) -> list[SmartLock]:
    account, known = NukiAccount.objects.get(), SmartLock.objects.count()
    return SmartLock.objects.bulk_create(
        SmartLock(
            organization=newcomer.organization,
            nuki_account=account,
            smartlock_id=900_000 + number,
            device_type=4,
            name=f"Lock {number:03}",
            has_keypad=number % 3 > 0,
            time_zone=ZONE,
            server_state=ServerState.OK,
            listed_at=account.connected_at,
        )
        for number in range(known, known + count)
    )


@pytest.mark.parametrize("path", ["/start", "/start/locks", "/start/doors", "/start/test"])
def test_the_number_of_queries_does_not_grow_with_locks_and_doors(
    visitor: Visitor, connected: Newcomer, path: str
) -> None:
    counts = []
    for count in (1, 10):
        house = newcomers_house(connected, f"House {count}")
        for lock in add_locks(connected, count):
            door = places.add_door(place=house, name=lock.name, smart_lock=lock)
            places.add_unit(place=house, name=lock.name, way_in=[door])
        add_locks(connected, count)
        with CaptureQueriesContext(connection) as queries:
            visitor.get(path)
        counts.append(len(queries))

    assert counts[0] == counts[1] <= MOST_QUERIES


def test_the_form_is_preset_with_what_is_most_likely_meant(visitor: Visitor, connected: Newcomer) -> None:
    assert connected.account

    answer = visitor.get("/start/doors")

    form = answer.context["form"]
    assert {row.lock.name: row.initial for row in form.rows} == {
        "Flat 1": {"use": True, "house": "Lind Rooms", "door": "Flat 1", "opens": "one", "unit": "Flat 1"},
        "Flat 2": {"use": False, "house": "Lind Rooms", "door": "Flat 2", "opens": "one", "unit": "Flat 2"},
        "Front door": {
            "use": True,
            "house": "Lind Rooms",
            "door": "Front door",
            "opens": "every",
            "unit": "",
        },
    }
    assert form.zone.initial == {"time_zone": "Europe/Berlin"}
    check_page(answer)


@pytest.mark.usefixtures("db")
def test_one_lock_alone_is_preset_as_a_place_of_its_own(simulator: Simulator, clock: TurnedClock) -> None:
    nora = newcomers.found(simulator, locks={"Gate house": "keypad"})
    nora.connect(now=clock.now())

    (row,) = Visitor(clock).sign_in(nora.owner).get("/start/doors").context["form"].rows

    assert row.initial == {
        "use": True,
        "house": "Gate house",
        "door": "Gate house",
        "opens": "one",
        "unit": "Gate house",
    }


def test_one_button_makes_property_doors_and_units_and_leads_on(
    visitor: Visitor, connected: Newcomer
) -> None:
    answer = visitor.post("/start/doors", connected.typed(Front_door=SHARED["Front_door"]))

    assert (answer.status_code, answer.headers["Location"]) == (302, "/start")
    assert Property.objects.values_list("name", "time_zone").get() == ("House", "Europe/Berlin")
    assert dict(Door.objects.values_list("name", "smart_lock__name")) == {
        name: name for name in connected.locks
    }
    assert ways_in() == {"Flat 1": ["Front door", "Flat 1"], "Flat 2": ["Front door", "Flat 2"]}
    assert AuditEntry.objects.filter(kind=AuditKind.LOCK_PUT_ON_DOOR, by=connected.owner).count() == 3


def test_sent_twice_it_is_done_once(visitor: Visitor, connected: Newcomer) -> None:
    fields = connected.typed(Front_door=SHARED["Front_door"])

    answers = [visitor.post("/start/doors", fields) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert rows() == (1, 3, 2, 4)


def test_locks_that_are_left_out_stay_free_and_are_offered_again(
    visitor: Visitor, connected: Newcomer
) -> None:
    visitor.post("/start/doors", connected.typed(Flat_2={"use": None, "house": "", "door": ""}))

    (row,) = visitor.get("/start/doors").context["form"].rows
    assert row.lock.name == "Flat 2"
    assert row.initial["house"] == "House"
    assert rows()[:2] == (1, 2)


REQUIRED = ["This field is required."]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"Flat_1": {"door": ""}}, {"Flat 1": {"door": REQUIRED}}, id="no door"),
        pytest.param({"Flat_1": {"house": " "}}, {"Flat 1": {"house": REQUIRED}}, id="no property"),
        pytest.param({"Flat_1": {"unit": ""}}, {"Flat 1": {"unit": REQUIRED}}, id="no unit"),
        pytest.param(
            {"Flat_1": {"door": "x" * 101}},
            {"Flat 1": {"door": ["Ensure this value has at most 100 characters (it has 101)."]}},
            id="name too long",
        ),
        pytest.param(
            {"Flat_1": {"door": "flat 2"}},
            {
                "Flat 1": {"door": ["flat 2 would have two locks. Give each door a name of its own."]},
                "Flat 2": {"door": ["Flat 2 would have two locks. Give each door a name of its own."]},
            },
            id="two locks on one door",
        ),
        pytest.param(
            {name: {"opens": "every"} for name in ("Front_door", "Flat_1", "Flat_2")},
            {
                name: {"opens": ["House has no unit yet. Let at least one door lead to a unit."]}
                for name in ("Front door", "Flat 1", "Flat 2")
            },
            id="no unit at all",
        ),
        pytest.param(
            {"Flat_1": {"opens": "junk"}},
            {"Flat 1": {"opens": ["Select a valid choice. junk is not one of the available choices."]}},
            id="junk",
        ),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_nothing_is_changed(
    visitor: Visitor, connected: Newcomer, changes: dict[str, Any], said: dict[str, Any]
) -> None:
    answer = visitor.post("/start/doors", connected.typed(**changes))

    assert errors(answer) == said
    assert rows() == (0, 0, 0, 0)
    check_page(answer)


def test_nothing_that_was_typed_is_lost_on_a_mistake(visitor: Visitor, connected: Newcomer) -> None:
    mistake: dict[str, Any] = {
        "Flat_1": {"door": "", "unit": "Room at the back"},
        "Flat_2": {"use": None, "house": "Barn"},
    }

    page = visitor.post("/start/doors", connected.typed(**mistake)).content.decode()

    assert 'value="Room at the back"' in page
    assert 'value="Barn"' in page


@pytest.mark.parametrize(
    ("zone", "sentence"),
    [
        pytest.param(
            "Mars/Base", "This is no time zone we know. Names look like Europe/Vienna.", id="unknown"
        ),
        pytest.param("../etc", "This is no time zone we know. Names look like Europe/Vienna.", id="a path"),
        pytest.param("", "Say which zone the clocks of House show.", id="none"),
    ],
)
def test_a_zone_that_is_none_is_said_at_its_field(
    visitor: Visitor, connected: Newcomer, zone: str, sentence: str
) -> None:
    answer = visitor.post("/start/doors", connected.typed() | {"time_zone": zone})

    assert sentence in words(answer)
    assert set(errors(answer)) == {"zone"}
    assert 'value="Flat 1"' in answer.content.decode()
    assert rows() == (0, 0, 0, 0)


def test_nothing_chosen_is_said(visitor: Visitor, connected: Newcomer) -> None:
    unused = {name.replace(" ", "_"): {"use": None} for name in connected.locks}

    answers = [
        visitor.post("/start/doors", fields)
        for fields in (connected.typed(**unused), {}, {"lock": ["x", "9" * 30]})
    ]

    assert "Choose at least one lock." in words(answers[0])
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert rows() == (0, 0, 0, 0)


def test_a_lock_that_somebody_put_on_a_door_meanwhile_is_left_there_and_the_second_is_told(
    visitor: Visitor, connected: Newcomer
) -> None:
    fields = connected.typed()
    house = newcomers_house(connected)
    places.add_door(place=house, name="Cellar", smart_lock=connected.locks["Flat 1"])
    before = rows()

    answer = visitor.post("/start/doors", fields)

    assert errors(answer) == {
        "Flat 1": {
            "use": [
                (
                    "Somebody put this lock on Elsewhere · Cellar meanwhile. "
                    "Take it off there first, or leave it."
                )
            ]
        }
    }
    assert rows() == before


def newcomers_house(newcomer: Newcomer, name: str = "Elsewhere") -> Property:
    return places.add_property(
        organization=newcomer.organization,
        name=name,
        time_zone=ZONE,
        check_in_time=places.USUAL_CHECK_IN,
        check_out_time=places.USUAL_CHECK_OUT,
    )


def test_names_that_are_there_already_are_meant(visitor: Visitor, connected: Newcomer) -> None:
    house = newcomers_house(connected, "House")
    gate = places.add_door(place=house, name="Flat 1", smart_lock=None)
    unit = places.add_unit(place=house, name="Flat 1", way_in=[gate])

    answer = visitor.post(
        "/start/doors",
        connected.typed(Front_door={"house": "house ", "opens": "every"}, Flat_2={"use": None})
        | {"time_zone": ""},
    )

    assert answer.status_code == 302, errors(answer)
    gate.refresh_from_db()
    assert gate.smart_lock == connected.locks["Flat 1"]
    assert rows() == (1, 2, 1, 2)
    assert ways_in() == {unit.name: ["Front door", "Flat 1"]}


def test_a_stay_that_goes_on_gets_its_code_on_a_door_that_all_units_share(
    alice: Business, timeline: Timeline
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)
    places.take_lock_off(door=alice.doors["Cellar"])
    SmartLock.objects.filter(pk=alice.locks["Cellar"].pk).update(has_keypad=True)

    placing.put_on_doors(
        organization=alice.organization,
        placements=[Placement(SmartLock.objects.get(name="Cellar"), "House", "Yard", "")],
        time_zone="",
        placed_by=alice.owner,
        now=timeline.now,
    )

    assert Grant.objects.filter(stay=stay, closed_at=None, is_wanted=True).count() == 3
    assert code_of(stay)
    assert ways_in()["Flat 1"][:2] == ["Yard", "Front door"]


def test_somebody_elses_lock_cannot_be_named(
    visitor: Visitor, connected: Newcomer, charlie: Business
) -> None:
    lock = charlie.locks["Cellar"].pk
    row = {"use": "on", "house": "House", "door": "Mine", "opens": "one", "unit": "Mine"}

    answer = visitor.post(
        "/start/doors",
        {
            "lock": [str(lock)],
            "time_zone": ZONE,
            **{f"lock-{lock}-{field}": value for field, value in row.items()},
        },
    )

    assert connected.account
    assert answer.status_code == 200
    assert rows() == (0, 0, 0, 0)


def test_no_more_rows_are_taken_than_are_offered(
    visitor: Visitor, connected: Newcomer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("access.start_views.MOST_ROWS", 2)

    shown = visitor.get("/start/doors").context["form"].rows
    visitor.post("/start/doors", connected.typed())

    assert len(shown) == 2
    assert Door.objects.count() == 2


def test_what_all_guests_pass_is_known_by_its_name() -> None:
    names = ["Front door", "Haustür", "Main entrance", "Flat 1", "Torsten's room", "Studio"]

    assert [start_forms._sounds_shared(name) for name in names] == [True, True, True, False, False, False]
