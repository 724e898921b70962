"""The heartbeat of the ticks: who writes it, who reads it, and what hosts are told when it stops."""

from datetime import timedelta

import pytest

from nuki_gateway.simulator import TurnedClock
from properties import heartbeat
from properties.models import Heartbeat
from tests.visitors import check_page, signed_in, words
from tests.worlds import MONDAY_NOON as NOON
from tests.worlds import Business

A_SECOND = timedelta(seconds=1)
STANDSTILL = (
    "Keyturn's work in the background has stood still for 6 minutes: codes that are on the locks keep working"
)


def ticked_at() -> list[object]:
    return list(Heartbeat.objects.values_list("ticked_at", flat=True))


@pytest.mark.django_db
def test_the_first_tick_makes_the_one_row_and_later_ones_move_it() -> None:
    heartbeat.note(work_waits_since=None, now=NOON)
    heartbeat.note(work_waits_since=None, now=NOON + timedelta(seconds=15))

    assert ticked_at() == [NOON + timedelta(seconds=15)]


@pytest.mark.django_db
def test_the_ticks_of_a_second_beat_write_nothing() -> None:
    heartbeat.note(work_waits_since=None, now=NOON)

    heartbeat.note(work_waits_since=None, now=NOON + 9 * A_SECOND)

    assert ticked_at() == [NOON]


@pytest.mark.django_db
def test_a_clock_that_was_ahead_is_put_right_by_the_next_tick() -> None:
    heartbeat.note(work_waits_since=None, now=NOON + timedelta(days=400))

    heartbeat.note(work_waits_since=None, now=NOON)

    assert ticked_at() == [NOON]


@pytest.mark.django_db
def test_a_standstill_begins_after_five_minutes() -> None:
    heartbeat.note(work_waits_since=None, now=NOON)

    assert list(heartbeat.stopped(NOON + heartbeat.LATE)) == []
    assert list(heartbeat.stopped(NOON + heartbeat.LATE + A_SECOND)) == [{"ticked_at": NOON}]
    assert heartbeat.keeps_up(NOON + heartbeat.LATE)
    assert not heartbeat.keeps_up(NOON + heartbeat.LATE + A_SECOND)


def test_hosts_read_on_their_pages_that_the_ticks_have_stopped(alice: Business, clock: TurnedClock) -> None:
    heartbeat.note(work_waits_since=None, now=clock.now() - timedelta(minutes=6))
    host = signed_in(alice, clock)

    for path in ("/", "/properties", "/nuki-accounts"):
        page = host.get(path, follow=True)
        check_page(page)
        assert STANDSTILL in words(page), path


def test_hosts_read_nothing_of_it_while_ticks_run(alice: Business, clock: TurnedClock) -> None:
    heartbeat.note(work_waits_since=clock.now() - timedelta(hours=1), now=clock.now() - timedelta(minutes=4))

    page = signed_in(alice, clock).get("/", follow=True)

    assert "stood still" not in words(page)


def test_the_frame_costs_one_query_more_on_a_page_and_none_on_a_part_of_one(
    alice: Business, clock: TurnedClock, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    host = signed_in(alice, clock)

    with django_assert_max_num_queries(100) as whole:  # type: ignore[operator]
        host.get("/nuki-accounts")
    with django_assert_max_num_queries(100) as plain:  # type: ignore[operator]
        host.get("/no-such-page")

    asked = [query["sql"] for query in whole.captured_queries if "properties_heartbeat" in query["sql"]]
    assert len(asked) == 1
    assert "properties_heartbeat" not in str(plain.captured_queries)
