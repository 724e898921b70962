"""Booking by the form: what a host types becomes a stay, or words at the field."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.core.mail import EmailMessage

from access.models import AuditEntry, AuditKind, Grant, GrantKind, Guest, Stay
from nuki_gateway.simulator import Simulator, TurnedClock
from properties import places
from properties.roles import Role
from tests.conftest import Rings
from tests.timeline import Timeline
from tests.visitors import Visitor, check_page, signed_in, with_role, words
from tests.worlds import CODE, Business, code_of

HOUR = timedelta(hours=1)


@pytest.fixture
def host(alice: Business, clock: TurnedClock) -> Visitor:
    return signed_in(alice, clock)


def fields(business: Business, **changes: Any) -> dict[str, Any]:
    """A stay of two nights from now on, as typed; the clocks of Vienna show 14:00."""
    typed: dict[str, Any] = {
        "unit": business.flats["Flat 1"].pk,
        "starts": "2026-06-15T14:00",
        "ends": "2026-06-17T10:00",
        "guest_name": "Ada Vogel",
        "guest_email": "ada@guests.example",
        "language": "en",
        "code": "",
    }
    return typed | changes


def check_nothing_happened(
    rings: Rings, mailoutbox: list[EmailMessage], simulator: Simulator, calls: int, stays: int = 0
) -> None:
    assert Stay.objects.count() == stays
    assert Grant.objects.count() == 2 * stays
    assert Guest.objects.count() == stays
    assert AuditEntry.objects.count() == stays
    assert (rings.sent, mailoutbox, len(simulator.calls)) == ([], [], calls)


def test_a_stay_is_booked_in_the_zone_of_the_property(host: Visitor, alice: Business) -> None:
    answer = host.post("/stays/book", fields(alice))

    stay = Stay.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/stays/{stay.pk}")
    assert (stay.starts_at, stay.ends_at) == (
        datetime(2026, 6, 15, 12, 0, tzinfo=UTC),
        datetime(2026, 6, 17, 8, 0, tzinfo=UTC),
    )
    assert (stay.unit, stay.booked_by) == (alice.flats["Flat 1"], alice.owner)
    assert (stay.guest.name, stay.guest.email) == ("Ada Vogel", "ada@guests.example")
    assert [entry.kind for entry in AuditEntry.objects.all()] == [AuditKind.STAY_BOOKED]


def test_a_stay_that_starts_now_is_rung_for_at_once(
    host: Visitor, alice: Business, rings: Rings, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        host.post("/stays/book", fields(alice))

    looked_at = {ring[1]["lock_id"] for ring in rings.sent}
    assert {ring[0] for ring in rings.sent} == {"access.tasks.reconcile_lock"}
    assert looked_at == {alice.locks["Front door"].pk, alice.locks["Flat 1"].pk}
    assert set(Grant.objects.values_list("due_at", flat=True)) == {host.clock.now()}


def test_a_chosen_code_is_the_one_on_the_doors(host: Visitor, alice: Business, timeline: Timeline) -> None:
    host.post("/stays/book", fields(alice, code=f" {CODE} "))

    timeline.pass_seconds(60)

    assert code_of(Stay.objects.get()) == CODE
    assert alice.codes_on("Flat 1") == [CODE]


WRONG = "Write a date and a time, such as 2026-11-21 15:00."
EMPTY = "This field is required."
CHOICE = "Select a valid choice. That choice is not one of the available choices."


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        pytest.param(
            {"ends": "2026-06-15T14:00"},
            {"ends": ["The departure has to be after the arrival."]},
            id="ends as it starts",
        ),
        pytest.param(
            {"starts": "2026-06-18T14:00"},
            {"ends": ["The departure has to be after the arrival."]},
            id="ends before it starts",
        ),
        pytest.param(
            {"starts": "2026-06-13T14:00", "ends": "2026-06-15T14:00"},
            {"ends": ["This stay would be over already."]},
            id="over this minute",
        ),
        pytest.param(
            {"ends": "2027-06-17T10:00"},
            {"ends": ["A stay can last a year at most."]},
            id="longer than a year",
        ),
        pytest.param(
            {"starts": "2029-07-15T14:00", "ends": "2029-07-17T10:00"},
            {"starts": ["This is more than three years ahead."]},
            id="far ahead",
        ),
        pytest.param({"starts": "0001-01-01T00:00"}, {"starts": [WRONG]}, id="the first year of all"),
        pytest.param({"ends": "9999-12-31T23:59"}, {"ends": [WRONG]}, id="the last year of all"),
        pytest.param({"starts": "tomorrow"}, {"starts": [WRONG]}, id="words for a time"),
        pytest.param({"starts": "2026-06-16"}, {"starts": [WRONG]}, id="a date without a time"),
        pytest.param({"starts": "2026-06-15T14:00+09:00"}, {"starts": [WRONG]}, id="a zone of its own"),
        pytest.param(
            {"code": "12345"}, {"code": ["A keypad code has exactly six digits."]}, id="five digits"
        ),
        pytest.param(
            {"code": "3841745"},
            {"code": ["Ensure this value has at most 6 characters (it has 7)."]},
            id="seven digits",
        ),
        pytest.param({"code": "38417a"}, {"code": ["A keypad code has exactly six digits."]}, id="a letter"),
        pytest.param(
            {"code": "٣٨٤١٧٤"}, {"code": ["A keypad code has exactly six digits."]}, id="other digits"
        ),
        pytest.param(
            {"code": "384170"},
            {"code": ["A Nuki keypad has no 0: use the digits 1 to 9."]},
            id="a zero",
        ),
        pytest.param(
            {"code": "123846"},
            {"code": ["Nuki keypads take no code that begins with 12."]},
            id="begins with 12",
        ),
        pytest.param(
            {"guest_email": "ada"}, {"guest_email": ["Enter a valid email address."]}, id="no e-mail address"
        ),
        pytest.param(
            {"guest_email": f"{'a' * 60}@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 20}.example"},
            {"guest_email": ["Ensure this value has at most 254 characters (it has 272)."]},
            id="an endless address",
        ),
        pytest.param(
            {"guest_name": "a" * 101},
            {"guest_name": ["Ensure this value has at most 100 characters (it has 101)."]},
            id="an endless name",
        ),
        pytest.param(
            {"guest_name": "Ada\x00"}, {"guest_name": ["Null characters are not allowed."]}, id="a null"
        ),
        pytest.param({"unit": "0"}, {"unit": [CHOICE]}, id="no such unit"),
        pytest.param({"unit": "x"}, {"unit": [CHOICE]}, id="no number of a unit"),
        pytest.param(
            dict.fromkeys(("unit", "starts", "ends", "guest_name", "guest_email", "language", "code"), ""),
            {one: [EMPTY] for one in ("unit", "starts", "ends", "guest_name", "guest_email", "language")},
            id="nothing at all",
        ),
    ],
)
def test_what_cannot_be_booked_is_said_at_its_field_and_nothing_is_kept(
    host: Visitor,
    alice: Business,
    rings: Rings,
    mailoutbox: list[EmailMessage],
    simulator: Simulator,
    changes: dict[str, Any],
    errors: dict[str, list[str]],
) -> None:
    calls = len(simulator.calls)

    answer = host.post("/stays/book", fields(alice, **changes))

    assert answer.status_code == 200
    assert answer.context["form"].errors == errors
    for sentence in {one for sentences in errors.values() for one in sentences}:
        assert sentence in words(answer)
    check_nothing_happened(rings, mailoutbox, simulator, calls)
    check_page(answer)


def test_a_unit_without_a_lock_is_refused_at_its_field(
    host: Visitor, alice: Business, rings: Rings, mailoutbox: list[EmailMessage], simulator: Simulator
) -> None:
    calls = len(simulator.calls)

    answer = host.post("/stays/book", fields(alice, unit=alice.flats["Attic"].pk))

    assert answer.context["form"].errors == {
        "unit": ["No door of this unit has a smart lock yet. Put a lock on a door under Properties."]
    }
    check_nothing_happened(rings, mailoutbox, simulator, calls)


def test_the_guest_in_the_way_is_named_with_the_times(
    host: Visitor, alice: Business, rings: Rings, mailoutbox: list[EmailMessage], simulator: Simulator
) -> None:
    theirs = alice.book(now=host.clock.now(), guest_name="Bela Kis", guest_email="bela@guests.example")
    calls = len(simulator.calls)

    answer = host.post("/stays/book", fields(alice, starts="2026-06-17T13:59", ends="2026-06-18T10:00"))

    assert answer.context["form"].errors == {
        "unit": [
            f'<a href="/stays/{theirs.pk}">Bela Kis has this unit from 15 Jun 14:00 to 17 Jun 14:00.</a>'
        ]
    }
    assert "Bela Kis has this unit from 15 Jun 14:00 to 17 Jun 14:00." in words(answer)
    check_nothing_happened(rings, mailoutbox, simulator, calls, stays=1)


def test_one_stay_may_begin_as_another_ends(host: Visitor, alice: Business) -> None:
    alice.book(now=host.clock.now(), guest_name="Bela Kis")

    answer = host.post("/stays/book", fields(alice, starts="2026-06-17T14:00", ends="2026-06-18T10:00"))

    assert answer.status_code == 302
    assert Stay.objects.count() == 2


def test_the_same_form_sent_twice_makes_one_stay(host: Visitor, alice: Business) -> None:
    first = host.post("/stays/book", fields(alice))
    second = host.post("/stays/book", fields(alice, guest_email="ADA@guests.example"))
    told = words(host.get(second.headers["Location"]))

    assert (first.status_code, second.status_code) == (302, 302)
    assert second.headers["Location"] == first.headers["Location"]
    assert "This stay is booked already." in told
    assert Stay.objects.count() == 1
    assert Grant.objects.count() == 2


def test_a_code_that_another_guest_has_on_a_shared_door_is_refused(
    host: Visitor, alice: Business, rings: Rings, mailoutbox: list[EmailMessage], simulator: Simulator
) -> None:
    alice.book(now=host.clock.now(), code=CODE, unit="Flat 2", guest_name="Bela Kis")
    calls = len(simulator.calls)

    answer = host.post("/stays/book", fields(alice, code=CODE))

    assert answer.context["form"].errors == {
        "code": ["This code is on one of the doors, or was until lately. Choose another, or leave it empty."]
    }
    check_nothing_happened(rings, mailoutbox, simulator, calls, stays=1)


def test_a_unit_behind_a_lock_without_keypad_can_be_booked_and_the_guest_is_invited_to_the_app(
    host: Visitor, alice: Business, timeline: Timeline, mailoutbox: list[EmailMessage]
) -> None:
    booked = host.post("/stays/book", fields(alice, unit=alice.flats["Cellar"].pk))
    timeline.pass_seconds(60)

    answer = host.get(booked.headers["Location"])

    assert answer.context["view"].headline == (
        "Ada Vogel's code is on Front door; the Nuki app opens Cellar."
    )
    assert [(door.name, door.grade) for door in answer.context["view"].doors] == [
        ("Front door", "Confirmed"),
        ("Cellar", "Invited"),
    ]
    assert "Nuki has sent the guest the invitation. Use alone shows that it was accepted." in words(answer)
    assert Grant.objects.get(kind=GrantKind.APP_INVITE).code == ""
    assert len(mailoutbox) == 1
    check_page(answer)


def test_the_form_presets_the_usual_times_and_the_unit_of_the_address(host: Visitor, alice: Business) -> None:
    form = host.get(f"/stays/book?unit={alice.flats['Flat 2'].pk}").context["form"]

    assert form["unit"].value() == alice.flats["Flat 2"].pk
    assert 'value="2026-06-15T15:00"' in str(form["starts"])
    assert 'value="2026-06-16T10:00"' in str(form["ends"])


@pytest.mark.parametrize("named", ["", "x", "-1", "0", "99999999999999999999999", "٣"])
def test_an_address_that_names_no_unit_of_ours_presets_none(
    host: Visitor, alice: Business, named: str
) -> None:
    assert alice.house.units.count() == 4

    answer = host.get("/stays/book", query_params={"unit": named})

    assert answer.status_code == 200
    assert answer.context["form"]["unit"].value() is None
    assert 'value="2026-06-15T15:00"' in str(answer.context["form"]["starts"])


@pytest.mark.usefixtures("alice")
def test_a_unit_of_charlie_is_no_choice_of_alice(host: Visitor, alice: Business, charlie: Business) -> None:
    theirs = charlie.flats["Flat 1"].pk

    shown = host.get(f"/stays/book?unit={theirs}")
    answer = host.post("/stays/book", fields(alice, unit=theirs))

    assert shown.context["form"]["unit"].value() is None
    assert answer.context["form"].errors == {"unit": [CHOICE]}
    assert Stay.objects.count() == 0


def test_before_there_is_a_unit_the_page_says_what_comes_first(host: Visitor, alice: Business) -> None:
    alice.house.units.all().delete()

    answer = host.get("/stays/book")

    assert answer.status_code == 200
    assert "Add a unit first" in words(answer)
    check_page(answer)


def test_a_viewer_may_not_book(
    alice: Business,
    clock: TurnedClock,
    rings: Rings,
    mailoutbox: list[EmailMessage],
    simulator: Simulator,
) -> None:
    visitor, calls = with_role(alice, clock, Role.VIEWER), len(simulator.calls)

    shown, sent = visitor.get("/stays/book"), visitor.post("/stays/book", fields(alice))

    assert (shown.status_code, sent.status_code) == (403, 403)
    assert visitor.get("/").context["page"].book_url == ""
    check_nothing_happened(rings, mailoutbox, simulator, calls)


def test_another_unit_brings_its_usual_times_unless_a_host_changed_them(
    host: Visitor, alice: Business
) -> None:
    other = places.add_property(
        organization=alice.organization,
        name="Chalet",
        time_zone="Europe/Vienna",
        check_in_time=time(17, 30),
        check_out_time=time(9),
    )
    chalet = places.add_unit(place=other, name="Chalet", way_in=[])
    form = host.get(f"/stays/book?unit={alice.flats['Flat 1'].pk}")
    typed = fields(
        alice,
        unit=chalet.pk,
        starts="2026-07-01T15:00",
        ends="2026-07-03T11:45",
        preset=form.context["preset"],
        usual="1",
    )

    answer = host.post("/stays/book", typed, headers={"HX-Request": "true"})
    back = host.post(
        "/stays/book",
        typed
        | {
            "unit": alice.flats["Flat 2"].pk,
            "starts": answer.context["form"]["starts"].value(),
            "preset": answer.context["preset"],
        },
    )

    assert form.context["preset"] == "15:00 10:00"
    assert 'value="2026-07-01T17:30"' in str(answer.context["form"]["starts"])
    assert 'value="2026-07-03T11:45"' in str(answer.context["form"]["ends"])
    assert 'value="2026-07-01T15:00"' in str(back.context["form"]["starts"])
    assert answer.context["form"]["guest_name"].value() == "Ada Vogel"
    assert Stay.objects.count() == 0


@pytest.mark.parametrize(
    "junk", [{"unit": "x"}, {"unit": "0"}, {"starts": "", "ends": "soon"}, {"preset": "\0"}]
)
def test_junk_is_kept_as_it_was_typed_while_times_are_set(
    host: Visitor, alice: Business, junk: dict[str, str]
) -> None:
    typed = fields(alice, usual="1", preset="15:00 10:00") | junk

    answer = host.post("/stays/book", typed)

    assert answer.status_code == 200
    assert answer.context["form"]["starts"].value() == typed["starts"]
    assert answer.context["form"]["ends"].value() in {typed["ends"], "2026-06-17T10:00"}
