"""The values behind the board: one sentence that answers whether everybody gets in, and the evidence."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from access import activity_pages, arrival_pages, door_pages, entrance, stay_pages
from access.activity_pages import ActivityLine
from access.arrival_pages import ArrivalCard
from access.board_queries import AHEAD, MOST_COMING, MOST_DOORS, MOST_IN_NEED, MOST_IN_THE_HOUSE
from access.entrance import Verdict
from access.models import Activity, Grant, GrantKind, Stay
from access.shown import Chip, Tone
from access.stay_pages import StayCard
from properties import pages, wall_clock
from properties.models import Door
from properties.roles import Right, Role, may

DAYS = 3  # today and two more: a code goes on the doors 72 hours before, so none of them is only planned
MOST_LATER = 8
VERSION_LENGTH = 16


@dataclass(frozen=True)
class Day:
    """The arrivals of one day."""

    title: str
    cards: list[ArrivalCard]


@dataclass(frozen=True)
class LeavingRow:
    """One departure."""

    number: int
    url: str
    guest_name: str
    place: str
    leaves_at: datetime
    zone: str
    code_ends_at: datetime | None  # None where there is no code any more, or never was
    chip: Chip | None  # None as long as the guest is there


@dataclass(frozen=True)
class LeavingDay:
    """The departures of one day."""

    title: str
    rows: list[LeavingRow]


@dataclass(frozen=True)
class DoorInNeed:
    """One door whose lock fails or soon may."""

    number: int
    name: str
    property_name: str
    url: str  # of its lock, or where one is put on; empty where this role may not
    chip: Chip


@dataclass(frozen=True)
class Board:
    """Who arrives, who is in the house, who leaves. An address is empty where nothing is behind it."""

    answer: str
    tone: Tone
    in_need: list[ArrivalCard]
    alerts_url: str  # where more of them stand
    doors: list[DoorInNeed]
    doors_url: str
    days: list[Day]
    coming_url: str
    inside: list[ArrivalCard]
    inside_url: str
    leaving: list[LeavingDay]
    later: list[StayCard]
    activity: list[ActivityLine]
    all_url: str
    book_url: str
    places_url: str  # where to begin, as long as nothing can be booked
    is_moving: bool
    version: str = ""
    live_url: str = ""


def board(
    stays: Sequence[Stay],
    *,
    doors: Sequence[Door],
    activity: Sequence[Activity],
    can_be_booked: bool,
    role: Role,
    now: datetime,
) -> Board:
    """The board, from what `board_queries` found: one more of each kind than is shown, if there are more."""
    soon = [stay for stay in stays if now < stay.ends_at and stay.starts_at <= now + AHEAD]
    cards = [arrival_pages.card(stay, role=role, now=now) for stay in sorted(soon, key=_by_arrival)]
    in_need = sorted(
        (one for one in cards if one.verdict in entrance.NEEDS_SOMEBODY),
        key=lambda one: (entrance.WORST_FIRST.index(one.verdict), one.starts_at, one.number),
    )
    arriving = [one for one in cards if _is_arrival(one, now)]
    inside = [one for one in cards if not _is_arrival(one, now) and one.starts_at <= now]
    inside.sort(key=lambda one: (one.ends_at, one.number))
    shown_arrivals = [one for one in arriving if one not in in_need][:MOST_COMING]
    answer, tone = _answer(arriving, in_need, now)
    made = Board(
        answer=answer,
        tone=tone,
        in_need=in_need[:MOST_IN_NEED],
        alerts_url=reverse("access:alerts") if len(in_need) > MOST_IN_NEED else "",
        doors=[_door(door, role, now) for door in doors[:MOST_DOORS]],
        doors_url=_doors_url() if len(doors) > MOST_DOORS else "",
        days=_days(shown_arrivals, now),
        coming_url=_stays_url("coming") if len(arriving) > MOST_COMING else "",
        inside=[one for one in inside if one not in in_need][:MOST_IN_THE_HOUSE],
        inside_url=_stays_url("here") if len(inside) > MOST_IN_THE_HOUSE else "",
        leaving=_leaving(stays, now),
        later=_later(stays, cards, now),
        activity=[activity_pages.line(one) for one in activity],
        all_url=reverse("access:all_stays"),
        book_url=reverse("access:book_stay") if may(role, Right.CHANGE_STAYS) and can_be_booked else "",
        places_url=reverse("properties:properties") if not can_be_booked else "",
        is_moving=any(one.verdict is Verdict.ON_ITS_WAY for one in cards),
    )
    return _with_version(made)


def _with_version(made: Board) -> Board:
    """Named by what it says, so that a page that has it already is sent nothing."""
    version = hashlib.sha256(repr(made).encode()).hexdigest()[:VERSION_LENGTH]
    live_url = f"{reverse('access:today_live')}?{urlencode({'seen': version})}"
    return replace(made, version=version, live_url=live_url)


def _by_arrival(stay: Stay) -> tuple[datetime, int]:
    return stay.starts_at, stay.pk


def _days_until(moment: datetime, zone: str, now: datetime) -> int:
    """In how many days that is, by the clock on the wall there."""
    return (wall_clock.shown(moment, zone).date() - wall_clock.shown(now, zone).date()).days


def _is_arrival(card: ArrivalCard, now: datetime) -> bool:
    """Whether the guest is to come in these days, or today and was not seen at a door yet."""
    days = _days_until(card.starts_at, card.zone, now)
    return 0 <= days < DAYS and (card.starts_at > now or card.came_in_at is None)


def _answer(
    arriving: Sequence[ArrivalCard], in_need: Sequence[ArrivalCard], now: datetime
) -> tuple[str, Tone]:
    """Will everybody get in?"""
    if in_need:
        tone = Tone.ACT if any(one.verdict is Verdict.SHUT for one in in_need) else Tone.LOOK
        return _in_need(arriving, in_need), tone
    if not arriving:
        return _("Nobody arrives today or in the two days after."), Tone.PAST
    if travelling := sum(one.verdict is Verdict.ON_ITS_WAY for one in arriving):
        sentence = ngettext("%(count)d code is on its way.", "%(count)d codes are on their way.", travelling)
        return sentence % {"count": travelling}, Tone.MOVING
    if len(arriving) > MOST_COMING:
        return _("The next %(count)d arrivals get in.") % {"count": MOST_COMING}, Tone.READY
    today = min(wall_clock.shown(now, one.zone).date() for one in arriving)
    day = date_format(today + timedelta(days=DAYS - 1), "l")
    return _("Everybody who arrives by %(day)s gets in.") % {"day": day}, Tone.READY


def _in_need(arriving: Sequence[ArrivalCard], in_need: Sequence[ArrivalCard]) -> str:
    count, everybody = len(in_need), len(arriving)
    if count > MOST_IN_NEED:
        return _("More than %(count)d stays need you.") % {"count": MOST_IN_NEED}
    if count < everybody <= MOST_COMING and all(one in arriving for one in in_need):
        sentence = ngettext(
            "%(count)d of %(all)d arrivals needs you.", "%(count)d of %(all)d arrivals need you.", count
        )
        return sentence % {"count": count, "all": everybody}
    return ngettext("%(count)d stay needs you.", "%(count)d stays need you.", count) % {"count": count}


def _day_title(days: int, moment: datetime, zone: str) -> str:
    names = {0: _("Today"), 1: _("Tomorrow")}
    return names.get(days) or date_format(wall_clock.shown(moment, zone), "LONG_WEEKDAY")


def _days(arrivals: Iterable[ArrivalCard], now: datetime) -> list[Day]:
    def day_of(card: ArrivalCard) -> int:
        return _days_until(card.starts_at, card.zone, now)

    days = []
    for number, together in groupby(sorted(arrivals, key=day_of), key=day_of):
        cards = list(together)
        days.append(Day(_day_title(number, cards[0].starts_at, cards[0].zone), cards))
    return days


def _leaving(stays: Iterable[Stay], now: datetime) -> list[LeavingDay]:
    """Who leaves today or tomorrow, or left today; the nearest first."""

    def day_of(stay: Stay) -> int:
        return _days_until(stay.ends_at, stay.unit.property.time_zone, now)

    leaving = [stay for stay in stays if day_of(stay) in {0, 1}]
    leaving.sort(key=lambda one: (day_of(one), one.ends_at, one.pk))
    return [
        LeavingDay(_day_title(number, now, "UTC"), [_leaving_row(stay, now) for stay in together])
        for number, together in groupby(leaving[:MOST_IN_THE_HOUSE], key=day_of)
    ]


def _leaving_row(stay: Stay, now: datetime) -> LeavingRow:
    place = stay.unit.property
    ends = [one.allowed_until for one in stay.grants.all() if one.closed_at is None and _may_open(one)]
    return LeavingRow(
        number=stay.pk,
        url=reverse("access:stay", kwargs={"stay_id": stay.pk}),
        guest_name=stay.guest.called,
        place=f"{stay.unit.name} · {place.name}",
        leaves_at=stay.ends_at,
        zone=place.time_zone,
        code_ends_at=max(ends, default=None),
        chip=_left(max(ends, default=None), now) if stay.ends_at <= now else None,
    )


def _may_open(grant: Grant) -> bool:
    """Whether something of the guest's may be on the lock."""
    return grant.kind == GrantKind.KEYPAD_CODE or grant.asked_at is not None


def _left(code_ends_at: datetime | None, now: datetime) -> Chip:
    if code_ends_at is None:
        return Chip(Tone.PAST, _("Code is off"))
    if code_ends_at > now:
        return Chip(Tone.PAST, _("Over"))
    return Chip(Tone.MOVING, _("Code being removed"))


def _later(stays: Iterable[Stay], cards: Iterable[ArrivalCard], now: datetime) -> list[StayCard]:
    """The next stays after those days."""
    in_need = {one.number for one in cards if one.verdict in entrance.NEEDS_SOMEBODY}
    later = [
        stay
        for stay in sorted(stays, key=_by_arrival)
        if _days_until(stay.starts_at, stay.unit.property.time_zone, now) >= DAYS and stay.pk not in in_need
    ]
    return [stay_pages.card(stay, now) for stay in later[:MOST_LATER]]


def _door(door: Door, role: Role, now: datetime) -> DoorInNeed:
    lock, zone = door.smart_lock, door.property.time_zone
    if lock is None:
        replaces = reverse("access:replace_lock", kwargs={"door_id": door.pk})
        url = replaces if may(role, Right.CHANGE_PROPERTIES) else ""
        chip = Chip(Tone.LOOK, _("no smart lock yet"))
    else:
        url = reverse("access:lock", kwargs={"lock_id": lock.pk})
        tone, word = pages.lock_health(lock, zone, now)
        is_reached = lock.is_online and lock.gone_since is None
        chip = Chip(Tone(tone), word if is_reached else door_pages.reach(lock, zone, now))
    return DoorInNeed(door.pk, door.name, door.property.name, url, chip)


def _stays_url(shown: str) -> str:
    return f"{reverse('access:all_stays')}?{urlencode({'show': shown})}"


def _doors_url() -> str:
    return f"{reverse('access:doors')}?{urlencode({'needs': door_pages.ATTENTION})}"
