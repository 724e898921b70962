"""The people of an account: made at once, checked, and told of by webhook."""

import json
from typing import Any

import pytest

from nuki_gateway.simulator import Simulator, TurnedClock
from nuki_gateway.simulator.webhooks import Post
from tests.nuki_gateway.simulator.caller import Caller
from tests.nuki_gateway.simulator.test_checks import EMPTY_EXCEPTION, complaint

ADA = {"email": "ada@example.org", "name": "Ada", "language": "de"}


def made(nuki: Caller, **fields: Any) -> dict[str, Any]:
    shape: dict[str, Any] = nuki("PUT", "/account/user", ADA | fields).json
    return shape


def test_a_change_keeps_what_it_does_not_name(nuki: Caller, clock: TurnedClock) -> None:
    user = made(nuki)
    clock.turn(seconds=5)

    reply = nuki("POST", f"/account/user/{user['accountUserId']}", {"name": "Ada L."})

    changed = user | {"name": "Ada L.", "updateDate": "2026-05-04T08:00:05.000Z"}
    assert (reply.status, reply.json) == (200, changed)
    assert nuki("GET", f"/account/user/{user['accountUserId']}").json == changed
    assert user["language"] == "de"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param("language", "pt", id="a language that Nuki does not speak"),
        pytest.param("email", "ada", id="an address that is none"),
        pytest.param("name", " ", id="an empty name"),
    ],
)
def test_a_bad_field_is_refused_on_create_and_on_change(nuki: Caller, field: str, value: str) -> None:
    user = made(nuki, email="bea@example.org")

    create = nuki("PUT", "/account/user", ADA | {field: value})
    change = nuki("POST", f"/account/user/{user['accountUserId']}", {field: value})

    assert (create.status, create.json) == (400, complaint(field, value))
    assert (change.status, change.json) == (400, complaint(field, value))
    assert nuki("GET", "/account/user").json == [user]


def test_a_person_is_of_one_of_two_types(nuki: Caller) -> None:
    assert made(nuki, type=1)["type"] == 1
    assert nuki("PUT", "/account/user", ADA | {"email": "bea@example.org", "type": 2}).status == 400


def test_an_address_that_another_person_has_is_a_conflict(nuki: Caller) -> None:
    made(nuki)
    other = made(nuki, email="bea@example.org")

    reply = nuki("POST", f"/account/user/{other['accountUserId']}", {"email": ADA["email"]})

    assert (reply.status, reply.json) == (409, EMPTY_EXCEPTION)
    assert nuki("GET", f"/account/user/{other['accountUserId']}").json == other


def test_coming_changing_and_going_are_told(simulator: Simulator, nuki: Caller) -> None:
    told: list[dict[str, Any]] = []

    def deliver(post: Post) -> int:
        told.append(json.loads(post.body))
        return 200

    simulator.deliver = deliver
    hook = {"webhookUrl": "https://keyturn.example/hook", "webhookFeatures": ["ACCOUNT_USER"]}
    nuki("PUT", "/api/decentralWebhook", hook)

    user = made(nuki)
    nuki("POST", f"/account/user/{user['accountUserId']}", {"name": "Ada L."})
    simulator.settle()
    nuki("DELETE", f"/account/user/{user['accountUserId']}")
    simulator.settle()

    assert [(one["feature"], one["deleted"], one["accountUser"]["name"]) for one in told] == [
        ("ACCOUNT_USER", False, "Ada"),
        ("ACCOUNT_USER", False, "Ada L."),
        ("ACCOUNT_USER", True, "Ada L."),
    ]
    assert told[0]["accountUser"] == user
