"""Telling the registered addresses what changed in the cloud."""

import json
from datetime import datetime
from typing import Any

from nuki_gateway.simulator import deliveries, webhooks, wire
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
    """Plan one delivery to each address of the account that asked for this feature, with what goes wrong.

    Results of Advanced calls have no feature and go to every address (a guess: where to is not documented).
    """
    body = json.dumps(payload, separators=(",", ":"))
    for receiver in deliveries.receivers(engine.world, account_id):
        if "feature" in payload and payload["feature"] not in receiver.features:
            continue
        for extra, one in engine.script.take_webhook(receiver.id, body):
            engine.plan(
                EventKind.LATE_WEBHOOK_DUE if extra else EventKind.WEBHOOK_DUE,
                at=at,
                seconds=engine.timings.webhook_seconds + extra,
                subject_id=one.receiver_id,
                body=one.body,
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
    """Hand a planned delivery to whoever sends; an address that is gone or switched off gets nothing."""
    receiver = deliveries.receiver(engine.world, event.subject_id)
    if receiver is None or not receiver.traffic.active:
        return
    body, told = event.body.encode(), json.loads(event.body)
    engine.posts.append(
        Post(
            at=event.due_at,
            webhook_id=receiver.id,
            feature=told.get("feature") or told["type"],
            url=receiver.url,
            body=body,
            headers=webhooks.headers(body, receiver.secret),
        )
    )
