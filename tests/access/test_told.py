"""Whether there is anything to tell."""

from datetime import UTC, datetime

from access import told
from access.models import MessageKind
from access.told import Told, Truth

ADA = "ada@guests.example"
TRUTH = Truth(
    code="384174",
    starts_at=datetime(2026, 6, 15, 13, tzinfo=UTC),
    ends_at=datetime(2026, 6, 17, 8, tzinfo=UTC),
    unit="Flat 1, House",
    doors=("Front door", "Flat 1"),
)


def news_after(*, is_certain: bool) -> MessageKind | None:
    known = Told(MessageKind.ACCESS_CHANGED, 2, TRUTH, is_certain, frozenset({ADA}))
    return told.news(known, TRUTH, revision=2, to=[ADA])


def test_what_surely_left_is_no_news() -> None:
    assert news_after(is_certain=True) is None


def test_what_may_not_have_left_is_told_again() -> None:
    assert news_after(is_certain=False) is MessageKind.ACCESS_CHANGED
