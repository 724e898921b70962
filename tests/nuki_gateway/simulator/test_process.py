"""The simulator as a process: its world file, its state file, its start and its end."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from nuki_gateway.simulator import Simulator, TurnedClock
from nuki_gateway.simulator.world import World
from tests.nuki_gateway.simulator.caller import Caller
from tests.nuki_gateway.simulator.conftest import START, keypad_code

LOCK_ID = 17900000001
WORLD: dict[str, Any] = {
    "timings": {"operation_seconds": 1.0, "lag_shortest_seconds": 0.0, "lag_longest_seconds": 0.1},
    "accounts": [
        {
            "name": "Alice",
            "token": "alice-token",
            "locks": [{"name": "Front door", "type": 4, "keypad": "keypad2", "smartlock_id": LOCK_ID}],
        }
    ],
}


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "nuki_gateway.simulator", *map(str, arguments)]


@contextmanager
def running(folder: Path) -> Iterator[tuple["subprocess.Popen[str]", Caller]]:
    (folder / "world.json").write_text(json.dumps(WORLD))
    arguments = command("--port", 0, "--world", folder / "world.json", "--state", folder / "state.json")
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        nuki = Caller(process.stdout.readline().split()[-1], "alice-token")
        try:
            yield process, nuki
        finally:
            nuki.close()
            process.kill()


def wait_until(condition: Callable[[], bool]) -> None:
    ends = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.05)


def test_a_killed_simulator_goes_on_where_it_was(tmp_path: Path) -> None:
    path = f"/smartlock/{LOCK_ID}/auth"
    with running(tmp_path) as (process, nuki):
        assert nuki("PUT", path, keypad_code()).status == 204
        wait_until(lambda: '"create"' in (tmp_path / "state.json").read_text())
        process.kill()

    with running(tmp_path) as (_, nuki):
        wait_until(lambda: nuki("GET", path).json != [])

        assert [one["name"] for one in nuki("GET", path).json] == ["Ada"]
        assert nuki("POST", f"/-/locks/{LOCK_ID}/type-code", {"code": "384174"}).json == {
            "opened": True,
            "reason": "open",
        }


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["terminated", "interrupted"])
def test_a_signal_ends_it_cleanly_and_leaves_its_state(tmp_path: Path, number: signal.Signals) -> None:
    with running(tmp_path) as (process, nuki):
        assert nuki("GET", "/-/health").status == 200
        process.send_signal(number)

        assert process.wait(timeout=10) == 0

    assert str(LOCK_ID) in (tmp_path / "state.json").read_text()


@pytest.mark.parametrize(
    ("world", "sentence"),
    [
        pytest.param("{", "is not JSON", id="not JSON"),
        pytest.param('{"doors": []}', "unknown key 'doors'", id="an unknown key"),
        pytest.param(
            '{"timings": {"sync_seconds": "2"}}', "must be a number of seconds", id="a timing in text"
        ),
        pytest.param('{"accounts": [{"name": "A"}]}', "needs a 'name' and a 'token'", id="no token"),
        pytest.param(
            '{"accounts": [{"name": "A", "token": "t", "locks": [{"name": "D", "type": 9}]}]}',
            "has type 9",
            id="a type that does not exist",
        ),
        pytest.param(
            '{"accounts": [{"name": "A", "token": "t", "locks": [{"name": "D", "online": 1}]}]}',
            "has 1 for 'online'",
            id="a number for a truth",
        ),
    ],
)
def test_a_bad_world_file_is_one_sentence_and_status_2(tmp_path: Path, world: str, sentence: str) -> None:
    (tmp_path / "world.json").write_text(world)

    ended = subprocess.run(
        command("--port", 0, "--world", tmp_path / "world.json"), capture_output=True, text=True, check=False
    )

    assert ended.returncode == 2
    assert sentence in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert ended.stdout == ""


def test_a_world_read_back_is_the_world_that_was_written(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    first = Simulator(clock=TurnedClock(START), state_path=path)
    alice = first.add_account(name="Alice", token="alice-token")
    door = first.add_lock(alice, name="Front door", keypad="keypad2")
    first.in_the_app(door.smartlock_id).add_code("Ada", "384174", allowed_from=START, weekdays=127)
    first.type_code(door.smartlock_id, "384174")
    first.take_offline(door.smartlock_id)
    first.save()

    second = Simulator(clock=TurnedClock(START), state_path=path)

    assert second.world == first.world
    assert isinstance(second.world, World)
    assert second.type_code(door.smartlock_id, "384174").opened


def test_the_same_seed_gives_the_same_world() -> None:
    ids = []
    for seed in (7, 7, 8):
        simulator = Simulator(clock=TurnedClock(datetime(2026, 5, 4, tzinfo=UTC)), seed=seed)
        account = simulator.add_account(name="Alice", token="alice-token")
        ids.append(simulator.add_lock(account, name="Front door").smartlock_id)

    assert ids[0] == ids[1]
    assert ids[0] != ids[2]
