"""What goes wrong by itself as time passes: locks go offline, the service fails, hosts use the app.

Planned from the mix as events. A mix without such faults plans nothing, and takes back what was planned.
"""

import heapq
import math
from dataclasses import replace
from datetime import datetime, timedelta

from nuki_gateway.simulator import doors, foreign_codes, telling, zones
from nuki_gateway.simulator.authorization import Authorization
from nuki_gateway.simulator.device import Device
from nuki_gateway.simulator.engine import Engine
from nuki_gateway.simulator.mix import Mix
from nuki_gateway.simulator.operations import BY_MIX
from nuki_gateway.simulator.orders import Span
from nuki_gateway.simulator.world import Event, EventKind, Invite, Lock, OfflineWrites

DAY = 24 * 60 * 60.0
HOUR = 60 * 60.0
SHORTEST_SPELL, LONGEST_SPELL = 5 * 60.0, 72 * HOUR
SHORTEST_BURST, LONGEST_BURST = 60.0, 30 * 60.0
LONGEST_WAIT = (
    6 * HOUR
)  # for a write, before it is dropped or after the lock is back (ours: reports disagree)
CLOCK_ERROR = 120.0  # seconds
UNAVAILABLE = 503
HALF = 0.5
FEW_FOREIGN_CODES = 6
NEARLY_FULL = 10  # places that a crowded lock has left at most

PLANNED = frozenset(
    {EventKind.LOCK_LEAVES, EventKind.LOCK_RETURNS, EventKind.SERVICE_FAILS, EventKind.HOST_EDITS}
)
UNAWAITED = PLANNED | {
    EventKind.DAILY_SYNC,
    EventKind.LATE_LOG_ARRIVES,
    EventKind.LATE_WEBHOOK_DUE,
    EventKind.WRITES_DROPPED,
    EventKind.WRITES_RELEASED,
}


def change_mix(engine: Engine, mix: Mix) -> None:
    """Let go wrong by chance what this mix says; what the one before had planned or begun is over."""
    engine.run_due()
    with engine.change() as at:
        _end_what_was_drawn(engine, at=at)
        engine.world.mix = mix
        if mix == Mix.NONE:
            return
        _plan_burst(engine, at=at)
        for lock in engine.world.locks.values():
            _begin(engine, lock, at=at)


def lock_added(engine: Engine, lock: Lock, *, at: datetime) -> None:
    """Let the mix have its part in a lock that is new."""
    if engine.world.mix != Mix.NONE:
        _begin(engine, lock, at=at)


def lock_leaves(engine: Engine, event: Event) -> None:
    """Take a lock offline for some hours; what is written meanwhile fares in one of the reported ways."""
    lock, at = engine.lock(event.smartlock_id), event.due_at
    stream = f"offline:{lock.smartlock_id}"
    if not lock.device.online:
        _plan_leaving(engine, lock, at=at)
        return
    wait = engine.world.chance(stream) * LONGEST_WAIT
    dropped = engine.world.chance(stream) < HALF
    doors.lose_contact(
        engine,
        lock,
        writes=OfflineWrites.DELIVERED_ON_RETURN,
        at=at,
        dropped_after_seconds=wait if dropped else 0.0,
        delivered_after_seconds=0.0 if dropped else wait,
    )
    seconds = _exponential(engine, stream, engine.world.mix.offline_hours * HOUR)
    return_later(engine, lock, seconds=min(max(seconds, SHORTEST_SPELL), LONGEST_SPELL), at=at, body=BY_MIX)


def return_later(engine: Engine, lock: Lock, *, seconds: float, at: datetime, body: str = "") -> None:
    """Let a lock that is offline come back by itself."""
    engine.plan(EventKind.LOCK_RETURNS, at=at, seconds=seconds, smartlock_id=lock.smartlock_id, body=body)


def lock_returns(engine: Engine, event: Event) -> None:
    """Bring a lock back, unless somebody has done so before."""
    lock = engine.lock(event.smartlock_id)
    if not lock.device.online:
        doors.regain_contact(engine, lock, at=event.due_at)
    if event.body == BY_MIX:
        _plan_leaving(engine, lock, at=event.due_at)


def service_fails(engine: Engine, event: Event) -> None:
    """Answer everybody with 5xx for some minutes."""
    share = engine.world.chance("burst")
    seconds = SHORTEST_BURST + (LONGEST_BURST - SHORTEST_BURST) * share
    ends_at = event.due_at + timedelta(seconds=seconds)
    engine.world.orders.spans.append(Span(ends_at, UNAVAILABLE, drawn=True))
    _plan_burst(engine, at=ends_at)


def host_edits(engine: Engine, event: Event) -> None:
    """Let the host touch one of our codes in the Nuki app, or make one beside it; the cloud hears late."""
    lock = engine.lock(event.smartlock_id)
    found = lock.device.find(event.subject_id)
    if found is None:
        return
    stream, device = f"host:{lock.smartlock_id}", lock.device
    choice = int(engine.world.chance(stream) * 5)
    if choice == 0:
        changed = replace(found, allowed_until=event.due_at + timedelta(days=1))
        done, whose = "changed", device.change(found.serial, changed)
    elif choice == 1:
        done, whose = "disabled", device.change(found.serial, replace(found, enabled=False))
    elif choice == 2:  # noqa: PLR2004  a place in the list of what hosts do
        done, whose = "renamed", device.change(found.serial, replace(found, name="Guest"))
    elif choice == 3 or len(device.codes()) >= device.capacity:  # noqa: PLR2004  the same
        device.remove(found.serial)
        done, whose = "deleted", found
    else:
        done, whose = "added", _add_in_the_app(engine, lock, at=event.due_at)
    telling.changed_in_the_app(engine, lock, done, whose)


def is_ignored(engine: Engine, invite: Invite) -> bool:
    """Say whether the person leaves this invite lying; once decided, for good."""
    if invite.ignored is None:
        invite.ignored = engine.script.take_ignored_invite()
    return invite.ignored


def _begin(engine: Engine, lock: Lock, *, at: datetime) -> None:
    _plan_leaving(engine, lock, at=at)
    if lock.furnished:
        return
    lock.furnished = True
    world, stream = engine.world, f"lock:{lock.smartlock_id}"
    if world.happens(world.mix.odd_clocks, stream):
        _spoil_clock(lock.device, world.chance(stream))
    if lock.device.keypad is not None and world.mix.crowded_locks > 0:
        crowded = world.chance(stream) < world.mix.crowded_locks
        share = world.chance(stream)
        count = int(share * FEW_FOREIGN_CODES)
        if crowded:
            count = lock.device.capacity - len(lock.device.codes()) - int(share * NEARLY_FULL)
        foreign_codes.fill(engine, lock, count, known_to_cloud=True, at=at)


def _spoil_clock(device: Device, share: float) -> None:
    if share < HALF:
        device.clock_offset_seconds = CLOCK_ERROR if share < HALF / 2 else -CLOCK_ERROR
    else:
        device.time_zone_id = (device.time_zone_id + 1) % len(zones.NAMES)


def _plan_leaving(engine: Engine, lock: Lock, *, at: datetime) -> None:
    rate = engine.world.mix.offline_spells_a_day
    if rate > 0:
        seconds = _exponential(engine, f"offline:{lock.smartlock_id}", DAY / rate)
        engine.plan(
            EventKind.LOCK_LEAVES, at=at, seconds=seconds, smartlock_id=lock.smartlock_id, body=BY_MIX
        )


def _plan_burst(engine: Engine, *, at: datetime) -> None:
    rate = engine.world.mix.bursts_a_day
    if rate > 0:
        seconds = _exponential(engine, "burst", DAY / rate)
        engine.plan(EventKind.SERVICE_FAILS, at=at, seconds=seconds, body=BY_MIX)


def _end_what_was_drawn(engine: Engine, *, at: datetime) -> None:
    world = engine.world
    drawn = [event for event in world.events if event.kind in PLANNED and event.body == BY_MIX]
    world.events = [event for event in world.events if event not in drawn]
    heapq.heapify(world.events)
    world.orders.spans = [span for span in world.orders.spans if not span.drawn]
    for event in drawn:
        lock = world.locks.get(event.smartlock_id)
        if event.kind is EventKind.LOCK_RETURNS and lock is not None and not lock.device.online:
            doors.regain_contact(engine, lock, at=at)


def _add_in_the_app(engine: Engine, lock: Lock, *, at: datetime) -> Authorization:
    code = foreign_codes.free_code(engine.world, lock)
    return foreign_codes.add(engine, lock, "Added by the host", code, known=False, at=at)


def _exponential(engine: Engine, stream: str, mean: float) -> float:
    """Return a waiting time of this mean, in seconds, for something that can happen at any moment alike."""
    return -math.log(1.0 - engine.world.chance(stream)) * mean
