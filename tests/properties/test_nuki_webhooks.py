"""Mending the webhook: one call while all is well, and what stopped goes on."""

from http import HTTPStatus

import pytest
from pytest_django.fixtures import Settings

from nuki_gateway.simulator import Simulator, TurnedClock, deliveries
from nuki_gateway.simulator.world import ApiKey
from properties import nuki_accounts, nuki_webhooks
from properties.models import NukiAccount
from tests.properties.signing_in import at_nuki
from tests.worlds import Business

LIST = ("GET", "/api/decentralWebhook")
KEYS = ("GET", "/api/key")


@pytest.fixture
def called(alice: Business, clock: TurnedClock, settings: Settings) -> NukiAccount:
    """Alice's account, which Nuki calls us for."""
    settings.PUBLIC_URL = "https://keys.example"
    nuki_accounts.replace_token(account=alice.account, token="alice-token", now=clock.now())
    return kept()


@pytest.fixture
def key(called: NukiAccount, simulator: Simulator, clock: TurnedClock) -> ApiKey:  # noqa: ARG001  in order
    """The API key of Alice's account at Nuki."""
    return deliveries.key_of(simulator.world, at_nuki(simulator), at=clock.now())


def kept() -> NukiAccount:
    return NukiAccount.objects.get()


def mended(simulator: Simulator, clock: TurnedClock, *, missed: int) -> list[tuple[str, str]]:
    """Mend the webhook after so many entries in a row that none had brought; the calls that it took."""
    NukiAccount.objects.update(webhook_missed=missed)
    before = len(simulator.calls)
    nuki_accounts.mend_webhook(account=kept(), now=clock.now())
    return [(call.method, call.path) for call in simulator.calls[before:]]


@pytest.mark.parametrize("missed", [0, nuki_webhooks.SILENT - 1])
def test_one_call_shows_that_all_is_well(
    called: NukiAccount, key: ApiKey, simulator: Simulator, clock: TurnedClock, missed: int
) -> None:
    key.traffic.active = False  # what others have stopped is not asked for while our webhook works

    calls = mended(simulator, clock, missed=missed)

    assert calls == [LIST]
    assert kept().webhook_id == called.webhook_id


def test_deliveries_that_nuki_has_stopped_go_on_under_the_same_registration(
    called: NukiAccount, key: ApiKey, simulator: Simulator, clock: TurnedClock
) -> None:
    key.traffic.active = False

    calls = mended(simulator, clock, missed=nuki_webhooks.SILENT)

    advanced = f"/api/key/{key.id}/advanced"
    assert calls == [KEYS, ("GET", advanced), ("POST", f"{advanced}/reactivate")]
    assert key.traffic.active
    assert (kept().webhook_id, kept().webhook_missed) == (called.webhook_id, 0)
    assert list(simulator.world.webhooks) == [called.webhook_id]


def test_silence_that_nothing_explains_brings_another_registration(
    called: NukiAccount, key: ApiKey, simulator: Simulator, clock: TurnedClock
) -> None:
    calls = mended(simulator, clock, missed=nuki_webhooks.SILENT)

    old, new = f"/api/decentralWebhook/{called.webhook_id}", "/api/decentralWebhook"
    assert calls == [KEYS, ("GET", f"/api/key/{key.id}/advanced"), ("DELETE", old), ("PUT", new)]
    assert list(simulator.world.webhooks) == [kept().webhook_id] != [called.webhook_id]
    assert kept().webhook_missed == 0


@pytest.mark.parametrize("status", [HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND])
def test_keys_that_are_not_ours_to_know_are_passed_over(
    called: NukiAccount, simulator: Simulator, clock: TurnedClock, status: HTTPStatus
) -> None:
    simulator.script.answer_next(None, "GET", status)

    calls = mended(simulator, clock, missed=nuki_webhooks.SILENT)

    assert [method for method, _ in calls] == ["GET", "DELETE", "PUT"]
    assert kept().webhook_id not in {None, called.webhook_id}
    nuki_accounts.refresh(account=kept(), now=clock.now())


@pytest.mark.usefixtures("called")
def test_a_key_without_an_integration_is_passed_over_for_the_next(
    key: ApiKey, simulator: Simulator, clock: TurnedClock
) -> None:
    other = ApiKey(**{**vars(key), "id": key.id + 1, "traffic": type(key.traffic)(active=False)})
    simulator.world.keys[other.id] = other
    key.traffic.active = True

    calls = mended(simulator, clock, missed=nuki_webhooks.SILENT)

    assert calls[-1] == ("POST", f"/api/key/{other.id}/advanced/reactivate")
    assert [method for method, _ in calls] == ["GET", "GET", "GET", "POST"]


def test_a_service_that_does_not_answer_costs_no_registration(
    called: NukiAccount, simulator: Simulator, clock: TurnedClock
) -> None:
    simulator.script.fail_for(60)

    mended(simulator, clock, missed=nuki_webhooks.SILENT)

    assert list(simulator.world.webhooks) == [called.webhook_id]
    assert kept().webhook_id == called.webhook_id


def test_a_registration_that_was_refused_is_asked_for_a_week_later_and_not_at_each_sweep(
    alice: Business, simulator: Simulator, clock: TurnedClock, settings: Settings
) -> None:
    assert (kept().webhook_id, kept().webhook_refused_at) == (None, clock.now())  # not to a plain address

    clock.turn(seconds=6.9 * 86_400)
    assert mended(simulator, clock, missed=0) == []
    clock.turn(seconds=0.1 * 86_400)
    assert mended(simulator, clock, missed=0) == [("PUT", "/api/decentralWebhook")]
    assert mended(simulator, clock, missed=0) == []

    settings.PUBLIC_URL = "https://keys.example"
    nuki_accounts.replace_token(account=alice.account, token="alice-token", now=clock.now())
    assert (kept().webhook_id is None, kept().webhook_refused_at) == (False, None)


def test_a_registration_that_was_not_answered_is_asked_for_again(
    alice: Business, simulator: Simulator, clock: TurnedClock
) -> None:
    NukiAccount.objects.filter(pk=alice.account.pk).update(webhook_refused_at=None)
    simulator.script.answer_next(None, "PUT", HTTPStatus.SERVICE_UNAVAILABLE)

    assert mended(simulator, clock, missed=0) == [("PUT", "/api/decentralWebhook")]
    assert kept().webhook_refused_at is None
