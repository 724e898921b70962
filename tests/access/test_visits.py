"""How often one address may ask for guests' pages."""

from datetime import timedelta

import pytest
from pytest_django.fixtures import Settings

from access import visits
from tests.worlds import MONDAY_NOON

A_MINUTE = timedelta(minutes=1)


def test_so_many_visits_of_one_address_and_no_more() -> None:
    for _ in range(visits.MOST_VISITS):
        visits.count("192.0.2.1", now=MONDAY_NOON)

    with pytest.raises(visits.TooOften):
        visits.count("192.0.2.1", now=MONDAY_NOON)
    visits.count("192.0.2.2", now=MONDAY_NOON)
    visits.count("192.0.2.1", now=MONDAY_NOON + A_MINUTE)


def test_after_few_links_that_lead_nowhere_there_is_a_minute_of_rest() -> None:
    for _ in range(visits.MOST_MISSES):
        visits.count("192.0.2.1", now=MONDAY_NOON)
        visits.count_miss("192.0.2.1", now=MONDAY_NOON)

    with pytest.raises(visits.TooOften):
        visits.count("192.0.2.1", now=MONDAY_NOON)
    visits.count("192.0.2.2", now=MONDAY_NOON)
    visits.count("192.0.2.1", now=MONDAY_NOON + A_MINUTE)


def test_without_redis_nobody_is_turned_away(settings: Settings) -> None:
    settings.CACHES = {
        "default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"},
    }

    for _ in range(3):
        visits.count("192.0.2.1", now=MONDAY_NOON)
        visits.count_miss("192.0.2.1", now=MONDAY_NOON)
