"""`manage.py rehearse`: plays a rehearsal in as many processes as there are cores, and prints what it found.

It runs before Django's settings are read, on servers of its own: no database of an installation is touched.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql
from redis import Redis

from config.embedded.postgres import DATABASE, PostgresServer
from config.embedded.valkey import ValkeyServer
from config.rehearsal import report
from config.rehearsal.report import Report
from config.rehearsal.script import Script

PROJECT = Path(__file__).parents[2]
SPAN = re.compile(r"(\d+)([smhd])")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
MOST_PARTS = 8
COPIES = count(1)  # of the empty database: each part has one that nobody else ever had
NOT_SECRET = {  # nothing outside of this machine ever sees these
    "ALLOWED_HOSTS": "127.0.0.1",
    "DEFAULT_FROM_EMAIL": "Keyturn <keys@keyturn.example>",
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "EMAIL_URL": "smtp://127.0.0.1:1",
    "FIELD_KEYS": "cmVoZWFyc2FsLXJlaGVhcnNhbC1yZWhlYXJzYWwtcmU=",
    "NUKI_API_URL": "http://127.0.0.1:1",
    "PUBLIC_URL": "http://127.0.0.1:1",
    "PYTHONHASHSEED": "0",
    "SECRET_KEY": "rehearsal-rehearsal-rehearsal-rehearsal-rehearsal-rehearsal",
}


class PartFailed(Exception):
    """A part of the rehearsal ended without findings; its own words were printed."""


def main(words: Sequence[str]) -> int:
    """Do what the command line says; returns 1 when an invariant was broken."""
    script = _script(words)
    began = time.monotonic()
    try:
        with servers() as environment:
            whole = play(script, environment)
    except PartFailed as failure:
        sys.stderr.write(f"{failure}\n")
        return 2
    for line in report.lines(script, whole, seconds=time.monotonic() - began):
        sys.stdout.write(line + "\n")
    return 0 if whole.is_clean else 1


def play(script: Script, environment: Mapping[str, str]) -> Report:
    """Play all parts at once, on servers that others may have played on before, and merge what they found."""
    with ExitStack() as running:
        numbers = range(script.parts)
        parts = [_start(replace(script, part=number), environment, running) for number in numbers]
        found = [_findings(part) for part in parts]
    return report.merged(found)


def _script(words: Sequence[str]) -> Script:
    parser = argparse.ArgumentParser(
        prog="manage.py rehearse", description="Play a year of hosting against the simulator, and judge it."
    )
    parser.add_argument("--stays", type=int, default=10_000)
    parser.add_argument("--locks", type=int, default=130)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--faults", choices=("none", "base", "stress"), default="base")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--webhooks", choices=("on", "off"), default="on")
    parser.add_argument("--api-dead", type=_span, default=timedelta(0), metavar="24h")
    parser.add_argument("--portal-dead", type=_span, default=timedelta(0), metavar="24h")
    parser.add_argument("--parts", type=int, help="processes; each has businesses of its own")
    chosen = parser.parse_args(words)
    parts = chosen.parts or min(os.cpu_count() or 1, MOST_PARTS, max(1, chosen.locks // 13))
    return Script(
        stays=chosen.stays,
        locks=chosen.locks,
        days=chosen.days,
        faults=chosen.faults,
        seed=chosen.seed,
        webhooks=chosen.webhooks == "on",
        api_dead=chosen.api_dead,
        portal_dead=chosen.portal_dead,
        parts=parts,
    )


def _span(text: str) -> timedelta:
    found = SPAN.fullmatch(text)
    if found is None:
        raise argparse.ArgumentTypeError("a span looks like 24h, 90m or 2d")
    return timedelta(**{UNITS[found[2]]: int(found[1])})


@contextmanager
def servers() -> Iterator[dict[str, str]]:
    """PostgreSQL with its tables made, and Valkey, as an environment; both forget everything at the end."""
    with tempfile.TemporaryDirectory() as directory, ExitStack() as running:
        postgres = PostgresServer(Path(directory) / "postgres", durable=False)
        valkey = ValkeyServer(Path(directory) / "valkey", durable=False)
        for server in (postgres, valkey):
            server.start()
            running.callback(server.discard)
            running.callback(server.stop)
        environment = {
            **os.environ,
            **NOT_SECRET,
            "DATABASE_URL": postgres.app_url,
            "DATABASE_OWNER_URL": postgres.owner_url,
            "REDIS_URL": valkey.url,
        }
        migrate = [
            sys.executable,
            "manage.py",
            "migrate",
            "--database",
            "owner",
            "--noinput",
            "--verbosity",
            "0",
        ]
        subprocess.run(migrate, cwd=PROJECT, env=environment, check=True)  # noqa: S603  our own command
        yield environment


def _start(script: Script, environment: Mapping[str, str], running: ExitStack) -> subprocess.Popen[str]:
    """Start one part, with a copy of the empty database and keys of its own, of which there are none yet."""
    name = f"part_{script.part}_{next(COPIES)}"
    copied = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(DATABASE))
    elsewhere = _with_path(environment["DATABASE_OWNER_URL"], "postgres")
    with psycopg.connect(elsewhere, autocommit=True) as connection:
        connection.execute(copied)
    own = {
        **environment,
        "DATABASE_URL": _with_path(environment["DATABASE_URL"], name),
        "DATABASE_OWNER_URL": _with_path(environment["DATABASE_OWNER_URL"], name),
        "REDIS_URL": _redis_of(environment["REDIS_URL"], script.part + 1),
    }
    with Redis.from_url(own["REDIS_URL"]) as keys:
        keys.flushdb()
    words = [sys.executable, "-m", "config.rehearsal", json.dumps(script.to_json())]
    started = subprocess.Popen(words, cwd=PROJECT, env=own, stdout=subprocess.PIPE, text=True)  # noqa: S603
    running.callback(started.kill)
    return started


def _findings(part: subprocess.Popen[str]) -> Report:
    output, _ = part.communicate()
    if part.returncode != 0:
        raise PartFailed(f"a part of the rehearsal ended with code {part.returncode}")
    return Report.from_json(json.loads(output.splitlines()[-1]))


def _with_path(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def _redis_of(url: str, number: int) -> str:
    """The same server's database of that number; a socket's address names it in its query."""
    address = urlsplit(url)
    if address.scheme == "unix":
        return urlunsplit(address._replace(query=f"db={number}"))
    return urlunsplit(address._replace(path=f"/{number}"))
