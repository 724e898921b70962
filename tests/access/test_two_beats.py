"""Two beats at once, their rings taken by workers at once: one authorization on each lock, one message."""

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
import time_machine
from django.db import connections

from access import tasks
from access.models import Message
from tests.conftest import Rings
from tests.timeline import Timeline
from tests.worlds import Business, code_of, writes

BEATS = 2
TICKS: Sequence[Callable[[], None]] = (tasks.ring_due_locks, tasks.ring_due_messages, tasks.note_ticks)
TASKS: dict[str, Callable[..., None]] = {
    "access.tasks.reconcile_lock": tasks.reconcile_lock,
    "access.tasks.send_message": tasks.send_message,
}

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def at_once(jobs: Sequence[Callable[[], None]]) -> None:
    """Do all of it at the same time, each in a thread and on a connection of its own."""
    gate, problems = threading.Barrier(len(jobs)), list[BaseException]()

    def work(job: Callable[[], None]) -> None:
        try:
            gate.wait(10)
            job()
        except BaseException as problem:  # noqa: BLE001  told to the test below
            problems.append(problem)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert problems == []


def all_ticks() -> None:
    """What one beat has carried out at a moment when everything is due."""
    for tick in TICKS:
        tick()


def answer(ring: tuple[str, dict[str, int], float | None]) -> Callable[[], None]:
    """What a worker does for a ring."""
    task, arguments, _ = ring
    return lambda: TASKS[task](**arguments)


def test_two_beats_and_doubled_rings_make_one_authorization_and_one_message(
    alice: Business, timeline: Timeline, rings: Rings, mailoutbox: list[object]
) -> None:
    stay = alice.book(now=timeline.now)

    for _ in range(60):
        with time_machine.travel(timeline.now, tick=False):
            rings.sent.clear()
            at_once([all_ticks] * BEATS)
            if heard := [ring for ring in rings.sent if ring[2] is None or ring[2] <= 0]:
                at_once([answer(ring) for ring in heard * BEATS])
        timeline.clock.turn(seconds=5)

    assert (alice.codes_on("Front door"), alice.codes_on("Flat 1")) == ([code_of(stay)], [code_of(stay)])
    assert writes(alice.simulator) == {"PUT": 2}
    assert len(mailoutbox) == 1
    assert Message.objects.get().sent_at is not None


def test_two_beats_ring_once_for_a_lock(alice: Business, timeline: Timeline, rings: Rings) -> None:
    alice.book(now=timeline.now)
    rings.sent.clear()

    with time_machine.travel(timeline.now + timedelta(seconds=1), tick=False):
        at_once([tasks.ring_due_locks] * 4)

    assert sorted(ring[1]["lock_id"] for ring in rings.sent) == sorted(
        [alice.locks["Front door"].pk, alice.locks["Flat 1"].pk]
    )
