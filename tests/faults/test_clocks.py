"""Locks whose clock is off or set to another zone (F27), and zones that change their rules (F28)."""

from datetime import timedelta

import pytest
import time_machine

from access import shown, tasks
from access.models import Grant
from tests.faults.judging import Watch
from tests.worlds import Business, code_of

pytestmark = pytest.mark.slow

A_SECOND = timedelta(seconds=1)
OFF = timedelta(minutes=2)
KIRITIMATI, NEW_YORK = 14 * 60, -5 * 60  # minutes from UTC


def flat(alice: Business) -> int:
    return alice.locks["Flat 1"].smartlock_id


@pytest.mark.parametrize(
    ("seconds", "opened"),
    [
        pytest.param(0, [False, True, True, True, False, False], id="right"),
        pytest.param(120, [True, True, True, False, False, False], id="F27 two minutes fast"),
        pytest.param(-120, [False, False, True, True, True, False], id="F27 two minutes slow"),
    ],
)
def test_a_clock_that_is_off_moves_the_edges_by_no_more_than_that(
    *, alice: Business, timeline: Watch, seconds: int, opened: list[bool]
) -> None:
    starts_at = timeline.now + timedelta(hours=2)
    stay = alice.book(now=timeline.now, starts_at=starts_at, ends_at=starts_at + timedelta(hours=20))
    alice.simulator.script.set_clock_offset(flat(alice), seconds)
    code, ends_at = code_of(stay), stay.ends_at
    moments = [starts_at - A_SECOND, starts_at, starts_at + OFF, ends_at - OFF, ends_at, ends_at + OFF]

    found = []
    for moment in moments:
        timeline.pass_time(moment - timeline.now - A_SECOND)
        timeline.clock.turn_to(moment)
        found.append(alice.opens("Flat 1", code))

    assert found == opened
    assert [letter.shut for letter in timeline.letters] == [()]


def test_f27_a_lock_in_another_zone_opens_in_time_and_is_shown(alice: Business, timeline: Watch) -> None:
    starts_at = timeline.now + timedelta(hours=2)
    stay = alice.book(now=timeline.now, starts_at=starts_at, ends_at=starts_at + timedelta(hours=20))
    alice.simulator.script.set_time_zone(flat(alice), 40)
    timeline.pass_seconds(120)
    with time_machine.travel(timeline.now, tick=False):
        tasks.refresh_nuki_account(account_id=alice.account.pk)
    code = code_of(stay)

    grant = Grant.objects.select_related("smart_lock", "door", "stay").get(stay=stay, door__name="Flat 1")
    said = shown.door_line(grant, "Europe/Vienna", timeline.now).lock_state
    found = []
    for moment in (starts_at - A_SECOND, starts_at, stay.ends_at - A_SECOND, stay.ends_at):
        timeline.pass_time(moment - timeline.now)
        found.append(alice.opens("Flat 1", code))

    assert said == f"online; its clock is set to {grant.smart_lock.time_zone}"
    assert found == [False, True, True, False]


@pytest.mark.parametrize("offset", [KIRITIMATI, NEW_YORK])
def test_f28_a_zone_that_gets_other_rules_during_a_stay_moves_nothing_on_the_lock(
    alice: Business, timeline: Watch, offset: int
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(120)
    code = code_of(stay)

    alice.simulator.script.set_zone_rules(flat(alice), offset)
    found = [alice.opens("Flat 1", code)]
    for moment in (stay.ends_at - A_SECOND, stay.ends_at):
        timeline.pass_time(moment - timeline.now)
        found.append(alice.opens("Flat 1", code))

    assert found == [True, True, False]
