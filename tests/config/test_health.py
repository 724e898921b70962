"""Whether this process can do its work, told to load balancers and to the demo's supervisor."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as used
from django.core.cache import cache
from django.test import Client
from pytest_django.fixtures import Settings

from properties import clock, heartbeat

PROJECT = Path(__file__).parents[2]
PATIENCE = 5.0  # seconds that a load balancer waits for an answer
ASK = """
import django
django.setup()
from django.test import Client
answer = Client().get("/healthz")
print(answer.status_code, answer.json())
"""


@pytest.fixture
def silent() -> Iterator[int]:
    """A port at which somebody listens and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield int(listening.getsockname()[1])


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port


def move_redis(settings: Settings, port: int) -> None:
    settings.CACHES = {"default": {**used.CACHES["default"], "LOCATION": f"redis://127.0.0.1:{port}/0"}}


@pytest.mark.django_db
def test_all_is_well_when_all_answer() -> None:
    answer = Client().get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"database": True, "redis": True, "ticks": True})


@pytest.mark.django_db
def test_a_redis_that_is_gone_is_named(settings: Settings) -> None:
    move_redis(settings, closed_port())
    began = time.monotonic()

    answer = Client().get("/healthz")

    assert (answer.status_code, answer.json()) == (503, {"database": True, "redis": False, "ticks": True})
    assert time.monotonic() - began < PATIENCE


@pytest.mark.django_db
def test_a_redis_that_says_nothing_is_not_waited_for(settings: Settings, silent: int) -> None:
    move_redis(settings, silent)
    began = time.monotonic()

    answer = Client().get("/healthz")

    assert (answer.status_code, answer.json()) == (503, {"database": True, "redis": False, "ticks": True})
    assert time.monotonic() - began < PATIENCE


@pytest.mark.parametrize("speaks", [False, True], ids=["that is gone", "that says nothing"])
def test_a_database_is_named(*, silent: int, speaks: bool) -> None:
    port = silent if speaks else closed_port()
    environment = {
        **os.environ,
        "DATABASE_URL": f"postgres://keyturn:pw@127.0.0.1:{port}/keyturn",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    began = time.monotonic()

    done = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )

    assert done.stdout == "503 {'database': False, 'redis': True, 'ticks': False}\n", done.stderr
    assert "pw" not in done.stderr
    assert time.monotonic() - began < PATIENCE + 10  # Django's own start comes on top


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("minutes", "waiting", "keeps_up"),
    [
        pytest.param(4, None, True, id="ticks ran lately"),
        pytest.param(6, None, False, id="no tick for six minutes"),
        pytest.param(0, timedelta(minutes=6), False, id="ticks run, and work is left behind"),
    ],
)
def test_ticks_that_are_missed_are_told_and_take_no_web_process_away(
    minutes: int, waiting: timedelta | None, *, keeps_up: bool
) -> None:
    ticked_at = clock.now() - timedelta(minutes=minutes)
    heartbeat.note(work_waits_since=ticked_at - waiting if waiting else None, now=ticked_at)

    for_load_balancers = Client().get("/healthz")
    for_monitors = Client().get("/healthz?deep")

    told = {"database": True, "redis": True, "ticks": keeps_up}
    assert (for_load_balancers.status_code, for_load_balancers.json()) == (200, told)
    assert (for_monitors.status_code, for_monitors.json()) == (200 if keeps_up else 503, told)


@pytest.mark.django_db
def test_a_redis_that_was_emptied_alarms_nobody() -> None:
    heartbeat.note(work_waits_since=None, now=clock.now())
    cache.clear()

    answer = Client().get("/healthz?deep")

    assert (answer.status_code, answer.json()["ticks"]) == (200, True)


def test_load_balancers_need_not_speak_https(settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True

    page = Client().get("/")

    assert (page.status_code, page["Location"]) == (301, "https://testserver/")
    assert "^healthz$" in settings.SECURE_REDIRECT_EXEMPT
