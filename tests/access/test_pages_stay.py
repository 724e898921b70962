"""One stay's page: is this guest's code on the doors?"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.utils.html import strip_tags

from access import stays
from access.models import AuditEntry, AuditKind, Grant, Stay
from nuki_gateway.simulator import Simulator, TurnedClock
from properties import nuki_accounts
from properties.models import SmartLock
from properties.roles import Role
from tests.conftest import Rings
from tests.timeline import Timeline
from tests.visitors import Visitor, check_page, signed_in, with_role, words
from tests.worlds import CODE, Business

DAY = timedelta(days=1)
HTMX = {"HX-Request": "true"}


@pytest.fixture
def host(alice: Business, clock: TurnedClock) -> Visitor:
    return signed_in(alice, clock)


def grades(host: Visitor, stay: Stay) -> list[str]:
    return [door.grade for door in host.get(f"/stays/{stay.pk}").context["view"].doors]


def times(stay: Stay, **changes: Any) -> dict[str, Any]:
    """The form of a change to Alice's stay, as typed in Vienna."""
    typed = {"unit": stay.unit_id, "starts": "2026-06-15T14:00", "ends": "2026-06-17T14:00"}
    return typed | changes


def kinds() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("kind", flat=True))


@pytest.mark.slow
@pytest.mark.timeout(180)  # 240 pages
def test_the_ladder_is_climbed_in_words(host: Visitor, alice: Business, timeline: Timeline) -> None:
    stay = alice.book(now=timeline.now)
    seen = [grades(host, stay)]
    for _ in range(240):
        timeline.pass_seconds(0.25)
        now = grades(host, stay)
        if now != seen[-1]:
            seen.append(now)

    flat = [doors[1] for doors in seen]
    assert list(dict.fromkeys(flat)) == ["Planned", "Accepted", "Listed", "Confirmed"]
    assert seen[-1] == ["Confirmed", "Confirmed"]


def test_the_page_says_each_grade_and_never_more(host: Visitor, alice: Business, timeline: Timeline) -> None:
    stay = alice.book(now=timeline.now)
    before = words(host.get(f"/stays/{stay.pk}"))
    timeline.tick()
    accepted = words(host.get(f"/stays/{stay.pk}"))
    timeline.pass_seconds(60)
    confirmed = words(host.get(f"/stays/{stay.pk}"))

    assert "Ada Vogel's code is on its way to Front door and Flat 1." in before
    assert "The code has not been sent yet." in before
    assert "Nuki has accepted the code. It is not yet seen on the lock." in accepted
    assert "The lock was read again and has the code." not in accepted
    assert "Ada Vogel's code is on both doors." in confirmed
    assert "“Your code is ready” sent" in confirmed


def test_the_live_part_asks_often_while_something_moves_and_seldom_when_it_is_quiet(
    host: Visitor, alice: Business, timeline: Timeline
) -> None:
    stay = alice.book(now=timeline.now)
    moving = host.get(f"/stays/{stay.pk}/live", headers=HTMX)
    timeline.pass_seconds(60)
    settled = host.get(f"/stays/{stay.pk}/live", headers=HTMX)

    assert f'hx-get="/stays/{stay.pk}/live"' in moving.content.decode()
    assert 'hx-trigger="live, every 2s"' in moving.content.decode()
    assert 'hx-trigger="live, every 60s"' in settled.content.decode()
    assert "<html" not in settled.content.decode()
    assert settled.headers["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"


def test_a_far_stay_is_planned_and_its_page_seldom_asks_again(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    starts_at = clock.now() + 10 * DAY
    stay = alice.book(now=clock.now(), starts_at=starts_at, ends_at=starts_at + DAY)

    answer = host.get(f"/stays/{stay.pk}")

    assert answer.context["view"].headline == "Ada Vogel's code goes on the doors on Monday 22 June."
    assert answer.context["view"].chip.word == "Planned"
    assert 'hx-trigger="live, every 60s"' in answer.content.decode()


def test_a_lock_that_does_not_answer_is_named_with_the_time(
    host: Visitor, alice: Business, timeline: Timeline, simulator: Simulator
) -> None:
    simulator.take_offline(alice.locks["Flat 1"].smartlock_id)
    nuki_accounts.refresh(account=alice.account, now=timeline.now)
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)

    answer = host.get(f"/stays/{stay.pk}")

    assert answer.context["view"].headline == "Flat 1 does not answer yet. We keep trying."
    assert [door.lock_state for door in answer.context["view"].doors] == [
        "online",
        "does not answer since 14:00",
    ]
    assert grades(host, stay) == ["Confirmed", "Waiting for the lock"]


def test_no_code_is_in_any_page_before_it_is_shown(
    host: Visitor, alice: Business, timeline: Timeline
) -> None:
    stay = alice.book(now=timeline.now, code=CODE)
    timeline.pass_seconds(60)
    paths = ["", "/live", "/change", "/cancel"]

    pages = [host.get(f"/stays/{stay.pk}{path}").content.decode() for path in paths]

    assert [CODE in page or "38 41 74" in page for page in pages] == [False] * 4


def test_showing_the_code_is_written_down_with_who_saw_it(
    host: Visitor, alice: Business, timeline: Timeline
) -> None:
    stay = alice.book(now=timeline.now, code=CODE)

    part = host.post(f"/stays/{stay.pk}/code", headers=HTMX)
    whole = host.post(f"/stays/{stay.pk}/code")

    assert ("38 41 74" in part.content.decode(), "<html" in part.content.decode()) == (True, False)
    assert ("38 41 74" in whole.content.decode(), "<html" in whole.content.decode()) == (True, True)
    assert "no-store" in part.headers["Cache-Control"]
    assert "no-store" in whole.headers["Cache-Control"]
    revealed = AuditEntry.objects.filter(kind=AuditKind.CODE_REVEALED, stay=stay)
    assert [entry.by for entry in revealed] == [alice.owner, alice.owner]
    assert "Code shown to alice@harbour.example" in words(host.get(f"/stays/{stay.pk}"))
    check_page(whole)


def test_a_look_at_the_address_of_the_code_shows_nothing(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    stay = alice.book(now=clock.now(), code=CODE)

    answer = host.get(f"/stays/{stay.pk}/code")

    assert answer.status_code == 405
    assert kinds() == [AuditKind.STAY_BOOKED]


def test_a_viewer_sees_the_stay_but_no_code_and_no_button(
    alice: Business, clock: TurnedClock, rings: Rings, simulator: Simulator
) -> None:
    stay = alice.book(now=clock.now(), code=CODE)
    visitor, calls = with_role(alice, clock, Role.VIEWER), len(simulator.calls)

    page = visitor.get(f"/stays/{stay.pk}")
    refused = [visitor.post(f"/stays/{stay.pk}/{what}").status_code for what in ("code", "cancel", "change")]

    assert page.status_code == 200
    assert "Show code" not in words(page)
    assert "Cancel stay" not in words(page)
    assert "Change stay" not in words(page)
    assert refused == [403, 403, 403]
    assert kinds() == [AuditKind.STAY_BOOKED]
    assert Stay.objects.get().cancelled_at is None
    assert (rings.sent, len(simulator.calls)) == ([], calls)


@pytest.mark.usefixtures("alice")
def test_charlie_reaches_no_page_of_the_stay(
    alice: Business, charlie: Business, clock: TurnedClock, rings: Rings, simulator: Simulator
) -> None:
    stay = alice.book(now=clock.now(), code=CODE)
    visitor, calls = signed_in(charlie, clock), len(simulator.calls)

    read = [
        visitor.get(f"/stays/{stay.pk}{path}").status_code for path in ("", "/live", "/change", "/cancel")
    ]
    sent = [visitor.post(f"/stays/{stay.pk}/{path}").status_code for path in ("code", "change", "cancel")]

    assert (read, sent) == ([404] * 4, [404] * 3)
    assert kinds() == [AuditKind.STAY_BOOKED]
    assert Stay.objects.get().cancelled_at is None
    assert (rings.sent, len(simulator.calls)) == ([], calls)


def test_a_code_that_is_off_the_doors_is_neither_offered_nor_written_down_as_shown(
    host: Visitor, alice: Business, timeline: Timeline
) -> None:
    stay = alice.book(now=timeline.now, code=CODE)
    stays.cancel(stay=stay, cancelled_by=alice.owner, now=timeline.now)
    timeline.pass_seconds(240)

    page = host.get(f"/stays/{stay.pk}")
    answer = host.post(f"/stays/{stay.pk}/code", headers=HTMX)

    assert page.context["view"].reveal_url == ""
    assert "38 41 74" not in answer.content.decode()
    assert AuditKind.CODE_REVEALED not in kinds()


def test_a_stay_is_extended_by_the_form(host: Visitor, alice: Business, timeline: Timeline) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)
    form = host.get(f"/stays/{stay.pk}/change").context["form"]

    answer = host.post(f"/stays/{stay.pk}/change", times(stay, ends="2026-06-18T09:30"))
    timeline.pass_seconds(60)

    stay.refresh_from_db()
    assert 'value="2026-06-15T14:00"' in str(form["starts"])
    assert 'value="2026-06-17T14:00"' in str(form["ends"])
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/stays/{stay.pk}")
    assert f"{stay.ends_at:%d %H:%M}" == "18 07:30"
    assert grades(host, stay) == ["Confirmed", "Confirmed"]
    assert "“Your access has changed” sent" in words(host.get(f"/stays/{stay.pk}"))


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        pytest.param(
            {"ends": "2026-06-14T14:00"},
            {"ends": ["The departure has to be after the arrival."]},
            id="before its start",
        ),
        pytest.param(
            {"starts": "2026-06-13T14:00", "ends": "2026-06-15T13:00"},
            {"ends": ["This stay would be over already."]},
            id="over already",
        ),
        pytest.param(
            {"ends": "2026-06-20T10:00"},
            {"unit": ["Bela Kis has this unit from 19 Jun 14:00 to 20 Jun 14:00."]},  # a link to it
            id="into the next stay",
        ),
    ],
)
def test_a_change_that_cannot_be_is_said_at_its_field_and_nothing_changes(
    host: Visitor,
    alice: Business,
    rings: Rings,
    mailoutbox: list[EmailMessage],
    simulator: Simulator,
    changes: dict[str, str],
    errors: dict[str, list[str]],
) -> None:
    now = host.clock.now()
    stay = alice.book(now=now)
    alice.book(now=now, guest_name="Bela Kis", starts_at=now + 4 * DAY, ends_at=now + 5 * DAY)
    calls = len(simulator.calls)

    looked = host.get(f"/stays/{stay.pk}/change", query_params=times(stay, **changes))
    answer = host.post(f"/stays/{stay.pk}/change", times(stay, **changes))

    for page in (looked, answer):
        told = page.context["form"].errors.items()
        assert {field: [strip_tags(error) for error in those] for field, those in told} == errors
        assert page.context["preview"] is None
    unchanged = Stay.objects.get(pk=stay.pk)
    assert (unchanged.starts_at, unchanged.ends_at, unchanged.revision) == (now, now + 2 * DAY, 1)
    assert set(Grant.objects.filter(stay=stay).values_list("generation", flat=True)) == {1}
    assert (rings.sent, mailoutbox, len(simulator.calls)) == ([], [], calls)
    assert kinds() == [AuditKind.STAY_BOOKED] * 2


def test_a_stay_moves_to_another_unit(host: Visitor, alice: Business, timeline: Timeline) -> None:
    stay = alice.book(now=timeline.now, code=CODE)
    timeline.pass_seconds(60)

    host.post(f"/stays/{stay.pk}/change", times(stay, unit=alice.flats["Flat 2"].pk))
    timeline.pass_seconds(240)

    assert [alice.codes_on(door) for door in ("Front door", "Flat 1", "Flat 2")] == [[CODE], [], [CODE]]
    doors = host.get(f"/stays/{stay.pk}").context["view"].doors
    assert [(door.name, door.grade) for door in doors] == [
        ("Front door", "Confirmed"),
        ("Flat 2", "Confirmed"),
        ("Flat 1", "Removed"),
    ]


def test_cancelling_says_first_what_it_does(host: Visitor, alice: Business, timeline: Timeline) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)

    answer = host.get(f"/stays/{stay.pk}/cancel")

    assert answer.context["consequences"] == [
        "The code is taken off Front door, Flat 1.",
        "Flat 1 is free to be booked again at once.",
        "Ada Vogel already has the code, and is told that the stay is cancelled.",
    ]
    assert Stay.objects.get().cancelled_at is None
    check_page(answer)


def test_a_cancelled_stay_goes_from_the_doors(host: Visitor, alice: Business, timeline: Timeline) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)

    answer = host.post(f"/stays/{stay.pk}/cancel")
    going = host.get(f"/stays/{stay.pk}").context["view"]
    timeline.pass_seconds(240)
    gone = host.get(f"/stays/{stay.pk}").context["view"]

    assert (answer.status_code, answer.headers["Location"]) == (302, f"/stays/{stay.pk}")
    assert (going.chip.word, going.headline) == (
        "Cancelled",
        "The code is being taken off Front door and Flat 1.",
    )
    assert (gone.chip.word, gone.headline) == ("Cancelled", "The code is off every door.")
    assert [alice.codes_on(door) for door in ("Front door", "Flat 1")] == [[], []]
    assert (gone.can_change, gone.can_cancel) == (False, False)


def test_a_second_click_on_cancel_changes_nothing_and_blames_nobody(
    host: Visitor, alice: Business, clock: TurnedClock, simulator: Simulator
) -> None:
    stay = alice.book(now=clock.now())
    host.post(f"/stays/{stay.pk}/cancel")
    first, calls = Stay.objects.get(), len(simulator.calls)

    answer = host.post(f"/stays/{stay.pk}/cancel", follow=True)

    assert answer.redirect_chain == [(f"/stays/{stay.pk}", 302)]
    assert list(answer.context["messages"]) == []
    assert (Stay.objects.get().cancelled_at, Stay.objects.get().revision) == (first.cancelled_at, 2)
    assert kinds().count(AuditKind.STAY_CANCELLED) == 1
    assert len(simulator.calls) == calls


@pytest.mark.parametrize("what", ["change", "cancel"])
@pytest.mark.parametrize("how", ["get", "post"])
def test_a_stay_that_is_over_is_neither_changed_nor_cancelled(
    host: Visitor,
    alice: Business,
    timeline: Timeline,
    rings: Rings,
    simulator: Simulator,
    what: str,
    how: str,
) -> None:
    stay = alice.book(now=timeline.now, ends_at=timeline.now + timedelta(hours=1))
    timeline.skip_to(stay.ends_at + timedelta(minutes=5))
    before, rung, calls = kinds(), list(rings.sent), len(simulator.calls)
    path, typed = f"/stays/{stay.pk}/{what}", times(stay, ends="2026-06-20T10:00")

    answer = host.get(path) if how == "get" else host.post(path, typed)
    page = host.get(f"/stays/{stay.pk}")

    assert (answer.status_code, answer.headers["Location"]) == (302, f"/stays/{stay.pk}")
    assert [str(notice) for notice in page.context["messages"]] == [
        "This stay is over. Its codes are being taken off already."
        if (what, how) == ("cancel", "post")
        else "This stay is over. It cannot be changed any more."
    ]
    assert (page.context["view"].can_change, page.context["view"].can_cancel) == (False, False)
    assert (kinds(), rings.sent, len(simulator.calls)) == (before, rung, calls)


def test_a_stay_without_keypad_is_simply_over_when_it_ends(
    host: Visitor, alice: Business, timeline: Timeline
) -> None:
    stay = alice.book(now=timeline.now, unit="Cellar", ends_at=timeline.now + timedelta(hours=1))
    timeline.skip_to(stay.ends_at + timedelta(minutes=10))

    view = host.get(f"/stays/{stay.pk}").context["view"]

    assert (view.chip.word, view.headline, view.is_moving) == (
        "Over",
        "Nothing opens a door any more.",
        False,
    )
    assert [door.grade for door in view.doors] == ["Removed", "Over"]


def test_a_stay_that_is_not_there_is_not_found(host: Visitor) -> None:
    paths = ("/stays/1", "/stays/99999999999999999999", "/stays/1/live", "/stays/x")

    assert [host.get(path).status_code for path in paths] == [404] * 4


def test_a_name_full_of_markup_is_shown_and_not_obeyed(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    stay = alice.book(now=clock.now(), guest_name="<script>alert(1)</script>")

    pages = [host.get(path) for path in ("/", f"/stays/{stay.pk}", f"/stays/{stay.pk}/cancel")]

    for page in pages:
        assert "<script>alert" not in page.content.decode()
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.content.decode()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        pytest.param(
            {"gone_since": datetime(2026, 6, 15, tzinfo=UTC)}, "no longer in your Nuki account", id="gone"
        ),
        pytest.param(
            {"has_keypad": False}, "Check in the Nuki app that its keypad is paired", id="no keypad"
        ),
    ],
)
def test_a_stay_is_not_ready_on_a_lock_that_is_known_to_have_changed(
    host: Visitor, alice: Business, timeline: Timeline, change: dict[str, Any], sentence: str
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)
    before = host.get(f"/stays/{stay.pk}").context["view"].chip.word

    SmartLock.objects.filter(pk=alice.locks["Flat 1"].pk).update(**change)
    answer = host.get(f"/stays/{stay.pk}")

    assert (before, answer.context["view"].chip.word) == ("In the house", "Needs you")
    assert sentence in words(answer)
