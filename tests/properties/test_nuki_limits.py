"""Budget, rest and breaker at work: who has to wait, who need not, and what that makes of the account."""

from datetime import timedelta

import pytest
from pytest_django.fixtures import Settings

from access import stays
from access.models import Grant
from nuki_gateway import errors
from nuki_gateway.simulator import Simulator, TurnedClock
from properties import nuki_accounts
from properties.models import NukiAccount, SmartLock
from tests.properties.signing_in import at_nuki
from tests.timeline import Timeline
from tests.worlds import Business, writes

MINUTE = timedelta(minutes=1)


def kept() -> NukiAccount:
    return NukiAccount.objects.get()


def pause_state() -> tuple[object, ...]:
    account = kept()
    return account.paused_until, account.broken_since, account.failures


def test_reading_that_uses_up_its_share_stops_no_revocation(
    alice: Business, timeline: Timeline, simulator: Simulator, settings: Settings
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_time(2 * MINUTE)
    settings.NUKI_CALLS_PER_MINUTE = 20
    for _ in range(14):
        nuki_accounts.refresh(account=kept(), now=timeline.now)
    with pytest.raises(errors.NukiOverBudget) as refusal:
        nuki_accounts.refresh(account=kept(), now=timeline.now)
    nuki_accounts.pause(account=kept(), failure=refusal.value, now=timeline.now)
    before = writes(simulator)["DELETE"]

    stays.cancel(stay=stay, cancelled_by=alice.owner, now=timeline.now)
    timeline.pass_seconds(2)

    assert pause_state() == (None, None, 0)
    assert (before, writes(simulator)["DELETE"]) == (0, 2)


def test_a_lock_that_found_no_call_left_comes_back_when_there_is_one(
    alice: Business, timeline: Timeline, simulator: Simulator, settings: Settings
) -> None:
    timeline.pass_time(2 * MINUTE)
    settings.NUKI_CALLS_PER_MINUTE = 1
    nuki_accounts.client_for(kept()).smart_locks()
    calls, asked_at = len(simulator.calls), timeline.now
    alice.book(now=timeline.now)

    timeline.tick()

    locks = SmartLock.objects.exclude(rests_until=None)
    assert len(simulator.calls) == calls
    assert pause_state() == (None, None, 0)
    assert [lock.failures for lock in locks] == [0, 0]
    for lock in locks:
        assert asked_at + MINUTE <= lock.rests_until <= asked_at + 1.2 * MINUTE  # type: ignore[operator]
    assert not Grant.objects.filter(due_at__lt=asked_at + MINUTE).exists()
    settings.NUKI_CALLS_PER_MINUTE = 120
    timeline.pass_time(3 * MINUTE)
    assert len(alice.codes_on("Flat 1")) == len(alice.codes_on("Front door")) == 1


def test_a_log_that_found_no_call_left_is_read_when_there_is_one(
    alice: Business, timeline: Timeline, simulator: Simulator, settings: Settings
) -> None:
    timeline.pass_time(2 * MINUTE)
    settings.NUKI_CALLS_PER_MINUTE = 1
    nuki_accounts.client_for(kept()).smart_locks()
    calls = len(simulator.calls)

    alice.read_log(now=timeline.now)

    due_at = kept().log_due_at
    assert len(simulator.calls) == calls
    assert pause_state() == (None, None, 0)
    assert due_at is not None
    assert MINUTE <= due_at - timeline.now <= 1.2 * MINUTE


def test_a_breaker_that_is_open_makes_no_call_until_its_probe(
    alice: Business, clock: TurnedClock, simulator: Simulator
) -> None:
    simulator.script.fail_for(60)
    for _ in range(5):
        with pytest.raises(errors.NukiUnavailable):
            nuki_accounts.refresh(account=alice.account, now=clock.now())
    calls = len(simulator.calls)

    with pytest.raises(errors.NukiResting) as rest:
        nuki_accounts.refresh(account=alice.account, now=clock.now())
    nuki_accounts.pause(account=kept(), failure=rest.value, now=clock.now())

    assert len(simulator.calls) == calls
    assert pause_state() == (clock.now() + timedelta(seconds=15), None, 0)
    clock.turn(seconds=75)
    nuki_accounts.refresh(account=alice.account, now=clock.now())
    assert pause_state() == (None, None, 0)


def test_a_stay_is_pushed_after_an_outage_with_few_calls_during_it(
    alice: Business, timeline: Timeline, simulator: Simulator
) -> None:
    simulator.script.fail_for(1800)
    alice.book(now=timeline.now)
    began_at = timeline.now

    timeline.pass_time(timedelta(minutes=60))

    failed = [call for call in simulator.calls if call.at >= began_at and call.status == 503]
    assert 5 <= len(failed) <= 12
    assert len(alice.codes_on("Flat 1")) == len(alice.codes_on("Front door")) == 1


def test_a_refused_token_rests_and_the_same_one_is_good_again_once_a_host_puts_it_in(
    alice: Business, clock: TurnedClock, simulator: Simulator
) -> None:
    simulator.script.revoke_token(at_nuki(simulator))
    with pytest.raises(errors.NukiUnauthorized):
        nuki_accounts.refresh(account=alice.account, now=clock.now())
    simulator.script.restore_token(at_nuki(simulator))
    calls = len(simulator.calls)
    with pytest.raises(errors.NukiTokenRests) as rest:
        nuki_accounts.refresh(account=alice.account, now=clock.now())
    assert len(simulator.calls) == calls
    nuki_accounts.pause(account=kept(), failure=rest.value, now=clock.now())
    assert pause_state() == (clock.now() + timedelta(minutes=15), clock.now(), 0)

    nuki_accounts.replace_token(account=alice.account, token="alice-token", now=clock.now())

    nuki_accounts.refresh(account=alice.account, now=clock.now())
    assert pause_state() == (None, None, 0)


def test_a_refusal_of_a_token_that_was_replaced_meanwhile_breaks_nothing(
    alice: Business, clock: TurnedClock
) -> None:
    before = kept()
    nuki_accounts.replace_token(account=alice.account, token="alice-token", now=clock.now())

    nuki_accounts.pause(account=before, failure=errors.NukiUnauthorized("GET", 401), now=clock.now())

    assert pause_state() == (None, None, 0)


@pytest.mark.usefixtures("alice")
def test_a_token_that_may_not_register_webhooks_goes_on_with_the_rest(
    simulator: Simulator, clock: TurnedClock
) -> None:
    simulator.script.answer_next(None, "PUT", 401)
    nuki_accounts.replace_token(account=kept(), token="alice-token", now=clock.now())

    nuki_accounts.refresh(account=kept(), now=clock.now())

    assert simulator.calls[-2].status == 401
    assert pause_state() == (None, None, 0)
