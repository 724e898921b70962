"""The values behind the list of doors, and the words for how a smart lock is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from access import live
from access.lock_queries import LOOK, DoorPlace, DoorsCount
from access.shown import Chip, Tone
from properties import pages, wall_clock
from properties.models import Door, SmartLock
from properties.roles import Right, Role, may

ATTENTION = "attention"  # what `needs` says in the address


@dataclass(frozen=True)
class DoorRow:
    """One door and how its lock is."""

    name: str
    property_name: str  # empty under the property's own heading
    url: str  # of its lock
    lock_name: str
    reach: str  # empty where the chip says as much
    battery: str
    keypad: str
    chip: Chip
    put_lock_url: str


@dataclass(frozen=True)
class DoorSection:
    """Doors that belong together, under a heading."""

    title: str
    rows: list[DoorRow]


@dataclass(frozen=True)
class DoorsPage:
    """Doors with an answer: is every lock well?"""

    answer: str
    tone: Tone
    sections: list[DoorSection]
    has_doors: bool
    only_attention: bool
    all_url: str
    attention_url: str
    attention_count: int
    topic: str
    live_url: str  # empty on further pages, which stay as they are
    next_url: str | None


def doors_page(
    found: Sequence[Door],
    counted: DoorsCount,
    *,
    most: int,
    only_attention: bool,
    is_first: bool,
    role: Role,
    now: datetime,
) -> DoorsPage:
    """A page of doors; `found` holds one more than `most` where there is a next page."""
    answer, tone = _answer(counted)
    here = reverse("access:doors")
    needs = {"needs": ATTENTION} if only_attention else {}
    own_url = f"{here}?{urlencode(needs)}" if needs else here
    return DoorsPage(
        answer=answer,
        tone=tone,
        sections=_sections(found[:most], role, now),
        has_doors=counted.all > 0,
        only_attention=only_attention,
        all_url=here,
        attention_url=f"{here}?{urlencode({'needs': ATTENTION})}",
        attention_count=counted.act + counted.look,
        topic=live.ACTIVITY,
        live_url=own_url if is_first else "",
        next_url=f"?{urlencode({**needs, 'after': _written(found[most - 1])})}"
        if len(found) > most
        else None,
    )


def place_of(text: str) -> DoorPlace | None:
    """The place that an address names; None where it names none."""
    urgency, dot, door_id = text.partition(".")
    longest = 18  # digits of what the database takes for a number
    if not (dot and urgency.isdecimal() and door_id.isdecimal() and len(text) <= longest):
        return None
    return DoorPlace(int(urgency), int(door_id))


def _written(door: Door) -> str:
    return f"{_urgency_of(door)}.{door.pk}"


def _urgency_of(door: Door) -> int:
    return int(getattr(door, "urgency", LOOK))


def _sections(doors: Sequence[Door], role: Role, now: datetime) -> list[DoorSection]:
    def title(door: Door) -> str:
        return _("Needs attention") if _urgency_of(door) <= LOOK else door.property.name

    return [
        DoorSection(heading, [_row(door, heading, role, now) for door in together])
        for heading, together in groupby(doors, key=title)
    ]


def _row(door: Door, heading: str, role: Role, now: datetime) -> DoorRow:
    lock, zone = door.smart_lock, door.property.time_zone
    property_name = "" if door.property.name == heading else door.property.name
    if lock is None:
        put_lock_url = reverse("access:replace_lock", kwargs={"door_id": door.pk})
        return DoorRow(
            name=door.name,
            property_name=property_name,
            url="",
            lock_name=_("No smart lock yet"),
            reach="",
            battery="",
            keypad="",
            chip=Chip(Tone.LOOK, _("no smart lock yet")),
            put_lock_url=put_lock_url if may(role, Right.CHANGE_PROPERTIES) else "",
        )
    tone, word = pages.lock_health(lock, zone, now)
    reached = reach(lock, zone, now)
    return DoorRow(
        name=door.name,
        property_name=property_name,
        url=reverse("access:lock", kwargs={"lock_id": lock.pk}),
        lock_name=f"{lock.called} · {lock.kind}",
        reach="" if reached == word else reached,
        battery=battery(lock),
        keypad=keypad(lock),
        chip=Chip(Tone(tone), word),
        put_lock_url="",
    )


def _answer(counted: DoorsCount) -> tuple[str, Tone]:
    """Is every lock well?"""
    if counted.act:
        sentence = ngettext("%(count)d door needs you.", "%(count)d doors need you.", counted.act)
        return sentence % {"count": counted.act}, Tone.ACT
    if counted.look:
        sentence = ngettext(
            "%(count)d door is worth a look.", "%(count)d doors are worth a look.", counted.look
        )
        return sentence % {"count": counted.look}, Tone.LOOK
    if counted.all:
        return _("Every lock is well."), Tone.READY
    return _("There is no door yet."), Tone.PAST


def reach(lock: SmartLock, zone: str, now: datetime) -> str:
    """Whether Nuki reaches the lock, and since when not."""
    if lock.gone_since is not None:
        return _("not in the Nuki account since %(moment)s") % {"moment": moment(lock.gone_since, zone, now)}
    if lock.is_online:
        return _("online")
    since = lock.offline_since or lock.listed_at
    return _("does not answer since %(moment)s") % {"moment": moment(since, zone, now)}


def battery(lock: SmartLock) -> str:
    """How the lock's batteries are, as far as Nuki says."""
    if lock.battery_critical and lock.battery_charge is not None:
        return _("Battery %(percent)d %%, nearly empty") % {"percent": lock.battery_charge}
    if lock.battery_critical:
        return _("Battery nearly empty")
    if lock.battery_charge is not None:
        return _("Battery %(percent)d %%") % {"percent": lock.battery_charge}
    return _("Battery fine")


def keypad(lock: SmartLock) -> str:
    """Whether there is a keypad, and how its battery is."""
    if not lock.has_keypad:
        return _("No keypad")
    return _("Keypad, battery nearly empty") if lock.keypad_battery_critical else _("Keypad, battery fine")


def moment(at: datetime, zone: str, now: datetime) -> str:
    """The hour of today, or the day as well."""
    then, today = wall_clock.shown(at, zone), wall_clock.shown(now, zone)
    return date_format(then, "CLOCK" if then.date() == today.date() else "DAY_CLOCK")
