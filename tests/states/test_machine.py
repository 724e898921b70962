"""Anything in any order: stories made by chance, and the shortest one of those that go wrong."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, seed
from hypothesis import settings as hypothesis_settings
from hypothesis.stateful import run_state_machine_as_test
from pytest_django.fixtures import Settings

from access import log_reading, sweep
from tests.crashes import house
from tests.states.machine import AnythingHappens

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True), pytest.mark.timeout(3600)]

SELDOM = timedelta(hours=6)  # between sweeps: days pass here, and what is told by a sweep is told by the last


@pytest.fixture
def machine(
    transactional_db: None,  # noqa: ARG001
    tmp_path: Path,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[type[AnythingHappens]]:
    settings.CACHES = {"default": {"BACKEND": "config.rehearsal.memory.Memory"}}
    settings.EMAIL_BACKEND = "config.rehearsal.letters.Letters"
    settings.PUBLIC_URL = "http://127.0.0.1:1"  # the simulator takes plain addresses on this machine
    for module, name in (
        (sweep, "EVERY"),
        (sweep, "BESIDE_WEBHOOKS"),
        (log_reading, "BUSY"),
        (log_reading, "IDLE"),
        (log_reading, "BESIDE_WEBHOOKS"),
    ):
        monkeypatch.setattr(module, name, SELDOM)
    logging.disable(logging.CRITICAL)
    with house.founded(tmp_path) as made:
        monkeypatch.setattr(AnythingHappens, "house", made, raising=False)
        yield AnythingHappens
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize(
    "first",
    [1, *(pytest.param(more, marks=pytest.mark.long) for more in (2, 3, 4))],
    ids="stories {} of 50 steps".format,
)
def test_whatever_happens_in_whatever_order_the_locks_are_right(
    machine: type[AnythingHappens], first: int
) -> None:
    chosen = hypothesis_settings(
        max_examples=200 // 4,  # so that several processes share them
        stateful_step_count=50,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )

    run_state_machine_as_test(seed(first)(machine), settings=chosen)
