"""Reading a world file: which accounts and locks exist when a simulator starts for the first time.

    {"timings": {"operation_seconds": 1.5},
     "accounts": [{"name": "Alice", "token": "alice-token", "locks": [
       {"name": "Front door", "type": 4, "keypad": "keypad2", "time_zone_id": 37,
        "online": true, "smartlock_id": 17900000001, "battery": 80,
        "codes": [{"name": "Caretaker", "code": "384174"}]}]}]}

Of a lock only the name is needed. `keypad` is "keypad", "keypad2" or null; `type` is 0, 2, 3, 4 or 5; an
account may have "scopes", and a "kind" of integration such as SHORT_RENTAL; the timings are those of
`Timings`, in seconds; the codes are on the lock, and the cloud knows them. Programs that sign accounts in by
OAuth stand beside the accounts:

    {"oauth_clients": [{"client_id": "portal", "secret": "s", "redirect_uris": ["http://127.0.0.1/back"]}]}
"""

import dataclasses
import json
from pathlib import Path
from typing import Any

from nuki_gateway.simulator import synchronise
from nuki_gateway.simulator.checks import CODE, LONGEST_KEYPAD_NAME
from nuki_gateway.simulator.device import DeviceRefused
from nuki_gateway.simulator.making import CannotBeMade
from nuki_gateway.simulator.simulator import Simulator
from nuki_gateway.simulator.timings import Timings
from nuki_gateway.simulator.world import ALL_SCOPES, ONLY_SECRET, Lock

DEFAULT = Path(__file__).with_name("default_world.json")
TOP_KEYS = {"timings", "accounts", "oauth_clients"}
ACCOUNT_KEYS = {"name", "token", "locks", "scopes", "kind"}
LOCK_KEYS = {
    "name": str,
    "type": int,
    "keypad": str | None,
    "time_zone_id": int,
    "online": bool,
    "smartlock_id": int,
    "battery": int,
    "clock_offset_seconds": int | float,
    "codes": list,
}
CODE_KEYS = {"name", "code"}
CLIENT_KEYS = {"client_id", "secret", "redirect_uris"}


class WorldFileIsBad(Exception):
    """The world file cannot be used; the text is one sentence that says why."""


def default(*, token: str) -> dict[str, Any]:
    """Return the world that exists when nobody gives one: one account, which has this API token."""
    world = read(DEFAULT)
    world["accounts"][0]["token"] = token
    return world


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
    """Make the file's accounts and locks; raises WorldFileIsBad. None of it counts as having happened."""
    for account in _list(world, "accounts", "The world"):
        _check_keys("An account", account, ACCOUNT_KEYS)
        name, token = account.get("name"), account.get("token")
        if not isinstance(name, str) or not isinstance(token, str):
            raise WorldFileIsBad("Every account needs a 'name' and a 'token', both texts.")
        scopes = _list(account, "scopes", f"Account '{name}'") if "scopes" in account else ALL_SCOPES
        kind = account.get("kind", ONLY_SECRET)
        try:
            owner = simulator.add_account(name=name, token=token, scopes=scopes, kind=kind)
            for lock in _list(account, "locks", f"Account '{name}'"):
                made = simulator.add_lock(owner, **_lock(lock, name))
                _add_codes(simulator, made, lock.get("codes", []))
        except CannotBeMade as problem:
            raise WorldFileIsBad(str(problem)) from problem
    for client in _list(world, "oauth_clients", "The world"):
        _add_oauth_client(simulator, client)
    simulator.engine.happenings.clear()


def _add_oauth_client(simulator: Simulator, client: Any) -> None:
    _check_keys("An OAuth client", client, CLIENT_KEYS)
    client_id, secret = client.get("client_id"), client.get("secret")
    addresses = _list(client, "redirect_uris", "An OAuth client")
    if not all(isinstance(one, str) for one in (client_id, secret, *addresses)):
        raise WorldFileIsBad(
            "An OAuth client needs a 'client_id', a 'secret' and 'redirect_uris', all texts."
        )
    try:
        simulator.add_oauth_client(client_id=client_id, secret=secret, redirect_uris=addresses)
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
    return {("device_type" if key == "type" else key): value for key, value in lock.items() if key != "codes"}


def _add_codes(simulator: Simulator, lock: Lock, codes: list[Any]) -> None:
    where = f"A code of lock '{lock.name}'"
    if not codes:
        return
    for one in codes:
        _check_keys(where, one, CODE_KEYS)
        name, code = one.get("name"), one.get("code")
        if not isinstance(name, str) or not 1 <= len(name) <= LONGEST_KEYPAD_NAME:
            raise WorldFileIsBad(f"{where} needs a 'name' of 1 to {LONGEST_KEYPAD_NAME} characters.")
        if not isinstance(code, str) or CODE.fullmatch(code) is None:
            raise WorldFileIsBad(f"{where} needs a 'code' of six digits 1 to 9 that does not start with 12.")
        try:
            simulator.in_the_app(lock.smartlock_id).add_code(name, code)
        except DeviceRefused as refusal:
            raise WorldFileIsBad(f"{where} stands there twice, or there are too many.") from refusal
    with simulator.engine.change() as at:
        synchronise.synchronise(simulator.engine, lock, at=at)


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
