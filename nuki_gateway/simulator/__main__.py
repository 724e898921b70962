"""Run the simulator as a program of its own: `python -m nuki_gateway.simulator --port 8010`.

Prints one line for each address when it listens, and ends on SIGTERM or SIGINT with status 0. What cannot be
used (an argument, a file, a port) ends it at once with status 2 and one sentence. Without a world file there
is the default world, one account with seven locks; once there is a state file, that one is continued,
operations on their way included. docs/simulator.md describes the options, the world file and the page.
"""

import argparse
import contextlib
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import NoReturn

from nuki_gateway.simulator import mix, world_file
from nuki_gateway.simulator.clock import WallClock
from nuki_gateway.simulator.simulator import Simulator
from nuki_gateway.simulator.state_file import StateFileIsBad
from nuki_gateway.simulator.world_file import WorldFileIsBad

PROGRAM = "python -m nuki_gateway.simulator"
UNUSABLE = 2
LARGEST_PORT = 65535
DEFAULT_TOKEN = "simulator"  # noqa: S105  of the default world, documented


class ArgumentIsBad(Exception):
    """An argument cannot be used, alone or beside the others; the text is one sentence that says why."""


class _Parser(argparse.ArgumentParser):
    """Refuses with a sentence instead of the usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(UNUSABLE, f"{message[:1].upper()}{message[1:]}; see {PROGRAM} --help.\n")


def main() -> int:
    """Serve until a signal says to end; return the process's status."""
    arguments = _arguments()
    ending = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    try:
        simulator = _simulator(arguments)
        with _serving(simulator, arguments) as lines:
            sys.stdout.write("".join(f"{line}\n" for line in lines))
            sys.stdout.flush()
            ending.wait()
    except (ArgumentIsBad, WorldFileIsBad, StateFileIsBad) as problem:
        sys.stderr.write(f"{problem}\n")
        return UNUSABLE
    return 0


def _arguments() -> argparse.Namespace:
    parser = _Parser(
        prog=PROGRAM,
        description="A stand-in for the Nuki Web API that behaves as badly as the real one.",
        epilog="The page for people is at / of the control port, or of the API's port when there is none.",
    )
    parser.add_argument("--port", type=_port, required=True, help="where the API listens; 0 takes a free one")
    parser.add_argument(
        "--control-port",
        type=_port,
        help="where the page and its control calls listen, on this machine only; without it, at the API's",
    )
    parser.add_argument("--host", default="127.0.0.1", help="which address the API listens on")
    parser.add_argument(
        "--token", help=f"the API token of the default world's account (default: {DEFAULT_TOKEN})"
    )
    parser.add_argument("--world", type=Path, help="what exists at the first start, as JSON")
    parser.add_argument("--seed", type=int, default=1, help="what every random choice follows from")
    parser.add_argument("--state", type=Path, help="where the world is kept between starts, as JSON")
    parser.add_argument(
        "--mix", choices=list(mix.NAMED), help="how often something goes wrong by itself (default: none)"
    )
    return parser.parse_args()


def _port(text: str) -> int:
    number = int(text) if text.isdecimal() else -1
    if not 0 <= number <= LARGEST_PORT:
        raise argparse.ArgumentTypeError(f"{text} is no port")
    return number


def _simulator(arguments: argparse.Namespace) -> Simulator:
    """Make the simulator and its world; raises ArgumentIsBad, WorldFileIsBad or StateFileIsBad."""
    if arguments.world is not None and arguments.token is not None:
        raise ArgumentIsBad("--token is for the default world; a world file names its own tokens.")
    if arguments.state is not None and not arguments.state.absolute().parent.is_dir():
        raise ArgumentIsBad(f"The directory of the state file {arguments.state} does not exist.")
    token = DEFAULT_TOKEN if arguments.token is None else arguments.token
    world = world_file.default(token=token) if arguments.world is None else world_file.read(arguments.world)
    continued = arguments.state is not None and arguments.state.exists()
    simulator = Simulator(
        clock=WallClock(),
        timings=world_file.timings(world),
        seed=arguments.seed,
        state_path=arguments.state,
        mix=None if arguments.mix is None else mix.NAMED[arguments.mix],
    )
    if not continued:
        world_file.build(simulator, world)
    elif arguments.token is not None:
        _require_known_token(simulator, arguments.token)
    return simulator


def _require_known_token(simulator: Simulator, token: str) -> None:
    if all(account.token != token for account in simulator.world.accounts):
        raise ArgumentIsBad(
            "The state file was made with another --token; give that one, or begin anew without the file."
        )


@contextlib.contextmanager
def _serving(simulator: Simulator, arguments: argparse.Namespace) -> Iterator[list[str]]:
    """Listen; yields the lines that say where. Raises ArgumentIsBad when an address cannot be had."""
    with contextlib.ExitStack() as listening:
        try:
            if arguments.control_port is None:
                api = listening.enter_context(simulator.serve(port=arguments.port, host=arguments.host))
                lines = [f"The Nuki simulator listens at {api}"]
            else:
                api, page = listening.enter_context(
                    simulator.serve_apart(
                        port=arguments.port, control_port=arguments.control_port, host=arguments.host
                    )
                )
                lines = [f"The Nuki simulator listens at {api}", f"Its page and control calls are at {page}"]
        except OSError as error:
            ports = [one for one in (arguments.port, arguments.control_port) if one is not None]
            raise ArgumentIsBad(
                f"The simulator cannot listen on {arguments.host}, port {' and '.join(map(str, ports))}: "
                f"{error.strerror}."
            ) from error
        yield lines


if __name__ == "__main__":
    sys.exit(main())
