"""Sending webhooks: the signature, one POST without redirects, and threads for the background."""

import hashlib
import hmac
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Lock, Thread
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 5.0
MOST_WAITING = 2000  # webhooks to one address; what comes beyond is lost
KEPT_DELIVERIES = 300  # Nuki keeps the last 300 (documentation on monitoring)
OK, FIRST_FAILURE = 200, 300  # statuses


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
    """One webhook that was sent, and the answer: a status, or None when there was no answer.

    `serial` counts all that were ever sent; a forgery is no webhook of the service and has the webhook id 0.
    """

    at: datetime
    webhook_id: int
    feature: str
    url: str
    status: int | None
    milliseconds: int
    text: str = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    account_id: int = 0
    serial: int = 0

    @property
    def body(self) -> bytes:
        """Return what was sent, as it was sent."""
        return self.text.encode()

    @property
    def succeeded(self) -> bool:
        """Say whether the receiver took it."""
        return self.status is not None and OK <= self.status < FIRST_FAILURE


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
    return Delivery(
        at=one.at,
        webhook_id=one.webhook_id,
        feature=one.feature,
        url=one.url,
        status=status,
        milliseconds=milliseconds,
        text=one.body.decode(),
        headers=one.headers,
    )


class BackgroundSender:
    """Sends webhooks in the background: to each address in order, and no address waits for another.

    An address has a thread only while something waits for it.
    """

    def __init__(self, send: Callable[[Post], None]) -> None:
        self._send = send
        self._guard = Lock()
        self._waiting: dict[int, deque[Post]] = defaultdict(deque)
        self._threads: dict[int, Thread] = {}
        self._ending = False

    def put(self, one: Post) -> None:
        """Send this one when those before it to the same address are sent."""
        with self._guard:
            waiting = self._waiting[one.webhook_id]
            if self._ending or len(waiting) >= MOST_WAITING:
                return
            waiting.append(one)
            if one.webhook_id not in self._threads:
                thread = Thread(
                    target=self._work, args=(one.webhook_id,), name="simulated webhooks", daemon=True
                )
                self._threads[one.webhook_id] = thread
                thread.start()

    def stop(self) -> None:
        """Finish those that are being sent, then end; what waits is lost."""
        with self._guard:
            self._ending = True
            threads = list(self._threads.values())
        ends = time.monotonic() + TIMEOUT_SECONDS + 1
        for thread in threads:
            thread.join(timeout=max(0.0, ends - time.monotonic()))

    def _work(self, webhook_id: int) -> None:
        while (one := self._next(webhook_id)) is not None:
            self._send(one)

    def _next(self, webhook_id: int) -> Post | None:
        """Return what is to be sent next, or None when the thread is to end."""
        with self._guard:
            waiting = self._waiting[webhook_id]
            if waiting and not self._ending:
                return waiting.popleft()
            del self._threads[webhook_id]
            del self._waiting[webhook_id]
            return None
