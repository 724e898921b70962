"""What the page shows of the world: each door's truth beside the cloud's copy, and the last calls."""

from typing import Any

from nuki_gateway.simulator import making, zones
from nuki_gateway.simulator.answers import ApiCall
from nuki_gateway.simulator.authorization import Authorization
from nuki_gateway.simulator.engine import Engine
from nuki_gateway.simulator.world import Lock, Operation, OperationKind

SHOWN_CALLS = 25


def state(engine: Engine, calls: list[ApiCall]) -> dict[str, Any]:
    """Return the page's content; the caller holds the engine's guard."""
    names = {account.account_id: account.name for account in engine.world.accounts}
    return {
        "now": engine.now().isoformat(),
        "doors": [_door(engine, lock, names[lock.account_id]) for lock in engine.world.locks.values()],
        "calls": [
            {
                "at": call.at.isoformat(),
                "account": names.get(call.account or 0),
                "method": call.method,
                "path": call.path,
                "status": call.status,
            }
            for call in reversed(calls[-SHOWN_CALLS:])
        ],
    }


def _door(engine: Engine, lock: Lock, account: str) -> dict[str, Any]:
    device, copy = lock.device, lock.copy
    reading = {one.id for one in lock.reading_back}
    return {
        "smartlock_id": lock.smartlock_id,
        "name": lock.name,
        "account": account,
        "type": making.TYPE_NAMES[device.device_type],
        "online": device.online,
        "battery": device.state.battery,
        "keypad": device.keypad,
        "zone": zones.NAMES[device.time_zone_id],
        "device_time": device.clock(engine.now()).isoformat(),
        "on_the_lock": [_authorization(one) for one in device.authorizations],
        "in_the_cloud": [
            {**_authorization(entry.values), "waiting": bool(entry.operation_id)}
            for entry in copy.entries.values()
            if entry.listed
        ],
        "copy_read_at": copy.updated_at.isoformat(),
        "operations": [
            {"words": _words(lock, one), "stage": _stage(lock, one, reading)}
            for one in [*lock.reading_back, *lock.queue]
        ],
    }


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


def _words(lock: Lock, operation: Operation) -> str:
    entry = lock.copy.entries.get(operation.entry_id)
    name = operation.wanted.name if operation.wanted is not None else entry.values.name if entry else ""
    return {
        OperationKind.CREATE: f"Add {name}",
        OperationKind.UPDATE: f"Change {name}",
        OperationKind.DELETE: f"Delete {name}",
        OperationKind.SYNC: "Read the whole lock",
        OperationKind.ACTION: "Turn the lock",
    }[operation.kind]


def _stage(lock: Lock, operation: Operation, reading: set[str]) -> str:
    if operation.id in reading:
        return "being read back"
    if operation.stuck:
        return "stuck until a sync"
    if not lock.device.online:
        return "waits for the lock to return"
    return "on its way to the lock" if operation.id == lock.running else "waits its turn"
