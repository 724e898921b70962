"""What only shows over a real connection: bodies that are not read, and keys that end in every process."""

from collections.abc import Iterator

import pytest
import requests

from access.models import Stay
from properties import api_keys
from properties.clock import now
from tests.access.api import programs
from tests.access.api.programs import problem
from tests.worlds import Business

A_MEGABYTE = b" " * 1_000_000
TIMES = 12  # more than enough to meet both web processes
PATIENCE = 20  # seconds

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180), pytest.mark.xdist_group("conform")]


def test_a_megabyte_is_refused_and_nested_or_unmeasured_bodies_change_nothing(
    product: str, alice: Business
) -> None:
    _, key = programs.made(alice, now())
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def post(body: bytes | Iterator[bytes]) -> requests.Response:
        return requests.post(f"{product}/stays", data=body, headers=headers, timeout=PATIENCE)

    large, nested, unmeasured = post(A_MEGABYTE), post(b"[" * 200_000), post(iter([b"{", b"}"]))

    assert problem(large) == (413, "too_large")
    assert problem(nested) == (400, "malformed_json")
    assert problem(unmeasured) == (400, "invalid_request")
    assert not Stay.objects.exists()


def test_a_revoked_key_is_refused_by_every_process_at_once(product: str, alice: Business) -> None:
    key, text = programs.made(alice, now())
    headers = {"Authorization": f"Bearer {text}"}

    def ask() -> requests.Response:
        return requests.get(f"{product}/organization", headers=headers, timeout=PATIENCE)

    before = {ask().status_code for _ in range(TIMES)}
    api_keys.revoke(key=key, revoked_by=alice.owner, now=now())
    after = {problem(ask()) for _ in range(TIMES)}

    assert before == {200}
    assert after == {(401, "api_key_revoked")}
