import pytest

from config.demo.patience import Patience

PATIENCE = Patience()


def test_delays_double_up_to_the_longest() -> None:
    assert [PATIENCE.delay(row) for row in range(1, 8)] == [1, 2, 4, 8, 16, 30, 30]


@pytest.mark.parametrize(
    ("ran_for", "row"),
    [pytest.param(59.9, 4, id="not long enough"), pytest.param(60, 1, id="healthy")],
)
def test_after_a_healthy_time_delays_begin_anew(ran_for: float, row: int) -> None:
    assert PATIENCE.ends_in_a_row(3, ran_for=ran_for) == row


@pytest.mark.parametrize(
    ("ended_at", "exhausted"),
    [
        pytest.param([], False, id="never"),
        pytest.param([0, 1, 2, 3], False, id="four times"),
        pytest.param([0, 1, 2, 3, 60], True, id="five times in a minute"),
        pytest.param([0, 1, 2, 3, 60.1], False, id="five times in more"),
        pytest.param([0, 90, 91, 92, 93, 94], True, id="the first does not count any more"),
    ],
)
def test_five_ends_within_a_minute_are_too_many(ended_at: list[float], exhausted: bool) -> None:  # noqa: FBT001
    assert PATIENCE.is_exhausted(ended_at) is exhausted
