"""Up to a hundred reservations in one call: each is put, refused and answered for by itself."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from access import api_requests, stays
from access.models import ApiRequest, AuditEntry, AuditKind, Stay
from nuki_gateway.simulator import TurnedClock
from tests.access.api import programs
from tests.access.api.programs import Program, problem, two_nights
from tests.worlds import Business

PATH = "/stays/bulk-upsert"
DAY = timedelta(days=1)
MOST_QUERIES = 20  # for one stay that is booked: its guest, its code, a grant and its due time for each door


def reservation(alice: Business, clock: TurnedClock, number: int, **other: Any) -> dict[str, Any]:
    """Flat 1 for two nights, three days after the reservation before."""
    return two_nights(alice, clock.now() + number * 3 * DAY, **({"external_id": f"R-{number}"} | other))


def put(program: Program, *reservations: Any, **headers: str) -> Any:
    return program.post(PATH, {"stays": list(reservations)}, **headers)


def statuses(answer: Any) -> list[int]:
    assert answer.status_code == 200
    return [one["status"] for one in answer.json()["data"]]


def codes(answer: Any) -> list[str | None]:
    return [one["problem"] and one["problem"]["code"] for one in answer.json()["data"]]


def test_stays_are_booked_and_the_same_call_again_changes_nothing(
    program: Program, alice: Business, clock: TurnedClock
) -> None:
    wanted = [reservation(alice, clock, number) for number in range(3)]

    first, second = put(program, *wanted), put(program, *wanted)

    assert (statuses(first), statuses(second)) == ([201] * 3, [200] * 3)
    assert [one["stay"] for one in first.json()["data"]] == [one["stay"] for one in second.json()["data"]]
    assert [one["external_id"] for one in first.json()["data"]] == ["R-0", "R-1", "R-2"]
    assert Stay.objects.count() == 3
    assert {entry.kind for entry in AuditEntry.objects.all()} == {AuditKind.STAY_BOOKED}


def test_stays_that_stand_are_brought_in_line(program: Program, alice: Business, clock: TurnedClock) -> None:
    put(program, reservation(alice, clock, 0), reservation(alice, clock, 1))
    longer = (clock.now() + timedelta(days=2, hours=2)).isoformat()

    answer = put(program, reservation(alice, clock, 0, ends_at=longer), reservation(alice, clock, 1))

    assert statuses(answer) == [200, 200]
    assert answer.json()["data"][0]["stay"]["ends_at"] == "2026-06-17T14:00:00Z"
    assert AuditEntry.objects.filter(kind=AuditKind.STAY_CHANGED).count() == 1


def test_one_that_is_refused_stops_no_other_and_says_why(
    program: Program, alice: Business, clock: TurnedClock
) -> None:
    answer = put(
        program,
        reservation(alice, clock, 0),
        reservation(alice, clock, 0, external_id="R-in-the-way"),
        reservation(alice, clock, 1, colour="blue"),
        "R-7",
        None,
        reservation(alice, clock, 2, unit="unit_999"),
        reservation(alice, clock, 3, external_id=""),
        reservation(alice, clock, 4),
    )

    assert statuses(answer) == [201, 409, 400, 400, 400, 404, 400, 201]
    assert codes(answer)[1:3] == ["stay_overlaps", "invalid_request"]
    refused = [one["problem"] for one in answer.json()["data"]]
    assert refused[1]["other_stay"] == answer.json()["data"][0]["stay"]["id"]
    assert refused[2]["errors"] == [
        {"field": "colour", "code": "unknown_field", "detail": "There is no such field."}
    ]
    assert refused[5]["field"] == "unit"
    assert {one["request_id"] for one in refused if one} == {answer.headers["X-Request-ID"]}
    assert [one["index"] for one in answer.json()["data"]] == list(range(8))
    assert sorted(Stay.objects.values_list("external_id", flat=True)) == ["R-0", "R-4"]


def test_a_number_that_stands_twice_is_refused_both_times(
    program: Program, alice: Business, clock: TurnedClock
) -> None:
    answer = put(
        program,
        reservation(alice, clock, 0),
        reservation(alice, clock, 1),
        reservation(alice, clock, 2, external_id=" R-0 "),
    )

    assert statuses(answer) == [400, 201, 400]
    assert [one["problem"]["errors"][0]["code"] for one in answer.json()["data"][::2]] == ["twice", "twice"]
    assert list(Stay.objects.values_list("external_id", flat=True)) == ["R-1"]


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        pytest.param({}, "stays", "required", id="nothing"),
        pytest.param({"stays": []}, "stays", "min_length", id="none"),
        pytest.param({"stays": {"R-1": {}}}, "stays", "not_a_list", id="no list"),
        pytest.param({"stays": [{}] * 101}, "stays", "max_length", id="a hundred and one"),
        pytest.param({"stays": [{}], "all": True}, "all", "unknown_field", id="another field"),
    ],
)
def test_a_call_that_is_none_is_refused_by_name(
    program: Program, body: dict[str, Any], field: str, code: str
) -> None:
    answer = program.post(PATH, body)

    assert problem(answer) == (400, "invalid_request")
    assert {(one["field"], one["code"]) for one in answer.json()["errors"]} == {(field, code)}


@pytest.mark.parametrize("depth", [100, 300, 900, 90_000])
def test_what_is_nested_deeply_is_refused_and_no_failure_of_ours(program: Program, depth: int) -> None:
    answer = program.post(PATH, b'{"stays": [' + b"[" * depth + b"]" * depth + b"]}")

    assert answer.status_code == 400 or statuses(answer) == [400]


def test_a_failure_of_ours_is_the_answer_of_one_and_not_of_all(
    program: Program, alice: Business, clock: TurnedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    book, failures = stays.book, [OperationalError("gone"), RuntimeError("Ada's code is 384174")]

    def fail_at_first(**wanted: Any) -> Stay:
        if failures:
            raise failures.pop(0)
        return book(**wanted)

    monkeypatch.setattr(stays, "book", fail_at_first)

    answer = put(program, *(reservation(alice, clock, number) for number in range(3)))

    assert statuses(answer) == [503, 500, 201]
    assert codes(answer) == ["unavailable", "internal_error", None]
    assert "384174" not in answer.content.decode()


def test_a_call_is_carried_out_once_under_its_key(
    program: Program, alice: Business, clock: TurnedClock
) -> None:
    wanted = [reservation(alice, clock, 0), reservation(alice, clock, 1, unit="unit_0")]

    first, second = (put(program, *wanted, Idempotency_Key="one") for _ in range(2))

    assert first.json() == second.json()
    assert second.headers["Idempotent-Replayed"] == "true"
    assert ApiRequest.objects.get().done_at is not None


def test_who_died_halfway_is_finished_for_by_the_same_call(
    program: Program, alice: Business, clock: TurnedClock
) -> None:
    wanted = [reservation(alice, clock, number) for number in range(3)]
    put(program, *wanted, Idempotency_Key="one")
    stays.cancel(stay=Stay.objects.get(external_id="R-2"), cancelled_by=alice.owner, now=clock.now())
    ApiRequest.objects.update(status=None, answer="")  # as the last change itself left it
    clock.turn(seconds=api_requests.CLAIM.total_seconds())

    answer = put(program, *wanted, Idempotency_Key="one")

    assert statuses(answer) == [200, 200, 201]
    assert Stay.objects.filter(cancelled_at=None).count() == 3


def test_rows_of_others_are_not_there_for_any_of_them(
    program: Program, alice: Business, charlie: Business, clock: TurnedClock
) -> None:
    theirs = programs.of(charlie, clock)
    put(theirs, reservation(charlie, clock, 0))

    answer = put(
        program,
        reservation(alice, clock, 0),
        reservation(alice, clock, 1, unit=f"unit_{charlie.flats['Flat 1'].pk}"),
    )

    assert statuses(answer) == [201, 404]
    assert "Lindgren" not in answer.content.decode()


def test_each_stay_takes_as_many_questions_in_a_long_call_as_in_a_short_one(
    program: Program, alice: Business, clock: TurnedClock
) -> None:
    program.get("/organization")  # its use is noted once a minute

    def asked(first: int, count: int) -> int:
        wanted = [reservation(alice, clock, number) for number in range(first, first + count)]
        with CaptureQueriesContext(connection) as made:
            answer = put(program, *wanted)
        assert statuses(answer) == [201] * count
        return len(made)

    asked(0, 1)  # the guest is new once
    few, many = asked(1, 2), asked(3, 12)

    assert (many - few) % 10 == 0
    assert (many - few) // 10 <= MOST_QUERIES
