"""Numbers that locks give again (F19), and logs that are late, incomplete or off (F23): right or unknown."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from access import stays
from access.models import Activity, Stay
from tests.faults.judging import A_GOOD_LIFE, Watch, live_through
from tests.worlds import Business, code_of, grant_on

pytestmark = pytest.mark.slow

HOUR = timedelta(hours=1)
Order = Callable[[Business], object]


def flat(alice: Business) -> int:
    return alice.locks["Flat 1"].smartlock_id


def who_opened() -> list[int | None]:
    """The grants that are said to have been used, in the order in which the door opened."""
    rows = Activity.objects.filter(kind="opened").order_by("happened_at", "pk")
    return list(rows.values_list("grant_id", flat=True))


def next_guest(alice: Business, timeline: Watch, first: Stay) -> Stay:
    """Cancel a stay, and let the next one have its place on the lock, and its number."""
    (before,) = alice.simulator.codes_on(flat(alice))
    stays.cancel(stay=first, cancelled_by=alice.owner, now=timeline.now)
    timeline.pass_time(timedelta(minutes=10))
    second = alice.book(now=timeline.now, guest_name="Bo Berg", guest_email="bo@guests.example")
    timeline.pass_seconds(120)
    (after,) = alice.simulator.codes_on(flat(alice))
    assert before.number == after.number
    return second


@pytest.mark.parametrize(
    ("order", "first_is_known"),
    [
        pytest.param(lambda _: None, [True], id="F19 in time"),
        pytest.param(
            lambda alice: alice.simulator.script.delay_next_log_entry(flat(alice), 3600),
            [True],
            id="F19 and F23 an hour late",
        ),
        pytest.param(
            lambda alice: alice.simulator.script.strip_next_log_entry(flat(alice)),
            [False],
            id="F19 and F23 nobody's",
        ),
        pytest.param(
            lambda alice: alice.simulator.script.lose_next_log_entry(flat(alice)), [], id="F19 and F23 lost"
        ),
    ],
)
@pytest.mark.parametrize(
    "is_read_between", [pytest.param(True, id="read between"), pytest.param(False, id="read afterwards")]
)
def test_what_the_guest_before_did_is_never_said_of_the_next_one(
    *, alice: Business, timeline: Watch, order: Order, first_is_known: list[bool], is_read_between: bool
) -> None:
    first = alice.book(now=timeline.now)
    timeline.pass_seconds(120)
    order(alice)
    assert alice.opens("Flat 1", code_of(first))
    timeline.pass_seconds(60)
    if is_read_between:
        alice.read_log(now=timeline.now)
    second = next_guest(alice, timeline, first)
    assert alice.opens("Flat 1", code_of(second))

    timeline.pass_time(2 * HOUR)
    alice.read_log(now=timeline.now)

    of_the_first = [grant_on(first, "Flat 1").pk if known else None for known in first_is_known]
    assert who_opened() == [*of_the_first, grant_on(second, "Flat 1").pk]


def test_f23_a_lock_without_a_log_keeps_nobody_out_and_invents_nothing(
    alice: Business, timeline: Watch
) -> None:
    alice.simulator.script.switch_log(flat(alice), on=False)
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(120)
    assert alice.opens("Flat 1", code_of(stay))

    timeline.pass_seconds(120)
    alice.read_log(now=timeline.now)

    assert who_opened() == []
    assert live_through(alice, timeline, stay) == A_GOOD_LIFE
