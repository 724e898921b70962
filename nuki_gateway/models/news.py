"""What webhooks bring. Each kind says which feature it belongs to and which smart lock it is about.

Nothing has to be there: what is absent, or of another shape than we know, is None. Codes are never kept.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Self

from nuki_gateway.models import error_codes, reading
from nuki_gateway.models.locks import percent
from nuki_gateway.models.logs import LogEntry
from nuki_gateway.models.webhooks import Feature

# Where an invite's code might stand in the outcome of an Advanced create: Nuki's documentation shows only a
# failure. The first that is there counts.
INVITE_CODE_KEYS = ("inviteCode", "invitationCode", "inviteKey", "code")
INVITE_CODE_DIGITS = 9  # Nuki staff, forum 55; as a number it has lost the zeros in front


@dataclass(frozen=True)
class LockNews:
    """Something about a device: its state, its master data or its configuration."""

    feature: str
    smartlock_id: int | None
    updated_at: datetime | None  # told with the master data
    deleted: bool  # it left the account
    server_state: int | None
    battery_charge: int | None  # percent
    battery_critical: bool | None
    keypad_battery_critical: bool | None
    door_sensor_battery_critical: bool | None

    @classmethod
    def from_json(cls, body: Any) -> Self:
        """Read DEVICE_STATUS, DEVICE_MASTERDATA or DEVICE_CONFIG."""
        state = reading.if_readable(reading.part, body, "state") or {}
        return cls(
            feature=reading.text(body, "feature"),
            smartlock_id=reading.if_readable(reading.optional_number, body, "smartlockId"),
            updated_at=reading.if_readable(reading.optional_instant, body, "updateDate"),
            deleted=_is_deleted(body),
            server_state=reading.if_readable(reading.optional_small_number, body, "serverState"),
            battery_charge=reading.if_readable(percent, state, "batteryCharge"),
            battery_critical=reading.if_readable(reading.optional_flag, state, "batteryCritical"),
            keypad_battery_critical=reading.if_readable(
                reading.optional_flag, state, "keypadBatteryCritical"
            ),
            door_sensor_battery_critical=reading.if_readable(
                reading.optional_flag, state, "doorsensorBatteryCritical"
            ),
        )


@dataclass(frozen=True, repr=False)
class AuthorizationNews:
    """An authorization came, changed or went. The delivery holds the code in clear: it is not kept."""

    feature: ClassVar[str] = Feature.DEVICE_AUTHS

    smartlock_id: int | None
    authorization_id: str | None
    type: int | None
    name: str
    updated_at: datetime | None
    deleted: bool
    operation_runs: bool

    @classmethod
    def from_json(cls, body: Any) -> Self:
        """Read DEVICE_AUTHS."""
        told = reading.if_readable(reading.part, body, "smartlockAuth") or {}
        return cls(
            smartlock_id=_smartlock_id(told, body),
            authorization_id=reading.if_readable(reading.optional_identifier, told, "id"),
            type=reading.if_readable(reading.optional_small_number, told, "type"),
            name=reading.if_readable(reading.optional_text, told, "name") or "",
            updated_at=reading.if_readable(reading.optional_instant, told, "updateDate"),
            deleted=_is_deleted(body),
            operation_runs=reading.is_named(told, "operationId"),
        )

    def __repr__(self) -> str:
        """Without the name."""
        return f"<AuthorizationNews {self.authorization_id} deleted={self.deleted}>"


@dataclass(frozen=True)
class LogNews:
    """A new line of a log."""

    feature: ClassVar[str] = Feature.DEVICE_LOGS

    entry: LogEntry

    @property
    def smartlock_id(self) -> int | None:
        """The lock at which it happened."""
        return self.entry.smartlock_id

    @classmethod
    def from_json(cls, body: Any) -> Self:
        """Read DEVICE_LOGS; the key is the one that two programs use. Raises `OfAnotherShape`."""
        return cls(LogEntry.from_json(reading.part(body, "smartlockLog")))


@dataclass(frozen=True)
class UserNews:
    """An account user came, changed or went. The shape of these is our inference."""

    feature: ClassVar[str] = Feature.ACCOUNT_USER
    smartlock_id: ClassVar[int | None] = None

    account_user_id: int | None
    deleted: bool

    @classmethod
    def from_json(cls, body: Any) -> Self:
        """Read ACCOUNT_USER."""
        user = reading.if_readable(reading.part, body, "accountUser") or {}
        return cls(
            account_user_id=reading.if_readable(reading.optional_number, user, "accountUserId"),
            deleted=_is_deleted(body),
        )


@dataclass(frozen=True, repr=False)
class LockOutcome:
    """What became of an Advanced call on one of its smart locks."""

    smartlock_id: int | None
    succeeded: bool
    error_code: str | None  # two hex digits, see `error_codes`
    authorization_id: str | None
    invite_code: str | None

    @property
    def is_permanent(self) -> bool:
        """Whether it failed and would fail again."""
        return not self.succeeded and error_codes.is_permanent(self.error_code)

    @classmethod
    def from_json(cls, body: Any) -> Self:
        """Read one detail."""
        return cls(
            smartlock_id=_smartlock_id(body),
            succeeded=_has_succeeded(body),
            error_code=_error_code(body),
            authorization_id=reading.if_readable(reading.optional_identifier, body, "id"),
            invite_code=_invite_code(body),
        )

    def __repr__(self) -> str:
        """Without the invite code."""
        how = "succeeded" if self.succeeded else f"failed: {self.error_code}"
        return f"<LockOutcome {self.smartlock_id} {how}>"


@dataclass(frozen=True, repr=False)
class RequestOutcome:
    """What became of an Advanced call: it has the call's request id, and no feature."""

    feature: ClassVar[str] = ""

    kind: str  # AuthCreation, UnlockAction; the other names are not documented
    request_id: str
    succeeded: bool
    smartlock_id: int | None
    error_code: str | None
    invite_code: str | None
    details: tuple[LockOutcome, ...]

    @classmethod
    def from_json(cls, body: Any) -> Self:
        """Read the API-triggered form; details that are no objects are passed over."""
        details = reading.if_readable(reading.items, body, "detail") or []
        return cls(
            kind=reading.text(body, "type"),
            request_id=reading.identifier(body, "requestId"),
            succeeded=_has_succeeded(body),
            smartlock_id=_smartlock_id(body),
            error_code=_error_code(body),
            invite_code=_invite_code(body),
            details=tuple(LockOutcome.from_json(one) for one in details if isinstance(one, dict)),
        )

    def __repr__(self) -> str:
        """Without the invite code."""
        return f"<RequestOutcome {self.request_id} {self.kind} succeeded={self.succeeded}>"


@dataclass(frozen=True)
class OtherNews:
    """Anything else that is new to us: a feature, or a known one with an inside of another shape."""

    feature: str
    smartlock_id: int | None

    @classmethod
    def from_json(cls, body: Any) -> Self:
        """Read what can be read of anything."""
        inner = (
            reading.if_readable(reading.part, body, key) or {} for key in ("smartlockAuth", "smartlockLog")
        )
        return cls(
            feature=reading.if_readable(reading.optional_text, body, "feature") or "",
            smartlock_id=_smartlock_id(*inner, body),
        )


def _smartlock_id(*places: Any) -> int | None:
    """The number in the first place that has one."""
    found = (reading.if_readable(reading.optional_number, place, "smartlockId") for place in places)
    return next((one for one in found if one is not None), None)


def _is_deleted(body: Any) -> bool:
    return reading.if_readable(reading.optional_flag, body, "deleted") is True


def _has_succeeded(body: Any) -> bool:
    return reading.if_readable(reading.optional_flag, body, "success") is True


def _error_code(body: Any) -> str | None:
    told = reading.if_readable(reading.optional_identifier, body, "errorCode")
    return told.lower() if told else None


def _invite_code(body: Any) -> str | None:
    for key in INVITE_CODE_KEYS:
        told = body.get(key)
        if isinstance(told, int) and not isinstance(told, bool) and told > 0:
            return str(told).zfill(INVITE_CODE_DIGITS)
        if isinstance(told, str) and reading.is_id(told):
            return told
    return None
