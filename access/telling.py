"""When guests are told their code: a property's choice. Pure."""

from datetime import datetime, time, timedelta

from properties import wall_clock

LAST_HOURS = timedelta(hours=2)  # before arrival: nobody stands at the door before the message comes


def due_at(*, starts_at: datetime, zone: str, days: int | None, at: time, now: datetime) -> datetime:
    """When a message that could go out now goes out: at once, or so many days before arrival at that time.

    A stay that is nearer than that is told at once.
    """
    if days is None:
        return now
    day = wall_clock.shown(starts_at, zone).date() - timedelta(days=days)
    chosen = wall_clock.arrival(wall_clock.at(day, at), zone)
    return max(now, min(chosen, starts_at - LAST_HOURS))
