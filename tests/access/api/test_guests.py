"""Correcting guests: what a property system knows better."""

from typing import Any

import pytest

from access import guests
from access.models import AuditEntry, AuditKind, Guest, Message
from nuki_gateway.simulator import TurnedClock
from properties.models import ApiKey
from tests.access.api.programs import Program, problem
from tests.timeline import Timeline
from tests.worlds import Business


def test_what_is_left_out_stays_and_a_new_address_is_told_the_code_again(
    program: Program, alice: Business, clock: TurnedClock, timeline: Timeline
) -> None:
    stay = alice.book(now=clock.now())
    timeline.pass_seconds(60)
    path = f"/guests/guest_{stay.guest_id}"

    renamed = program.patch(path, {"name": "Ada  Falk\n"})
    nothing = program.patch(path, {})
    moved = program.patch(path, {"email": "Ada@falk.example", "language": "de"})

    assert renamed.json() == {
        "id": f"guest_{stay.guest_id}",
        "name": "Ada Falk",
        "email": "ada@guests.example",
        "language": "en",
        "is_erased": False,
    }
    assert nothing.json() == renamed.json()
    assert (moved.json()["email"], moved.json()["language"]) == ("ada@falk.example", "de")
    assert AuditEntry.objects.filter(kind=AuditKind.ADDRESS_CORRECTED).count() == 1
    assert Message.objects.filter(sent_at=None).count() == 1


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        pytest.param({"email": ""}, "email", "blank", id="no address any more"),
        pytest.param({"email": "nobody"}, "email", "invalid", id="no address"),
        pytest.param({"name": " "}, "name", "blank", id="no name"),
        pytest.param({"language": "xx"}, "language", "invalid_choice", id="no language of ours"),
        pytest.param({"phone": "1"}, "phone", "unknown_field", id="a field that there is not"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_changes(
    program: Program, alice: Business, clock: TurnedClock, body: dict[str, Any], field: str, code: str
) -> None:
    stay = alice.book(now=clock.now())
    before = Guest.objects.values().get()

    answer = program.patch(f"/guests/guest_{stay.guest_id}", body)

    assert problem(answer) == (400, "invalid_request")
    assert [(one["field"], one["code"]) for one in answer.json()["errors"]] == [(field, code)]
    assert Guest.objects.values().get() == before


def test_a_guest_who_is_known_or_erased_or_beyond_reach_is_refused(
    program: Program, alice: Business, clock: TurnedClock
) -> None:
    first = alice.book(now=clock.now())
    second = alice.book(now=clock.now(), unit="Flat 2", guest_name="Eve", guest_email="eve@guests.example")
    gone = Guest.objects.create(organization=alice.organization, name="Ben", email="", language="en")
    guests.erase(guest=gone, now=clock.now())
    same = {"name": "Ada Vogel", "email": "ada@guests.example"}

    known = program.patch(f"/guests/guest_{second.guest_id}", same)
    erased = program.patch(f"/guests/guest_{gone.pk}", {"name": "Ben"})
    ApiKey.objects.update(property_ids=[], scopes=["read", "stays"])
    beyond = program.patch(f"/guests/guest_{first.guest_id}", {"name": "Mallory"})

    assert problem(known) == (409, "guest_known")
    assert problem(erased) == (409, "guest_erased")
    assert problem(beyond) == (404, "not_found")
    assert sorted(Guest.objects.values_list("name", flat=True)) == ["", "Ada Vogel", "Eve"]
