"""Changing a stay: what becomes different for whom is said first, and nobody changes over somebody else."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.db import connection
from django.test.utils import CaptureQueriesContext

from access import change_pages, stays
from access.models import AuditEntry, AuditKind, Grant, Stay
from access.party import Person
from nuki_gateway.simulator import TurnedClock
from properties import nuki_accounts
from properties.models import Property, SmartLock, User
from properties.roles import Role
from tests.conftest import Rings
from tests.timeline import Timeline
from tests.visitors import Visitor, check_page, signed_in, with_role, words
from tests.worlds import CODE, Business

STILL_OPENS = "The code of whoever leaves opens until"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MOST_QUERIES = 12  # of a page, with those that find out who asks, and for which business


@pytest.fixture
def host(alice: Business, clock: TurnedClock) -> Visitor:
    return signed_in(alice, clock)


def times(stay: Stay, **changes: Any) -> dict[str, Any]:
    """The form of a change, as typed in Vienna: the stay as it is but for these."""
    return change_pages.fields(stay) | changes


def look(host: Visitor, stay: Stay, **changes: Any) -> Any:
    return host.get(f"/stays/{stay.pk}/change", query_params=times(stay, **changes))


def doors(answer: Any) -> list[tuple[str, str, bool, bool]]:
    """Each door with its word, and whether the code has a window there before and after."""
    shown = answer.context["preview"].doors
    return [(one.name, one.chip.word, one.before is not None, one.after is not None) for one in shown]


def test_a_look_says_what_changes_and_changes_nothing(
    host: Visitor, alice: Business, timeline: Timeline, rings: Rings, mailoutbox: list[EmailMessage]
) -> None:
    stay = alice.book(now=timeline.now, companions=[Person("Ben Ito", "ben@guests.example")])
    timeline.pass_seconds(120)
    calls, rung, sent = len(alice.simulator.calls), len(rings.sent), len(mailoutbox)

    page = look(host, stay, ends="2026-06-18T09:30")

    check_page(page)
    assert doors(page) == [
        ("Front door", "Other times", True, True),
        ("Flat 1", "Other times", True, True),
    ]
    preview = page.context["preview"]
    assert preview.doors[1].before.allowed_until == stay.ends_at
    assert f"{preview.doors[1].after.allowed_until:%d %H:%M}" == "18 07:30"
    assert preview.sentences == [
        "Ada Vogel keeps the code.",
        "A message about the change goes to Ada Vogel and Ben Ito once it is on every door.",
    ]
    assert 'method="post"' in page.content.decode()
    assert Stay.objects.get().revision == 1
    assert (len(alice.simulator.calls), len(rings.sent), len(mailoutbox)) == (calls, rung, sent)


def test_what_was_looked_at_is_done_by_one_click_and_taken_back_by_two(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    stay = alice.book(now=clock.now())
    ends_at = stay.ends_at
    page = look(host, stay, unit=alice.flats["Flat 2"].pk, ends="2026-06-18T09:30")
    typed = times(stay, unit=alice.flats["Flat 2"].pk, ends="2026-06-18T09:30", seen=page.context["seen"])

    done = host.post(f"/stays/{stay.pk}/change", typed)
    notice = str(next(iter(host.get(done.headers["Location"]).context["messages"])))
    back = host.get(notice.partition('href="')[2].partition('"')[0].replace("&amp;", "&"))
    host.post(f"/stays/{stay.pk}/change", times(stay) | {"seen": back.context["seen"]})

    assert notice.startswith("Stay changed. <a href=")
    assert doors(back) == [
        ("Front door", "Other times", True, True),
        ("Flat 1", "Comes new", False, True),
        ("Flat 2", "Goes", True, False),
    ]
    stay.refresh_from_db()
    assert (stay.unit, stay.ends_at) == (alice.flats["Flat 1"], ends_at)


def test_the_way_back_stands_on_the_stay_s_page_for_ten_minutes_for_whoever_changed_it(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    stay = alice.book(now=clock.now())
    bob = with_role(alice, clock, Role.STAFF)
    path = f"/stays/{stay.pk}"

    def way_back(visitor: Visitor = host) -> str:
        visitor.get(path)  # with it the message goes that says the same once
        return str(visitor.get(path).context["view"].change_back_url)

    nothing = way_back()
    host.post(f"{path}/change", times(stay, ends="2026-06-18T09:30"))
    stays.change(
        stay=stay,
        unit=stay.unit,
        starts_at=stay.starts_at,
        ends_at=stay.ends_at + DAY,
        changed_by=alice.owner,
        now=clock.now(),
    )
    changed_once_more = way_back()
    stay.refresh_from_db()
    before = times(stay)
    host.post(f"{path}/change", times(stay, ends="2026-06-20T09:30"))
    clock.turn(seconds=599)
    offered, of_bob = way_back(), way_back(bob)
    back = host.get(offered).context["form"]
    clock.turn(seconds=1)

    assert (nothing, changed_once_more, of_bob, way_back()) == ("", "", "", "")
    assert offered.startswith(f"{path}/change?")
    assert {name: back[name].value() for name in before} == before


def test_a_second_click_changes_once_and_says_so_once(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    stay = alice.book(now=clock.now())
    typed = times(stay, ends="2026-06-18T09:30", seen=stays.version(stay))

    answers = [host.post(f"/stays/{stay.pk}/change", typed) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert AuditEntry.objects.filter(kind=AuditKind.STAY_CHANGED).count() == 1
    assert len(list(host.get(f"/stays/{stay.pk}").context["messages"])) == 1


def test_neighbours_are_shown_with_the_minutes_between(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    now = clock.now()
    Property.objects.update(grace=timedelta(minutes=30))
    alice.flats["Flat 1"].refresh_from_db()
    before = alice.book(now=now, guest_name="Bela Kis", ends_at=now + 20 * HOUR)  # 10:00 on Tuesday
    after = alice.book(
        now=now, guest_name="Dora Lang", starts_at=now + 70 * HOUR, ends_at=now + 90 * HOUR
    )  # 12:00 on Thursday
    stay = alice.book(now=now, starts_at=now + 26 * HOUR, ends_at=now + 46 * HOUR)

    near = look(host, stay, starts="2026-06-16T10:20", ends="2026-06-18T08:15").context["preview"].neighbours
    page = look(host, stay, ends="2026-06-18T12:00").context["preview"].neighbours

    assert [(one.url, one.sentence, one.tone) for one in near] == [
        (
            f"/stays/{before.pk}",
            f"Bela Kis leaves Tue 16 Jun, 10:00, 20 minutes before. {STILL_OPENS} 10:30.",
            "look",
        ),
        (f"/stays/{after.pk}", "Dora Lang arrives Thu 18 Jun, 12:00, 3 hours 45 minutes after.", None),
    ]
    assert [one.sentence for one in page][1:] == [
        f"Dora Lang arrives Thu 18 Jun, 12:00, 0 minutes after. {STILL_OPENS} 12:30."
    ]


def test_a_lock_that_went_offline_meanwhile_is_named(
    host: Visitor, alice: Business, timeline: Timeline
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)
    alice.simulator.take_offline(alice.locks["Flat 1"].smartlock_id)
    nuki_accounts.refresh(account=alice.account, now=timeline.now)

    longer = look(host, stay, ends="2026-06-18T09:30").context["preview"].doors
    moved = look(host, stay, unit=alice.flats["Flat 2"].pk).context["preview"].doors

    assert [door.sentence for door in longer] == [
        "",
        "The lock does not answer now. Until it is back, the code opens as it does today.",
    ]
    assert [(door.name, door.sentence) for door in moved] == [
        ("Front door", ""),
        ("Flat 2", ""),
        ("Flat 1", "The lock does not answer now. The code is taken off when it is back."),
    ]


def test_a_code_that_somebody_has_on_a_new_door_becomes_another(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    stay = alice.book(now=clock.now(), code=CODE)
    digest = Grant.objects.filter(stay=stay).values_list("code_digest", flat=True)[0]
    SmartLock.objects.filter(pk=alice.locks["Flat 2"].pk).update(foreign_codes=[digest])

    page = look(host, stay, unit=alice.flats["Flat 2"].pk)
    host.post(f"/stays/{stay.pk}/change", times(stay, unit=alice.flats["Flat 2"].pk))

    assert page.context["preview"].sentences == [
        "Ada Vogel gets another code on every door: somebody has this one on a door that comes new.",
        "Nobody was told the code yet. It goes to Ada Vogel once it is on every door.",
    ]
    assert CODE not in page.content.decode()
    wanted = Grant.objects.filter(stay=stay, is_wanted=True)
    assert CODE not in {grant.code for grant in wanted}


def test_a_door_without_keypad_comes_new_as_the_app_opens_it(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    stay = alice.book(now=clock.now())

    page = look(host, stay, unit=alice.flats["Cellar"].pk)

    assert ("Cellar", "Comes new", False, True) in doors(page)


def test_a_door_without_keypad_says_that_nobody_without_an_address_is_written_to(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    stay = alice.book(now=clock.now(), guest_email="")

    page = look(host, stay, unit=alice.flats["Cellar"].pk)

    assert ("Cellar", "No keypad", False, False) in doors(page)
    assert page.context["preview"].sentences[1] == (
        "Nobody is written to, as the code does not open every door. Tell the guest yourself."
    )


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_second_of_two_people_is_told_what_changed_and_keeps_what_was_typed(
    host: Visitor, alice: Business, clock: TurnedClock, method: str
) -> None:
    stay = alice.book(now=clock.now())
    seen, path = host.get(f"/stays/{stay.pk}/change").context["seen"], f"/stays/{stay.pk}/change"
    bob = User.objects.create_user("bob@harbour.example", "a-Good-one-1", name="Bob Berger")
    stays.change(
        stay=stay,
        unit=alice.flats["Flat 2"],
        starts_at=stay.starts_at,
        ends_at=stay.ends_at,
        changed_by=bob,
        now=clock.now(),
    )
    typed = times(stay, ends="2026-06-18T09:30", seen=seen)

    refused = host.get(path, query_params=typed) if method == "get" else host.post(path, typed)

    assert refused.status_code == 200
    assert (
        "Bob Berger changed this stay meanwhile: it is in Flat 2 from 15 Jun 14:00 to 17 Jun 14:00 now."
    ) in words(refused)
    assert refused.context["preview"] is None
    assert refused.context["form"]["ends"].value() == "2026-06-18T09:30"
    assert Stay.objects.get().ends_at == stay.ends_at
    again = typed | {"seen": refused.context["seen"]}
    assert host.post(path, again).status_code == 302
    assert f"{Stay.objects.get().ends_at:%d %H:%M}" == "18 07:30"


def test_what_is_as_it_was_can_be_looked_at(host: Visitor, alice: Business, clock: TurnedClock) -> None:
    stay = alice.book(now=clock.now())

    page = look(host, stay)

    assert page.context["preview"] is None
    assert "Unit and times are as they are now." in words(page)


@pytest.mark.parametrize(
    "junk",
    [{"unit": "x"}, {"unit": "0"}, {"starts": "\0"}, {"ends": "tomorrow"}, {"seen": "x" * 500}, {"unit": ""}],
)
def test_junk_in_the_address_previews_nothing(
    host: Visitor, alice: Business, clock: TurnedClock, junk: dict[str, str]
) -> None:
    stay = alice.book(now=clock.now())

    page = look(host, stay, ends="2026-06-18T09:30", **{k: v for k, v in junk.items() if k != "ends"})
    page = look(host, stay, **junk) if "ends" in junk else page

    assert page.status_code == 200
    assert page.context["preview"] is None
    assert Stay.objects.get().revision == 1


def test_a_preview_asks_as_often_for_few_stays_as_for_many(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert look(host, stay, ends="2026-06-18T09:30").context["preview"] is not None
        return len(queries.captured_queries)

    stay = alice.book(now=clock.now())
    few = asked()
    for day in range(4, 34):
        starts_at = clock.now() + day * DAY
        alice.book(now=clock.now(), starts_at=starts_at, ends_at=starts_at + 20 * HOUR)

    assert asked() == few
    assert few <= MOST_QUERIES


def test_a_cancelled_stay_is_booked_again_by_one_click_with_its_guests(
    host: Visitor, alice: Business, timeline: Timeline
) -> None:
    stay = alice.book(now=timeline.now, code=CODE, companions=[Person("Ben Ito")])
    stays.cancel(stay=stay, cancelled_by=None, now=timeline.now)
    page = host.get(f"/stays/{stay.pk}")

    first = host.post(page.context["view"].book_again_url)
    second = host.post(page.context["view"].book_again_url)

    again = Stay.objects.get(cancelled_at=None)
    assert [answer.headers["Location"] for answer in (first, second)] == [f"/stays/{again.pk}"] * 2
    assert (again.unit_id, again.guest_id, again.starts_at, again.ends_at) == (
        stay.unit_id,
        stay.guest_id,
        stay.starts_at,
        stay.ends_at,
    )
    assert [one.guest.name for one in again.party.select_related("guest")] == ["Ben Ito"]
    assert CODE not in {grant.code for grant in again.grants.all()}  # it is still being taken off
    assert host.get(f"/stays/{again.pk}").context["view"].book_again_url == ""


def test_the_old_code_comes_back_once_it_is_off_every_door(
    host: Visitor, alice: Business, timeline: Timeline
) -> None:
    stay = alice.book(now=timeline.now, code=CODE)
    timeline.pass_seconds(60)
    stays.cancel(stay=stay, cancelled_by=None, now=timeline.now)
    timeline.pass_seconds(240)

    host.post(f"/stays/{stay.pk}/book-again")
    timeline.pass_seconds(60)

    assert {grant.code for grant in Stay.objects.get(cancelled_at=None).grants.all()} == {CODE}
    assert [alice.codes_on(door) for door in ("Front door", "Flat 1")] == [[CODE], [CODE]]


def test_somebody_elses_stay_stands_in_the_way_of_booking_again(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    stay = alice.book(now=clock.now())
    stays.cancel(stay=stay, cancelled_by=None, now=clock.now())
    theirs = alice.book(now=clock.now(), guest_name="Bela Kis", guest_email="bela@guests.example")

    answer = host.post(f"/stays/{stay.pk}/book-again", follow=True)

    assert answer.redirect_chain == [(f"/stays/{stay.pk}", 302)]
    assert f'<a href="/stays/{theirs.pk}">Bela Kis has this unit from' in answer.content.decode()
    assert Stay.objects.count() == 2


def test_a_stay_that_was_not_cancelled_or_is_over_is_not_booked_again(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    stay = alice.book(now=clock.now())
    host.post(f"/stays/{stay.pk}/book-again")
    stays.cancel(stay=stay, cancelled_by=None, now=clock.now())
    clock.turn(seconds=3 * 86_400)

    answer = host.post(f"/stays/{stay.pk}/book-again", follow=True)

    assert "This stay would be over already." in words(answer)
    assert answer.context["view"].book_again_url == ""
    assert Stay.objects.count() == 1


def test_a_viewer_books_nothing_again(alice: Business, clock: TurnedClock) -> None:
    stay = alice.book(now=clock.now())
    stays.cancel(stay=stay, cancelled_by=None, now=clock.now())
    bob = with_role(alice, clock, Role.VIEWER)

    assert bob.get(f"/stays/{stay.pk}").context["view"].book_again_url == ""
    assert bob.post(f"/stays/{stay.pk}/book-again").status_code == 403
    assert Stay.objects.count() == 1
