"""API keys, and how Nuki gets on with delivering to us."""

import json
from datetime import UTC, datetime

import pytest

from nuki_gateway import errors
from nuki_gateway.client import NukiClient
from nuki_gateway.models import AdvancedApiKey, ApiKey, DeliveryRecord, WebhookStatus
from tests.nuki_gateway.answering import Asked, answer, answering
from tests.nuki_gateway.conftest import CODE, TOKEN

NOON = "2026-06-15T12:00:00.000Z"
LINE = {"id": "66aa", "accountId": 1, "apiKeyId": 9, "created": NOON, "updated": NOON}
ADVANCED = {"name": "Harbour", "email": "alice@harbour.example", "secret": "s3cret", "status": "ACTIVE"}


def ok(body: object) -> bytes:
    return answer("200 OK", json.dumps(body).encode())


def lines(asked: list[Asked]) -> list[str]:
    return [one.line.removesuffix(" HTTP/1.1") for one in asked]


def test_api_keys_are_listed_without_the_keys() -> None:
    given = [{"apiKeyId": 9, "accountId": 1, "apiKey": "s3cret", "creationDate": NOON}, {"apiKeyId": 10}]

    with answering(ok(given)) as service:
        found = NukiClient(service.url, TOKEN).api_keys()

    assert found == [ApiKey(9, datetime(2026, 6, 15, 12, tzinfo=UTC)), ApiKey(10, None)]
    assert lines(service.asked) == ["GET /api/key"]
    assert "s3cret" not in str(found)


def test_the_state_of_deliveries_is_read_and_neither_secret_nor_address_is_kept() -> None:
    counters = {
        "webhookFeatures": ["DEVICE_AUTHS", "SOMETHING_NEW", None],
        "webhookStatus": "DEACTIVATED",
        "webhookSentSuccessfully": 120,
        "webhookSentErroneous": 7,
        "lastSuccessfulPost": NOON,
        "lastPostDuration": 466,
        "lastPostSuccesful": False,
    }

    with answering(ok({**ADVANCED, **counters})) as service:
        found = NukiClient(service.url, TOKEN).advanced_api_key(9)

    assert found == AdvancedApiKey(
        status="ACTIVE",
        webhook_status=WebhookStatus.DEACTIVATED,
        features=("DEVICE_AUTHS", "SOMETHING_NEW"),
        sent_successfully=120,
        sent_in_vain=7,
        last_success_at=datetime(2026, 6, 15, 12, tzinfo=UTC),
        last_milliseconds=466,
        last_succeeded=False,
    )
    assert found.is_deactivated is True
    assert lines(service.asked) == ["GET /api/key/9/advanced"]
    assert "s3cret" not in str(vars(found))


def test_counters_that_are_not_told_are_unknown() -> None:
    with answering(ok({**ADVANCED, "webhookStatus": "ACTIVE"})) as service:
        found = NukiClient(service.url, TOKEN).advanced_api_key(9)

    assert (found.sent_successfully, found.sent_in_vain, found.last_succeeded) == (None, None, None)
    assert found.is_deactivated is False


def test_a_key_without_an_advanced_integration_is_not_found() -> None:
    with answering(answer("404 Not Found")) as service, pytest.raises(errors.NukiNotFound):
        NukiClient(service.url, TOKEN).advanced_api_key(9)


def test_deliveries_are_set_going_again() -> None:
    with answering(answer("204 No Content")) as service:
        NukiClient(service.url, TOKEN).reactivate_deliveries(9)

    assert lines(service.asked) == ["POST /api/key/9/advanced/reactivate"]


def test_the_log_of_deliveries_is_read_without_what_was_delivered() -> None:
    sent = {"body": f'{{"smartlockAuth": {{"code": {CODE}}}}}'}
    triggered = {"requestId": "68c4", "succeeded": True, "responseStatus": 204, "duration": 466}

    with answering(ok([{**LINE, **triggered, "request": sent, "response": sent}, LINE])) as service:
        found = NukiClient(service.url, TOKEN).delivery_log(9)

    noon = datetime(2026, 6, 15, 12, tzinfo=UTC)
    assert found == [
        DeliveryRecord("66aa", "68c4", succeeded=True, response_status=204, milliseconds=466, at=noon),
        DeliveryRecord("66aa", None, succeeded=False, response_status=None, milliseconds=None, at=noon),
    ]
    assert CODE not in str([vars(one) for one in found])


def test_no_more_than_a_hundred_deliveries_before_a_known_one_are_asked_for() -> None:
    with answering(ok([])) as service:
        nuki = NukiClient(service.url, TOKEN)
        nuki.delivery_log(9)
        nuki.delivery_log(9, before_id="66aa", limit=500)
        nuki.delivery_log(9, before_id="66aa", limit=5)

    assert lines(service.asked) == [
        "GET /api/key/9/webhook/logs?limit=100",
        "GET /api/key/9/webhook/logs?id=66aa&limit=100",
        "GET /api/key/9/webhook/logs?id=66aa&limit=5",
    ]
