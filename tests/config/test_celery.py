"""How Celery is set up: ticks that do not pile up, waits for the broker that end, no task far ahead."""

import socket
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from celery import current_app
from celery.beat import ScheduleEntry, Scheduler
from celery.schedules import schedule
from django.conf import settings
from kombu import Connection
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from config.celery import app
from properties import clock

SILENT_FOR = 12.0  # seconds; two tries of connecting and hearing nothing, with their rests


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a broker that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"redis://127.0.0.1:{listening.getsockname()[1]}/0"


@pytest.mark.parametrize("name", sorted(settings.CELERY_BEAT_SCHEDULE))
def test_a_tick_is_dropped_when_it_is_older_than_its_interval_and_than_a_minute(name: str) -> None:
    entry = settings.CELERY_BEAT_SCHEDULE[name]

    assert entry["options"] == {"expires": max(entry["schedule"].total_seconds(), 60.0)}


def test_a_beat_that_slept_for_two_hours_sends_each_tick_once() -> None:
    sent: list[str] = []

    class Told(Scheduler):
        schedule: dict[str, ScheduleEntry]

        def apply_async(self, entry: ScheduleEntry, *_: Any, **__: Any) -> None:
            sent.append(str(entry.name))

    beat = Told(app, lazy=True)
    slept_since: datetime = clock.now() - timedelta(hours=2)
    beat.schedule = {
        name: ScheduleEntry(name=name, schedule=schedule(entry["schedule"]), last_run_at=slept_since, app=app)
        for name, entry in settings.CELERY_BEAT_SCHEDULE.items()
    }

    while beat.tick() == 0:
        continue

    assert sorted(sent) == sorted(settings.CELERY_BEAT_SCHEDULE)


def test_every_connection_to_the_broker_has_an_end_of_waiting() -> None:
    bounds = []
    for connection in (app.connection_for_read(), app.connection_for_write(), app.connection()):
        with connection:
            channel: Any = connection.channel()
            # those that wait for tasks, for control, and those that publish
            clients = (channel.client, channel.subclient, channel._create_client())
            kept = [client.connection_pool.connection_kwargs for client in clients]
            bounds += [(one["socket_connect_timeout"], one["socket_timeout"]) for one in kept]

    assert bounds == [(1, 2)] * 9


def publish(connection: Connection) -> None:
    """As the portal and the beat do."""
    app.send_task("access.tasks.note_ticks", connection=connection)


def consume(connection: Connection) -> None:
    """As a worker does at first."""
    connection.channel()


def control(connection: Connection) -> None:
    """As `celery inspect` does."""
    app.control.ping(timeout=1, connection=connection)


@pytest.mark.slow
@pytest.mark.parametrize("ask", [publish, consume, control])
def test_nobody_waits_for_ever_for_a_silent_broker(silent: str, ask: Callable[[Connection], None]) -> None:
    began = time.monotonic()

    with connection_to(silent) as connection, pytest.raises((OperationalError, RedisError, OSError)):
        ask(connection)

    assert time.monotonic() - began < SILENT_FOR


def connection_to(url: str) -> Connection:
    return Connection(url, transport_options=settings.CELERY_BROKER_TRANSPORT_OPTIONS)


def test_celery_keeps_no_results_and_so_waits_for_none() -> None:
    assert current_app.conf.task_ignore_result
    assert current_app.conf.result_backend is None
