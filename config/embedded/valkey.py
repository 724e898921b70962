"""A Valkey of our own: the broker and the cache, on a port of 127.0.0.1 with a password.

A port and no unix socket: redis-py writes a socket's address as `unix://`, kombu as `redis+socket://`. One
REDIS_URL of the form `redis://` is read by both, and by Django's cache.
"""

import shutil
import signal
import socket
from collections.abc import Sequence
from pathlib import Path
from secrets import token_urlsafe

from config.embedded import binaries, private, processes
from config.embedded.processes import Person
from config.embedded.server import Server

TIME_TO_ANSWER = 0.5  # seconds

# Read by Redis 6 and newer as well.
CONFIGURATION = """\
bind 127.0.0.1
port {port}
requirepass {password}
dir ./
appendonly {appendonly}
save ""
databases 64
maxmemory-policy noeviction
daemonize no
"""


class ValkeyServer(Server):
    """Valkey in a directory. `durable=False` is for tests: it keeps nothing."""

    name = "valkey"
    stop_signals = (signal.SIGTERM,)

    def __init__(self, directory: Path, *, durable: bool = True) -> None:
        super().__init__()
        self._home = directory.resolve()
        self._durable = durable

    @property
    def home(self) -> Path:
        """Where everything of this server is kept."""
        return self._home

    @property
    def person(self) -> Person | None:
        """It runs as whoever starts it."""
        return None

    @property
    def url(self) -> str:
        """Read alike by redis-py, kombu and Django's cache; database 0."""
        remembered = self._remembered()
        return f"redis://:{remembered['password']}@127.0.0.1:{remembered['port']}/0"

    @property
    def command(self) -> Sequence[str]:
        """The program and its arguments, once prepared; `ps` shows the file, not the password in it."""
        return [str(binaries.valkey()), str(self._configuration)]

    def prepare(self) -> None:
        """Write the configuration. The port is the one of last time, unless a stranger took it."""
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        remembered = self._remembered()
        if not processes.is_free(int(remembered["port"])) and not self.is_ready():
            (self.home / "address.json").unlink()
            remembered = self._remembered()
        appendonly = "yes" if self._durable else "no"
        private.write(self._configuration, CONFIGURATION.format(**remembered, appendonly=appendonly))

    def is_ready(self) -> bool:
        """Say whether our server, and no other one, answers: it knows our password and has read its data."""
        remembered = self._remembered()
        greeting = f"AUTH {remembered['password']}\r\nPING\r\n".encode()
        try:
            with socket.create_connection(
                ("127.0.0.1", int(remembered["port"])), TIME_TO_ANSWER
            ) as connection:
                connection.sendall(greeting)
                answer = b""
                while answer.count(b"\r\n") < greeting.count(b"\r\n"):
                    if not (piece := connection.recv(1024)):
                        return False
                    answer += piece
        except OSError:
            return False
        return answer == b"+OK\r\n+PONG\r\n"

    def discard(self) -> None:
        """Remove everything that it keeps. Call it only while nothing runs."""
        shutil.rmtree(self.home, ignore_errors=True)

    @property
    def _configuration(self) -> Path:
        return self.home / "valkey.conf"

    def _remembered(self) -> dict[str, str]:
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        return private.remember(
            self.home / "address.json",
            lambda: {"password": token_urlsafe(24), "port": str(processes.free_port())},
        )
