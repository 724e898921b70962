"""When a worker counts as one that takes nothing."""

import faulthandler
from collections.abc import Sized
from dataclasses import dataclass, field

import pytest
import redis
from django.conf import settings
from pytest_django.fixtures import Settings

from config import watchdog
from config.watchdog import LOOKS_WHEN_BUSY, LOOKS_WHEN_FREE, Judgement


@dataclass
class State:
    """What Celery counts, as far as an end needs it."""

    should_stop: int | None = None
    all_total_count: list[int] = field(default_factory=lambda: [0])
    active_requests: Sized = ()


def test_a_worker_that_takes_nothing_for_three_minutes_while_tasks_wait_is_stuck() -> None:
    judgement = Judgement(started=7)

    looks = [judgement.is_stuck(started=7, is_busy=False, waiting=1) for _ in range(LOOKS_WHEN_FREE)]

    assert looks == [False] * 5 + [True]


def test_an_idle_worker_is_never_stuck() -> None:
    judgement = Judgement(started=7)

    assert not any(judgement.is_stuck(started=7, is_busy=False, waiting=0) for _ in range(1000))


def test_a_worker_that_starts_tasks_is_never_stuck_however_many_wait() -> None:
    judgement = Judgement()

    assert not any(judgement.is_stuck(started=n, is_busy=n % 2 == 0, waiting=9000) for n in range(1000))


def test_a_worker_with_a_long_task_is_stuck_only_after_longer_than_any_task_takes() -> None:
    judgement = Judgement(started=7)

    looks = [judgement.is_stuck(started=7, is_busy=True, waiting=5) for _ in range(LOOKS_WHEN_BUSY)]

    assert looks == [False] * 29 + [True]
    assert settings.CELERY_TASK_TIME_LIMIT < LOOKS_WHEN_BUSY * watchdog.LOOK_EVERY


def test_one_look_at_which_nothing_waits_begins_the_count_anew() -> None:
    judgement = Judgement(started=7)

    looks = [judgement.is_stuck(started=7, is_busy=False, waiting=n % 5) for n in range(100)]

    assert not any(looks)


def test_tasks_that_wait_are_counted_over_all_queues(settings: Settings) -> None:
    with redis.Redis.from_url(settings.REDIS_URL) as broker:
        broker.rpush("waiting-1", "a", "b")
        broker.rpush("waiting-2", "c")

        waiting = watchdog.tasks_waiting(["waiting-1", "waiting-2", "waiting-3"])
        broker.delete("waiting-1", "waiting-2")

    assert waiting == 3


def test_of_a_broker_that_is_gone_no_waiting_task_is_known(settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    assert watchdog.tasks_waiting(["locks"]) == 0


def test_the_end_is_asked_for_and_comes_hard_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    state, hard = State(), list[tuple[float, dict[str, object]]]()
    monkeypatch.setattr(
        faulthandler, "dump_traceback_later", lambda seconds, **more: hard.append((seconds, more))
    )

    watchdog.end(state)

    assert state.should_stop == 70
    assert hard == [(10.0, {"exit": True, "file": 2})]
