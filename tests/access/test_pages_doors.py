"""The list of doors: is every lock well, and which is not?"""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from access import lock_queries, lock_views
from nuki_gateway.models import ServerState
from nuki_gateway.simulator import TurnedClock
from properties import pages, places
from properties.models import Door, SmartLock
from properties.reach import EVERYWHERE
from properties.roles import Role
from tests.visitors import Visitor, check_page, signed_in, with_role, words
from tests.worlds import ZONE, Business

MOST_QUERIES = 12
URGENCY = {"act": lock_queries.ACT, "look": lock_queries.LOOK, "ready": lock_queries.WELL}


@pytest.fixture
def host(alice: Business, clock: TurnedClock) -> Visitor:
    return signed_in(alice, clock)


@pytest.fixture
def well(alice: Business) -> Business:
    """Every lock of Alice's is well."""
    SmartLock.objects.update(has_keypad=True)
    return alice


def set_lock(business: Business, door: str, **health: Any) -> None:
    SmartLock.objects.filter(pk=business.locks[door].pk).update(**health)


def page_of(host: Visitor, query: str = "") -> Any:
    return host.get(f"/doors{query}").context["page"]


def shown(page: Any) -> list[tuple[str, list[str]]]:
    return [(part.title, [row.name for row in part.rows]) for part in page.sections]


def add_doors(business: Business, count: int) -> None:
    """Doors with locks of their own."""
    locks = SmartLock.objects.bulk_create(
        SmartLock(
            organization=business.organization,
            nuki_account=business.account,
            smartlock_id=900_000 + number,
            device_type=4,
            name=f"Lock {number:03}",
            has_keypad=True,
            keypad_battery_critical=number % 3 == 0,
            time_zone=ZONE,
            server_state=ServerState.OK,
            listed_at=business.account.connected_at,
        )
        for number in range(count)
    )
    Door.objects.bulk_create(
        Door(
            organization=business.organization,
            property=business.house,
            name=f"Door {number:03}",
            smart_lock=lock,
        )
        for number, lock in enumerate(locks)
    )


def test_when_all_is_well_the_page_says_so(host: Visitor, well: Business) -> None:
    assert well

    answer = host.get("/doors")

    page = answer.context["page"]
    assert (page.answer, page.tone) == ("Every lock is well.", "ready")
    assert shown(page) == [("House", ["Cellar", "Flat 1", "Flat 2", "Front door"])]
    assert 'hx-get="/doors"' in answer.content.decode()
    check_page(answer)


def test_what_needs_a_hand_comes_first_the_urgent_before_the_rest(
    host: Visitor, well: Business, clock: TurnedClock
) -> None:
    set_lock(well, "Flat 1", battery_critical=True, battery_charge=12)
    offline = {"server_state": ServerState.OFFLINE, "offline_since": clock.now() - timedelta(hours=2)}
    set_lock(well, "Front door", **offline)
    places.add_door(place=well.house, name="Gate", smart_lock=None)

    page = page_of(host)

    assert page.answer == "1 door needs you."
    assert shown(page) == [
        ("Needs attention", ["Front door", "Flat 1", "Gate"]),
        ("House", ["Cellar", "Flat 2"]),
    ]
    front, flat, gate = page.sections[0].rows
    assert (front.reach, front.chip.word) == ("does not answer since 12:00", "does not answer")
    assert (flat.reach, flat.battery, flat.chip.word) == (
        "online",
        "Battery 12 %, nearly empty",
        "change the batteries",
    )
    assert (gate.url, gate.put_lock_url) == ("", f"/doors/{Door.objects.get(name='Gate').pk}/lock")
    assert page.attention_count == 3


def test_only_what_needs_attention_is_shown_if_that_is_asked_for(host: Visitor, well: Business) -> None:
    set_lock(well, "Flat 1", keypad_battery_critical=True)

    page = page_of(host, "?needs=attention")

    assert page.answer == "1 door is worth a look."
    assert shown(page) == [("Needs attention", ["Flat 1"])]
    assert page.live_url == "/doors?needs=attention"


@pytest.mark.parametrize(
    "health",
    [
        pytest.param({}, id="well"),
        pytest.param({"gone_since": True}, id="gone"),
        pytest.param({"subscription_ended": True}, id="no subscription"),
        pytest.param({"server_state": ServerState.OFFLINE}, id="offline"),
        pytest.param({"server_state": ServerState.OFFLINE, "battery_critical": True}, id="offline, battery"),
        pytest.param({"battery_critical": True}, id="battery"),
        pytest.param({"keypad_battery_critical": True}, id="keypad's battery"),
        pytest.param({"has_keypad": False}, id="no keypad"),
        pytest.param({"time_zone": "Asia/Dubai"}, id="another clock"),
        pytest.param({"time_zone": "Europe/Berlin"}, id="another name of the same clock"),
        pytest.param({"time_zone": ""}, id="clock not known"),
    ],
)
def test_the_database_and_the_words_agree_on_how_urgent_a_lock_is(
    well: Business, clock: TurnedClock, health: dict[str, Any]
) -> None:
    if "gone_since" in health:
        health = {"gone_since": clock.now()}
    set_lock(well, "Flat 1", **health)

    door: Any = lock_queries.doors_of(well.organization, EVERYWHERE, clock.now()).get(name="Flat 1")

    assert door.urgency == URGENCY[pages.lock_health(door.smart_lock, ZONE, clock.now())[0]]


def test_doors_without_end_come_page_by_page_each_once(
    host: Visitor, well: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock_views, "DOORS_LENGTH", 7)
    add_doors(well, 30)

    page, names = page_of(host), []
    for _ in range(5):
        names += [row.name for part in page.sections for row in part.rows]
        page = page_of(host, page.next_url) if page.next_url else None

    assert page is None
    assert len(set(names)) == len(names) == 34
    assert names[:10] == [f"Door {number:03}" for number in range(0, 30, 3)]


@pytest.mark.parametrize(
    "after", ["x", "1", ".", "1.", ".1", "1.99999999", "9.1.1", "-1.3", "1." + "9" * 40, "²", "%00"]
)
def test_an_address_that_names_no_place_begins_at_the_first_door(
    host: Visitor, well: Business, after: str
) -> None:
    assert well
    assert len(shown(page_of(host, f"?after={after}"))[0][1]) == 4


def test_the_page_costs_the_same_however_many_doors_there_are(host: Visitor, well: Business) -> None:
    with CaptureQueriesContext(connection) as few:
        host.get("/doors")
    add_doors(well, 30)
    with CaptureQueriesContext(connection) as many:
        host.get("/doors")

    assert len(many) == len(few) <= MOST_QUERIES


def test_a_business_without_doors_is_led_to_its_properties(
    host: Visitor, alice: Business, charlie: Business
) -> None:
    assert charlie
    Door.objects.filter(organization=alice.organization).delete()

    answer = host.get("/doors")

    assert "Open properties" in words(answer)
    assert "Flat 1" not in words(answer)


def test_a_viewer_sees_the_doors_and_no_button(well: Business, clock: TurnedClock) -> None:
    places.add_door(place=well.house, name="Gate", smart_lock=None)

    answer = with_role(well, clock, Role.VIEWER).get("/doors")

    assert "Gate" in words(answer)
    assert "Put a lock on" not in words(answer)
