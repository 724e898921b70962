"""The simulator as a process: its world file, its state file, its start and its end."""

import json
import os
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

from nuki_gateway.simulator import Simulator, TurnedClock, world_file
from nuki_gateway.simulator.world import World
from tests.nuki_gateway.simulator.caller import Caller
from tests.nuki_gateway.simulator.conftest import START, keypad_code

PROJECT = Path(__file__).resolve().parents[3]
LOCK_ID = 17900000001
ALICE_TOKEN = "alice-token"
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
def running(
    folder: Path, *others: object, token: str = ALICE_TOKEN
) -> Iterator[tuple["subprocess.Popen[str]", Caller]]:
    (folder / "world.json").write_text(json.dumps(WORLD))
    world = others or ("--world", folder / "world.json", "--state", folder / "state.json")
    arguments = command("--port", 0, *world)
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        nuki = Caller(process.stdout.readline().split()[-1], token)
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
            '{"accounts": [{"name": "A", "token": "t", "locks": [{"name": "D", "codes": [{"name": "B"}]}]}]}',
            "needs a 'code' of six digits",
            id="a code without digits",
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


def test_alone_it_serves_the_default_world_to_the_token_it_was_given(tmp_path: Path) -> None:
    with running(tmp_path, "--token", "mine", "--control-port", 0, token="mine") as (process, nuki):
        assert process.stdout is not None
        page = Caller(process.stdout.readline().split()[-1])
        locks = nuki("GET", "/smartlock").json
        statuses = [page("GET", "/").status, nuki("GET", "/").status, nuki("GET", "/-/health").status]
        typed = page("POST", f"/-/locks/{locks[0]['smartlockId']}/type-code", {"code": "384174"}).json
        page.close()

    assert [(lock["name"], lock["type"], lock["serverState"]) for lock in locks] == [
        ("House door", 4, 0),
        ("Attic flat", 5, 0),
        ("Garden flat", 0, 0),
        ("Courtyard gate", 2, 0),
        ("Bicycle cellar", 4, 0),
        ("Boat house", 4, 4),
        ("London mews", 3, 0),
    ]
    assert [lock["name"] for lock in locks if not has_keypad(lock)] == ["Bicycle cellar"]
    assert statuses == [200, 404, 200]
    assert typed == {"opened": True, "reason": "open"}


def has_keypad(lock: dict[str, Any]) -> bool:
    return bool(lock["config"]["keypadPaired"] or lock["config"]["keypad2Paired"])


def test_the_codes_of_a_world_file_are_on_the_lock_and_in_the_cloud() -> None:
    simulator = Simulator(clock=TurnedClock(START))
    lock = {"name": "Front door", "keypad": "keypad2", "codes": [{"name": "Caretaker", "code": "384174"}]}

    world_file.build(simulator, {"accounts": [{"name": "Alice", "token": "t", "locks": [lock]}]})

    (door,) = simulator.world.locks.values()
    assert simulator.type_code(door.smartlock_id, "384174").opened
    assert [entry.values.name for entry in door.copy.entries.values()] == ["Caretaker"]
    assert [one.kind for one in simulator.engine.happenings] == ["door"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        pytest.param(["--port", "http"], "http is no port", id="a port that is none"),
        pytest.param(["--port", "70000"], "70000 is no port", id="a port beyond all"),
        pytest.param([], "--port", id="no port"),
        pytest.param(["--port", "0", "--mix", "wild"], "invalid choice: 'wild'", id="an unknown mix"),
        pytest.param(["--port", "0", "--seed", "x"], "invalid int value", id="a seed in letters"),
        pytest.param(
            ["--port", "0", "--host", "192.0.2.1"],
            "cannot listen on 192.0.2.1, port 0: ",
            id="a strange host",
        ),
        pytest.param(["--port", "0", "--world", "none.json"], "cannot be read", id="no such world file"),
        pytest.param(
            ["--port", "0", "--world", "w.json", "--token", "t"],
            "--token is for the default",
            id="two worlds",
        ),
        pytest.param(["--port", "0", "--state", "no/state.json"], "does not exist", id="no directory"),
        pytest.param(["--port", "0", "--state", "broken.json"], "is not one", id="a broken state file"),
    ],
)
def test_what_cannot_be_used_is_one_sentence_and_status_2(
    tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    (tmp_path / "broken.json").write_text('{"locks": 5}')

    ended = subprocess.run(
        command(*arguments),
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
    )

    assert ended.returncode == 2
    assert sentence in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert ended.stdout == ""


def test_a_state_goes_on_only_with_a_token_that_it_knows(tmp_path: Path) -> None:
    state = ("--state", tmp_path / "state.json")
    with running(tmp_path, "--token", "mine", *state, token="mine") as (_, nuki):
        assert nuki("GET", "/smartlock").status == 200

    with running(tmp_path, "--token", "mine", *state, token="mine") as (_, nuki):
        assert nuki("GET", "/smartlock").status == 200
    ended = subprocess.run(
        command("--port", 0, "--token", "other", *state), capture_output=True, text=True, check=False
    )

    assert (ended.returncode, ended.stdout) == (2, "")
    assert "another --token" in ended.stderr


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
