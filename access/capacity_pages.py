"""The values behind how full a smart lock is, now and on the days to come."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from access import capacity, forecast
from access.forecast import Day
from access.shown import Tone
from properties import wall_clock
from properties.models import SmartLock

DAYS_AHEAD = 60
BAR, GAP, TALLEST = 8, 2, 56  # of the chart, in its own units
NEARLY_FULL = 0.9  # of a lock's places


@dataclass(frozen=True)
class Bar:
    """One day of the chart."""

    x: int
    y: int
    width: int
    height: int
    tone: Tone
    title: str


@dataclass(frozen=True)
class Capacity:
    """How many codes are on the lock, and how many there will be."""

    taken: int
    places: int
    sentence: str
    forecast: str
    line: str  # what the line above the bars stands for
    tone: Tone
    bars: list[Bar]
    width: int
    tallest: int
    first_day: date
    last_day: date


def span_of(day: date, zone: str) -> tuple[datetime, datetime]:
    """From when to when a day lasts on the clocks of a zone."""
    return _midnight(day, zone), _midnight(day + timedelta(days=1), zone)


def days_ahead(zone: str, now: datetime) -> list[Day]:
    """The days of the forecast, today first."""
    today = wall_clock.shown(now, zone).date()
    days = [today + timedelta(days=number) for number in range(DAYS_AHEAD)]
    return [Day(day, *span_of(day, zone)) for day in days]


def counted(lock: SmartLock, spans: Iterable[tuple[datetime, datetime]], days: Sequence[Day]) -> list[Day]:
    """The days with the codes that are on the lock then, ours and others'."""
    return forecast.by_day(spans, others=len(lock.foreign_codes), days=days)


def capacity_of(lock: SmartLock, ours: int, ahead: Sequence[Day]) -> Capacity:
    """How full a lock is now, with so many codes of ours, and on the days ahead."""
    places = capacity.places_of(lock.device_type)
    taken = ours + len(lock.foreign_codes)
    tone, sentence = _forecast(ahead, places)
    return Capacity(
        taken=min(taken, places),
        places=places,
        sentence=_("%(taken)d of %(places)d places for codes are taken now.")
        % {"taken": taken, "places": places},
        forecast=sentence,
        line=_("Dashed line: all %(places)d places") % {"places": places},
        tone=tone,
        bars=[_bar(number, one, places) for number, one in enumerate(ahead)],
        width=len(ahead) * (BAR + GAP),
        tallest=TALLEST,
        first_day=ahead[0].day,
        last_day=ahead[-1].day,
    )


def _forecast(ahead: Sequence[Day], places: int) -> tuple[Tone, str]:
    most = max(one.codes for one in ahead)
    full = forecast.first_full(ahead, places)
    facts = {
        "days": len(ahead),
        "most": most,
        "places": places,
        "day": date_format(full.day, "LONG_WEEKDAY") if full else "",
    }
    if full is None:
        return (
            Tone.LOOK if most >= places * NEARLY_FULL else Tone.READY,
            _("There is room for all stays of the next %(days)d days: they need %(most)d places at most.")
            % facts,
        )
    words = _(
        "On %(day)s no place is left: up to %(most)d of %(places)d are needed. "
        "Delete codes that you do not need in the Nuki app."
    )
    return Tone.ACT if most > places else Tone.LOOK, words % facts


def _bar(number: int, one: Day, places: int) -> Bar:
    height = max(1 if one.codes else 0, min(TALLEST, round(one.codes * TALLEST / places)))
    tone = (
        Tone.ACT if one.codes >= places else Tone.LOOK if one.codes >= places * NEARLY_FULL else Tone.PLANNED
    )
    title = _("%(day)s: %(codes)d of %(places)d") % {
        "day": date_format(one.day, "WEEKDAY"),
        "codes": one.codes,
        "places": places,
    }
    return Bar(number * (BAR + GAP), TALLEST - height, BAR, height, tone, title)


def _midnight(day: date, zone: str) -> datetime:
    return wall_clock.arrival(wall_clock.at(day, time.min), zone)
