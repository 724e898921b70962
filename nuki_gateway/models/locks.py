"""Smart locks: what the cloud's copy says of a device."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any, Self

from nuki_gateway.models import reading
from nuki_gateway.time_zones import zone_of

FULL = 100  # percent


class DeviceType(IntEnum):
    """The `type` of a smart lock. Source: the vendor's API definition; 5 from later versions of it."""

    SMART_LOCK_1_2 = 0
    BOX = 1
    OPENER = 2
    SMART_DOOR = 3
    SMART_LOCK_3_4 = 4
    SMART_LOCK_5 = 5


class ProductVariant(IntEnum):
    """Which Smart Lock of the fifth generation it is. Source: the vendor's API definition."""

    GO = 1
    PRO = 2
    ULTRA = 3


class ServerState(IntEnum):
    """Whether the service reaches the device. Source: the vendor's API definition."""

    OK = 0
    UNREGISTERED = 1
    AUTH_UUID_INVALID = 2
    AUTH_INVALID = 3
    OFFLINE = 4


class LockState(IntEnum):
    """Where the bolt is. Source: the vendor's API definition. An Opener's numbers mean other things."""

    UNCALIBRATED = 0
    LOCKED = 1
    UNLOCKING = 2
    UNLOCKED = 3
    LOCKING = 4
    UNLATCHED = 5
    UNLOCKED_BY_LOCK_AND_GO = 6
    UNLATCHING = 7
    WRONG_CODE = 224
    WRONG_FINGERPRINT = 225
    MOTOR_BLOCKED = 254
    UNDEFINED = 255


class OpenerState(IntEnum):
    """What an Opener is doing. Source: the vendor's API definition."""

    UNTRAINED = 0
    ONLINE = 1
    RING_TO_OPEN = 3
    OPEN = 5
    OPENING = 7
    BOOTING = 253
    UNDEFINED = 255


class DoorState(IntEnum):
    """What the door sensor says. Source: the vendor's API definition."""

    NONE = 0
    OFF = 1
    CLOSED = 2
    OPEN = 3
    UNKNOWN = 4
    CALIBRATING = 5
    UNCALIBRATED = 16
    REMOVED = 240
    UNDEFINED = 255


class Mode(IntEnum):
    """What the device is set to. Source: the vendor's API definition."""

    UNINITIALISED = 0
    PAIRING = 1
    DOOR = 2
    CONTINUOUS = 3  # an Opener that opens to every ring
    MAINTENANCE = 4
    CHARGING_OFF_THE_DOOR = 5


class SubscriptionState(StrEnum):
    """How it stands with a lock's Smart Hosting. Source: the vendor's API definition."""

    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    ON_HOLD = "ON_HOLD"
    PENDING = "PENDING"
    PENDING_CANCEL = "PENDING_CANCEL"


@dataclass(frozen=True)
class SmartLock:
    """A device, as the cloud's copy has it. Numbers that are new to us stay numbers."""

    smartlock_id: int
    device_type: int
    name: str = field(repr=False)
    keypad_paired: bool
    time_zone: str | None
    server_state: int
    battery_charge: int | None  # percent
    battery_critical: bool
    keypad_battery_critical: bool
    updated_at: datetime | None
    operation_runs: bool
    keypad_generation: int | None = None  # 1 or 2; of two keypads the newer
    door_sensor_battery_critical: bool = False
    lock_state: int | None = None  # a LockState, or for an Opener an OpenerState
    door_state: int | None = None
    mode: int | None = None
    firmware: str | None = None  # like 3.10.7
    product_variant: int | None = None
    subscription_state: str | None = None
    has_error: bool = (
        False  # the service put a complaint beside it; its words may name people, so none is kept
    )

    @property
    def is_online(self) -> bool:
        """Whether the service reached the device when it last tried."""
        return self.server_state != ServerState.OFFLINE

    @property
    def subscription_is_active(self) -> bool | None:
        """Whether it has Smart Hosting; None where the service does not say.

        Without it a short-rental integration is refused calls for this lock (Nuki staff, forum 21795).
        """
        if self.subscription_state is None:
            return None
        return self.subscription_state == SubscriptionState.ACTIVE

    @classmethod
    def from_json(cls, body: Any) -> Self:
        """Read one smart lock. A keypad is there if either generation is paired (our inference)."""
        config, state = reading.part(body, "config"), reading.part(body, "state")
        generation = _keypad_generation(config)
        return cls(
            smartlock_id=reading.number(body, "smartlockId"),
            device_type=reading.small_number(body, "type"),
            name=reading.optional_text(body, "name") or "",
            keypad_paired=generation is not None,
            time_zone=zone_of(reading.if_readable(reading.optional_small_number, config, "timezoneId")),
            server_state=reading.optional_small_number(body, "serverState") or ServerState.OK,
            battery_charge=reading.if_readable(percent, state, "batteryCharge"),
            battery_critical=is_true(state, "batteryCritical"),
            keypad_battery_critical=is_true(state, "keypadBatteryCritical"),
            updated_at=reading.optional_instant(body, "updateDate"),
            operation_runs=reading.is_named(body, "operationId"),
            keypad_generation=generation,
            door_sensor_battery_critical=is_true(state, "doorsensorBatteryCritical"),
            lock_state=reading.if_readable(reading.optional_small_number, state, "state"),
            door_state=reading.if_readable(reading.optional_small_number, state, "doorState"),
            mode=reading.if_readable(reading.optional_small_number, state, "mode"),
            firmware=firmware_of(reading.if_readable(reading.optional_number, body, "firmwareVersion")),
            product_variant=reading.if_readable(reading.optional_small_number, config, "productVariant"),
            subscription_state=_subscription_state(body),
            has_error=reading.is_named(body, "error"),
        )


def firmware_of(number: int | None) -> str | None:
    """The version as people write it. Three bytes: 199175 is 3.10.7 (observed); None for anything longer."""
    if number is None or number >= 1 << 24:
        return None
    return f"{number >> 16}.{number >> 8 & 0xFF}.{number & 0xFF}"


def percent(body: Any, key: str) -> int | None:
    """A number from 0 to 100, or None."""
    return reading.optional_number(body, key, FULL)


def is_true(body: Any, key: str) -> bool:
    """Whether it is said plainly that it is so."""
    return reading.if_readable(reading.optional_flag, body, key) is True


def _keypad_generation(config: Any) -> int | None:
    if reading.flag(config, "keypad2Paired"):
        return 2
    return 1 if reading.flag(config, "keypadPaired") else None


def _subscription_state(body: Any) -> str | None:
    subscription = reading.if_readable(reading.part, body, "currentSubscription")
    return reading.if_readable(reading.optional_text, subscription or {}, "state")
