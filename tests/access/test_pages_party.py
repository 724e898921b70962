"""Several guests on pages: booking them, finding them while typing, and changing who comes."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from access.models import AuditKind, Guest, Stay
from access.party import MOST_COMPANIONS, Person
from nuki_gateway.simulator import TurnedClock
from properties.roles import Role
from tests.visitors import Visitor, check_page, signed_in, with_role, words
from tests.worlds import CODE, Business

BEN = Person("Ben Ito", "ben@guests.example")


@pytest.fixture
def host(alice: Business, clock: TurnedClock) -> Visitor:
    return signed_in(alice, clock)


def fields(business: Business, **changes: Any) -> dict[str, Any]:
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


def rows(answer: Any) -> list[tuple[str, str]]:
    return [(row["party_name"].value(), row["party_email"].value()) for row in answer.context["party"].rows]


def come(stay: Stay) -> list[tuple[str, str]]:
    return [(one.guest.name, one.guest.email) for one in stay.party.select_related("guest")]


def test_several_guests_are_booked_by_one_form(host: Visitor, alice: Business) -> None:
    answer = host.post(
        "/stays/book",
        fields(alice, party_name=["Ben\tIto", "", "Cleo Marsh"], party_email=["BEN@guests.example", "", ""]),
    )

    stay = Stay.objects.get()
    assert answer.status_code == 302
    assert come(stay) == [("Ben Ito", "ben@guests.example"), ("Cleo Marsh", "")]
    page = words(host.get(f"/stays/{stay.pk}"))
    assert "Guests Ada Vogel ada@guests.example Ben Ito ben@guests.example Cleo Marsh" in page


@pytest.mark.parametrize(
    ("names", "emails", "error"),
    [
        pytest.param([""], ["ben@guests.example"], "Who has this address?", id="an address alone"),
        pytest.param(["Ben"], ["ben at home"], "Enter a valid email address.", id="no address"),
        pytest.param(["Ben", "ben"], ["", ""], "This guest is on the list already.", id="twice"),
        pytest.param(
            ["Ada Vogel"], ["ada@guests.example"], "This guest is on the list already.", id="who books"
        ),
        pytest.param(["B" * 101], [""], "at most 100 characters", id="an endless name"),
        pytest.param(["Ben\0"], [""], "Null characters are not allowed.", id="a null"),
        pytest.param(
            [f"Guest {number}" for number in range(MOST_COMPANIONS + 1)],
            [],
            "More guests than this cannot be named.",
            id="a crowd",
        ),
    ],
)
def test_a_row_that_cannot_be_is_said_there_and_nothing_is_booked(
    host: Visitor, alice: Business, names: list[str], emails: list[str], error: str
) -> None:
    answer = host.post("/stays/book", fields(alice, party_name=names, party_email=emails))

    assert answer.status_code == 200
    assert error in words(answer)
    assert (Stay.objects.count(), Guest.objects.count()) == (0, 0)
    check_page(answer)


def test_another_row_is_added_without_losing_what_was_typed(host: Visitor, alice: Business) -> None:
    typed = fields(
        alice, guest_name="", starts="soon", party_name=["Ben"], party_email=["x"], one_more="1", preset="a b"
    )

    answer = host.post("/stays/book", typed)

    assert rows(answer) == [("Ben", "x"), ("", "")]
    assert answer.context["form"]["starts"].value() == "soon"
    assert answer.context["preset"] == "a b"
    assert 'role="alert"' not in answer.content.decode()
    assert "data-focus" in answer.content.decode()
    assert Stay.objects.count() == 0


def test_no_row_is_added_to_a_full_list(host: Visitor, alice: Business) -> None:
    crowd = [f"Guest {number}" for number in range(MOST_COMPANIONS)]

    answer = host.post("/stays/book", fields(alice, party_name=crowd, one_more="1"))

    assert len(rows(answer)) == MOST_COMPANIONS
    assert "Add a guest" not in words(answer)


def test_known_guests_are_offered_while_somebody_types(host: Visitor, alice: Business) -> None:
    for number in range(7):
        Guest.objects.create(
            organization=alice.organization, name=f"Ben {number}", email=f"b{number}@guests.example"
        )
    Guest.objects.create(organization=alice.organization, name="Ben without address", email="")

    by_name = host.get("/guests/known?field=guest_name&guest_name=BEN")
    by_address = words(host.get("/guests/known?field=party_email&party_email=b3@"))
    too_few = host.get("/guests/known?field=guest_name&guest_name=B")

    assert by_name.content.decode().count("data-fills") == 5
    assert "without address" not in words(by_name)
    assert "Ben 3 b3@guests.example" in by_address
    assert too_few.content.decode().strip() == ""


@pytest.mark.parametrize("junk", ["", "?field=x", "?field=q&q=%00%25_", "?field=q&q=" + "a" * 3000])
def test_junk_that_is_typed_finds_nobody(host: Visitor, junk: str) -> None:
    answer = host.get(f"/guests/known{junk}")

    assert (answer.status_code, answer.content.decode().strip()) == (200, "")


def test_charlies_guests_are_not_offered_to_alice(host: Visitor, alice: Business, charlie: Business) -> None:
    assert charlie.organization != alice.organization
    alice.book(now=host.clock.now())

    theirs = signed_in(charlie, host.clock).get("/guests/known?field=q&q=ada")

    assert "data-fills" in host.get("/guests/known?field=q&q=ada").content.decode()
    assert "data-fills" not in theirs.content.decode()


def test_who_comes_is_changed_on_a_page_of_its_own(host: Visitor, alice: Business) -> None:
    stay = alice.book(now=host.clock.now(), companions=[BEN])
    path = f"/stays/{stay.pk}/guests"

    page = host.get(path)
    longer = host.post(path, {"seen": page.context["seen"], "party_name": ["Ben"], "one_more": "1"})
    done = host.post(
        path,
        {
            "seen": page.context["seen"],
            "party_name": ["", "Cleo"],
            "party_email": ["", "cleo@guests.example"],
        },
    )

    check_page(page)
    assert rows(page) == [("Ben Ito", "ben@guests.example"), ("", "")]
    assert rows(longer) == [("Ben", ""), ("", "")]
    assert (done.status_code, done.headers["Location"]) == (302, f"/stays/{stay.pk}")
    assert come(stay) == [("Cleo", "cleo@guests.example")]
    assert f"Who comes was changed by {alice.owner.email}" in words(host.get(f"/stays/{stay.pk}"))


def test_the_second_of_two_people_is_told_who_comes_by_now_and_keeps_the_list(
    host: Visitor, alice: Business
) -> None:
    stay = alice.book(now=host.clock.now(), companions=[BEN])
    path = f"/stays/{stay.pk}/guests"
    seen = host.get(path).context["seen"]
    host.post(path, {"seen": seen, "party_name": ["Cleo"]})

    refused = host.post(path, {"seen": seen, "party_name": ["Dora"]})
    once_more = host.post(path, {"seen": refused.context["seen"], "party_name": ["Dora"]})

    assert "Somebody changed meanwhile who comes: now Ada Vogel and Cleo." in words(refused)
    assert rows(refused) == [("Dora", "")]
    assert once_more.status_code == 302
    assert come(stay) == [("Dora", "")]


def test_a_companions_page_and_the_search_show_the_stay_and_the_sheet_names_all(
    host: Visitor, alice: Business
) -> None:
    stay = alice.book(now=host.clock.now(), code=CODE, companions=[BEN, Person("Cleo")])
    ben, cleo = (one.guest for one in stay.party.select_related("guest"))

    page = host.get(f"/guests/{ben.pk}")
    sheet = words(host.post(f"/stays/{stay.pk}/sheet"))
    erasing = words(host.get(f"/guests/{ben.pk}/erase"))
    edited = host.post(f"/guests/{cleo.pk}/edit", {"name": "Cleo M.", "email": "", "language": "en"})

    assert "In Flat 1 now." in words(page)
    assert [card.guest_name for card in host.get("/stays/all?q=ben+i").context["page"].cards] == ["Ada Vogel"]
    assert "Welcome, Ada Vogel, Ben Ito and Cleo" in sheet
    assert "One stay is kept" in erasing
    assert edited.status_code == 302
    listed = {row.name: row.came_at for row in host.get("/guests").context["page"].rows}
    assert listed == dict.fromkeys(["Ada Vogel", "Ben Ito", "Cleo M."], stay.starts_at)


def test_a_viewer_changes_no_guests(alice: Business, clock: TurnedClock) -> None:
    stay = alice.book(now=clock.now())
    bob = with_role(alice, clock, Role.VIEWER)

    asked = [bob.get(f"/stays/{stay.pk}/guests"), bob.get("/guests/known")]
    sent = bob.post(f"/stays/{stay.pk}/guests", {"party_name": ["Mallory"]})

    assert [one.status_code for one in [*asked, sent]] == [403, 403, 403]
    assert "Change guests" not in words(bob.get(f"/stays/{stay.pk}"))
    assert come(stay) == []
    assert [entry.kind for entry in stay.audit.all()] == [AuditKind.STAY_BOOKED]


def test_pages_ask_as_often_for_many_guests_as_for_few(host: Visitor, alice: Business) -> None:
    def asked(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert host.get(path).status_code == 200
        return len(queries.captured_queries)

    few = alice.book(now=host.clock.now(), companions=[BEN])
    many = alice.book(
        now=host.clock.now(), unit="Flat 2", companions=[Person(f"Guest {number}") for number in range(11)]
    )

    counts = {
        path: (asked(f"/stays/{few.pk}{path}"), asked(f"/stays/{many.pk}{path}"))
        for path in ("", "/guests", "/change")
    }

    assert [with_few == with_many for with_few, with_many in counts.values()] == [True] * 3, counts
    assert max(counts["/guests"][0], counts["/change"][0], asked("/stays/book")) <= 12
