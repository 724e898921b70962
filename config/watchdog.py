"""Ends a worker that takes no task although tasks wait for it; whoever looks after it starts another.

A worker whose consumer hangs looks alive from outside, and nobody else can tell it from one that is idle. So
a thread in it compares two facts: what the broker says, on a connection of its own, and what this worker
takes. Without an answer of the broker nothing is known to wait, and an end would help nobody.
"""

import faulthandler
import threading
from collections.abc import Collection, Iterable, Sized
from contextlib import closing
from dataclasses import dataclass
from typing import Protocol

import redis
import structlog
from celery import bootsteps
from django.conf import settings

log = structlog.get_logger(__name__)

LOOK_EVERY = 30.0  # seconds
LOOKS_WHEN_FREE = 6  # in a row, three minutes, at which tasks wait and a worker that does nothing takes none
LOOKS_WHEN_BUSY = 30  # a quarter of an hour for one that does something: longer than any task may take
TIME_TO_END = 10.0  # seconds for an end in order; what hangs does not end in order
EXIT_CODE = 70  # EX_SOFTWARE, and 1 where the end was a hard one: a failure to service managers
STANDARD_ERROR = 2  # the descriptor: Celery puts something else in the place of sys.stderr


class State(Protocol):
    """What Celery counts in a worker's main process, whatever its pool is."""

    all_total_count: list[int]  # one number: tasks that were started
    active_requests: Sized
    should_stop: int | None


class Worker(Protocol):
    """What we need of Celery's worker."""

    state: State
    app: "Application"


class Queues(Protocol):
    """The queues of a worker."""

    consume_from: Collection[str]


class Messages(Protocol):
    """Celery's way to its queues."""

    queues: Queues


class Application(Protocol):
    """What we need of Celery's application."""

    amqp: Messages


@dataclass
class Judgement:
    """What was seen of one worker, look by look."""

    started: int = -1  # tasks until the last look
    looks: int = 0  # in a row at which tasks waited and none was started

    def is_stuck(self, *, started: int, is_busy: bool, waiting: int) -> bool:
        """Take in one more look and judge. Looks are counted, not seconds: who slept has lost no time."""
        has_started = started != self.started
        self.started = started
        self.looks = 0 if has_started or not waiting else self.looks + 1
        return self.looks >= (LOOKS_WHEN_BUSY if is_busy else LOOKS_WHEN_FREE)


class Watchdog(bootsteps.StartStopStep):
    """The step of Celery's worker that begins the looks, and ends them with it."""

    def __init__(self, parent: Worker, **options: object) -> None:
        super().__init__(parent, **options)
        self._is_over = threading.Event()

    def start(self, parent: Worker) -> None:
        """Begin to look, from a thread that keeps nobody from ending."""
        threading.Thread(target=self._watch, args=(parent,), name="watchdog", daemon=True).start()

    def stop(self, parent: Worker) -> None:  # noqa: ARG002  Celery's signature
        """End it: a worker that takes nothing because it is ending is well."""
        self._is_over.set()

    def terminate(self, parent: Worker) -> None:
        """End it at a hasty end, too."""
        self.stop(parent)

    def _watch(self, worker: Worker) -> None:
        judgement = Judgement()
        while not self._is_over.wait(LOOK_EVERY):
            queues = list(worker.app.amqp.queues.consume_from)
            waiting = tasks_waiting(queues)
            is_stuck = judgement.is_stuck(
                started=worker.state.all_total_count[0],
                is_busy=len(worker.state.active_requests) > 0,
                waiting=waiting,
            )
            if is_stuck:
                log.error("worker_takes_nothing", queues=queues, waiting=waiting, looks=judgement.looks)
                end(worker.state)
                return


def tasks_waiting(queues: Iterable[str]) -> int:
    """How many tasks wait in these queues; none if the broker does not answer within seconds."""
    try:
        with closing(
            redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=2)
        ) as asked:
            return sum(int(asked.llen(queue)) for queue in queues)
    except (redis.RedisError, OSError):
        return 0


def end(state: State) -> None:
    """End this process: in Celery's own way if that still works, else hard, with a word on where it hung.

    The hard way is a thread outside of Python: what hangs may hold Python itself, up to its last breath.
    """
    faulthandler.dump_traceback_later(TIME_TO_END, exit=True, file=STANDARD_ERROR)
    state.should_stop = EXIT_CODE
