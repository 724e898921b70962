"""Which businesses a sample has: the numbers asked for are totals, and the typical one is always the same."""

import pytest

from config.sample import plan
from config.sample.plan import Kind, Sizes

FULL = Sizes(doors=10_000, stays=1_000_000, events=10_000_000)


@pytest.mark.parametrize(
    "sizes",
    [
        FULL,
        Sizes(doors=53, stays=5_300, events=53_000),
        Sizes(doors=1, stays=7, events=3),
        Sizes(doors=777, stays=1, events=0),
    ],
    ids=lambda sizes: f"{sizes.doors} doors",
)
def test_the_numbers_asked_for_are_totals(sizes: Sizes) -> None:
    made = plan.businesses(sizes)

    assert sum(one.doors for one in made) == sizes.doors
    assert sum(one.stays for one in made) == sizes.stays
    assert sum(one.events for one in made) == sizes.events
    assert len({one.slug for one in made}) == len(made)


def test_a_full_sample_has_one_large_business_many_typical_ones_and_a_small_one() -> None:
    made = plan.businesses(FULL)

    doors = {kind: [one.doors for one in made if one.kind is kind] for kind in Kind}
    assert (len(doors[Kind.LARGEST]), len(doors[Kind.SMALL])) == (1, 1)
    assert doors[Kind.SMALL] == [3]
    assert doors[Kind.LARGEST][0] >= 4_000
    assert doors[Kind.TYPICAL] == [50] * 119


def test_a_typical_business_is_the_same_in_a_small_sample_of_as_much_for_each_door() -> None:
    small = Sizes(doors=53, stays=53 * 100, events=53 * 1_000)

    assert plan.businesses(small)[0] == plan.businesses(FULL)[0]


def test_parts_hold_each_unit_once_and_are_no_larger_than_a_step_may_be() -> None:
    for business in plan.businesses(FULL):
        made = plan.parts(business)

        units = [unit for part in made for unit in range(part.first, part.last)]
        assert units == list(range(business.units))
        assert len(made) >= business.stays / plan.MOST_STAYS


def test_a_total_is_shared_out_to_the_last() -> None:
    assert sum(plan.share(10, number=number, among=7) for number in range(7)) == 10
