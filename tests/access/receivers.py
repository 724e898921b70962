"""A program that takes webhooks: a real web server on loopback, which may be called there."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from typing import Any

import pytest
import time_machine
from pytest_django.fixtures import Settings
from standardwebhooks.webhooks import Webhook

from access import webhook_deliveries, webhook_endpoints
from access.models import WebhookDelivery, WebhookEndpoint
from access.webhook_rules import CHOSEN, EventType
from nuki_gateway.simulator import TurnedClock
from tests.worlds import Business

LOOPBACK = [ip_network("127.0.0.0/8")]


@dataclass(frozen=True)
class Called:
    """One request."""

    headers: dict[str, str]
    body: bytes

    def checked(self, secret: str, clock: TurnedClock) -> dict[str, Any]:
        """What it says, by the reference library, which holds the signature and the time against ours."""
        with time_machine.travel(clock.now(), tick=False):
            read: dict[str, Any] = Webhook(secret).verify(self.body, self.headers)
        return read


@dataclass
class Receiver:
    """What a program was told, and how it answers."""

    url: str = ""
    calls: list[Called] = field(default_factory=list)
    status: int = 200
    answer: bytes = b"taken"
    headers: dict[str, str] = field(default_factory=dict)
    before_answering: Callable[[], object] = lambda: None

    def types(self, clock: TurnedClock, secret: str) -> list[str]:
        """What it was told, in order."""
        return [call.checked(secret, clock)["type"] for call in self.calls]


@contextmanager
def running() -> Iterator[Receiver]:
    """A receiver while the block runs."""
    receiver = Receiver()

    class Answering(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.calls.append(Called(dict(self.headers.items()), body))
            receiver.before_answering()
            self.send_response(receiver.status)
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(receiver.answer)))
            self.end_headers()
            self.wfile.write(receiver.answer)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        server.daemon_threads = True
        receiver.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield receiver
        server.shutdown()
        thread.join()


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    """A program that may be called on loopback."""
    settings.WEBHOOK_ALLOWED_NETWORKS = LOOPBACK
    with running() as found:
        yield found


@pytest.fixture
def endpoint(alice: Business, receiver: Receiver, clock: TurnedClock) -> WebhookEndpoint:
    """Alice has that program told everything."""
    return add(alice, receiver.url, clock)


def add(
    business: Business,
    url: str,
    clock: TurnedClock,
    name: str = "Lights",
    types: Sequence[EventType] = CHOSEN,
) -> WebhookEndpoint:
    """A webhook of a business."""
    return webhook_endpoints.make(
        organization=business.organization,
        name=name,
        url=url,
        types=types,
        made_by=business.owner,
        now=clock.now(),
    )


def deliver(endpoint: WebhookEndpoint, clock: TurnedClock) -> None:
    """What the task does."""
    current = WebhookEndpoint.objects.select_related("organization").get(pk=endpoint.pk)
    webhook_deliveries.deliver(endpoint=current, now=clock.now())


def latest() -> WebhookDelivery:
    """The delivery that was written last."""
    return WebhookDelivery.objects.select_related("event", "endpoint").latest("pk")
