"""Opening a door with the Nuki app of somebody who redeemed an invite; the device decides."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from nuki_gateway.simulator import news, operations
from nuki_gateway.simulator.authorization import Authorization, KeypadReason, judge
from nuki_gateway.simulator.device import BLOCKED_STATE, MOTOR_BLOCKED, UNLOCK, UNLOCKED, LogEntry
from nuki_gateway.simulator.engine import Engine
from nuki_gateway.simulator.happenings import HappeningKind
from nuki_gateway.simulator.world import Invite, Lock

APP_TRIGGER = 5


class AppReason(StrEnum):
    """Why the app did not open, beyond the window of the authorization."""

    NOT_REDEEMED = "invite not redeemed"
    GONE = "no longer on the lock"
    REMOTE_NOT_ALLOWED = "not allowed from afar"
    OUT_OF_REACH = "lock is offline"


@dataclass(frozen=True)
class AppAnswer:
    """What somebody sees in the app."""

    opened: bool
    reason: str


def open_with_app(engine: Engine, authorization_id: str, *, remote: bool) -> AppAnswer:
    """Open the door of an app authorization: in front of it by Bluetooth, or remotely through the cloud."""
    engine.run_due()
    with engine.change() as at:
        invite = _redeemed(engine, authorization_id)
        if invite is None:
            return AppAnswer(opened=False, reason=AppReason.NOT_REDEEMED)
        lock = engine.lock(invite.smartlock_id)
        reason = _use(engine, lock, invite.serial, remote=remote, at=at)
        answer = AppAnswer(opened=reason is KeypadReason.OPEN, reason=reason)
        ending = "it opened" if answer.opened else f"it stayed shut, {reason}"
        words = f"Somebody used the Nuki app at {lock.name}: {ending}."
        engine.tell(HappeningKind.DOOR, words, at=at, smartlock_id=lock.smartlock_id)
        return answer


def _use(engine: Engine, lock: Lock, serial: int, *, remote: bool, at: datetime) -> KeypadReason | AppReason:
    if remote and not lock.device.online:
        return AppReason.OUT_OF_REACH
    own = lock.device.find(serial)
    if own is None:
        return AppReason.GONE
    if remote and not own.remote_allowed:
        return AppReason.REMOTE_NOT_ALLOWED
    local = lock.device.clock(at)
    reason = judge(own, at=local, zone=lock.device.zone())
    if reason is not KeypadReason.OPEN:
        return reason
    _turn(engine, lock, own, at=at, local=local)
    return KeypadReason.MOTOR_BLOCKED if lock.motor_blocked else reason


def _redeemed(engine: Engine, authorization_id: str) -> Invite | None:
    for invite in engine.world.invites:
        if invite.authorization_id == authorization_id and invite.redeemed_at is not None:
            return invite
    return None


def _turn(engine: Engine, lock: Lock, own: Authorization, *, at: datetime, local: datetime) -> None:
    """Let the motor turn, or fail to; only what opened is counted."""
    device, blocked = lock.device, lock.motor_blocked
    after = BLOCKED_STATE if blocked else UNLOCKED
    device.state = replace(device.state, state=after, last_action=UNLOCK, trigger=0)
    if not blocked:
        counted = replace(own, lock_count=own.lock_count + 1, last_active_at=local)
        device.authorizations[device.authorizations.index(own)] = counted
    device.note(
        LogEntry(
            at=local,
            action=UNLOCK,
            trigger=APP_TRIGGER,
            state=MOTOR_BLOCKED if blocked else 0,
            name=own.name,
            serial=own.serial,
        )
    )
    operations.send_log_later(engine, lock, at=at)
    if device.online:
        news.report_state(engine, lock, at=at)
