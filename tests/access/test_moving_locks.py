"""Another lock on a door, a lock on another door: said first, done then, refused where a stay needs it."""

from datetime import timedelta
from typing import Any

import pytest

from access import door_locks
from access.models import AuditEntry, AuditKind, Grant, Stay
from nuki_gateway.simulator import TurnedClock
from properties import nuki_accounts, places
from properties.encryption import digest
from properties.models import Door, SmartLock
from tests.conftest import Rings
from tests.visitors import Visitor, check_page, signed_in, words
from tests.worlds import CODE, Business, grant_on

FLAT = "Flat 1"
DAY = timedelta(days=1)


@pytest.fixture
def host(alice: Business, clock: TurnedClock) -> Visitor:
    return signed_in(alice, clock)


@pytest.fixture
def spare(alice: Business, clock: TurnedClock) -> SmartLock:
    """A lock of Alice's account that is on no door."""
    (at_nuki,) = alice.simulator.world.accounts
    made = alice.simulator.add_lock(at_nuki, name="Spare", device_type=5, keypad="keypad2")
    nuki_accounts.refresh(account=alice.account, now=clock.now())
    return SmartLock.objects.get(smartlock_id=made.smartlock_id)


def of_door(business: Business, query: str = "", door: str = FLAT) -> str:
    return f"/doors/{business.doors[door].pk}/lock{query}"


def of_lock(lock: SmartLock, query: str = "") -> str:
    return f"/locks/{lock.pk}/move{query}"


def lock_on(door: str) -> int | None:
    return Door.objects.get(name=door).smart_lock_id


def grants() -> list[tuple[Any, ...]]:
    return list(Grant.objects.order_by("pk").values_list("pk", "smart_lock_id", "generation", "is_wanted"))


def test_before_a_lock_is_replaced_it_is_said_whose_codes_move(
    host: Visitor, alice: Business, clock: TurnedClock, spare: SmartLock
) -> None:
    now = clock.now()
    alice.book(now=now, code=CODE)
    alice.book(now=now, guest_name="Bo Berg", starts_at=now + 5 * DAY, ends_at=now + 6 * DAY)
    alice.book(now=now, guest_name="Elsewhere", unit="Flat 2")
    SmartLock.objects.filter(pk=spare.pk).update(foreign_codes=[digest(CODE)])
    before = grants()

    answer = host.get(of_door(alice, f"?smart_lock={spare.pk}"))

    move = answer.context["move"]
    assert move.title == "Put the lock Spare on Flat 1?"
    assert move.sentences == [
        "The lock Spare is on Flat 1 from now on.",
        "The lock Flat 1 is on no door then. Our codes are removed from it.",
        "The codes of 2 stays move. 1 guest gets another code, and a message.",
    ]
    assert [(stay.guest_name, stay.sentence) for stay in move.stays] == [
        (
            "Ada Vogel",
            "Gets another code on every door, and a message: somebody has this one on the new lock.",
        ),
        ("Bo Berg", "Keeps the code."),
    ]
    assert (lock_on(FLAT), grants()) == (alice.locks[FLAT].pk, before)
    assert CODE not in answer.content.decode()
    check_page(answer)


def test_a_lock_is_replaced_and_the_codes_move_as_was_said(
    host: Visitor, alice: Business, clock: TurnedClock, spare: SmartLock
) -> None:
    stay = alice.book(now=clock.now(), code=CODE)

    answer = host.post(of_door(alice), {"smart_lock": spare.pk})

    assert (answer.status_code, answer.headers["Location"]) == (302, f"/locks/{spare.pk}")
    assert lock_on(FLAT) == spare.pk
    new = Grant.objects.get(stay=stay, smart_lock=spare)
    assert (new.is_wanted, new.code) == (True, CODE)
    entry = AuditEntry.objects.get(kind=AuditKind.LOCK_PUT_ON_DOOR)
    assert (entry.by, entry.smart_lock) == (alice.owner, spare)
    assert "alice@harbour.example put the lock on another door" in words(host.get(f"/locks/{spare.pk}"))


def test_a_second_click_on_replace_changes_nothing(
    host: Visitor, alice: Business, clock: TurnedClock, spare: SmartLock
) -> None:
    alice.book(now=clock.now())
    host.post(of_door(alice), {"smart_lock": spare.pk})
    after_first = grants()

    answer = host.post(of_door(alice), {"smart_lock": spare.pk})

    assert (answer.status_code, grants()) == (200, after_first)
    assert AuditEntry.objects.filter(kind=AuditKind.LOCK_PUT_ON_DOOR).count() == 1


@pytest.mark.parametrize("chosen", ["", "x", "0", "another door's"])
def test_a_lock_that_cannot_be_chosen_is_refused_at_the_field_and_nothing_changes(
    host: Visitor, alice: Business, clock: TurnedClock, rings: Rings, chosen: str
) -> None:
    alice.book(now=clock.now())
    before, calls = grants(), len(alice.simulator.calls)
    key = str(alice.locks["Flat 2"].pk) if chosen == "another door's" else chosen

    answer = host.post(of_door(alice), {"smart_lock": key})

    assert list(answer.context["form"].errors) == ["smart_lock"]
    assert answer.context["move"] is None
    assert (lock_on(FLAT), grants(), rings.sent) == (alice.locks[FLAT].pk, before, [])
    assert len(alice.simulator.calls) == calls


def test_a_door_without_a_lock_gets_one(
    host: Visitor, alice: Business, spare: SmartLock, clock: TurnedClock
) -> None:
    gate = places.add_door(place=alice.house, name="Gate", smart_lock=None)

    page = host.get(f"/doors/{gate.pk}/lock?smart_lock={spare.pk}")
    host.post(f"/doors/{gate.pk}/lock", {"smart_lock": spare.pk})

    assert clock
    assert page.context["title"] == "Put a lock on Gate"
    assert page.context["move"].sentences == ["The lock Spare is on Gate from now on."]
    assert page.context["move"].stays == []
    assert lock_on("Gate") == spare.pk


def test_a_lock_moves_to_another_door_and_leaves_its_own_without_one(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    stay = alice.book(now=clock.now(), unit="Flat 2", code=CODE)
    flat_1, flat_2 = alice.locks[FLAT], alice.locks["Flat 2"]
    query = f"?door={alice.doors['Flat 2'].pk}"

    move = host.get(of_lock(flat_1, query)).context["move"]
    answer = host.post(of_lock(flat_1), {"door": alice.doors["Flat 2"].pk})

    assert move.sentences == [
        "The lock Flat 1 is on Flat 2 from now on.",
        "The lock Flat 2 is on no door then. Our codes are removed from it.",
        "Flat 1 has no smart lock then.",
        "The code of 1 stay moves.",
    ]
    assert answer.headers["Location"] == f"/locks/{flat_1.pk}"
    assert (lock_on("Flat 1"), lock_on("Flat 2")) == (None, flat_1.pk)
    wanted = Grant.objects.filter(stay=stay, is_wanted=True).values_list("smart_lock_id", flat=True)
    assert set(wanted) == {alice.locks["Front door"].pk, flat_1.pk}
    assert not Grant.objects.filter(stay=stay, is_wanted=True, smart_lock=flat_2).exists()


def test_a_lock_that_stays_need_where_it_is_stays_there(
    host: Visitor, alice: Business, clock: TurnedClock, rings: Rings
) -> None:
    start = clock.now() + 30 * DAY
    alice.book(now=clock.now(), starts_at=start, ends_at=start + DAY)
    before = grants()

    answer = host.post(of_lock(alice.locks[FLAT]), {"door": alice.doors["Flat 2"].pk})

    assert answer.context["form"].errors == {
        "door": ["Stays have their codes on Flat 1. Put another lock on that door first."]
    }
    assert answer.context["move"] is None
    assert (lock_on(FLAT), lock_on("Flat 2")) == (alice.locks[FLAT].pk, alice.locks["Flat 2"].pk)
    assert (grants(), rings.sent) == (before, [])


def test_a_stay_that_was_booked_after_the_page_keeps_the_lock_where_it_is(
    alice: Business, clock: TurnedClock
) -> None:
    alice.book(now=clock.now())
    before = grants()

    with pytest.raises(door_locks.DoorNeedsItsLock):
        door_locks.move_lock(
            smart_lock=alice.locks[FLAT],
            door=alice.doors["Flat 2"],
            moved_by=alice.owner,
            now=clock.now(),
        )

    assert (lock_on(FLAT), grants()) == (alice.locks[FLAT].pk, before)
    assert not AuditEntry.objects.filter(kind=AuditKind.LOCK_PUT_ON_DOOR).exists()


def test_stays_that_are_over_hold_no_lock(host: Visitor, alice: Business, clock: TurnedClock) -> None:
    stay = alice.book(now=clock.now())
    Stay.objects.filter(pk=stay.pk).update(ends_at=clock.now() + timedelta(minutes=1))
    Grant.objects.filter(pk=grant_on(stay, FLAT).pk).update(allowed_until=clock.now() + timedelta(minutes=1))
    clock.turn(seconds=120)

    host.post(of_lock(alice.locks[FLAT]), {"door": alice.doors["Flat 2"].pk})

    assert lock_on("Flat 2") == alice.locks[FLAT].pk


def test_the_lock_of_a_door_that_needs_a_keypad_is_named_as_having_none(
    host: Visitor, alice: Business, clock: TurnedClock, spare: SmartLock
) -> None:
    alice.book(now=clock.now())
    SmartLock.objects.filter(pk=spare.pk).update(has_keypad=False)

    move = host.get(of_door(alice, f"?smart_lock={spare.pk}")).context["move"]

    assert [stay.sentence for stay in move.stays] == ["Is invited to the Nuki app: this lock has no keypad."]


def test_charlie_moves_nothing_of_alices(alice: Business, charlie: Business, clock: TurnedClock) -> None:
    visitor = signed_in(charlie, clock)

    answers = [
        visitor.post(of_door(alice), {"smart_lock": charlie.locks[FLAT].pk}),
        visitor.post(of_lock(alice.locks[FLAT]), {"door": charlie.doors["Flat 2"].pk}),
        visitor.post(of_lock(charlie.locks[FLAT]), {"door": alice.doors["Flat 2"].pk}),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 200]
    assert lock_on_of(alice, FLAT) == alice.locks[FLAT].pk


def lock_on_of(business: Business, door: str) -> int | None:
    return Door.objects.get(pk=business.doors[door].pk).smart_lock_id
