"""Lists that lag, or are not refreshed until a sync (F4)."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from access import stays
from access.models import Grant
from nuki_gateway.simulator import Mix
from tests.faults.judging import A_GOOD_LIFE, DOORS, Watch, live_through
from tests.worlds import Business, code_of, writes

pytestmark = pytest.mark.slow

Order = Callable[[Business], object]


def flat(alice: Business) -> int:
    return alice.locks["Flat 1"].smartlock_id


def lag_thirty_seconds(alice: Business) -> None:
    alice.simulator.mix = Mix(name="slow copies", lag_shortest_seconds=29, lag_longest_seconds=30)


STALE = [
    pytest.param(lambda alice: alice.simulator.script.freeze_copy(flat(alice)), id="F4 frozen"),
    pytest.param(lambda alice: alice.simulator.script.leave_next_write_unread(flat(alice)), id="F4 unread"),
    pytest.param(lag_thirty_seconds, id="F4 thirty seconds late"),
]


@pytest.mark.parametrize("order", STALE)
def test_a_guest_is_let_in_once_by_one_write_for_each_door(
    alice: Business, timeline: Watch, order: Order
) -> None:
    order(alice)
    stay = alice.book(now=timeline.now)

    timeline.pass_seconds(300)
    pushes = writes(alice.simulator)["PUT"]
    life = live_through(alice, timeline, stay)

    assert pushes == 2
    assert life == A_GOOD_LIFE


@pytest.mark.parametrize("order", STALE)
def test_a_removal_is_believed_when_the_lock_says_so(alice: Business, timeline: Watch, order: Order) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)
    code = code_of(stay)
    order(alice)

    stays.cancel(stay=stay, cancelled_by=alice.owner, now=timeline.now)
    timeline.pass_seconds(300)
    written = writes(alice.simulator)
    timeline.pass_time(timedelta(days=1))

    assert [alice.opens(door, code) for door in DOORS] == [False, False]
    assert [alice.codes_on(door) for door in DOORS] == [[], []]
    assert not Grant.objects.filter(stay=stay, closed_at=None).exists()
    assert writes(alice.simulator) == written


def test_f4_a_code_that_no_list_shows_is_found_and_removed_when_it_is_cancelled(
    alice: Business, timeline: Watch
) -> None:
    alice.simulator.script.leave_next_write_unread(flat(alice))
    alice.simulator.script.answer_next(flat(alice), "POST", 423, count=4)
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(5)
    code = code_of(stay)

    stays.cancel(stay=stay, cancelled_by=alice.owner, now=timeline.now)
    timeline.pass_seconds(900)

    assert not alice.opens("Flat 1", code)
    assert [alice.codes_on(door) for door in DOORS] == [[], []]
    assert timeline.letters == []


@pytest.mark.parametrize("order", STALE)
def test_a_change_that_the_list_does_not_show_is_not_told_before_it_is_on_the_lock(
    alice: Business, timeline: Watch, order: Order
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)
    order(alice)

    stays.change(
        stay=stay,
        unit=stay.unit,
        starts_at=stay.starts_at,
        ends_at=stay.ends_at + timedelta(hours=3),
        changed_by=alice.owner,
        now=timeline.now,
    )
    timeline.pass_seconds(300)

    ends = {
        entry.allowed_until
        for door in DOORS
        for entry in alice.simulator.codes_on(alice.locks[door].smartlock_id)
    }
    assert ends == {stay.ends_at + timedelta(hours=3)}
    assert [letter.shut for letter in timeline.letters] == [(), ()]
    assert writes(alice.simulator) == {"PUT": 2, "POST": 2}
