"""What a provider tells of messages, end to end with Mailgun's words and signature."""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import time_machine
from anymail.backends.base import AnymailBaseBackend
from django.db import connection
from django.test import Client
from django.utils.module_loading import import_string
from pytest_django.fixtures import Settings

from access import alerts, mail_events, mail_webhook, tasks
from access.mail_events import Fate
from access.models import Alert, AlertKind, EarlyMailEvent, Message, Stay
from config import mail_providers
from properties import tenancy
from tests.timeline import Timeline
from tests.visitors import signed_in, words
from tests.worlds import Business

KEY = "mailguns-signing-key"
NUMBER = "<20260615120000.1@mg.example>"
EVENTS = "/webhooks/mail/events"

pytestmark = pytest.mark.enable_socket


class Mailgun(BaseHTTPRequestHandler):
    """Takes every message, as Mailgun's API does."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        content = json.dumps({"id": NUMBER, "message": "Queued. Thank you."}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def mailgun(settings: Settings) -> Iterator[None]:
    server = HTTPServer(("127.0.0.1", 0), Mailgun)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    asked = {
        "api_key": "key",
        "sender_domain": "mg.example",
        "webhook_signing_key": KEY,
        "api_url": f"http://127.0.0.1:{server.server_port}/v3",
    }
    settings.EMAIL_BACKEND = mail_providers.BACKENDS["mailgun"]
    settings.MAIL_PROVIDER, settings.ANYMAIL = "mailgun", mail_providers.settings("mailgun", asked)
    yield
    server.shutdown()
    server.server_close()


def tell(event: str, at: datetime, *, key: str = KEY, number: str = NUMBER, **details: Any) -> int:
    """Call as Mailgun does."""
    stamp, token = f"{at.timestamp():.0f}", "a-token-of-fifty-letters"
    signature = hmac.new(key.encode(), f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
    content = {
        "signature": {"timestamp": stamp, "token": token, "signature": signature},
        "event-data": {
            "event": event,
            "timestamp": at.timestamp(),
            "recipient": "ada@guests.example",
            "message": {"headers": {"message-id": number.strip("<>")}},
            **details,
        },
    }
    return Client().post(EVENTS, json.dumps(content), content_type="application/json").status_code


@pytest.fixture
def sent(alice: Business, timeline: Timeline, mailgun: None) -> Stay:  # noqa: ARG001
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)
    return stay


def message_of(stay: Stay) -> Message:
    return Message.objects.get(stay=stay)


def open_alerts(now: datetime) -> list[str]:
    with tenancy.across_organizations(because="alerts are of any organization"):
        alerts.review(now=now)
        return list(Alert.objects.filter(closed_at=None).values_list("kind", flat=True))


def test_a_message_goes_out_by_the_provider_and_its_delivery_is_shown(
    alice: Business, sent: Stay, timeline: Timeline
) -> None:
    answers = [
        tell("accepted", timeline.now),
        tell("delivered", timeline.now),
        tell("delivered", timeline.now),
    ]

    message = message_of(sent)
    assert answers == [200, 200, 200]
    assert (message.provider_id, message.sent_to) == (NUMBER, "ada@guests.example")
    assert (message.delivered_at, message.delivered_to) == (timeline.now, "ada@guests.example")
    assert "“Your code is ready” delivered" in words(
        signed_in(alice, timeline.clock).get(f"/stays/{sent.pk}")
    )
    assert open_alerts(timeline.now) == []


def test_a_message_that_comes_back_is_an_alert_with_the_guest_s_page_as_the_way_out(
    alice: Business, sent: Stay, timeline: Timeline
) -> None:
    tell("failed", timeline.now, severity="temporary")
    before = open_alerts(timeline.now)
    tell("failed", timeline.now, severity="permanent", reason="bounce")
    opened = open_alerts(timeline.now)
    page = signed_in(alice, timeline.clock).get("/alerts")

    assert (before, opened) == ([], [AlertKind.ADDRESS_TAKES_NO_MAIL])
    assert message_of(sent).bounced_to == "ada@guests.example"
    assert "Correct the address" in words(page)
    assert f"/guests/{sent.guest_id}/edit" in page.content.decode()


def test_of_what_is_told_in_the_wrong_order_the_later_fact_counts(sent: Stay, timeline: Timeline) -> None:
    tell("delivered", timeline.now + timedelta(minutes=2))
    tell("failed", timeline.now, severity="permanent")
    early = message_of(sent)
    tell("failed", timeline.now + timedelta(minutes=3), severity="permanent")
    tell("delivered", timeline.now + timedelta(minutes=2))

    assert early.bounced_at is None
    late = message_of(sent)
    assert (late.bounced_at, late.delivered_at) == (timeline.now + timedelta(minutes=3), None)


def test_a_guest_who_calls_it_unwanted_is_an_alert(alice: Business, sent: Stay, timeline: Timeline) -> None:
    tell("complained", timeline.now)

    assert open_alerts(timeline.now) == [AlertKind.ADDRESS_TAKES_NO_MAIL]
    assert message_of(sent).complained_at == timeline.now
    assert "marked our message as unwanted" in words(signed_in(alice, timeline.clock).get("/alerts"))


def test_whoever_cannot_sign_changes_nothing(sent: Stay, timeline: Timeline) -> None:
    answer = tell("failed", timeline.now, key="another-key", severity="permanent")

    assert answer == 400
    assert message_of(sent).bounced_at is None


@pytest.mark.parametrize(
    ("told", "delivered_to", "bounced_to"),
    [
        pytest.param([("delivered", 0)] * 2, "ada@guests.example", "", id="delivered, told twice"),
        pytest.param([("failed", 5), ("delivered", 0)], "", "ada@guests.example", id="the later fact counts"),
    ],
)
@pytest.mark.usefixtures("mailgun")
def test_what_is_told_before_the_number_is_written_down_is_kept_until_then(
    alice: Business, timeline: Timeline, told: list[tuple[str, int]], delivered_to: str, bounced_to: str
) -> None:
    stay = alice.book(now=timeline.now)
    for event, seconds in told:
        tell(event, timeline.now + timedelta(seconds=seconds), severity="permanent")
    kept = EarlyMailEvent.objects.count()

    timeline.pass_seconds(60)

    message = message_of(stay)
    assert kept == len(set(told))
    assert (message.delivered_to, message.bounced_to) == (delivered_to, bounced_to)
    assert EarlyMailEvent.objects.count() == 0
    assert tell("delivered", timeline.now) == 200


def test_what_is_about_none_of_ours_is_forgotten_after_a_day_and_names_nobody(
    sent: Stay, timeline: Timeline
) -> None:
    with time_machine.travel(timeline.now, tick=False):
        tell("delivered", timeline.now, number="<of-somebody@mg.example>", recipient="eve@guests.example")
    (kept,) = EarlyMailEvent.objects.values()
    with time_machine.travel(timeline.now + timedelta(hours=23), tick=False):
        tasks.forget_deliveries()
    on_the_day = EarlyMailEvent.objects.count()
    with time_machine.travel(timeline.now + timedelta(hours=25), tick=False):
        tasks.forget_deliveries()

    assert "eve" not in str(kept.values())
    assert (on_the_day, EarlyMailEvent.objects.count()) == (1, 0)
    assert message_of(sent).delivered_at is None


def test_who_is_told_and_who_writes_the_number_down_wait_for_each_other(
    sent: Stay, timeline: Timeline
) -> None:
    def waits_of(number: str) -> bool:
        """Whether this transaction makes others wait who mean the same number."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
                " AND (classid::bigint << 32) | objid::bigint = hashtextextended(%s, 0)",
                [number],
            )
            return bool(cursor.fetchone()[0])

    before = waits_of("a"), waits_of("b")
    at = timeline.now
    mail_events.note(provider_id="a", address="eve@guests.example", fate=Fate.DELIVERED, at=at, now=at)
    mail_events.catch_up(message_of(sent).pk, provider_id="b")

    assert before == (False, False)
    assert (waits_of("a"), waits_of("b")) == (True, True)


@pytest.mark.parametrize(
    "details",
    [
        pytest.param({"number": "<of-somebody@mg.example>"}, id="no message of ours"),
        pytest.param({"number": ""}, id="no number"),
        pytest.param({"recipient": "eve@guests.example"}, id="an address that it did not go to"),
    ],
)
def test_what_is_about_none_of_ours_is_taken_and_changes_nothing(
    sent: Stay, timeline: Timeline, details: dict[str, str]
) -> None:
    answer = tell("failed", timeline.now, severity="permanent", **details)

    assert answer == 200
    assert message_of(sent).bounced_at is None


@pytest.mark.parametrize(
    ("provider", "asked"),
    [
        pytest.param("", {}, id="a mail server"),
        pytest.param("postmark", {"server_token": "x"}, id="a provider that signs nothing, without a secret"),
    ],
)
def test_without_a_provider_that_shows_who_it_is_there_is_no_such_address(
    db: None,  # noqa: ARG001
    settings: Settings,
    provider: str,
    asked: dict[str, str],
) -> None:
    settings.MAIL_PROVIDER, settings.ANYMAIL = provider, mail_providers.settings(provider, asked)

    assert Client().post(EVENTS, "{}", content_type="application/json").status_code == 404


@pytest.mark.parametrize("name", sorted(mail_providers.BACKENDS))
def test_each_provider_has_a_way_out_and_an_address_that_it_calls(name: str) -> None:
    if name != "amazon-ses":  # needs a package of its own
        assert issubclass(import_string(mail_providers.BACKENDS[name]), AnymailBaseBackend)
    own = name.replace("-", "_")
    assert f"{own}_tracking_webhook" in mail_webhook.VIEWS or f"{own}_webhook" in mail_webhook.VIEWS
