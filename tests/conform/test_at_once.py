"""Fifty times the same request at the same moment, over fifty connections: one stay."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
import requests

from access.models import AuditEntry, AuditKind, Stay
from properties.clock import now
from tests.access.api import programs
from tests.access.api.programs import problem, two_nights
from tests.worlds import Business

AT_ONCE = 50
IN_A_YEAR = timedelta(days=365)
PATIENCE = 60  # seconds

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180), pytest.mark.xdist_group("conform")]


@pytest.mark.parametrize(
    ("method", "path", "more", "headers", "refusals"),
    [
        pytest.param(
            "POST",
            "/stays",
            {},
            {"Idempotency-Key": "one"},
            {(409, "in_progress")},
            id="POST under one Idempotency-Key",
        ),
        pytest.param(
            "POST",
            "/stays",
            {"external_id": "R-1"},
            {},
            {(409, "external_id_taken")},
            id="POST with one external_id",
        ),
        pytest.param("PUT", "/stays/by-external-id/R-1", {}, {}, set(), id="PUT by one external_id"),
    ],
)
def test_fifty_at_once_book_one_stay(
    product: str,
    alice: Business,
    method: str,
    path: str,
    more: dict[str, str],
    headers: dict[str, str],
    refusals: set[tuple[int, str]],
) -> None:
    _, key = programs.made(alice, now())
    body, start = two_nights(alice, now() + IN_A_YEAR, **more), Barrier(AT_ONCE)

    def call(_: int) -> Any:
        start.wait()
        return requests.request(
            method,
            product + path,
            json=body,
            headers={"Authorization": f"Bearer {key}", **headers},
            timeout=PATIENCE,
        )

    with ThreadPoolExecutor(AT_ONCE) as callers:
        answers = list(callers.map(call, range(AT_ONCE)))

    booked = [one for one in answers if one.ok]
    assert {problem(one) for one in answers if not one.ok} <= refusals
    assert Stay.objects.count() == 1
    assert {one.json()["id"] for one in booked} == {f"stay_{Stay.objects.get().pk}"}
    firsts = [one for one in booked if one.status_code == 201 and "Idempotent-Replayed" not in one.headers]
    assert len(firsts) == 1
    assert AuditEntry.objects.filter(kind=AuditKind.STAY_BOOKED).count() == 1
