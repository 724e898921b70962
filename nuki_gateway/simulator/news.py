"""Telling the registered webhooks what changed in the cloud."""

import json
from datetime import datetime
from typing import Any

from nuki_gateway.simulator import webhooks, wire
from nuki_gateway.simulator.engine import Engine
from nuki_gateway.simulator.webhooks import Post
from nuki_gateway.simulator.world import Entry, Event, EventKind, Lock

FEATURES = (
    "DEVICE_STATUS",
    "DEVICE_MASTERDATA",
    "DEVICE_CONFIG",
    "DEVICE_LOGS",
    "DEVICE_AUTHS",
    "ACCOUNT_USER",
)


def announce(engine: Engine, account_id: int, payload: dict[str, Any], *, at: datetime) -> None:
    """Plan one delivery for each of the account's webhooks that asked for this feature."""
    for registered in engine.world.webhooks.values():
        if registered.account_id == account_id and payload["feature"] in registered.features:
            engine.plan(
                EventKind.WEBHOOK_DUE,
                at=at,
                seconds=engine.timings.webhook_seconds,
                subject_id=registered.id,
                body=json.dumps(payload, separators=(",", ":")),
            )


def announce_authorization(
    engine: Engine, lock: Lock, entry: Entry, *, at: datetime, deleted: bool = False
) -> None:
    """Tell that one authorization of the cloud's copy came, changed or went."""
    payload = wire.authorization_news(entry, lock.smartlock_id, deleted=deleted)
    announce(engine, lock.account_id, payload, at=at)


def report_state(engine: Engine, lock: Lock, *, at: datetime) -> None:
    """Bring the device's state into the copy, when it is online, and tell of it."""
    if lock.device.online:
        lock.copy.state = lock.device.state
    announce(engine, lock.account_id, wire.status_news(lock), at=at)


def webhook_due(engine: Engine, event: Event) -> None:
    """Hand a planned delivery to whoever sends; a webhook deleted meanwhile gets nothing."""
    registered = engine.world.webhooks.get(event.subject_id)
    if registered is None:
        return
    body = event.body.encode()
    engine.posts.append(
        Post(
            at=event.due_at,
            webhook_id=registered.id,
            feature=json.loads(event.body)["feature"],
            url=registered.url,
            body=body,
            headers=webhooks.headers(body, registered.secret),
        )
    )
