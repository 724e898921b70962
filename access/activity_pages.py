"""The values behind what pages show of activity: one sentence for each thing that happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from access import codes, installation, live
from access.log_entries import ActivityKind, Means
from access.models import Activity
from access.shown import Tone


@dataclass(frozen=True)
class ActivityLine:
    """One thing that happened."""

    sentence: str
    means: str
    tone: Tone | None  # None where there is nothing to think about
    word: str
    at: datetime
    zone: str
    stay_url: str
    lock_url: str


@dataclass(frozen=True)
class ActivityList:
    """Some of it, the latest first."""

    lines: list[ActivityLine]
    topic: str
    is_latest: bool
    latest_url: str
    next_url: str | None


BY_SOMEBODY: dict[str, Promise] = {
    ActivityKind.OPENED: later("%(who)s opened %(door)s"),
    ActivityKind.LOCKED: later("%(who)s locked %(door)s"),
    ActivityKind.FAILED: later("%(who)s tried %(door)s, and the lock did not turn"),
}
BY_NOBODY: dict[str, Promise] = {
    ActivityKind.OPENED: later("%(door)s was opened"),
    ActivityKind.LOCKED: later("%(door)s was locked"),
    ActivityKind.FAILED: later("The lock of %(door)s did not turn"),
}
OF_THE_DOOR: dict[str, Promise] = {
    ActivityKind.CODE_REFUSED: later("A wrong code was typed at %(door)s"),
    ActivityKind.LEFT_OPEN: later("%(door)s stands open"),
    ActivityKind.DOOR_OPENED: later("The door at %(door)s opened"),
    ActivityKind.DOOR_CLOSED: later("The door at %(door)s closed"),
    ActivityKind.RANG: later("Somebody rang at %(door)s"),
    ActivityKind.BATTERY_LOW: later("The lock of %(door)s needs a new battery"),
    ActivityKind.KEYPAD_BATTERY_LOW: later("The keypad of %(door)s needs new batteries"),
    ActivityKind.WENT_OFFLINE: later("%(door)s went offline: Nuki does not reach the lock"),
    ActivityKind.CAME_BACK: later("%(door)s is back online"),
    ActivityKind.OTHER: later("Something else happened at %(door)s"),
}
FINGER_REFUSED = later("A finger was refused at %(door)s")
CODE_OF_SOMEBODY_REFUSED = later(
    "%(who)s's code was refused at %(door)s"
)  # before or after its time, as a rule
MEANS: dict[str, Promise] = {
    Means.KEYPAD: later("with a code"),
    Means.FINGERPRINT: later("with a fingerprint"),
    Means.APP: later("with the Nuki app"),
    Means.WEB: later("over Nuki Web"),
    Means.BY_HAND: later("by hand"),
    Means.BUTTON: later("with the button"),
    Means.BY_ITSELF: later("by itself"),
}
TONES: dict[str, tuple[Tone, Promise]] = {
    ActivityKind.OPENED: (Tone.READY, later("Opened")),
    ActivityKind.CODE_REFUSED: (Tone.LOOK, later("Refused")),
    ActivityKind.LEFT_OPEN: (Tone.LOOK, later("Left open")),
    ActivityKind.FAILED: (Tone.ACT, later("Blocked")),
    ActivityKind.BATTERY_LOW: (Tone.ACT, later("Battery low")),
    ActivityKind.KEYPAD_BATTERY_LOW: (Tone.ACT, later("Battery low")),
    ActivityKind.WENT_OFFLINE: (Tone.LOOK, later("Offline")),
}


def latest(found: Sequence[Activity], *, most: int, is_latest: bool) -> ActivityList:
    """A page of activity; `found` holds one more than `most` where there is a next page."""
    page = found[:most]
    more = len(found) > most
    return ActivityList(
        lines=[line(one) for one in page],
        topic=live.ACTIVITY,
        is_latest=is_latest,
        latest_url=reverse("access:activity_latest"),
        next_url=f"?before={page[-1].pk}" if more else None,
    )


def line(one: Activity) -> ActivityLine:
    """One thing that happened. Lock, door, grant, stay and guest have been fetched with it."""
    door = getattr(one.smart_lock, "door", None)
    stay = one.grant.stay if one.grant else None
    tone, word = TONES.get(one.kind, (None, ""))
    return ActivityLine(
        sentence=_sentence(one, door.name if door else one.smart_lock.called),
        means=_means(one) if one.kind in BY_SOMEBODY else "",
        tone=tone,
        word=str(word),
        at=one.happened_at,
        zone=stay.unit.property.time_zone if stay else door.property.time_zone if door else "UTC",
        stay_url=reverse("access:stay", kwargs={"stay_id": stay.pk}) if stay else "",
        lock_url=reverse("access:lock", kwargs={"lock_id": one.smart_lock_id}),
    )


def _means(one: Activity) -> str:
    """By what; a guest comes to Nuki Web only by the page of the stay."""
    if one.grant is not None and one.means == Means.WEB:
        return _("from the guest's page")
    return str(MEANS.get(one.means, ""))


def _sentence(one: Activity, door: str) -> str:
    if one.kind == ActivityKind.CODE_REFUSED and (one.grant is not None or _held_by(one)):
        return str(CODE_OF_SOMEBODY_REFUSED) % {"who": who(one), "door": door}
    if one.kind == ActivityKind.CODE_REFUSED and one.means == Means.FINGERPRINT:
        return str(FINGER_REFUSED) % {"door": door}
    if one.kind not in BY_SOMEBODY:
        return str(OF_THE_DOOR[one.kind]) % {"door": door}
    somebody = who(one)
    words = BY_SOMEBODY if somebody else BY_NOBODY
    return str(words[one.kind]) % {"who": somebody, "door": door}


def who(one: Activity) -> str:
    """The guest, whom the host has named, whom Nuki names, or nobody: a label of ours names no person."""
    if one.grant is not None:
        return one.grant.own_stay.guest.called
    held_by = _held_by(one)
    if held_by:
        return held_by
    if codes.is_ours(one.name, installation.token()):
        return _("A code that Keyturn cannot place")
    return one.name


def _held_by(one: Activity) -> str:
    """Whom the host has named for what was used, which was fetched with it."""
    return getattr(one, "held_by", None) or ""
