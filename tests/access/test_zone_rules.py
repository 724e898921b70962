"""Zones that get other rules between booking and stay: the time on the wall holds, and the locks follow."""

import zoneinfo
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from celery.signals import worker_ready
from django.core.mail import EmailMultiAlternatives
from django.db import connection
from django.test.utils import CaptureQueriesContext
from structlog.testing import capture_logs

from access import stays, tasks
from access.models import AuditEntry, AuditKind, Grant, Stay
from properties import tenancy, wall_clock
from properties.models import Property
from tests.conftest import Rings
from tests.properties import zone_files
from tests.timeline import Timeline
from tests.visitors import signed_in, words
from tests.worlds import ZONE, Business, code_of, writes

pytestmark = pytest.mark.slow  # hours and days of virtual time

HOUR = timedelta(hours=1)
A_SECOND = timedelta(seconds=1)
NO_SUMMER_TIME, MORE_SUMMER_TIME = "Africa/Lagos", "Africa/Nairobi"  # an hour less, and an hour more
ARRIVAL = datetime(2026, 6, 16, 13, 0, tzinfo=UTC)  # 15:00 on the wall in Vienna
DEPARTURE = datetime(2026, 6, 18, 8, 0, tzinfo=UTC)  # 10:00
LATER_RULES = "2999a"

Change = Callable[[str], None]


@pytest.fixture
def change_rules(tmp_path: Path) -> Iterator[Change]:
    """Has Vienna's clocks go by the rules of another zone from now on."""

    def change(like: str) -> None:
        path = tmp_path.joinpath(*ZONE.split("/"))
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(zone_files.read(like))
        zoneinfo.reset_tzpath(to=[tmp_path])
        zoneinfo.ZoneInfo.clear_cache()

    yield change
    zoneinfo.reset_tzpath(to=())
    zoneinfo.ZoneInfo.clear_cache()


def book(business: Business, timeline: Timeline, **details: object) -> Stay:
    return business.book(now=timeline.now, **({"starts_at": ARRIVAL, "ends_at": DEPARTURE} | details))  # type: ignore[arg-type]


def follow(timeline: Timeline) -> list[str]:
    """Run the task; the statements that wrote something."""
    with time_machine.travel(timeline.now, tick=False), CaptureQueriesContext(connection) as made:
        tasks.follow_zone_rules()
    statements = [query["sql"] for query in made.captured_queries]
    return [text for text in statements if text.startswith(("INSERT", "UPDATE", "DELETE"))]


def times(stay: Stay) -> tuple[datetime, datetime]:
    now = Stay.objects.get(pk=stay.pk)
    return now.starts_at, now.ends_at


def test_f28_the_lock_holds_the_new_window_and_the_guest_is_told_once(
    alice: Business, timeline: Timeline, change_rules: Change, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    stay = book(alice, timeline)
    timeline.pass_seconds(120)
    code = code_of(stay)

    change_rules(NO_SUMMER_TIME)
    follow(timeline)
    timeline.pass_seconds(120)
    follow(timeline)
    timeline.pass_seconds(120)
    found = []
    for moment in (ARRIVAL, ARRIVAL + HOUR - A_SECOND, ARRIVAL + HOUR, DEPARTURE + HOUR - A_SECOND):
        timeline.pass_time(moment - timeline.now)
        found.append((alice.opens("Front door", code), alice.opens("Flat 1", code)))
    timeline.clock.turn(seconds=1)
    found.append((alice.opens("Front door", code), alice.opens("Flat 1", code)))

    assert times(stay) == (ARRIVAL + HOUR, DEPARTURE + HOUR)
    assert found == [(False, False), (False, False), (True, True), (True, True), (False, False)]
    assert len(mailoutbox) == 2
    for letter in mailoutbox:
        assert "Tuesday, 16 June, 15:00" in str(letter.body)
        assert "Thursday, 18 June, 10:00" in str(letter.body)
    assert [(write, count) for write, count in writes(alice.simulator).items() if write != "DELETE"] == [
        ("PUT", 2),
        ("POST", 2),
    ]
    assert AuditEntry.objects.filter(stay=stay, kind=AuditKind.TIMES_DERIVED_ANEW).count() == 1


def test_an_operation_of_its_own_bumps_the_revision_and_every_generation(
    alice: Business, timeline: Timeline, change_rules: Change
) -> None:
    stay = book(alice, timeline)
    change_rules(NO_SUMMER_TIME)

    is_moved = stays.derive_times_anew(stay=stay, now=timeline.now)
    again = stays.derive_times_anew(stay=stay, now=timeline.now)

    moved = Stay.objects.get(pk=stay.pk)
    assert (is_moved, again) == (True, False)
    assert (moved.revision, moved.starts_on_the_wall, moved.ends_on_the_wall) == (
        2,
        "2026-06-16T15:00:00+01:00",
        "2026-06-18T10:00:00+01:00",
    )
    assert [
        (grant.generation, grant.allowed_from, grant.allowed_until)
        for grant in Grant.objects.filter(stay=stay)
    ] == [(2, ARRIVAL + HOUR, DEPARTURE + HOUR)] * 2


def test_nothing_is_written_where_no_rule_changed(
    alice: Business, timeline: Timeline, mailoutbox: list[EmailMultiAlternatives], rings: Rings
) -> None:
    stay = book(alice, timeline)
    timeline.pass_seconds(120)
    rings.sent.clear()
    calls = len(alice.simulator.calls)

    written = follow(timeline)
    timeline.pass_time(HOUR)

    assert written == []
    assert times(stay) == (ARRIVAL, DEPARTURE)
    assert rings.sent == []
    assert len(mailoutbox) == 1
    assert [call for call in alice.simulator.calls[calls:] if call.method != "GET"] == []


def test_stays_that_need_nothing_cost_one_query_however_many_there_are(
    alice: Business, timeline: Timeline, django_assert_num_queries: Callable[[int], CaptureQueriesContext]
) -> None:
    for day in range(30):
        book(
            alice,
            timeline,
            starts_at=ARRIVAL + timedelta(days=10 + day),
            ends_at=ARRIVAL + timedelta(days=11 + day),
        )

    with time_machine.travel(timeline.now, tick=False), django_assert_num_queries(2):  # with the scope
        tasks.follow_zone_rules()


@pytest.mark.parametrize(
    ("like", "shift"),
    [
        pytest.param(NO_SUMMER_TIME, HOUR, id="later"),
        pytest.param(MORE_SUMMER_TIME, -HOUR, id="earlier"),
    ],
)
def test_guests_who_follow_one_another_in_a_unit_move_without_running_into_each_other(
    alice: Business, timeline: Timeline, change_rules: Change, like: str, shift: timedelta
) -> None:
    turn_over = [ARRIVAL + timedelta(days=day) for day in (0, 2, 4, 6)]
    in_the_order_of_booking = [(0, 1), (2, 3), (1, 2)]
    booked = [
        book(alice, timeline, starts_at=turn_over[first], ends_at=turn_over[last])
        for first, last in in_the_order_of_booking
    ]

    change_rules(like)
    follow(timeline)

    assert [times(stay) for stay in booked] == [
        (turn_over[first] + shift, turn_over[last] + shift) for first, last in in_the_order_of_booking
    ]


def test_a_stay_that_would_run_into_another_is_left_for_people_and_the_rest_goes_on(
    alice: Business, timeline: Timeline, change_rules: Change
) -> None:
    stuck = book(alice, timeline)
    neighbour = book(alice, timeline, starts_at=DEPARTURE, ends_at=DEPARTURE + timedelta(days=1))
    Stay.objects.filter(pk=neighbour.pk).update(zone_rules=LATER_RULES)
    other = book(alice, timeline, unit="Flat 2")

    change_rules(NO_SUMMER_TIME)
    with capture_logs() as logged:
        follow(timeline)

    assert times(stuck) == (ARRIVAL, DEPARTURE)
    assert times(neighbour) == (DEPARTURE, DEPARTURE + timedelta(days=1))
    assert times(other) == (ARRIVAL + HOUR, DEPARTURE + HOUR)
    assert [line for line in logged if line["event"] == "times_not_derived_anew"] == [
        {
            "event": "times_not_derived_anew",
            "log_level": "warning",
            "stay_id": stuck.pk,
            "unit_id": stuck.unit_id,
            "reason": "UnitIsTaken",
        }
    ]
    assert AuditEntry.objects.filter(stay=stuck, kind=AuditKind.TIMES_DERIVED_ANEW).count() == 0


def test_a_process_with_older_rules_does_not_take_back_what_a_newer_one_put_right(
    alice: Business, timeline: Timeline, change_rules: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    stay = book(alice, timeline)
    change_rules(NO_SUMMER_TIME)
    with monkeypatch.context() as newer:
        newer.setattr(wall_clock, "RULES", LATER_RULES)
        follow(timeline)

    change_rules(ZONE)
    written = follow(timeline)

    assert written == []
    assert times(stay) == (ARRIVAL + HOUR, DEPARTURE + HOUR)


def test_what_an_older_process_changed_is_put_right_by_a_newer_one(
    alice: Business, timeline: Timeline, change_rules: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    stay = book(alice, timeline)
    change_rules(NO_SUMMER_TIME)
    monkeypatch.setattr(wall_clock, "RULES", LATER_RULES)
    follow(timeline)
    with monkeypatch.context() as older:
        older.setattr(wall_clock, "RULES", "2026a")
        change_rules(ZONE)
        next_day = wall_clock.departure(datetime(2026, 6, 19, 10), ZONE)  # noqa: DTZ001
        moved = Stay.objects.get(pk=stay.pk)
        stays.change(
            stay=moved,
            unit=moved.unit,
            starts_at=moved.starts_at,
            ends_at=next_day,
            changed_by=None,
            now=timeline.now,
        )
        written = follow(timeline)

    change_rules(NO_SUMMER_TIME)
    follow(timeline)

    assert written == []
    assert next_day == DEPARTURE + timedelta(days=1)
    assert times(stay) == (ARRIVAL + HOUR, next_day + HOUR)


def test_an_arrival_on_the_wall_outlives_a_change_of_the_departure(
    alice: Business, timeline: Timeline, change_rules: Change
) -> None:
    stay = book(alice, timeline)
    change_rules(NO_SUMMER_TIME)
    longer = DEPARTURE + 5 * HOUR
    stays.change(
        stay=stay, unit=stay.unit, starts_at=ARRIVAL, ends_at=longer, changed_by=None, now=timeline.now
    )

    follow(timeline)

    assert times(stay) == (ARRIVAL + HOUR, longer)


def test_stays_from_before_times_on_the_wall_were_kept_get_them_at_once(
    alice: Business, timeline: Timeline
) -> None:
    kept = book(alice, timeline)
    Stay.objects.update(starts_on_the_wall="", ends_on_the_wall="", zone_rules="")

    first, second = follow(timeline), follow(timeline)

    now = Stay.objects.get(pk=kept.pk)
    assert (now.starts_on_the_wall, now.ends_on_the_wall) == (
        "2026-06-16T15:00:00+02:00",
        "2026-06-18T10:00:00+02:00",
    )
    assert now.zone_rules == wall_clock.RULES
    assert (len(first), second) == (1, [])
    assert (now.revision, times(kept)) == (1, (ARRIVAL, DEPARTURE))


def test_times_that_were_changed_without_those_on_the_wall_are_not_taken_back(
    alice: Business, timeline: Timeline
) -> None:
    stay = book(alice, timeline)
    Stay.objects.filter(pk=stay.pk).update(ends_at=DEPARTURE + HOUR)  # as code from before does

    follow(timeline)

    assert times(stay) == (ARRIVAL, DEPARTURE + HOUR)
    assert Stay.objects.get(pk=stay.pk).ends_on_the_wall == "2026-06-18T11:00:00+02:00"


def test_stays_that_are_over_or_cancelled_stay_as_they_are(
    alice: Business, timeline: Timeline, change_rules: Change
) -> None:
    over = book(alice, timeline, starts_at=timeline.now, ends_at=timeline.now + HOUR)
    cancelled = book(alice, timeline)
    stays.cancel(stay=cancelled, cancelled_by=None, now=timeline.now)
    before = [times(over), times(cancelled)]
    timeline.pass_time(HOUR)

    change_rules(NO_SUMMER_TIME)
    written = follow(timeline)

    assert written == []
    assert [times(over), times(cancelled)] == before
    assert [stays.derive_times_anew(stay=stay, now=timeline.now) for stay in (over, cancelled)] == [
        False,
        False,
    ]


def test_a_zone_that_a_host_corrects_moves_stays_as_other_rules_do(
    alice: Business, timeline: Timeline
) -> None:
    stay = book(alice, timeline)
    Property.objects.filter(pk=alice.house.pk).update(time_zone="Asia/Dubai")

    follow(timeline)

    assert times(stay) == (ARRIVAL - 2 * HOUR, DEPARTURE - 2 * HOUR)


def test_a_zone_that_nobody_knows_any_more_holds_up_no_other(
    alice: Business, charlie: Business, timeline: Timeline, change_rules: Change
) -> None:
    lost = book(alice, timeline)
    with tenancy.within(charlie.organization):
        theirs = book(charlie, timeline)
    Property.objects.filter(pk=alice.house.pk).update(time_zone="Mars/Base")

    change_rules(NO_SUMMER_TIME)
    with capture_logs() as logged:
        follow(timeline)

    assert times(lost) == (ARRIVAL, DEPARTURE)
    with tenancy.within(charlie.organization):
        assert times(theirs) == (ARRIVAL + HOUR, DEPARTURE + HOUR)
    assert [(line["event"], line["stay_id"]) for line in logged if line["log_level"] == "warning"] == [
        ("zone_is_unknown", lost.pk)
    ]


def test_more_than_one_run_may_move_are_moved_by_the_next_which_is_rung_for(
    alice: Business,
    timeline: Timeline,
    change_rules: Change,
    rings: Rings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tasks, "MOST_AT_ONCE", 1)
    booked = [book(alice, timeline), book(alice, timeline, unit="Flat 2")]
    change_rules(NO_SUMMER_TIME)
    rings.sent.clear()

    follow(timeline)
    after_one = sum(times(stay) == (ARRIVAL + HOUR, DEPARTURE + HOUR) for stay in booked)
    rung = [ring for ring in rings.sent if ring[0] == "access.tasks.follow_zone_rules"]
    follow(timeline)

    assert after_one == 1
    assert rung == [("access.tasks.follow_zone_rules", {}, None)]
    assert [times(stay) for stay in booked] == [(ARRIVAL + HOUR, DEPARTURE + HOUR)] * 2


def test_a_worker_that_starts_rings_for_the_rules_it_came_with(rings: Rings) -> None:
    worker_ready.send(sender=None)

    assert rings.sent == [("access.tasks.follow_zone_rules", {}, None)]


def test_the_host_reads_why_the_times_moved(
    alice: Business, timeline: Timeline, change_rules: Change
) -> None:
    stay = book(alice, timeline)
    change_rules(NO_SUMMER_TIME)
    follow(timeline)

    page = words(signed_in(alice, timeline.clock).get(f"/stays/{stay.pk}"))

    assert "Times worked out anew: the rules of the property's time zone are others now" in page
