"""The values behind changing a stay: what becomes different for whom, said before it is done."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from access import shown, stays, windows
from access.models import Grant, GrantKind, Guest, Stay
from access.shown import Chip, Tone
from access.windows import Window
from properties import wall_clock
from properties.models import Door, Unit

NEIGHBOURS_WITHIN = timedelta(days=1)  # further away nobody is in anybody's way
TIGHT = timedelta(hours=1)  # less than this between two guests leaves hardly time to clean
WRITTEN = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True)
class Wish:
    """What a stay is to become."""

    unit: Unit
    doors: Sequence[Door]  # the way in, from the street
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class DoorChange:
    """What becomes of the code on one door."""

    name: str
    chip: Chip
    before: Window | None
    after: Window | None
    sentence: str


@dataclass(frozen=True)
class Neighbour:
    """The guest before or after, and the time between."""

    url: str
    sentence: str
    tone: Tone | None


@dataclass(frozen=True)
class Heading:
    """Which stay it is that is changed or cancelled."""

    guest_name: str
    unit_name: str
    property_name: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    url: str
    cancel_url: str


@dataclass(frozen=True)
class ChangePreview:
    """What happens once it is confirmed."""

    where_before: str
    where_after: str
    before: Window
    after: Window
    zone_before: str
    zone: str
    sentences: list[str]
    doors: list[DoorChange]
    neighbours: list[Neighbour]


def heading(stay: Stay) -> Heading:
    """Which stay it is, at the top of a page that changes it."""
    where = {"stay_id": stay.pk}
    return Heading(
        guest_name=stay.guest.called,
        unit_name=stay.unit.name,
        property_name=stay.unit.property.name,
        starts_at=stay.starts_at,
        ends_at=stay.ends_at,
        zone=stay.unit.property.time_zone,
        url=reverse("access:stay", kwargs=where),
        cancel_url=reverse("access:cancel_stay", kwargs=where),
    )


def preview(
    stay: Stay,
    wish: Wish,
    *,
    grants: Sequence[Grant],
    taken: Container[str],
    told: Sequence[Guest],
    was_told: bool,
    neighbours: Sequence[Stay],
) -> ChangePreview:
    """What a wish changes for whom.

    `grants` are the live ones of the stay with their doors, `taken` digests of codes on the locks that come
    new, `told` whom messages go to, and `was_told` says whether one has left already.
    """
    live = {grant.smart_lock_id: grant for grant in grants}
    after = windows.of(starts_at=wish.starts_at, ends_at=wish.ends_at, grace=wish.unit.property.grace)
    locks = {door.smart_lock_id for door in wish.doors}
    code = next((grant.code_digest for grant in grants if grant.code_digest), "")
    in_use = next((door for door in wish.doors if door.smart_lock_id not in live), None)
    invited = bool(stay.guest.email)
    doors = [
        _without_a_way(door)
        if _has_no_way(door, live.get(door.smart_lock_id or 0), is_invited=invited)
        else _kept_or_new(door, live.get(door.smart_lock_id or 0), after)
        for door in wish.doors
    ]
    gone = [grant for grant in grants if grant.is_wanted and grant.smart_lock_id not in locks]
    return ChangePreview(
        where_before=_where(stay.unit),
        where_after=_where(wish.unit),
        before=Window(stay.starts_at, stay.ends_at),
        after=Window(wish.starts_at, wish.ends_at),
        zone_before=stay.unit.property.time_zone,
        zone=wish.unit.property.time_zone,
        sentences=[
            _code(stay, is_taken=bool(code and in_use and code in taken)),
            _message(wish.doors, told, was_told=was_told, is_invited=invited),
        ],
        doors=[*doors, *(_leaving(grant) for grant in gone)],
        neighbours=[_neighbour(other, wish) for other in neighbours],
    )


def is_in_the_way(other: Stay, wish: Wish) -> bool:
    """Whether another stay of the unit has it in a part of the time."""
    return other.starts_at < wish.ends_at and other.ends_at > wish.starts_at


def neighbours(others: Sequence[Stay], wish: Wish) -> list[Stay]:
    """Who leaves last before, and who comes first after; `others` stand in their order."""
    before = [other for other in others if other.ends_at <= wish.starts_at]
    after = [other for other in others if other.starts_at >= wish.ends_at]
    return [*before[-1:], *after[:1]]


def locks_that_come(grants: Sequence[Grant], doors: Sequence[Door]) -> list[int]:
    """Smart locks of these doors on which the stay has no code yet."""
    there = {grant.smart_lock_id for grant in grants}
    return [door.smart_lock_id for door in doors if door.smart_lock_id and door.smart_lock_id not in there]


def fields(stay: Stay) -> dict[str, str]:
    """A stay as the form of a change has it: what it is now, or what it was before."""
    zone = stay.unit.property.time_zone
    return {
        "unit": str(stay.unit_id),
        "starts": wall_clock.shown(stay.starts_at, zone).strftime(WRITTEN),
        "ends": wall_clock.shown(stay.ends_at, zone).strftime(WRITTEN),
    }


def address(stay: Stay, asked: Mapping[str, str]) -> str:
    """Where a change with these fields is looked at before it is made."""
    page = reverse("access:change_stay", kwargs={"stay_id": stay.pk})
    return f"{page}?{urlencode({**asked, 'seen': stays.version(stay)})}"


def changed_meanwhile(stay: Stay, by: str) -> str:
    """What somebody else made of the stay while this person was at the form."""
    zone = stay.unit.property.time_zone
    facts = {
        "who": by,
        "unit": stay.unit.name,
        "starts": date_format(wall_clock.shown(stay.starts_at, zone), "DAY_CLOCK"),
        "ends": date_format(wall_clock.shown(stay.ends_at, zone), "DAY_CLOCK"),
    }
    return (
        _(
            "%(who)s changed this stay meanwhile: it is in %(unit)s from %(starts)s to %(ends)s now. "
            "Nothing of yours is saved yet. It is kept below: look at it again."
        )
        % facts
    )


def party_changed_meanwhile(stay: Stay, companions: Sequence[Guest]) -> str:
    """Who comes by now, as somebody else has said while this person was at the form."""
    come = shown.together([guest.called for guest in (stay.guest, *companions)])
    return _("Somebody changed meanwhile who comes: now %(guests)s. Look at your list again.") % {
        "guests": come
    }


def _where(unit: Unit) -> str:
    return f"{unit.name}, {unit.property.name}"


def _has_no_way(door: Door, grant: Grant | None, *, is_invited: bool) -> bool:
    """Whether neither a code nor the Nuki app opens a door for the guest."""
    has_code = grant is not None and grant.kind == GrantKind.KEYPAD_CODE
    return door.smart_lock is not None and not (door.smart_lock.has_keypad or has_code or is_invited)


def _without_a_way(door: Door) -> DoorChange:
    sentence = _("This lock has no keypad, and the guest no address for an app invitation.")
    return DoorChange(door.name, Chip(Tone.ACT, _("No keypad")), None, None, sentence)


def _kept_or_new(door: Door, grant: Grant | None, after: Window) -> DoorChange:
    lock = door.smart_lock
    waits = lock is not None and not lock.is_online
    if grant is None or not grant.is_wanted:
        sentence = _("The lock does not answer now. The code follows when it is back.") if waits else ""
        return DoorChange(door.name, Chip(Tone.MOVING, _("Comes new")), None, after, sentence)
    before = Window(grant.allowed_from, grant.allowed_until)
    if before == after:
        return DoorChange(door.name, Chip(Tone.PAST, _("Stays as it is")), before, after, "")
    sentence = (
        _("The lock does not answer now. Until it is back, the code opens as it does today.") if waits else ""
    )
    return DoorChange(door.name, Chip(Tone.MOVING, _("Other times")), before, after, sentence)


def _leaving(grant: Grant) -> DoorChange:
    sentence = _("The code is taken off this door.")
    if not grant.smart_lock.is_online:
        sentence = _("The lock does not answer now. The code is taken off when it is back.")
    before = Window(grant.allowed_from, grant.allowed_until) if grant.code_digest else None
    return DoorChange(shown.door_name(grant), Chip(Tone.LOOK, _("Goes")), before, None, sentence)


def _code(stay: Stay, *, is_taken: bool) -> str:
    facts = {"guest": stay.guest.called}
    if is_taken:
        return (
            _("%(guest)s gets another code on every door: somebody has this one on a door that comes new.")
            % facts
        )
    return _("%(guest)s keeps the code.") % facts


def _message(doors: Sequence[Door], told: Sequence[Guest], *, was_told: bool, is_invited: bool) -> str:
    facts = {"guests": shown.together([guest.called for guest in told])}
    if any(_has_no_way(door, None, is_invited=is_invited) for door in doors):
        return _("Nobody is written to, as the code does not open every door. Tell the guest yourself.")
    if was_told:
        return _("A message about the change goes to %(guests)s once it is on every door.") % facts
    return _("Nobody was told the code yet. It goes to %(guests)s once it is on every door.") % facts


def _neighbour(other: Stay, wish: Wish) -> Neighbour:
    """The minutes between two guests, and whose code still opens in them."""
    is_before = other.ends_at <= wish.starts_at
    gap = wish.starts_at - other.ends_at if is_before else other.starts_at - wish.ends_at
    grace, zone = wish.unit.property.grace, wish.unit.property.time_zone
    at = wall_clock.shown(other.ends_at if is_before else other.starts_at, zone)
    facts = {"guest": other.guest.called, "time": date_format(at, "WEEKDAY_CLOCK"), "gap": in_words(gap)}
    before = _("%(guest)s leaves %(time)s, %(gap)s before.")
    after = _("%(guest)s arrives %(time)s, %(gap)s after.")
    sentence = (before if is_before else after) % facts
    if gap < grace:
        opens = wall_clock.shown((other.ends_at if is_before else wish.ends_at) + grace, zone)
        sentence += " " + _("The code of whoever leaves opens until %(time)s.") % {
            "time": date_format(opens, "CLOCK")
        }
    tone = Tone.LOOK if gap < TIGHT else None
    return Neighbour(reverse("access:stay", kwargs={"stay_id": other.pk}), sentence, tone)


def in_words(gap: timedelta) -> str:
    """A time between two guests: minutes up to two hours, then hours and minutes."""
    minutes = int(gap.total_seconds() // 60)
    if minutes < 120:  # noqa: PLR2004  two hours
        return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
    hours, rest = divmod(minutes, 60)
    told = ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
    if rest:
        told += " " + ngettext("%(count)d minute", "%(count)d minutes", rest) % {"count": rest}
    return told
