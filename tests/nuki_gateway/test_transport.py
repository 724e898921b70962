"""One call over HTTP: it ends in time, is of a bounded size, and is repeated only with a renewed token."""

import gzip
import ssl
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from nuki_gateway import errors, transport
from nuki_gateway.client import NukiClient
from nuki_gateway.transport import Transport
from tests.nuki_gateway.answering import answer, answering, answering_in_turn, trickling
from tests.nuki_gateway.conftest import TOKEN

HEAD = b"HTTP/1.1 200 OK\r\n"
SLOWLY = 0.05  # seconds between two bytes
EMPTY = answer("200 OK", b"[]")


@pytest.fixture
def half_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a second for a call, and much longer for each read."""
    monkeypatch.setattr(transport, "LONGEST_CALL", 0.5)


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A certificate of 127.0.0.1 that the client trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    known, private = tmp_path / "certificate.pem", tmp_path / "key.pem"
    known.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(known))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(known, private)
    return context


def of(url: str) -> Transport:
    return NukiClient(url, TOKEN)._transport


@contextmanager
def taking_at_most(seconds: float) -> Iterator[None]:
    started = time.monotonic()
    yield
    assert time.monotonic() - started < seconds


SLOW_ANSWERS = [
    pytest.param(b"", b"H", id="a status line"),
    pytest.param(HEAD, b"X-Long: 1\r\n", id="headers"),
    pytest.param(HEAD + b"X-Long: ", b"1", id="one header"),
    pytest.param(b"", b"HTTP/1.1 100 Continue\r\n\r\n", id="answers before the answer"),
    pytest.param(HEAD + b"Content-Length: 500\r\n\r\n", b" ", id="a body"),
    pytest.param(HEAD + b"\r\n", b" ", id="a body without a length"),
    pytest.param(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n", id="chunks"),
    pytest.param(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"0", id="the length of a chunk"),
    pytest.param(
        b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 500\r\n\r\n", b" ", id="a redirect"
    ),
]


@pytest.mark.usefixtures("half_a_second")
@pytest.mark.parametrize(("start", "drop"), SLOW_ANSWERS)
def test_an_answer_that_trickles_in_is_given_up_when_the_call_has_lasted_too_long(
    start: bytes, drop: bytes
) -> None:
    with (
        trickling(start, drop, every=SLOWLY) as service,
        taking_at_most(1.5),
        pytest.raises(errors.NukiUnavailable) as caught,
    ):
        of(service.url).call("GET", "/smartlock")

    assert type(caught.value) is errors.NukiUnavailable
    assert len(service.asked) == 1


@pytest.mark.usefixtures("half_a_second")
def test_a_pause_that_a_read_would_wait_for_is_not_waited_for_beyond_the_end_of_the_call() -> None:
    with (
        trickling(HEAD, b"X-Long: 1\r\n", every=5) as service,
        taking_at_most(1.5),
        pytest.raises(errors.NukiUnavailable),
    ):
        of(service.url).call("GET", "/smartlock")


@pytest.mark.usefixtures("half_a_second")
@pytest.mark.parametrize(("start", "drop"), [SLOW_ANSWERS[1], SLOW_ANSWERS[4]])
def test_an_encrypted_answer_that_trickles_in_is_given_up_too(
    start: bytes, drop: bytes, tls: ssl.SSLContext
) -> None:
    with (
        trickling(start, drop, every=SLOWLY, tls=tls) as service,
        taking_at_most(1.5),
        pytest.raises(errors.NukiUnavailable) as caught,
    ):
        of(service.url).call("GET", "/smartlock")

    assert type(caught.value) is errors.NukiUnavailable
    assert len(service.asked) == 1


@pytest.mark.usefixtures("half_a_second")
def test_an_answer_that_trickles_in_through_a_proxy_is_given_up_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)

    with trickling(HEAD, b"X-Long: 1\r\n", every=SLOWLY) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        for _ in range(2):
            with taking_at_most(1.5), pytest.raises(errors.NukiUnavailable):
                of("http://nuki.example").call("GET", "/smartlock")

    assert [asked.line for asked in proxy.asked] == ["GET http://nuki.example/smartlock HTTP/1.1"] * 2


def test_an_answer_that_is_slow_but_in_time_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "READ_TIMEOUT", 0.5)
    start = HEAD + b"Content-Length: 22\r\n\r\n["

    with trickling(start, b" ", every=SLOWLY) as service, pytest.raises(errors.NukiUnavailable) as caught:
        of(service.url).call("GET", "/smartlock")

    assert str(caught.value) == "GET /smartlock: the answer is not JSON"  # it was read to its 22nd byte


@pytest.mark.usefixtures("half_a_second")
def test_a_refusal_whose_body_trickles_in_is_that_refusal() -> None:
    start = b"HTTP/1.1 409 Conflict\r\nContent-Length: 500\r\n\r\n"

    with (
        trickling(start, b" ", every=SLOWLY) as service,
        taking_at_most(1.5),
        pytest.raises(errors.NukiConflict),
    ):
        of(service.url).call("PUT", "/smartlock/5/auth", body={})


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(b"HTTP/1.1 409 Conflict\r\nContent-Length: 500\r\n\r\nx", id="half a body"),
        pytest.param(answer("409 Conflict", b"x", Content_Encoding="gzip"), id="an encoding it has not"),
        pytest.param(
            answer("409 Conflict", gzip.compress(b" " * 9 * 1024 * 1024), Content_Encoding="gzip"),
            id="a body over the bound",
        ),
    ],
)
def test_a_refusal_is_one_by_its_status_alone(given: bytes) -> None:
    with answering(given) as service, pytest.raises(errors.NukiConflict):
        of(service.url).call("PUT", "/smartlock/5/auth", body={})


def test_connections_are_kept_from_call_to_call_and_after_refusals() -> None:
    alive = {"Connection": "keep-alive"}
    refusal = answer("409 Conflict", b"{}", **alive)

    with answering_in_turn(refusal, answer("200 OK", b"[]", **alive), keeps=True) as service:
        with pytest.raises(errors.NukiConflict):
            of(service.url).call("GET", "/smartlock")
        found = [of(service.url).call("GET", "/smartlock") for _ in range(3)]

    assert found == [[], [], []]
    assert (len(service.asked), service.connections) == (4, 1)


def test_what_a_packed_answer_unpacks_to_counts() -> None:
    packed = gzip.compress(b" " * 64 * 1024 * 1024)
    tracemalloc.start()

    with (
        answering(answer("200 OK", packed, Content_Encoding="gzip")) as service,
        pytest.raises(errors.NukiUnavailable) as caught,
    ):
        of(service.url).call("GET", "/smartlock")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert str(caught.value) == "GET /smartlock: answer over 8388608 bytes"
    assert most < 32 * 1024 * 1024


def test_a_packed_redirect_is_not_unpacked() -> None:
    packed = gzip.compress(b" " * 64 * 1024 * 1024)
    tracemalloc.start()

    with (
        answering(answer("302 Found", packed, Content_Encoding="gzip", Location="/elsewhere")) as service,
        pytest.raises(errors.NukiUnavailable),
    ):
        of(service.url).call("GET", "/smartlock")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(service.asked) == 1
    assert most < 32 * 1024 * 1024


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"[NaN]", id="not a number"),
        pytest.param(b"[Infinity]", id="infinity"),
        pytest.param(b"[-Infinity]", id="minus infinity"),
        pytest.param(b"[1e999]", id="a number beyond all"),
        pytest.param(b"[" + b"9" * 5000 + b"]", id="an integer of 5,000 digits"),
    ],
)
def test_what_python_takes_for_a_number_and_json_does_not_is_not_json(body: bytes) -> None:
    with answering(answer("200 OK", body)) as service, pytest.raises(errors.NukiUnavailable) as caught:
        of(service.url).call("GET", "/smartlock")

    assert str(caught.value) == "GET /smartlock: the answer is not JSON"


def test_numbers_are_read_as_they_are() -> None:
    with answering(answer("200 OK", b"[1.5, -2e3, 17901234567]")) as service:
        found = of(service.url).call("GET", "/smartlock")

    assert found == [1.5, -2000.0, 17_901_234_567]


class Renewable:
    """Tokens one after the other, each renewal giving the next."""

    def __init__(self, *tokens: str | errors.NukiError | None) -> None:
        self.tokens = list(tokens)
        self.refused: list[str] = []

    def token(self) -> str:
        first = self.tokens.pop(0)
        assert isinstance(first, str)
        return first

    def renewed(self, refused: str) -> str | None:
        self.refused.append(refused)
        given = self.tokens.pop(0)
        if isinstance(given, errors.NukiError):
            raise given
        return given


REFUSED = answer("401 Unauthorized")


def test_a_write_that_was_refused_for_its_token_is_sent_once_more_with_a_renewed_one() -> None:
    credentials = Renewable("old", "new")

    with answering_in_turn(REFUSED, answer("204 No Content")) as service:
        NukiClient(service.url, credentials).delete_authorization(5, "66aa")

    assert credentials.refused == ["old"]
    assert [(asked.line, asked.headers["Authorization"]) for asked in service.asked] == [
        ("DELETE /smartlock/5/auth/66aa HTTP/1.1", "Bearer old"),
        ("DELETE /smartlock/5/auth/66aa HTTP/1.1", "Bearer new"),
    ]


def test_a_renewed_token_that_is_refused_too_is_not_renewed_again() -> None:
    credentials = Renewable("old", "new", "newest")

    with answering(REFUSED) as service, pytest.raises(errors.NukiUnauthorized) as caught:
        NukiClient(service.url, credentials).smart_locks()

    assert (type(caught.value), caught.value.status) == (errors.NukiUnauthorized, 401)
    assert credentials.refused == ["old"]
    assert len(service.asked) == 2


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(None, id="there is no other"),
        pytest.param(errors.NukiSignInEnded("renewal"), id="the sign-in has ended"),
        pytest.param(errors.NukiUnavailable("renewal"), id="it cannot be known now"),
    ],
)
def test_where_no_other_token_can_be_had_the_call_is_not_repeated(given: errors.NukiError | None) -> None:
    credentials = Renewable("old", given)

    with answering(REFUSED) as service, pytest.raises(errors.NukiError) as caught:
        NukiClient(service.url, credentials).smart_locks()

    assert type(caught.value) is (type(given) if given else errors.NukiUnauthorized)
    assert len(service.asked) == 1


@pytest.mark.parametrize("status", ["403 Forbidden", "500 Internal Server Error", "429 Too Many Requests"])
def test_nothing_but_401_is_repeated(status: str) -> None:
    credentials = Renewable("old", "new")

    with answering(answer(status)) as service, pytest.raises(errors.NukiError):
        NukiClient(service.url, credentials).smart_locks()

    assert credentials.refused == []
    assert len(service.asked) == 1


def test_a_token_made_by_hand_is_not_renewed() -> None:
    with answering(REFUSED) as service, pytest.raises(errors.NukiUnauthorized):
        NukiClient(service.url, TOKEN).smart_locks()

    assert len(service.asked) == 1


@pytest.mark.usefixtures("half_a_second")
def test_a_repeated_call_has_only_the_time_that_the_first_one_left() -> None:
    credentials = Renewable("old", "new")
    start = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 500\r\n\r\n"

    with (
        trickling(start, b" ", every=SLOWLY) as service,
        taking_at_most(1.5),
        pytest.raises(errors.NukiUnavailable) as caught,
    ):
        NukiClient(service.url, credentials).smart_locks()

    assert str(caught.value) == "GET /smartlock: no time is left"
    assert len(service.asked) == 1


NOW = datetime(2026, 10, 21, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [
        pytest.param("Wed, 21 Oct 2026 07:28:00 GMT", 1680, id="a date"),
        pytest.param("Wednesday, 21-Oct-26 07:28:00 GMT", 1680, id="a date of the old form"),
        pytest.param("Wed Oct 21 07:28:00 2026", 1680, id="a date as C writes it"),
        pytest.param("Wed, 21 Oct 2026 09:28:00 +0200", 1680, id="a date of another zone"),
        pytest.param("Fri, 23 Oct 2026 07:28:00 GMT", 86_400, id="a date after a day"),
        pytest.param("Wed, 21 Oct 2026 06:59:59 GMT", None, id="a date that is over"),
        pytest.param("Wed, 99 Oct 2026 07:28:00 GMT", None, id="a date that does not exist"),
        pytest.param("86399", 86_399, id="just under a day"),
        pytest.param("86401", 86_400, id="over a day"),
        pytest.param("soon", None, id="a word"),
        pytest.param("1.5", None, id="a part of a second"),
    ],
)
def test_retry_after_is_read_in_all_its_forms_and_at_most_a_day(
    retry_after: str, seconds: int | None
) -> None:
    assert errors.seconds_of(retry_after, now=NOW) == seconds


def test_no_token_stands_in_what_a_transport_prints() -> None:
    credentials = Renewable(TOKEN)

    shown = repr(Transport("https://api.example", credentials)) + repr(of("https://api.example"))

    assert TOKEN not in shown
