"""What all answers have in common: limits, request ids, crashes, and what the log has of them."""

from typing import Any

import pytest
import structlog
from django.core.cache import cache
from django.db import OperationalError
from pytest_django.fixtures import Settings
from redis.exceptions import RedisError

from access import stays
from access.api import limits
from config import wsgi
from nuki_gateway.simulator import TurnedClock
from properties.models import ApiKey
from tests.access.api.programs import Program, problem, two_nights
from tests.config.test_wsgi import call
from tests.worlds import Business


def test_a_key_that_asks_too_often_is_told_to_wait_and_then_served_again(
    program: Program, clock: TurnedClock, settings: Settings
) -> None:
    settings.API_CALLS_PER_MINUTE = 3

    answers = [program.get("/organization") for _ in range(4)]
    clock.turn(seconds=50)
    too_soon = program.get("/organization").status_code
    clock.turn(seconds=150)
    later = program.get("/organization")

    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    assert problem(answers[3]) == (429, "rate_limited")
    assert int(answers[3].headers["Retry-After"]) >= 1
    assert [one.headers["RateLimit"] for one in answers] == [f'"key";r={left};t=60' for left in (2, 1, 0, 0)]
    assert answers[0].headers["RateLimit-Policy"] == '"key";q=3;w=60'
    assert (too_soon, later.status_code) == (429, 200)


def test_without_redis_nobody_counts_and_everybody_is_served(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise RedisError

    monkeypatch.setattr(limits, "cache", type("Gone", (), {"add": refuse, "incr": refuse, "get": refuse}))

    answer = program.get("/organization")

    assert answer.status_code == 200
    assert "RateLimit" not in answer.headers


def test_the_use_of_a_key_is_noted_once_a_minute(program: Program, clock: TurnedClock) -> None:
    seen = []
    for seconds in (0, 30, 31):
        clock.turn(seconds=seconds)
        program.get("/organization")
        seen.append(ApiKey.objects.get().last_used_at)

    assert seen[0] == seen[1]
    assert seen[2] is not None
    assert seen[1] is not None
    assert (seen[2] - seen[1]).total_seconds() == 61


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        pytest.param(RuntimeError("Ada's code is 384174"), (500, "internal_error"), id="a crash"),
        pytest.param(OperationalError("gone"), (503, "unavailable"), id="no database"),
    ],
)
def test_a_crash_says_nothing_but_under_which_id_the_log_has_it(
    program: Program,
    alice: Business,
    clock: TurnedClock,
    monkeypatch: pytest.MonkeyPatch,
    failure: Exception,
    said: tuple[int, str],
) -> None:
    def crash(**_: Any) -> None:
        raise failure

    monkeypatch.setattr(stays, "book", crash)

    answer = program.post("/stays", two_nights(alice, clock.now()))

    assert problem(answer) == said
    assert "384174" not in answer.content.decode()


def test_the_log_has_the_key_and_the_business_and_no_number_of_a_property_system(
    program: Program, alice: Business
) -> None:
    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        answer = program.get("/stays/by-external-id/Ada-Vogel?expand=guest")

    finished = next(one for one in lines if one["event"] == "request_finished")
    assert finished["request"] == "GET /api/v1/stays/by-external-id/…"
    assert finished["organization_id"] == alice.organization.pk
    assert finished["api_key_id"] == ApiKey.objects.get().pk
    assert finished["request_id"] == answer.headers["X-Request-ID"]
    assert "Ada" not in str(lines)


@pytest.mark.django_db(transaction=True)
def test_programs_come_in_past_what_is_for_people(alice: Business, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wsgi, "for_people", None)

    status, headers = call("/api/v1/organization")

    assert alice.organization.pk
    assert status == 401
    assert headers["WWW-Authenticate"] == "Bearer"
    assert headers["X-Request-ID"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in headers
    assert "Content-Security-Policy" not in headers


def test_who_is_signed_in_needs_a_key_all_the_same(program: Program, alice: Business) -> None:
    program.client.force_login(alice.owner)
    nobody = Program(program.clock, "", program.client)

    assert problem(nobody.get("/organization")) == (401, "api_key_missing")
    cache.clear()
