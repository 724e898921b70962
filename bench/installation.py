"""Keyturn on this machine for the length of a measurement: servers, tables, web server, worker."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from config.embedded.postgres import PostgresServer
from config.embedded.valkey import ValkeyServer

PROJECT = Path(__file__).parents[1]
VALUES = PROJECT / "tests" / "environment.env"
TIME_TO_START = 30.0  # seconds


@contextmanager
def servers(*, durable: bool = True) -> Iterator[dict[str, str]]:
    """PostgreSQL, as careful as in earnest, and Valkey; yields the environment of all that use them."""
    with tempfile.TemporaryDirectory() as directory, ExitStack() as running:
        postgres = PostgresServer(Path(directory) / "postgres", durable=durable)
        valkey = ValkeyServer(Path(directory) / "valkey", durable=durable)
        for server in (postgres, valkey):
            server.start()
            running.callback(server.discard)
            running.callback(server.stop)
        harmless = (line.split("=", 1) for line in VALUES.read_text("utf-8").splitlines() if "=" in line)
        environment = {
            **{name: value for name, value in harmless if not name.startswith("#")},
            "DATABASE_URL": postgres.app_url,
            "DATABASE_OWNER_URL": postgres.owner_url,
            "REDIS_URL": valkey.url,
            "STATIC_ROOT": str(Path(directory) / "static"),
        }
        yield environment


def prepare(environment: Mapping[str, str]) -> None:
    """Make the tables, and let this process use them."""
    os.environ |= environment
    _run("manage.py", "collectstatic", "--noinput", "--verbosity", "0")
    _run("manage.py", "migrate", "--database", "owner", "--noinput", "--verbosity", "0")
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    django.setup()


def _run(*words: str) -> None:
    subprocess.run([sys.executable, *words], cwd=PROJECT, check=True)  # noqa: S603  our own commands


@contextmanager
def web(application: str, *, ready_at: str, port: int, threads: int = 24) -> Iterator[str]:
    """A gunicorn with two workers, as the demo has it; yields its address."""
    words = ["gunicorn", application, "--bind", f"127.0.0.1:{port}", "--workers", "2"]
    words += ["--worker-class", "gthread", "--threads", str(threads), "--log-level", "warning"]
    with process(*words, "--no-control-socket"):
        url = f"http://127.0.0.1:{port}"
        _wait_for(url + ready_at)
        yield url


@contextmanager
def worker(queues: str) -> Iterator[None]:
    """A Celery worker as the demo has it."""
    with process("celery", "-A", "config", "worker", "-P", "threads", "-c", "4", "-Q", queues):
        yield


@contextmanager
def process(*words: str) -> Iterator[subprocess.Popen[bytes]]:
    """A program of ours while the block runs."""
    started = subprocess.Popen(  # noqa: S603  our own commands
        [sys.executable, "-m", *words], cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield started
    finally:
        started.terminate()
        with suppress(subprocess.TimeoutExpired):
            started.wait(timeout=10)
        started.kill()
        started.wait()


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def _wait_for(url: str) -> None:
    ends = time.monotonic() + TIME_TO_START
    while time.monotonic() < ends:
        try:
            urllib.request.urlopen(url, timeout=2).close()  # noqa: S310  our own address
        except urllib.error.HTTPError as answer:
            answer.close()
        except OSError:
            time.sleep(0.1)
            continue
        return
    raise TimeoutError(f"Nothing answered at {url}.")
