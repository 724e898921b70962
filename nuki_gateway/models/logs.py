"""The log of what happened at a smart lock."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any, Self

from nuki_gateway.models import reading


class LogAction(IntEnum):
    """What happened. Source: the vendor's API definition; an Opener's 1 to 7 are those of `Action`."""

    UNLOCK = 1
    LOCK = 2
    UNLATCH = 3
    LOCK_AND_GO = 4
    LOCK_AND_GO_WITH_UNLATCH = 5
    CONTINUOUS_MODE_ON = 6
    CONTINUOUS_MODE_OFF = 7
    RESET_TO_DEFAULTS = 11
    DOOR_AJAR = 208
    DOOR_STATUS_MISMATCH = 209
    DOORBELL = 224
    DOOR_OPENED = 240
    DOOR_CLOSED = 241
    DOOR_SENSOR_JAMMED = 242
    FIRMWARE_UPDATE = 243
    DOOR_LOG_ON = 250
    DOOR_LOG_OFF = 251
    INITIALISATION = 252
    CALIBRATION = 253
    LOG_ON = 254
    LOG_OFF = 255


class LogTrigger(IntEnum):
    """What made it happen. Source: the vendor's API definition; 253 and 254 from later versions of it."""

    SYSTEM = 0
    MANUAL = 1
    BUTTON = 2
    AUTOMATIC = 3
    WEB = 4
    APP = 5
    AUTO_LOCK = 6
    ACCESSORY = 7
    KEYPAD_ERROR = 253
    NUKI_MODE = 254
    KEYPAD = 255


class LogState(IntEnum):
    """How it ended. Source: the vendor's API definition, whose minimum of 1 is wrong.

    Tap to unlock with the trigger KEYPAD_ERROR counts by another list.
    """

    SUCCESS = 0
    MOTOR_BLOCKED = 1
    CANCELLED = 2
    TOO_RECENT = 3
    BUSY = 4
    LOW_MOTOR_VOLTAGE = 5
    CLUTCH_FAILURE = 6
    MOTOR_POWER_FAILURE = 7
    INCOMPLETE = 8
    REJECTED = 9
    REJECTED_NIGHT_MODE = 10
    INVALID_CODE = 224
    INVALID_FINGERPRINT = 225
    INVALID_NFC_TAG = 226
    OTHER_ERROR = 254
    UNKNOWN_ERROR = 255


class LogSource(IntEnum):
    """What was held to the keypad. Source: the vendor's API definition."""

    DEFAULT = 0
    KEYPAD_CODE = 1
    FINGERPRINT = 2
    TAP_TO_UNLOCK = 3


OPENING = frozenset({LogAction.UNLOCK, LogAction.UNLATCH})
AT_THE_KEYPAD = frozenset({LogSource.KEYPAD_CODE, LogSource.FINGERPRINT})


@dataclass(frozen=True, repr=False)
class LogEntry:
    """One line of a log. Entries of the door sensor have no name and no authorization (observed).

    Numbers that are new to us stay numbers: compare them with the enumerations.
    """

    id: str
    smartlock_id: int
    authorization_id: str | None  # the `id` of the authorization that was used
    account_user_id: int | None
    name: str
    action: int
    trigger: int
    state: int
    source: int | None
    at: datetime  # UTC, by the lock's own clock
    device_type: int | None
    auto_unlock: bool = False

    @property
    def was_opened_by_keypad(self) -> bool:
        """Somebody came in with a code or a finger. Source: a booking program that goes by these numbers."""
        return (
            self.action in OPENING
            and self.trigger == LogTrigger.KEYPAD
            and self.state == LogState.SUCCESS
            and self.source in AT_THE_KEYPAD
        )

    @property
    def is_refused_code(self) -> bool:
        """Somebody typed a code that the lock does not take. Source: the vendor's API definition."""
        return self.trigger == LogTrigger.KEYPAD and self.state == LogState.INVALID_CODE

    @property
    def is_left_open(self) -> bool:
        """The door sensor says that the door stands ajar. Source: the vendor's API definition."""
        return self.action == LogAction.DOOR_AJAR

    @classmethod
    def from_json(cls, body: Any) -> Self:
        """Read one line."""
        return cls(
            id=reading.identifier(body, "id"),
            smartlock_id=reading.number(body, "smartlockId"),
            authorization_id=reading.if_readable(reading.optional_identifier, body, "authId"),
            account_user_id=reading.if_readable(reading.optional_number, body, "accountUserId"),
            name=reading.optional_text(body, "name") or "",
            action=reading.small_number(body, "action"),
            trigger=reading.small_number(body, "trigger"),
            state=reading.small_number(body, "state"),
            source=reading.if_readable(reading.optional_small_number, body, "source"),
            at=reading.instant(body, "date"),
            device_type=reading.if_readable(reading.optional_small_number, body, "deviceType"),
            auto_unlock=reading.if_readable(reading.optional_flag, body, "autoUnlock") is True,
        )

    def __repr__(self) -> str:
        """Without the name."""
        return f"<LogEntry {self.id}>"
