"""Fire drills: what can be made to go wrong from outside, each with the words that a page shows for it."""

import math
import re
from typing import Any

from nuki_gateway.simulator import telling
from nuki_gateway.simulator.device import DeviceRefused
from nuki_gateway.simulator.drill import Drill, Parameter, Scope, Values
from nuki_gateway.simulator.engine import Engine
from nuki_gateway.simulator.forgeries import NothingToReplay
from nuki_gateway.simulator.lock_drills import LOCK_DRILLS
from nuki_gateway.simulator.scenes import Scenes
from nuki_gateway.simulator.wide_drills import ACCOUNT_DRILLS, WORLD_DRILLS
from nuki_gateway.simulator.world import Account, Lock

DRILLS = (*LOCK_DRILLS, *ACCOUNT_DRILLS, *WORLD_DRILLS)


class UnknownDrill(Exception):
    """There is no drill of this key."""


class UnknownTarget(Exception):
    """The drill names a lock or an account that does not exist, or none at all."""


class BadParameter(Exception):
    """A parameter of a drill is unknown or cannot be; the text is a sentence."""


class CannotBeDone(Exception):
    """The drill fits nothing in the world as it is; the text is a sentence."""


def run(engine: Engine, key: str, body: Values) -> None:
    """Run a drill on what the body names; raises UnknownDrill, UnknownTarget, BadParameter, CannotBeDone."""
    drill = next((one for one in DRILLS if one.key == key), None)
    if drill is None:
        raise UnknownDrill
    target = _target(engine, drill.scope, body)
    values = _values(drill, body)
    try:
        drill.run(Scenes(engine), target, values)
    except KeyError as problem:
        raise CannotBeDone("The lock has nothing of this name.") from problem
    except DeviceRefused as problem:
        raise CannotBeDone("The lock refuses: it holds this code already, or it is full.") from problem
    except NothingToReplay as problem:
        raise CannotBeDone(str(problem)) from problem
    engine.changed = True
    telling.ordered(engine, drill.words, smartlock_id=target.smartlock_id if isinstance(target, Lock) else 0)


def _target(engine: Engine, scope: Scope, body: Values) -> Lock | Account | None:
    if scope is Scope.WORLD:
        return None
    if scope is Scope.LOCK:
        for lock in engine.world.locks.values():
            if lock.smartlock_id == body.get("smartlock_id"):
                return lock
        raise UnknownTarget("There is no such lock.")
    for account in engine.world.accounts:
        if account.account_id == body.get("account_id"):
            return account
    raise UnknownTarget("There is no such account.")


def _values(drill: Drill, body: Values) -> Values:
    known = {one.name: one for one in drill.parameters}
    given = {name: value for name, value in body.items() if name not in {"smartlock_id", "account_id"}}
    for name, value in given.items():
        if name not in known:
            raise BadParameter(f"The drill takes no '{name}'.")
        _check(known[name], value)
    return {**{name: one.default for name, one in known.items()}, **given}


def _check(parameter: Parameter, value: Any) -> None:
    if isinstance(parameter.default, bool):
        fits = isinstance(value, bool)
    elif isinstance(parameter.default, str):
        fits = isinstance(value, str) and (not parameter.choices or value in parameter.choices)
        fits = fits and re.fullmatch(parameter.pattern, value) is not None
    else:
        fits = _is_number(value, whole=isinstance(parameter.default, int))
        fits = fits and parameter.least <= value <= parameter.most
    if not fits:
        raise BadParameter(f"The parameter '{parameter.name}' cannot be that.")


def _is_number(value: Any, *, whole: bool) -> bool:
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        return False
    return math.isfinite(value)
