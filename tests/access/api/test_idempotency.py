"""A POST that is sent again under its key is answered, and carried out once."""

from datetime import timedelta

import pytest
import time_machine

from access import api_requests, tasks
from access.models import ApiRequest, AuditEntry, AuditKind, Stay
from nuki_gateway.simulator import TurnedClock
from tests.access.api import programs
from tests.access.api.programs import Program, problem, two_nights
from tests.worlds import Business


def test_the_same_request_is_answered_again_and_books_once(
    program: Program, alice: Business, clock: TurnedClock
) -> None:
    body = two_nights(alice, clock.now())

    first, second = (program.post("/stays", body, Idempotency_Key="one") for _ in range(2))

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert first.headers["ETag"] == second.headers["ETag"]
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert Stay.objects.count() == 1


def test_another_request_under_the_same_key_is_refused(
    program: Program, alice: Business, clock: TurnedClock
) -> None:
    made = program.post("/stays", two_nights(alice, clock.now()), Idempotency_Key="one").json()
    later = two_nights(alice, clock.now() + timedelta(days=9))

    other_body = program.post("/stays", later, Idempotency_Key="one")
    other_address = program.post(f"/stays/{made['id']}/cancel", Idempotency_Key="one")

    assert problem(other_body) == problem(other_address) == (409, "idempotency_key_reused")
    assert Stay.objects.get().cancelled_at is None


def test_what_was_refused_changed_nothing_and_may_be_asked_again(
    program: Program, alice: Business, clock: TurnedClock
) -> None:
    there = alice.book(now=clock.now())
    body = two_nights(alice, clock.now())

    refused = program.post("/stays", body, Idempotency_Key="one")
    program.post(f"/stays/stay_{there.pk}/cancel")
    again = program.post("/stays", body, Idempotency_Key="one")

    assert problem(refused) == (409, "stay_overlaps")
    assert again.status_code == 201


def test_a_request_that_is_being_carried_out_is_not_carried_out_twice(
    program: Program, alice: Business, clock: TurnedClock
) -> None:
    body = two_nights(alice, clock.now())
    program.post("/stays", body, Idempotency_Key="one")
    ApiRequest.objects.update(status=None, done_at=None)

    answer = program.post("/stays", body, Idempotency_Key="one")

    assert problem(answer) == (409, "in_progress")
    assert answer.headers["Retry-After"] == "1"
    assert Stay.objects.count() == 1


def test_who_died_before_the_answer_is_answered_for(
    program: Program, alice: Business, clock: TurnedClock
) -> None:
    body = two_nights(alice, clock.now())
    first = program.post("/stays", body, Idempotency_Key="one")
    ApiRequest.objects.update(status=None, answer="")  # as the change itself left it
    clock.turn(seconds=api_requests.CLAIM.total_seconds())

    answer = program.post("/stays", body, Idempotency_Key="one")
    kept = program.post("/stays", body, Idempotency_Key="one")

    assert (answer.status_code, answer.json()["id"]) == (201, first.json()["id"])
    assert kept.headers["Idempotent-Replayed"] == "true"
    assert Stay.objects.count() == 1


def test_who_died_before_the_change_leaves_it_to_the_next(
    program: Program, alice: Business, clock: TurnedClock
) -> None:
    body = two_nights(alice, clock.now())
    program.post("/stays", {**body, "unit": "unit_0"}, Idempotency_Key="other")
    program.post("/stays", body, Idempotency_Key="one")
    stay = Stay.objects.get()
    program.post(f"/stays/stay_{stay.pk}/cancel")
    ApiRequest.objects.update(status=None, answer="", done_at=None, stay=None)
    clock.turn(seconds=api_requests.CLAIM.total_seconds())

    answer = program.post("/stays", body, Idempotency_Key="one")

    assert answer.status_code == 201
    assert answer.json()["id"] != f"stay_{stay.pk}"


@pytest.mark.parametrize("action", ["cancel", "new-code"])
def test_actions_are_carried_out_once_too(
    program: Program, alice: Business, clock: TurnedClock, action: str
) -> None:
    stay = alice.book(now=clock.now())
    kinds = {"cancel": AuditKind.STAY_CANCELLED, "new-code": AuditKind.CODE_RENEWED}

    answers = [program.post(f"/stays/stay_{stay.pk}/{action}", Idempotency_Key="one") for _ in range(3)]

    assert len({(one.status_code, one.content) for one in answers}) == 1
    assert AuditEntry.objects.filter(kind=kinds[action]).count() == 1


def test_a_code_is_never_kept_with_an_answer(program: Program, alice: Business, clock: TurnedClock) -> None:
    stay = alice.book(now=clock.now())

    answers = [program.post(f"/stays/stay_{stay.pk}/reveal-code", Idempotency_Key="one") for _ in range(2)]

    assert [one.status_code for one in answers] == [200, 200]
    assert not ApiRequest.objects.exists()
    assert AuditEntry.objects.filter(kind=AuditKind.CODE_REVEALED).count() == 2


@pytest.mark.parametrize("key", ["", "x" * 256, "two words", "é"])
def test_a_key_has_to_be_one(program: Program, alice: Business, clock: TurnedClock, key: str) -> None:
    answer = program.post("/stays", two_nights(alice, clock.now()), Idempotency_Key=key)

    assert problem(answer) == (400, "idempotency_key_invalid")
    assert not Stay.objects.exists()


def test_keys_of_two_businesses_have_nothing_to_do_with_each_other(
    program: Program, alice: Business, charlie: Business, clock: TurnedClock
) -> None:
    theirs = programs.of(charlie, clock)

    mine = program.post("/stays", two_nights(alice, clock.now()), Idempotency_Key="one")
    other = theirs.post("/stays", two_nights(charlie, clock.now()), Idempotency_Key="one")

    assert (mine.status_code, other.status_code) == (201, 201)
    assert mine.json()["id"] != other.json()["id"]


def test_what_was_answered_is_forgotten_after_a_day(
    program: Program, alice: Business, clock: TurnedClock
) -> None:
    body = two_nights(alice, clock.now(), ends_at=(clock.now() + timedelta(days=9)).isoformat())
    program.post("/stays", body, Idempotency_Key="one")
    clock.turn(seconds=25 * 3600)

    late = program.post("/stays", body, Idempotency_Key="one")
    with time_machine.travel(clock.now(), tick=False):
        tasks.forget_deliveries()

    assert problem(late) == (409, "stay_overlaps")
    assert not ApiRequest.objects.exists()
