"""Whose right was used: certain, or nobody's. Numbers of codes play no part, as locks give them out again."""

from datetime import UTC, datetime, timedelta

import pytest

from access.attribution import Right, Wish, who_asked, whose

NOON = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
ADA = Right(1, "K1-ada", "a" * 24, NOON - 5 * HOUR, gone_at=None)
BO = Right(2, "K1-bo", "b" * 24, NOON - 5 * HOUR, gone_at=NOON - HOUR)
NEW = Right(3, "K1-new", "", NOON - 5 * HOUR, gone_at=None)  # we have not seen its id yet


@pytest.mark.parametrize(
    ("authorization_id", "name", "at", "grant"),
    [
        pytest.param("a" * 24, "K1-ada", NOON, 1, id="by the authorization"),
        pytest.param("a" * 24, "renamed by the host", NOON, 1, id="whatever it is called by now"),
        pytest.param("a" * 24, "K1-bo", NOON, 1, id="the id comes before the name"),
        pytest.param("", "K1-ada", NOON, 1, id="without an id, by our label"),
        pytest.param("c" * 24, "K1-new", NOON, 3, id="an id that we have not seen, by our label"),
        pytest.param("c" * 24, "Anna", NOON, None, id="somebody else's"),
        pytest.param("", "", NOON, None, id="nothing to go by"),
        pytest.param("b" * 24, "K1-bo", NOON - 2 * HOUR, 2, id="while it was there"),
        pytest.param("b" * 24, "K1-bo", NOON, None, id="after it was gone"),
        pytest.param("b" * 24, "K1-ada", NOON, None, id="gone by its id: the name does not save it"),
        pytest.param("a" * 24, "K1-ada", NOON - 6 * HOUR, None, id="before it was asked for"),
        pytest.param(
            "a" * 24, "", NOON - 5 * HOUR - timedelta(minutes=2), 1, id="a lock's clock that is behind"
        ),
        pytest.param("b" * 24, "", NOON - HOUR + timedelta(minutes=2), 2, id="a lock's clock that is ahead"),
    ],
)
def test_it_was(authorization_id: str, name: str, at: datetime, grant: int | None) -> None:
    assert whose(authorization_id=authorization_id, name=name, at=at, rights=[ADA, BO, NEW]) == grant


def test_two_that_both_fit_are_nobody() -> None:
    twin = Right(4, "K1-ada", "a" * 24, NOON - HOUR, gone_at=None)

    assert whose(authorization_id="a" * 24, name="", at=NOON, rights=[ADA, twin]) is None


@pytest.mark.parametrize(
    ("seconds", "wishes", "grant"),
    [
        pytest.param(4, [Wish(NOON, 1)], 1, id="asked for on the page of a stay"),
        pytest.param(4, [Wish(NOON, None)], None, id="asked for by a host"),
        pytest.param(4, [], None, id="asked for elsewhere"),
        pytest.param(
            30, [Wish(NOON, 1), Wish(NOON + timedelta(seconds=20), None)], None, id="a host was last"
        ),
        pytest.param(30, [Wish(NOON, None), Wish(NOON + timedelta(seconds=20), 2)], 2, id="a guest was last"),
        pytest.param(4, [Wish(NOON, 1), Wish(NOON + timedelta(seconds=20), 2)], 1, id="the other came later"),
        pytest.param(-5, [Wish(NOON, 1)], 1, id="a lock's clock that is a little behind"),
        pytest.param(121, [Wish(NOON, 1)], None, id="long after"),
    ],
)
def test_an_opening_over_nuki_web_is_whoever_asked_last(
    seconds: int, wishes: list[Wish], grant: int | None
) -> None:
    assert who_asked(at=NOON + timedelta(seconds=seconds), wishes=wishes) == grant
