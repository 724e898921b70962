"""The plan of faults follows from its seed and leaves no part out."""

import random
from collections import Counter

import pytest

from tests.chaos import faults
from tests.chaos.faults import Kind
from tests.chaos.installation import HIT


def test_the_same_seed_gives_the_same_plan() -> None:
    first, second = (
        faults.plan(random.Random(7), parts=HIT, length=900, gap=12)  # noqa: S311  it is to be foreseen
        for _ in range(2)
    )

    assert first == second


@pytest.mark.parametrize("seed", range(20))
def test_a_quarter_of_an_hour_hits_every_part_in_every_way_at_least_forty_times_in_all(seed: int) -> None:
    planned = faults.plan(random.Random(seed), parts=HIT, length=900, gap=12)  # noqa: S311  it is to be foreseen

    hits = Counter((one.part, one.kind) for one in planned)
    assert set(hits) == {(part, kind) for part in HIT for kind in Kind}
    assert len(planned) >= 40
    assert all(one.at < 900 for one in planned)
