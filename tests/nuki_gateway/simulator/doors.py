"""What a test asks about one door: the service's list, and the lock itself."""

from collections.abc import Callable

from nuki_gateway.simulator import Simulator
from nuki_gateway.simulator.world import Lock
from tests.nuki_gateway.simulator.caller import Caller

Order = Callable[[Simulator, Lock], object]


def path(door: Lock) -> str:
    return f"/smartlock/{door.smartlock_id}/auth"


def listed(nuki: Caller, door: Lock) -> list[str]:
    return [one["name"] for one in nuki("GET", path(door)).json]


def on_the_lock(simulator: Simulator, door: Lock) -> list[str]:
    return [one.name for one in simulator.codes_on(door.smartlock_id)]


def opens(simulator: Simulator, door: Lock, code: str = "384174") -> bool:
    return simulator.type_code(door.smartlock_id, code).opened


def sync(simulator: Simulator, nuki: Caller, door: Lock) -> None:
    assert nuki("POST", f"/smartlock/{door.smartlock_id}/sync").status == 204
    simulator.settle()
