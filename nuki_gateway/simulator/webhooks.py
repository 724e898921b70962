"""Sending webhooks: the signature, one POST without redirects, and a thread for the background."""

import hashlib
import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from queue import SimpleQueue
from threading import Thread
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 5.0
KEPT_DELIVERIES = 300  # Nuki keeps the last 300 (documentation on monitoring)


@dataclass(frozen=True)
class Post:
    """One webhook on its way. The body may hold a code in clear, so it is not shown."""

    at: datetime
    webhook_id: int
    feature: str
    url: str
    body: bytes = field(repr=False)
    headers: dict[str, str] = field(repr=False)


@dataclass(frozen=True)
class Delivery:
    """One webhook that was sent, and the answer: a status, or None when there was no answer."""

    at: datetime
    webhook_id: int
    feature: str
    url: str
    status: int | None
    milliseconds: int
    body: bytes = field(repr=False)


def headers(body: bytes, secret: str) -> dict[str, str]:
    """Return the headers of a webhook: its type and both signatures.

    Source: documentation on decentral webhooks (hex HMAC-SHA256 over the raw body); the older header of 40
    hex digits is sent besides, as seen in a logged delivery.
    """
    key = secret.encode()
    return {
        "Content-Type": "application/json; charset=UTF-8",
        "X-Nuki-Signature-SHA256": hmac.new(key, body, hashlib.sha256).hexdigest(),
        "X-Nuki-Signature": hmac.new(key, body, hashlib.sha1).hexdigest(),
    }


def post(one: Post) -> int:
    """Send the webhook and return the status; redirects are not followed. Raises OSError or HTTPException."""
    address = urlsplit(one.url)
    secure = address.scheme == "https"
    kind: type[HTTPConnection] = HTTPSConnection if secure else HTTPConnection
    connection = kind(address.hostname or "", address.port, timeout=TIMEOUT_SECONDS)
    target = (address.path or "/") + (f"?{address.query}" if address.query else "")
    try:
        connection.request("POST", target, body=one.body, headers=one.headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def deliver(one: Post, *, by: Callable[[Post], int]) -> Delivery:
    """Send the webhook by the given way and note what came of it."""
    began = time.monotonic()
    try:
        status: int | None = by(one)
    except (OSError, HTTPException):
        status = None
    milliseconds = int((time.monotonic() - began) * 1000)
    return Delivery(one.at, one.webhook_id, one.feature, one.url, status, milliseconds, one.body)


class BackgroundSender:
    """A thread that sends webhooks one after another, in the order in which they became due."""

    def __init__(self, send: Callable[[Post], None]) -> None:
        self._send = send
        self._waiting: SimpleQueue[Post | None] = SimpleQueue()
        self._ending = False
        self._thread = Thread(target=self._work, name="simulated webhooks", daemon=True)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def put(self, one: Post) -> None:
        """Send this one when those before it are sent."""
        self._waiting.put(one)

    def stop(self) -> None:
        """Finish the one that is being sent, then end; what waits is lost."""
        self._ending = True
        self._waiting.put(None)
        self._thread.join(timeout=TIMEOUT_SECONDS + 1)

    def _work(self) -> None:
        while (one := self._waiting.get()) is not None and not self._ending:
            self._send(one)
