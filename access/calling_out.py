"""Sending to addresses that hosts have typed: only to public ones, with an end, and without trust in answers.

A name is looked up once. All addresses that it has must be public, or allowed by `WEBHOOK_ALLOWED_NETWORKS`,
and the connection goes to one of exactly these: a name that leads elsewhere a moment later leads nowhere.
The certificate is held against the name. No redirect is followed, no proxy and no netrc of the machine used.
"""

import queue
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from urllib3.exceptions import HTTPError
from urllib3.exceptions import TimeoutError as NoAnswerInTime

from access import public_addresses
from access.public_addresses import Address
from nuki_gateway.deadline import DeadlineAdapter, ending_at

LONGEST_CALL = 10.0  # seconds, from looking up the name to the last byte of the answer
LONGEST_STEP = 3.0  # seconds of each: looking up the name, connecting, agreeing on keys
LARGEST_ANSWER = 64 * 1024  # bytes that are read
KEPT_OF_ANSWER = 2048  # characters
LONGEST_URL = 500
TRUSTED: bool | str = True  # whose certificates; the machine's own list of authorities
USER_AGENT = "Keyturn-Webhooks"


class Trouble(StrEnum):
    """Why there was no answer."""

    ADDRESS_REFUSED = "address_refused"  # it is not public
    NAME_UNKNOWN = "name_unknown"
    NOT_REACHED = "not_reached"
    BAD_CERTIFICATE = "bad_certificate"
    TIMED_OUT = "timed_out"
    BROKEN_ANSWER = "broken_answer"


class Why(StrEnum):
    """Why an address is refused."""

    NO_ADDRESS = "no_address"
    NOT_HTTPS = "not_https"
    HAS_USER = "has_user"
    HAS_FRAGMENT = "has_fragment"
    NOT_PUBLIC = "not_public"


class UrlIsRefused(ValueError):
    """Nothing is ever sent to such an address."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


class NoAnswer(Exception):
    """The call came to nothing."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.value)
        self.trouble = trouble


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    text: str = field(repr=False)
    took: timedelta


def check_url(url: str) -> None:
    """Raise UrlIsRefused for what can be seen to be no address to send to, without asking anybody."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise UrlIsRefused(Why.NO_ADDRESS) from None
    if not host or len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise UrlIsRefused(Why.NO_ADDRESS)
    if parts.scheme != "https" and not (parts.scheme == "http" and settings.WEBHOOK_ALLOWED_NETWORKS):
        raise UrlIsRefused(Why.NOT_HTTPS)
    if parts.username is not None or parts.password is not None:
        raise UrlIsRefused(Why.HAS_USER)
    if parts.fragment:
        raise UrlIsRefused(Why.HAS_FRAGMENT)
    literal = _addresses(host, socket.AI_NUMERICHOST)
    if literal and not all(_is_allowed(one, parts.scheme) for one in literal):
        raise UrlIsRefused(Why.NOT_PUBLIC)


def post(url: str, *, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Send, and read what comes back. Raises NoAnswer. An answer of any status is one."""
    began = time.monotonic()
    request = requests.Request("POST", url, data=body, headers=_headers(headers)).prepare()
    try:
        check_url(url)
        with ending_at(began + LONGEST_CALL):
            response = _adapter().send(
                request, stream=True, timeout=(LONGEST_STEP, LONGEST_CALL), verify=TRUSTED
            )
            try:
                text = _read(response)
            finally:
                response.close()
    except UrlIsRefused:
        raise NoAnswer(Trouble.ADDRESS_REFUSED) from None
    except (requests.RequestException, HTTPError, OSError, ValueError) as failure:
        raise NoAnswer(_trouble(failure)) from None
    return Answer(response.status_code, text, timedelta(seconds=time.monotonic() - began))


class _Refused(requests.RequestException):
    """Said by the adapter, which requests calls."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.value)
        self.trouble = trouble


class _CheckedAdapter(DeadlineAdapter):
    """Connections to an address that was checked, in the name under which it was found."""

    def build_connection_pool_key_attributes(
        self,
        request: requests.PreparedRequest,
        verify: bool | str,  # noqa: FBT001  requests' signature
        cert: Any = None,
    ) -> tuple[Any, Any]:
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        parts = urlsplit(str(request.url))
        name = str(parts.hostname)
        request.headers["Host"] = parts.netloc
        # what urllib3 holds the certificate against, and asks for it by
        named = {"assert_hostname": name, "server_hostname": name} if host["scheme"] == "https" else {}
        address = str(_checked(name, host["scheme"]))
        return {**host, "host": f"[{address}]" if ":" in address else address}, dict(pool) | named


_of_this_thread = threading.local()


def _adapter() -> _CheckedAdapter:
    """This thread's connections, which are kept: the second event of a minute need not agree on keys."""
    adapter: _CheckedAdapter | None = getattr(_of_this_thread, "adapter", None)
    if adapter is None:
        adapter = _of_this_thread.adapter = _CheckedAdapter()
    return adapter


def _headers(given: Mapping[str, str]) -> dict[str, str]:
    return {
        **given,
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
        "Accept-Encoding": "identity",  # what is packed may unpack to any size
    }


def _checked(name: str, scheme: str) -> Address:
    """An address of a host, all of whose addresses may be called."""
    found = _looked_up(name)
    if not found:
        raise _Refused(Trouble.NAME_UNKNOWN)
    if not all(_is_allowed(one, scheme) for one in found):
        raise _Refused(Trouble.ADDRESS_REFUSED)
    return min(found, key=lambda one: one.version)  # machines without IPv6 are many, and none lack IPv4


def _is_allowed(address: Address, scheme: str) -> bool:
    """Without https only to the installation's own networks."""
    allowed = settings.WEBHOOK_ALLOWED_NETWORKS
    if scheme != "https":
        return public_addresses.is_within(address, allowed)
    return public_addresses.may_be_called(address, allowed=allowed)


def _looked_up(name: str) -> list[Address]:
    """The addresses of a name. The system's resolver knows no end of waiting, so it is asked beside."""
    found: queue.SimpleQueue[list[Address]] = queue.SimpleQueue()
    threading.Thread(target=lambda: found.put(_addresses(name, 0)), daemon=True, name="resolver").start()
    try:
        return found.get(timeout=LONGEST_STEP)
    except queue.Empty:
        raise _Refused(Trouble.TIMED_OUT) from None


def _addresses(name: str, flags: int) -> list[Address]:
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM, flags=flags)
        return [ip_address(one[4][0]) for one in found]
    except (OSError, ValueError):  # ValueError: no name that could be looked up
        return []


def _read(response: requests.Response) -> str:
    """The beginning of the answer; of what is longer than anybody needs the rest stays unread."""
    content = b""
    while len(content) < LARGEST_ANSWER:
        chunk = response.raw.read(LARGEST_ANSWER - len(content), decode_content=False)
        if not chunk:
            break
        content += chunk
    text = content[: 4 * KEPT_OF_ANSWER].decode("utf-8", "replace").replace("\0", "�")
    return text[:KEPT_OF_ANSWER]


def _trouble(failure: Exception) -> Trouble:
    if isinstance(failure, _Refused):
        return failure.trouble
    if isinstance(failure, requests.exceptions.SSLError):
        return Trouble.BAD_CERTIFICATE
    if isinstance(failure, requests.Timeout | TimeoutError | NoAnswerInTime):
        return Trouble.TIMED_OUT
    if isinstance(failure, HTTPError | ValueError):
        return Trouble.BROKEN_ANSWER
    return Trouble.NOT_REACHED
