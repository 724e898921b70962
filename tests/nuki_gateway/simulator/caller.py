"""A plain HTTP caller for the tests, on purpose not the client of this project."""

import http.client
import json
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Reply:
    status: int
    body: bytes
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Caller:
    """Calls one address with one token, on one connection that is kept open."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self.connection = HTTPConnection(urlsplit(url).netloc, timeout=10)
        self.headers = {} if token is None else {"Authorization": f"Bearer {token}"}

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        self.connection.request(method, path, content, {**self.headers, **headers})
        answer = self.connection.getresponse()
        return Reply(answer.status, answer.read(), {name.lower(): one for name, one in answer.getheaders()})

    def close(self) -> None:
        self.connection.close()


def status_of(nuki: Caller, method: str, where: str, body: object = None) -> int:
    """The status, or 0 when no whole answer came."""
    try:
        return nuki(method, where, body).status
    except (OSError, http.client.HTTPException):
        nuki.close()
        return 0
