"""Replacing the cloud's copy of a lock by what the device holds, and taking in the device's log."""

from dataclasses import replace
from datetime import datetime

from nuki_gateway.simulator import news, telling, wire
from nuki_gateway.simulator.authorization import Authorization
from nuki_gateway.simulator.device import LOG_CAPACITY, LogEntry
from nuki_gateway.simulator.engine import Engine
from nuki_gateway.simulator.orders import LogFault
from nuki_gateway.simulator.world import Entry, Event, EventKind, Lock


def synchronise(engine: Engine, lock: Lock, *, at: datetime) -> None:
    """Make the copy equal to the device.

    Every authorization's updateDate moves, changed or not (seen by a property manager), and MASTERDATA and
    CONFIG are sent even when nothing changed (documentation on device webhooks).
    """
    _forget_stuck_operations(lock)
    lock.copy.frozen = False
    lock.copy.keypad = lock.device.keypad
    lock.copy.updated_at = at
    known = {entry.serial: entry for entry in lock.copy.entries.values() if entry.serial}
    kept = [_take_in(engine, lock, truth, known, at=at) for truth in lock.device.authorizations]
    on_the_way = [one for one in lock.copy.entries.values() if one.operation_id and not one.serial]
    entries = {entry.id: entry for entry in [*kept, *on_the_way]}
    gone = [entry for entry in lock.copy.entries.values() if entry.id not in entries and entry.listed]
    lock.copy.entries = entries
    for entry in gone:
        news.announce_authorization(engine, lock, entry, at=at, deleted=True)
    news.announce(engine, lock.account_id, wire.master_news(lock), at=at)
    news.announce(engine, lock.account_id, wire.config_news(lock), at=at)
    telling.synchronised(engine, lock, at=at)


def log_arrives(engine: Engine, event: Event) -> None:
    """Take the device's unsent log into the cloud; a lock that is offline keeps it until it is back."""
    lock = engine.lock(event.smartlock_id)
    if not lock.device.online:
        return
    unsent, lock.device.unsent_log = lock.device.unsent_log, []
    for line in unsent:
        ordered = engine.script.take_log_fault(lock.smartlock_id)
        if ordered.fault is LogFault.LATE:
            lock.late_log.append(line)
            engine.plan(
                EventKind.LATE_LOG_ARRIVES,
                at=event.due_at,
                seconds=ordered.seconds,
                smartlock_id=lock.smartlock_id,
                body=_mark(line),
            )
        elif ordered.fault is not LogFault.MISSING:
            if ordered.fault is LogFault.ANONYMOUS:
                line = replace(line, name="", serial=0)  # noqa: PLW2901  as it reaches the cloud
            _enter(engine, lock, line, at=event.due_at)


def late_log_arrives(engine: Engine, event: Event) -> None:
    """Take one line of the log into the cloud, long after those that were written with it."""
    lock = engine.lock(event.smartlock_id)
    for line in lock.late_log:
        if _mark(line) == event.body:
            lock.late_log.remove(line)
            _enter(engine, lock, line, at=event.due_at)
            return


def _mark(line: LogEntry) -> str:
    return f"{line.at.isoformat()} {line.serial} {line.action} {line.state}"


def _enter(engine: Engine, lock: Lock, line: LogEntry, *, at: datetime) -> None:
    known = _attribute(engine, lock, line)
    lock.copy.log = [*lock.copy.log, known][-LOG_CAPACITY:]
    news.announce(engine, lock.account_id, wire.log_news(known, lock), at=at)


def _forget_stuck_operations(lock: Lock) -> None:
    stuck = {one.id for one in lock.queue if one.stuck}
    lock.queue = [one for one in lock.queue if not one.stuck]
    for entry in lock.copy.entries.values():
        if entry.operation_id in stuck:
            entry.operation_id = ""


def _take_in(
    engine: Engine, lock: Lock, truth: Authorization, known: dict[int, Entry], *, at: datetime
) -> Entry:
    entry = known.get(truth.serial)
    if entry is None:
        entry = Entry(
            engine.world.new_id(at), truth, created_at=at, updated_at=at, listed=False, serial=truth.serial
        )
    changed = not entry.listed or entry.values != truth
    if changed or engine.switches.sync_moves_entries_dates:
        entry.updated_at = at
    entry.values, entry.listed = truth, True
    if changed:
        news.announce_authorization(engine, lock, entry, at=at)
    return entry


def _attribute(engine: Engine, lock: Lock, line: LogEntry) -> LogEntry:
    """Give the line its id, and its authorization when the copy knows it; count its use there."""
    line = replace(line, id=engine.world.new_id(line.at))
    entry = next(
        (one for one in lock.copy.entries.values() if line.serial and one.serial == line.serial), None
    )
    if entry is None:
        return line
    truth = lock.device.find(line.serial)
    if line.state == 0 and truth is not None:
        entry.values = replace(entry.values, lock_count=truth.lock_count, last_active_at=line.at)
    return replace(line, authorization_id=entry.id, account_user_id=entry.values.account_user_id)
