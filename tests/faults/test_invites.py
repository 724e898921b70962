"""Doors without a keypad, which need an app invite (F26)."""

from datetime import timedelta

import time_machine

from access import shown, tasks
from access.models import GrantKind, Problem, Stay
from tests.faults.judging import Watch
from tests.worlds import Business, code_of, grant_on


def state_of(stay: Stay, timeline: Watch) -> tuple[str, str]:
    found = Stay.objects.select_related("guest", "unit__property").get(pk=stay.pk)
    grants = list(found.grants.select_related("smart_lock", "door"))
    chip = shown.state_of(found, grants, timeline.now).chip
    return chip.tone, chip.word


def test_f26_the_guest_is_invited_to_the_app_and_told_both_ways(alice: Business, timeline: Watch) -> None:
    stay = alice.book(now=timeline.now, unit="Cellar")

    timeline.pass_time(timedelta(hours=1))

    grant = grant_on(stay, "Cellar")
    assert (grant.kind, grant.problem) == (GrantKind.APP_INVITE, "")
    assert state_of(stay, timeline) == ("ready", "In the house")
    assert [one.email for one in alice.simulator.invites] == ["ada@guests.example"]
    assert [letter.shut for letter in timeline.letters] == [()]


def test_f26_without_an_address_nobody_is_invited_or_told_and_the_host_is_asked(
    alice: Business, timeline: Watch
) -> None:
    stay = alice.book(now=timeline.now, unit="Cellar", guest_email="")

    timeline.pass_time(timedelta(hours=1))

    grant = grant_on(stay, "Cellar")
    assert (grant.kind, grant.problem, grant.asked_at) == (GrantKind.APP_INVITE, Problem.NO_ADDRESS, None)
    assert state_of(stay, timeline) == ("act", "Needs you")
    assert alice.simulator.invites == []
    assert timeline.letters == []


def test_f26_a_keypad_that_is_paired_instead_gets_the_code_and_the_guest_is_told(
    alice: Business, timeline: Watch
) -> None:
    starts_at = timeline.now + timedelta(hours=20)
    stay = alice.book(
        now=timeline.now, unit="Cellar", starts_at=starts_at, ends_at=starts_at + timedelta(days=1)
    )
    timeline.pass_seconds(120)
    alice.simulator.script.pair_keypad(alice.locks["Cellar"].smartlock_id)

    with time_machine.travel(timeline.now, tick=False):
        tasks.refresh_nuki_account(account_id=alice.account.pk)
    timeline.pass_time(timedelta(hours=20, minutes=5))

    assert [alice.opens(door, code_of(stay)) for door in ("Front door", "Cellar")] == [True, True]
    assert alice.phones_on("Cellar") == []
    assert [letter.shut for letter in timeline.letters] == [(), ()]
