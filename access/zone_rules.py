"""Bringing stays in line with the rules of their zones, which change under them now and then.

What a stay was booked for is the time on the wall; its instants follow. Nearly always nothing has changed,
and then this only reads: each current and coming stay once, in batches, and writes nothing.
"""

from collections.abc import Iterator
from datetime import datetime

import structlog

from access import stays, wall_times
from access.models import Stay
from properties import tenancy, wall_clock

log = structlog.get_logger(__name__)

BATCH = 1000  # stays read at once
WRITTEN_AT_ONCE = 100  # in one statement, whose cost grows with the square of it


def follow(*, now: datetime, most: int) -> int:
    """Derive anew the times of at most so many stays; how many it were. Entered outside of any scope.

    A stay whose new times would overlap another's is left for people, with its ids in the log. So is one
    whose zone the database no longer has. A process with older rules than those that a stay was last worked
    out by leaves it alone: while a release goes out there are both, and they would undo each other's work.
    """
    with tenancy.across_organizations(because="rules of zones change for everybody"):
        moving = [(stay, shift) for stay in _current_and_coming(now) if (shift := _shift(stay))]
    moved = 0
    for stay, _ in sorted(moving, key=_one_after_another):
        if moved == most:
            break
        with tenancy.within(stay.organization):
            moved += _derive(stay, now)
    return moved


def _current_and_coming(now: datetime) -> Iterator[Stay]:
    """Stays that are neither over nor cancelled. Those without times on the wall get them, batch by batch."""
    last = 0
    while True:
        batch = list(
            Stay.objects.filter(ends_at__gt=now, cancelled_at=None, pk__gt=last)
            .select_related("organization", "unit__property")
            .order_by("pk")[:BATCH]
        )
        readable = [stay for stay in batch if _has_a_zone(stay)]
        # Whoever changes a stay meanwhile has the last word: a text of other instants is taken anew
        new = [stay for stay in readable if wall_times.keep(stay)]
        Stay.objects.bulk_update(new, wall_times.FIELDS, batch_size=WRITTEN_AT_ONCE)
        yield from readable
        if len(batch) < BATCH:
            return
        last = batch[-1].pk


def _has_a_zone(stay: Stay) -> bool:
    try:
        wall_clock.shown(stay.starts_at, stay.unit.property.time_zone)
    except wall_clock.UnknownTimeZone:
        log.warning("zone_is_unknown", stay_id=stay.pk, property_id=stay.unit.property_id)
        return False
    return True


def _shift(stay: Stay) -> float:
    """By how many seconds a stay is to move; 0 where it stays as it is."""
    before = stay.starts_at, stay.ends_at
    if not wall_times.derive(stay):
        return 0
    return (stay.starts_at - before[0]).total_seconds() or (stay.ends_at - before[1]).total_seconds()


def _one_after_another(moving: tuple[Stay, float]) -> tuple[bool, float]:
    """The order in which none runs into the next: those that become later from the last one backwards."""
    stay, shift = moving
    return shift > 0, -stay.starts_at.timestamp() if shift > 0 else stay.starts_at.timestamp()


def _derive(stay: Stay, now: datetime) -> bool:
    try:
        is_moved = stays.derive_times_anew(stay=stay, now=now)
    except (stays.UnitIsTaken, stays.StayEndsBeforeItStarts, wall_clock.UnknownTimeZone) as refusal:
        log.warning(
            "times_not_derived_anew", stay_id=stay.pk, unit_id=stay.unit_id, reason=type(refusal).__name__
        )
        return False
    if is_moved:
        log.info("times_derived_anew", stay_id=stay.pk, rules=wall_clock.RULES)
    return is_moved
