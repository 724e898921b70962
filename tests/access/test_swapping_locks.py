"""Two locks on each other's doors: codes move both ways, said first, done in one step."""

from datetime import timedelta
from typing import Any

import pytest

from access import ways_in
from access.models import AuditEntry, AuditKind, Grant, Stay
from nuki_gateway.simulator import TurnedClock
from properties.encryption import digest
from properties.models import Door, SmartLock
from tests.conftest import Rings
from tests.timeline import Timeline
from tests.visitors import Visitor, check_page, signed_in
from tests.worlds import CODE, Business, code_of, writes

FRONT, ONE, TWO = "Front door", "Flat 1", "Flat 2"
DAY = timedelta(days=1)


@pytest.fixture
def host(alice: Business, clock: TurnedClock) -> Visitor:
    return signed_in(alice, clock)


def swap(business: Business, timeline: Timeline, one: str, two: str) -> None:
    ways_in.swap_locks(
        smart_lock=business.locks[one],
        other=business.locks[two],
        swapped_by=business.owner,
        now=timeline.now,
    )


def page_of(business: Business, door: str, query: str = "") -> str:
    return f"/locks/{business.locks[door].pk}/swap{query}"


def lock_names() -> dict[str, str | None]:
    return {
        door.name: door.smart_lock.name if door.smart_lock else None
        for door in Door.objects.select_related("smart_lock")
    }


def opened_by(stay: Stay) -> set[tuple[Any, ...]]:
    """Which lock on which door is wanted for a stay."""
    wanted = Grant.objects.filter(stay=stay, is_wanted=True, closed_at=None)
    return set(wanted.values_list("door__name", "smart_lock__name", "position"))


def grants() -> list[tuple[Any, ...]]:
    return list(Grant.objects.order_by("pk").values_list("pk", "smart_lock_id", "door_id", "generation"))


def test_codes_move_both_ways_and_every_guest_keeps_the_code(
    alice: Business, timeline: Timeline, mailoutbox: list[object]
) -> None:
    ada = alice.book(now=timeline.now)
    bo = alice.book(now=timeline.now, unit=TWO, guest_name="Bo Berg", guest_email="bo@guests.example")
    timeline.pass_seconds(120)
    of_ada, of_bo = code_of(ada), code_of(bo)

    swap(alice, timeline, ONE, TWO)
    timeline.pass_time(timedelta(minutes=5))

    assert lock_names() == {FRONT: FRONT, ONE: TWO, TWO: ONE, "Cellar": "Cellar"}
    assert (code_of(ada), code_of(bo)) == (of_ada, of_bo)
    assert (alice.codes_on(ONE), alice.codes_on(TWO)) == ([of_bo], [of_ada])  # by the locks' own names
    assert writes(alice.simulator) == {"PUT": 6, "DELETE": 2}
    assert len(mailoutbox) == 2
    assert AuditEntry.objects.filter(kind=AuditKind.LOCK_PUT_ON_DOOR, by=alice.owner).count() == 2


def test_a_stay_that_goes_through_both_doors_has_its_code_where_it_is(
    alice: Business, timeline: Timeline, mailoutbox: list[object]
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(120)
    written, before = writes(alice.simulator), grants()

    swap(alice, timeline, FRONT, ONE)
    timeline.pass_time(timedelta(minutes=5))

    assert opened_by(stay) == {(FRONT, ONE, 1), (ONE, FRONT, 2)}
    assert [one[1] for one in grants()] == [one[1] for one in before]
    assert [one[3] for one in grants()] == [one[3] for one in before]
    assert (writes(alice.simulator), len(mailoutbox)) == (written, 1)


def test_a_front_door_is_swapped_with_a_flats_and_each_stay_opens_its_own_doors(
    alice: Business, timeline: Timeline
) -> None:
    ada = alice.book(now=timeline.now)
    bo = alice.book(now=timeline.now, unit=TWO, guest_name="Bo Berg", guest_email="bo@guests.example")

    swap(alice, timeline, FRONT, ONE)

    assert opened_by(ada) == {(FRONT, ONE, 1), (ONE, FRONT, 2)}
    assert opened_by(bo) == {(FRONT, ONE, 1), (TWO, TWO, 2)}


def test_swapped_twice_all_is_as_before(alice: Business, timeline: Timeline) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(120)
    code, wanted = code_of(stay), opened_by(stay)

    swap(alice, timeline, ONE, TWO)
    swap(alice, timeline, TWO, ONE)
    timeline.pass_time(timedelta(minutes=5))

    assert (opened_by(stay), code_of(stay)) == (wanted, code)
    assert (alice.codes_on(ONE), alice.codes_on(TWO)) == ([code], [])


def test_a_lock_on_no_door_swaps_with_none_and_nothing_changes(
    alice: Business, clock: TurnedClock, timeline: Timeline, rings: Rings
) -> None:
    alice.book(now=clock.now())
    Door.objects.filter(name=TWO).update(smart_lock=None)
    before, names = grants(), lock_names()
    rings.sent.clear()

    for one, two in ((ONE, TWO), (ONE, ONE)):
        with pytest.raises(ways_in.LockIsOnNoDoor):
            swap(alice, timeline, one, two)

    assert (grants(), lock_names(), rings.sent) == (before, names, [])


def test_before_it_is_said_whose_codes_move(host: Visitor, alice: Business, clock: TurnedClock) -> None:
    now = clock.now()
    alice.book(now=now, code=CODE)
    alice.book(now=now, unit=TWO, guest_name="Bo Berg", guest_email="bo@guests.example")
    SmartLock.objects.filter(pk=alice.locks[TWO].pk).update(foreign_codes=[digest(CODE)], server_state=4)
    before = grants()

    answer = host.get(page_of(alice, ONE, f"?smart_lock={alice.locks[TWO].pk}"))

    move = answer.context["move"]
    assert move.title == "Swap the locks Flat 1 and Flat 2?"
    assert move.sentences == [
        "The lock Flat 1 is on Flat 2 from now on, and the lock Flat 2 on Flat 1.",
        "The lock Flat 2 does not answer now. Codes go there when it is back.",
        "The codes of 2 stays move. 1 guest gets another code, and a message.",
    ]
    assert [(stay.guest_name, stay.sentence) for stay in move.stays] == [
        (
            "Ada Vogel",
            "Gets another code on every door, and a message: somebody has this one on the new lock.",
        ),
        ("Bo Berg", "Keeps the code."),
    ]
    assert grants() == before
    check_page(answer)


def test_of_a_stay_through_both_doors_it_is_said_that_nothing_moves(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    alice.book(now=clock.now())

    move = host.get(page_of(alice, FRONT, f"?smart_lock={alice.locks[ONE].pk}")).context["move"]

    assert [stay.sentence for stay in move.stays] == ["Nothing moves: the code is on both locks."]
    assert len(move.sentences) == 1


def test_the_page_for_moving_offers_it_where_stays_hold_the_lock(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    alice.book(now=clock.now())
    lock = alice.locks[ONE].pk

    page = host.get(f"/locks/{lock}/move?door={alice.doors[TWO].pk}")
    answer = host.post(page_of(alice, ONE), {"smart_lock": alice.locks[TWO].pk})

    assert page.context["form"].errors["door"]
    assert page.context["swap_url"] == page_of(alice, ONE, f"?smart_lock={alice.locks[TWO].pk}")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/locks/{lock}")
    assert lock_names()[TWO] == ONE


def test_a_door_without_a_lock_offers_no_swap(host: Visitor, alice: Business) -> None:
    Door.objects.filter(name=TWO).update(smart_lock=None)

    page = host.get(f"/locks/{alice.locks[ONE].pk}/move?door={alice.doors[TWO].pk}")

    assert page.context["swap_url"] == ""
    assert page.context["move"] is not None


@pytest.mark.parametrize("chosen", ["", "x", "0", "itself", "on no door"])
def test_a_lock_that_cannot_be_swapped_is_refused_at_the_field_and_nothing_changes(
    host: Visitor, alice: Business, clock: TurnedClock, rings: Rings, chosen: str
) -> None:
    alice.book(now=clock.now())
    Door.objects.filter(name=TWO).update(smart_lock=None)
    before, names = grants(), lock_names()
    rings.sent.clear()
    keys = {"itself": alice.locks[ONE].pk, "on no door": alice.locks[TWO].pk}

    answer = host.post(page_of(alice, ONE), {"smart_lock": keys.get(chosen, chosen)})

    assert list(answer.context["form"].errors) == ["smart_lock"]
    assert (grants(), lock_names(), rings.sent) == (before, names, [])


def test_a_lock_that_is_itself_on_no_door_has_no_place_to_give(host: Visitor, alice: Business) -> None:
    Door.objects.filter(name=ONE).update(smart_lock=None)

    answer = host.post(page_of(alice, ONE), {"smart_lock": alice.locks[TWO].pk})

    assert answer.context["form"].errors == {"smart_lock": ["The lock Flat 1 is on no door. Move it to one."]}


def test_charlie_swaps_nothing_of_alices(alice: Business, charlie: Business, clock: TurnedClock) -> None:
    visitor, names = signed_in(charlie, clock), lock_names()

    answers = [
        visitor.post(page_of(alice, ONE), {"smart_lock": charlie.locks[TWO].pk}),
        visitor.post(page_of(charlie, ONE), {"smart_lock": alice.locks[TWO].pk}),
    ]

    assert [answer.status_code for answer in answers] == [404, 200]
    assert lock_names() == names
