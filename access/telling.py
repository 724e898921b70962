"""When guests are told their code: a property's choice. Pure."""

from datetime import datetime, time, timedelta

from properties import wall_clock

SETTLING = timedelta(minutes=3)  # several changes within it make one message; one that is undone makes none
ABOUT_TO_ARRIVE = timedelta(hours=1)  # too near for that
LONG_TOLD = timedelta(days=1)  # whoever was told later than this needs no reminder
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


def settled_at(*, starts_at: datetime, now: datetime) -> datetime:
    """When a change that was made now is told: once it had time to be followed by others, or undone."""
    return now if starts_at - now <= ABOUT_TO_ARRIVE else now + SETTLING


def reminded_at(*, starts_at: datetime, zone: str, at: time | None, told_at: datetime) -> datetime | None:
    """When on the day of arrival a guest is reminded; None where it was told so lately, or never is."""
    if at is None:
        return None
    chosen = due_at(starts_at=starts_at, zone=zone, days=0, at=at, now=told_at)
    return chosen if chosen - told_at > LONG_TOLD else None
