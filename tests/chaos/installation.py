"""The parts that are hit, each a process of its own as in an installation, and the environment they share."""

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from signal import SIGQUIT

from config.demo import variables
from config.demo.parts import Part, answers, nothing, of_server
from config.demo.patience import Patience
from config.demo.supervisor import Supervisor
from config.demo.variables import Addresses, Ports
from config.demo.whole import PROJECT, WEB_SERVER
from config.embedded import private, processes
from config.embedded.postgres import PostgresServer
from config.embedded.valkey import ValkeyServer

HIT = ("web", "worker 1", "worker 2", "beat 1", "beat 2", "valkey", "postgres", "simulator", "inbox")
KEPT = ("HOME", "LANG", "PATH", "TMPDIR", "XDG_CACHE_HOME")  # of our own environment
FIRST_PORT = (
    21_000  # below those that the system gives to clients, so that nobody takes one in a part's absence
)
LONG_PATIENCE = Patience(longest_delay=2.0, ends=10_000, time_to_start=60.0)
CARETAKER = {"name": "Caretaker", "code": "384174"}
SERVERS_READY = frozenset({"postgres", "valkey"})

# One account of each business with its locks; the first is the house's door, which all units share.
WORLD: dict[str, list[tuple[str, int]]] = {
    "Harbour Stays": [
        ("Harbour door", 18_204_731_905),
        ("Flat 1", 18_563_027_714),
        ("Flat 2", 22_015_873_346),
        ("Flat 3", 19_377_410_582),
    ],
    "Lindgren Lodging": [
        ("Lindgren door", 23_690_185_527),
        ("Studio 1", 18_690_185_528),
        ("Studio 2", 18_690_185_529),
    ],
}


def token_of(business: str) -> str:
    """The API token of a business's account."""
    return f"token-of-{business.split(maxsplit=1)[0].lower()}"


class Installation:
    """Everything that runs, below one directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.ports = _free_ports()
        self._postgres = PostgresServer(directory / "postgres")
        self._valkey = ValkeyServer(directory / "valkey")
        self._valkey.prepare()  # settles the port
        self.environment = {name: os.environ[name] for name in KEPT if name in os.environ} | {
            "PYTHONUNBUFFERED": "1",
            **variables.of_django(
                ports=self.ports,
                secret=variables.make_secrets(directory / "secrets.json"),
                database=self._postgres.app_url,
                owner=self._postgres.owner_url,
                redis=self._valkey.url,
                directory=directory,
            ),
        }

    @property
    def addresses(self) -> Addresses:
        """Where its pages are."""
        return Addresses.on(self.ports)

    @property
    def mailbox(self) -> Path:
        """Where the mail is kept that arrived."""
        return self.directory / "inbox"

    def supervisor(self, *, say: Callable[[str], None], all_ready: Callable[[], None]) -> Supervisor:
        """Who starts all parts, and starts again what ended."""
        return Supervisor(
            list(self._parts()),
            logs=self.directory / "log",
            say=say,
            changed=lambda _: None,
            all_ready=all_ready,
            patience=LONG_PATIENCE,
        )

    def discard(self, *, keep_logs: bool) -> None:
        """Remove what is left once all has ended."""
        self._postgres.discard()
        if not keep_logs:
            shutil.rmtree(self.directory)

    def _parts(self) -> Iterator[Part]:
        yield of_server(self._postgres, self._postgres.environment, prepare=self._postgres.prepare)
        yield of_server(self._valkey, self._valkey.environment, prepare=nothing)
        yield from self._neighbours()
        migrate = ["manage.py", "migrate", "--database", "owner", "--noinput", "--verbosity", "0"]
        yield self._part("migrations", migrate, needs=SERVERS_READY)
        web = f"127.0.0.1:{self.ports.web}"
        yield self._part(
            "web",
            ["-m", "gunicorn", "config.wsgi:application", "--bind", web, *WEB_SERVER],
            is_ready=answers(f"http://{web}/healthz"),
            last_signal=SIGQUIT,  # gunicorn's own workers have to end too
        )
        queues = ["-P", "threads", "-c", "4", "-Q", "news,locks,mail,hooks,default"]
        for number in ("1", "2"):
            yield self._celery(f"worker {number}", ["worker", "-n", f"chaos-{number}", *queues], "ready.")
            schedule = str(self.directory / f"beat-schedule-{number}")
            yield self._celery(f"beat {number}", ["beat", "-s", schedule, "--pidfile="], "Starting")

    def _neighbours(self) -> Iterator[Part]:
        """The world outside: Nuki's cloud, and everybody's mailboxes."""
        world, state = str(self.directory / "world.json"), str(self.directory / "simulator.json")
        at = ["--port", str(self.ports.simulator), "--world", world, "--state", state]
        yield self._part(
            "simulator",
            ["-m", "nuki_gateway.simulator", *at],
            needs=frozenset(),
            is_ready=answers(f"{self.addresses.simulator}/-/health"),
            prepare=self._write_world,
        )
        at = ["--smtp-port", str(self.ports.smtp), "--http-port", str(self.ports.inbox)]
        yield self._part(
            "inbox",
            ["-m", "config.demo.inbox", *at, "--directory", str(self.mailbox)],
            needs=frozenset(),
            is_ready=answers(f"{self.addresses.inbox}/health"),
        )

    def _write_world(self) -> None:
        accounts = [
            {"name": name, "token": token_of(name), "locks": [_lock(*lock) for lock in locks]}
            for name, locks in WORLD.items()
        ]
        private.write(self.directory / "world.json", json.dumps({"accounts": accounts}))

    def _celery(self, name: str, words: Sequence[str], ready_words: str) -> Part:
        return self._part(
            name, ["-m", "celery", "-A", "config", *words, "-l", "INFO"], ready_words=ready_words
        )

    def _part(
        self,
        name: str,
        words: Sequence[str],
        *,
        needs: frozenset[str] = frozenset({"migrations"}),
        **more: object,
    ) -> Part:
        """One of our own programs."""
        environment: Mapping[str, str] = self.environment
        return Part(
            name=name,
            command=lambda: [sys.executable, *words],
            directory=PROJECT,
            environment=environment,
            needs=needs,
            **more,  # type: ignore[arg-type]  # the fields that differ
        )


def _lock(name: str, number: int) -> dict[str, object]:
    return {
        "name": name,
        "smartlock_id": number,
        "type": 4,
        "keypad": "keypad2",
        "time_zone_id": 37,
        "codes": [CARETAKER],
    }


def _free_ports() -> Ports:
    free = (port for port in range(FIRST_PORT, FIRST_PORT + 1000) if processes.is_free(port))
    return Ports(web=next(free), simulator=next(free), inbox=next(free), smtp=next(free))
