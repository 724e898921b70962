"""What programs get wrong, or send on purpose: each is refused by name, and nothing changes."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from access.api.parsing import MOST_BYTES
from access.models import Guest, Stay
from nuki_gateway.simulator import TurnedClock
from tests.access.api.programs import Program, problem, two_nights
from tests.worlds import Business

FAR = "9999-12-31T23:59:59+00:00"


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        pytest.param({"starts": "x"}, "starts", "unknown_field", id="a field that there is not"),
        pytest.param(
            {"guest": {"name": "A", "email": "a@b.example", "phone": "1"}},
            "guest.phone",
            "unknown_field",
            id="one inside another",
        ),
        pytest.param({"starts_at": "2026-06-15T15:00:00"}, "starts_at", "offset_missing", id="no offset"),
        pytest.param({"starts_at": "2026-06-15"}, "starts_at", "invalid", id="a day"),
        pytest.param({"starts_at": 1781524800}, "starts_at", "invalid", id="a number for an instant"),
        pytest.param({"starts_at": "2026-13-45T99:00:00Z"}, "starts_at", "invalid", id="no such day"),
        pytest.param(
            {"starts_at": "0001-01-01T00:00:00+14:00"}, "starts_at", "invalid", id="before all time"
        ),
        pytest.param({"starts_at": FAR, "ends_at": FAR}, "ends_at", "ends_before_start", id="no time at all"),
        pytest.param(
            {"starts_at": "2031-01-01T00:00:00Z", "ends_at": "2031-01-02T00:00:00Z"},
            "starts_at",
            "too_far_ahead",
            id="in five years",
        ),
        pytest.param({"ends_at": "2028-06-15T12:00:00Z"}, "ends_at", "too_long", id="two years long"),
        pytest.param(
            {"starts_at": "1970-01-01T00:00:00Z", "ends_at": "1970-01-02T00:00:00Z"},
            "ends_at",
            "over_already",
            id="long over",
        ),
        pytest.param({"unit": 7}, "unit", "invalid_id", id="a number for an id"),
        pytest.param({"unit": "unit_" + "9" * 30}, "unit", "invalid_id", id="an id without end"),
        pytest.param({"unit": "unit_٣"}, "unit", "invalid_id", id="digits of another script"),
        pytest.param({"guest": "Ada"}, "guest", "invalid", id="a text for an object"),
        pytest.param(
            {"guest": {"name": 5, "email": "a@b.example"}}, "guest.name", "invalid", id="a number for a name"
        ),
        pytest.param(
            {"guest": {"name": "\u202e", "email": "a@b.example"}},
            "guest.name",
            "blank",
            id="a name of nothing",
        ),
        pytest.param(
            {"guest": {"name": "A\0", "email": "a@b.example"}},
            "guest.name",
            "null_characters_not_allowed",
            id="a null",
        ),
        pytest.param(
            {"guest": {"name": "\ud800", "email": "a@b.example"}},
            "guest.name",
            "surrogate_characters_not_allowed",
            id="half a letter",
        ),
        pytest.param(
            {"guest": {"name": "x" * 101, "email": "a@b.example"}},
            "guest.name",
            "max_length",
            id="a long name",
        ),
        pytest.param({"guest": {"name": "A", "email": "nobody"}}, "guest.email", "invalid", id="no address"),
        pytest.param(
            {"guest": {"name": "A", "email": "a@b.example", "language": "xx"}},
            "guest.language",
            "invalid_choice",
            id="no language of ours",
        ),
        pytest.param(
            {"companions": [{"name": "Ada Vogel", "email": "ada@guests.example"}]},
            "companions.0.name",
            "twice",
            id="a guest twice",
        ),
        pytest.param(
            {"companions": [{"name": f"N {n}"} for n in range(12)]},
            "companions",
            "max_length",
            id="too many guests",
        ),
        pytest.param({"external_id": "x" * 101}, "external_id", "max_length", id="a long number"),
        pytest.param({"external_id": ["R-1"]}, "external_id", "invalid", id="a list for a text"),
        pytest.param({"\ud800": 1}, "?", "unknown_field", id="half a letter for a name"),
    ],
)
def test_what_cannot_be_meant_is_refused_at_its_field(
    program: Program, alice: Business, clock: TurnedClock, change: dict[str, Any], field: str, code: str
) -> None:
    answer = program.post("/stays", two_nights(alice, clock.now(), **change))

    assert problem(answer) == (400, "invalid_request")
    assert (answer.json()["errors"][0]["field"], answer.json()["errors"][0]["code"]) == (field, code)
    assert answer.json()["field"] == field
    assert not Stay.objects.exists()
    assert not Guest.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"{", id="half an object"),
        pytest.param(b"\xff\xfe{}", id="no UTF-8"),
        pytest.param(b"[" * 100_000, id="nested deeply"),
        pytest.param(b'{"unit": ' * 5_000 + b"1" + b"}" * 5_000, id="objects nested deeply"),
        pytest.param(b'{"unit": NaN}', id="no number"),
        pytest.param(b'{"unit": ' + b"9" * 10_000 + b"}", id="a number without end"),
        pytest.param(b'{"unit": "unit_1", "unit": "unit_2"}', id="a name twice"),
    ],
)
def test_a_body_that_is_no_json_is_refused(program: Program, body: bytes) -> None:
    assert problem(program.post("/stays", body)) == (400, "malformed_json")


@pytest.mark.parametrize("body", [b"[]", b'"stay"', b"null", b"7", b"{}", b""])
def test_json_that_is_no_stay_is_refused(program: Program, body: bytes) -> None:
    assert problem(program.post("/stays", body)) == (400, "invalid_request")


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("Ada 🏡 Vogel", id="four bytes"),
        pytest.param("עדה פוגל", id="from right to left"),
        pytest.param("Zoe\u0308 Großmann", id="marks of their own"),
        pytest.param("李 小龍", id="Chinese"),
        pytest.param("\U0001f469\u200d\U0001f467", id="joined"),
    ],
)
def test_names_and_numbers_of_all_scripts_come_back_as_they_were(
    program: Program, alice: Business, clock: TurnedClock, name: str
) -> None:
    body = two_nights(alice, clock.now(), guest={"name": name, "email": "a@b.example"})

    put = program.put(f"/stays/by-external-id/{quote(name, safe='')}?expand=guest", body)

    assert put.status_code == 201
    assert (put.json()["guest"]["name"], put.json()["external_id"]) == (name, name)
    assert Stay.objects.get().guest.name == name


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?ends_after=0001-01-01T00:00:00Z", 1),
        ("?starts_before=0001-01-01T00:00:00Z", 0),
        ("?ends_after=9999-12-31T23:59:59.999999999Z", 0),
        ("?starts_before=9999-12-31T23:59:59Z", 1),
    ],
)
def test_a_list_may_be_asked_for_any_time(
    program: Program, alice: Business, clock: TurnedClock, query: str, found: int
) -> None:
    alice.book(now=clock.now())

    answer = program.get("/stays" + query)

    assert (answer.status_code, len(answer.json()["data"])) == (200, found)


@pytest.mark.parametrize("instant", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00%2B14:00"])
def test_no_time_is_before_the_first_or_after_the_last(program: Program, instant: str) -> None:
    answer = program.get(f"/stays?ends_after={instant}")

    assert problem(answer) == (400, "invalid_request")
    assert answer.json()["errors"][0]["code"] == "invalid"


def test_a_large_body_is_not_read(program: Program) -> None:
    assert problem(program.post("/stays", b" " * (MOST_BYTES + 1))) == (413, "too_large")
    assert problem(program.post("/stays", b" " * 1_000_000)) == (413, "too_large")


def test_other_kinds_of_bodies_answers_and_methods_are_refused(program: Program) -> None:
    form = program.post("/stays", b"unit=1", Content_Type="application/x-www-form-urlencoded")
    page = program.get("/stays", Accept="text/html")
    gone = program.call("DELETE", "/stays", None)
    asked = program.call("OPTIONS", "/stays", None)

    assert problem(form) == (415, "unsupported_media_type")
    assert problem(page) == (406, "not_acceptable")
    assert problem(gone) == problem(asked) == (405, "method_not_allowed")
    assert set(gone.headers["Allow"].split(", ")) == {"GET", "HEAD", "POST"}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?until=2026", "until"),
        ("?limit=0", "limit"),
        ("?limit=101", "limit"),
        ("?limit=ten", "limit"),
        ("?order=guest", "order"),
        ("?expand=guest,doors", "expand"),
        ("?expand=", "expand"),
        ("?expand=guest,", "expand"),
        ("?status=gone", "status"),
        ("?unit=stay_1", "unit"),
        ("?ends_after=2026-06-15T15:00:00", "ends_after"),
        ("?guest_email=nobody", "guest_email"),
        ("?external_id=%00", "external_id"),
        ("?cursor=x", "cursor"),
        ("?cursor=W10", "cursor"),
        ("?cursor=eyJhIjogMX0", "cursor"),
        ("?format=html", "format"),
    ],
)
def test_a_question_that_is_not_understood_is_refused_by_its_word(
    program: Program, query: str, field: str
) -> None:
    answer = program.get("/stays" + query)

    assert problem(answer) == (400, "invalid_request")
    assert answer.json()["field"] == field


def test_all_that_is_wrong_is_said_at_once(program: Program) -> None:
    answer = program.post("/stays", {"unit": 1, "when": "now"})

    assert {(one["field"], one["code"]) for one in answer.json()["errors"]} == {
        ("when", "unknown_field"),
        ("unit", "invalid_id"),
        ("starts_at", "required"),
        ("ends_at", "required"),
        ("guest", "required"),
    }


def test_a_change_to_times_that_cannot_be_is_refused(
    program: Program, alice: Business, clock: TurnedClock
) -> None:
    stay = alice.book(now=clock.now())
    before_it_starts = (clock.now() - timedelta(days=1)).isoformat()

    answer = program.patch(f"/stays/stay_{stay.pk}", {"ends_at": before_it_starts})

    assert problem(answer) == (400, "invalid_request")
    assert Stay.objects.get().ends_at == stay.ends_at
