"""Why a code does not open a door, and the best way out: from what is known of the door. Pure.

A keypad needs no network: where the code was confirmed it opens, whether or not Nuki reaches the lock. So a
lock that does not answer is a reason only where the code is not there yet, or its batteries may be empty.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LATELY = timedelta(minutes=10)  # how long something at a door is taken to be about who stands there now
JUST_NOW = timedelta(minutes=2)  # an open door that was not pushed
MANY_TRIES = 3  # wrong codes in a row; from some number on a keypad pauses
PAUSE = timedelta(minutes=2)  # Nuki tells of pauses, and of no length: the shortest that is sure to be over


class Cause(StrEnum):
    """What stands between the guest and the door, as far as it is known: the first that is so counts."""

    ENDED = "ended"
    TOO_EARLY = "too early"
    JUST_OPENED = "just opened"
    NO_KEYPAD = "no keypad"
    APP_NOT_READY = "app not ready"
    APP_DOOR = "app door"  # which the Nuki app opens
    KEYPAD_UNKNOWN = "keypad unknown"
    OUT_OF_SERVICE = "out of service"
    JAMMED = "jammed"
    TOO_MANY_TRIES = "too many tries"
    OFFLINE_WITHOUT_CODE = "offline without code"
    NOT_CONFIRMED = "code not confirmed"
    RIGHT_CODE_REFUSED = "right code refused"
    KEYPAD_BATTERY = "keypad battery"
    LOCK_BATTERY = "lock battery"
    OTHER_DOOR = "other door"
    OFFLINE = "offline"
    MISTYPED = "mistyped"
    IN_ORDER = "in order"


class Way(StrEnum):
    """What the guest can do about it."""

    WAIT = "wait"
    PUSH = "push"
    KEY_IT_IN = "key it in"
    ACCEPT_INVITE = "accept invite"
    USE_APP = "use app"
    OWN_DOOR = "own door"
    BACKUP_CODE = "backup code"  # another code, which is on the lock already
    OPEN = "open"  # from the page, where the host allows it
    CALL_HOST = "call host"


WAYS: dict[Cause, tuple[Way, ...]] = {
    Cause.ENDED: (Way.CALL_HOST,),
    Cause.TOO_EARLY: (Way.WAIT,),
    Cause.JUST_OPENED: (Way.PUSH, Way.OPEN, Way.CALL_HOST),
    Cause.NO_KEYPAD: (Way.OPEN, Way.CALL_HOST),
    Cause.APP_NOT_READY: (Way.OPEN, Way.CALL_HOST),
    Cause.APP_DOOR: (Way.ACCEPT_INVITE, Way.USE_APP, Way.OPEN, Way.CALL_HOST),
    Cause.KEYPAD_UNKNOWN: (Way.OPEN, Way.CALL_HOST),
    Cause.OUT_OF_SERVICE: (Way.CALL_HOST,),
    Cause.JAMMED: (Way.PUSH, Way.OPEN, Way.CALL_HOST),
    Cause.TOO_MANY_TRIES: (Way.WAIT, Way.KEY_IT_IN, Way.OPEN, Way.CALL_HOST),
    Cause.OFFLINE_WITHOUT_CODE: (
        Way.BACKUP_CODE,
        Way.CALL_HOST,
    ),
    Cause.NOT_CONFIRMED: (Way.BACKUP_CODE, Way.OPEN, Way.CALL_HOST),
    Cause.RIGHT_CODE_REFUSED: (Way.BACKUP_CODE, Way.OPEN, Way.CALL_HOST),
    Cause.KEYPAD_BATTERY: (Way.OPEN, Way.CALL_HOST),
    Cause.LOCK_BATTERY: (Way.OPEN, Way.CALL_HOST),
    Cause.OTHER_DOOR: (Way.OWN_DOOR, Way.KEY_IT_IN, Way.OPEN, Way.CALL_HOST),
    Cause.OFFLINE: (Way.KEY_IT_IN, Way.BACKUP_CODE, Way.CALL_HOST),
    Cause.MISTYPED: (Way.KEY_IT_IN, Way.BACKUP_CODE, Way.OPEN, Way.CALL_HOST),
    Cause.IN_ORDER: (Way.KEY_IT_IN, Way.OPEN, Way.CALL_HOST),
}


EARLY_BY_APP = (Way.ACCEPT_INVITE, Way.WAIT)  # there is something to do while one waits


@dataclass(frozen=True)
class Facts:
    """What is known of one door of a stay; what is left as it is speaks for the door."""

    begins_at: datetime
    ends_at: datetime
    has_keypad: bool = True
    is_by_app: bool = False  # the guest opens it with the Nuki app, and needs no keypad
    keypad_refuses: bool = False  # every code: the service does not know the keypad
    is_in_service: bool = True
    is_confirmed: bool = True  # the lock was seen to have the code, and nothing speaks against it since
    is_online: bool = True
    offline_since: datetime | None = None
    battery_is_low: bool = False
    keypad_battery_is_low: bool = False
    opened_at: datetime | None = None  # last with this stay's right
    jammed_at: datetime | None = None  # the lock tried, and did not turn
    own_code_refused_at: datetime | None = None
    wrong_codes_at: tuple[datetime, ...] = ()  # of nobody, at this door
    wrong_code_elsewhere_at: datetime | None = None  # at a door of the house that is not on the guest's way
    may_open: bool = False  # the guest, from the page, now
    has_backup: bool = False  # another code is on the lock, and the guest has it or may have it


@dataclass(frozen=True)
class Diagnosis:
    """What is wrong, since or until when, and the ways out, the best one first."""

    cause: Cause
    ways: tuple[Way, ...]
    at: datetime | None = None

    @property
    def needs_host(self) -> bool:
        """Whether the guest can do nothing but call."""
        return self.ways[0] is Way.CALL_HOST


def diagnose(facts: Facts, now: datetime) -> Diagnosis:
    """The first cause that is so, in the order in which they stand."""
    cause, at = _cause(facts, now)
    wanted = EARLY_BY_APP if facts.is_by_app and cause is Cause.TOO_EARLY else WAYS[cause]
    is_there = {Way.OPEN: facts.may_open, Way.BACKUP_CODE: facts.has_backup}
    ways = tuple(way for way in wanted if is_there.get(way, True))
    return Diagnosis(cause, ways, at)


def _cause(facts: Facts, now: datetime) -> tuple[Cause, datetime | None]:
    if now >= facts.ends_at:
        return Cause.ENDED, facts.ends_at
    if now < facts.begins_at:
        return Cause.TOO_EARLY, facts.begins_at
    if _is_since(facts.opened_at, now - JUST_NOW):
        return Cause.JUST_OPENED, facts.opened_at
    if facts.is_by_app:
        return _with_the_app(facts, now)
    for cause, holds in (
        (Cause.NO_KEYPAD, not facts.has_keypad),
        (Cause.KEYPAD_UNKNOWN, facts.keypad_refuses),
        (Cause.OUT_OF_SERVICE, not facts.is_in_service),
    ):
        if holds:
            return cause, None
    return _at_the_keypad(facts, now) or _of_the_lock(facts, now)


def _with_the_app(facts: Facts, now: datetime) -> tuple[Cause, datetime | None]:
    if not facts.is_in_service:
        return Cause.OUT_OF_SERVICE, None
    if _is_since(facts.jammed_at, now - LATELY) and not _came_in_after(facts, facts.jammed_at):
        return Cause.JAMMED, facts.jammed_at
    if not facts.is_confirmed:
        return Cause.APP_NOT_READY, None
    return (Cause.LOCK_BATTERY if facts.battery_is_low else Cause.APP_DOOR), None


def _at_the_keypad(facts: Facts, now: datetime) -> tuple[Cause, datetime | None] | None:
    if _is_since(facts.jammed_at, now - LATELY) and not _came_in_after(facts, facts.jammed_at):
        return Cause.JAMMED, facts.jammed_at
    tries = _tries(facts, now)
    if len(tries) >= MANY_TRIES and max(tries) + PAUSE > now:
        return Cause.TOO_MANY_TRIES, max(tries) + PAUSE
    return None


def _of_the_lock(facts: Facts, now: datetime) -> tuple[Cause, datetime | None]:
    if not facts.is_confirmed and not facts.is_online:
        return Cause.OFFLINE_WITHOUT_CODE, facts.offline_since
    if not facts.is_confirmed:
        return Cause.NOT_CONFIRMED, None
    refused_at = facts.own_code_refused_at
    if _is_since(refused_at, max(now - LATELY, facts.begins_at)) and not _came_in_after(facts, refused_at):
        return Cause.RIGHT_CODE_REFUSED, refused_at
    if facts.keypad_battery_is_low:
        return Cause.KEYPAD_BATTERY, None
    if facts.battery_is_low:
        return Cause.LOCK_BATTERY, None
    tries, elsewhere = _tries(facts, now), facts.wrong_code_elsewhere_at
    if not tries and _is_since(elsewhere, now - LATELY) and not _came_in_after(facts, elsewhere):
        return Cause.OTHER_DOOR, elsewhere
    if not facts.is_online:
        return Cause.OFFLINE, facts.offline_since
    if tries:
        return Cause.MISTYPED, max(tries)
    return Cause.IN_ORDER, None


def _tries(facts: Facts, now: datetime) -> list[datetime]:
    """When wrong codes were typed here lately: those before the door opened for the guest are over."""
    lately = [at for at in facts.wrong_codes_at if at > now - LATELY]
    return [at for at in lately if not _came_in_after(facts, at)]


def _came_in_after(facts: Facts, at: datetime | None) -> bool:
    return at is not None and facts.opened_at is not None and facts.opened_at >= at


def _is_since(at: datetime | None, since: datetime) -> bool:
    return at is not None and at > since
