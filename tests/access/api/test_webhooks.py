"""Webhooks over the API: set up, looked at, and told again, by programs."""

from datetime import timedelta

import pytest
from pytest_django.fixtures import Settings

from access import stays, webhook_endpoints
from access.models import WebhookDelivery, WebhookEndpoint, WebhookEvent
from access.webhook_rules import CHOSEN, EventType
from nuki_gateway.simulator import TurnedClock
from properties.models import Organization
from tests.access import receivers
from tests.access.api.programs import Program, problem
from tests.access.receivers import LOOPBACK, Receiver, deliver, receiver
from tests.worlds import Business

__all__ = ["receiver"]  # a fixture

WANTED = {"name": "Lights", "url": "https://lights.example/hook", "types": ["door.opened", "stay.*"]}
KEY = {"Idempotency_Key": "webhook-1"}


def test_an_endpoint_is_made_with_a_secret_that_is_told_once(program: Program, alice: Business) -> None:
    made = program.post("/webhook-endpoints", WANTED)

    endpoint = WebhookEndpoint.objects.get()
    said = made.json()
    assert made.status_code == 201
    assert said["types"] == ["stay.created", "stay.changed", "stay.cancelled", "door.opened"]
    assert (said["id"], said["secret"]) == (f"endpoint_{endpoint.pk}", endpoint.secret)
    assert said["secret"].startswith("whsec_")
    for path in ("/webhook-endpoints", f"/webhook-endpoints/{said['id']}"):
        assert "whsec_" not in program.get(path).content.decode()
    assert Organization.objects.get(pk=alice.organization.pk).webhook_types == said["types"]


def test_the_same_call_twice_makes_one_endpoint_and_answers_the_same(program: Program) -> None:
    first, again = (program.post("/webhook-endpoints", WANTED, **KEY) for _ in range(2))

    assert first.json() == again.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert WebhookEndpoint.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"url": "http://lights.example/hook"}, "url", "not_https"),
        ({"url": "https://127.0.0.1/hook"}, "url", "not_public"),
        ({"url": "https://0x7f000001/hook"}, "url", "not_public"),
        ({"url": "https://[::ffff:10.0.0.1]/"}, "url", "not_public"),
        ({"url": "https://me:word@lights.example/"}, "url", "has_user"),
        ({"url": "https://lights.example/#x"}, "url", "has_fragment"),
        ({"url": "lights"}, "url", "no_address"),
        ({"url": 5}, "url", "invalid"),
        ({"types": []}, "types", "invalid"),
        ({"types": ["ping"]}, "types", "unknown"),
        ({"types": ["everything.*"]}, "types", "unknown"),
        ({"types": "door.opened"}, "types", "invalid"),
        ({"name": ""}, "name", "blank"),
        ({"name": "x" * 41}, "name", "max_length"),
        ({"secret": "whsec_mine"}, "secret", "unknown_field"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(
    program: Program, change: dict[str, object], field: str, code: str
) -> None:
    answer = program.post("/webhook-endpoints", WANTED | change)

    assert problem(answer) == (400, "invalid_request")
    assert [(one["field"], one["code"]) for one in answer.json()["errors"]] == [(field, code)]
    assert not WebhookEndpoint.objects.exists()


def test_a_name_is_given_once_and_a_business_has_so_many_and_no_more(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    program.post("/webhook-endpoints", WANTED)
    taken = program.post("/webhook-endpoints", WANTED)
    monkeypatch.setattr(webhook_endpoints, "MOST_ENDPOINTS", 1)
    many = program.post("/webhook-endpoints", WANTED | {"name": "Another"})

    assert (problem(taken), problem(many)) == ((409, "name_taken"), (409, "too_many"))
    assert WebhookEndpoint.objects.count() == 1


def test_an_endpoint_is_changed_switched_and_deleted(program: Program, alice: Business) -> None:
    own = "/webhook-endpoints/" + program.post("/webhook-endpoints", WANTED).json()["id"]

    changed = program.patch(own, {"types": ["door.*"], "name": "Lamps"}).json()
    off = program.patch(own, {"is_on": False}).json()
    refused = program.post(f"{own}/test")
    on = program.patch(own, {"is_on": True}).json()
    told = Organization.objects.get(pk=alice.organization.pk).webhook_types
    deleted = program.call("DELETE", own, None)

    assert (changed["name"], changed["url"]) == ("Lamps", WANTED["url"])
    assert changed["types"] == told == ["door.opened", "door.code_refused"]
    assert (off["is_on"], off["off_reason"], on["is_on"], on["off_reason"]) == (False, "by_hand", True, "")
    assert problem(refused) == (409, "webhook_off")
    assert (deleted.status_code, deleted.json()["name"]) == (200, "Lamps")
    assert problem(program.get(own)) == (404, "not_found")
    assert Organization.objects.get(pk=alice.organization.pk).webhook_types == []


def test_a_secret_is_rotated_once_under_one_key(program: Program) -> None:
    made = program.post("/webhook-endpoints", WANTED).json()
    path = f"/webhook-endpoints/{made['id']}/rotate-secret"

    first, again = (program.post(path, **KEY).json() for _ in range(2))

    endpoint = WebhookEndpoint.objects.get()
    assert first == again
    assert first["secret"] == endpoint.secret != made["secret"]
    assert (endpoint.old_secret, first["old_secret_ends_at"]) == (made["secret"], "2026-06-16T12:00:00Z")


def test_a_ping_is_followed_to_its_answer(
    program: Program, alice: Business, receiver: Receiver, clock: TurnedClock
) -> None:
    endpoint = receivers.add(alice, receiver.url, clock)
    receiver.answer = b"thank you"

    asked = program.post(f"/webhook-endpoints/endpoint_{endpoint.pk}/test").json()
    deliver(endpoint, clock)

    found = program.get(f"/webhook-deliveries/{asked['id']}").json()
    assert (asked["state"], asked["type"]) == ("waiting", "ping")
    assert (found["state"], found["status"], found["answer"]) == ("delivered", 200, "thank you")
    assert found["request"] == {
        "method": "POST",
        "url": receiver.url,
        "webhook_id": asked["event"],
        "body": receiver.calls[0].body.decode(),
    }


def test_deliveries_are_found_by_endpoint_state_and_type_and_sent_again(
    program: Program, alice: Business, receiver: Receiver, clock: TurnedClock
) -> None:
    lights = receivers.add(alice, receiver.url, clock, types=[EventType.STAY_CREATED])
    system = receivers.add(alice, receiver.url, clock, name="System", types=CHOSEN)
    stay = alice.book(now=clock.now())
    stays.cancel(stay=stay, cancelled_by=alice.owner, now=clock.now())
    deliver(lights, clock)

    def found(query: str) -> list[tuple[str, str, str]]:
        rows = program.get(f"/webhook-deliveries?{query}").json()["data"]
        return [(one["endpoint"], one["type"], one["state"]) for one in rows]

    first, second = f"endpoint_{lights.pk}", f"endpoint_{system.pk}"
    assert found("state=waiting") == [
        (second, "stay.cancelled", "waiting"),
        (second, "stay.created", "waiting"),
    ]
    assert found(f"endpoint={first}") == [(first, "stay.created", "delivered")]
    assert found("type=stay.cancelled&state=given_up") == []
    pages = program.get("/webhook-deliveries?limit=2").json()
    rest = program.get(f"/webhook-deliveries?limit=2&cursor={pages['next_cursor']}").json()
    assert (len(pages["data"]), len(rest["data"]), rest["next_cursor"]) == (2, 1, None)
    done = WebhookDelivery.objects.get(endpoint=lights)
    again = program.post(f"/webhook-deliveries/delivery_{done.pk}/replay", **KEY).json()
    assert program.post(f"/webhook-deliveries/delivery_{done.pk}/replay", **KEY).json() == again
    assert (again["is_replay"], again["event"]) == (True, f"event_{done.event_id}")
    assert WebhookDelivery.objects.filter(endpoint=lights).count() == 2


def test_a_program_that_was_away_reads_what_happened(
    program: Program, alice: Business, clock: TurnedClock, settings: Settings
) -> None:
    settings.WEBHOOK_ALLOWED_NETWORKS = LOOPBACK
    receivers.add(alice, "http://127.0.0.1:1/hook", clock)
    alice.book(now=clock.now())
    clock.turn(seconds=timedelta(hours=1).total_seconds())
    alice.book(now=clock.now(), unit="Flat 2")

    everything = program.get("/webhook-events?type=stay.created").json()["data"]

    assert [one["type"] for one in everything] == ["stay.created"] * 2
    assert everything[0]["timestamp"] == "2026-06-15T13:00:00Z"
    assert everything[1]["data"] == WebhookEvent.objects.earliest("pk").facts
