"""Reading a world file: which accounts and locks exist when a simulator starts for the first time."""

import dataclasses
import json
from pathlib import Path
from typing import Any

from nuki_gateway.simulator.making import CannotBeMade
from nuki_gateway.simulator.simulator import Simulator
from nuki_gateway.simulator.timings import Timings

TOP_KEYS = {"timings", "accounts"}
ACCOUNT_KEYS = {"name", "token", "locks", "scopes"}
LOCK_KEYS = {
    "name": str,
    "type": int,
    "keypad": str | None,
    "time_zone_id": int,
    "online": bool,
    "smartlock_id": int,
    "battery": int,
    "clock_offset_seconds": int | float,
}


class WorldFileIsBad(Exception):
    """The world file cannot be used; the text is one sentence that says why."""


def read(path: Path) -> dict[str, Any]:
    """Return the file's content; raises WorldFileIsBad."""
    try:
        world = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise WorldFileIsBad(f"The world file {path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise WorldFileIsBad(f"The world file {path} is not JSON: {error}.") from error
    _check_keys("The world", world, TOP_KEYS)
    return dict(world)


def timings(world: dict[str, Any]) -> Timings:
    """Return the timings with the file's changes; raises WorldFileIsBad."""
    wanted = world.get("timings", {})
    _check_keys("'timings'", wanted, {one.name for one in dataclasses.fields(Timings)})
    for name, seconds in wanted.items():
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < 0:
            raise WorldFileIsBad(f"The timing '{name}' is {seconds!r} and must be a number of seconds.")
    return Timings(**wanted)


def build(simulator: Simulator, world: dict[str, Any]) -> None:
    """Make the file's accounts and locks; raises WorldFileIsBad."""
    for account in _list(world, "accounts", "The world"):
        _check_keys("An account", account, ACCOUNT_KEYS)
        name, token = account.get("name"), account.get("token")
        if not isinstance(name, str) or not isinstance(token, str):
            raise WorldFileIsBad("Every account needs a 'name' and a 'token', both texts.")
        scopes = {"scopes": _list(account, "scopes", f"Account '{name}'")} if "scopes" in account else {}
        try:
            owner = simulator.add_account(name=name, token=token, **scopes)
            for lock in _list(account, "locks", f"Account '{name}'"):
                simulator.add_lock(owner, **_lock(lock, name))
        except CannotBeMade as problem:
            raise WorldFileIsBad(str(problem)) from problem


def _lock(lock: Any, account: str) -> dict[str, Any]:
    where = f"A lock of account '{account}'"
    _check_keys(where, lock, set(LOCK_KEYS))
    if not isinstance(lock.get("name"), str):
        raise WorldFileIsBad(f"{where} needs a 'name', a text.")
    for key, value in lock.items():
        wanted = LOCK_KEYS[key]
        if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
            raise WorldFileIsBad(f"{where} has {value!r} for '{key}', which cannot be.")
    return {("device_type" if key == "type" else key): value for key, value in lock.items()}


def _check_keys(where: str, value: Any, known: set[str]) -> None:
    if not isinstance(value, dict):
        raise WorldFileIsBad(f"{where} must be an object.")
    unknown = sorted(set(value) - known)
    if unknown:
        raise WorldFileIsBad(
            f"{where} has the unknown key '{unknown[0]}'; known are {', '.join(sorted(known))}."
        )


def _list(value: dict[str, Any], key: str, where: str) -> list[Any]:
    found = value.get(key, [])
    if not isinstance(found, list):
        raise WorldFileIsBad(f"{where} has '{key}', which must be a list.")
    return found
