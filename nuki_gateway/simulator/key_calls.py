"""The calls about an account's API keys: their central webhook, what it counted, and its last deliveries.

Source: the vendor's API definition and its documentation on monitoring. Which deliveries the log of a key
shows is not said; here they are the account's own, to decentral addresses too, and those of the key.
"""

import json
from typing import Any

from nuki_gateway.simulator import bodies, deliveries, news, wire
from nuki_gateway.simulator.account_calls import is_allowed_address
from nuki_gateway.simulator.answers import NO_CONTENT, Answer, json_answer, status_page, value_not_valid
from nuki_gateway.simulator.calls import NOT_FOUND, Call
from nuki_gateway.simulator.webhooks import Delivery
from nuki_gateway.simulator.world import ApiKey

DEFAULT_LIMIT = 50
LONGEST_LIMIT = 100
UNPROCESSABLE = 422


def keys(call: Call) -> Answer:
    """GET /api/key."""
    deliveries.key_of(call.engine.world, call.account, at=call.at)
    return json_answer(
        [
            {
                "apiKeyId": one.id,
                "accountId": one.account_id,
                "description": one.name,
                "redirectUris": [],
                "creationDate": wire.timestamp(one.created_at),
            }
            for one in _own_keys(call)
        ]
    )


def advanced(call: Call) -> Answer:
    """GET /api/key/{id}/advanced: how delivery fares; the misspelled name is the service's."""
    key = _key(call)
    traffic = key.traffic
    return json_answer(
        wire.present(
            name=key.name,
            type=call.account.kind,
            status="ACTIVE",
            webhookStatus="ACTIVE" if traffic.active else "DEACTIVATED",
            webhookUrl=key.url or None,
            webhookFeatures=key.features,
            webhookSentSuccessfully=traffic.sent,
            webhookSentErroneous=traffic.failed,
            lastSuccessfulPost=None
            if traffic.last_success_at is None
            else wire.timestamp(traffic.last_success_at),
            lastPostDuration=None if traffic.last_at is None else traffic.last_milliseconds,
            lastPostSuccesful=traffic.results[-1] if traffic.results else None,
            restricted=False,
        )
    )


def set_central_webhook(call: Call) -> Answer:
    """POST /api/key/{id}/advanced: the one address of the key, and its features."""
    key, body = _key(call), bodies.parsed_object(call.request)
    url, features = bodies.text(body, "webhookUrl"), body.get("webhookFeatures")
    if url is None or not isinstance(features, list):
        raise status_page(UNPROCESSABLE)
    if not is_allowed_address(url, loopback=call.engine.switches.allow_loopback_webhooks):
        raise value_not_valid("webhookUrl", url)
    for feature in features:
        if feature not in news.FEATURES:
            raise value_not_valid("webhookFeatures", feature)
    key.url, key.features = url, features
    return NO_CONTENT


def reactivate(call: Call) -> Answer:
    """POST /api/key/{id}/advanced/reactivate: send again, to the account's own webhooks too."""
    key = _key(call)
    deliveries.activate(key)
    for one in deliveries.receivers(call.engine.world, call.account.account_id):
        deliveries.activate(one)
    return NO_CONTENT


def logs(call: Call) -> Answer:
    """GET /api/key/{id}/webhook/logs: newest first, in pages by the id of the last one seen."""
    key = _key(call)
    before = call.request.query.get("id")
    limit = min(bodies.query_number(call.request, "limit") or DEFAULT_LIMIT, LONGEST_LIMIT)
    shapes = [
        _log_line(one, key)
        for one in reversed(call.engine.world.deliveries)
        if one.webhook_id == key.id or one.account_id == key.account_id
    ]
    older = [one for one in shapes if before is None or one["id"] < before]
    return json_answer(older[: max(limit, 0)])


def _log_line(one: Delivery, key: ApiKey) -> dict[str, Any]:
    """Return a delivery as the service logs it: what it sent stands under `response` (documented so)."""
    content = json.loads(one.text)
    return wire.present(
        id=f"{one.serial:024x}",
        requestId=content.get("requestId") if isinstance(content, dict) else None,
        succeeded=one.succeeded,
        responseStatus=one.status,
        duration=one.milliseconds,
        accountId=one.account_id,
        apiKeyId=key.id,
        response={
            "headers": one.headers,
            "body": one.text,
            "timestamp": wire.timestamp(one.at),
            "path": one.url,
        },
        created=wire.timestamp(one.at),
        updated=wire.timestamp(one.at),
    )


def _own_keys(call: Call) -> list[ApiKey]:
    account_id = call.account.account_id
    return [one for one in call.engine.world.keys.values() if one.account_id == account_id]


def _key(call: Call) -> ApiKey:
    wanted = int(call.names["key_id"])
    for one in _own_keys(call):
        if one.id == wanted:
            return one
    raise status_page(NOT_FOUND)
