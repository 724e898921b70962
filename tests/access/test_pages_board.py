"""The arrivals board: will everybody get in?"""

from datetime import timedelta

import pytest
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from access import stay_pages, stays, views
from nuki_gateway.simulator import Simulator, TurnedClock
from properties import nuki_accounts, places
from tests.timeline import Timeline
from tests.visitors import Visitor, check_page, signed_in, words
from tests.worlds import Business

DAY = timedelta(days=1)
MOST_QUERIES = 20


@pytest.fixture
def host(alice: Business, clock: TurnedClock) -> Visitor:
    return signed_in(alice, clock)


def read_locks(business: Business, clock: TurnedClock) -> None:
    nuki_accounts.refresh(account=business.account, now=clock.now())


def test_an_empty_board_says_that_nobody_comes(host: Visitor) -> None:
    answer = host.get("/")

    assert answer.status_code == 200
    assert answer.context["page"].answer == "Nobody arrives today, and nobody is in the house."
    assert [part.empty for part in answer.context["page"].sections] == [
        "Nobody arrives today.",
        "Nobody is in the house.",
    ]
    check_page(answer)


def test_the_board_says_that_everybody_gets_in_once_the_codes_are_confirmed(
    host: Visitor, alice: Business, timeline: Timeline
) -> None:
    alice.book(now=timeline.now)
    alice.book(now=timeline.now, unit="Flat 2", guest_name="Bela Kis")
    timeline.pass_seconds(60)

    page = host.get("/").context["page"]

    assert (page.answer, page.tone) == ("Everybody gets in.", "ready")
    assert [(card.guest_name, card.chip.word) for card in page.sections[0].cards] == [
        ("Ada Vogel", "In the house"),
        ("Bela Kis", "In the house"),
    ]


@pytest.mark.parametrize(
    ("units", "sentence"),
    [
        pytest.param(["Flat 1"], "1 code is on its way.", id="one"),
        pytest.param(["Flat 1", "Flat 2"], "2 codes are on their way.", id="two"),
    ],
)
def test_codes_that_travel_are_counted(
    host: Visitor, alice: Business, clock: TurnedClock, units: list[str], sentence: str
) -> None:
    for unit in units:
        alice.book(now=clock.now(), unit=unit)

    answer = host.get("/")

    assert (answer.context["page"].answer, answer.context["page"].tone) == (sentence, "moving")
    assert sentence in words(answer)


def test_a_guest_of_a_door_without_keypad_may_not_get_in(
    host: Visitor, alice: Business, timeline: Timeline
) -> None:
    alice.book(now=timeline.now, unit="Cellar")
    alice.book(now=timeline.now, unit="Flat 1", guest_name="Bela Kis")
    timeline.pass_seconds(60)

    page = host.get("/").context["page"]

    assert (page.answer, page.tone) == ("1 guest may not get in.", "act")


def test_guests_whose_lock_does_not_answer_may_not_get_in(
    host: Visitor, alice: Business, timeline: Timeline, simulator: Simulator
) -> None:
    simulator.take_offline(alice.locks["Front door"].smartlock_id)
    read_locks(alice, timeline.clock)
    alice.book(now=timeline.now)
    alice.book(now=timeline.now, unit="Flat 2", guest_name="Bela Kis")
    timeline.pass_seconds(60)

    answer = host.get("/")

    assert answer.context["page"].answer == "2 guests may not get in."
    assert [card.sentence for card in answer.context["page"].sections[0].cards] == [
        "Front door does not answer yet. We keep trying.",
        "Front door does not answer yet. We keep trying.",
    ]


def test_today_comes_first_then_the_house_then_later(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    start = clock.now()
    alice.book(now=start, guest_name="In the house", unit="Flat 2")
    clock.turn(seconds=DAY.total_seconds())
    evening = clock.now() + timedelta(hours=6)
    alice.book(now=clock.now(), guest_name="Later", starts_at=start + 4 * DAY, ends_at=start + 5 * DAY)
    alice.book(now=clock.now(), guest_name="Today", starts_at=evening, ends_at=evening + DAY)

    page = host.get("/").context["page"]

    assert [(part.title, [card.guest_name for card in part.cards]) for part in page.sections] == [
        ("Arriving today", ["Today"]),
        ("In the house", ["In the house"]),
    ]
    assert [card.guest_name for card in page.later] == ["Later"]


def test_today_is_what_the_clocks_at_the_property_say(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    before_midnight = clock.now().replace(hour=21, minute=30)  # 23:30 in Vienna
    after_midnight = clock.now().replace(hour=22, minute=30)  # 00:30 the next day
    alice.book(now=clock.now(), guest_name="Today", starts_at=before_midnight, ends_at=before_midnight + DAY)
    alice.book(
        now=clock.now(),
        unit="Flat 2",
        guest_name="Tomorrow",
        starts_at=after_midnight,
        ends_at=after_midnight + DAY,
    )

    page = host.get("/").context["page"]

    assert [card.guest_name for card in page.sections[0].cards] == ["Today"]
    assert [card.guest_name for card in page.later] == ["Tomorrow"]


def test_the_next_page_gives_the_same_answer_and_the_stays_that_follow(
    host: Visitor, alice: Business, timeline: Timeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "BOARD_LENGTH", 2)
    alice.book(now=timeline.now)
    for week in (1, 2):
        starts_at = timeline.now + week * 7 * DAY
        alice.book(now=timeline.now, guest_name=f"Week {week}", starts_at=starts_at, ends_at=starts_at + DAY)
    timeline.pass_seconds(60)

    first, second = host.get("/").context["page"], host.get("/?page=2").context["page"]

    assert (first.answer, first.previous_url, first.next_url) == ("Everybody gets in.", None, "?page=2")
    assert (second.answer, second.previous_url, second.next_url) == ("Everybody gets in.", "?page=1", None)
    assert [card.guest_name for card in second.later] == ["Week 2"]
    assert second.sections == []


def test_the_answer_is_also_about_those_in_the_house_who_are_on_the_next_page(
    host: Visitor, alice: Business, timeline: Timeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "BOARD_LENGTH", 1)
    alice.book(now=timeline.now)
    timeline.pass_seconds(60)
    alice.book(now=timeline.now, unit="Cellar", guest_name="Bela Kis")

    page = host.get("/").context["page"]

    assert page.answer == "1 guest may not get in."
    assert [card.guest_name for card in page.sections[0].cards] == ["Ada Vogel"]


@pytest.mark.parametrize("count", [3, 30])
def test_the_number_of_queries_does_not_grow_with_the_stays(
    host: Visitor,
    alice: Business,
    clock: TurnedClock,
    count: int,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    flats = list(alice.flats)[:2]
    for number in range(count):
        starts_at = clock.now() + number * DAY
        alice.book(
            now=clock.now(),
            unit=flats[number % 2],
            guest_name=f"Guest {number}",
            starts_at=starts_at,
            ends_at=starts_at + DAY,
        )

    with django_assert_max_num_queries(MOST_QUERIES) as queries:
        answer = host.get("/")

    assert isinstance(queries, CaptureQueriesContext)
    assert answer.content.count(b'class="cover') == count


def test_codes_stand_in_no_list(host: Visitor, alice: Business, timeline: Timeline) -> None:
    stay = alice.book(now=timeline.now, code="384174")
    board = host.get("/").content.decode()
    stays.cancel(stay=stay, cancelled_by=None, now=timeline.now)

    past = host.get("/stays/all").content.decode()

    assert [code in page for page in (board, past) for code in ("384174", "38 41 74")] == [False] * 4


def test_the_board_leads_to_all_stays_and_to_booking(host: Visitor) -> None:
    page = host.get("/").content.decode()

    assert 'href="/stays/all"' in page
    assert 'href="/stays/book"' in page


@pytest.mark.usefixtures("alice")
def test_charlie_sees_nothing_of_alice(charlie: Business, alice: Business, clock: TurnedClock) -> None:
    stay = alice.book(now=clock.now())
    visitor = signed_in(charlie, clock)

    board = visitor.get("/")
    page = visitor.get(f"/stays/{stay.pk}")

    assert "Ada Vogel" not in words(board)
    assert board.context["page"].answer == "Nobody arrives today, and nobody is in the house."
    assert page.status_code == 404


def test_an_unlikely_page_number_shows_a_page(host: Visitor, alice: Business) -> None:
    places.add_unit(place=alice.house, name="Unused", way_in=[])

    assert [host.get(f"/?page={page}").status_code for page in ("0", "-1", "x", "99999999999999999999")] == [
        200,
        200,
        200,
        200,
    ]


def test_those_who_may_not_get_in_come_first(host: Visitor, alice: Business, timeline: Timeline) -> None:
    alice.book(now=timeline.now)
    alice.book(now=timeline.now, unit="Cellar", guest_name="Bela Kis")
    timeline.pass_seconds(60)

    cards = host.get("/").context["page"].sections[0].cards

    assert [(card.guest_name, card.chip.tone) for card in cards] == [
        ("Bela Kis", "act"),
        ("Ada Vogel", "ready"),
    ]


def test_what_needs_attention_stands_first_with_its_reason_and_leads_to_the_stay(
    host: Visitor, alice: Business, timeline: Timeline
) -> None:
    alice.book(now=timeline.now)
    needy = alice.book(now=timeline.now, unit="Cellar", guest_name="Bela Kis")
    timeline.pass_seconds(60)

    answer = host.get("/")

    (card,) = answer.context["page"].attention
    assert (card.guest_name, card.unit_name, card.chip.word) == ("Bela Kis", "Cellar", "Needs you")
    assert card.sentence == "Cellar has no keypad, so no code opens it."
    assert card.url == f"/stays/{needy.pk}"
    seen = words(answer)
    assert seen.index("Needs attention") < seen.index("Cellar has no keypad") < seen.index("Arriving today")
    check_page(answer)


def test_a_board_on_which_all_is_well_has_no_such_section(
    host: Visitor, alice: Business, timeline: Timeline
) -> None:
    alice.book(now=timeline.now)
    timeline.pass_seconds(60)

    answer = host.get("/")

    assert answer.context["page"].attention == []
    assert "Needs attention" not in words(answer)


def test_an_arrival_of_tomorrow_morning_that_is_not_ready_needs_attention_though_all_workers_are_dead(
    host: Visitor, alice: Business, timeline: Timeline
) -> None:
    starts_at = timeline.now + timedelta(hours=20)  # tomorrow, by the clock on the wall
    alice.book(now=timeline.now, starts_at=starts_at, ends_at=starts_at + DAY)
    timeline.is_running = False
    timeline.pass_time(timedelta(minutes=5, seconds=1))

    page = host.get("/").context["page"]

    assert (page.answer, page.tone) == ("1 guest may not get in.", "act")
    assert [card.sentence for card in page.attention] == [
        "Ada Vogel's code is not confirmed on Front door yet."
    ]


@pytest.mark.parametrize(
    ("units", "sentence"),
    [
        pytest.param(["Flat 1"], "1 stay needs attention.", id="one"),
        pytest.param(["Flat 1", "Flat 2"], "2 stays need attention.", id="two"),
    ],
)
def test_a_weak_battery_is_no_locked_door_and_is_said_all_the_same(
    host: Visitor, alice: Business, timeline: Timeline, units: list[str], sentence: str
) -> None:
    for unit in units:
        alice.book(now=timeline.now, unit=unit)
    timeline.pass_seconds(60)
    alice.simulator.script.weaken_keypad_battery(alice.locks["Front door"].smartlock_id)
    read_locks(alice, timeline.clock)

    page = host.get("/").context["page"]

    assert (page.answer, page.tone) == (sentence, "look")
    assert {(card.chip.word, card.sentence) for card in page.attention} == {
        ("Look at it", "The battery of the keypad at Front door is nearly empty. Change it.")
    }


def test_a_keypad_that_is_gone_is_said_on_the_board_and_at_the_stay(
    host: Visitor, alice: Business, timeline: Timeline
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)
    alice.simulator.set_keypad(alice.locks["Flat 1"].smartlock_id, None)
    read_locks(alice, timeline.clock)

    board, page = host.get("/"), host.get(f"/stays/{stay.pk}")

    assert "The lock of Flat 1 has no keypad any more, so no code opens it." in words(board)
    assert "Nuki shows no keypad at this lock any more, so no code opens it." in words(page)


def test_of_very_many_the_nearest_are_shown_and_the_others_counted(
    host: Visitor, alice: Business, timeline: Timeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stay_pages, "MOST_AT_RISK", 2)
    for number in range(4):
        starts_at = timeline.now + timedelta(hours=number)
        alice.book(now=timeline.now, starts_at=starts_at, ends_at=starts_at + timedelta(minutes=50))
    timeline.is_running = False
    timeline.pass_time(timedelta(minutes=6))

    page = host.get("/").context["page"]

    assert [card.starts_at.hour for card in page.attention] == [12, 13]
    assert page.unshown == "2 more stays need attention."
    assert page.answer == "4 guests may not get in."


def test_the_next_page_does_not_repeat_what_needs_attention(
    host: Visitor, alice: Business, timeline: Timeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "BOARD_LENGTH", 1)
    for unit in ("Flat 1", "Flat 2"):
        alice.book(now=timeline.now, unit=unit)
    timeline.is_running = False
    timeline.pass_time(timedelta(minutes=6))

    page = host.get("/?page=2").context["page"]

    assert (page.attention, page.unshown) == ([], "")
    assert page.answer == "2 guests may not get in."
