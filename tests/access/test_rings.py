"""How far ahead a ring may be: never longer than the broker keeps a task for one worker."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from access import leases, work_queue
from access.work_queue import FARTHEST_RING
from tests.conftest import Rings
from tests.timeline import Timeline
from tests.worlds import Business

PROJECT = Path(__file__).parents[2]
SENDS = re.compile(r"\b(?:send_task|apply_async|delay|countdown|eta)\s*[(=]")
A_SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("ahead", "countdowns"),
    [
        pytest.param(timedelta(0), [None], id="now"),
        pytest.param(FARTHEST_RING, [60.0], id="in a minute"),
        pytest.param(FARTHEST_RING + A_SECOND, [], id="later: the tick rings then"),
        pytest.param(timedelta(days=3), [], id="in three days"),
    ],
)
def test_a_ring_is_sent_at_most_a_minute_ahead(
    alice: Business, timeline: Timeline, rings: Rings, ahead: timedelta, countdowns: list[float | None]
) -> None:
    rings.sent.clear()

    work_queue.lock_is_due_at(alice.locks["Flat 1"].pk, at=timeline.now + ahead, now=timeline.now)

    assert [countdown for _, _, countdown in rings.sent] == countdowns


def test_a_ring_and_its_look_end_before_the_broker_gives_the_task_to_another_worker() -> None:
    patience = timedelta(seconds=settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"])

    assert patience > FARTHEST_RING + leases.LEASE
    assert timedelta(minutes=15) > FARTHEST_RING


def test_tasks_are_sent_from_one_module_only() -> None:
    ours = [path for part in ("access", "properties") for path in (PROJECT / part).rglob("*.py")]
    sending = {str(path.relative_to(PROJECT)) for path in ours if SENDS.search(path.read_text("utf-8"))}

    assert sending == {"access/work_queue.py"}
