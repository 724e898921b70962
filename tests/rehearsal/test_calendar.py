"""How stays are spread over homes and days."""

import random
from datetime import date, timedelta
from itertools import pairwise
from typing import cast

import pytest

from config.rehearsal import calendar
from config.rehearsal.town import Home

START = date(2026, 1, 5)
HOMES = cast("list[Home]", ["Flat 1", "Flat 2", "Flat 3"])


def test_every_stay_has_a_night_and_none_of_a_home_overlap() -> None:
    spread = calendar.spread(HOMES, count=100, days=120, start=START, chance=random.Random(4))  # noqa: S311

    assert len(spread) == 100
    for home in HOMES:
        own = [nights for nights in spread if nights.home == home]
        assert all(one.first < one.last for one in own)
        assert all(one.last <= after.first for one, after in pairwise(own))
        assert own[-1].last <= START + timedelta(days=120)


def test_more_stays_than_nights_are_refused() -> None:
    with pytest.raises(calendar.TooManyStays):
        calendar.spread(HOMES, count=4, days=1, start=START, chance=random.Random(4))  # noqa: S311
