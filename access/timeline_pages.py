"""The values behind the timeline: units by days as a chart, and the same stays day by day for a phone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from access import shown, tape, timeline_ways
from access.models import Stay
from access.shown import Chip, Tone
from access.tape import Cell, Span
from access.timeline_ways import DAYS, Ways, Window
from properties import dates, wall_clock
from properties.models import Property, Unit
from properties.roles import Right, may

SATURDAY = 5


@dataclass(frozen=True)
class Bar:
    """One stay; its times are what the clocks of the property show."""

    url: str
    guest_name: str
    where: str
    starts: datetime
    ends: datetime
    chip: Chip
    words: str
    span: Span

    @property
    def needs_host(self) -> bool:
        """Whether there is something to look at or to do."""
        return self.chip.tone in {Tone.LOOK, Tone.ACT}


@dataclass(frozen=True)
class Place:
    """Half days of a unit that belong together: who is there, or how to book them."""

    width: int
    head: "DayHead"
    bars: list[Bar]
    is_today: bool
    begins_a_day: bool
    book_url: str
    book_words: str


@dataclass(frozen=True)
class UnitLine:
    """One unit through all days."""

    name: str
    note: str
    places: list[Place]


@dataclass(frozen=True)
class House:
    """The units of one property."""

    name: str
    zone: str  # empty where all that is shown has the same
    units: list[UnitLine]


@dataclass(frozen=True)
class DayHead:
    """The head of one day's column."""

    day: date
    iso: str
    words: str
    is_today: bool
    is_weekend: bool
    begins_a_month: bool


@dataclass(frozen=True)
class DayList:
    """One day: who comes, who goes, who stays."""

    day: date
    is_today: bool
    arriving: list[Bar]
    leaving: list[Bar]
    inside: list[Bar]


@dataclass(frozen=True)
class Choice:
    """A property to choose."""

    pk: int
    name: str
    is_chosen: bool


@dataclass(frozen=True)
class Timeline:
    """What the page shows."""

    period: str
    first_day: date
    heads: list[DayHead]
    houses: list[House]
    days: list[DayList]
    choices: list[Choice]
    ways: Ways


def today(place: Property | None, now: datetime) -> date:
    """The day that clocks at the property show; without a property, the day in UTC."""
    return wall_clock.shown(now, place.time_zone if place else "UTC").date()


def timeline(
    window: Window,
    *,
    properties: Sequence[Property],
    units: Sequence[Unit],
    stays: Iterable[Stay],
    has_more: bool,
) -> Timeline:
    """The stays of these units on the window's days. Units have their properties, stays all that is shown."""
    of_unit: dict[int, list[Bar]] = {unit.pk: [] for unit in units}
    for stay in stays:
        bar = _bar(stay, window)
        if bar.span.is_seen:
            of_unit[stay.unit_id].append(bar)
    todays = {today(unit.property, window.now) for unit in units}
    heads = [_head(day, todays) for day in window.days]
    return Timeline(
        period=_period(window.days),
        first_day=window.first_day,
        heads=heads,
        houses=_houses(units, of_unit, window, heads),
        days=[
            _day_list(day, [bar for bars in of_unit.values() for bar in bars], todays) for day in window.days
        ],
        choices=[Choice(one.pk, one.name, one == window.place) for one in properties],
        ways=timeline_ways.ways(window, units[-1].pk if has_more else None),
    )


def _bar(stay: Stay, window: Window) -> Bar:
    place = stay.unit.property
    state = shown.state_of(stay, list(stay.grants.all()), window.now)
    starts, ends = (
        wall_clock.shown(instant, place.time_zone).replace(tzinfo=None)
        for instant in (stay.starts_at, stay.ends_at)
    )
    times = {
        "state": state.chip.word,
        "starts": dates.in_words(stay.starts_at, place.time_zone, "WEEKDAY_CLOCK"),
        "ends": dates.in_words(stay.ends_at, place.time_zone, "WEEKDAY_CLOCK"),
    }
    return Bar(
        url=reverse("access:stay", kwargs={"stay_id": stay.pk}),
        guest_name=stay.guest.called,
        where=stay.unit.name if window.place else f"{stay.unit.name} · {place.name}",
        starts=starts,
        ends=ends,
        chip=state.chip,
        words=_("%(state)s, from %(starts)s to %(ends)s") % times,
        span=tape.span_of(starts, ends, first_day=window.first_day, days=DAYS),
    )


def _houses(
    units: Sequence[Unit], of_unit: dict[int, list[Bar]], window: Window, heads: Sequence[DayHead]
) -> list[House]:
    zones = {unit.property.time_zone for unit in units}
    return [
        House(
            name=place.name,
            zone=place.time_zone if len(zones) > 1 else "",
            units=[_unit_line(unit, of_unit[unit.pk], window, heads) for unit in theirs],
        )
        for place, theirs in groupby(units, key=lambda unit: unit.property)
    ]


def _unit_line(unit: Unit, bars: Sequence[Bar], window: Window, heads: Sequence[DayHead]) -> UnitLine:
    has_lock = bool(getattr(unit, "has_lock", True))
    row = tape.cells([bar.span for bar in bars], DAYS)
    this_day = today(unit.property, window.now)
    can_book = has_lock and may(window.role, Right.CHANGE_STAYS)
    return UnitLine(
        name=unit.name,
        note="" if has_lock else _("No lock yet"),
        places=[
            _place(
                unit,
                cell,
                bars,
                heads[cell.day],
                this_day=this_day,
                can_book=can_book and _is_a_night(cell, after),
            )
            for cell, after in zip(row, [*row[1:], None], strict=True)
        ],
    )


def _is_a_night(cell: Cell, after: Cell | None) -> bool:
    """Whether a guest could arrive on this day and stay until the next."""
    return cell.is_free and cell.has_evening and (after is None or after.is_free)


def _place(
    unit: Unit, cell: Cell, bars: Sequence[Bar], head: DayHead, *, this_day: date, can_book: bool
) -> Place:
    may_be_booked = can_book and head.day >= this_day
    return Place(
        width=cell.width,
        head=head,
        bars=[bars[number] for number in cell.held],
        is_today=head.day == this_day,
        begins_a_day=cell.first % tape.HALVES == 0,
        book_url=timeline_ways.book_url(unit, head.day) if may_be_booked else "",
        book_words=_("Book %(unit)s from %(day)s") % {"unit": unit.name, "day": head.words}
        if may_be_booked
        else "",
    )


def _head(day: date, todays: set[date]) -> DayHead:
    return DayHead(
        day=day,
        iso=day.isoformat(),
        words=date_format(day, "WEEKDAY"),
        is_today=day in todays,
        is_weekend=day.weekday() >= SATURDAY,
        begins_a_month=day.day == 1,
    )


def _day_list(day: date, bars: Sequence[Bar], todays: set[date]) -> DayList:
    return DayList(
        day=day,
        is_today=day in todays,
        arriving=sorted((bar for bar in bars if bar.starts.date() == day), key=lambda bar: bar.starts),
        leaving=sorted((bar for bar in bars if bar.ends.date() == day), key=lambda bar: bar.ends),
        inside=[bar for bar in bars if bar.starts.date() < day < bar.ends.date()],
    )


def _period(days: Sequence[date]) -> str:
    words = {"first": date_format(days[0], "DAY"), "last": date_format(days[-1], "DAY_OF_YEAR")}
    return _("%(first)s to %(last)s") % words
