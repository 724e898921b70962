"""A PostgreSQL of our own, as strict as a real one: passwords, and an application role that owns nothing."""

import shutil
import signal
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe
from urllib.parse import quote

import psycopg

from config.embedded import binaries, private, processes
from config.embedded.processes import Person
from config.embedded.server import Server

DATABASE = "keyturn"
SUPERUSER, OWNER, APP = "keyturn_superuser", "keyturn_owner", "keyturn_app"
LONGEST_SOCKET_PATH = 100  # bytes; the system's limit is 104 on macOS and 108 on Linux
SOCKET_NAME = ".s.PGSQL.5432"
BUILTIN_LOCALE_SINCE = 17
TIME_FOR_BACKENDS = 5.0  # seconds they need to notice that their postmaster was killed

SETTINGS = {
    "autovacuum_max_workers": "1",
    "jit": "off",
    "log_timezone": "UTC",
    "max_connections": "100",
    "max_wal_senders": "0",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "wal_level": "minimal",
}
CARELESS = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}

# Run before the first start, in template1, one statement a line. New databases inherit the privileges.
FIRST_STATEMENTS = f"""\
CREATE ROLE {OWNER} LOGIN CREATEDB NOSUPERUSER NOBYPASSRLS NOCREATEROLE PASSWORD '{{owner}}'
CREATE ROLE {APP} LOGIN NOCREATEDB NOSUPERUSER NOBYPASSRLS NOCREATEROLE PASSWORD '{{app}}'
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APP}
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} GRANT USAGE ON SEQUENCES TO {APP}
CREATE DATABASE {DATABASE} OWNER {OWNER}
REVOKE TEMPORARY ON DATABASE {DATABASE} FROM PUBLIC
"""


class CouldNotPrepare(Exception):
    """The database cluster could not be made; the message ends with what PostgreSQL said."""


class PasswordsAreLost(Exception):
    """There is a database cluster, but the file with its passwords is gone."""


@dataclass(frozen=True)
class Address:
    """How to reach the server: a directory with its socket, or a port of 127.0.0.1."""

    socket_directory: Path
    port: int | None

    @property
    def settings(self) -> dict[str, str]:
        """What the server has to be told."""
        if self.port is None:
            return {"listen_addresses": "", "unix_socket_directories": f'"{self.socket_directory}"'}
        return {"listen_addresses": "127.0.0.1", "port": str(self.port), "unix_socket_directories": ""}

    def url(self, *, user: str, password: str, database: str) -> str:
        """Write it as libpq and django-environ read it alike: a socket is a parameter, never the host."""
        if self.port is None:
            host = quote(str(self.socket_directory), safe="")
            return f"postgresql://{user}:{password}@/{database}?host={host}"
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}"


class PostgresServer(Server):
    """PostgreSQL in a directory, reached by a unix socket where the path is short enough.

    Started by root it lives in a directory of its own below the system's temporary one and runs as nobody.
    `durable=False` is for tests: it forgets what it wrote when the machine stops.
    """

    name = "postgres"
    stop_signals = (signal.SIGINT, signal.SIGQUIT)  # fast shutdown, immediate shutdown

    def __init__(self, directory: Path, *, durable: bool = True) -> None:
        super().__init__()
        self._place = private.home_for(directory.resolve())
        self._durable = durable
        self._programs: binaries.PostgresPrograms | None = None
        run = self.home / "run"
        fits = len(str(run / SOCKET_NAME).encode()) <= LONGEST_SOCKET_PATH
        self._address = Address(run, None if fits else processes.free_port())

    @property
    def home(self) -> Path:
        """Where everything of this server is kept."""
        return self._place.path

    @property
    def person(self) -> Person | None:
        """PostgreSQL refuses to run as root."""
        return self._place.person

    @property
    def owner_url(self) -> str:
        """The role that owns the database: for migrations."""
        return self._address.url(user=OWNER, password=self._passwords()["owner"], database=DATABASE)

    @property
    def app_url(self) -> str:
        """The role that the application runs as: it owns nothing and row security binds it."""
        return self._address.url(user=APP, password=self._passwords()["app"], database=DATABASE)

    @property
    def command(self) -> Sequence[str]:
        """The program and its arguments, once prepared."""
        settings = SETTINGS | self._address.settings | ({} if self._durable else CARELESS)
        arguments = [f"--{name}={value}" for name, value in settings.items()]
        return [str(self._find_programs().directory / "postgres"), "-D", str(self._cluster), *arguments]

    def prepare(self) -> None:
        """Make the cluster with its roles and its database, unless it is there; clear up after a crash."""
        private.make_home(self._place)
        run = self._address.socket_directory
        if not run.exists():
            private.make_private_directory(run, self.person)
        if not self._cluster.exists():
            self._make_cluster()
        self._forget_killed_postmaster()

    def is_ready(self) -> bool:
        """Say whether our server, and no other one, answers: it knows our password."""
        try:
            psycopg.connect(self.owner_url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def discard(self) -> None:
        """Remove everything that it keeps. Call it only while nothing runs."""
        if self.home.exists():
            private.make_home(self._place)  # refuses what is not ours
            shutil.rmtree(self.home)

    @property
    def _cluster(self) -> Path:
        return self.home / "cluster"

    def _find_programs(self) -> binaries.PostgresPrograms:
        if self._programs is None:
            found = binaries.postgres()
            self._programs = found.copied_below(self.home) if self.person else found
        return self._programs

    def _passwords(self) -> dict[str, str]:
        private.make_home(self._place)
        path = self.home / "passwords.json"
        if self._cluster.exists() and not path.exists():
            raise PasswordsAreLost(
                f"{path} is gone, so nobody can sign in to the database beside it. Remove both."
            )
        return private.remember(
            path, lambda: {role: token_urlsafe(24) for role in ("superuser", "owner", "app")}
        )

    def _make_cluster(self) -> None:
        """Make it under another name first: a cluster that is there is complete."""
        draft = self.home / "cluster.draft"
        shutil.rmtree(draft, ignore_errors=True)
        private.make_private_directory(draft, self.person)
        passwords = self._passwords()
        password_file = self._address.socket_directory / "superuser"
        private.write(password_file, passwords["superuser"], person=self.person)
        try:
            self._run("initdb", "-D", str(draft), "--pwfile", str(password_file), *self._choices())
        finally:
            password_file.unlink()
        single = ("--single", "-D", str(draft), "-c", "exit_on_error=on", "template1")
        self._run("postgres", *single, text=FIRST_STATEMENTS.format(**passwords))
        draft.rename(self._cluster)

    def _choices(self) -> Iterator[str]:
        yield from ("-U", SUPERUSER, "-A", "scram-sha-256", "-E", "UTF8", "--no-instructions")
        if self._find_programs().version >= BUILTIN_LOCALE_SINCE:
            yield from ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        else:
            yield "--locale=C.UTF-8"
        if not self._durable:
            yield "--no-sync"

    def _run(self, program: str, *arguments: str, text: str = "") -> None:
        done = processes.run(
            [str(self._find_programs().directory / program), *arguments],
            directory=self.home,
            environment=self.environment,
            person=self.person,
            text=text,
        )
        if done.returncode != 0:
            raise CouldNotPrepare(f"{program} ended with {done.returncode}:\n{done.stdout}")

    def _forget_killed_postmaster(self) -> None:
        """Remove the notes of a postmaster that was killed: its number may belong to a stranger by now.

        Only where the system shows who works in the cluster. Elsewhere PostgreSQL looks at the number itself.
        """
        note = self._cluster / "postmaster.pid"
        if not note.exists() or not Path("/proc/self/cwd").exists():
            return
        postmaster = note.read_text(encoding="utf-8").split("\n", 1)[0]
        until = time.monotonic() + TIME_FOR_BACKENDS
        while (left := set(self._who_works_here())) and postmaster not in left and time.monotonic() < until:
            time.sleep(processes.POLL)
        if not left:
            note.unlink(missing_ok=True)
            (self._address.socket_directory / f"{SOCKET_NAME}.lock").unlink(missing_ok=True)

    def _who_works_here(self) -> Iterator[str]:
        for process in Path("/proc").glob("[0-9]*"):
            try:
                place = (process / "cwd").readlink()
            except OSError:  # it ended, or is not ours to look at
                continue
            if place == self._cluster:
                yield process.name
