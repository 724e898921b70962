"""Saying in words what happens between the API, the device, the cloud's copy and the webhooks."""

import json
from datetime import datetime
from typing import Any

from nuki_gateway.simulator.authorization import Authorization
from nuki_gateway.simulator.device import KeypadAnswer
from nuki_gateway.simulator.engine import Engine
from nuki_gateway.simulator.happenings import HappeningKind
from nuki_gateway.simulator.webhooks import Delivery
from nuki_gateway.simulator.world import Fate, Lock, Operation, OperationKind


def task(lock: Lock, operation: Operation) -> str:
    """Return what the operation is to do, as a short order."""
    entry = lock.copy.entries.get(operation.entry_id)
    name = operation.wanted.name if operation.wanted is not None else entry.values.name if entry else ""
    return {
        OperationKind.CREATE: f"Add {name}",
        OperationKind.UPDATE: f"Change {name}",
        OperationKind.DELETE: f"Delete {name}",
        OperationKind.SYNC: "Read the whole lock",
        OperationKind.ACTION: "Turn the lock",
        OperationKind.CONFIGURE: "Change the settings",
    }[operation.kind]


def accepted(engine: Engine, lock: Lock, operation: Operation, *, at: datetime) -> None:
    """Tell that the cloud took a write, which says nothing about the lock yet."""
    ordered = task(lock, operation)
    if operation.kind is OperationKind.SYNC:
        words = f"“{ordered}” is queued for {lock.name}."
    elif lock.device.online:
        words = f"The API took “{ordered}” and queued it: 204. {lock.name} has not heard of it."
    else:
        words = f"The API took “{ordered}” and queued it: 204, although {lock.name} is offline."
    _tell(engine, HappeningKind.ACCEPTED, words, lock, operation, at=at)


def dropped(engine: Engine, lock: Lock, operation: Operation, *, at: datetime) -> None:
    """Tell that a write for an offline lock was taken and thrown away."""
    words = f"The cloud threw “{task(lock, operation)}” away: {lock.name} is offline. Nobody is told."
    _tell(engine, HappeningKind.LOST, words, lock, operation, at=at)


def carried(engine: Engine, lock: Lock, operation: Operation, *, at: datetime) -> None:
    """Tell what became of an operation at the device; call it once the device was changed."""
    ordered = task(lock, operation)
    if operation.fate in {Fate.LOST, Fate.PHANTOM}:
        words = f"“{ordered}” got lost on its way to {lock.name}. Nobody is told."
        _tell(engine, HappeningKind.LOST, words, lock, operation, at=at)
    elif operation.kind is OperationKind.CONFIGURE:
        words = f"“{ordered}” reached {lock.name}."
        _tell(engine, HappeningKind.CARRIED, words, lock, operation, at=at)
    elif operation.kind is OperationKind.ACTION:
        _tell(engine, HappeningKind.CARRIED, f"{lock.name} turned.", lock, operation, at=at)
    elif operation.was_missing:
        words = f"{lock.name} had nothing left of “{ordered}”. The plain API tells nobody."
        _tell(engine, HappeningKind.REFUSED, words, lock, operation, at=at)
    elif _device_refused(lock, operation):
        words = f"{lock.name} did not take “{ordered}”. The plain API tells nobody."
        _tell(engine, HappeningKind.REFUSED, words, lock, operation, at=at)
    else:
        words = f"“{ordered}” reached {lock.name}, which follows it now. The cloud's list does not show it."
        _tell(engine, HappeningKind.CARRIED, words, lock, operation, at=at)


def read_back(engine: Engine, lock: Lock, operation: Operation, *, at: datetime) -> None:
    """Tell what the cloud saw when it read a result back; call it before the copy changes."""
    ordered = task(lock, operation)
    ghost = operation.fate is Fate.GHOST or (
        operation.was_missing and engine.switches.delete_of_missing_stays
    )
    if operation.unread or ghost or lock.copy.frozen:
        kind = HappeningKind.STALE
        words = f"The cloud's copy of {lock.name} stays as it was, in spite of “{ordered}”, until a sync."
    elif operation.fate is Fate.PHANTOM:
        kind = HappeningKind.READ
        words = f"The cloud's list now shows “{ordered}” done, although {lock.name} never got it."
    elif operation.fate is Fate.LOST or _device_refused(lock, operation):
        kind = HappeningKind.MISSING
        words = f"The cloud read {lock.name} back and found “{ordered}” not done. No webhook says so."
    else:
        kind = HappeningKind.READ
        words = f"The cloud read {lock.name} back: its list now shows “{ordered}” done."
    _tell(engine, kind, words, lock, operation, at=at)


def synchronised(engine: Engine, lock: Lock, *, at: datetime) -> None:
    """Tell that the whole copy was replaced by what the device holds."""
    words = f"The cloud read all of {lock.name}: its list now equals the lock."
    engine.tell(HappeningKind.READ, words, at=at, smartlock_id=lock.smartlock_id)


def typed(engine: Engine, lock: Lock, code: str, answer: KeypadAnswer, *, at: datetime) -> None:
    """Tell what somebody at the keypad saw."""
    ending = "it opened" if answer.opened else f"it stayed shut, {answer.reason}"
    engine.tell(
        HappeningKind.DOOR,
        f"Somebody typed {code} at {lock.name}: {ending}.",
        at=at,
        smartlock_id=lock.smartlock_id,
    )


def reached(engine: Engine, lock: Lock, *, at: datetime) -> None:
    """Tell whether the cloud can reach the lock from now on."""
    words = (
        f"{lock.name} is back: what waited for it goes on its way."
        if lock.device.online
        else f"{lock.name} is offline: the keypad works on, the cloud shows its old list."
    )
    engine.tell(HappeningKind.DOOR, words, at=at, smartlock_id=lock.smartlock_id)


def changed_in_the_app(engine: Engine, lock: Lock, what: str, whose: Authorization) -> None:
    """Tell that the Nuki app changed the device; `what` is a verb in the past."""
    words = f"The Nuki app {what} {whose.name} on {lock.name}. The cloud learns of it by a sync."
    engine.tell(HappeningKind.APP, words, at=engine.now(), smartlock_id=lock.smartlock_id)


def ordered(engine: Engine, words: str, *, smartlock_id: int = 0) -> None:
    """Tell that somebody ordered a fault."""
    lock = engine.world.locks.get(smartlock_id)
    where = "" if lock is None else f" for {lock.name}"
    engine.tell(HappeningKind.DRILL, f"Ordered{where}: {words}.", at=engine.now(), smartlock_id=smartlock_id)


def delivered(engine: Engine, delivery: Delivery, *, at: datetime) -> None:
    """Tell that a webhook was sent, about which door, and what the receiver said."""
    answered = "no answer" if delivery.status is None else f"answered {delivery.status}"
    payload = _payload(delivery)
    lock = engine.world.locks.get(_lock_of(payload))
    about = "" if lock is None else f" about {lock.name}"
    words = f"{delivery.feature}{about} sent: {answered} after {delivery.milliseconds} ms."
    engine.tell(HappeningKind.WEBHOOK, words, at=at, smartlock_id=_lock_of(payload), delivery=delivery)


def _payload(delivery: Delivery) -> dict[str, Any]:
    """Return what was sent; what is no JSON object, as forgeries may be, tells nothing."""
    try:
        payload = json.loads(delivery.body)
    except ValueError:
        return {}
    return payload if isinstance(payload, dict) else {}


def _lock_of(payload: dict[str, Any]) -> int:
    """Return the lock that a webhook is about; some features name it one level down."""
    levels = [payload, *(one for one in payload.values() if isinstance(one, dict))]
    return next((int(one["smartlockId"]) for one in levels if "smartlockId" in one), 0)


def _device_refused(lock: Lock, operation: Operation) -> bool:
    entry = lock.copy.entries.get(operation.entry_id)
    if entry is None or operation.wanted is None:
        return False
    truth = lock.device.find(entry.serial)
    return truth is None or truth.code != operation.wanted.code


def _tell(
    engine: Engine, kind: HappeningKind, words: str, lock: Lock, operation: Operation, *, at: datetime
) -> None:
    engine.tell(kind, words, at=at, smartlock_id=lock.smartlock_id, operation_id=operation.id)
