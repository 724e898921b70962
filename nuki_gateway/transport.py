"""One call to Nuki Web over HTTP: timeouts, a bound on what is read, no redirect, no retry.

Nothing is tried again here: after a write that ended in a time-out the caller has to look first.
"""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from nuki_gateway import errors

CONNECT_TIMEOUT = 5.0  # seconds
READ_TIMEOUT = 20.0  # seconds; the service answers a write after checking it, within 2 s as a rule
LARGEST_ANSWER = 8 * 1024 * 1024  # bytes; 200 codes on each of 100 locks are about 6 MB
CHUNK = 64 * 1024  # bytes

_of_this_thread = threading.local()


class BearerToken(AuthBase):
    """Puts the token on a request. Given as `auth`, so that no netrc file can replace it."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """The same request, with the token on it."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


@dataclass(frozen=True)
class Transport:
    """Calls in the name of one account. Connections are kept and shared by a thread's transports."""

    base_url: str
    token: str = field(repr=False)

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | int] | None = None,
        body: Any = None,
    ) -> Any:
        """The answer's JSON, or None where it has no body. Raises a `NukiError`."""
        what = f"{method} {path}"
        if not (self.token.isascii() and self.token.isprintable()):
            raise errors.NukiUnauthorized(f"{what}: no header can carry this token")
        try:
            with _session().request(
                method,
                self.base_url + path,
                params=query,
                json=body,
                auth=BearerToken(self.token),
                timeout=(CONNECT_TIMEOUT, READ_TIMEOUT),
                allow_redirects=False,
                stream=True,
            ) as response:
                content = _read(response, what)
        except requests.RequestException as failure:
            raise errors.NukiUnavailable(f"{what}: {type(failure).__name__}") from None
        if not HTTPStatus.OK <= response.status_code < HTTPStatus.MULTIPLE_CHOICES:
            raise errors.from_status(what, response.status_code, response.headers.get("Retry-After"))
        return _json(content, what)


def _session() -> requests.Session:
    """This thread's connections: requests' sessions are not safe to share between threads."""
    session: requests.Session | None = getattr(_of_this_thread, "session", None)
    if session is None:
        session = requests.Session()
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))  # accounts share it: keep none
        session.headers.update({"Accept": "application/json", "User-Agent": "keyturn"})
        session.mount("https://", HTTPAdapter(max_retries=0))
        session.mount("http://", HTTPAdapter(max_retries=0))
        _of_this_thread.session = session
    return session


def _read(response: requests.Response, what: str) -> bytes:
    content = bytearray()
    for chunk in response.iter_content(CHUNK):
        content += chunk
        if len(content) > LARGEST_ANSWER:
            raise errors.NukiUnavailable(f"{what}: answer over {LARGEST_ANSWER} bytes")
    return bytes(content)


def _json(content: bytes, what: str) -> Any:
    if not content:
        return None
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise errors.NukiUnavailable(f"{what}: the answer is not JSON") from None
