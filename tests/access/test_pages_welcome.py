"""The guest's own page: when the code works, how to get in, and the code itself only after a tap."""

from datetime import time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from icalendar import Calendar

from access import guest_links, messages, stays
from access.models import AuditEntry, AuditKind, Guest, GuestLink, Stay
from nuki_gateway.simulator import Simulator, TurnedClock
from properties import nuki_accounts, places, texts
from properties.models import Door, Property, TextKind
from tests import crowd
from tests.access.test_letters import HOSTILE, Tags
from tests.timeline import Timeline
from tests.visitors import INLINE, SCRIPT, Visitor, signed_in, words
from tests.worlds import CODE, Business

DAY = timedelta(days=1)
GROUPED = "38 41 74"
MOST_QUERIES = 12


@pytest.fixture
def guest(clock: TurnedClock) -> Visitor:
    """Somebody with a telephone, who is signed in nowhere."""
    return Visitor(clock)


@pytest.fixture
def stay(alice: Business, timeline: Timeline) -> Stay:
    """Two nights from now on, told."""
    write_texts(alice)
    booked = alice.book(now=timeline.now, code=CODE)
    timeline.pass_seconds(60)
    return booked


def write_texts(alice: Business) -> None:
    Property.objects.update(address="Hafengasse 1, 1030 Wien")
    alice.flats["Flat 1"].property.refresh_from_db()
    door = Door.objects.get(name="Flat 1", property=alice.house)
    about: dict[texts.Subject, str] = {
        (TextKind.WAY_IN, None): "Left of the bakery.\nRing twice.",
        (TextKind.DOOR, door.pk): "Third floor.",
        (TextKind.HOUSE_RULES, None): "Quiet after ten.",
        (TextKind.GOOD_TO_KNOW, None): "Towels are in the cupboard.",
    }
    texts.write(place=alice.house, language="en", texts=about)
    texts.note_facts(place=alice.house, wifi_name="Harbour", wifi_password="s3cret", phone="+43 1 234567")


def path_of(stay: Stay, clock: TurnedClock) -> str:
    link = guest_links.needed_for(stay, now=clock.now())
    assert link is not None
    return f"/g/{guest_links.token(link)}"


def opened() -> int:
    return AuditEntry.objects.filter(kind=AuditKind.GUEST_SAW_CODE).count()


def check_guest_page(answer: Any) -> None:
    """What holds for every answer under a guest's link."""
    page = answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow, noarchive"
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert not answer.cookies
    assert "Content-Encoding" not in answer.headers
    assert (SCRIPT.findall(page), INLINE.findall(page)) == ([], [])
    assert "<style" not in page


def test_the_page_says_whether_the_code_works_and_how_to_get_in(
    guest: Visitor, stay: Stay, clock: TurnedClock
) -> None:
    answer = guest.get(path_of(stay, clock))

    text = words(answer)
    assert "Harbour Stays Flat 1, House Welcome, Ada Vogel" in text
    assert "Your code works now." in text
    assert "from Monday, 15 June, 14:00" in text
    assert "local time, Europe/Vienna" in text
    assert "Check out by Wednesday, 17 June, 14:00. in 2 days" in text
    assert text.index("Front door ready") < text.index("Flat 1 ready Third floor.")
    assert "Left of the bakery. Ring twice." in text
    assert "Quiet after ten." in text
    assert "Towels are in the cupboard." in text
    assert "+43 1 234567" in text
    assert "alice@harbour.example" in text
    page = answer.content.decode()
    assert "https://www.openstreetmap.org/search?query=Hafengasse+1%2C+1030+Wien" in page
    assert 'href="tel:+431234567"' in page
    check_guest_page(answer)


def test_a_number_that_may_be_a_wrong_one_is_there_and_not_dialled(
    guest: Visitor, alice: Business, stay: Stay, clock: TurnedClock
) -> None:
    texts.note_facts(place=alice.house, wifi_name="", wifi_password="", phone="0664 123456")

    answer = guest.get(path_of(stay, clock))

    assert "0664 123456" in words(answer)
    assert "tel:" not in answer.content.decode()


def test_the_code_and_the_password_of_the_wifi_are_there_after_a_tap_only(
    guest: Visitor, stay: Stay, clock: TurnedClock
) -> None:
    path = path_of(stay, clock)
    before = guest.get(path)

    after = guest.post(f"{path}/code")

    for answer, is_there in ((before, False), (after, True)):
        page = answer.content.decode()
        assert [secret in page for secret in (GROUPED, "s3cret", "<path")] == [is_there, is_there, True]
        assert CODE not in page
        assert ("figure" in page) == is_there
    assert "Show my code" in words(before)
    assert "Show my code" not in words(after)
    check_guest_page(after)


def test_that_somebody_looked_at_the_code_is_on_the_host_s_page(
    guest: Visitor, alice: Business, stay: Stay, clock: TurnedClock
) -> None:
    host, path = signed_in(alice, clock), path_of(stay, clock)
    before = words(host.get(f"/stays/{stay.pk}"))

    guest.post(f"{path}/code")
    clock.turn(seconds=7200)
    guest.post(f"{path}/code")

    after = words(host.get(f"/stays/{stay.pk}"))
    assert "Not opened yet" in before
    assert "Code first looked at Mon 15 Jun 2026, 14:01 Last Mon 15 Jun 2026, 16:01" in after
    assert "Code looked at on the guest's page" in after
    assert opened() == 2


def test_the_first_look_after_each_message_stands_with_that_message(
    guest: Visitor, alice: Business, stay: Stay, timeline: Timeline
) -> None:
    clock, path = timeline.clock, path_of(stay, timeline.clock)
    for _ in range(2):  # whatever fetches links ahead of people does this
        guest.get(path)
    fetched = words(signed_in(alice, clock).get(f"/stays/{stay.pk}"))
    guest.post(f"{path}/code")
    first = timeline.now
    clock.turn(seconds=7200)
    guest.post(f"{path}/code")
    messages.tell_again(stay=stay, asked_by=alice.owner, now=timeline.now)
    timeline.pass_seconds(10)
    unopened = words(signed_in(alice, clock).get(f"/stays/{stay.pk}"))
    guest.post(f"{path}/code")

    text = words(signed_in(alice, clock).get(f"/stays/{stay.pk}"))
    assert "Page opened" not in fetched
    assert unopened.count("Page opened, code looked at") == 1
    assert text.count("Page opened, code looked at") == 2
    assert "Page opened, code looked at Mon 15 Jun 2026, 14:01" in text
    assert list(stay.messages.order_by("pk").values_list("page_opened_at", flat=True)) == [
        first,
        timeline.now,
    ]


def test_before_the_arrival_the_page_says_when_the_code_works(
    guest: Visitor, alice: Business, timeline: Timeline
) -> None:
    starts_at = timeline.now + 2 * DAY
    stay = alice.book(now=timeline.now, code=CODE, starts_at=starts_at, ends_at=starts_at + DAY)
    path = path_of(stay, timeline.clock)
    at_once = words(guest.get(path))
    timeline.pass_seconds(60)

    ready = words(guest.get(path))

    assert "Your code is on its way to the doors." in at_once
    assert "Front door will be ready by Wed 17 Jun, 14:00" in at_once
    assert "Show my code" not in at_once
    assert "Your code works from Wednesday, 17 June, 14:00." in ready
    assert "Wednesday, 17 June, 14:00 in 2 days" in ready
    assert GROUPED in words(guest.post(f"{path}/code"))


def test_long_before_the_arrival_there_is_no_code_to_show(
    guest: Visitor, alice: Business, timeline: Timeline
) -> None:
    starts_at = timeline.now + 10 * DAY
    stay = alice.book(now=timeline.now, code=CODE, starts_at=starts_at, ends_at=starts_at + DAY)
    path = path_of(stay, timeline.clock)

    looked, asked = guest.get(path), guest.post(f"{path}/code")

    for answer in (looked, asked):
        assert answer.status_code == 200
        assert "Your code works from Thursday, 25 June, 14:00." in words(answer)
        assert "You can see it here from Monday, 22 June, 14:00." in words(answer)
        assert GROUPED not in answer.content.decode()
    assert opened() == 0


def test_no_code_is_shown_before_the_message_is_due(
    guest: Visitor, alice: Business, timeline: Timeline
) -> None:
    Property.objects.update(tell_days=1, tell_time=time(10))
    alice.flats["Flat 1"].property.refresh_from_db()
    starts_at = timeline.now + 2 * DAY
    stay = alice.book(now=timeline.now, code=CODE, starts_at=starts_at, ends_at=starts_at + DAY)
    path = path_of(stay, timeline.clock)
    timeline.pass_seconds(60)

    early = guest.post(f"{path}/code")
    timeline.pass_time(20 * timedelta(hours=1))
    due = guest.post(f"{path}/code")

    assert "You can see it here from Tuesday, 16 June, 10:00." in words(early)
    assert "Front door ready" in words(early)
    assert GROUPED not in words(early)
    assert GROUPED in words(due)
    assert opened() == 1


def test_a_message_that_the_host_sends_before_its_time_opens_the_page_too(
    guest: Visitor, alice: Business, timeline: Timeline
) -> None:
    Property.objects.update(tell_days=1, tell_time=time(10))
    alice.flats["Flat 1"].property.refresh_from_db()
    starts_at = timeline.now + 2 * DAY
    stay = alice.book(now=timeline.now, code=CODE, starts_at=starts_at, ends_at=starts_at + DAY)
    timeline.pass_seconds(60)
    messages.tell_again(stay=stay, asked_by=alice.owner, now=timeline.now)

    assert GROUPED in words(guest.post(f"{path_of(stay, timeline.clock)}/code"))


def test_a_door_without_its_code_is_named_and_no_code_is_shown(
    guest: Visitor, alice: Business, timeline: Timeline, simulator: Simulator
) -> None:
    simulator.take_offline(alice.locks["Flat 1"].smartlock_id)
    nuki_accounts.refresh(account=alice.account, now=timeline.now)
    stay = alice.book(now=timeline.now, code=CODE)
    timeline.pass_seconds(60)

    text = words(guest.post(f"{path_of(stay, timeline.clock)}/code"))

    assert "Your code is on its way to the doors. We keep trying." in text
    assert "Front door ready" in text
    assert "Flat 1 not ready yet" in text
    assert (GROUPED in text, opened()) == (False, 0)


def test_where_the_nuki_app_opens_a_door_the_page_says_so_beside_the_code(
    guest: Visitor, alice: Business, timeline: Timeline
) -> None:
    stay = alice.book(now=timeline.now, unit="Cellar", code=CODE)
    timeline.pass_seconds(60)

    text = words(guest.post(f"{path_of(stay, timeline.clock)}/code"))

    assert "Your code works now." in text
    assert GROUPED in text
    assert "Front door ready" in text
    assert "Cellar with the Nuki app" in text
    assert "Nuki sends Ada Vogel an e-mail with an invitation." in text
    assert "The app does not open it" in text


def test_where_the_app_opens_every_door_the_page_shows_no_code_and_says_what_to_do(
    guest: Visitor, alice: Business, timeline: Timeline
) -> None:
    way_in = [alice.doors["Cellar"]]
    alice.flats["Cottage"] = places.add_unit(place=alice.house, name="Cottage", way_in=way_in)
    stay = alice.book(now=timeline.now, unit="Cottage")
    path = path_of(stay, timeline.clock)
    early = words(guest.get(path))
    timeline.pass_seconds(60)

    text = words(guest.get(path))

    assert "Your invitation to the Nuki app is on its way." in early
    assert "You open the doors with the Nuki app." in text
    assert "Show my code" not in text
    assert "type the code" not in text


def test_where_a_door_takes_no_code_the_host_lets_the_guest_in(
    guest: Visitor, alice: Business, timeline: Timeline
) -> None:
    stay = alice.book(now=timeline.now, unit="Cellar", code=CODE, guest_email="")
    timeline.pass_seconds(60)

    text = words(guest.post(f"{path_of(stay, timeline.clock)}/code"))

    assert "Your host lets you in. Not every door here takes a code." in text
    assert "Cellar takes no code" in text
    assert "type the code" not in text
    assert (GROUPED in text, opened()) == (False, 0)


def test_whoever_is_let_in_by_the_host_sees_the_password_of_the_wifi_by_a_tap_once_there(
    guest: Visitor, alice: Business, timeline: Timeline
) -> None:
    write_texts(alice)
    starts_at = timeline.now + DAY
    stay = alice.book(
        now=timeline.now, unit="Cellar", starts_at=starts_at, ends_at=starts_at + DAY, guest_email=""
    )
    path = path_of(stay, timeline.clock)

    early = guest.post(f"{path}/code")
    timeline.clock.turn(seconds=DAY.total_seconds())
    looked, asked = guest.get(path), guest.post(f"{path}/code")

    assert ["s3cret" in words(answer) for answer in (early, looked, asked)] == [False, False, True]
    assert "You see the password once your stay begins." in words(early)
    assert "Show password" in words(looked)
    assert opened() == 0


def test_a_changed_stay_is_shown_as_it_is_now(
    guest: Visitor, alice: Business, timeline: Timeline, stay: Stay
) -> None:
    path = path_of(stay, timeline.clock)
    stays.change(
        stay=stay,
        unit=alice.flats["Flat 2"],
        starts_at=stay.starts_at,
        ends_at=stay.ends_at + DAY,
        changed_by=None,
        now=timeline.now,
    )
    moving = guest.post(f"{path}/code")
    timeline.pass_time(timedelta(minutes=5))
    settled = guest.post(f"{path}/code")

    assert "Your stay has changed. Your code is not on every door yet." in words(moving)
    assert "until Thursday, 18 June, 14:00" in words(moving)
    assert "Flat 2, House" in words(moving)
    assert GROUPED not in words(moving)
    assert "Your code works now." in words(settled)
    assert "until Thursday, 18 June, 14:00" in words(settled)
    assert "Flat 2 ready" in words(settled)
    assert GROUPED in words(settled)


def test_a_stay_that_is_moved_while_the_page_is_made_shows_no_code(
    guest: Visitor, alice: Business, stay: Stay, clock: TurnedClock
) -> None:
    path = path_of(stay, clock)
    moved: list[str] = []

    def move_before_the_doors_are_read(execute: Any, sql: str, *rest: Any) -> Any:
        if not moved and 'FROM "access_grant"' in sql:
            moved.append(sql)
            stays.change(
                stay=stay,
                unit=alice.flats["Flat 2"],
                starts_at=stay.starts_at,
                ends_at=stay.ends_at,
                changed_by=None,
                now=clock.now(),
            )
        return execute(sql, *rest)

    with connection.execute_wrapper(move_before_the_doors_are_read):
        answer = guest.post(f"{path}/code")

    assert (len(moved), answer.status_code) == (1, 200)
    assert GROUPED not in words(answer)
    assert opened() == 0


def test_the_times_of_a_property_far_away_are_those_of_its_own_clocks(
    guest: Visitor, alice: Business, timeline: Timeline
) -> None:
    Property.objects.update(time_zone="Pacific/Auckland")
    alice.flats["Flat 1"].property.refresh_from_db()
    stay = alice.book(now=timeline.now, ends_at=timeline.now + timedelta(hours=13))

    text = words(guest.get(path_of(stay, timeline.clock)))

    assert "until Tuesday, 16 June, 13:00 tomorrow" not in text
    assert "until Tuesday, 16 June, 13:00 in 13 hours" in text
    assert "local time, Pacific/Auckland" in text


@pytest.fixture
def german(stay: Stay) -> Stay:
    Guest.objects.filter(pk=stay.guest_id).update(language="de")
    return stay


def test_the_page_speaks_the_language_of_the_guest_and_not_of_the_browser(
    clock: TurnedClock, german: Stay
) -> None:
    guest = Visitor(clock)

    answer = guest.get(path_of(german, clock), headers={"Accept-Language": "en"})

    text = words(answer)
    assert '<html lang="de">' in answer.content.decode()
    assert answer.headers["Content-Language"] == "de"
    assert "bis Mittwoch, 17. Juni, 14:00" in text
    assert "Ihr Code gilt jetzt." in text
    assert "Code anzeigen" in text
    assert "Left of the bakery." in text  # in no other language


def test_a_language_that_we_do_not_speak_is_answered_in_english(
    guest: Visitor, stay: Stay, clock: TurnedClock
) -> None:
    Guest.objects.filter(pk=stay.guest_id).update(language="ja")

    answer = guest.get(path_of(stay, clock))

    assert '<html lang="en">' in answer.content.decode()
    assert "Wednesday, 17 June" in words(answer)


def test_a_page_that_is_nobody_s_speaks_a_language_that_the_browser_asks_for(guest: Visitor) -> None:
    found = {
        asked: guest.get("/g/nobody-s", headers={"Accept-Language": asked}).headers["Content-Language"]
        for asked in ("fr-CA,en;q=0.5", "ja,sv;q=0.8", "ja", "")
    }

    assert found == {"fr-CA,en;q=0.5": "fr", "ja,sv;q=0.8": "sv", "ja": "en", "": "en"}


def test_the_entry_for_the_calendar_has_the_times_and_no_code(
    guest: Visitor, stay: Stay, clock: TurnedClock
) -> None:
    answer = guest.get(f"{path_of(stay, clock)}/stay.ics")

    event = Calendar.from_ical(answer.content).walk("VEVENT")[0]
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert event["DTSTART"].to_ical() == b"20260615T120000Z"
    assert CODE.encode() not in answer.content
    check_guest_page(answer)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_whatever_is_written_anywhere_is_text_and_nothing_else(
    guest: Visitor, alice: Business, stay: Stay, clock: TurnedClock, hostile: str
) -> None:
    path = path_of(stay, clock)
    plain = guest.post(f"{path}/code").content.decode()
    Guest.objects.filter(pk=stay.guest_id).update(name=hostile)
    Property.objects.update(name=hostile[:100], address=hostile)
    Door.objects.filter(name="Flat 1", property=alice.house).update(name=hostile)
    alice.organization.name = hostile
    alice.organization.save()
    about: dict[texts.Subject, str] = {
        (kind, None): hostile for kind in (TextKind.WAY_IN, TextKind.HOUSE_RULES, TextKind.GOOD_TO_KNOW)
    }
    texts.write(place=alice.house, language="en", texts=about)
    texts.note_facts(place=alice.house, wifi_name=hostile[:32], wifi_password=hostile, phone="+1 <b>")

    answer = guest.post(f"{path}/code")

    assert set(Tags(answer.content.decode()).found) <= {*Tags(plain).found, "br"}
    assert GROUPED in words(answer)
    check_guest_page(answer)


def test_nobody_who_is_signed_in_elsewhere_is_taken_for_anybody_else(
    alice: Business, charlie: Business, stay: Stay, clock: TurnedClock
) -> None:
    path = path_of(stay, clock)
    of_charlie = signed_in(charlie, clock)

    shown = of_charlie.get(path, headers={"Accept-Encoding": "gzip"})
    within = of_charlie.get(f"/b/{alice.organization.slug}{path}")

    assert "Flat 1, House Welcome, Ada Vogel" in words(shown)
    assert "Lindgren" not in words(shown)
    assert within.status_code == 404
    assert opened() == 0
    check_guest_page(shown)


def test_a_member_who_lacks_the_second_factor_reads_a_guest_s_page_as_anybody(
    alice: Business, stay: Stay, clock: TurnedClock
) -> None:
    alice.organization.requires_second_factor = True
    alice.organization.save()
    host, path = signed_in(alice, clock), path_of(stay, clock)

    statuses = [host.get(f"/stays/{stay.pk}").status_code, host.get(path).status_code]

    assert statuses == [403, 200]
    assert GROUPED in words(host.post(f"{path}/code"))


def test_the_page_asks_as_seldom_for_many_rows_as_for_few(
    guest: Visitor, alice: Business, stay: Stay, clock: TurnedClock
) -> None:
    path = path_of(stay, clock)

    def asked() -> int:
        with CaptureQueriesContext(connection) as made:
            assert guest.get(path).status_code == 200
        return len(made)

    crowd.add(alice, stay, first=0, count=3, now=clock.now())
    for_few = asked()
    crowd.add(alice, stay, first=3, count=27, now=clock.now())

    assert asked() == for_few <= MOST_QUERIES


def test_a_link_without_a_message_works_as_well(guest: Visitor, alice: Business, timeline: Timeline) -> None:
    stay = alice.book(now=timeline.now, guest_email="", code=CODE)
    path = path_of(stay, timeline.clock)
    timeline.pass_seconds(60)

    assert GROUPED in words(guest.post(f"{path}/code"))
    assert GuestLink.objects.count() == 1
