"""What the page shows of the world: each door's truth beside the cloud's copy, and what happened last."""

from collections.abc import Iterator
from typing import Any

from nuki_gateway.simulator import making, telling, zones
from nuki_gateway.simulator.answers import ApiCall
from nuki_gateway.simulator.authorization import Authorization
from nuki_gateway.simulator.engine import Engine
from nuki_gateway.simulator.happenings import Happening
from nuki_gateway.simulator.webhooks import Delivery
from nuki_gateway.simulator.world import Entry, EventKind, Invite, Lock, Operation, OperationKind

SHOWN_CALLS = 60
SHOWN_HAPPENINGS = 80
SHOWN_WEBHOOKS = 25
SHOWN_INVITES = 25
WAITING, ON_ITS_WAY, BEING_READ_BACK = 1, 2, 3  # how far an operation came
COMPARED = (
    "name",
    "code",
    "enabled",
    "allowed_from",
    "allowed_until",
    "weekdays",
    "from_minute",
    "until_minute",
)


def state(engine: Engine, calls: list[ApiCall]) -> dict[str, Any]:
    """Return the page's content; the caller holds the engine's guard."""
    names = {account.account_id: account.name for account in engine.world.accounts}
    happenings = list(engine.happenings)
    return {
        "now": engine.now().isoformat(),
        "mix": engine.world.mix.name,
        "accounts": [{"account_id": number, "name": name} for number, name in names.items()],
        "doors": [_door(engine, lock, names) for lock in engine.world.locks.values()],
        "happenings": [_happening(one) for one in reversed(happenings[-SHOWN_HAPPENINGS:])],
        "calls": [_call(call, names) for call in reversed(calls[-SHOWN_CALLS:])],
        "webhooks": [_webhook(one) for one in reversed(engine.world.deliveries[-SHOWN_WEBHOOKS:])],
        "invites": [_invite(engine, one) for one in reversed(engine.world.invites[-SHOWN_INVITES:])],
    }


def _door(engine: Engine, lock: Lock, names: dict[int, str]) -> dict[str, Any]:
    device, copy = lock.device, lock.copy
    listed = [entry for entry in copy.entries.values() if entry.listed]
    return {
        "smartlock_id": lock.smartlock_id,
        "account_id": lock.account_id,
        "name": lock.name,
        "account": names.get(lock.account_id, "nobody"),
        "type": making.TYPE_NAMES.get(device.device_type, "Smart lock"),
        "online": device.online,
        "battery": device.state.battery,
        "keypad": device.keypad,
        "zone": zones.NAMES[device.time_zone_id],
        "device_time": device.clock(engine.now()).isoformat(),
        "on_the_lock": [_authorization(one) for one in device.authorizations],
        "in_the_cloud": [
            {**_authorization(entry.values), "id": entry.id, "waiting": bool(entry.operation_id)}
            for entry in listed
        ],
        "compared": list(_compared(device.authorizations, list(copy.entries.values()))),
        "copy_read_at": copy.updated_at.isoformat(),
        "operations": list(_operations(engine, lock)),
    }


def _compared(held: list[Authorization], entries: list[Entry]) -> Iterator[dict[str, Any]]:
    """Yield what the lock has beside what the cloud says, by the lock's own serials: numbers are re-used."""
    by_serial = {entry.serial: entry for entry in entries if entry.serial}
    for truth in held:
        yield _row(truth, by_serial.get(truth.serial))
    serials = {truth.serial for truth in held}
    for entry in entries:
        if entry.listed and entry.serial not in serials:
            yield _row(None, entry)


def _row(truth: Authorization | None, entry: Entry | None) -> dict[str, Any]:
    listed = entry is not None and entry.listed
    values = entry.values if entry is not None and entry.listed else None
    differing = [] if truth is None or values is None else _differing(truth, values)
    both = "differs" if differing else "the same"
    return {
        "lock": None if truth is None else _authorization(truth),
        "cloud": None if values is None else _authorization(values),
        "waiting": entry is not None and bool(entry.operation_id),
        "differing": differing,
        "verdict": "only in the cloud" if truth is None else both if listed else "only on the lock",
    }


def _differing(truth: Authorization, copied: Authorization) -> list[str]:
    return [name for name in COMPARED if getattr(truth, name) != getattr(copied, name)]


def _authorization(one: Authorization) -> dict[str, Any]:
    return {
        "number": one.number,
        "name": one.name,
        "code": one.code,
        "enabled": one.enabled,
        "allowed_from": None if one.allowed_from is None else one.allowed_from.isoformat(),
        "allowed_until": None if one.allowed_until is None else one.allowed_until.isoformat(),
        "weekdays": one.weekdays,
        "from_minute": one.from_minute,
        "until_minute": one.until_minute,
    }


def _operations(engine: Engine, lock: Lock) -> Iterator[dict[str, Any]]:
    """Yield what is on its way, what came farthest first, with the instant at which it goes on."""
    moving = (EventKind.OPERATION_DONE, EventKind.COPY_READ)
    due = {
        event.operation_id: event.due_at.isoformat()
        for event in engine.world.events
        if event.smartlock_id == lock.smartlock_id and event.kind in moving
    }
    for step, operations in ((BEING_READ_BACK, lock.reading_back), (WAITING, lock.queue)):
        for one in operations:
            runs = one.id == lock.running and lock.device.online
            yield {
                "id": one.id,
                "words": telling.task(lock, one),
                "reads_only": one.kind is OperationKind.SYNC,
                "step": ON_ITS_WAY if runs else step,
                "stage": "being read back" if step == BEING_READ_BACK else _stage(lock, one),
                "due_at": due.get(one.id),
            }


def _stage(lock: Lock, operation: Operation) -> str:
    if operation.stuck:
        return "stuck until a sync"
    if not lock.device.online:
        return "waits for the lock to return"
    return "on its way to the lock" if operation.id == lock.running else "waits its turn"


def _happening(one: Happening) -> dict[str, Any]:
    return {
        "sequence": one.sequence,
        "at": one.at.isoformat(),
        "kind": one.kind,
        "words": one.words,
        "smartlock_id": one.smartlock_id,
        "operation_id": one.operation_id,
        "good": one.delivery is None or one.delivery.succeeded,
    }


def _call(call: ApiCall, names: dict[int, str]) -> dict[str, Any]:
    return {
        "at": call.at.isoformat(),
        "account": names.get(call.account or 0),
        "method": call.method,
        "path": call.path,
        "status": call.status,
    }


def _webhook(delivery: Delivery) -> dict[str, Any]:
    return {
        "at": delivery.at.isoformat(),
        "feature": delivery.feature,
        "url": delivery.url,
        "status": delivery.status,
        "good": delivery.succeeded,
        "milliseconds": delivery.milliseconds,
    }


def _invite(engine: Engine, one: Invite) -> dict[str, Any]:
    lock = engine.world.locks.get(one.smartlock_id)
    return {
        "authorization_id": one.authorization_id,
        "smartlock_id": one.smartlock_id,
        "door": None if lock is None else lock.name,
        "email": one.email,
        "sent_at": one.sent_at.isoformat(),
        "redeemed_at": None if one.redeemed_at is None else one.redeemed_at.isoformat(),
    }
