"""Signing in to a Nuki account with OAuth 2: where the host is sent, what comes back, and how it is renewed.

Addresses, fields and the hour that an access token lives are from Nuki's documentation of its authorization.
A refresh token may be used up by its first use: whoever renews has to keep the answer, and has to be alone in
it. `OAuthCredentials` leaves both to a callback of the application.
"""

import base64
import hmac
import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import requests
from requests.auth import AuthBase

from nuki_gateway import errors, transport
from nuki_gateway.transport import Answer, Sending

AUTHORIZE, TOKEN = "/oauth/authorize", "/oauth/token"
LONGEST_RENEWAL = 10.0  # seconds; it may happen in the middle of a call
MARGIN = timedelta(seconds=60)  # a token that ends sooner is renewed first: a call may last half of that
LONGEST_LIFE = 10 * 365 * 86400  # seconds; what an answer says beyond it is no lifetime


@dataclass(frozen=True)
class Tokens:
    """What a sign-in gave. `expires_at` is of the access token; a refresh token's end is not known."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: datetime
    scopes: frozenset[str]


class SignInRefusal(StrEnum):
    """Why nothing came of a sign-in (RFC 6749, 4.1.2.1)."""

    ACCESS_DENIED = "access_denied"  # the host said no
    INVALID_REQUEST = "invalid_request"
    UNAUTHORIZED_CLIENT = "unauthorized_client"
    UNSUPPORTED_RESPONSE_TYPE = "unsupported_response_type"
    INVALID_SCOPE = "invalid_scope"
    SERVER_ERROR = "server_error"
    TEMPORARILY_UNAVAILABLE = "temporarily_unavailable"
    OTHER = "other"  # whatever else the query says: it comes from outside, and is not kept


class SignInRefused(Exception):
    """The host came back without a code; `reason` says why."""

    def __init__(self, reason: SignInRefusal) -> None:
        super().__init__(reason.value)
        self.reason = reason


class SignInNotOurs(Exception):
    """The host came back with another state than the one sent along: somebody else may have begun this."""


def code_of(query: Mapping[str, str], *, state: str) -> str:
    """The code with which the host came back. Raises `SignInNotOurs` or `SignInRefused`."""
    given = query.get("state", "")
    if not state or not hmac.compare_digest(given.encode(), state.encode()):
        raise SignInNotOurs
    if "error" in query:
        known = query["error"] in set(SignInRefusal)
        raise SignInRefused(SignInRefusal(query["error"]) if known else SignInRefusal.OTHER)
    if not query.get("code"):
        raise SignInRefused(SignInRefusal.OTHER)
    return query["code"]


@dataclass(frozen=True)
class OAuthApplication:
    """Our application, as it is registered with Nuki. The redirect address has to equal a registered one."""

    base_url: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str

    def sign_in_address(self, *, scopes: Iterable[str], state: str) -> str:
        """Where to send the host. Keep the state: what comes back has to bring it along."""
        query = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": _joined(scopes),
            "state": state,
        }
        return f"{self.base_url}{AUTHORIZE}?{urlencode(query)}"  # once: encoded twice it is answered 400

    def sign_in(self, *, code: str, scopes: Iterable[str], now: datetime) -> Tokens:
        """The tokens for the code of a callback. Raises the errors of `renew`."""
        asked = frozenset(scopes)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "scope": _joined(asked),
        }
        return self._tokens(form, refresh_token=None, scopes=asked, now=now)

    def renew(self, tokens: Tokens, *, now: datetime) -> Tokens:
        """Other tokens for these; the old refresh token stays where the answer brings no other.

        Raises `NukiSignInEnded` if the host has to sign in again, `NukiApplicationRefused` if Nuki does not
        admit us, and `NukiUnavailable` if neither is known. After that last one the old refresh token may be
        used up all the same.
        """
        form = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token}
        return self._tokens(form, refresh_token=tokens.refresh_token, scopes=tokens.scopes, now=now)

    def _tokens(
        self, form: Mapping[str, str], *, refresh_token: str | None, scopes: frozenset[str], now: datetime
    ) -> Tokens:
        sending = Sending("POST", TOKEN, self.base_url, form=form)
        answer = transport.exchange(
            sending,
            auth=_Basic(self.client_id, self.client_secret),
            ends_at=time.monotonic() + LONGEST_RENEWAL,
        )
        if _is_refusal(answer.status):
            raise _refusal(sending.what, answer)
        try:
            return _read(transport.read(sending, answer), refresh_token=refresh_token, scopes=scopes, now=now)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            raise errors.NukiUnavailable(f"{sending.what}: an answer of another shape") from None


class OAuthCredentials:
    """The tokens of one account, renewed shortly before they end, and when the service refuses them.

    `renew` is the application's: given the tokens that are known here it returns those that hold now. It lets
    one worker at a time in, returns what another has stored meanwhile, and else asks
    `OAuthApplication.renew` and stores the answer before it returns it. Once that was answered that the
    sign-in has ended, it raises `NukiSignInEnded` by itself: nothing here remembers it for other workers.
    """

    def __init__(
        self, tokens: Tokens, renew: Callable[[Tokens], Tokens], *, clock: Callable[[], datetime]
    ) -> None:
        self._tokens = tokens
        self._renew = renew
        self._clock = clock

    def token(self) -> str:
        """An access token. One that has not ended is good enough while no other can be had."""
        if self._clock() + MARGIN >= self._tokens.expires_at:
            try:
                self._tokens = self._renew(self._tokens)
            except (errors.NukiUnavailable, errors.NukiApplicationRefused):
                if self._clock() >= self._tokens.expires_at:
                    raise
        return self._tokens.access_token

    def renewed(self, refused: str) -> str | None:
        """Another token than the refused one, unless none is given for it."""
        if self._tokens.access_token == refused:
            self._tokens = self._renew(self._tokens)
        return self._tokens.access_token if self._tokens.access_token != refused else None


class _Basic(AuthBase):
    def __init__(self, client_id: str, client_secret: str) -> None:
        self._pair = f"{client_id}:{client_secret}"

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = "Basic " + base64.b64encode(self._pair.encode()).decode()
        return request


def _joined(scopes: Iterable[str]) -> str:
    return " ".join(sorted(scopes))


def _read(body: Any, *, refresh_token: str | None, scopes: frozenset[str], now: datetime) -> Tokens:
    life = int(body["expires_in"])
    if not 0 < life <= LONGEST_LIFE:
        raise ValueError("no lifetime")
    return Tokens(
        access_token=_text(body["access_token"]),
        refresh_token=_text(body.get("refresh_token") or refresh_token),
        expires_at=now + timedelta(seconds=life),
        scopes=frozenset(body["scope"].split()) if body.get("scope") else scopes,
    )


def _text(token: Any) -> str:
    if not isinstance(token, str) or not token:
        raise TypeError("no token")
    return token


_OURS = {"invalid_client", "unauthorized_client"}  # RFC 6749, 5.2
_THEIRS = {"server_error", "temporarily_unavailable"}  # seen with 400 for a scope that was encoded twice


def _is_refusal(status: int) -> bool:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return False
    return HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR


def _refusal(what: str, answer: Answer) -> errors.NukiError:
    """The error of a 4xx. Which one is said in the body; a 401 without any is about the application."""
    named = _error_named(answer.content)
    if named in _THEIRS:
        return errors.NukiUnavailable(what, answer.status)
    if named in _OURS or (not named and answer.status == HTTPStatus.UNAUTHORIZED):
        return errors.NukiApplicationRefused(what, answer.status)
    return errors.NukiSignInEnded(what, answer.status)


def _error_named(content: bytes) -> str:
    try:
        named = json.loads(content).get("error")
    except (ValueError, RecursionError, AttributeError):
        return ""
    return named if isinstance(named, str) else ""
