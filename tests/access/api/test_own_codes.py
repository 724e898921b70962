"""Codes of the host's own choice, and numbers that change: what property systems decide themselves."""

from datetime import timedelta
from typing import Any

import pytest

from access.models import ApiRequest, AuditEntry, AuditKind, Message, Stay
from nuki_gateway.simulator import TurnedClock
from properties.api_scopes import Scope
from tests.access.api import programs
from tests.access.api.programs import Program, problem, two_nights
from tests.worlds import Business, code_of

CODE, OTHER = "384174", "593826"
DAY = timedelta(days=1)


def test_a_code_of_ones_own_is_taken_and_never_said(
    program: Program, alice: Business, clock: TurnedClock
) -> None:
    body = two_nights(alice, clock.now(), code=CODE)

    booked = program.post("/stays", body, Idempotency_Key="one")
    shown = program.get(f"/stays/{booked.json()['id']}")

    assert booked.status_code == 201
    assert code_of(Stay.objects.get()) == CODE
    assert CODE not in booked.content.decode() + shown.content.decode()
    assert CODE not in ApiRequest.objects.get().answer
    assert "code" not in booked.json()


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("38417", id="five digits"),
        pytest.param("380174", id="a nought"),
        pytest.param("128417", id="begins with 12"),
        pytest.param("٣٨٤١٧٤", id="digits of another script"),
        pytest.param(384174, id="a number"),
    ],
)
def test_what_no_keypad_takes_is_refused_without_being_repeated(
    program: Program, alice: Business, clock: TurnedClock, code: Any
) -> None:
    answer = program.post("/stays", two_nights(alice, clock.now(), code=code))

    assert problem(answer) == (400, "invalid_request")
    assert (answer.json()["field"], str(code) in answer.content.decode()) == ("code", False)
    assert not Stay.objects.exists()


def test_to_choose_a_code_takes_the_scope_for_codes(alice: Business, clock: TurnedClock) -> None:
    program = programs.of(alice, clock, scopes={Scope.STAYS})
    body = two_nights(alice, clock.now(), code=CODE)

    answers = [program.post("/stays", body), program.put("/stays/by-external-id/R-1", body)]

    assert {problem(one) for one in answers} == {(403, "scope_missing")}
    assert {one.json()["scope"] for one in answers} == {"codes"}
    assert not Stay.objects.exists()


def test_a_code_that_a_door_has_already_is_refused_and_nothing_is_booked(
    program: Program, alice: Business, clock: TurnedClock
) -> None:
    alice.book(now=clock.now(), code=CODE)
    unit = f"unit_{alice.flats['Flat 2'].pk}"

    answer = program.post("/stays", two_nights(alice, clock.now(), code=CODE, unit=unit))

    assert problem(answer) == (409, "code_taken")
    assert Stay.objects.count() == 1


def test_a_stay_that_is_put_again_keeps_its_code_and_another_one_is_refused(
    program: Program, alice: Business, clock: TurnedClock
) -> None:
    body, later = two_nights(alice, clock.now(), code=CODE), (clock.now() + 3 * DAY).isoformat()

    first, again = (program.put("/stays/by-external-id/R-1", body) for _ in range(2))
    other = program.put("/stays/by-external-id/R-1", body | {"code": OTHER, "ends_at": later})

    assert (first.status_code, again.status_code) == (201, 200)
    assert problem(other) == (409, "code_differs")
    assert code_of(Stay.objects.get()) == CODE
    assert Stay.objects.get().ends_at == clock.now() + 2 * DAY
    assert {OTHER in one.content.decode() for one in (first, again, other)} == {False}


def test_a_stay_is_called_otherwise_and_no_guest_hears_of_it(
    program: Program, alice: Business, clock: TurnedClock
) -> None:
    stay = alice.book(now=clock.now(), external_id="R-1")
    tag = program.get(f"/stays/stay_{stay.pk}").headers["ETag"]

    changed = program.patch(f"/stays/stay_{stay.pk}", {"external_id": "R-2"}, If_Match=tag)
    same = program.patch(f"/stays/stay_{stay.pk}", {"external_id": "R-2"})
    stale = program.patch(f"/stays/stay_{stay.pk}", {"external_id": "R-3"}, If_Match=tag)
    cleared = program.patch(f"/stays/stay_{stay.pk}", {"external_id": ""})

    assert (changed.status_code, changed.json()["external_id"]) == (200, "R-2")
    assert same.headers["ETag"] == changed.headers["ETag"] != tag
    assert problem(stale) == (412, "stale")
    assert cleared.json()["external_id"] == ""
    assert Stay.objects.get().revision == stay.revision
    assert AuditEntry.objects.filter(kind=AuditKind.STAY_CHANGED).count() == 2
    assert not Message.objects.exists()


def test_number_and_times_change_together_or_not_at_all(
    program: Program, alice: Business, clock: TurnedClock
) -> None:
    taken = alice.book(now=clock.now() + 9 * DAY, external_id="R-9")
    stay = alice.book(now=clock.now(), external_id="R-1")
    longer = (clock.now() + 3 * DAY).isoformat()

    refused = program.patch(f"/stays/stay_{stay.pk}", {"external_id": "R-9", "ends_at": longer})
    both = program.patch(f"/stays/stay_{stay.pk}", {"external_id": "R-2", "ends_at": longer})

    assert problem(refused) == (409, "external_id_taken")
    assert refused.json()["other_stay"] == f"stay_{taken.pk}"
    assert (both.json()["external_id"], both.json()["ends_at"]) == ("R-2", "2026-06-18T12:00:00Z")
    assert Stay.objects.get(pk=stay.pk).revision == stay.revision + 1
