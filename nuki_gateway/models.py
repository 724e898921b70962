"""The values that Nuki Web speaks of. Dicts stay at the wire: `from_json` in, `to_json` out.

Keys may be absent rather than null, and unknown keys come with new firmware: neither is an error
(observed in recorded payloads).
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any, Self

from nuki_gateway.time_zones import zone_of

EVERY_DAY = 127  # weekday bits, Monday 64 to Sunday 1


class DeviceType(IntEnum):
    """The `type` of a smart lock. Source: the vendor's API definition; 5 from later versions of it."""

    SMART_LOCK_1_2 = 0
    BOX = 1
    OPENER = 2
    SMART_DOOR = 3
    SMART_LOCK_3_4 = 4
    SMART_LOCK_5 = 5


class ServerState(IntEnum):
    """Whether the service reaches the device. Source: the vendor's API definition."""

    OK = 0
    UNREGISTERED = 1
    AUTH_UUID_INVALID = 2
    AUTH_INVALID = 3
    OFFLINE = 4


class AuthorizationType(IntEnum):
    """What an authorization is. The definition's maximum of 2 is wrong: 13 is what lists hold."""

    APP = 0
    BRIDGE = 1
    FOB = 2
    KEYPAD = 3
    KEYPAD_CODE = 13
    Z_KEY = 14
    VIRTUAL = 15


@dataclass(frozen=True)
class SmartLock:
    """A device, as the cloud's copy has it."""

    smartlock_id: int
    device_type: int
    name: str
    keypad_paired: bool
    time_zone: str | None
    server_state: int
    battery_charge: int | None  # percent
    battery_critical: bool
    keypad_battery_critical: bool
    updated_at: datetime | None
    operation_runs: bool

    @property
    def is_online(self) -> bool:
        """Whether the service reached the device when it last tried."""
        return self.server_state != ServerState.OFFLINE

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> Self:
        """Read one smart lock. A keypad is there if either generation is paired (our inference)."""
        config = body.get("config") or {}
        state = body.get("state") or {}
        return cls(
            smartlock_id=int(body["smartlockId"]),
            device_type=int(body["type"]),
            name=str(body.get("name") or ""),
            keypad_paired=bool(config.get("keypadPaired") or config.get("keypad2Paired")),
            time_zone=zone_of(config.get("timezoneId")),
            server_state=int(body.get("serverState") or ServerState.OK),
            battery_charge=state.get("batteryCharge"),
            battery_critical=bool(state.get("batteryCritical")),
            keypad_battery_critical=bool(state.get("keypadBatteryCritical")),
            updated_at=_instant(body.get("updateDate")),
            operation_runs=bool(body.get("operationId")),
        )


@dataclass(frozen=True)
class Window:
    """When an authorization opens: between two instants, and on some days at some minutes of them.

    The instants are UTC; the daily minutes are in the lock's own zone, and 0 to 0 means the whole day
    (Nuki staff, developer forum 39789 and 32726).
    """

    allowed_from: datetime | None
    allowed_until: datetime | None
    weekdays: int = EVERY_DAY
    from_minute: int = 0
    until_minute: int = 0

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> Self:
        """Read a window. Days that are left out are all days."""
        weekdays = body.get("allowedWeekDays")
        return cls(
            allowed_from=_instant(body.get("allowedFromDate")),
            allowed_until=_instant(body.get("allowedUntilDate")),
            weekdays=EVERY_DAY if weekdays is None else int(weekdays),
            from_minute=int(body.get("allowedFromTime") or 0),
            until_minute=int(body.get("allowedUntilTime") or 0),
        )

    def to_json(self) -> dict[str, Any]:
        """Every field, always: what an update leaves out is cleared on the lock (forum, observed twice)."""
        return {
            "allowedFromDate": _text(self.allowed_from),
            "allowedUntilDate": _text(self.allowed_until),
            "allowedWeekDays": self.weekdays,
            "allowedFromTime": self.from_minute,
            "allowedUntilTime": self.until_minute,
        }


@dataclass(frozen=True)
class KeypadEntry:
    """What a keypad code is made of: all that can be asked for, and all that can be compared."""

    name: str  # at most 20 characters, or the keypad refuses (Nuki staff, forum 35593)
    code: str
    window: Window
    enabled: bool = True

    def to_json(self) -> dict[str, Any]:
        """The whole entry as an update sends it."""
        return {
            "name": self.name,
            "code": int(self.code),
            "enabled": self.enabled,
            "remoteAllowed": False,
            **self.window.to_json(),
        }

    def __repr__(self) -> str:
        """Without the code: entries stand in tracebacks and logs."""
        return f"<KeypadEntry {self.name}>"


@dataclass(frozen=True, repr=False)
class Authorization:
    """One entry of a smart lock's list: ours or anybody's."""

    id: str  # 24 hex digits; this one goes into addresses, and is never given twice
    smartlock_id: int
    type: int
    name: str
    code: str | None
    enabled: bool
    window: Window
    lock_count: int
    updated_at: datetime | None
    operation_runs: bool

    @property
    def entry(self) -> KeypadEntry | None:
        """What stands on the lock as a keypad code, or None for everything else."""
        if self.type != AuthorizationType.KEYPAD_CODE or self.code is None:
            return None
        return KeypadEntry(self.name, self.code, self.window, self.enabled)

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> Self:
        """Read one authorization. `operationId` comes as a text or an object: only its presence counts."""
        return cls(
            id=str(body["id"]),
            smartlock_id=int(body["smartlockId"]),
            type=int(body["type"]),
            name=str(body.get("name") or ""),
            code=str(body["code"]) if body.get("code") else None,
            enabled=body.get("enabled") is not False,
            window=Window.from_json(body),
            lock_count=int(body.get("lockCount") or 0),
            updated_at=_instant(body.get("updateDate")),
            operation_runs=bool(body.get("operationId")),
        )

    def __repr__(self) -> str:
        """Without the code and the name."""
        return f"<Authorization {self.id}>"


@dataclass(frozen=True, repr=False)
class Webhook:
    """A decentral webhook. The secret is told once, by the call that makes it."""

    id: int
    url: str
    secret: str

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> Self:
        """Read one webhook; lists leave the secret out."""
        return cls(id=int(body["id"]), url=str(body["webhookUrl"]), secret=str(body.get("secret") or ""))


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC).replace(microsecond=0) if text else None


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
