"""Being asked to slow down (F11), and losing the right to call at all (F12)."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from access import shown
from access.models import Stay
from properties.models import NukiAccount
from tests.faults.judging import A_GOOD_LIFE, DOORS, Watch, live_through
from tests.worlds import Business, code_of, grant_on

pytestmark = pytest.mark.slow

Order = Callable[[Business], object]


def chip_of(stay: Stay, timeline: Watch) -> tuple[str, str]:
    stay = Stay.objects.select_related("guest", "unit__property").get(pk=stay.pk)
    grants = list(stay.grants.select_related("smart_lock", "door"))
    chip = shown.state_of(stay, grants, timeline.now).chip
    return chip.tone, chip.word


@pytest.mark.parametrize(
    ("order", "refusals"),
    [
        pytest.param(
            lambda alice: alice.simulator.script.throttle_for(600, retry_after=600),
            1,
            id="F11 told for how long",
        ),
        pytest.param(
            lambda alice: alice.simulator.script.throttle_for(600, retry_after=30),
            20,
            id="F11 told too little",
        ),
        pytest.param(lambda alice: alice.simulator.script.throttle_for(600), 12, id="F11 told nothing"),
    ],
)
def test_an_account_that_is_throttled_calls_seldom_and_then_goes_on(
    alice: Business, timeline: Watch, order: Order, refusals: int
) -> None:
    order(alice)
    stay = alice.book(now=timeline.now)

    timeline.pass_seconds(600)
    refused = [call for call in alice.simulator.calls if call.status == 429]
    told_before = list(timeline.letters)
    life = live_through(alice, timeline, stay)

    assert 1 <= len(refused) <= refusals
    assert told_before == []
    assert life == A_GOOD_LIFE


def test_f11_a_hidden_block_of_five_calls_a_second_keeps_nobody_out(alice: Business, timeline: Watch) -> None:
    alice.simulator.script.block_beyond(5)
    stay = alice.book(now=timeline.now)
    other = alice.book(now=timeline.now, unit="Flat 2", guest_email="bo@guests.example")

    timeline.pass_seconds(600)

    assert alice.codes_on("Front door") == sorted([code_of(stay), code_of(other)])
    assert [alice.codes_on("Flat 1"), alice.codes_on("Flat 2")] == [[code_of(stay)], [code_of(other)]]
    assert sorted((letter.stay_id, letter.shut) for letter in timeline.letters) == [
        (stay.pk, ()),
        (other.pk, ()),
    ]


@pytest.mark.parametrize(
    ("break_it", "mend_it", "most_calls"),
    [
        pytest.param(
            lambda alice: alice.simulator.script.revoke_token(alice.simulator.world.accounts[0]),
            lambda alice: alice.simulator.script.restore_token(alice.simulator.world.accounts[0]),
            5,
            id="F12 token revoked",
        ),
        pytest.param(
            lambda alice: alice.simulator.script.lose_scope(
                alice.simulator.world.accounts[0], "smartlock.auth"
            ),
            lambda alice: alice.simulator.script.regain_scope(
                alice.simulator.world.accounts[0], "smartlock.auth"
            ),
            40,
            id="F12 scope lost",
        ),
    ],
)
def test_a_right_that_is_lost_is_shown_and_costs_nothing_once_it_is_back(
    *, alice: Business, timeline: Watch, break_it: Order, mend_it: Order, most_calls: int
) -> None:
    break_it(alice)
    stay = alice.book(now=timeline.now)
    calls = len(alice.simulator.calls)

    timeline.pass_time(timedelta(hours=1))
    made = len(alice.simulator.calls) - calls
    shown_meanwhile = chip_of(stay, timeline)
    mend_it(alice)
    timeline.pass_time(timedelta(minutes=20))
    life = live_through(alice, timeline, stay)

    assert made <= most_calls
    assert shown_meanwhile == ("act", "Not ready")
    assert life == A_GOOD_LIFE


def test_f12_a_token_that_ends_after_the_code_is_on_the_lock_keeps_nobody_in_or_out(
    alice: Business, timeline: Watch
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)
    code = code_of(stay)
    alice.simulator.script.revoke_token(alice.simulator.world.accounts[0])

    timeline.pass_time(timedelta(days=1))
    inside = [alice.opens(door, code) for door in DOORS]
    timeline.skip_to(stay.ends_at)

    assert inside == [True, True]
    assert [alice.opens(door, code) for door in DOORS] == [False, False]
    assert NukiAccount.objects.get(pk=alice.account.pk).broken_since is not None
    assert grant_on(stay, "Flat 1").closed_at is None
