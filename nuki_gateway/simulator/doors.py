"""What happens at a door: somebody types a code, the lock loses its connection, the keypad is paired."""

from dataclasses import replace
from datetime import datetime, timedelta

from nuki_gateway.simulator import news, operations, telling
from nuki_gateway.simulator.device import KeypadAnswer
from nuki_gateway.simulator.engine import Engine
from nuki_gateway.simulator.world import OFFLINE, ONLINE, Lock, OfflineWrites


def type_code(engine: Engine, smartlock_id: int, code: str) -> KeypadAnswer:
    """Type a code at the keypad, now by the device's own clock; truth decides, not the cloud."""
    engine.run_due()
    with engine.change() as at:
        lock = engine.lock(smartlock_id)
        pause = timedelta(seconds=engine.timings.lock_out_seconds)
        answer = lock.device.type_code(code, now=at, lock_out=pause, motor_blocked=lock.motor_blocked)
        telling.typed(engine, lock, code, answer, at=at)
        if lock.device.unsent_log:
            operations.send_log_later(engine, lock, at=at)
        if answer.opened and lock.device.online:
            news.report_state(engine, lock, at=at)
        return answer


def take_offline(engine: Engine, smartlock_id: int, *, writes: OfflineWrites) -> None:
    """Cut the lock off from the cloud; the keypad works on."""
    engine.run_due()
    with engine.change() as at:
        lose_contact(engine, engine.lock(smartlock_id), writes=writes, at=at)


def bring_online(engine: Engine, smartlock_id: int) -> None:
    """Let the cloud reach the lock again: what waits is carried out, the log is sent."""
    engine.run_due()
    with engine.change() as at:
        regain_contact(engine, engine.lock(smartlock_id), at=at)


def lose_contact(
    engine: Engine,
    lock: Lock,
    *,
    writes: OfflineWrites,
    at: datetime,
    dropped_after_seconds: float = 0.0,
    delivered_after_seconds: float = 0.0,
) -> None:
    """Cut the lock off; what is written meanwhile may be lost after a while, or go on long after."""
    lock.device.online, lock.copy.server_state = False, OFFLINE
    lock.offline_writes = writes
    lock.dropped_after_seconds = dropped_after_seconds
    lock.delivered_after_seconds = delivered_after_seconds
    telling.reached(engine, lock, at=at)
    news.report_state(engine, lock, at=at)


def regain_contact(engine: Engine, lock: Lock, *, at: datetime) -> None:
    """Let the cloud reach the lock again."""
    lock.device.online, lock.copy.server_state = True, ONLINE
    telling.reached(engine, lock, at=at)
    news.report_state(engine, lock, at=at)
    operations.hold_back(engine, lock, at=at)
    operations.start_next(engine, lock, at=at)
    if lock.device.unsent_log:
        operations.send_log_later(engine, lock, at=at)


def set_keypad(
    engine: Engine, smartlock_id: int, keypad: str | None, *, known_to_cloud: bool, battery_empty: bool
) -> None:
    """Pair, unpair or drain the keypad; the cloud may learn of it only from a sync."""
    with engine.change():
        lock = engine.lock(smartlock_id)
        lock.device.keypad = keypad
        lock.device.state = replace(lock.device.state, keypad_battery_empty=battery_empty)
        if known_to_cloud:
            lock.copy.keypad = keypad
            lock.copy.state = lock.device.state
