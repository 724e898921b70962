"""Finding stays among all that there ever were."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from access import stay_views, stays
from nuki_gateway.simulator import TurnedClock
from tests.visitors import Visitor, check_page, signed_in, words
from tests.worlds import Business

DAY = timedelta(days=1)


@pytest.fixture
def host(alice: Business, clock: TurnedClock) -> Visitor:
    return signed_in(alice, clock)


@pytest.fixture
def booked(alice: Business, clock: TurnedClock) -> None:
    """One stay of each sort; all of them are looked at two days later."""
    now = clock.now()
    for name, unit, starts, ends in (
        ("Ada Over", "Flat 1", 0, 1),
        ("Bela Here", "Flat 1", 1, 4),
        ("Cleo Coming", "Flat 2", 9, 12),
        ("Dora Cancelled", "Flat 2", 0, 8),
    ):
        stay = alice.book(
            now=now, unit=unit, guest_name=name, starts_at=now + starts * DAY, ends_at=now + ends * DAY
        )
        if "Cancelled" in name:
            stays.cancel(stay=stay, cancelled_by=None, now=now)
    clock.turn(seconds=2 * 86_400)


def names(host: Visitor, query: str) -> list[str]:
    return [card.guest_name for card in host.get(f"/stays/all{query}").context["page"].cards]


@pytest.mark.usefixtures("booked")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Cleo Coming", "Bela Here", "Dora Cancelled", "Ada Over"]),
        ("?show=coming", ["Cleo Coming"]),
        ("?show=here", ["Bela Here"]),
        ("?show=over", ["Ada Over"]),
        ("?show=cancelled", ["Dora Cancelled"]),
        ("?q=ADA+o", ["Ada Over"]),
        ("?q=flat+2&show=coming", ["Cleo Coming"]),
        ("?q=nobody", []),
        ("?show=junk&property=x&before=x", ["Cleo Coming", "Bela Here", "Dora Cancelled", "Ada Over"]),
        ("?property=999999999", ["Cleo Coming", "Bela Here", "Dora Cancelled", "Ada Over"]),
    ],
)
def test_stays_are_found(host: Visitor, query: str, found: list[str]) -> None:
    assert [name for name in names(host, query) if name in found] == found
    assert len(names(host, query)) == len(found)


@pytest.mark.usefixtures("booked")
def test_stays_of_one_property_are_found(host: Visitor, alice: Business) -> None:
    assert len(names(host, f"?property={alice.house.pk}")) == 4


@pytest.mark.usefixtures("booked")
def test_every_stay_is_on_one_of_the_pages(host: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stay_views, "PAGE_LENGTH", 2)

    first = host.get("/stays/all?q=a")
    second = host.get(first.context["page"].next_url)

    check_page(first)
    shown = [card.guest_name for page in (first, second) for card in page.context["page"].cards]
    assert sorted(shown) == ["Ada Over", "Bela Here", "Cleo Coming", "Dora Cancelled"]
    assert (shown[:2], second.context["page"].next_url) == (["Cleo Coming", "Bela Here"], None)


def test_an_empty_list_says_why(host: Visitor) -> None:
    assert "Nothing has been booked yet." in words(host.get("/stays/all"))
    assert "No stay is like that." in words(host.get("/stays/all?q=x"))


def test_the_page_asks_as_often_for_many_stays_as_for_few(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            host.get("/stays/all")
        return len(queries.captured_queries)

    alice.book(now=clock.now())
    few = asked()
    for day in range(3, 28):
        starts_at = clock.now() + day * DAY
        alice.book(now=clock.now(), starts_at=starts_at, ends_at=starts_at + timedelta(hours=20))

    assert asked() == few <= 12
