"""The codes by which webhooks say why a lock did not do what it was asked to.

Source: Nuki's documentation of error codes. Which of them are permanent is our own reading of it.
"""

from enum import StrEnum


class ErrorCode(StrEnum):
    """Two hexadecimal digits, as they come. The sensor's codes (6x) and some others are not listed."""

    BAD_CHECKSUM = "fd"
    BAD_LENGTH = "fe"
    UNKNOWN = "ff"  # most often the lock was offline
    NOT_PAIRING = "10"
    TOO_MANY_USERS = "13"
    NOT_AUTHORISED = "20"
    BAD_PIN = "21"
    BAD_NONCE = "22"
    BAD_PARAMETER = "23"
    INVALID_AUTHORIZATION = "24"
    DISABLED = "25"
    REMOTE_NOT_ALLOWED = "26"
    TIME_NOT_ALLOWED = "27"
    TOO_MANY_PIN_ATTEMPTS = "28"
    TOO_MANY_ENTRIES = "29"
    CODE_EXISTS = "2a"
    CODE_INVALID = "2b"
    CODE_INVALID_PAUSE_1 = "2c"
    CODE_INVALID_PAUSE_2 = "2d"
    CODE_INVALID_PAUSE_3 = "2e"
    AUTO_UNLOCK_TOO_RECENT = "40"
    POSITION_UNKNOWN = "41"
    MOTOR_BLOCKED = "42"
    CLUTCH_FAILURE = "43"
    MOTOR_TIMEOUT = "44"
    BUSY = "45"
    CANCELLED = "46"
    NOT_CALIBRATED = "47"
    MOTOR_VOLTAGE_LOW = "49"
    VOLTAGE_TOO_LOW = "4c"
    FIRMWARE_UPDATE_NEEDED = "4d"
    REJECTED = "4e"
    REJECTED_NIGHT_MODE = "4f"


PERMANENT = frozenset(
    {
        ErrorCode.TOO_MANY_USERS,
        ErrorCode.NOT_AUTHORISED,
        ErrorCode.BAD_PIN,
        ErrorCode.BAD_NONCE,
        ErrorCode.BAD_PARAMETER,
        ErrorCode.INVALID_AUTHORIZATION,
        ErrorCode.DISABLED,
        ErrorCode.REMOTE_NOT_ALLOWED,
        ErrorCode.TIME_NOT_ALLOWED,
        ErrorCode.TOO_MANY_PIN_ATTEMPTS,
        ErrorCode.TOO_MANY_ENTRIES,
        ErrorCode.CODE_EXISTS,
        ErrorCode.CODE_INVALID,
        ErrorCode.FIRMWARE_UPDATE_NEEDED,
    }
)


def is_permanent(error_code: str | None) -> bool:
    """Whether the same call will fail again. What is not known to be permanent is worth another try."""
    return error_code in PERMANENT
