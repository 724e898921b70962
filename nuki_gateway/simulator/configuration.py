"""What can be configured on a lock: the fields of each section, their limits, and what they are at first.

Source: the vendor's API definition; the first values are those of a recorded lock.
"""

import json
from collections.abc import Container
from dataclasses import dataclass
from typing import Any

from nuki_gateway.simulator import bodies
from nuki_gateway.simulator.answers import status_page, value_not_valid
from nuki_gateway.simulator.world import Lock

UNPROCESSABLE = 422
ANY_DEVICE = frozenset({0, 1, 2, 3, 4, 5})
SMART_LOCKS = frozenset({0, 4, 5})
SMART_DOORS = frozenset({3})
OPENERS = frozenset({2})
LATCH_SECONDS = {1, 3, 5, 7, 10, 15, 20, 30}
LOCK_AND_GO_SECONDS = {5, 10, 15, 20, 30, 45, 60}


@dataclass(frozen=True)
class Setting:
    """One field that can be set: its kind, the allowed values (None: all), and if it must be sent."""

    kind: type
    allowed: Container[Any] | None = None
    required: bool = False


@dataclass(frozen=True)
class Section:
    """A part of the configuration that is sent as a whole."""

    name: str
    devices: frozenset[int]
    settings: dict[str, Setting]
    at_first: dict[str, Any]


CONFIG = Section(
    "config",
    ANY_DEVICE,
    {
        "name": Setting(str, required=True),
        "latitude": Setting(float, required=True),
        "longitude": Setting(float, required=True),
        "autoUnlatch": Setting(bool),
        "liftUpHandle": Setting(bool),
        "pairingEnabled": Setting(bool),
        "buttonEnabled": Setting(bool),
        "ledEnabled": Setting(bool),
        "ledBrightness": Setting(int, range(6)),
        "timezoneOffset": Setting(int, required=True),
        "daylightSavingMode": Setting(int, {0, 1}),
        "singleLock": Setting(bool, required=True),
        "advertisingMode": Setting(int, range(4), required=True),
        "timezoneId": Setting(int, range(46), required=True),
    },
    {
        "latitude": 47.0,
        "longitude": 15.4,
        "autoUnlatch": False,
        "liftUpHandle": False,
        "pairingEnabled": True,
        "buttonEnabled": True,
        "ledEnabled": True,
        "ledBrightness": 3,
        "timezoneOffset": 0,
        "daylightSavingMode": 0,
        "singleLock": False,
        "advertisingMode": 0,
    },
)
ADVANCED = Section(
    "advancedConfig",
    SMART_LOCKS,
    {
        "singleLockedPositionOffsetDegrees": Setting(int, required=True),
        "unlockedToLockedTransitionOffsetDegrees": Setting(int),
        "unlockedPositionOffsetDegrees": Setting(int, required=True),
        "lockedPositionOffsetDegrees": Setting(int, required=True),
        "totalDegrees": Setting(int, required=True),
        "detachedCylinder": Setting(bool),
        "batteryType": Setting(int, range(3), required=True),
        "autoLock": Setting(bool),
        "autoLockTimeout": Setting(int),
        "autoUpdateEnabled": Setting(bool),
        "lngTimeout": Setting(int, LOCK_AND_GO_SECONDS),
        "singleButtonPressAction": Setting(int, range(7)),
        "doubleButtonPressAction": Setting(int, range(7)),
        "automaticBatteryTypeDetection": Setting(bool),
        "unlatchDuration": Setting(int, LATCH_SECONDS),
        "motorSpeed": Setting(int, range(3)),
        "enableSlowSpeedDuringNightmode": Setting(bool),
    },
    {
        "totalDegrees": 890,
        "singleLockedPositionOffsetDegrees": -90,
        "unlockedToLockedTransitionOffsetDegrees": 0,
        "unlockedPositionOffsetDegrees": 90,
        "lockedPositionOffsetDegrees": -90,
        "detachedCylinder": False,
        "batteryType": 0,
        "autoLock": False,
        "autoLockTimeout": 300,
        "autoUpdateEnabled": True,
        "lngTimeout": 20,
        "singleButtonPressAction": 1,
        "doubleButtonPressAction": 4,
        "automaticBatteryTypeDetection": True,
        "unlatchDuration": 3,
    },
)
OPENER = Section(
    "openerAdvancedConfig",
    OPENERS,
    {
        "intercomId": Setting(int, required=True),
        "busModeSwitch": Setting(int, {0, 1}, required=True),
        "shortCircuitDuration": Setting(int, required=True),
        "electricStrikeDelay": Setting(int, required=True),
        "randomElectricStrikeDelay": Setting(bool, required=True),
        "electricStrikeDuration": Setting(int, required=True),
        "disableRtoAfterRing": Setting(bool, required=True),
        "rtoTimeout": Setting(int, required=True),
        "doorbellSuppression": Setting(int, required=True),
        "doorbellSuppressionDuration": Setting(int, required=True),
        "soundRing": Setting(int, range(4), required=True),
        "soundOpen": Setting(int, range(4), required=True),
        "soundRto": Setting(int, range(4), required=True),
        "soundCm": Setting(int, range(4), required=True),
        "soundConfirmation": Setting(int, {0, 1}, required=True),
        "soundLevel": Setting(int, required=True),
        "singleButtonPressAction": Setting(int, range(8), required=True),
        "doubleButtonPressAction": Setting(int, range(8), required=True),
        "batteryType": Setting(int, range(4), required=True),
        "automaticBatteryTypeDetection": Setting(bool),
        "autoUpdateEnabled": Setting(bool),
    },
    {
        "intercomId": 0,
        "busModeSwitch": 0,
        "shortCircuitDuration": 0,
        "electricStrikeDelay": 0,
        "randomElectricStrikeDelay": False,
        "electricStrikeDuration": 3000,
        "disableRtoAfterRing": False,
        "rtoTimeout": 20,
        "doorbellSuppression": 0,
        "doorbellSuppressionDuration": 500,
        "soundRing": 0,
        "soundOpen": 0,
        "soundRto": 0,
        "soundCm": 0,
        "soundConfirmation": 0,
        "soundLevel": 128,
        "singleButtonPressAction": 1,
        "doubleButtonPressAction": 4,
        "batteryType": 0,
        "automaticBatteryTypeDetection": True,
        "autoUpdateEnabled": True,
    },
)
SMART_DOOR = Section(
    "smartdoorAdvancedConfig",
    SMART_DOORS,
    {
        "lngTimeout": Setting(int, LOCK_AND_GO_SECONDS),
        "singleButtonPressAction": Setting(int, range(7)),
        "doubleButtonPressAction": Setting(int, range(7)),
        "automaticBatteryTypeDetection": Setting(bool),
        "unlatchDuration": Setting(int, LATCH_SECONDS),
        "buzzerVolume": Setting(int, range(3)),
        "batteryType": Setting(int, range(4), required=True),
        "autoLock": Setting(bool, required=True),
        "autoLockTimeout": Setting(int),
    },
    {
        "lngTimeout": 20,
        "singleButtonPressAction": 1,
        "doubleButtonPressAction": 4,
        "automaticBatteryTypeDetection": True,
        "unlatchDuration": 3,
        "buzzerVolume": 2,
        "batteryType": 0,
        "autoLock": False,
        "autoLockTimeout": 300,
    },
)
WEB = Section("webConfig", ANY_DEVICE, {"batteryWarningPerMailEnabled": Setting(bool)}, {})
FURTHER = (ADVANCED, OPENER, SMART_DOOR)

_READERS = {str: bodies.text, int: bodies.whole_number, float: bodies.number, bool: bodies.truth}


def wanted(section: Section, body: dict[str, Any]) -> dict[str, Any]:
    """Return what the body sets; fields that cannot be set are ignored. Raises Refused (422, 400)."""
    found = {name: _READERS[one.kind](body, name) for name, one in section.settings.items()}
    if any(one.required and found[name] is None for name, one in section.settings.items()):
        raise status_page(UNPROCESSABLE)
    sent = {name: value for name, value in found.items() if value is not None}
    for name, value in sent.items():
        allowed = section.settings[name].allowed
        if allowed is not None and value not in allowed:
            raise value_not_valid(name, value)
    return sent


def start(lock: Lock) -> None:
    """Let the cloud know the configuration that a new lock has."""
    lock.settings = {CONFIG.name: json.dumps({"name": lock.name})}
    learn(lock)


def learn(lock: Lock) -> None:
    """Bring the device's configuration into the cloud's copy; the time zone is the device's own."""
    known = {**json.loads(lock.settings.get(CONFIG.name, "{}")), "timezoneId": lock.device.time_zone_id}
    lock.copy.settings = {**lock.copy.settings, **lock.settings, CONFIG.name: json.dumps(known)}


def configure(lock: Lock, section_name: str, settings: str) -> None:
    """Set a section on the device, whose clock follows the new time zone."""
    wanted_settings = json.loads(settings)
    time_zone_id = wanted_settings.pop("timezoneId", None)
    if section_name == CONFIG.name and time_zone_id is not None:
        lock.device.time_zone_id = time_zone_id
    lock.settings = {**lock.settings, section_name: json.dumps(wanted_settings)}


def shown(lock: Lock, section: Section) -> dict[str, Any]:
    """Return the section as the cloud knows it."""
    return {**section.at_first, **json.loads(lock.copy.settings.get(section.name, "{}"))}
