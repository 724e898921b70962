"""Doors without a keypad, which need an app invite (F26). Keyturn sends none yet, and says so."""

from datetime import timedelta

import time_machine

from access import shown, tasks
from access.models import GrantKind, Problem, Stay
from tests.faults.judging import Watch
from tests.worlds import Business, code_of, grant_on


def test_f26_nobody_is_invited_or_told_and_the_host_is_asked(alice: Business, timeline: Watch) -> None:
    stay = alice.book(now=timeline.now, unit="Cellar")

    timeline.pass_time(timedelta(hours=1))

    grant = grant_on(stay, "Cellar")
    found = Stay.objects.select_related("guest", "unit__property").get(pk=stay.pk)
    state = shown.state_of(found, list(found.grants.select_related("smart_lock", "door")), timeline.now)
    assert (grant.kind, grant.problem, grant.asked_at) == (GrantKind.APP_INVITE, Problem.NO_KEYPAD, None)
    assert (state.chip.tone, state.chip.word) == ("act", "Needs you")
    assert alice.simulator.invites == []
    assert timeline.letters == []


def test_f26_a_keypad_that_is_paired_instead_gets_the_code_and_the_guest_is_told(
    alice: Business, timeline: Watch
) -> None:
    stay = alice.book(now=timeline.now, unit="Cellar")
    timeline.pass_seconds(120)
    alice.simulator.script.pair_keypad(alice.locks["Cellar"].smartlock_id)

    with time_machine.travel(timeline.now, tick=False):
        tasks.refresh_nuki_account(account_id=alice.account.pk)
    timeline.pass_time(timedelta(minutes=5))

    assert [alice.opens(door, code_of(stay)) for door in ("Front door", "Cellar")] == [True, True]
    assert [letter.shut for letter in timeline.letters] == [()]
