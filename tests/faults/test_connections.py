"""Answers that do not come, come late or half, or are none (F9), and services that fail (F10)."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from access import stays
from nuki_gateway.simulator import Mix
from properties import tenancy
from tests.faults.judging import A_GOOD_LIFE, DOORS, SOON, Watch, live_through
from tests.worlds import Business, code_of

pytestmark = pytest.mark.slow

Order = Callable[[Business], object]
HALF_AN_HOUR = timedelta(minutes=30)


def flat(alice: Business) -> int:
    return alice.locks["Flat 1"].smartlock_id


ODD_ANSWERS = [
    pytest.param(lambda alice: alice.simulator.script.silent_next(flat(alice)), id="F9 silent"),
    pytest.param(
        lambda alice: alice.simulator.script.silent_next(flat(alice), carried_out=False),
        id="F9 silent and not done",
    ),
    pytest.param(lambda alice: alice.simulator.script.slow_next(5.0), id="F9 slow"),
    pytest.param(lambda alice: alice.simulator.script.half_answer_next(flat(alice)), id="F9 half a list"),
    pytest.param(lambda alice: alice.simulator.script.not_json_next(flat(alice), "GET"), id="F9 no list"),
    pytest.param(lambda alice: alice.simulator.script.not_json_next(flat(alice), "PUT"), id="F9 no 204"),
    pytest.param(
        lambda alice: alice.simulator.script.html_502_next(flat(alice), "GET"), id="F9 HTML for GET"
    ),
    pytest.param(
        lambda alice: alice.simulator.script.html_502_next(flat(alice), "PUT"), id="F9 HTML for PUT"
    ),
    pytest.param(
        lambda alice: alice.simulator.script.answer_next(flat(alice), None, 500), id="F10 a single 500"
    ),
    pytest.param(
        lambda alice: alice.simulator.script.answer_next(flat(alice), "POST", 503), id="F10 503 to a sync"
    ),
]


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("order", ODD_ANSWERS)
def test_a_guest_gets_in_whatever_one_call_is_answered(
    alice: Business, timeline: Watch, order: Order
) -> None:
    order(alice)
    stay = alice.book(now=timeline.now)

    life = live_through(alice, timeline, stay)

    orders = alice.simulator.world.orders
    assert (orders.breaks, orders.answers, orders.delays) == ([], [], [])
    assert life == A_GOOD_LIFE


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "rates",
    [
        pytest.param({"silent_sockets": 0.3}, id="F9 silent sockets"),
        pytest.param({"half_answers": 0.3}, id="F9 half answers"),
        pytest.param({"answers_not_json": 0.3}, id="F9 no JSON"),
        pytest.param({"html_502s": 0.3}, id="F9 HTML"),
        pytest.param({"done_then_broken": 0.3, "undone_then_broken": 0.3}, id="F8 and F9 broken writes"),
        pytest.param({"server_errors": 0.3}, id="F10 5xx"),
    ],
)
def test_a_guest_gets_in_while_three_calls_of_ten_go_wrong(
    alice: Business, timeline: Watch, rates: dict[str, float]
) -> None:
    alice.simulator.mix = Mix(name="one fault", **rates)  # type: ignore[arg-type]  # all are rates
    stay = alice.book(now=timeline.now)

    timeline.pass_time(HALF_AN_HOUR)
    alice.simulator.mix = Mix.NONE
    life = live_through(alice, timeline, stay)

    assert life == A_GOOD_LIFE


class TestHalfAnHourOf503:
    """F10: no call of anybody is answered for half an hour."""

    def test_at_booking_it_costs_that_half_hour(self, alice: Business, timeline: Watch) -> None:
        alice.simulator.script.fail_for(HALF_AN_HOUR.total_seconds())
        stay = alice.book(now=timeline.now)

        timeline.pass_time(HALF_AN_HOUR)
        told_before = list(timeline.letters)
        life = live_through(alice, timeline, stay)

        assert told_before == []
        assert life == A_GOOD_LIFE

    def test_across_arrival_it_keeps_nobody_out(self, alice: Business, timeline: Watch) -> None:
        starts_at = timeline.now + timedelta(hours=1)
        stay = alice.book(now=timeline.now, starts_at=starts_at)
        timeline.pass_time(starts_at - timeline.now - timedelta(minutes=1))
        before = [alice.opens(door, code_of(stay)) for door in DOORS]

        alice.simulator.script.fail_for(HALF_AN_HOUR.total_seconds())
        timeline.pass_time(timedelta(minutes=2))

        assert before == [False, False]
        assert [alice.opens(door, code_of(stay)) for door in DOORS] == [True, True]

    def test_across_checkout_it_lets_nobody_in(self, alice: Business, timeline: Watch) -> None:
        stay = alice.book(now=timeline.now)
        timeline.pass_time(stay.ends_at - timeline.now - timedelta(minutes=5))
        code = code_of(stay)
        alice.simulator.script.fail_for(HALF_AN_HOUR.total_seconds())

        timeline.pass_time(timedelta(minutes=6))
        during = [alice.opens(door, code) for door in DOORS]
        timeline.pass_time(HALF_AN_HOUR + SOON)

        assert during == [False, False]
        assert [alice.codes_on(door) for door in DOORS] == [[], []]

    def test_a_cancellation_is_done_soon_after_it(self, alice: Business, timeline: Watch) -> None:
        stay = alice.book(now=timeline.now)
        timeline.pass_seconds(60)
        code = code_of(stay)
        alice.simulator.script.fail_for(HALF_AN_HOUR.total_seconds())

        stays.cancel(stay=stay, cancelled_by=alice.owner, now=timeline.now)
        timeline.pass_time(HALF_AN_HOUR + SOON)

        assert [alice.opens(door, code) for door in DOORS] == [False, False]


def test_f10_a_business_that_nuki_fails_holds_up_no_other_one(
    alice: Business, charlie: Business, timeline: Watch
) -> None:
    alice.simulator.script.fail_for(HALF_AN_HOUR.total_seconds(), account=alice.simulator.world.accounts[0])
    alice.book(now=timeline.now)
    with tenancy.within(charlie.organization):
        stay = charlie.book(now=timeline.now)

        timeline.pass_seconds(60)

        assert [charlie.codes_on(door) for door in DOORS] == [[code_of(stay)]] * 2
    assert [alice.codes_on(door) for door in DOORS] == [[], []]
