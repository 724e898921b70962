"""A pytest plugin that starts PostgreSQL and Valkey before Django's settings are read, and ends them.

Loaded by `-p tests.servers`. Servers that DATABASE_URL and REDIS_URL name are used instead. Under xdist the
first process starts the servers and its workers inherit their addresses.
"""

import fcntl
import gc
import os
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit, urlunsplit

import pytest

from config.embedded.postgres import PostgresServer
from config.embedded.server import Server
from config.embedded.valkey import ValkeyServer
from tests import databases

PROJECT = Path(__file__).parents[1]
ENVIRONMENT = PROJECT / "tests" / "environment.env"
DIRECTORY = "KEYTURN_TESTS_DIRECTORY"  # where this run keeps its things; set for the workers

servers: list[Server] = []
held: list[IO[str]] = []


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Generator[None]:
    """Set the environment; as a wrapper this comes before pytest-django looks for settings."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        use_own_redis_database(int(os.environ["PYTEST_XDIST_WORKER"].removeprefix("gw")) + 1)
    else:
        set_harmless_values()
        start_servers(claim_directory())
    return (yield)


def pytest_configure(config: pytest.Config) -> None:
    """Register what stands in for pytest-django's database: the later plugin's fixture wins."""
    config.pluginmanager.register(databases, "tests.databases")


def pytest_collection_finish() -> None:
    """Have what was imported for all tests not gone through again and again during them."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    """End what this process started, and remove what it wrote."""
    while servers:
        server = servers.pop()
        server.stop()
        server.discard()
    while held:
        held.pop().close()


def set_harmless_values() -> None:
    """Set what the settings ask for; an operator's own servers stay."""
    for line in ENVIRONMENT.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, value = line.split("=", 1)
            os.environ[name] = value


def claim_directory() -> Path:
    """Take the first directory that no other run holds; what a killed run left in it goes."""
    number = 1
    while True:
        directory = PROJECT / "var" / "tests" / str(number)
        directory.mkdir(parents=True, exist_ok=True)
        lock = (directory / "lock").open("w", encoding="utf-8")
        with suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            held.append(lock)
            os.environ[DIRECTORY] = str(directory)
            collected = directory / "static_root"  # empty: files come from their apps, and nothing is missing
            collected.mkdir(exist_ok=True)
            os.environ["STATIC_ROOT"] = str(collected)
            databases.forget_template(directory)
            return directory
        lock.close()
        number += 1


def start_servers(directory: Path) -> None:
    """Start what the environment does not name."""
    if not os.environ.get("DATABASE_URL"):
        postgres = PostgresServer(directory / "postgres", durable=False)
        start(postgres)
        os.environ |= {"DATABASE_URL": postgres.app_url, "DATABASE_OWNER_URL": postgres.owner_url}
    if not os.environ.get("REDIS_URL"):
        valkey = ValkeyServer(directory / "valkey", durable=False)
        start(valkey)
        os.environ["REDIS_URL"] = valkey.url


def start(server: Server) -> None:
    """Start from nothing."""
    server.discard()
    server.start()
    servers.append(server)


def use_own_redis_database(number: int) -> None:
    """Keep this worker's keys and messages apart from the others'."""
    address = urlsplit(os.environ["REDIS_URL"])
    os.environ["REDIS_URL"] = urlunsplit(address._replace(path=f"/{number}"))
