"""The board: will everybody get in?"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from access import arrival_pages, board_pages, board_queries, entrance, queries, readiness, stays
from access.log_entries import ActivityKind, Means
from access.models import Activity, Grant, Message, Problem, Stay
from nuki_gateway.models import ServerState
from nuki_gateway.simulator import Simulator, TurnedClock
from properties import nuki_accounts, organizations
from properties.models import SmartLock
from properties.reach import EVERYWHERE
from properties.roles import Role
from tests.timeline import Timeline
from tests.visitors import Visitor, check_page, signed_in, with_role, words
from tests.worlds import PASSWORD, Business, grant_on, unsend

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LATE = readiness.SLOW + timedelta(seconds=1)
MOST_QUERIES = 12
HOME = "/b/harbour-stays"


@pytest.fixture
def host(alice: Business, clock: TurnedClock) -> Visitor:
    return signed_in(alice, clock)


def read_locks(business: Business, clock: TurnedClock) -> None:
    nuki_accounts.refresh(account=business.account, now=clock.now())


def board(visitor: Visitor) -> Any:
    return visitor.get("/").context["page"]


def seen(page: Any) -> dict[str, list[str]]:
    """The names under each heading of the board."""
    found = {day.title: [card.guest_name for card in day.cards] for day in page.days}
    found |= {"in need": [card.guest_name for card in page.in_need]}
    found |= {"inside": [card.guest_name for card in page.inside]}
    found |= {"later": [card.guest_name for card in page.later]}
    return {title: names for title, names in found.items() if names}


def opened(stay: Stay, door: str, at: datetime) -> Activity:
    """The lock's log shows that the guest came in."""
    grant = grant_on(stay, door)
    return Activity.objects.create(
        organization_id=stay.organization_id,
        smart_lock_id=grant.smart_lock_id,
        source=f"{door} {at}",
        happened_at=at,
        recorded_at=at,
        kind=ActivityKind.OPENED,
        means=Means.KEYPAD,
        grant=grant,
    )


def test_an_empty_board_says_that_nobody_comes_and_what_to_do(host: Visitor) -> None:
    answer = host.get("/")

    page = answer.context["page"]
    assert answer.status_code == 200
    assert (page.answer, page.tone) == ("Nobody arrives today or in the two days after.", "past")
    assert (seen(page), page.book_url, page.places_url) == ({}, f"{HOME}/stays/book", "")
    check_page(answer)


@pytest.mark.django_db
def test_a_business_without_units_is_led_to_its_properties(clock: TurnedClock) -> None:
    organizations.found(name="New Stays", owner_email="eve@new.example", password=PASSWORD)
    visitor = Visitor(clock)
    visitor.client.login(email="eve@new.example", password=PASSWORD)

    answer = visitor.get("/")

    page = answer.context["page"]
    assert (page.places_url, page.book_url) == ("/b/new-stays/properties", "")
    assert "It begins with a property" in words(answer)
    check_page(answer)


def test_the_board_says_that_everybody_gets_in_once_the_codes_are_confirmed(
    host: Visitor, alice: Business, timeline: Timeline
) -> None:
    alice.book(now=timeline.now)
    alice.book(now=timeline.now, unit="Flat 2", guest_name="Bela Kis", starts_at=timeline.now + DAY)
    timeline.pass_seconds(60)

    page = board(host)

    assert (page.answer, page.tone) == ("Everybody who arrives by Wednesday gets in.", "ready")
    assert [(day.title, card.guest_name, card.chip.word) for day in page.days for card in day.cards] == [
        ("Today", "Ada Vogel", "Ready"),
        ("Tomorrow", "Bela Kis", "Ready"),
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
    assert 'hx-trigger="live, every 10s"' in answer.content.decode()


def test_an_arrival_shows_each_door_on_its_way_and_the_message(
    host: Visitor, alice: Business, timeline: Timeline
) -> None:
    alice.book(now=timeline.now)
    timeline.pass_seconds(60)

    (card,) = board(host).days[0].cards

    facts = ["code confirmed", "online", "battery 80 %", "keypad fine"]
    assert [(door.name, door.tone, [fact.word for fact in door.facts]) for door in card.doors] == [
        ("Front door", "ready", facts),
        ("Flat 1", "ready", facts),
    ]
    assert (card.message.word, card.message.tone, card.help, card.sentence) == (
        "Message sent",
        "ready",
        None,
        "",
    )


def test_who_needs_somebody_stands_first_with_the_reason_and_is_counted_among_the_arrivals(
    host: Visitor, alice: Business, timeline: Timeline
) -> None:
    needy = alice.book(now=timeline.now, unit="Cellar", guest_name="Bela Kis", guest_email="")
    alice.book(now=timeline.now)
    timeline.pass_seconds(60)

    answer = host.get("/")

    page = answer.context["page"]
    assert (page.answer, page.tone) == ("1 of 2 arrivals needs you.", "act")
    assert seen(page) == {"in need": ["Bela Kis"], "Today": ["Ada Vogel"]}
    (card,) = page.in_need
    assert (card.chip.word, card.sentence) == (
        "Needs you",
        "Cellar has no keypad, and the guest no address for an app invitation.",
    )
    assert card.url == f"{HOME}/stays/{needy.pk}"
    assert (card.help.word, card.help.url) == ("Look at the lock", f"{HOME}/locks/{alice.locks['Cellar'].pk}")
    shown = words(answer)
    assert shown.index("Needs you") < shown.index("Cellar has no keypad") < shown.index("Ada Vogel")
    check_page(answer)


def test_guests_whose_lock_does_not_answer_may_not_get_in_and_it_can_be_read_again(
    host: Visitor, alice: Business, timeline: Timeline, simulator: Simulator
) -> None:
    simulator.take_offline(alice.locks["Front door"].smartlock_id)
    read_locks(alice, timeline.clock)
    alice.book(now=timeline.now)
    alice.book(now=timeline.now, unit="Flat 2", guest_name="Bela Kis")
    timeline.pass_seconds(60)

    page = board(host)

    assert (page.answer, page.tone) == ("2 stays need you.", "act")
    assert [card.sentence for card in page.in_need] == [
        "Front door does not answer since 14:00; Ada Vogel's code is not confirmed there.",
        "Front door does not answer since 14:00; Bela Kis's code is not confirmed there.",
    ]
    assert {(card.help.word, card.help.url, card.help.is_asked) for card in page.in_need} == {
        ("Read the lock again", f"{HOME}/locks/{alice.locks['Front door'].pk}/read", True)
    }
    assert (page.doors[0].name, page.doors[0].chip.word) == ("Front door", "does not answer since 14:00")


def test_who_may_change_nothing_sees_the_same_board_without_what_changes_something(
    alice: Business, timeline: Timeline, simulator: Simulator
) -> None:
    simulator.take_offline(alice.locks["Front door"].smartlock_id)
    read_locks(alice, timeline.clock)
    alice.book(now=timeline.now)
    bob = with_role(alice, timeline.clock, Role.VIEWER)

    answer = bob.get("/")

    page = answer.context["page"]
    assert [(card.help.word, card.help.is_asked) for card in page.in_need] == [("Look at the lock", False)]
    assert page.book_url == ""
    assert "Read the lock again" not in words(answer)


def test_a_guest_whose_code_is_on_a_lock_that_is_out_of_reach_gets_in(
    host: Visitor, alice: Business, timeline: Timeline, simulator: Simulator
) -> None:
    alice.book(now=timeline.now)
    timeline.pass_seconds(60)
    simulator.take_offline(alice.locks["Flat 1"].smartlock_id)
    read_locks(alice, timeline.clock)

    page = board(host)

    (card,) = page.days[0].cards
    assert (page.answer, page.tone) == ("Everybody who arrives by Wednesday gets in.", "ready")
    assert (card.chip.word, card.chip.tone) == ("Gets in", "look")
    assert card.sentence == (
        "Flat 1 does not answer since 14:01. The code is already on the lock, so Ada Vogel gets in; "
        "changes wait until it is back."
    )
    assert page.in_need == []


def test_a_weak_battery_is_no_locked_door_and_is_said_all_the_same(
    host: Visitor, alice: Business, timeline: Timeline
) -> None:
    alice.book(now=timeline.now)
    timeline.pass_seconds(60)
    alice.simulator.script.weaken_keypad_battery(alice.locks["Front door"].smartlock_id)
    read_locks(alice, timeline.clock)

    page = board(host)

    (card,) = page.days[0].cards
    assert page.answer == "Everybody who arrives by Wednesday gets in."
    assert (card.chip.tone, card.sentence) == (
        "look",
        "The battery of the keypad at Front door is nearly empty. Change it.",
    )
    assert ("Front door", "change the keypad's battery") in {
        (door.name, door.chip.word) for door in page.doors
    }


def test_a_keypad_that_is_gone_is_said_on_the_board_and_at_the_stay(
    host: Visitor, alice: Business, timeline: Timeline
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)
    alice.simulator.set_keypad(alice.locks["Flat 1"].smartlock_id, None)
    read_locks(alice, timeline.clock)

    page, of_the_stay = host.get("/"), host.get(f"/stays/{stay.pk}")

    assert "The lock of Flat 1 has no keypad any more, so no code opens it." in words(page)
    assert "Nuki shows no keypad at this lock any more, so no code opens it." in words(of_the_stay)


def test_an_arrival_of_tomorrow_morning_that_is_not_ready_is_said_though_all_workers_are_dead(
    host: Visitor, alice: Business, timeline: Timeline
) -> None:
    starts_at = timeline.now + timedelta(hours=20)  # tomorrow, by the clock on the wall
    alice.book(now=timeline.now, starts_at=starts_at, ends_at=starts_at + DAY)
    timeline.is_running = False
    timeline.pass_time(LATE)

    page = board(host)

    assert (page.answer, page.tone) == ("1 stay needs you.", "act")
    assert [card.sentence for card in page.in_need] == [
        "Ada Vogel's code is not confirmed on Front door yet."
    ]


def test_of_an_arrival_in_two_days_there_is_time_to_help(
    host: Visitor, alice: Business, timeline: Timeline
) -> None:
    starts_at = timeline.now + 2 * DAY
    alice.book(now=timeline.now, starts_at=starts_at, ends_at=starts_at + DAY)
    timeline.is_running = False
    timeline.pass_time(LATE)

    page = board(host)

    assert (page.answer, page.tone) == ("1 stay needs you.", "look")
    assert [(card.chip.word, card.chip.tone) for card in page.in_need] == [("Not ready", "look")]


@pytest.mark.parametrize(
    ("attempts", "help_word", "path"),
    [
        pytest.param(3, "Check the address", "/b/harbour-stays/guests/{guest}/edit", id="refused"),
        pytest.param(0, "Send the message", "/b/harbour-stays/stays/{stay}/tell-again", id="never tried"),
    ],
)
def test_a_guest_who_was_not_told_stands_among_those_in_need(
    host: Visitor, alice: Business, timeline: Timeline, attempts: int, help_word: str, path: str
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)
    Grant.objects.update(confirmed_at=timeline.now - LATE)
    if attempts:
        unsend(stay, attempts=attempts, due_at=timeline.now + HOUR)
    else:
        Message.objects.all().delete()

    (card,) = board(host).in_need

    assert (card.chip.word, card.sentence) == (
        "Not told",
        "The message with the code has not been sent to Ada Vogel.",
    )
    assert (card.message.word, card.message.tone) == ("Message not sent", "look")
    assert (card.help.word, card.help.url) == (
        help_word,
        path.format(guest=stay.guest_id, stay=stay.pk),
    )


def of_the_flat(**fields: object) -> Callable[[Stay], object]:
    return lambda _: SmartLock.objects.filter(name="Flat 1").update(**fields)


def on_the_flat(**fields: object) -> Callable[[Stay], object]:
    return lambda stay: Grant.objects.filter(stay=stay, door__name="Flat 1").update(**fields)


def not_sent(**fields: object) -> Callable[[Stay], object]:
    return lambda stay: unsend(stay, **fields)


WORLDS = [
    pytest.param(lambda _: None, id="all is well"),
    pytest.param(on_the_flat(confirmed_at=None), id="not confirmed"),
    pytest.param(on_the_flat(problem=Problem.CODE_TAKEN), id="code taken"),
    pytest.param(on_the_flat(is_wanted=False), id="one door less"),
    pytest.param(lambda stay: Grant.objects.filter(stay=stay).update(is_wanted=False), id="no door"),
    pytest.param(of_the_flat(server_state=ServerState.OFFLINE), id="offline"),
    pytest.param(of_the_flat(battery_critical=True), id="weak battery"),
    pytest.param(of_the_flat(keypad_battery_critical=True), id="weak keypad"),
    pytest.param(of_the_flat(subscription_ended=True), id="no subscription"),
    pytest.param(of_the_flat(has_keypad=False), id="no keypad"),
    pytest.param(lambda _: SmartLock.objects.update(gone_since="2026-06-15T12:00:00Z"), id="gone"),
    pytest.param(not_sent(), id="not sent"),
    pytest.param(not_sent(attempts=1), id="refused by the mail server"),
    pytest.param(lambda stay: stay.messages.all().delete(), id="no message"),
]


@pytest.mark.parametrize("change", WORLDS)
def test_the_search_finds_exactly_the_stays_that_the_verdict_calls_in_need(
    alice: Business, timeline: Timeline, change: Callable[[Stay], object]
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)
    change(stay)

    told = []
    for later in (timedelta(0), LATE):
        now = timeline.now + later
        found = queries.not_sure_to_get_in(alice.organization, EVERYWHERE, until=now + DAY, now=now).exists()
        (read,) = board_queries.stays_on_the_board(alice.organization, EVERYWHERE, now)
        verdict = arrival_pages.card(read, role=Role.OWNER, now=now).verdict
        told.append((found, verdict in entrance.NEEDS_SOMEBODY))

    assert [found for found, _ in told] == [in_need for _, in_need in told]


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

    page = board(host)

    assert seen(page) == {"Today": ["Today"], "Tomorrow": ["Tomorrow"]}


def test_days_follow_each_other_and_who_comes_after_them_stands_under_later(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    for days, name in enumerate(["Ann", "Ben", "Cid", "Dan"]):
        starts_at = clock.now() + days * DAY + HOUR
        alice.book(now=clock.now(), guest_name=name, starts_at=starts_at, ends_at=starts_at + 20 * HOUR)

    page = board(host)

    assert seen(page) == {
        "Today": ["Ann"],
        "Tomorrow": ["Ben"],
        "Wednesday 17 June": ["Cid"],
        "later": ["Dan"],
    }


def test_a_guest_is_an_arrival_of_today_until_the_locks_log_shows_them_at_a_door(
    host: Visitor, alice: Business, timeline: Timeline
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)
    before = seen(board(host))
    opened(stay, "Front door", timeline.now)

    page = board(host)

    assert (before, seen(page)) == ({"Today": ["Ada Vogel"]}, {"inside": ["Ada Vogel"]})
    assert [card.chip.word for card in page.inside] == ["Came in"]
    assert [line.sentence for line in page.activity] == ["Ada Vogel opened Front door"]


def test_departures_say_when_the_code_ends(host: Visitor, alice: Business, timeline: Timeline) -> None:
    alice.house.grace = timedelta(minutes=15)
    alice.house.save()
    leaves_at = timeline.now + 20 * HOUR
    alice.book(now=timeline.now, ends_at=leaves_at)
    timeline.pass_time(16 * HOUR)

    answer = host.get("/")
    (day,) = answer.context["page"].leaving
    (row,) = day.rows

    assert (day.title, row.guest_name, row.leaves_at, row.chip) == ("Today", "Ada Vogel", leaves_at, None)
    assert row.code_ends_at == leaves_at + timedelta(minutes=15)
    assert "code ends 10:15" in words(answer)


def test_who_left_today_is_shown_until_the_code_is_off(
    host: Visitor, alice: Business, timeline: Timeline
) -> None:
    stay = alice.book(now=timeline.now, ends_at=timeline.now + HOUR)
    timeline.pass_time(HOUR + timedelta(minutes=5))

    page = board(host)

    assert not Grant.objects.filter(stay=stay, closed_at=None).exists()
    assert [row.chip.word for day in page.leaving for row in day.rows] == ["Code is off"]
    assert seen(page) == {}


def test_a_part_that_is_as_the_page_has_it_is_not_sent_again(
    host: Visitor, alice: Business, timeline: Timeline
) -> None:
    alice.book(now=timeline.now)
    timeline.pass_seconds(60)
    page = board(host)

    same = host.get(page.live_url)
    alice.book(now=timeline.now, unit="Flat 2", guest_name="Bela Kis")
    changed = host.get(page.live_url)

    assert (same.status_code, same.content) == (204, b"")
    assert (changed.status_code, "<html" in changed.content.decode()) == (200, False)
    assert "Bela Kis" in words(changed)
    assert "no-store" in changed.headers["Cache-Control"]


def board_queries_for(host: Visitor, alice: Business, clock: TurnedClock, count: int) -> int:
    """How many queries the board takes with so many arrivals more."""
    already = Stay.objects.count()
    for number in range(already, already + count):
        starts_at = clock.now() + number * HOUR
        alice.book(
            now=clock.now(),
            guest_name=f"Guest {number}",
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=50),
        )
    with CaptureQueriesContext(connection) as made:
        host.get(f"{HOME}/")  # the way in leads here, by queries of its own
    return len(made)


def test_the_number_of_queries_does_not_grow_with_the_stays(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    alice.house.grace = timedelta(minutes=5)
    alice.house.save()

    with_few = board_queries_for(host, alice, clock, 3)
    with_many = board_queries_for(host, alice, clock, 97)

    assert with_few == with_many
    assert with_many <= MOST_QUERIES


def test_of_very_many_the_nearest_are_shown_and_the_others_are_a_click_away(
    host: Visitor, alice: Business, clock: TurnedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (board_queries, board_pages):
        monkeypatch.setattr(module, "MOST_COMING", 2)
        monkeypatch.setattr(module, "MOST_IN_NEED", 1)
    for number in range(4):
        starts_at = clock.now() + (number + 1) * HOUR
        alice.book(now=clock.now(), starts_at=starts_at, ends_at=starts_at + timedelta(minutes=50))
    travelling = board(host)
    clock.turn(seconds=LATE.total_seconds())

    late = board(host)

    assert ([len(day.cards) for day in travelling.days], travelling.coming_url) == (
        [2],
        f"{HOME}/stays/all?show=coming",
    )
    assert (late.answer, len(late.in_need), late.alerts_url) == (
        "More than 1 stays need you.",
        1,
        f"{HOME}/alerts",
    )


def test_codes_stand_in_no_list(host: Visitor, alice: Business, timeline: Timeline) -> None:
    stay = alice.book(now=timeline.now, code="384174")
    today = host.get("/").content.decode()
    stays.cancel(stay=stay, cancelled_by=None, now=timeline.now)

    past = host.get("/stays/all").content.decode()

    assert [code in page for page in (today, past) for code in ("384174", "38 41 74")] == [False] * 4


def test_the_board_leads_to_all_stays_and_to_booking(host: Visitor) -> None:
    page = host.get("/").content.decode()

    assert f'href="{HOME}/stays/all"' in page
    assert f'href="{HOME}/stays/book"' in page


@pytest.mark.usefixtures("alice")
def test_charlie_sees_nothing_of_alice(charlie: Business, alice: Business, clock: TurnedClock) -> None:
    stay = alice.book(now=clock.now())
    visitor = signed_in(charlie, clock)

    today, live = visitor.get("/"), visitor.get("/today/live")
    page = visitor.get(f"/stays/{stay.pk}")

    assert "Ada Vogel" not in words(today) + words(live)
    assert today.context["page"].answer == "Nobody arrives today or in the two days after."
    assert page.status_code == 404


def test_the_ladder_of_a_stay_ends_with_the_first_opening(
    host: Visitor, alice: Business, timeline: Timeline
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)
    first = timeline.now
    opened(stay, "Front door", first + HOUR)
    opened(stay, "Front door", first)

    front, flat = host.get(f"/stays/{stay.pk}").context["view"].doors

    assert [(rung.word, rung.reached, rung.is_current) for rung in front.ladder][3:] == [
        ("Confirmed", True, False),
        ("Used", True, True),
    ]
    assert front.ladder[-1].at == first
    assert [(rung.word, rung.at, rung.reached) for rung in flat.ladder][4:] == [("Used", None, False)]


def test_a_code_that_has_to_be_confirmed_anew_is_not_called_used(
    host: Visitor, alice: Business, timeline: Timeline
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)
    opened(stay, "Front door", timeline.now)
    stays.change(
        stay=stay,
        unit=stay.unit,
        starts_at=stay.starts_at,
        ends_at=stay.ends_at + HOUR,
        changed_by=alice.owner,
        now=timeline.now,
    )

    front = host.get(f"/stays/{stay.pk}").context["view"].doors[0]

    assert [rung.word for rung in front.ladder if rung.reached] == ["Planned"]
