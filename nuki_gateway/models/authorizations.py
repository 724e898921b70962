"""Authorizations: who may open a smart lock, with what, and when."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any, Self

from nuki_gateway.models import reading

EVERY_DAY = 127  # weekday bits, Monday 64 to Sunday 1
LARGEST_CODE = 2**31 - 1


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
    def from_json(cls, body: Any) -> Self:
        """Read a window. Days that are left out are all days."""
        weekdays = reading.optional_small_number(body, "allowedWeekDays")
        return cls(
            allowed_from=reading.optional_instant(body, "allowedFromDate"),
            allowed_until=reading.optional_instant(body, "allowedUntilDate"),
            weekdays=EVERY_DAY if weekdays is None else weekdays,
            from_minute=reading.optional_small_number(body, "allowedFromTime") or 0,
            until_minute=reading.optional_small_number(body, "allowedUntilTime") or 0,
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

    def to_create_json(self) -> dict[str, Any]:
        """The same as a create sends it: with the type, and without `enabled`, which creates do not have."""
        body = {"type": int(AuthorizationType.KEYPAD_CODE), **self.to_json()}
        del body["enabled"]
        return body

    def __repr__(self) -> str:
        """Without the code: entries stand in tracebacks and logs."""
        return f"<KeypadEntry {self.name}>"


@dataclass(frozen=True)
class AppEntry:
    """What an app authorization is made of: an account user's right to open with the Nuki app.

    Made by an invite, which Nuki mails to that user; it is redeemed within 48 hours or is void (forum 4503;
    an older thread says one day). One user has at most one on each lock (Nuki staff, developer forum).
    """

    name: str  # at most 32 characters (the vendor's API definition)
    account_user_id: int
    window: Window
    remote_allowed: bool = False  # whether the app also opens from afar
    enabled: bool = True

    def to_json(self) -> dict[str, Any]:
        """The whole entry as an update sends it."""
        return {
            "name": self.name,
            "accountUserId": self.account_user_id,
            "enabled": self.enabled,
            "remoteAllowed": self.remote_allowed,
            **self.window.to_json(),
        }

    def to_create_json(self) -> dict[str, Any]:
        """The same as a create sends it: with the type, and without `enabled`, which creates do not have."""
        return {"type": int(AuthorizationType.APP), **self.to_advanced_json()}

    def to_advanced_json(self) -> dict[str, Any]:
        """The same as the Advanced create sends it, which makes nothing but app invites and has no type."""
        body = self.to_json()
        del body["enabled"]
        return body

    def __repr__(self) -> str:
        """Without the name, which tends to be a person's."""
        return f"<AppEntry of user {self.account_user_id}>"


Entry = KeypadEntry | AppEntry


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
    account_user_id: int | None = None
    remote_allowed: bool = False
    created_at: datetime | None = None
    last_active_at: datetime | None = None
    has_error: bool = False  # its words are not kept

    @property
    def entry(self) -> KeypadEntry | None:
        """What stands on the lock as a keypad code, or None for everything else."""
        if self.type != AuthorizationType.KEYPAD_CODE or self.code is None:
            return None
        return KeypadEntry(self.name, self.code, self.window, self.enabled)

    @property
    def app_entry(self) -> AppEntry | None:
        """What stands on the lock as a user's app authorization, or None for everything else."""
        if self.type != AuthorizationType.APP or self.account_user_id is None:
            return None
        return AppEntry(self.name, self.account_user_id, self.window, self.remote_allowed, self.enabled)

    @property
    def was_used(self) -> bool:
        """Whether it opened anything yet. The only sign that an app invite was redeemed (forum 30845)."""
        return self.lock_count > 0

    @classmethod
    def from_json(cls, body: Any) -> Self:
        """Read one authorization. `operationId` comes as a text or an object: only its presence counts."""
        code = reading.optional_number(body, "code", LARGEST_CODE)
        return cls(
            id=reading.identifier(body, "id"),
            smartlock_id=reading.number(body, "smartlockId"),
            type=reading.small_number(body, "type"),
            name=reading.optional_text(body, "name") or "",
            code=str(code) if code else None,
            enabled=reading.flag(body, "enabled", absent=True),
            window=Window.from_json(body),
            lock_count=reading.optional_number(body, "lockCount") or 0,
            updated_at=reading.optional_instant(body, "updateDate"),
            operation_runs=reading.is_named(body, "operationId"),
            account_user_id=reading.optional_number(body, "accountUserId"),
            remote_allowed=reading.flag(body, "remoteAllowed"),
            created_at=reading.if_readable(reading.optional_instant, body, "creationDate"),
            last_active_at=reading.if_readable(reading.optional_instant, body, "lastActiveDate"),
            has_error=reading.is_named(body, "error"),
        )

    def __repr__(self) -> str:
        """Without the code and the name."""
        return f"<Authorization {self.id}>"


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else reading.written(instant.astimezone(UTC).replace(microsecond=0))
