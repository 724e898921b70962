"""The truth: what one lock holds, whatever the cloud believes, and what its keypad answers."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone, tzinfo

from nuki_gateway.simulator import zones
from nuki_gateway.simulator.authorization import Authorization, AuthorizationType, KeypadReason, judge

WRONG_TRIES = 3  # wrong codes in a row until the keypad pauses
LOG_CAPACITY = 1000  # entries a lock keeps (Nuki help pages)
KEYPAD_TRIGGER = 255
UNLOCK = 1
UNLOCKED = 3
CODE_REFUSED = 224
MOTOR_BLOCKED, BLOCKED_STATE = 1, 254  # in the log, and as the lock's state (the vendor's API definition)
KEYPAD_CODE_SOURCE = 1


class DeviceRefused(Exception):
    """The device did not take what was carried to it; the plain API tells nobody.

    The code is Nuki's: '2a' code exists already, '13' no place left, '24' no such authorization.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class KeypadAnswer:
    """What somebody at the keypad sees."""

    opened: bool
    reason: str


@dataclass(frozen=True)
class DeviceState:
    """The part of a device that it reports by itself while it is online."""

    state: int = 1
    last_action: int = 2
    trigger: int = 0
    battery: int = 80
    keypad_battery_empty: bool = False
    keypad_battery_critical: bool = False  # it still works, and says that it will not for long


@dataclass(frozen=True)
class LogEntry:
    """One line of the lock's log; the cloud gives `id`, and `authorization_id` if it knows whose it is."""

    at: datetime
    action: int
    trigger: int
    state: int
    source: int = 0
    name: str = ""
    serial: int = 0
    account_user_id: int | None = None
    id: str = ""
    authorization_id: str = ""


@dataclass
class Device:
    """One lock with its keypad, as it hangs on the door."""

    device_type: int
    time_zone_id: int
    keypad: str | None
    capacity: int
    app_capacity: int = 200
    clock_offset_seconds: float = 0.0
    online: bool = True
    state: DeviceState = field(default_factory=DeviceState)
    authorizations: list[Authorization] = field(default_factory=list)
    next_serial: int = 1
    wrong_tries: int = 0
    locked_out_until: datetime | None = None
    unsent_log: list[LogEntry] = field(default_factory=list)
    keeps_log: bool = True
    zone_offset_minutes: int | None = None  # the zone's rules as this device has them; None: as they are

    def clock(self, now: datetime) -> datetime:
        """Return what the device takes for the time."""
        return now + timedelta(seconds=self.clock_offset_seconds)

    def zone(self) -> tzinfo:
        """Return the zone whose days and hours the device goes by."""
        if self.zone_offset_minutes is None:
            return zones.zone(self.time_zone_id)
        return timezone(timedelta(minutes=self.zone_offset_minutes))

    def codes(self) -> list[Authorization]:
        """Return the keypad codes, by number."""
        return [one for one in self.authorizations if one.type == AuthorizationType.KEYPAD_CODE]

    def find(self, serial: int) -> Authorization | None:
        """Return the authorization with this serial."""
        return next((one for one in self.authorizations if one.serial == serial), None)

    def named(self, name: str) -> Authorization:
        """Return the authorization with this name; raises KeyError when there is none."""
        for one in self.authorizations:
            if one.name == name:
                return one
        raise KeyError(name)

    def add(self, wanted: Authorization) -> Authorization:
        """Store an authorization under the smallest free number; raises DeviceRefused.

        Source: numbers are given out again after deletion (observed by users, developer forum).
        """
        self._refuse_taken_code(wanted)
        alike = [one for one in self.authorizations if one.type == wanted.type]
        if len(alike) >= (self.app_capacity if wanted.type == AuthorizationType.APP else self.capacity):
            raise DeviceRefused("13")
        made = replace(wanted, number=self._smallest_free_number(wanted.type), serial=self.next_serial)
        self.next_serial += 1
        self.authorizations.append(made)
        self.authorizations.sort(key=lambda one: one.number)
        return made

    def change(self, serial: int, wanted: Authorization) -> Authorization:
        """Replace an authorization, which keeps its number and its count; raises DeviceRefused."""
        found = self.find(serial)
        if found is None:
            raise DeviceRefused("24")
        self._refuse_taken_code(replace(wanted, serial=serial))
        changed = replace(
            wanted,
            number=found.number,
            serial=serial,
            lock_count=found.lock_count,
            last_active_at=found.last_active_at,
        )
        self.authorizations[self.authorizations.index(found)] = changed
        return changed

    def remove(self, serial: int) -> bool:
        """Forget an authorization; say whether there was one."""
        found = self.find(serial)
        if found is not None:
            self.authorizations.remove(found)
        return found is not None

    def type_code(
        self, code: str, *, now: datetime, lock_out: timedelta, motor_blocked: bool = False
    ) -> KeypadAnswer:
        """Answer a code typed at the keypad, by the device's own clock; writes the device's log."""
        at = self.clock(now)
        if (reason := self._keypad_problem(at)) is not None:
            return KeypadAnswer(opened=False, reason=reason)
        found = next((one for one in self.codes() if one.code == code), None)
        if found is None:
            self._count_wrong_try(at, lock_out)
            self._write_log(at, None, state=CODE_REFUSED)
            return KeypadAnswer(opened=False, reason=KeypadReason.UNKNOWN_CODE)
        reason = judge(found, at=at, zone=self.zone())
        if reason is not KeypadReason.OPEN:
            self._write_log(at, found, state=CODE_REFUSED)
            return KeypadAnswer(opened=False, reason=reason)
        if motor_blocked:
            self.state = replace(self.state, state=BLOCKED_STATE, last_action=UNLOCK, trigger=0)
            self._write_log(at, found, state=MOTOR_BLOCKED)
            return KeypadAnswer(opened=False, reason=KeypadReason.MOTOR_BLOCKED)
        self._open(found, at)
        return KeypadAnswer(opened=True, reason=reason)

    def _keypad_problem(self, at: datetime) -> KeypadReason | None:
        if self.keypad is None:
            return KeypadReason.NO_KEYPAD
        if self.state.keypad_battery_empty:
            return KeypadReason.BATTERY_EMPTY
        if self.locked_out_until is not None and at < self.locked_out_until:
            return KeypadReason.LOCKED_OUT
        return None

    def _count_wrong_try(self, at: datetime, lock_out: timedelta) -> None:
        self.wrong_tries += 1
        if self.wrong_tries >= WRONG_TRIES:
            self.wrong_tries = 0
            self.locked_out_until = at + lock_out

    def _open(self, found: Authorization, at: datetime) -> None:
        self.wrong_tries = 0
        self.state = replace(self.state, state=UNLOCKED, last_action=UNLOCK, trigger=0)
        counted = replace(found, lock_count=found.lock_count + 1, last_active_at=at)
        self.authorizations[self.authorizations.index(found)] = counted
        self._write_log(at, counted, state=0)

    def _write_log(self, at: datetime, whose: Authorization | None, *, state: int) -> None:
        """Note a try at the keypad. Source: trigger 255, state 0 or 224, source 1 (observed)."""
        entry = LogEntry(at=at, action=UNLOCK, trigger=KEYPAD_TRIGGER, state=state, source=KEYPAD_CODE_SOURCE)
        if whose is not None:
            entry = replace(entry, name=whose.name, serial=whose.serial)
        self.note(entry)

    def note(self, entry: LogEntry) -> None:
        """Write one line into the log, if one is kept; the oldest unsent line gives way when it is full."""
        if not self.keeps_log:
            return
        self.unsent_log = [*self.unsent_log, entry][-LOG_CAPACITY:]

    def _refuse_taken_code(self, wanted: Authorization) -> None:
        if wanted.code is None:
            return
        if any(one.code == wanted.code and one.serial != wanted.serial for one in self.codes()):
            raise DeviceRefused("2a")

    def _smallest_free_number(self, authorization_type: int) -> int:
        taken = {one.number for one in self.authorizations}
        return next(number for number in numbers(authorization_type) if number not in taken)


def numbers(authorization_type: int) -> Iterator[int]:
    """Yield the numbers that a device gives to this type (keypad codes were seen from 4097 on)."""
    number = 4097 if authorization_type == AuthorizationType.KEYPAD_CODE else 1
    while True:
        yield number
        number += 1
