"""Writes that are lost, doubled, refused for now, or done without anybody saying so (F1-F3, F5-F8)."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from access import stays
from access.models import Grant, Stay
from nuki_gateway.simulator import Mix
from nuki_gateway.simulator.orders import OrderedBreak, Wire
from tests.faults.judging import A_GOOD_LIFE, DOORS, SOON, Watch, live_through
from tests.worlds import Business, code_of, grant_on, writes

pytestmark = pytest.mark.slow

Order = Callable[[Business], object]


def flat(alice: Business) -> int:
    return alice.locks["Flat 1"].smartlock_id


def front(alice: Business) -> int:
    return alice.locks["Front door"].smartlock_id


def extend(alice: Business, stay: Stay, timeline: Watch, span: timedelta) -> None:
    stays.change(
        stay=stay,
        unit=stay.unit,
        starts_at=stay.starts_at,
        ends_at=stay.ends_at + span,
        changed_by=alice.owner,
        now=timeline.now,
    )
    stay.refresh_from_db()


@pytest.mark.parametrize(
    ("order", "pushes"),
    [
        pytest.param(lambda alice: alice.simulator.script.lose_next_write(flat(alice)), 3, id="F1 one"),
        pytest.param(
            lambda alice: [alice.simulator.script.lose_next_write(flat(alice)) for _ in range(3)],
            5,
            id="F1 three",
        ),
        pytest.param(
            lambda alice: alice.simulator.script.answer_next(flat(alice), "PUT", 423, count=4),
            6,
            id="F3 four times 423",
        ),
        pytest.param(lambda alice: alice.simulator.script.busy_for(flat(alice), 600), None, id="F3 a storm"),
        pytest.param(
            lambda alice: alice.simulator.script.phantom_next_create(flat(alice)), 3, id="F6 a phantom"
        ),
        pytest.param(
            lambda alice: alice.simulator.script.drop_connection_on_next_write(flat(alice), carried_out=True),
            2,
            id="F8 done, then cut off",
        ),
        pytest.param(
            lambda alice: alice.simulator.script.drop_connection_on_next_write(
                flat(alice), carried_out=False
            ),
            3,
            id="F8 cut off and not done",
        ),
        pytest.param(
            lambda alice: alice.simulator.script.answer_next(None, "PUT", 500, count=3), 5, id="F10 500"
        ),
        pytest.param(
            lambda alice: alice.simulator.script.answer_next(None, "PUT", 503, count=3), 5, id="F10 503"
        ),
        pytest.param(
            lambda alice: alice.simulator.script.answer_next(None, "PUT", 429, count=3), 5, id="F11 429"
        ),
        pytest.param(
            lambda alice: alice.simulator.script.answer_next(flat(alice), "POST", 423), 2, id="F3 a busy sync"
        ),
    ],
)
def test_a_guest_gets_in_whatever_becomes_of_the_write(
    *, alice: Business, timeline: Watch, order: Order, pushes: int | None
) -> None:
    order(alice)
    stay = alice.book(now=timeline.now)

    timeline.pass_seconds(600)
    assert pushes is None or writes(alice.simulator)["PUT"] == pushes
    life = live_through(alice, timeline, stay)

    assert life == A_GOOD_LIFE


@pytest.mark.parametrize(
    "order",
    [
        pytest.param(lambda alice: alice.simulator.script.lose_next_write(flat(alice)), id="F1 lost"),
        pytest.param(
            lambda alice: alice.simulator.script.drop_connection_on_next_write(
                flat(alice), carried_out=False
            ),
            id="F8 cut off and not done",
        ),
    ],
)
def test_a_write_that_does_not_show_is_repeated_with_the_same_code(
    alice: Business, timeline: Watch, order: Order
) -> None:
    order(alice)
    stay = alice.book(now=timeline.now)
    code = code_of(stay)

    timeline.pass_seconds(600)

    assert writes(alice.simulator) == {"PUT": 3}
    assert [alice.codes_on(door) for door in DOORS] == [[code], [code]]


def test_f8_a_write_whose_answer_was_lost_is_looked_for_before_it_is_sent_again(
    alice: Business, timeline: Watch
) -> None:
    alice.simulator.mix = Mix(name="slow copies", lag_shortest_seconds=29, lag_longest_seconds=30)
    alice.simulator.script.drop_connection_on_next_write(flat(alice), carried_out=True)
    stay = alice.book(now=timeline.now)

    timeline.pass_seconds(300)

    assert writes(alice.simulator) == {"PUT": 2}
    assert [alice.codes_on(door) for door in DOORS] == [[code_of(stay)], [code_of(stay)]]


@pytest.mark.parametrize(
    "order",
    [
        pytest.param(lambda alice: alice.simulator.script.lose_next_write(flat(alice)), id="F1 lost"),
        pytest.param(lambda alice: alice.simulator.script.ignore_next_delete(flat(alice)), id="F5 ignored"),
    ],
)
def test_a_grant_is_open_for_as_long_as_its_code_is_on_the_lock(
    alice: Business, timeline: Watch, order: Order
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(120)
    order(alice)
    stays.cancel(stay=stay, cancelled_by=alice.owner, now=timeline.now)

    while grant_on(stay, "Flat 1").closed_at is None and timeline.now < stay.starts_at + SOON:
        timeline.pass_seconds(5)

    assert grant_on(stay, "Flat 1").closed_at is not None
    assert alice.codes_on("Flat 1") == []
    assert writes(alice.simulator)["DELETE"] == 3


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("carried_out", [pytest.param(True, id="done"), pytest.param(False, id="not done")])
def test_f8_a_write_that_nobody_answers_makes_one_entry(
    *, alice: Business, timeline: Watch, carried_out: bool
) -> None:
    silence = OrderedBreak(flat(alice), Wire.SILENT, carried_out, writes_only=True)
    alice.simulator.world.orders.breaks.append(silence)
    stay = alice.book(now=timeline.now)

    life = live_through(alice, timeline, stay)

    assert life == A_GOOD_LIFE
    assert alice.simulator.world.orders.breaks == []


@pytest.mark.parametrize(
    "order",
    [
        pytest.param(lambda alice: alice.simulator.script.lose_next_write(flat(alice)), id="F1 lost"),
        pytest.param(lambda alice: alice.simulator.script.busy_for(flat(alice), 600), id="F3 a storm of 423"),
        pytest.param(
            lambda alice: alice.simulator.script.drop_connection_on_next_write(flat(alice), carried_out=True),
            id="F8 done, then cut off",
        ),
        pytest.param(
            lambda alice: alice.simulator.script.drop_connection_on_next_write(
                flat(alice), carried_out=False
            ),
            id="F8 cut off and not done",
        ),
    ],
)
def test_a_longer_stay_opens_to_its_new_end_and_no_further(
    alice: Business, timeline: Watch, order: Order
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)
    old_end = stay.ends_at
    order(alice)

    extend(alice, stay, timeline, timedelta(hours=6))
    timeline.pass_time(timedelta(minutes=25))
    written = writes(alice.simulator).total()
    timeline.pass_time(old_end + timedelta(hours=5) - timeline.now)
    inside = [alice.opens(door, code_of(stay)) for door in DOORS]
    written_when_quiet = writes(alice.simulator).total() - written
    code = code_of(stay)
    timeline.pass_time(stay.ends_at + SOON - timeline.now)

    assert inside == [True, True]
    assert written_when_quiet == 0
    assert [alice.opens(door, code) for door in DOORS] == [False, False]
    assert [alice.codes_on(door) for door in DOORS] == [[], []]
    assert [letter.shut for letter in timeline.letters] == [(), ()]


@pytest.mark.parametrize(
    "order",
    [
        pytest.param(lambda alice: alice.simulator.script.lose_next_write(flat(alice)), id="F1 lost"),
        pytest.param(lambda alice: alice.simulator.script.busy_for(flat(alice), 600), id="F3 a storm of 423"),
        pytest.param(lambda alice: alice.simulator.script.ghost_next_delete(flat(alice)), id="F5 a ghost"),
        pytest.param(lambda alice: alice.simulator.script.ignore_next_delete(flat(alice)), id="F5 ignored"),
        pytest.param(
            lambda alice: alice.simulator.script.drop_connection_on_next_write(flat(alice), carried_out=True),
            id="F8 done, then cut off",
        ),
        pytest.param(
            lambda alice: alice.simulator.script.drop_connection_on_next_write(
                flat(alice), carried_out=False
            ),
            id="F8 cut off and not done",
        ),
        pytest.param(
            lambda alice: alice.simulator.script.answer_next(None, "DELETE", 503, count=3), id="F10 503"
        ),
    ],
)
def test_a_cancelled_guest_is_out_and_the_lock_is_left_alone_afterwards(
    alice: Business, timeline: Watch, order: Order
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)
    code = code_of(stay)
    order(alice)

    stays.cancel(stay=stay, cancelled_by=alice.owner, now=timeline.now)
    timeline.pass_time(timedelta(minutes=20))
    written = writes(alice.simulator).total()
    opened = [alice.opens(door, code) for door in DOORS]
    timeline.pass_time(timedelta(days=1))

    assert opened == [False, False]
    assert [alice.codes_on(door) for door in DOORS] == [[], []]
    assert not Grant.objects.filter(stay=stay, closed_at=None).exists()
    assert writes(alice.simulator).total() == written


def test_f2_of_rapid_changes_the_last_one_stands(alice: Business, timeline: Watch) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)

    for hours in (1, 2, 3, 4, 5):
        extend(alice, stay, timeline, timedelta(hours=hours))
        for door in DOORS:
            timeline.look_at(alice.locks[door].pk)
        timeline.clock.turn(seconds=0.4)
    timeline.pass_time(SOON)

    ends = {entry.allowed_until for door in (front, flat) for entry in alice.simulator.codes_on(door(alice))}
    assert ends == {stay.ends_at}
    assert [alice.codes_on(door) for door in DOORS] == [[code_of(stay)]] * 2


def test_f5_a_code_that_was_a_ghost_can_be_given_to_the_next_guest(alice: Business, timeline: Watch) -> None:
    first = alice.book(now=timeline.now)
    timeline.pass_seconds(60)
    alice.simulator.script.ghost_next_delete(flat(alice))
    stays.cancel(stay=first, cancelled_by=alice.owner, now=timeline.now)

    second = alice.book(now=timeline.now, guest_name="Bo Berg", guest_email="bo@guests.example")
    life = live_through(alice, timeline, second)

    assert life == A_GOOD_LIFE


def test_f6_a_phantom_that_is_listed_late_after_a_sync_is_seen_through(
    alice: Business, timeline: Watch
) -> None:
    alice.simulator.mix = Mix(name="slow copies", lag_shortest_seconds=29, lag_longest_seconds=30)
    alice.simulator.script.phantom_next_create(flat(alice))
    stay = alice.book(now=timeline.now)

    life = live_through(alice, timeline, stay)

    assert life == A_GOOD_LIFE


def test_f7_a_change_repeats_every_field_of_the_entry(alice: Business, timeline: Watch) -> None:
    starts_at = timeline.now + timedelta(days=1)
    stay = alice.book(now=timeline.now, starts_at=starts_at, ends_at=starts_at + timedelta(days=1))
    timeline.pass_seconds(60)
    code = code_of(stay)

    extend(alice, stay, timeline, timedelta(hours=2))
    timeline.pass_seconds(120)

    (entry,) = alice.simulator.codes_on(flat(alice))
    assert (entry.name, entry.code, entry.enabled) == (grant_on(stay, "Flat 1").label, code, True)
    assert (entry.allowed_from, entry.allowed_until) == (starts_at, starts_at + timedelta(hours=26))
    assert (entry.weekdays, entry.from_minute or 0, entry.until_minute or 0) == (127, 0, 0)
    assert not alice.opens("Flat 1", code)


def test_f5_a_removal_that_is_ignored_again_and_again_is_asked_for_each_hour_until_it_is_done(
    alice: Business, timeline: Watch
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(120)
    code = code_of(stay)
    for _ in range(8):
        alice.simulator.script.ignore_next_delete(flat(alice))

    stays.cancel(stay=stay, cancelled_by=alice.owner, now=timeline.now)
    timeline.pass_time(timedelta(minutes=50))
    in_an_hour, still_opens = deletes_at_the_flat(alice), alice.opens("Flat 1", code)
    timeline.pass_time(timedelta(minutes=100))

    assert (in_an_hour, still_opens) == (5, True)
    assert deletes_at_the_flat(alice) == 9
    assert alice.codes_on("Flat 1") == []


def deletes_at_the_flat(alice: Business) -> int:
    number = str(flat(alice))
    return sum(call.method == "DELETE" and number in call.path for call in alice.simulator.calls)
