"""Keyturn's web server as an installation has it, on the database of a test."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import requests
from django.conf import settings
from django.db import connections

from bench.installation import free_port
from config.demo.whole import PROJECT, WEB_SERVER

TIME_TO_START = 30.0  # seconds
AS_OFTEN_AS_ONE_LIKES = "999999999"  # calls a minute


@contextmanager
def web(said: Path) -> Iterator[str]:
    """A gunicorn while the block runs; yields its address. What it says goes to a file."""
    address = f"127.0.0.1:{free_port()}"
    url = f"http://{address}"
    words = [sys.executable, "-m", "gunicorn", "config.wsgi:application", "--bind", address, *WEB_SERVER]
    with said.open("w") as log:
        server = subprocess.Popen(words, cwd=PROJECT, env=_environment(), stdout=log, stderr=log)
        try:
            _wait_until_it_answers(url, server)
            yield url
        finally:
            server.terminate()
            server.wait(timeout=20)


def _environment() -> dict[str, str]:
    """That of the tests, with what a test has put in the place of it."""
    database = urlsplit(os.environ["DATABASE_URL"])._replace(
        path="/" + connections["default"].settings_dict["NAME"]
    )
    return {
        **os.environ,
        "DATABASE_URL": urlunsplit(database),
        "NUKI_API_URL": settings.NUKI_API_URL,
        "API_CALLS_PER_MINUTE": AS_OFTEN_AS_ONE_LIKES,
    }


def _wait_until_it_answers(url: str, server: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + TIME_TO_START
    while time.monotonic() < ends and server.poll() is None:
        try:
            requests.get(f"{url}/api/v1/organization", timeout=TIME_TO_START)
        except requests.ConnectionError:
            time.sleep(0.1)
            continue
        return
    raise TimeoutError(f"Nothing answered at {url}.")
