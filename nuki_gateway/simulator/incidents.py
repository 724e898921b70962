"""What befalls one lock for good: another owner or id, a stuck motor, an empty battery, a wrong clock."""

import heapq
from dataclasses import replace
from typing import Any

from nuki_gateway.simulator import configuration, doors, news, operations, spontaneous, wire
from nuki_gateway.simulator.device import Device, LogEntry
from nuki_gateway.simulator.engine import Engine
from nuki_gateway.simulator.world import (
    NOBODY,
    Copy,
    EventKind,
    Lock,
    OfflineWrites,
)

AJAR = 208  # the log's actions are those of the vendor's API definition
LOG_ON, LOG_OFF = 254, 255
SYSTEM_TRIGGER = 0
DEVICE_IDS = 2**32  # the type stands before eight hex digits of the device's own number


class SmartlockIdTaken(Exception):
    """A lock was to get an id that another one has."""


def go_offline(
    engine: Engine,
    lock: Lock,
    *,
    writes: OfflineWrites,
    seconds: float | None,
    dropped_after_seconds: float,
    delivered_after_seconds: float,
) -> None:
    """Cut the lock off, for so many seconds or until somebody brings it back."""
    engine.run_due()
    with engine.change() as at:
        doors.lose_contact(
            engine,
            lock,
            writes=writes,
            at=at,
            dropped_after_seconds=dropped_after_seconds,
            delivered_after_seconds=delivered_after_seconds,
        )
        if seconds is not None:
            spontaneous.return_later(engine, lock, seconds=seconds, at=at)


def change_state(engine: Engine, lock: Lock, **changes: Any) -> None:
    """Let the device report another state of itself: the fields of DeviceState that change."""
    engine.run_due()
    with engine.change() as at:
        lock.device.state = replace(lock.device.state, **changes)
        news.report_state(engine, lock, at=at)


def note(engine: Engine, lock: Lock, action: int) -> None:
    """Let the device write a line of its own into its log, and send it."""
    engine.run_due()
    with engine.change() as at:
        lock.device.note(LogEntry(at=lock.device.clock(at), action=action, trigger=SYSTEM_TRIGGER, state=0))
        operations.send_log_later(engine, lock, at=at)


def switch_log(engine: Engine, lock: Lock, *, on: bool) -> None:
    """Let the device keep a log or not; the last line says which."""
    if on:
        lock.device.keeps_log = True
    note(engine, lock, LOG_ON if on else LOG_OFF)
    with engine.change():
        lock.device.keeps_log = on


def leave_account(engine: Engine, lock: Lock) -> None:
    """Take the lock out of its account, codes and all: it hangs on the door and works on."""
    engine.run_due()
    with engine.change() as at:
        owner, lock.account_id = lock.account_id, NOBODY
        news.announce(engine, owner, wire.master_news(lock, deleted=True), at=at)


def replace_device(engine: Engine, lock: Lock) -> Lock:
    """Hang a new lock of the same kind and name on the door: another id, and no codes. Return it."""
    owner = lock.account_id
    leave_account(engine, lock)
    with engine.change() as at:
        old = lock.device
        device = Device(
            device_type=old.device_type,
            time_zone_id=old.time_zone_id,
            keypad=old.keypad,
            capacity=old.capacity,
            app_capacity=old.app_capacity,
        )
        made = replace(
            lock,
            smartlock_id=_free_id(engine, old.device_type),
            account_id=owner,
            created_at=at,
            device=device,
            copy=Copy(updated_at=at, keypad=device.keypad, state=device.state),
            queue=[],
            running="",
            reading_back=[],
            late_log=[],
        )
        engine.world.locks[made.smartlock_id] = made
        configuration.start(made)
        daily = engine.timings.daily_sync_seconds
        engine.plan(EventKind.DAILY_SYNC, at=at, seconds=daily, smartlock_id=made.smartlock_id)
        news.announce(engine, owner, wire.master_news(made), at=at)
        return made


def change_id(engine: Engine, lock: Lock, smartlock_id: int | None = None) -> int:
    """Give the same lock another smartlockId, drawn unless it is named; return it.

    Raises SmartlockIdTaken.
    """
    engine.run_due()
    with engine.change() as at:
        new = smartlock_id or _free_id(engine, lock.device.device_type)
        if new in engine.world.locks:
            raise SmartlockIdTaken(f"There is a lock {new} already.")
        news.announce(engine, lock.account_id, wire.master_news(lock, deleted=True), at=at)
        old, lock.smartlock_id = lock.smartlock_id, new
        engine.world.locks[new] = engine.world.locks.pop(old)
        engine.world.events = [
            replace(one, smartlock_id=new) if one.smartlock_id == old else one for one in engine.world.events
        ]
        heapq.heapify(engine.world.events)
        news.announce(engine, lock.account_id, wire.master_news(lock), at=at)
        return new


def spoil_clock(
    engine: Engine,
    lock: Lock,
    *,
    offset_seconds: float | None = None,
    time_zone_id: int | None = None,
) -> None:
    """Put the device's clock off, or its zone; what is None stays."""
    with engine.change():
        if offset_seconds is not None:
            lock.device.clock_offset_seconds = offset_seconds
        if time_zone_id is not None:
            lock.device.time_zone_id = time_zone_id


def set_zone_rules(engine: Engine, lock: Lock, offset_minutes: int | None) -> None:
    """Let the device's zone have this offset from UTC all the year, or its real rules again (None)."""
    with engine.change():
        lock.device.zone_offset_minutes = offset_minutes


def block_motor(engine: Engine, lock: Lock, *, blocked: bool) -> None:
    """Let the motor stick, or come free."""
    with engine.change():
        lock.motor_blocked = blocked


def _free_id(engine: Engine, device_type: int) -> int:
    while True:
        drawn = int(engine.world.chance("smartlock id") * (DEVICE_IDS - 2**28)) + 2**28
        if (smartlock_id := device_type * DEVICE_IDS + drawn) not in engine.world.locks:
            return smartlock_id
