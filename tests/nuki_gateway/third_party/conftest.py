"""A simulator for clients that others wrote, and the one from PyPI, installed where nothing else sees it."""

import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nuki_gateway.simulator import Account, Lock, Post, Simulator, TurnedClock
from tests.nuki_gateway.conftest import CODE

PINNED = Path(__file__).with_name("nuki_web_api.txt")
INSTALL_SECONDS = 90
REGISTRY_AWAY = "No matching distribution found"  # pip's last word after connections that failed, too
WINDOW: dict[str, Any] = {
    "allowed_from_date": "2026-06-15T13:00:00Z",
    "allowed_until_date": "2026-06-17T08:00:00Z",
    "allowed_week_days": 127,
    "allowed_from_time": 0,
    "allowed_until_time": 0,
}


@pytest.fixture
def posts() -> list[Post]:
    """The webhooks that were sent: this client registers https addresses only, which nobody here serves."""
    return []


@pytest.fixture
def simulator(clock: TurnedClock, posts: list[Post]) -> Simulator:
    def keep(post: Post) -> int:
        posts.append(post)
        return 200

    return Simulator(clock=clock, seed=1, deliver=keep)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both clients obey the proxy that the environment names; it could not reach this machine's loopback."""
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1")


@pytest.fixture
def url(simulator: Simulator) -> Iterator[str]:
    with simulator.serve() as address:
        yield address


@pytest.fixture(scope="session")
def nukiwebapi(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The package from PyPI, checked against its hash, from a directory that is soon off the path again."""
    directory = tmp_path_factory.mktemp("nuki_web_api")
    _install(directory)
    with pytest.MonkeyPatch.context() as importing:
        importing.syspath_prepend(directory)
        return importlib.import_module("nukiwebapi")


@pytest.fixture
def client(nukiwebapi: Any, url: str, account: Account) -> Any:
    return nukiwebapi.NukiWebAPI(account.token, base_url=url)


@pytest.fixture
def ada(client: Any, simulator: Simulator, door: Lock) -> str:
    """The id of Ada's keypad code, which the client made and found in its list."""
    client.smartlock_auth.create_auth_for_smartlock(
        door.smartlock_id, "Ada", remote_allowed=False, type=13, code=int(CODE), **WINDOW
    )
    simulator.settle()
    (listed,) = client.smartlock_auth.list_auths_for_smartlock(door.smartlock_id, types="13")
    found: str = listed["id"]
    return found


def _install(directory: Path) -> None:
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--retries=1", "--timeout=15"]
    given = ["install", "--no-deps", "--only-binary=:all:", "--require-hashes", f"--requirement={PINNED}"]
    try:
        installed = subprocess.run(
            [*pip, *given, f"--target={directory}"],
            capture_output=True,
            text=True,
            timeout=INSTALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        pytest.skip(f"PyPI did not give nuki-web-api within {INSTALL_SECONDS} s")
    if installed.returncode and REGISTRY_AWAY in installed.stderr:
        pytest.skip("PyPI cannot be reached, so its nuki-web-api cannot be installed")
    assert installed.returncode == 0, installed.stderr
