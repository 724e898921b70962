"""What counts as proof that the lock itself was read again."""

from datetime import UTC, datetime, timedelta

import pytest

from access import proof
from access.proof import SYNC_AGAIN, SYNC_PATIENCE, Sync

ASKED = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)
MARK = datetime(2026, 6, 15, 11, 59, 58, tzinfo=UTC)  # Nuki's clock; only ever compared with Nuki's dates
A_SECOND = timedelta(seconds=1)
SYNC = Sync(ASKED, MARK)


@pytest.mark.parametrize(
    ("written_at", "is_covered"),
    [
        pytest.param(ASKED - A_SECOND, True, id="asked after the write"),
        pytest.param(ASKED, False, id="asked in the same look"),
        pytest.param(ASKED + A_SECOND, False, id="asked before the write"),
        pytest.param(None, True, id="nothing was written"),
    ],
)
def test_a_sync_proves_only_what_was_written_before_it(
    written_at: datetime | None, *, is_covered: bool
) -> None:
    assert proof.covers(SYNC, written_at) is is_covered


def test_without_a_sync_nothing_is_proven() -> None:
    assert proof.covers(None, None) is False


@pytest.mark.parametrize(
    ("listed_at", "was_asked_since"),
    [
        pytest.param(ASKED - A_SECOND, True, id="listed when it was asked for"),
        pytest.param(ASKED, True, id="listed in the same look"),
        pytest.param(ASKED + A_SECOND, False, id="listed afterwards"),
        pytest.param(None, False, id="not listed"),
    ],
)
def test_a_sync_proves_an_entry_only_if_it_was_listed_before(
    listed_at: datetime | None, *, was_asked_since: bool
) -> None:
    assert proof.was_asked_since(SYNC, listed_at) is was_asked_since


@pytest.mark.parametrize(
    ("updated_at", "is_shown"),
    [
        pytest.param(MARK + A_SECOND, True, id="read again since"),
        pytest.param(MARK, False, id="as it was"),
        pytest.param(None, False, id="no date"),
    ],
)
def test_an_entry_proves_itself_by_a_newer_date(updated_at: datetime | None, *, is_shown: bool) -> None:
    assert proof.is_shown_by_entry(SYNC, updated_at) is is_shown


@pytest.mark.parametrize(
    ("sync", "told_at", "is_shown"),
    [
        pytest.param(SYNC, MARK + A_SECOND, True, id="told since"),
        pytest.param(SYNC, MARK, False, id="of a reading before"),
        pytest.param(SYNC, None, False, id="not told"),
        pytest.param(Sync(ASKED, None), MARK, False, id="nothing to compare with"),
    ],
)
def test_news_prove_it_by_a_date_that_was_not_known_before(
    sync: Sync, told_at: datetime | None, *, is_shown: bool
) -> None:
    assert proof.is_shown_by_news(sync, told_at) is is_shown


@pytest.mark.parametrize(
    ("change", "is_shown"),
    [
        pytest.param({}, True, id="reached since"),
        pytest.param({"lock_updated_at": MARK}, False, id="not reached since"),
        pytest.param({"lock_updated_at": None}, False, id="no date"),
        pytest.param({"is_online": False}, False, id="offline"),
        pytest.param({"operation_runs": True}, False, id="still at work"),
        pytest.param({"now": ASKED + SYNC_PATIENCE - A_SECOND}, False, id="too soon to tell"),
    ],
)
def test_a_lock_proves_it_by_its_own_date_and_some_patience(
    change: dict[str, object], *, is_shown: bool
) -> None:
    facts: dict[str, object] = {
        "lock_updated_at": MARK + A_SECOND,
        "is_online": True,
        "operation_runs": False,
        "now": ASKED + SYNC_PATIENCE,
    }

    assert proof.is_shown_by_lock(SYNC, **(facts | change)) is is_shown  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("sync", "now", "may_ask"),
    [
        pytest.param(None, ASKED, True, id="never asked"),
        pytest.param(SYNC, ASKED + A_SECOND, False, id="under way"),
        pytest.param(SYNC, ASKED + SYNC_AGAIN, True, id="has had its time"),
        pytest.param(Sync(ASKED - 2 * A_SECOND, MARK), ASKED, True, id="older than the write"),
    ],
)
def test_a_sync_is_asked_for_once_for_each_write(sync: Sync | None, now: datetime, *, may_ask: bool) -> None:
    assert proof.may_ask_again(sync, written_at=ASKED - A_SECOND, now=now) is may_ask
