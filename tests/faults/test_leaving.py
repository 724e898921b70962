"""Locks whose subscription ended (F24), and locks that leave, are replaced, or change their id (F25)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine

from access import shown, tasks
from access.models import Grant, Problem, Stay
from properties.models import NukiAccount, SmartLock
from tests.faults.judging import A_GOOD_LIFE, DOORS, Watch, live_through
from tests.worlds import Business, code_of, grant_on, writes

pytestmark = pytest.mark.slow

Order = Callable[[Business], object]


def flat(alice: Business) -> int:
    return alice.locks["Flat 1"].smartlock_id


def refresh(alice: Business, timeline: Watch) -> None:
    with time_machine.travel(timeline.now, tick=False):
        tasks.refresh_nuki_account(account_id=alice.account.pk)


def chip_of(stay: Stay, timeline: Watch) -> tuple[str, str]:
    stay = Stay.objects.select_related("guest", "unit__property").get(pk=stay.pk)
    grants = list(stay.grants.select_related("smart_lock", "door"))
    chip = shown.state_of(stay, grants, timeline.now).chip
    return chip.tone, chip.word


def lock_state(stay: Stay, timeline: Watch) -> str:
    grant = Grant.objects.select_related("smart_lock", "door", "stay").get(stay=stay, door__name="Flat 1")
    return shown.door_line(grant, "Europe/Vienna", timeline.now).lock_state


@pytest.mark.parametrize("status", [403, 402])
def test_f24_a_lock_without_a_subscription_holds_up_no_other_lock_of_the_account(
    alice: Business, timeline: Watch, status: int
) -> None:
    alice.simulator.engine.switches = replace(
        alice.simulator.engine.switches, ended_subscription_status=status
    )
    alice.simulator.script.end_subscription(flat(alice))
    stay = alice.book(now=timeline.now)
    other = alice.book(now=timeline.now, unit="Flat 2", guest_email="bo@guests.example")
    timeline.pass_time(timedelta(hours=1))
    refresh(alice, timeline)
    account = NukiAccount.objects.get(pk=alice.account.pk)
    refused = [call for call in alice.simulator.calls if call.status == status]

    assert (account.paused_until, account.broken_since) == (None, None)
    assert alice.codes_on("Flat 2") == [code_of(other)]
    assert alice.codes_on("Front door") == sorted([code_of(stay), code_of(other)])
    assert [(letter.stay_id, letter.shut) for letter in timeline.letters] == [(other.pk, ())]
    assert chip_of(stay, timeline) == ("act", "Needs you")
    assert SmartLock.objects.get(pk=alice.locks["Flat 1"].pk).has_keypad  # what Nuki withholds is not unsaid
    assert len(refused) <= 20
    alice.simulator.script.renew_subscription(flat(alice))
    refresh(alice, timeline)
    timeline.pass_time(timedelta(minutes=20))
    life = live_through(alice, timeline, stay)
    assert (life.letters, life.told_in_vain, life.opened) == (1, 0, (True, True))


def test_f24_a_code_that_is_on_the_lock_already_goes_on_opening_and_ends(
    alice: Business, timeline: Watch
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(120)
    code = code_of(stay)
    alice.simulator.script.end_subscription(flat(alice))

    timeline.pass_time(timedelta(days=1))
    inside = [alice.opens(door, code) for door in DOORS]
    timeline.skip_to(stay.ends_at)

    assert inside == [True, True]
    assert [alice.opens(door, code) for door in DOORS] == [False, False]
    assert alice.codes_on("Front door") == []


GOES = [
    pytest.param(lambda alice: alice.simulator.script.leave_account(flat(alice)), id="F25 leaves"),
    pytest.param(lambda alice: alice.simulator.script.replace_lock(flat(alice)), id="F25 is replaced"),
    pytest.param(lambda alice: alice.simulator.script.change_id(flat(alice)), id="F25 has another id"),
]


@pytest.mark.parametrize("go", GOES)
def test_the_host_is_told_that_a_lock_is_gone_and_nothing_else_breaks(
    alice: Business, timeline: Watch, go: Order
) -> None:
    stay = alice.book(now=timeline.now, ends_at=timeline.now + timedelta(days=3))
    other = alice.book(now=timeline.now, unit="Flat 2", guest_email="bo@guests.example")
    timeline.pass_seconds(120)
    written = writes(alice.simulator)

    go(alice)
    refresh(alice, timeline)
    seen_at_once = lock_state(stay, timeline)
    timeline.pass_time(timedelta(hours=8))

    assert seen_at_once == "left the Nuki account"
    assert SmartLock.objects.get(pk=alice.locks["Flat 1"].pk).gone_since is not None
    assert grant_on(stay, "Flat 1").problem == Problem.LOCK_GONE
    assert chip_of(stay, timeline) == ("act", "Needs you")
    assert NukiAccount.objects.get(pk=alice.account.pk).paused_until is None
    assert writes(alice.simulator) == written
    assert chip_of(other, timeline) == ("ready", "In the house")
    assert alice.opens("Flat 2", code_of(other))
    assert alice.opens("Front door", code_of(stay))


@pytest.mark.parametrize("go", GOES)
def test_a_stay_that_is_booked_at_a_lock_that_is_gone_is_the_host_s_to_mend(
    alice: Business, timeline: Watch, go: Order
) -> None:
    go(alice)
    refresh(alice, timeline)
    stay = alice.book(now=timeline.now)

    timeline.pass_time(timedelta(minutes=6))

    assert grant_on(stay, "Flat 1").problem == Problem.LOCK_GONE
    assert chip_of(stay, timeline) == ("act", "Needs you")
    assert timeline.letters == []
    assert writes(alice.simulator) == {"PUT": 1}


def test_f25_a_lock_that_comes_back_to_the_account_takes_its_codes(alice: Business, timeline: Watch) -> None:
    lock = alice.simulator.engine.lock(flat(alice))
    owner = lock.account_id
    alice.simulator.script.leave_account(lock)
    refresh(alice, timeline)
    stay = alice.book(now=timeline.now)
    timeline.pass_time(timedelta(hours=2))

    lock.account_id = owner
    refresh(alice, timeline)
    timeline.pass_time(timedelta(minutes=20))

    assert live_through(alice, timeline, stay) == A_GOOD_LIFE


@pytest.mark.parametrize("go", GOES)
def test_a_lock_that_is_gone_is_not_asked_for_a_stay_that_is_over(
    alice: Business, timeline: Watch, go: Order
) -> None:
    stay = alice.book(now=timeline.now, ends_at=timeline.now + timedelta(days=1))
    timeline.pass_seconds(120)
    go(alice)
    refresh(alice, timeline)
    timeline.pass_time(timedelta(hours=26))
    asked = len(alice.simulator.calls)

    timeline.pass_time(timedelta(days=1))

    about_the_flat = [call for call in alice.simulator.calls[asked:] if str(flat(alice)) in call.path]
    assert grant_on(stay, "Flat 1").closed_at is not None
    assert about_the_flat == []
