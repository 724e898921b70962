"""One lock's page: is it well, which codes are on it, is there room, and what happened?"""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from access import stays
from access.lifecycle import HORIZON
from access.log_entries import ActivityKind, Means
from access.models import Activity, Grant
from nuki_gateway.models import DeviceType, ServerState
from nuki_gateway.simulator import TurnedClock
from properties import pages
from properties.models import Door, SmartLock
from tests.access.test_pages_activity import write_activity
from tests.timeline import Timeline
from tests.visitors import Visitor, check_page, signed_in, words
from tests.worlds import ZONE, Business, code_of, grant_on

FLAT = "Flat 1"
DAY = timedelta(days=1)
MOST_QUERIES = 12


@pytest.fixture
def host(alice: Business, clock: TurnedClock) -> Visitor:
    return signed_in(alice, clock)


def set_lock(business: Business, **health: Any) -> None:
    SmartLock.objects.filter(pk=business.locks[FLAT].pk).update(**health)


def view_of(host: Visitor, business: Business, query: str = "") -> Any:
    return host.get(f"/locks/{business.locks[FLAT].pk}{query}").context["view"]


def sentences(view: Any) -> list[str]:
    return [line.sentence for line in view.activity]


def test_a_lock_that_is_well_is_said_to_be_with_what_is_known_of_it(host: Visitor, alice: Business) -> None:
    set_lock(alice, battery_charge=71)

    answer = host.get(f"/locks/{alice.locks[FLAT].pk}")

    view = answer.context["view"]
    assert (view.answer, view.tone, view.place) == ("Flat 1 is well.", "ready", "House · Flat 1")
    assert {fact.term: fact.words for fact in view.facts} == {
        "Door": "House · Flat 1",
        "Reached by Nuki": "online",
        "Lock": "Battery 71 %",
        "Keypad": "Keypad, battery fine",
        "Last contact with Nuki": "",
        "Smart Hosting": "active",
        "Device": "Flat 1 · Smart Lock 3/4",
        "Firmware": "3.10.7",
        "Nuki account": "Nuki",
        "Last read at Nuki": "",
    }
    assert 'hx-trigger="live, every 60s"' in answer.content.decode()
    check_page(answer)


@pytest.mark.parametrize(
    ("health", "sentence"),
    [
        pytest.param(
            {"server_state": ServerState.OFFLINE},
            "Flat 1 does not answer since 14:00. Codes that are on the lock keep working; changes wait.",
            id="offline",
        ),
        pytest.param(
            {"subscription_ended": True},
            "Nuki refuses our calls for Flat 1: its Smart Hosting subscription has ended. "
            "Renew it in Nuki Web.",
            id="subscription",
        ),
        pytest.param(
            {"battery_critical": True}, "Flat 1 is online. Change its batteries soon.", id="battery"
        ),
        pytest.param(
            {"keypad_battery_critical": True},
            "Flat 1 is online. Change the battery of its keypad soon.",
            id="keypad's battery",
        ),
        pytest.param(
            {"has_keypad": False},
            "Flat 1 is online, and has no keypad: guests open it with the Nuki app.",
            id="no keypad",
        ),
        pytest.param(
            {"time_zone": "Asia/Dubai"},
            "Flat 1 is online. Its clock is set to Asia/Dubai: set it right in the Nuki app.",
            id="clock",
        ),
    ],
)
def test_what_is_wrong_stands_at_the_top_in_one_sentence(
    host: Visitor, alice: Business, clock: TurnedClock, health: dict[str, Any], sentence: str
) -> None:
    set_lock(alice, **health)

    view = view_of(host, alice)

    lock = SmartLock.objects.get(pk=alice.locks[FLAT].pk)
    assert view.answer == sentence
    assert view.tone == pages.lock_health(lock, ZONE, clock.now())[0]


def test_a_lock_that_left_the_account_can_neither_be_opened_nor_read_nor_moved(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    set_lock(alice, gone_since=clock.now())

    view = view_of(host, alice)

    assert view.answer.startswith("The lock of Flat 1 is no longer in your Nuki account.")
    assert (view.doing.open_url, view.doing.read_url, view.doing.move_url) == ("", "", "")
    assert view.doing.replace_url == f"/doors/{alice.doors[FLAT].pk}/lock"


@pytest.mark.parametrize(
    ("health", "words_of_it"),
    [
        pytest.param(
            {"subscription_state": "PENDING_CANCEL"}, "active, and cancelled for its end", id="known"
        ),
        pytest.param({"subscription_state": "PAUSED_BY_HAND"}, "PAUSED_BY_HAND", id="new to us"),
        pytest.param({"subscription_ended": True}, "subscription has ended", id="refused"),
        pytest.param({"subscription_state": ""}, None, id="not told"),
    ],
)
def test_how_it_stands_with_smart_hosting_is_a_fact(
    host: Visitor, alice: Business, health: dict[str, Any], words_of_it: str | None
) -> None:
    set_lock(alice, **health)

    facts = {fact.term: fact.words for fact in view_of(host, alice).facts}

    assert facts.get("Smart Hosting") == words_of_it


def test_codes_that_are_being_taken_away_stand_apart(
    host: Visitor, alice: Business, timeline: Timeline
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)
    stays.cancel(stay=stay, cancelled_by=alice.owner, now=timeline.now)

    view = view_of(host, alice)

    assert (view.codes, [code.guest_name for code in view.leaving]) == ([], ["Ada Vogel"])


def test_our_codes_are_named_by_guest_and_others_take_places(
    host: Visitor, alice: Business, timeline: Timeline
) -> None:
    stay = alice.book(now=timeline.now)
    far = timeline.now + 20 * DAY
    alice.book(now=timeline.now, guest_name="Later Guest", starts_at=far, ends_at=far + DAY)
    timeline.pass_seconds(60)
    set_lock(alice, foreign_codes=["a" * 64, "b" * 64])

    answer = host.get(f"/locks/{alice.locks[FLAT].pk}")

    view = answer.context["view"]
    assert [(code.guest_name, code.stay_url, code.chip.word) for code in view.codes] == [
        ("Ada Vogel", f"/stays/{stay.pk}", "Confirmed")
    ]
    assert view.codes[0].label == grant_on(stay, FLAT).label
    assert view.capacity.sentence == "3 of 200 places for codes are taken now."
    assert code_of(stay) not in answer.content.decode()


def test_the_days_ahead_count_codes_from_when_they_go_on_the_lock(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    starts_at = clock.now() + 10 * DAY
    alice.book(now=clock.now(), starts_at=starts_at, ends_at=starts_at + 2 * DAY)

    bars = view_of(host, alice).capacity.bars

    assert HORIZON == 3 * DAY
    assert [number for number, bar in enumerate(bars) if bar.height] == [7, 8, 9, 10, 11, 12]
    assert len(bars) == 60


def test_the_day_on_which_a_lock_is_full_is_named(host: Visitor, alice: Business, clock: TurnedClock) -> None:
    set_lock(alice, device_type=DeviceType.SMART_LOCK_1_2, foreign_codes=[f"{one:064}" for one in range(99)])
    starts_at = clock.now() + 10 * DAY
    alice.book(now=clock.now(), starts_at=starts_at, ends_at=starts_at + 2 * DAY)

    room = view_of(host, alice).capacity

    assert room.tone == "look"
    assert room.forecast == (
        "On Monday 22 June no place is left: up to 100 of 100 are needed. "
        "Delete codes that you do not need in the Nuki app."
    )


def test_where_there_is_room_that_is_said(host: Visitor, alice: Business) -> None:
    room = view_of(host, alice).capacity

    assert (room.tone, room.forecast) == (
        "ready",
        "There is room for all stays of the next 60 days: they need 0 places at most.",
    )


def test_what_happened_is_filtered_by_the_day_on_the_houses_clock(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    write_activity(alice, clock, ActivityKind.RANG, ago=timedelta(hours=14, minutes=1))  # 23:59 on Sunday
    write_activity(alice, clock, ActivityKind.LEFT_OPEN, ago=timedelta(hours=14))  # midnight
    write_activity(alice, clock, ActivityKind.CAME_BACK, door="Flat 2")

    monday, sunday = (sentences(view_of(host, alice, f"?day={day}")) for day in ("2026-06-15", "2026-06-14"))

    assert (monday, sunday) == (["Flat 1 stands open"], ["Somebody rang at Flat 1"])


def test_what_happened_is_filtered_by_person_guest_or_name_at_nuki(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    stay = alice.book(now=clock.now())
    write_activity(alice, clock, ActivityKind.OPENED, means=Means.KEYPAD, grant=grant_on(stay, FLAT))
    write_activity(alice, clock, ActivityKind.OPENED, means=Means.APP, name="Anna 100%")
    write_activity(alice, clock, ActivityKind.OPENED, means=Means.APP, name="Bert")

    found = [sentences(view_of(host, alice, f"?who={who}")) for who in ("vogel", "ANNA", "%25", "nobody")]

    assert found == [
        ["Ada Vogel opened Flat 1"],
        ["Anna 100% opened Flat 1"],
        ["Anna 100% opened Flat 1"],
        [],
    ]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        pytest.param("?day=yesterday", "day", id="no day"),
        pytest.param("?day=2026-02-30", "day", id="no such day"),
        pytest.param("?day=9999-12-31", "day", id="the end of the calendar"),
        pytest.param("?day=0001-01-01", "day", id="its beginning"),
        pytest.param("?who=%00", "who", id="no text"),
        pytest.param(f"?who={'x' * 101}", "who", id="too long"),
    ],
)
def test_a_filter_that_cannot_be_is_said_at_its_field_and_all_is_shown(
    host: Visitor, alice: Business, clock: TurnedClock, query: str, field: str
) -> None:
    write_activity(alice, clock, ActivityKind.RANG)

    answer = host.get(f"/locks/{alice.locks[FLAT].pk}{query}")

    assert list(answer.context["form"].errors) == [field]
    assert sentences(answer.context["view"]) == ["Somebody rang at Flat 1"]


def test_older_activity_is_a_page_further_and_keeps_the_filter(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    for number in range(70):
        write_activity(alice, clock, ActivityKind.OPENED, name="Anna", ago=timedelta(minutes=number // 2))

    first = view_of(host, alice, "?who=anna")
    second = view_of(host, alice, first.filters.next_url)
    third = view_of(host, alice, second.filters.next_url)

    assert [len(page.activity) for page in (first, second, third)] == [30, 30, 10]
    assert first.filters.next_url.startswith("?who=anna&before=")
    assert third.filters.next_url is None
    assert (first.filters.live_url, second.filters.live_url) == (
        f"/locks/{alice.locks[FLAT].pk}?who=anna",
        "",
    )
    moments = [line.at for page in (first, second, third) for line in page.activity]
    assert moments == sorted(moments, reverse=True)


@pytest.mark.parametrize("before", ["x", "-1", "²", "9" * 30, "99999999", "%00"])
def test_an_address_that_names_no_activity_shows_the_latest(
    host: Visitor, alice: Business, clock: TurnedClock, before: str
) -> None:
    write_activity(alice, clock, ActivityKind.RANG)

    assert sentences(view_of(host, alice, f"?before={before}")) == ["Somebody rang at Flat 1"]


def test_a_lock_on_no_door_has_a_page_too(host: Visitor, alice: Business) -> None:
    Door.objects.filter(pk=alice.doors[FLAT].pk).update(smart_lock=None)

    view = view_of(host, alice)

    assert (view.place, view.zone, view.answer) == ("On no door", "UTC", "Flat 1 is well.")
    assert (view.doing.replace_url, view.doing.move_url) == ("", f"/locks/{alice.locks[FLAT].pk}/move")


def test_charlie_reaches_no_page_of_alices_lock(
    alice: Business, charlie: Business, clock: TurnedClock
) -> None:
    visitor, lock = signed_in(charlie, clock), f"/locks/{alice.locks[FLAT].pk}"

    read = [visitor.get(f"{lock}{path}").status_code for path in ("", "/activity.csv", "/open", "/move")]
    sent = [visitor.post(f"{lock}{path}").status_code for path in ("/open", "/read", "/move")]

    assert (read, sent) == ([404] * 4, [404] * 3)


def test_the_page_costs_the_same_however_much_there_is(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    def fill(count: int) -> None:
        for _ in range(count):
            start = clock.now() + Grant.objects.count() * DAY
            stay = alice.book(now=clock.now(), starts_at=start, ends_at=start + DAY)
            write_activity(alice, clock, ActivityKind.OPENED, grant=grant_on(stay, FLAT))
        Grant.objects.update(asked_at=clock.now())

    fill(3)
    with CaptureQueriesContext(connection) as few:
        host.get(f"/locks/{alice.locks[FLAT].pk}")
    fill(27)
    with CaptureQueriesContext(connection) as many:
        view = view_of(host, alice)

    assert len(many) == len(few) <= MOST_QUERIES
    assert (len(view.codes), len(view.activity), Activity.objects.count()) == (30, 30, 30)


def test_the_stays_page_and_the_page_of_activity_lead_to_the_lock(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    stay = alice.book(now=clock.now())
    write_activity(alice, clock, ActivityKind.RANG)
    link = f'href="/locks/{alice.locks[FLAT].pk}"'

    assert link in host.get(f"/stays/{stay.pk}").content.decode()
    assert link in host.get("/activity").content.decode()
    assert link in host.get("/doors").content.decode()
    assert "Doors" in words(host.get("/doors"))
