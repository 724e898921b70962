"""Real workers: one that hangs ends itself and no other does; silence, a pause and an emptied broker pass."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit, urlunsplit

import pytest
import redis
from celery import Celery
from django.conf import settings
from django.db import connection

from config import watchdog
from config.embedded import processes
from config.embedded.valkey import ValkeyServer
from properties import clock
from properties.models import Heartbeat

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(180),
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
]

PROJECT = Path(__file__).parents[2]
QUEUES = "news,locks,mail,hooks,default"
STUCK = {70, 1}  # exit codes of a worker that ends itself, in order or hard


@dataclass
class Installation:
    """A broker of its own, workers on it, and this test's database."""

    valkey: ValkeyServer
    directory: Path
    workers: list["Worker"] = field(default_factory=list)

    @property
    def hangs(self) -> Path:
        """The file at which a worker begins to hang."""
        return self.directory / "hangs"

    def worker(
        self, pool: str = "threads", *, concurrency: int = 2, redis_url: str = "", look_every: float = 0.5
    ) -> "Worker":
        """Start one and wait until it consumes."""
        made = Worker(
            self, f"-P {pool} -c {concurrency}", redis_url=redis_url or self.valkey.url, look_every=look_every
        )
        self.workers.append(made)
        assert processes.becomes_true(lambda: "ready." in made.said(), within=60), made.said()
        return made

    def send(self, task: str, **arguments: object) -> None:
        """Send a task as the beat and the portal do."""
        with Celery(broker=self.valkey.url, set_as_current=False) as producer:
            producer.conf.broker_transport_options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
            producer.send_task(task, kwargs=arguments, queue="default")

    def broker(self) -> redis.Redis:
        """The broker itself."""
        return redis.Redis.from_url(self.valkey.url, socket_timeout=5)

    def does_its_work(self, *, within: float = 30) -> bool:
        """Whether a tick is carried out, of those that are sent each second as the beat sends them.

        One may be lost: a broker hands it to a consumer that waits, and the connection turns out to be dead.
        """
        Heartbeat.objects.all().delete()
        began = time.monotonic()
        while time.monotonic() - began < within:
            self.send("access.tasks.note_ticks")
            if processes.becomes_true(Heartbeat.objects.exists, within=1):
                return True
        return False


class Worker:
    """A worker's process and what it says."""

    def __init__(self, place: Installation, options: str, *, redis_url: str, look_every: float) -> None:
        self._log = place.directory / f"worker-{len(place.workers)}.log"
        address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
        environment = {
            **os.environ,
            "DATABASE_URL": urlunsplit(address),
            "REDIS_URL": redis_url,
            "HANGS": str(place.hangs),
            "LOOK_EVERY": str(look_every),
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        words = [sys.executable, "-m", "celery", "-A", "tests.config.a_worker", "worker"]
        with self._log.open("wb") as output:
            self.process = subprocess.Popen(
                [*words, *options.split(), "-Q", QUEUES, "-l", "INFO"],
                cwd=PROJECT,
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def said(self) -> str:
        """Its log so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def runs(self) -> bool:
        """Whether it has not ended."""
        return self.process.poll() is None

    def end(self) -> None:
        """End it and its children."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Installation]:
    """Its parts end with the test."""
    valkey = ValkeyServer(tmp_path / "valkey", durable=False)
    valkey.start()
    made = Installation(valkey, tmp_path)
    try:
        yield made
    finally:
        for worker in made.workers:
            worker.end()
        valkey.stop()


@pytest.mark.parametrize("pool", ["threads", "prefork"])
def test_a_worker_whose_consumer_hangs_ends_itself_and_the_next_one_does_the_work(
    place: Installation, pool: str
) -> None:
    worker = place.worker(pool)
    assert place.does_its_work()
    place.hangs.touch()
    assert processes.becomes_true(lambda: not place.hangs.exists(), within=5)

    assert not place.does_its_work(within=3)
    assert worker.process.wait(30) == 1
    assert "in look" in worker.said()  # where it hung
    assert "worker_takes_nothing" in worker.said()
    assert processes.becomes_true(lambda: no_process_of(worker), within=10)

    place.worker(pool)
    assert place.does_its_work()


def no_process_of(worker: Worker) -> bool:
    """Whether nothing is left of its session."""
    try:
        os.killpg(worker.process.pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_an_idle_worker_and_one_with_a_long_task_are_left_alone(place: Installation) -> None:
    worker = place.worker(concurrency=1)
    time.sleep(6)  # twice as long as one that is stuck is given here
    place.send("tests.take_a_while", seconds=6)
    place.send("access.tasks.note_ticks")
    place.send("access.tasks.note_ticks")
    place.send("access.tasks.note_ticks")

    assert processes.becomes_true(Heartbeat.objects.exists, within=15)
    assert worker.runs()
    assert "worker_takes_nothing" not in worker.said()


def test_a_broker_that_says_nothing_for_a_while_ends_no_worker(place: Installation) -> None:
    worker = place.worker()
    assert place.valkey.pid
    os.kill(place.valkey.pid, signal.SIGSTOP)
    time.sleep(12)
    os.kill(place.valkey.pid, signal.SIGCONT)

    assert place.does_its_work(within=60)
    assert worker.runs()


def test_connections_that_die_silently_are_made_anew_before_the_watchdog_ends_the_worker(
    place: Installation,
) -> None:
    with Wire(int(urlsplit(place.valkey.url).port or 0)) as wire:
        worker = place.worker(redis_url=through(place.valkey.url, wire.port), look_every=watchdog.LOOK_EVERY)
        assert place.does_its_work()

        wire.cut_silently()

        assert place.does_its_work(within=90)
        assert worker.runs()


def test_a_worker_on_connections_that_stay_dead_is_ended_and_the_next_one_does_the_work(
    place: Installation,
) -> None:
    with Wire(int(urlsplit(place.valkey.url).port or 0)) as wire:
        worker = place.worker(redis_url=through(place.valkey.url, wire.port))
        assert place.does_its_work()

        wire.cut_silently()
        place.does_its_work(within=4)

        assert worker.process.wait(30) in STUCK
        assert "worker_takes_nothing" in worker.said()
        place.worker()
        assert place.does_its_work()


def test_an_emptied_broker_takes_rings_as_before(place: Installation) -> None:
    worker = place.worker()
    assert place.does_its_work()

    with closing(place.broker()) as broker:
        broker.flushall()

    assert place.does_its_work(within=10)
    assert worker.runs()


def test_ticks_that_piled_up_in_hours_are_dropped_and_the_next_one_is_carried_out(
    place: Installation,
) -> None:
    long_ago = clock.now() - timedelta(hours=2)
    options = settings.CELERY_BEAT_SCHEDULE["note-ticks"]["options"]
    assert options == {"expires": 60.0}
    with Celery(broker=place.valkey.url, set_as_current=False) as producer:
        for number in range(480):  # two hours of it
            expires = long_ago + timedelta(seconds=15 * number + options["expires"])
            producer.send_task("access.tasks.note_ticks", queue="default", expires=expires)
    with closing(place.broker()) as broker:
        assert broker.llen("default") == 480

        worker = place.worker()

        assert processes.becomes_true(lambda: broker.llen("default") == 0, within=20)
    fresh = sum(long_ago + timedelta(seconds=15 * number + 60) > clock.now() for number in range(480))
    assert processes.becomes_true(
        lambda: worker.said().count("Discarding revoked task") >= 480 - 5, within=20
    )
    assert fresh <= 5
    assert place.does_its_work()


def through(url: str, port: int) -> str:
    """The same address by way of another port."""
    address = urlsplit(url)
    return urlunsplit(address._replace(netloc=f":{address.password}@127.0.0.1:{port}"))


class Wire:
    """Carries bytes to a port until it is cut: then open connections stay open and carry nothing."""

    def __init__(self, to_port: int) -> None:
        self._to_port = to_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._generation = 0
        self._kept: list[socket.socket] = []

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        for one in self._kept:
            one.close()

    def cut_silently(self) -> None:
        """Swallow what comes from now on, in both directions; later connections are carried."""
        self._generation += 1

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                here, _ = self._listener.accept()
                there = socket.create_connection(("127.0.0.1", self._to_port))
                self._kept += [here, there]
                carries = self._carries(self._generation)
                for source, target in ((here, there), (there, here)):
                    threading.Thread(target=carry, args=(source, target, carries), daemon=True).start()

    def _carries(self, generation: int) -> Callable[[], bool]:
        return lambda: self._generation == generation


def carry(source: socket.socket, target: socket.socket, carries: Callable[[], bool]) -> None:
    """Carry bytes one way."""
    with suppress(OSError):
        while piece := source.recv(65536):
            if carries():
                target.sendall(piece)
        if carries():
            target.shutdown(socket.SHUT_WR)
