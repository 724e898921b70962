"""One call to Nuki Web over HTTP: an end to every wait, a bound on what is read, no redirect, no retry.

Nothing is tried again here: after a write that ended in a time-out the caller has to look first. The one
exception is a 401 to a token that can be renewed: it says that nothing was carried out.
"""

import json
import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import BaseAdapter
from requests.auth import AuthBase

from nuki_gateway import errors
from nuki_gateway.credentials import ApiToken, Credentials
from nuki_gateway.deadline import DeadlineAdapter, ending_at
from nuki_gateway.limits import UNLIMITED, Limits, Outcome

CONNECT_TIMEOUT = 5.0  # seconds
READ_TIMEOUT = 20.0  # seconds; the service answers a write after checking it, within 2 s as a rule
LONGEST_CALL = 25.0  # seconds, connecting and all reads together, however slowly the answer comes
LARGEST_ANSWER = 8 * 1024 * 1024  # bytes, unpacked; 200 codes on each of 100 locks are about 6 MB
CHUNK = 64 * 1024  # bytes

_of_this_thread = threading.local()
_make_adapter: Callable[[], BaseAdapter] = DeadlineAdapter


class BearerToken(AuthBase):
    """Puts the token on a request. Given as `auth`, so that no netrc file can replace it."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """The same request, with the token on it."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


@dataclass(frozen=True)
class Sending:
    """What is sent. The address, the query, the bodies and the credentials stay out of its repr."""

    method: str
    path: str
    base_url: str = field(repr=False)
    query: Mapping[str, str | int] | None = field(default=None, repr=False)
    body: Any = field(default=None, repr=False)  # as JSON
    form: Mapping[str, str] | None = field(default=None, repr=False)

    @property
    def what(self) -> str:
        """How errors name the call."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True)
class Answer:
    """What came back. The content of an answer that is no success may be missing."""

    status: int
    retry_after: str | None
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Transport:
    """Calls in the name of one account. Connections are kept and shared by a thread's transports.

    `background` calls leave a share of the budget to the others.
    """

    base_url: str
    credentials: Credentials = field(repr=False)
    limits: Limits = field(default=UNLIMITED, repr=False)
    background: bool = False

    @classmethod
    def of(
        cls, base_url: str, credentials: Credentials | str, limits: Limits, *, background: bool
    ) -> "Transport":
        """With a token that is written out, or with credentials."""
        known = ApiToken(credentials) if isinstance(credentials, str) else credentials
        return cls(base_url, known, limits, background)

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | int] | None = None,
        body: Any = None,
    ) -> Any:
        """The answer's JSON, or None where it has no body. Raises a `NukiError`."""
        sending = Sending(method, path, self.base_url, query=query, body=body)
        ends_at = time.monotonic() + LONGEST_CALL
        token = self.credentials.token()
        answer = self._ask(sending, token, ends_at)
        if answer.status == HTTPStatus.UNAUTHORIZED:
            renewed = self._renewed(token)
            if renewed is not None:
                token, answer = renewed, self._ask(sending, renewed, ends_at)
        return self._judge(sending, token, answer)

    def _ask(self, sending: Sending, token: str, ends_at: float) -> Answer:
        if not (token.isascii() and token.isprintable()):
            raise errors.NukiUnauthorized(f"{sending.what}: no header can carry this token")
        self.limits.before(sending.what, token=token, background=self.background)
        try:
            return exchange(sending, auth=BearerToken(token), ends_at=ends_at)
        except errors.NukiUnavailable:
            self.limits.after(Outcome.FAILED, token=token)
            raise

    def _renewed(self, refused: str) -> str | None:
        try:
            return self.credentials.renewed(refused)
        except errors.NukiUnauthorized:
            self.limits.after(Outcome.UNAUTHORIZED, token=refused)
            raise

    def _judge(self, sending: Sending, token: str, answer: Answer) -> Any:
        try:
            found = read(sending, answer)
        except errors.NukiError as failure:
            self.limits.after(_outcome(failure), token=token, retry_after=_retry_after(failure))
            raise
        self.limits.after(Outcome.ANSWERED, token=token)
        return found


def exchange(sending: Sending, *, auth: AuthBase, ends_at: float) -> Answer:
    """Send, and read the answer until it ends, or until `ends_at` in seconds of `time.monotonic`.

    Raises `NukiUnavailable` where no whole answer came. A refusal is one by its status alone: its content is
    read so that the connection can be used again, and may stay away.
    """
    if time.monotonic() >= ends_at:
        raise errors.NukiUnavailable(f"{sending.what}: no time is left")
    try:
        with ending_at(ends_at), _open(sending, auth) as response:
            content = _content(response, sending.what)
            return Answer(response.status_code, response.headers.get("Retry-After"), content)
    except requests.RequestException as failure:
        raise errors.NukiUnavailable(f"{sending.what}: {type(failure).__name__}") from None


def is_success(status: int) -> bool:
    """Whether the service did what was asked. A redirect is no success: nothing is followed."""
    return HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES


def read(sending: Sending, answer: Answer) -> Any:
    """The JSON of a success, or None where it has no body; the error that any other status means."""
    if not is_success(answer.status):
        now = datetime.now(UTC)
        raise errors.from_status(sending.what, answer.status, answer.retry_after, now=now)
    if not answer.content:
        return None
    try:
        return json.loads(answer.content, parse_float=_finite, parse_constant=_finite)
    except (ValueError, RecursionError):
        raise errors.NukiUnavailable(f"{sending.what}: the answer is not JSON") from None


@contextmanager
def carried_by(make_adapter: Callable[[], BaseAdapter]) -> Iterator[None]:
    """Have this process's calls carried by something else than the network until the block ends.

    For rehearsals, in the thread that makes the calls: an adapter hands them to the simulator beside it.
    """
    global _make_adapter  # noqa: PLW0603  there is one network
    before, _make_adapter = _make_adapter, make_adapter
    _of_this_thread.session = None
    try:
        yield
    finally:
        _make_adapter = before
        _of_this_thread.session = None


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """None: requests would read the whole of a redirect, without any bound, to tell where it leads."""


def _open(sending: Sending, auth: AuthBase) -> requests.Response:
    return _session().request(
        sending.method,
        sending.base_url + sending.path,
        params=sending.query,
        json=sending.body,
        data=sending.form,
        auth=auth,
        timeout=(CONNECT_TIMEOUT, READ_TIMEOUT),
        allow_redirects=False,
        stream=True,
    )


def _session() -> requests.Session:
    """This thread's connections: requests' sessions are not safe to share between threads."""
    session: requests.Session | None = getattr(_of_this_thread, "session", None)
    if session is None:
        session = _Session()
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))  # accounts share it: keep none
        session.headers.update({"Accept": "application/json", "User-Agent": "keyturn"})
        session.mount("https://", _make_adapter())
        session.mount("http://", _make_adapter())
        _of_this_thread.session = session
    return session


def _content(response: requests.Response, what: str) -> bytes:
    if is_success(response.status_code):
        return _whole(response, what)
    with suppress(requests.RequestException, errors.NukiUnavailable):
        return _whole(response, what)
    return b""


def _whole(response: requests.Response, what: str) -> bytes:
    content = bytearray()
    for chunk in response.iter_content(CHUNK):
        content += chunk
        if len(content) > LARGEST_ANSWER:
            raise errors.NukiUnavailable(f"{what}: answer over {LARGEST_ANSWER} bytes")
    return bytes(content)


def _finite(number: str) -> float:
    """A number as JSON has them: Python would also take NaN, Infinity and 1e999."""
    found = float(number)
    if not math.isfinite(found):
        raise ValueError("JSON has no such number")
    return found


def _outcome(failure: errors.NukiError) -> Outcome:
    match failure:
        case errors.NukiUnauthorized():
            return Outcome.UNAUTHORIZED
        case errors.NukiThrottled():
            return Outcome.THROTTLED
        case errors.NukiUnavailable():
            return Outcome.FAILED
        case _:
            return Outcome.ANSWERED


def _retry_after(failure: errors.NukiError) -> int | None:
    return failure.retry_after if isinstance(failure, errors.NukiThrottled) else None
