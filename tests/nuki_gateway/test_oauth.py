"""Signing in with OAuth, against a service that answers as Nuki's documentation and RFC 6749 say."""

import base64
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest

from nuki_gateway import errors, oauth, transport
from nuki_gateway.client import NukiClient
from nuki_gateway.oauth import (
    OAuthApplication,
    OAuthCredentials,
    SignInNotOurs,
    SignInRefusal,
    SignInRefused,
    Tokens,
    code_of,
)
from nuki_gateway.simulator import TurnedClock
from tests.nuki_gateway.answering import Answering, answer, answering, answering_in_turn, trickling

NOW = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)
SCOPES = frozenset({"smartlock", "smartlock.auth"})
TOKENS = Tokens("access-1", "refresh-1", NOW + timedelta(hours=1), SCOPES)
WHOLE = (
    b'{"access_token": "access-2", "refresh_token": "refresh-2", "token_type": "bearer",'
    b' "expires_in": 3600, "scope": "smartlock smartlock.auth"}'
)
BASIC = "Basic " + base64.b64encode(b"client-1:secret/+1").decode()


def application(url: str) -> OAuthApplication:
    return OAuthApplication(
        base_url=url,
        client_id="client-1",
        client_secret="secret/+1",
        redirect_uri="https://keys.example/nuki/callback?organization=7",
    )


def form_of(service: Answering) -> dict[str, list[str]]:
    (asked,) = service.asked
    return parse_qs(asked.body.decode(), strict_parsing=True)


def test_the_address_to_sign_in_at_is_encoded_once() -> None:
    address = application("https://api.example").sign_in_address(
        scopes=["smartlock.auth", "smartlock"], state="st/te"
    )

    assert address == (
        "https://api.example/oauth/authorize?response_type=code&client_id=client-1"
        "&redirect_uri=https%3A%2F%2Fkeys.example%2Fnuki%2Fcallback%3Forganization%3D7"
        "&scope=smartlock+smartlock.auth&state=st%2Fte"
    )


def test_the_code_of_a_callback_with_our_state_is_taken() -> None:
    assert code_of({"code": "abc", "state": "s-1"}, state="s-1") == "abc"


@pytest.mark.parametrize(
    ("given", "state"),
    [
        pytest.param("s-2", "s-1", id="another state"),
        pytest.param(None, "s-1", id="none"),
        pytest.param("", "", id="none, and none was kept"),
        pytest.param("ß", "s-1", id="letters of another script"),
    ],
)
def test_a_callback_with_another_state_is_not_ours_even_if_it_says_that_the_host_refused(
    given: str | None, state: str
) -> None:
    query = {"code": "abc", "error": "access_denied"} | ({} if given is None else {"state": given})

    with pytest.raises(SignInNotOurs):
        code_of(query, state=state)


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        pytest.param({"error": "access_denied"}, SignInRefusal.ACCESS_DENIED, id="the host said no"),
        pytest.param({"error": "server_error"}, SignInRefusal.SERVER_ERROR, id="the service failed"),
        pytest.param({"error": "<script>", "code": "abc"}, SignInRefusal.OTHER, id="any other word"),
        pytest.param({"error": ""}, SignInRefusal.OTHER, id="no word"),
        pytest.param({}, SignInRefusal.OTHER, id="neither code nor error"),
        pytest.param({"code": ""}, SignInRefusal.OTHER, id="an empty code"),
    ],
)
def test_a_callback_without_a_code_says_why(query: dict[str, str], reason: SignInRefusal) -> None:
    with pytest.raises(SignInRefused) as caught:
        code_of({**query, "state": "s-1"}, state="s-1")

    assert caught.value.reason is reason
    assert str(caught.value) == reason


def test_a_code_is_exchanged_for_tokens() -> None:
    with answering(answer("200 OK", WHOLE)) as service:
        found = application(service.url).sign_in(code="a+b", scopes=SCOPES, now=NOW)

    assert found == Tokens("access-2", "refresh-2", NOW + timedelta(seconds=3600), SCOPES)
    assert service.asked[0].line == "POST /oauth/token HTTP/1.1"
    assert service.asked[0].headers["Authorization"] == BASIC
    assert service.asked[0].headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert b"scope=smartlock+smartlock.auth" in service.asked[0].body
    assert form_of(service) == {
        "grant_type": ["authorization_code"],
        "code": ["a+b"],
        "redirect_uri": ["https://keys.example/nuki/callback?organization=7"],
        "scope": ["smartlock smartlock.auth"],
    }


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(
            WHOLE,
            Tokens("access-2", "refresh-2", NOW + timedelta(hours=1), SCOPES),
            id="with another refresh token",
        ),
        pytest.param(
            b'{"access_token": "access-2", "expires_in": 60}',
            Tokens("access-2", "refresh-1", NOW + timedelta(minutes=1), SCOPES),
            id="without one",
        ),
        pytest.param(
            b'{"access_token": "access-2", "refresh_token": null, "expires_in": "60", "scope": "smartlock"}',
            Tokens("access-2", "refresh-1", NOW + timedelta(minutes=1), frozenset({"smartlock"})),
            id="with null, a lifetime in quotes, and fewer scopes",
        ),
    ],
)
def test_tokens_are_renewed(body: bytes, expected: Tokens) -> None:
    with answering(answer("200 OK", body)) as service:
        found = application(service.url).renew(TOKENS, now=NOW)

    assert found == expected
    assert service.asked[0].headers["Authorization"] == BASIC
    assert form_of(service) == {"grant_type": ["refresh_token"], "refresh_token": ["refresh-1"]}


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        ("400 Bad Request", b'{"error": "invalid_grant"}', errors.NukiSignInEnded),
        ("400 Bad Request", b'{"error": "invalid_scope"}', errors.NukiSignInEnded),
        ("401 Unauthorized", b'{"error": "invalid_grant"}', errors.NukiSignInEnded),
        ("400 Bad Request", b"", errors.NukiSignInEnded),
        ("400 Bad Request", b"[1]", errors.NukiSignInEnded),
        ("400 Bad Request", b'{"error": {"of": "another shape"}}', errors.NukiSignInEnded),
        ("401 Unauthorized", b'{"error": "invalid_client"}', errors.NukiApplicationRefused),
        ("400 Bad Request", b'{"error": "unauthorized_client"}', errors.NukiApplicationRefused),
        ("401 Unauthorized", b"", errors.NukiApplicationRefused),
        ("400 Bad Request", b'{"error": "server_error"}', errors.NukiUnavailable),
        ("429 Too Many Requests", b'{"error": "invalid_grant"}', errors.NukiThrottled),
        ("500 Internal Server Error", b'{"error": "invalid_grant"}', errors.NukiUnavailable),
        ("302 Found", b"", errors.NukiUnavailable),
        ("200 OK", b"", errors.NukiUnavailable),
        ("200 OK", b"[]", errors.NukiUnavailable),
        ("200 OK", b'{"access_token": "", "expires_in": 60}', errors.NukiUnavailable),
        ("200 OK", b'{"access_token": 7, "expires_in": 60}', errors.NukiUnavailable),
        ("200 OK", b'{"access_token": "a", "expires_in": 0}', errors.NukiUnavailable),
        ("200 OK", b'{"access_token": "a", "expires_in": 1e300}', errors.NukiUnavailable),
        ("200 OK", b'{"access_token": "a"}', errors.NukiUnavailable),
        ("200 OK", b'{"access_token": "a", "expires_in": 60, "scope": 7}', errors.NukiUnavailable),
    ],
)
def test_each_answer_that_brings_no_tokens_has_its_error(
    status: str, body: bytes, expected: type[errors.NukiError]
) -> None:
    with answering(answer(status, body)) as service, pytest.raises(errors.NukiError) as caught:
        application(service.url).renew(TOKENS, now=NOW)

    assert type(caught.value) is expected
    assert len(service.asked) == 1


def test_a_sign_in_without_a_refresh_token_would_last_an_hour_and_is_none() -> None:
    body = b'{"access_token": "access-2", "expires_in": 3600}'

    with answering(answer("200 OK", body)) as service, pytest.raises(errors.NukiUnavailable):
        application(service.url).sign_in(code="abc", scopes=SCOPES, now=NOW)


def test_silence_at_a_renewal_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "READ_TIMEOUT", 0.1)

    with answering(None) as service, pytest.raises(errors.NukiUnavailable):
        application(service.url).renew(TOKENS, now=NOW)


def test_a_renewal_that_trickles_in_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oauth, "LONGEST_RENEWAL", 0.3)
    start = b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"
    started = time.monotonic()

    with trickling(start, b" ", every=0.05) as service, pytest.raises(errors.NukiUnavailable):
        application(service.url).renew(TOKENS, now=NOW)

    assert time.monotonic() - started < 1.3


def test_a_sign_in_that_has_ended_is_a_token_that_does_not_hold() -> None:
    assert issubclass(errors.NukiSignInEnded, errors.NukiUnauthorized)
    assert not issubclass(errors.NukiApplicationRefused, errors.NukiUnauthorized)


def test_no_secret_stands_in_what_is_printed() -> None:
    renewing = OAuthCredentials(TOKENS, lambda tokens: tokens, clock=lambda: NOW)

    shown = repr(TOKENS) + repr(application("https://api.example")) + repr(renewing)
    with answering(answer("400 Bad Request", b"secret/+1 refresh-1")) as service:
        try:
            application(service.url).renew(TOKENS, now=NOW)
        except errors.NukiError as failure:
            shown += repr(failure) + repr(vars(failure))

    assert "NukiSignInEnded" in shown
    assert not [secret for secret in ("access-1", "refresh-1", "secret/+1") if secret in shown]


class Store:
    """An application's: renews one at a time, and keeps what came."""

    def __init__(self, url: str, clock: TurnedClock) -> None:
        self.application = application(url)
        self.clock = clock
        self.kept = TOKENS
        self.turn = threading.Lock()

    def renew(self, known: Tokens) -> Tokens:
        with self.turn:
            if self.kept.access_token == known.access_token:
                self.kept = self.application.renew(known, now=self.clock.now())
            return self.kept

    def credentials(self) -> OAuthCredentials:
        return OAuthCredentials(self.kept, self.renew, clock=self.clock.now)


@pytest.fixture
def ticking() -> TurnedClock:
    return TurnedClock(NOW)


@pytest.fixture
def renewing() -> Iterator[Answering]:
    with answering(answer("200 OK", WHOLE)) as service:
        yield service


@pytest.mark.parametrize(
    ("seconds", "expected", "asked"),
    [
        pytest.param(3600 - 61, "access-1", 0, id="61 s before its end"),
        pytest.param(3600 - 60, "access-2", 1, id="60 s before its end"),
        pytest.param(7200, "access-2", 1, id="after its end"),
    ],
)
def test_a_token_is_renewed_a_minute_before_it_ends(
    seconds: int, expected: str, asked: int, renewing: Answering, ticking: TurnedClock
) -> None:
    credentials = Store(renewing.url, ticking).credentials()
    ticking.turn(seconds=seconds)

    tokens = [credentials.token(), credentials.token()]

    assert tokens == [expected, expected]
    assert len(renewing.asked) == asked


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(answer("503 Service Unavailable"), errors.NukiUnavailable, id="the service fails"),
        pytest.param(answer("401 Unauthorized"), errors.NukiApplicationRefused, id="we are not admitted"),
    ],
)
def test_a_token_that_has_not_ended_is_used_while_no_other_can_be_had(
    given: bytes, expected: type[errors.NukiError], ticking: TurnedClock
) -> None:
    with answering(given) as service:
        credentials = Store(service.url, ticking).credentials()
        ticking.turn(seconds=3599)
        still_good = credentials.token()
        ticking.turn(seconds=1)
        with pytest.raises(expected):
            credentials.token()

    assert still_good == "access-1"


def test_a_sign_in_that_has_ended_is_said_so_before_the_token_ends(ticking: TurnedClock) -> None:
    with answering(answer("400 Bad Request", b'{"error": "invalid_grant"}')) as service:
        credentials = Store(service.url, ticking).credentials()
        ticking.turn(seconds=3550)

        with pytest.raises(errors.NukiSignInEnded):
            credentials.token()


def test_a_call_that_is_refused_in_the_middle_of_a_run_goes_on_with_a_renewed_token(
    renewing: Answering, ticking: TurnedClock
) -> None:
    credentials = Store(renewing.url, ticking).credentials()

    with answering_in_turn(answer("401 Unauthorized"), answer("200 OK", b"[]")) as service:
        nuki = NukiClient(service.url, credentials)
        found = [nuki.smart_locks(), nuki.smart_locks()]

    assert found == [[], []]
    assert [asked.headers["Authorization"] for asked in service.asked] == [
        "Bearer access-1",
        "Bearer access-2",
        "Bearer access-2",
    ]
    assert len(renewing.asked) == 1


def test_of_many_workers_whose_token_is_refused_one_renews_and_the_others_take_what_it_stored(
    renewing: Answering, ticking: TurnedClock
) -> None:
    store = Store(renewing.url, ticking)
    workers = [store.credentials() for _ in range(20)]

    with ThreadPoolExecutor(20) as pool:
        renewed = list(pool.map(lambda worker: worker.renewed("access-1"), workers))

    assert renewed == ["access-2"] * 20
    assert len(renewing.asked) == 1


def test_a_renewal_that_brings_the_refused_token_again_is_none(ticking: TurnedClock) -> None:
    credentials = OAuthCredentials(
        TOKENS, lambda known: replace(known, expires_at=ticking.now()), clock=ticking.now
    )

    assert credentials.renewed("access-1") is None
