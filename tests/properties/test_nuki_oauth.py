"""Accounts that signed in at Nuki: tokens are renewed in the middle of the work, by one worker at a time."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections
from pytest_django.fixtures import Settings

from nuki_gateway import errors
from nuki_gateway.simulator import Simulator, TurnedClock
from properties import nuki_accounts, nuki_limits, nuki_oauth, tenancy
from properties.models import NukiAccount, SmartLock
from tests.properties import signing_in
from tests.properties.signing_in import asked_for_tokens, at_nuki
from tests.timeline import Timeline
from tests.worlds import Business, code_of, writes

HOUR = timedelta(hours=1)


@pytest.fixture
def signed_in(alice: Business, simulator: Simulator, clock: TurnedClock, settings: Settings) -> Business:
    """Alice's business, whose account has signed in at Nuki; one call for tokens was made."""
    signing_in.register(simulator, settings)
    signing_in.sign_in(alice, now=clock.now())
    return alice


def kept() -> NukiAccount:
    return NukiAccount.objects.get()


def test_a_push_arrives_once_though_the_token_ended_an_hour_ago(
    signed_in: Business, timeline: Timeline, simulator: Simulator
) -> None:
    timeline.pass_time(2 * HOUR)
    before, calls, booked_at = kept(), len(simulator.calls), timeline.now

    stay = signed_in.book(now=timeline.now)
    timeline.pass_seconds(60)

    assert signed_in.codes_on("Flat 1") == signed_in.codes_on("Front door") == [code_of(stay)]
    assert writes(simulator) == {"PUT": 2}
    assert asked_for_tokens(simulator) == 2
    assert {call.status for call in simulator.calls[calls:]} == {200, 204}
    assert kept().token_ends_at == booked_at + timedelta(seconds=1) + HOUR
    assert kept().token != before.token


@pytest.mark.django_db(transaction=True)
def test_both_codes_arrive_once_though_the_token_ends_between_them(
    signed_in: Business, timeline: Timeline, simulator: Simulator
) -> None:
    first = signed_in.book(now=timeline.now)
    second = signed_in.book(now=timeline.now, unit="Flat 2")
    signed_in.meanwhile(lambda: simulator.script.expire_access_tokens(at_nuki(simulator)))

    timeline.pass_seconds(60)

    both = sorted([code_of(first), code_of(second)])
    refused = [call for call in simulator.calls if call.status == 401]
    assert signed_in.codes_on("Front door") == both
    assert [(call.method, asked_for_tokens(simulator)) for call in refused] == [("PUT", 2)]
    assert writes(simulator) == {"PUT": 5}  # four, and the one that was refused
    assert (kept().broken_since, kept().paused_until, kept().failures) == (None, None, 0)


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_that_renew_at_once_one_asks_and_both_go_on(
    signed_in: Business, simulator: Simulator, clock: TurnedClock
) -> None:
    clock.turn(seconds=3600)
    account, both_ready = kept(), threading.Barrier(2)
    clients = [nuki_accounts.client_for(account) for _ in range(2)]
    simulator.script.slow_next(0.5)

    def ask(number: int) -> int:
        try:
            with tenancy.within(signed_in.organization):
                both_ready.wait(timeout=10)
                return len(clients[number].smart_locks())
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as workers:
        listed = list(workers.map(ask, range(2)))

    assert listed == [4, 4]
    assert asked_for_tokens(simulator) == 2  # the sign-in, and one renewal
    assert kept().tokens_version == account.tokens_version + 1


def test_a_worker_takes_what_another_has_brought(
    signed_in: Business, simulator: Simulator, clock: TurnedClock
) -> None:
    client = nuki_accounts.client_for(kept())
    clock.turn(seconds=3600)
    nuki_accounts.refresh(account=kept(), now=clock.now())
    calls = asked_for_tokens(simulator)

    client.smart_locks()

    assert asked_for_tokens(simulator) == calls == 2
    assert signed_in.account.token != kept().token


def test_a_worker_that_died_while_renewing_holds_nobody_up_for_long(
    signed_in: Business, simulator: Simulator, clock: TurnedClock
) -> None:
    clock.turn(seconds=3600)
    NukiAccount.objects.update(renewing_until=clock.now() + nuki_oauth.HOLD)
    clock.turn(seconds=nuki_oauth.HOLD.total_seconds())

    nuki_accounts.refresh(account=signed_in.account, now=clock.now())

    assert asked_for_tokens(simulator) == 2
    assert kept().renewing_until is None


def test_while_another_worker_renews_nobody_else_asks_and_the_call_is_for_later(
    signed_in: Business, simulator: Simulator, clock: TurnedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.turn(seconds=3600)
    NukiAccount.objects.update(renewing_until=clock.now() + nuki_oauth.HOLD)
    monkeypatch.setattr(nuki_oauth, "HOLD", timedelta(seconds=0.2))
    calls = len(simulator.calls)

    with pytest.raises(errors.NukiUnavailable):
        nuki_accounts.refresh(account=signed_in.account, now=clock.now())

    assert len(simulator.calls) == calls


def test_a_worker_that_wakes_late_overwrites_no_new_sign_in(
    signed_in: Business, simulator: Simulator, clock: TurnedClock
) -> None:
    slept = kept()
    stored, until = nuki_oauth._tokens_of(slept), clock.now() + nuki_oauth.HOLD
    signing_in.sign_in(signed_in, now=clock.now())
    new = kept()

    given = nuki_oauth._Renewal(slept.pk, nuki_limits.of(slept))._renewed(slept, stored, until)

    assert asked_for_tokens(simulator) == 3
    assert given.access_token == new.token
    assert NukiAccount.objects.values().get() == {
        field.attname: getattr(new, field.attname) for field in NukiAccount._meta.concrete_fields
    }


def test_a_worker_that_wakes_late_to_a_refusal_does_not_end_a_new_sign_in(
    signed_in: Business, simulator: Simulator, clock: TurnedClock
) -> None:
    slept = kept()
    stored, until = nuki_oauth._tokens_of(slept), clock.now() + nuki_oauth.HOLD
    simulator.end_consent(at_nuki(simulator))
    signing_in.sign_in(signed_in, now=clock.now())

    with pytest.raises(errors.NukiSignInEnded):
        nuki_oauth._Renewal(slept.pk, nuki_limits.of(slept))._renewed(slept, stored, until)

    assert kept().sign_in_ended_at is None
    nuki_accounts.refresh(account=kept(), now=clock.now())


def test_a_sign_in_that_nuki_ended_is_asked_for_once_and_signing_in_again_lets_the_work_go_on(
    signed_in: Business, timeline: Timeline, simulator: Simulator
) -> None:
    simulator.end_consent(at_nuki(simulator))
    stay = signed_in.book(now=timeline.now)
    ended_at, before = timeline.now, len(simulator.calls)
    timeline.pass_time(HOUR)
    broken, calls = kept(), [call.status for call in simulator.calls[before:]]

    signing_in.sign_in(signed_in, now=timeline.now)
    timeline.pass_seconds(60)

    assert calls == [401, 400]  # one lock was looked at, and one renewal asked for
    assert ended_at <= broken.broken_since < ended_at + timedelta(minutes=1)  # type: ignore[operator]
    assert broken.paused_until > broken.broken_since  # type: ignore[operator]
    assert (kept().broken_since, kept().paused_until) == (None, None)
    assert signed_in.codes_on("Flat 1") == signed_in.codes_on("Front door") == [code_of(stay)]
    assert not SmartLock.objects.exclude(rests_until=None).exists()


def test_a_token_service_that_is_down_ends_nothing(
    signed_in: Business, timeline: Timeline, simulator: Simulator
) -> None:
    timeline.pass_time(2 * HOUR)
    stay = signed_in.book(now=timeline.now)
    simulator.script.fail_for(120)

    timeline.pass_time(timedelta(minutes=30))

    assert kept().sign_in_ended_at is None
    assert signed_in.codes_on("Flat 1") == [code_of(stay)]


@pytest.mark.usefixtures("signed_in")
def test_a_failing_service_is_not_hammered_for_tokens(clock: TurnedClock, simulator: Simulator) -> None:
    clock.turn(seconds=3600)
    simulator.script.fail_for(3600)

    for _ in range(20):
        with pytest.raises(errors.NukiUnavailable):
            nuki_accounts.refresh(account=kept(), now=clock.now())

    assert asked_for_tokens(simulator) == 1 + 5  # the sign-in, and as many as open the breaker


def test_an_application_that_nuki_does_not_admit_pauses_the_account_and_accuses_no_host(
    signed_in: Business, timeline: Timeline, settings: Settings
) -> None:
    timeline.pass_time(2 * HOUR)
    settings.NUKI_OAUTH_CLIENT_SECRET = "wrong"
    signed_in.book(now=timeline.now)
    timeline.pass_seconds(5)
    paused = kept()

    settings.NUKI_OAUTH_CLIENT_SECRET = signing_in.SECRET
    timeline.pass_time(timedelta(minutes=10))

    assert (paused.broken_since, paused.sign_in_ended_at) == (None, None)
    assert paused.paused_until is not None
    assert len(signed_in.codes_on("Flat 1")) == 1


def test_an_installation_that_is_not_registered_any_more_makes_no_call(
    signed_in: Business, simulator: Simulator, clock: TurnedClock, settings: Settings
) -> None:
    clock.turn(seconds=3600)
    settings.NUKI_OAUTH_CLIENT_ID = ""
    calls = len(simulator.calls)

    with pytest.raises(errors.NukiApplicationRefused):
        nuki_accounts.refresh(account=signed_in.account, now=clock.now())

    assert len(simulator.calls) == calls
