"""Programs that call the API by the test client, on the simulator's clock."""

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import time_machine
from django.test import Client

from nuki_gateway.simulator import TurnedClock
from properties import api_keys, tenancy
from properties.api_scopes import Scope
from properties.models import ApiKey
from tests.worlds import Business

V1 = "/api/v1"
ALL = frozenset(Scope)


@dataclass
class Program:
    """A program with a key, to which it is as late as in the simulator."""

    clock: TurnedClock
    text: str
    client: Client = field(default_factory=Client)

    def get(self, path: str, **headers: str) -> Any:
        """Ask."""
        return self.call("GET", path, None, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        """Have something done."""
        return self.call("POST", path, body, **headers)

    def put(self, path: str, body: Any, **headers: str) -> Any:
        """Have something be so."""
        return self.call("PUT", path, body, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> Any:
        """Have part of something be so."""
        return self.call("PATCH", path, body, **headers)

    def call(self, method: str, path: str, body: Any, **headers: str) -> Any:
        """Any request; a body that is no bytes is sent as JSON. `Idempotency_Key` is a header."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.text:
            sent["Authorization"] = f"Bearer {self.text}"
        content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        kind = sent.pop("Content-Type", "application/json")
        with time_machine.travel(self.clock.now(), tick=False):
            return self.client.generic(method, V1 + path, content, content_type=kind, headers=sent)


def made(
    business: Business,
    now: datetime,
    *,
    scopes: Collection[Scope] = ALL,
    name: str = "PMS",
    lasts: timedelta | None = None,
) -> tuple[ApiKey, str]:
    """A key of a business, and its text."""
    with tenancy.within(business.organization):
        return api_keys.make(
            organization=business.organization,
            name=name,
            scopes=scopes,
            expires_at=now + lasts if lasts else None,
            made_by=business.owner,
            now=now,
        )


def of(
    business: Business, clock: TurnedClock, *, scopes: Collection[Scope] = ALL, name: str = "PMS"
) -> Program:
    """A program of a business."""
    return Program(clock, made(business, clock.now(), scopes=scopes, name=name)[1])


def problem(answer: Any) -> tuple[int, str]:
    """The status and the code of a refusal, which has the one form that all have."""
    assert answer.headers["Content-Type"] == "application/problem+json"
    said = answer.json()
    assert said["status"] == answer.status_code
    assert said["type"] == f"urn:keyturn:problem:{said['code']}"
    assert said["request_id"] == answer.headers["X-Request-ID"] != ""
    return answer.status_code, said["code"]


def two_nights(business: Business, now: datetime, **other: Any) -> dict[str, Any]:
    """What books Flat 1 for two nights from now on, unless told otherwise."""
    return {
        "unit": f"unit_{business.flats['Flat 1'].pk}",
        "starts_at": now.isoformat(),
        "ends_at": (now + timedelta(days=2)).isoformat(),
        "guest": {"name": "Ada Vogel", "email": "Ada@guests.example"},
        **other,
    }
