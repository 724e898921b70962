"""A load of signed webhooks over several kept connections, and how long each waited for its answer."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit
from urllib.request import Request

SIGNATURE = "X-Nuki-Signature-SHA256"
HEADERS_END = b"\r\n\r\n"


@dataclass(frozen=True)
class Result:
    """What came of a load."""

    per_second: float
    p50: float  # milliseconds
    p99: float  # milliseconds
    refused: int

    def __str__(self) -> str:
        refused = f", {self.refused} REFUSED" if self.refused else ""
        return f"{self.per_second:7.0f}/s   p50 {self.p50:5.1f} ms   p99 {self.p99:5.1f} ms{refused}"


def deliveries(smartlock_id: int, first: int) -> Iterator[bytes]:
    """Log entries as Nuki sends them, each with an id of its own, from number `first` on."""
    number = first
    while True:
        yield entry(smartlock_id, number, name="Anna")
        number += 1


def entry(smartlock_id: int, number: int, *, name: str) -> bytes:
    """Somebody of this name opens the door now."""
    line = {
        "id": f"{number:024x}",
        "smartlockId": smartlock_id,
        "deviceType": 4,
        "name": name,
        "action": 1,
        "trigger": 255,
        "state": 0,
        "autoUnlock": False,
        "source": 1,
        "date": datetime.now(UTC).isoformat(),
    }
    return json.dumps({"feature": "DEVICE_LOGS", "smartlockLog": line}).encode()


def signed(url: str, body: bytes, secret: str) -> Request:
    """One delivery, to be sent by urllib."""
    headers = {"Content-Type": "application/json", SIGNATURE: _signature(body, secret)}
    return Request(url, data=body, headers=headers)  # noqa: S310  our own address


def run(url: str, secret: str, bodies: Iterator[bytes], *, connections: int, seconds: float) -> Result:
    """Send one delivery after another on each connection, for so long."""
    return asyncio.run(_run(url, secret, bodies, connections, seconds))


async def _run(url: str, secret: str, bodies: Iterator[bytes], connections: int, seconds: float) -> Result:
    ends = time.perf_counter() + seconds
    waits: list[float] = []
    refused = await asyncio.gather(
        *(_one_after_another(url, secret, bodies, ends, waits) for _ in range(connections))
    )
    waits.sort()
    return Result(
        per_second=len(waits) / seconds,
        p50=waits[len(waits) // 2] * 1000,
        p99=waits[int(len(waits) * 0.99)] * 1000,
        refused=sum(refused),
    )


async def _one_after_another(
    url: str, secret: str, bodies: Iterator[bytes], ends: float, waits: list[float]
) -> int:
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    refused = 0
    while time.perf_counter() < ends:
        request = _request(address.netloc, address.path, next(bodies), secret)
        began = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(HEADERS_END)
        waits.append(time.perf_counter() - began)
        refused += not head.startswith(b"HTTP/1.1 204")
        await reader.readexactly(_length(head))
    writer.close()
    return refused


def _request(host: str, path: str, body: bytes, secret: str) -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json; charset=UTF-8\r\n"
        f"{SIGNATURE}: {_signature(body, secret)}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _signature(body: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0
