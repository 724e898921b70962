import os
import signal
import socket
import stat
from collections.abc import Generator
from pathlib import Path

import pytest
import redis
from celery import Celery

from config.embedded.server import AlreadyRuns
from config.embedded.valkey import ValkeyServer

pytestmark = pytest.mark.enable_socket


@pytest.fixture
def server(tmp_path: Path) -> Generator[ValkeyServer]:
    valkey = ValkeyServer(tmp_path / "valkey")
    valkey.start()
    yield valkey
    valkey.stop()


def test_what_was_written_survives_a_kill_at_the_same_address(server: ValkeyServer) -> None:
    address = server.url
    with redis.from_url(address) as client:
        client.set("kept", "7")
    assert server.pid
    os.kill(server.pid, signal.SIGKILL)

    server.start()

    assert server.url == address
    with redis.from_url(address) as client:
        assert client.get("kept") == b"7"


def test_celery_reads_the_same_address(server: ValkeyServer) -> None:
    with Celery(broker=server.url, set_as_current=False).connection() as connection:
        assert connection.ensure_connection(max_retries=1).connected


def test_nobody_gets_in_without_the_password(server: ValkeyServer) -> None:
    address = server.url.replace(server.url.split("@", maxsplit=1)[0], "redis://:wrong")

    with redis.from_url(address) as client, pytest.raises(redis.AuthenticationError):
        client.ping()

    assert stat.S_IMODE((server.home / "valkey.conf").stat().st_mode) == 0o600
    assert stat.S_IMODE((server.home / "address.json").stat().st_mode) == 0o600


def test_a_second_one_in_the_same_directory_is_refused_and_the_first_goes_on(server: ValkeyServer) -> None:
    with pytest.raises(AlreadyRuns, match="valkey already runs in"):
        ValkeyServer(server.home).start()

    assert server.is_ready()


def test_it_moves_when_a_stranger_took_its_port(server: ValkeyServer) -> None:
    before = server.url
    port = int(before.rsplit(":", 1)[1].removesuffix("/0"))
    server.stop()
    with socket.create_server(("127.0.0.1", port)):
        server.start()

        assert server.url != before
        assert server.is_ready()
