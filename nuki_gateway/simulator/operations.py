"""Carrying accepted writes to a device, one after another, and reading back into the cloud's copy."""

from dataclasses import replace
from datetime import datetime, timedelta

from nuki_gateway.simulator import news, telling
from nuki_gateway.simulator.authorization import Authorization, AuthorizationType
from nuki_gateway.simulator.device import DeviceRefused, LogEntry, numbers
from nuki_gateway.simulator.engine import Engine
from nuki_gateway.simulator.synchronise import synchronise
from nuki_gateway.simulator.world import (
    Entry,
    Event,
    EventKind,
    Fate,
    Lock,
    OfflineWrites,
    Operation,
    OperationKind,
)

WEB_TRIGGER = 4
WRITES = frozenset({OperationKind.CREATE, OperationKind.UPDATE, OperationKind.DELETE})
A_STAY = timedelta(days=7)  # how long a code without an end is taken to matter
BY_MIX = "mix"  # marks what the mix has planned
STATE_AFTER = {1: 3, 2: 1, 3: 5, 4: 1, 5: 1}  # action → the lock's state once it is done


def accept(
    engine: Engine, lock: Lock, operation: Operation, entry: Entry | None = None, *, at: datetime
) -> None:
    """Queue an operation for the lock; an offline lock's writes fare as its mode says.

    Sources for the modes: developer forum 16273 (delivered), 19378 (lost), and one unfinished operation
    explaining 423 on an unreachable lock (inferred).
    """
    if not lock.device.online:
        if operation.kind is OperationKind.SYNC or lock.offline_writes is OfflineWrites.LOST:
            telling.dropped(engine, lock, operation, at=at)
            return
        operation.stuck = lock.offline_writes is OfflineWrites.PENDING
        _drop_later(engine, lock, operation, at=at)
    if operation.kind in WRITES:
        operation.unread = engine.script.take_unread(lock.smartlock_id)
    if entry is not None:
        entry.operation_id = operation.id
        lock.copy.entries[entry.id] = entry
    lock.queue.append(operation)
    engine.changed = True
    telling.accepted(engine, lock, operation, at=at)
    start_next(engine, lock, at=at)


def request_sync(engine: Engine, lock: Lock, *, at: datetime) -> None:
    """Queue a reading of the whole device; one that waits already is enough."""
    if any(one.kind is OperationKind.SYNC and one.id != lock.running for one in lock.queue):
        return
    accept(engine, lock, Operation(engine.world.new_id(at), OperationKind.SYNC), at=at)


def start_next(engine: Engine, lock: Lock, *, at: datetime) -> None:
    """Let the device begin with the next operation, if it is idle and can be reached."""
    waiting = next((one for one in lock.queue if not one.stuck and not _is_held(one, at)), None)
    if lock.running or waiting is None or not lock.device.online:
        return
    lock.running = waiting.id
    is_sync = waiting.kind is OperationKind.SYNC
    engine.plan(
        EventKind.OPERATION_DONE,
        at=at,
        seconds=engine.timings.sync_seconds if is_sync else engine.timings.operation_seconds,
        smartlock_id=lock.smartlock_id,
        operation_id=waiting.id,
    )


def operation_done(engine: Engine, event: Event) -> None:
    """Carry out the operation on the device; one that was cut off begins again when the lock is back."""
    lock = engine.lock(event.smartlock_id)
    if lock.running != event.operation_id:
        return
    lock.running = ""
    if not lock.device.online:
        return
    operation = next(one for one in lock.queue if one.id == event.operation_id)
    lock.queue.remove(operation)
    if operation.kind is OperationKind.SYNC:
        synchronise(engine, lock, at=event.due_at)
    elif operation.kind is OperationKind.ACTION:
        _act(engine, lock, operation, at=event.due_at)
        telling.carried(engine, lock, operation, at=event.due_at)
    else:
        _carry_out(engine, lock, operation, at=event.due_at)
        telling.carried(engine, lock, operation, at=event.due_at)
        lock.reading_back.append(operation)
        engine.plan(
            EventKind.COPY_READ,
            at=event.due_at,
            seconds=engine.lag(),
            smartlock_id=lock.smartlock_id,
            operation_id=operation.id,
        )
    start_next(engine, lock, at=event.due_at)


def copy_read(engine: Engine, event: Event) -> None:
    """Bring the result of one operation into the cloud's copy."""
    lock = engine.lock(event.smartlock_id)
    operation = next(one for one in lock.reading_back if one.id == event.operation_id)
    lock.reading_back.remove(operation)
    entry = lock.copy.entries.get(operation.entry_id)
    if entry is None:
        return
    telling.read_back(engine, lock, operation, at=event.due_at)
    if entry.operation_id == operation.id:
        entry.operation_id = ""
    if operation.unread:
        return
    if operation.kind is OperationKind.DELETE:
        _read_back_deletion(engine, lock, operation, entry, at=event.due_at)
    else:
        _read_back_write(engine, lock, operation, entry, at=event.due_at)


def daily_sync(engine: Engine, event: Event) -> None:
    """Read the whole device once a day, unasked (developer forum 16273)."""
    lock = engine.lock(event.smartlock_id)
    request_sync(engine, lock, at=event.due_at)
    engine.plan(
        EventKind.DAILY_SYNC,
        at=event.due_at,
        seconds=engine.timings.daily_sync_seconds,
        smartlock_id=lock.smartlock_id,
    )


def send_log_later(engine: Engine, lock: Lock, *, at: datetime) -> None:
    """Let the device's unsent log reach the cloud after its lag."""
    engine.plan(
        EventKind.LOG_ARRIVES,
        at=at,
        seconds=engine.timings.log_lag_seconds,
        smartlock_id=lock.smartlock_id,
    )


def hold_back(engine: Engine, lock: Lock, *, at: datetime) -> None:
    """Let what waited for an offline lock go on only hours after its return, if the lock is set so."""
    seconds = lock.delivered_after_seconds
    waiting = [one for one in lock.queue if one.kind in WRITES]
    if not seconds or not waiting:
        return
    for operation in waiting:
        operation.held_until = at + timedelta(seconds=seconds)
    engine.plan(EventKind.WRITES_RELEASED, at=at, seconds=seconds, smartlock_id=lock.smartlock_id)


def writes_released(engine: Engine, event: Event) -> None:
    """Let what was held back since the lock's return go on its way."""
    start_next(engine, engine.lock(event.smartlock_id), at=event.due_at)


def write_dropped(engine: Engine, event: Event) -> None:
    """Forget a write that has waited too long for an offline lock; nobody is told (developer forum 19378)."""
    lock = engine.lock(event.smartlock_id)
    operation = next((one for one in lock.queue if one.id == event.operation_id), None)
    if operation is None or lock.device.online:
        return
    telling.dropped(engine, lock, operation, at=event.due_at)
    lock.queue.remove(operation)
    entry = lock.copy.entries.get(operation.entry_id)
    if entry is None:
        return
    if entry.operation_id == operation.id:
        entry.operation_id = ""
    if operation.kind is OperationKind.CREATE:
        _drop(engine, lock, entry, at=event.due_at)


def _drop_later(engine: Engine, lock: Lock, operation: Operation, *, at: datetime) -> None:
    if lock.dropped_after_seconds and operation.kind in WRITES:
        engine.plan(
            EventKind.WRITES_DROPPED,
            at=at,
            seconds=lock.dropped_after_seconds,
            smartlock_id=lock.smartlock_id,
            operation_id=operation.id,
        )


def _is_held(operation: Operation, at: datetime) -> bool:
    return operation.held_until is not None and at < operation.held_until


def _expect_the_host(engine: Engine, lock: Lock, made: Authorization, *, at: datetime) -> None:
    """Draw whether the host touches this code in the app during its time, and when."""
    stream = f"host:{lock.smartlock_id}"
    if made.type != AuthorizationType.KEYPAD_CODE:
        return
    if engine.world.happens(engine.world.mix.host_edits, stream):
        ends = made.allowed_until or at + A_STAY
        engine.plan(
            EventKind.HOST_EDITS,
            at=at,
            seconds=max(0.0, (ends - at).total_seconds()) * engine.world.chance(stream),
            smartlock_id=lock.smartlock_id,
            subject_id=made.serial,
            body=BY_MIX,
        )


def _carry_out(engine: Engine, lock: Lock, operation: Operation, *, at: datetime) -> None:
    entry = lock.copy.entries.get(operation.entry_id)
    if entry is None or operation.fate in {Fate.LOST, Fate.PHANTOM}:
        return
    if operation.kind is OperationKind.DELETE:
        operation.was_missing = not lock.device.remove(entry.serial)
        return
    if operation.wanted is None:
        return
    try:
        if operation.kind is OperationKind.CREATE:
            made = lock.device.add(operation.wanted)
            entry.serial = made.serial
            _expect_the_host(engine, lock, made, at=at)
        else:
            lock.device.change(entry.serial, operation.wanted)
    except DeviceRefused:
        return  # nobody is told: only the Advanced routes report failures


def _read_back_deletion(
    engine: Engine, lock: Lock, operation: Operation, entry: Entry, *, at: datetime
) -> None:
    missing_stays = operation.was_missing and engine.switches.delete_of_missing_stays
    if operation.fate is not Fate.CARRIED_OUT or missing_stays or lock.copy.frozen:
        return
    del lock.copy.entries[entry.id]
    news.announce_authorization(engine, lock, entry, at=at, deleted=True)


def _read_back_write(engine: Engine, lock: Lock, operation: Operation, entry: Entry, *, at: datetime) -> None:
    created = operation.kind is OperationKind.CREATE
    truth = lock.device.find(entry.serial)
    if created and operation.fate is Fate.PHANTOM and operation.wanted is not None:
        truth = replace(operation.wanted, number=_free_number_in_copy(lock, operation.wanted))
    if truth is None:
        if created:
            _drop(engine, lock, entry, at=at)
        return
    if lock.copy.frozen:
        return
    entry.values, entry.updated_at, entry.listed = truth, at, True
    if operation.fate is not Fate.LOST:
        news.announce_authorization(engine, lock, entry, at=at)


def _drop(engine: Engine, lock: Lock, entry: Entry, *, at: datetime) -> None:
    del lock.copy.entries[entry.id]
    if entry.listed:
        news.announce_authorization(engine, lock, entry, at=at, deleted=True)


def _free_number_in_copy(lock: Lock, wanted: Authorization) -> int:
    taken = {entry.values.number for entry in lock.copy.entries.values()}
    return next(number for number in numbers(wanted.type) if number not in taken)


def _act(engine: Engine, lock: Lock, operation: Operation, *, at: datetime) -> None:
    device = lock.device
    device.state = replace(
        device.state,
        state=STATE_AFTER.get(operation.action, device.state.state),
        last_action=operation.action,
        trigger=0,
    )
    device.note(
        LogEntry(at=device.clock(at), action=operation.action, trigger=WEB_TRIGGER, state=0, name="Nuki Web")
    )
    news.report_state(engine, lock, at=at)
    send_log_later(engine, lock, at=at)
