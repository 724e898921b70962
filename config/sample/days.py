"""Arrivals and departures by days from today, worked out once for each day and zone."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cache

from properties import wall_clock

CHECK_IN, CHECK_OUT = time(15), time(10)


@dataclass(frozen=True)
class Moment:
    """An instant, and what the clocks of the house show then, as it is kept."""

    at: datetime
    text: str
    on_the_wall: str


class Days:
    """The days around a moment, on one zone's clocks."""

    def __init__(self, moment: datetime, zone: str) -> None:
        self.moment = moment
        self._zone = zone
        self._today = wall_clock.shown(moment, zone).date()
        self.arrival = cache(self._arrival)
        self.departure = cache(self._departure)

    def _arrival(self, day: int) -> Moment:
        on_the_wall = wall_clock.at(self._today + timedelta(days=day), CHECK_IN)
        return self._moment(wall_clock.arrival(on_the_wall, self._zone))

    def _departure(self, day: int) -> Moment:
        on_the_wall = wall_clock.at(self._today + timedelta(days=day), CHECK_OUT)
        return self._moment(wall_clock.departure(on_the_wall, self._zone))

    def _moment(self, at: datetime) -> Moment:
        return Moment(at.astimezone(UTC), at.isoformat(), wall_clock.kept(at, self._zone))
