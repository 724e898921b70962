"""Keypad codes that somebody else makes: in the Nuki app at the door, before us or at the same moment."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from nuki_gateway.simulator import news
from nuki_gateway.simulator.answers import Request
from nuki_gateway.simulator.authorization import Authorization, AuthorizationType
from nuki_gateway.simulator.engine import Engine
from nuki_gateway.simulator.world import Entry, Lock, World

OWNERS = ("Cleaner", "Neighbour", "Caretaker", "Family", "Tradesman")
DIGITS = 6
CREATING = "PUT"


def fill(engine: Engine, lock: Lock, count: int, *, known_to_cloud: bool, at: datetime) -> int:
    """Make so many foreign codes, as far as the lock has room; return how many were made."""
    room = lock.device.capacity - len(lock.device.codes())
    for place in range(min(count, room)):
        owner = OWNERS[place % len(OWNERS)]
        add(engine, lock, f"{owner} {place + 1}", free_code(engine.world, lock), known=known_to_cloud, at=at)
    return max(0, min(count, room))


def add(engine: Engine, lock: Lock, name: str, code: str, *, known: bool, at: datetime) -> Authorization:
    """Make one code on the device, and in the cloud's copy if the cloud knows it; raises DeviceRefused."""
    wanted = Authorization(name=name, type=AuthorizationType.KEYPAD_CODE, code=code)
    made = lock.device.add(wanted)
    if known:
        entry = Entry(engine.world.new_id(at), made, at, at, listed=True, serial=made.serial)
        lock.copy.entries[entry.id] = entry
        news.announce_authorization(engine, lock, entry, at=at)
    return made


def free_code(world: World, lock: Lock) -> str:
    """Return a code that a keypad takes and that the device does not hold."""
    taken = {one.code for one in lock.device.codes()}
    while True:
        digits = [1 + int(world.chance(f"foreign:{lock.smartlock_id}") * 9) for _ in range(DIGITS)]
        code = "".join(map(str, digits))
        if code not in taken and not code.startswith("12"):
            return code


def collide(engine: Engine, request: Request, smartlock_ids: Iterable[int], *, at: datetime) -> None:
    """Let somebody make the code that this call creates just before it, where that is ordered or drawn."""
    code = _new_code(request)
    if code is None:
        return
    for smartlock_id in sorted(smartlock_ids):
        lock = engine.world.locks.get(smartlock_id)
        if lock is None or any(one.code == code for one in lock.device.codes()):
            continue
        known = engine.script.take_collision(smartlock_id)
        if known is not None and len(lock.device.codes()) < lock.device.capacity:
            add(engine, lock, "Made in the app", code, known=known, at=at)


def _new_code(request: Request) -> str | None:
    if request.method != CREATING:
        return None
    try:
        body: Any = json.loads(request.body)
    except ValueError:
        return None
    if not isinstance(body, dict) or body.get("type") != AuthorizationType.KEYPAD_CODE:
        return None
    code = body.get("code")
    return str(code) if isinstance(code, int) else None
