import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from config.demo.supervisor import State
from config.embedded import processes
from tests.config.demo.fakes import (
    ENDS_AT_ONCE,
    FAILS,
    HAS_A_CHILD,
    QUICK,
    SAYS_GOODBYE,
    STAYS,
    STUBBORN,
    Watched,
    part,
)
from tests.config.processes import all_end

PROJECT = Path(__file__).parents[3]


def test_a_part_waits_for_what_it_needs(tmp_path: Path) -> None:
    watched = Watched(
        tmp_path,
        [
            part("web", STAYS, needs=frozenset({"migrations"})),
            part("migrations", "", ready_words="", needs=frozenset({"postgres"})),
            part("postgres", STAYS),
        ],
    )

    assert watched.run() == 0

    assert [re.sub(r"[\d.]+", "…", line) for line in watched.said] == [
        "  postgres        ready after … s",
        "  migrations      done after … s",
        "  web             ready after … s",
    ]


def test_a_part_that_is_killed_is_started_again_and_the_others_stay(tmp_path: Path) -> None:
    watched = Watched(tmp_path, [part("web", STAYS), part("worker", STAYS)])
    before: dict[str, int] = {}

    def kill() -> None:
        before.update(web=watched.pid("web"), worker=watched.pid("worker"))
        os.kill(before["web"], signal.SIGKILL)
        watched.after_change = look

    def look() -> None:
        if watched.supervisor.running[0].is_up and not watched.supervisor.is_ending:
            assert watched.pid("web") != before["web"]
            assert watched.pid("worker") == before["worker"]
            watched.end()

    watched.when_ready = kill
    assert watched.run() == 0

    assert [line for line in watched.said if "ended" in line] == [
        "  web             ended (SIGKILL), starts again in 0 s"
    ]
    assert "ready again after" in watched.said[-1]


def test_what_a_killed_part_started_goes_with_it(tmp_path: Path) -> None:
    watched = Watched(tmp_path, [part("web", HAS_A_CHILD)])
    children: list[int] = []

    def kill() -> None:
        children.append(int(watched.supervisor.running[0].output.last_lines[-1].split()[1]))
        os.kill(watched.pid("web"), signal.SIGKILL)
        watched.after_change = look

    def look() -> None:
        if watched.supervisor.running[0].state is State.RESTARTING:
            assert all_end(children)
            watched.end()

    watched.when_ready = kill
    assert watched.run() == 0


def test_a_part_that_does_not_stay_up_ends_the_demo_with_its_last_lines(tmp_path: Path) -> None:
    watched = Watched(tmp_path, [part("postgres", STAYS), part("web", ENDS_AT_ONCE)])

    assert watched.run() == 1

    assert watched.said[-1].splitlines() == [
        "web ended 3 times within a short while, so the demo ends. Its last lines:",
        *["    no such table: stays"] * 3,
        f"All: {tmp_path / 'web.log'}",
    ]
    assert set(watched.states[-1].values()) == {"ended"}


def test_a_step_that_fails_ends_the_demo_at_once(tmp_path: Path) -> None:
    watched = Watched(tmp_path, [part("migrations", FAILS, ready_words="")])

    assert watched.run() == 1

    assert watched.said[-1].startswith("migrations failed with 1, so the demo ends.")
    assert "no such table: stays" in watched.said[-1]


def test_a_part_that_is_never_ready_ends_the_demo(tmp_path: Path) -> None:
    patience = replace(QUICK, time_to_start=0.2)
    watched = Watched(tmp_path, [part("web", STAYS, ready_words="never")], patience=patience)

    assert watched.run() == 1

    assert watched.said[-1].startswith("web was not ready after 0 seconds, so the demo ends.")


def test_parts_end_one_after_the_other_in_the_reverse_order(tmp_path: Path) -> None:
    names = ["postgres", "web", "beat"]
    watched = Watched(tmp_path, [part(name, SAYS_GOODBYE) for name in names])

    assert watched.run() == 0

    last = watched.states[-3:]
    assert [[name for name in names if state[name] == "ended"] for state in last] == [
        ["beat"],
        ["web", "beat"],
        ["postgres", "web", "beat"],
    ]


def test_a_part_that_will_not_end_is_killed(tmp_path: Path) -> None:
    watched = Watched(tmp_path, [part("worker", STUBBORN)], patience=replace(QUICK, time_to_end=0.2))
    pids: list[int] = []

    def end() -> None:
        pids.append(watched.pid("worker"))
        watched.end()

    watched.when_ready = end
    assert watched.run() == 0

    assert all_end(pids, within=0.5)


def test_each_line_of_a_part_stands_in_its_log_with_the_time(tmp_path: Path) -> None:
    watched = Watched(tmp_path, [part("web", "print('one\\ntwo')", ready_words="")])

    assert watched.run() == 0

    lines = (tmp_path / "web.log").read_text(encoding="utf-8").splitlines()
    assert [line[20:] for line in lines] == ["one", "two"]
    assert all(re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d ", line) for line in lines)


@contextmanager
def a_demo(directory: Path) -> Generator[tuple[subprocess.Popen[str], list[int]]]:
    """Run the fakes in a process of their own; gives it, and all processes below it."""
    demo = subprocess.Popen(
        [sys.executable, "-m", "tests.config.demo.fakes", str(directory)],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
    )
    state = directory / "state.json"
    try:
        assert processes.becomes_true(lambda: state.exists() and '"running"' in state.read_text(), within=20)
        pids = [each["pid"] for each in json.loads(state.read_text())["parts"]]
        child = re.search(r"child (\d+)", (directory / "log" / "first.log").read_text())
        assert child
        yield demo, [*pids, int(child[1])]
    finally:
        demo.kill()
        demo.communicate()


def test_nothing_is_left_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    with a_demo(tmp_path) as (demo, pids):
        demo.kill()
        demo.wait()

        assert len(pids) == 3
        assert all_end(pids[:2])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_wish_to_end_said_twice_ends_everything_well(tmp_path: Path, number: signal.Signals) -> None:
    with a_demo(tmp_path) as (demo, pids):
        demo.send_signal(number)
        time.sleep(0.05)
        demo.send_signal(number)

        assert demo.wait(10) == 0
        assert all_end(pids, within=0.5)
        assert json.loads((tmp_path / "state.json").read_text())["state"] == "ending"
