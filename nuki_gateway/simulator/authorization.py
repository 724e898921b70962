"""One authorization as a lock stores it, and whether its window lets somebody in at a given moment."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import IntEnum, StrEnum

MONDAY_BIT = 64  # Monday is the highest of seven bits, Sunday the lowest
EVERY_DAY = 127


class AuthorizationType(IntEnum):
    """The kinds of authorization that can be made from outside."""

    APP = 0
    KEYPAD_CODE = 13


@dataclass(frozen=True)
class Authorization:
    """What the device knows of one authorization; instants are UTC, minutes count in the lock's own zone.

    `serial` tells two fillings of the same number apart: locks give the numbers of deleted codes to new ones.
    """

    name: str
    type: int
    code: str | None = None
    enabled: bool = True
    remote_allowed: bool = False
    account_user_id: int | None = None
    allowed_from: datetime | None = None
    allowed_until: datetime | None = None
    weekdays: int | None = None
    from_minute: int | None = None
    until_minute: int | None = None
    number: int = 0
    serial: int = 0
    lock_count: int = 0
    last_active_at: datetime | None = None


class KeypadReason(StrEnum):
    """Why the keypad opened, or why it did not."""

    OPEN = "open"
    UNKNOWN_CODE = "unknown code"
    TOO_EARLY = "too early"
    ENDED = "ended"
    WRONG_WEEKDAY = "not on this weekday"
    WRONG_TIME = "not at this time of day"
    DISABLED = "disabled"
    NO_KEYPAD = "no keypad"
    BATTERY_EMPTY = "keypad battery empty"
    LOCKED_OUT = "locked out for a minute"
    MOTOR_BLOCKED = "motor blocked"


def judge(authorization: Authorization, *, at: datetime, zone: tzinfo) -> KeypadReason:
    """Say whether the authorization opens at this instant of the device's clock.

    Source: Nuki staff, developer forum 32726 (dates AND weekday AND time of day; times 0 and 0 are all
    day), 39789 (times are minutes in the lock's own zone), and the tutorial on keypads (nothing bites
    without allowedFromDate). A mask without any weekday is taken to open on none; what the real keypad does
    with it is not known.
    """
    if not authorization.enabled:
        return KeypadReason.DISABLED
    if authorization.allowed_from is None:
        return KeypadReason.OPEN
    if at < authorization.allowed_from:
        return KeypadReason.TOO_EARLY
    if authorization.allowed_until is not None and at >= authorization.allowed_until:
        return KeypadReason.ENDED
    return _judge_hour(authorization, at.astimezone(zone))


def _judge_hour(authorization: Authorization, local: datetime) -> KeypadReason:
    weekdays = EVERY_DAY if authorization.weekdays is None else authorization.weekdays
    if not weekdays & (MONDAY_BIT >> local.weekday()):
        return KeypadReason.WRONG_WEEKDAY
    if not _within(local.hour * 60 + local.minute, authorization):
        return KeypadReason.WRONG_TIME
    return KeypadReason.OPEN


def _within(minute: int, authorization: Authorization) -> bool:
    first, end = authorization.from_minute or 0, authorization.until_minute or 0
    if first == end:
        return True
    if first < end:
        return first <= minute < end
    return minute >= first or minute < end
