"""Keypads that are gone, new or empty (F15), and locks without room (F16)."""

from datetime import timedelta

import pytest
import time_machine

from access import queries, shown, tasks
from access.models import Problem, Stay
from properties.models import SmartLock
from tests.faults.judging import A_GOOD_LIFE, SOON, Watch, live_through
from tests.worlds import Business, code_of, grant_on, writes

pytestmark = pytest.mark.slow

A_DAY = timedelta(days=1)
AN_HOUR = timedelta(hours=1)


def flat(alice: Business) -> int:
    return alice.locks["Flat 1"].smartlock_id


def chip_of(stay: Stay, timeline: Watch) -> tuple[str, str]:
    stay = Stay.objects.select_related("guest", "unit__property").get(pk=stay.pk)
    grants = list(stay.grants.select_related("smart_lock", "door"))
    chip = shown.state_of(stay, grants, timeline.now).chip
    return chip.tone, chip.word


def refresh(alice: Business, timeline: Watch) -> None:
    with time_machine.travel(timeline.now, tick=False):
        tasks.refresh_nuki_account(account_id=alice.account.pk)


def test_f15_a_keypad_that_the_cloud_does_not_know_yet_is_found_by_a_sync(
    alice: Business, timeline: Watch
) -> None:
    alice.simulator.script.unpair_keypad(flat(alice))
    alice.simulator.script.pair_keypad(flat(alice), known_to_cloud=False)
    stay = alice.book(now=timeline.now)

    timeline.pass_seconds(120)
    refused = [call for call in alice.simulator.calls if call.status == 400 and call.path.endswith("/auth")]
    life = live_through(alice, timeline, stay)

    assert len(refused) == 1
    assert life == A_GOOD_LIFE


def test_f15_a_keypad_that_is_unpaired_before_the_code_is_set_is_the_host_s_to_mend(
    alice: Business, timeline: Watch
) -> None:
    alice.simulator.script.unpair_keypad(flat(alice))
    stay = alice.book(now=timeline.now)
    timeline.pass_time(timedelta(minutes=5))
    seen = (grant_on(stay, "Flat 1").problem, chip_of(stay, timeline))
    timeline.pass_time(timedelta(hours=12))
    written = writes(alice.simulator)["PUT"]

    alice.simulator.script.pair_keypad(flat(alice))
    timeline.pass_time(timedelta(hours=8))
    life = live_through(alice, timeline, stay)

    assert seen == (Problem.KEYPAD_REFUSES, ("act", "Needs you"))
    assert written <= 8
    assert life == A_GOOD_LIFE


@pytest.mark.parametrize("known", [pytest.param(True, id="known"), pytest.param(False, id="unknown")])
def test_f15_a_keypad_that_is_unpaired_during_a_stay_is_not_stormed(
    *, alice: Business, timeline: Watch, known: bool
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)
    written = writes(alice.simulator).total()

    alice.simulator.script.unpair_keypad(flat(alice), known_to_cloud=known)
    timeline.pass_time(A_DAY)
    refresh(alice, timeline)

    assert writes(alice.simulator).total() == written
    assert [letter.shut for letter in timeline.letters] == [()]
    assert SmartLock.objects.get(pk=alice.locks["Flat 1"].pk).has_keypad is False
    assert chip_of(stay, timeline) == ("act", "Needs you")
    assert list(queries.at_risk(timeline.now, alice.organization)) == [stay]
    timeline.skip_to(stay.ends_at + SOON)
    assert alice.codes_on("Flat 1") == []


def test_f15_a_keypad_whose_battery_is_weak_is_shown_to_the_host(alice: Business, timeline: Watch) -> None:
    stay = alice.book(now=timeline.now)
    alice.simulator.script.weaken_keypad_battery(flat(alice))
    timeline.pass_seconds(60)

    refresh(alice, timeline)

    assert list(queries.at_risk(timeline.now, alice.organization)) == [stay]
    assert SmartLock.objects.get(pk=alice.locks["Flat 1"].pk).keypad_battery_critical


@pytest.mark.parametrize(
    ("door_type", "room"), [pytest.param(0, 100, id="100 codes"), pytest.param(4, 200, id="200 codes")]
)
@pytest.mark.parametrize("known", [pytest.param(True, id="known"), pytest.param(False, id="unknown")])
def test_f16_a_lock_without_room_is_left_alone_and_shown_and_used_once_there_is_some(
    *, alice: Business, timeline: Watch, door_type: int, room: int, known: bool
) -> None:
    device = alice.simulator.engine.lock(flat(alice)).device
    device.device_type, device.capacity = door_type, room
    made = alice.simulator.script.fill_with_foreign_codes(flat(alice), room, known_to_cloud=known)
    others = alice.codes_on("Flat 1")
    refresh(alice, timeline)
    stay = alice.book(now=timeline.now)
    timeline.pass_time(timedelta(hours=12))
    written = writes(alice.simulator)["PUT"]
    tone, told = chip_of(stay, timeline)[0], list(timeline.letters)
    problem, others_then = grant_on(stay, "Flat 1").problem, alice.codes_on("Flat 1")

    app = alice.simulator.in_the_app(flat(alice))
    app.delete(alice.simulator.codes_on(flat(alice))[0].name)
    timeline.pass_time(timedelta(minutes=40))

    assert (made, others_then) == (room, others)
    assert (tone, problem, told) == ("act", Problem.NO_ROOM, [])
    assert written == 1 + (
        0 if known else 1
    )  # one for the front door; here one in vain, where the list was old
    assert code_of(stay) in alice.codes_on("Flat 1")
    assert [letter.shut for letter in timeline.letters] == [()]


@pytest.mark.parametrize("known", [pytest.param(True, id="known"), pytest.param(False, id="unknown")])
def test_f16_a_lock_that_holds_fewer_codes_than_its_kind_is_left_alone_after_some_in_vain(
    *, alice: Business, timeline: Watch, known: bool
) -> None:
    alice.simulator.engine.lock(flat(alice)).device.capacity = 99
    made = alice.simulator.script.fill_with_foreign_codes(flat(alice), 99, known_to_cloud=known)
    others = alice.codes_on("Flat 1")
    stay = alice.book(now=timeline.now)
    timeline.pass_time(timedelta(hours=12))
    written = writes(alice.simulator)["PUT"]
    tone, told = chip_of(stay, timeline)[0], list(timeline.letters)
    others_then = alice.codes_on("Flat 1")

    app = alice.simulator.in_the_app(flat(alice))
    app.delete(alice.simulator.codes_on(flat(alice))[0].name)
    timeline.pass_time(timedelta(hours=8))

    assert (made, others_then) == (99, others)
    assert (tone, told) == ("act", [])
    assert written == 1 + 2 * 5  # one for the front door; five in vain here, and five more after some hours
    assert code_of(stay) in alice.codes_on("Flat 1")
    assert [letter.shut for letter in timeline.letters] == [()]


def test_f16_two_arrivals_get_the_last_two_places_and_the_third_waits_for_the_first_to_leave(
    alice: Business, timeline: Watch
) -> None:
    alice.simulator.script.fill_with_foreign_codes(flat(alice), 198)
    others = alice.codes_on("Flat 1")
    stays = []
    for hours in (50, 30, 0):  # booked the other way round than they arrive
        starts_at = timeline.now + timedelta(hours=hours)
        stays.append(alice.book(now=timeline.now, starts_at=starts_at, ends_at=starts_at + 10 * AN_HOUR))
    timeline.pass_time(SOON)
    third, second, first = (code_of(stay) for stay in stays)
    at_first = set(alice.codes_on("Flat 1")) - set(others)

    timeline.skip_to(stays[-1].ends_at + SOON)

    assert at_first == {first, second}
    assert set(alice.codes_on("Flat 1")) - set(others) == {second, third}
    assert set(others) <= set(alice.codes_on("Flat 1"))


def test_f16_a_nearly_full_lock_takes_the_code_beside_all_others(alice: Business, timeline: Watch) -> None:
    alice.simulator.script.fill_with_foreign_codes(flat(alice), 199)
    others = alice.codes_on("Flat 1")
    stay = alice.book(now=timeline.now)

    life = live_through(alice, timeline, stay)

    assert life.opened == (True, True)
    assert life.writes_of_a_day == 0
    assert alice.codes_on("Flat 1") == others
