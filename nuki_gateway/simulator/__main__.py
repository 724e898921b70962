"""Run the simulator as a process of its own.

    python -m nuki_gateway.simulator --port 8010 [--host 127.0.0.1] [--world world.json] [--state state.json]

Prints one line when it listens and ends on SIGTERM or SIGINT. The page is at `/`. The world file says what
exists at the first start; once there is a state file, that one is continued, operations on their way
included.

    {"timings": {"operation_seconds": 1.5},
     "accounts": [{"name": "Alice", "token": "alice-token", "locks": [
       {"name": "Front door", "type": 4, "keypad": "keypad2", "time_zone_id": 37,
        "online": true, "smartlock_id": 17900000001, "battery": 80}]}]}

Of a lock only the name is needed. `keypad` is "keypad", "keypad2" or null; `type` is 0, 2, 3, 4 or 5; an
account may have "scopes"; the timings are those of `Timings`, in seconds. A world file that cannot be used
ends the process with status 2.
"""

import argparse
import signal
import sys
from pathlib import Path
from threading import Event

from nuki_gateway.simulator import world_file
from nuki_gateway.simulator.clock import WallClock
from nuki_gateway.simulator.simulator import Simulator
from nuki_gateway.simulator.world_file import WorldFileIsBad

BAD_WORLD = 2


def main() -> int:
    """Serve until a signal says to end; return the process's status."""
    arguments = _arguments()
    try:
        simulator = _simulator(arguments.world, arguments.state)
    except WorldFileIsBad as problem:
        sys.stderr.write(f"{problem}\n")
        return BAD_WORLD
    ending = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    with simulator.serve(port=arguments.port, host=arguments.host) as url:
        sys.stdout.write(f"The Nuki simulator listens at {url}\n")
        sys.stdout.flush()
        ending.wait()
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m nuki_gateway.simulator",
        description="A stand-in for the Nuki Web API that behaves as badly as the real one.",
    )
    parser.add_argument("--port", type=int, required=True, help="where to listen; 0 takes a free one")
    parser.add_argument("--host", default="127.0.0.1", help="which address to listen on")
    parser.add_argument("--world", type=Path, help="what exists at the first start, as JSON")
    parser.add_argument("--state", type=Path, help="where the world is kept between starts, as JSON")
    return parser.parse_args()


def _simulator(world_path: Path | None, state_path: Path | None) -> Simulator:
    world = {} if world_path is None else world_file.read(world_path)
    continued = state_path is not None and state_path.exists()
    simulator = Simulator(clock=WallClock(), timings=world_file.timings(world), state_path=state_path)
    if not continued:
        world_file.build(simulator, world)
    return simulator


if __name__ == "__main__":
    sys.exit(main())
