"""What an entry of a smart lock's log means. Pure.

What a keypad's entries look like was recorded by several programs that read them.
"""

from dataclasses import dataclass
from enum import StrEnum

from nuki_gateway.models import DeviceType, LogAction, LogEntry, LogSource, LogState, LogTrigger

REFUSED = frozenset({LogState.INVALID_CODE, LogState.INVALID_FINGERPRINT, LogState.INVALID_NFC_TAG})
AT_THE_KEYPAD = frozenset({LogTrigger.KEYPAD, LogTrigger.KEYPAD_ERROR})


class ActivityKind(StrEnum):
    """What happened."""

    OPENED = "opened"
    LOCKED = "locked"
    CODE_REFUSED = "code refused"
    LEFT_OPEN = "left open"
    FAILED = "failed"
    DOOR_OPENED = "door opened"
    DOOR_CLOSED = "door closed"
    RANG = "rang"
    BATTERY_LOW = "battery low"
    KEYPAD_BATTERY_LOW = "keypad battery low"
    WENT_OFFLINE = "went offline"
    CAME_BACK = "came back"
    OTHER = "other"


class Means(StrEnum):
    """By what it was done."""

    KEYPAD = "keypad"
    FINGERPRINT = "fingerprint"
    APP = "app"
    WEB = "web"
    BY_HAND = "by hand"
    BUTTON = "button"
    BY_ITSELF = "by itself"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Meaning:
    """What happened and by what."""

    kind: ActivityKind
    means: Means


LOCK_ACTIONS: dict[int, ActivityKind] = {
    LogAction.UNLOCK: ActivityKind.OPENED,
    LogAction.LOCK: ActivityKind.LOCKED,
    LogAction.UNLATCH: ActivityKind.OPENED,
    LogAction.LOCK_AND_GO: ActivityKind.OPENED,  # it opens, and locks itself some seconds later
    LogAction.LOCK_AND_GO_WITH_UNLATCH: ActivityKind.OPENED,
}
OPENER_ACTIONS: dict[int, ActivityKind] = {3: ActivityKind.OPENED}  # its 1, 2, 6 and 7 switch modes
SENSOR_ACTIONS: dict[int, ActivityKind] = {
    LogAction.DOOR_AJAR: ActivityKind.LEFT_OPEN,
    LogAction.DOORBELL: ActivityKind.RANG,
    LogAction.DOOR_OPENED: ActivityKind.DOOR_OPENED,
    LogAction.DOOR_CLOSED: ActivityKind.DOOR_CLOSED,
}
TRIGGERS: dict[int, Means] = {
    LogTrigger.MANUAL: Means.BY_HAND,
    LogTrigger.BUTTON: Means.BUTTON,
    LogTrigger.AUTOMATIC: Means.BY_ITSELF,
    LogTrigger.WEB: Means.WEB,
    LogTrigger.APP: Means.APP,
    LogTrigger.AUTO_LOCK: Means.BY_ITSELF,
}


def meaning_of(entry: LogEntry) -> Meaning:
    """What the entry says. Unknown numbers are no error: new firmware brings new ones."""
    at_the_keypad = entry.trigger in AT_THE_KEYPAD
    if at_the_keypad:
        means = Means.FINGERPRINT if entry.source == LogSource.FINGERPRINT else Means.KEYPAD
    else:
        means = TRIGGERS.get(entry.trigger, Means.UNKNOWN)
    if at_the_keypad and entry.state in REFUSED:
        return Meaning(ActivityKind.CODE_REFUSED, means)
    if entry.action in SENSOR_ACTIONS:
        return Meaning(SENSOR_ACTIONS[entry.action], Means.UNKNOWN)
    actions = OPENER_ACTIONS if entry.device_type == DeviceType.OPENER else LOCK_ACTIONS
    kind = actions.get(entry.action, ActivityKind.OTHER)
    failed = entry.state != LogState.SUCCESS and kind in {ActivityKind.OPENED, ActivityKind.LOCKED}
    return Meaning(ActivityKind.FAILED if failed else kind, means)
