"""What an operation's turn means beyond authorizations: blocked motors, configuration, Advanced results."""

from dataclasses import replace
from datetime import datetime

from nuki_gateway.simulator import advanced, configuration, news, operations, wire
from nuki_gateway.simulator.device import BLOCKED_STATE, MOTOR_BLOCKED, LogEntry
from nuki_gateway.simulator.engine import Engine
from nuki_gateway.simulator.happenings import HappeningKind
from nuki_gateway.simulator.world import Event, Fate, Lock, LockResult, Operation, OperationKind

WEB_TRIGGER = 4


def operation_done(engine: Engine, event: Event) -> None:
    """Let the device do what the operation says, and report it if somebody waits for the result."""
    lock = engine.lock(event.smartlock_id)
    operation = _whose_turn(lock, event)
    if operation is None:
        operations.operation_done(engine, event)
        return
    if operation.kind is OperationKind.SYNC:
        configuration.learn(lock)
    if operation.kind is OperationKind.CONFIGURE:
        configuration.configure(lock, operation.section, operation.settings)
    if operation.kind is OperationKind.ACTION and lock.motor_blocked:
        _try_in_vain(engine, lock, operation, at=event.due_at)
    else:
        operations.operation_done(engine, event)
    if operation.request_id:
        result = _result(lock, operation)
        advanced.report(engine, operation.request_id, result, at=event.due_at)


def copy_read(engine: Engine, event: Event) -> None:
    """Bring the result of one operation into the cloud's copy."""
    lock = engine.lock(event.smartlock_id)
    operation = next(one for one in lock.reading_back if one.id == event.operation_id)
    operations.copy_read(engine, event)
    if operation.kind is OperationKind.CONFIGURE and not lock.copy.frozen:
        configuration.learn(lock)
        lock.copy.updated_at = event.due_at
        news.announce(engine, lock.account_id, wire.config_news(lock), at=event.due_at)


def _whose_turn(lock: Lock, event: Event) -> Operation | None:
    """Return the operation that the device finishes now; None when it was cut off."""
    if lock.running != event.operation_id or not lock.device.online:
        return None
    return next((one for one in lock.queue if one.id == event.operation_id), None)


def _try_in_vain(engine: Engine, lock: Lock, operation: Operation, *, at: datetime) -> None:
    lock.running = ""
    lock.queue.remove(operation)
    device = lock.device
    device.state = replace(device.state, state=BLOCKED_STATE, last_action=operation.action, trigger=0)
    device.note(
        LogEntry(
            at=device.clock(at),
            action=operation.action,
            trigger=WEB_TRIGGER,
            state=MOTOR_BLOCKED,
            name="Nuki Web",
        )
    )
    engine.tell(
        HappeningKind.REFUSED,
        f"{lock.name} could not turn: its motor is blocked.",
        at=at,
        smartlock_id=lock.smartlock_id,
        operation_id=operation.id,
    )
    news.report_state(engine, lock, at=at)
    operations.send_log_later(engine, lock, at=at)
    operations.start_next(engine, lock, at=at)


def _result(lock: Lock, operation: Operation) -> LockResult:
    """Return what became of it; a new app authorization is refused by a device that is full only."""
    if operation.kind is OperationKind.ACTION:
        return LockResult(lock.smartlock_id, advanced.MOTOR_BLOCKED if lock.motor_blocked else "")
    entry = lock.copy.entries.get(operation.entry_id)
    if entry is not None and entry.serial:
        return LockResult(lock.smartlock_id, "", entry.id)
    code = advanced.TOO_MANY if operation.fate is Fate.CARRIED_OUT else advanced.UNKNOWN_ERROR
    return LockResult(lock.smartlock_id, code, operation.entry_id)
