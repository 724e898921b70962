"""What the demo is made of: the list of its parts, in the order in which they are ended backwards."""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from signal import SIGQUIT

from config.demo import variables
from config.demo.parts import Part, answers, nothing, of_server
from config.demo.variables import Addresses, Ports
from config.embedded import private
from config.embedded.postgres import PostgresServer
from config.embedded.valkey import ValkeyServer

PROJECT = Path(__file__).resolve().parents[2]
WORLD = Path(__file__).with_name("world.json")
WEB_SERVER = (
    *("--worker-class", "gthread", "--workers", "2", "--threads", "24"),
    *("--graceful-timeout", "3", "--access-logfile", "-", "--no-control-socket"),
)
BEFORE_DJANGO = frozenset({"postgres", "valkey"})
BEFORE_WORK = frozenset({"sample data", "simulator", "inbox"})


class Whole:
    """Everything the demo runs, in a directory. Servers that the environment names replace ours."""

    def __init__(self, directory: Path, *, environment: Mapping[str, str]) -> None:
        self._directory = directory
        self._environment = dict(environment) | {"PYTHONUNBUFFERED": "1"}
        self._postgres = None if environment.get("DATABASE_URL") else PostgresServer(directory / "postgres")
        self._valkey = None if environment.get("REDIS_URL") else ValkeyServer(directory / "valkey")
        self.ports = variables.choose_ports(directory / "ports.json")
        self._secrets = directory / "secrets.json"
        if not self._secrets.exists():
            discard(
                directory
            )  # data that only lost secrets could read: of a directory that was deleted by hand

    @property
    def addresses(self) -> Addresses:
        """What a person opens in a browser."""
        return Addresses.on(self.ports)

    def variables(self) -> dict[str, str]:
        """Name everything that the settings read."""
        if self._valkey:
            self._valkey.prepare()  # settles the port
        given, postgres = self._environment, self._postgres
        database = postgres.app_url if postgres else given["DATABASE_URL"]
        owner = postgres.owner_url if postgres else given.get("DATABASE_OWNER_URL") or database
        return variables.of_django(
            ports=self.ports,
            secret=variables.make_secrets(self._secrets),
            database=database,
            owner=owner,
            redis=self._valkey.url if self._valkey else given["REDIS_URL"],
            directory=self._directory,
        )

    def parts(self) -> list[Part]:
        """List all parts; the last is ended first."""
        django = self._environment | self.variables()
        return [
            *self._servers(),
            *self._neighbours(),
            *_steps(django),
            *_services(django, self.ports, self._directory),
        ]

    def _servers(self) -> Iterator[Part]:
        if self._postgres:
            yield of_server(self._postgres, self._postgres.environment, prepare=self._postgres.prepare)
        if self._valkey:  # prepared already; preparing again could move it to another port than others know
            yield of_server(self._valkey, self._valkey.environment, prepare=nothing)

    def _neighbours(self) -> Iterator[Part]:
        """List what stands for the world outside: Nuki's cloud, and everybody's mailboxes."""
        ports, here = self.ports, self._directory
        world = here / "world.json"
        simulator = (
            "--port",
            str(ports.simulator),
            "--world",
            str(world),
            "--state",
            str(here / "simulator.json"),
        )
        yield Part(
            name="simulator",
            command=lambda: _module("nuki_gateway.simulator", *simulator),
            directory=PROJECT,
            environment=self._environment,
            is_ready=answers(f"{self.addresses.simulator}/-/health"),
            prepare=lambda: self._write_world(world),
        )
        inbox = (
            "--smtp-port",
            str(ports.smtp),
            "--http-port",
            str(ports.inbox),
            "--directory",
            str(here / "inbox"),
        )
        yield Part(
            name="inbox",
            command=lambda: _module("config.demo.inbox", *inbox),
            directory=PROJECT,
            environment=self._environment,
            is_ready=answers(f"{self.addresses.inbox}/health"),
        )

    def _write_world(self, path: Path) -> None:
        """Write the demo's accounts and locks, and our application there with the address that was chosen."""
        world = json.loads(WORLD.read_text(encoding="utf-8"))
        back = self.addresses.keyturn + variables.SIGNED_IN
        world["oauth_clients"] = [{**variables.APPLICATION, "redirect_uris": [back]}]
        private.write(path, json.dumps(world, indent=2))


def _steps(django: Mapping[str, str]) -> Iterator[Part]:
    """List what is done once, before anything of ours serves or works."""
    yield _command("static files", "collectstatic", "--noinput", needs=frozenset(), django=django)
    yield _command(
        "migrations", "migrate", "--database", "owner", "--noinput", needs=BEFORE_DJANGO, django=django
    )
    yield _command("sample data", "sample_data", needs=frozenset({"migrations", "simulator"}), django=django)


def _services(django: Mapping[str, str], ports: Ports, directory: Path) -> Iterator[Part]:
    address = f"127.0.0.1:{ports.web}"
    yield Part(
        name="web",
        command=lambda: _module("gunicorn", "config.wsgi:application", "--bind", address, *WEB_SERVER),
        directory=PROJECT,
        environment=django,
        needs=BEFORE_WORK | {"static files"},
        is_ready=answers(f"http://{address}/healthz"),
        last_signal=SIGQUIT,  # gunicorn's own workers have to end too
    )
    yield Part(
        name="worker",
        command=lambda: _celery("worker", "-P", "threads", "-c", "4", "-Q", "news,locks,mail,hooks,default"),
        directory=PROJECT,
        environment=django,
        needs=BEFORE_WORK,
        ready_words="ready.",
    )
    yield Part(
        name="beat",
        command=lambda: _celery("beat", "-s", str(directory / "beat-schedule"), "--pidfile="),
        directory=PROJECT,
        environment=django,
        needs=BEFORE_WORK,
        ready_words="Starting",
    )


def _command(name: str, *arguments: str, needs: frozenset[str], django: Mapping[str, str]) -> Part:
    return Part(
        name=name,
        command=lambda: [sys.executable, "manage.py", *arguments],
        directory=PROJECT,
        environment=django,
        needs=needs,
    )


def _module(name: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", name, *arguments]


def _celery(*arguments: str) -> list[str]:
    return _module("celery", "-A", "config", *arguments, "-l", "INFO")


def discard(directory: Path) -> None:
    """Remove what the demo keeps outside its directory."""
    PostgresServer(directory / "postgres").discard()
