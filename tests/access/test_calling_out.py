"""Calls to addresses that hosts have typed reach public addresses alone, and have an end."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pytest_django.fixtures import Settings

from access import calling_out, public_addresses
from access.calling_out import NoAnswer, Trouble, UrlIsRefused, Why
from tests.access.receivers import LOOPBACK, Receiver, receiver

__all__ = ["receiver"]  # a fixture

PRIVATE = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0x7f.1",
    "017700000001",
    "0177.0.0.1",
    "0177.1",
    "0",
    "0.0.0.0",  # noqa: S104  nothing listens there
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "167772161",
    "0xa000001",
    "012.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "100.127.255.255",
    "168.63.129.16",
    "169.254.0.1",
    "169.254.169.254",
    "0xa9fea9fe",
    "2852039166",
    "169.254.170.2",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "192.168.255.255",
    "3232235521",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "4294967295",
    "[::]",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::127.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::ffff:10.0.0.1]",
    "[::ffff:169.254.169.254]",
    "[::ffff:8.8.8.8]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b::169.254.169.254]",
    "[64:ff9b:1::a00:1]",
    "[100::1]",
    "[2001::1]",
    "[2001:0:7f00:1::]",
    "[2001:10::1]",
    "[2001:20::1]",
    "[2001:db8::1]",
    "[2002:7f00:1::]",
    "[2002:a9fe:a9fe::1]",
    "[3fff::1]",
    "[5f00::1]",
    "[fc00::1]",
    "[fd00::1]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "[fec0::1]",
    "[ff02::1]",
    "[ff05::2]",
]
PUBLIC = ["8.8.8.8", "1.1.1.1", "93.184.215.14", "172.32.0.1", "2606:4700:4700::1111", "2a00:1450:4001::8"]


@pytest.fixture
def listening() -> Iterator[Callable[[], int]]:
    """A socket on every address of this machine; says how many connections it saw."""
    with socket.create_server(("", 0), family=socket.AF_INET6, dualstack_ipv6=True) as server:
        server.settimeout(0)
        port = server.getsockname()[1]

        def seen() -> int:
            count = 0
            while True:
                try:
                    server.accept()[0].close()
                except BlockingIOError:
                    return count
                count += 1

        seen.port = port  # type: ignore[attr-defined]  # beside what it says
        yield seen


def post(url: str) -> calling_out.Answer:
    return calling_out.post(url, body=b"{}", headers={})


def resolves_to(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Have names lead to these addresses, one answer after another; returns what was asked for."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def answer(name: str, port: Any, *_given: Any, flags: int = 0, **_: Any) -> Any:
        if flags & socket.AI_NUMERICHOST or name[0].isdigit():
            return real(name, port, type=socket.SOCK_STREAM, flags=flags)
        asked.append(name)
        found = answers[min(len(asked), len(answers)) - 1]
        return [(0, 0, 0, "", (one, 0)) for one in found]

    monkeypatch.setattr(calling_out.socket, "getaddrinfo", answer)  # type: ignore[attr-defined]
    return asked


def test_the_list_is_long_enough() -> None:
    assert len(set(PRIVATE)) >= 60


@pytest.mark.parametrize("scheme", ["https", "http"])
def test_nothing_connects_to_an_address_that_is_not_public(listening: Any, scheme: str) -> None:
    answers = {}
    for host in PRIVATE:
        with pytest.raises(NoAnswer) as refusal:
            post(f"{scheme}://{host}:{listening.port}/hook")
        answers[host] = refusal.value.trouble

    assert answers == dict.fromkeys(PRIVATE, Trouble.ADDRESS_REFUSED)
    assert listening() == 0


@pytest.mark.parametrize("host", PRIVATE)
def test_no_name_leads_to_an_address_that_is_not_public(
    listening: Any, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    address = socket.getaddrinfo(host.strip("[]"), None)[0][4][0]
    resolves_to(monkeypatch, [str(address)])

    with pytest.raises(NoAnswer) as refusal:
        post(f"https://lights.example:{listening.port}/hook")

    assert refusal.value.trouble is Trouble.ADDRESS_REFUSED
    assert listening() == 0


@pytest.mark.parametrize("host", [one for one in PRIVATE if not one.startswith("[")])
def test_what_is_written_as_a_number_is_refused_before_anything_is_sent(host: str) -> None:
    with pytest.raises(UrlIsRefused) as refusal:
        calling_out.check_url(f"https://{host}/hook")

    assert refusal.value.why is Why.NOT_PUBLIC


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_may_be_called(address: str) -> None:
    assert public_addresses.may_be_called(ip_address(address), allowed=[])


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://lights.example/hook", Why.NOT_HTTPS),
        ("ftp://lights.example/hook", Why.NOT_HTTPS),
        ("file:///etc/passwd", Why.NO_ADDRESS),
        ("lights.example/hook", Why.NO_ADDRESS),
        ("https://", Why.NO_ADDRESS),
        ("https://lights.example:99999/", Why.NO_ADDRESS),
        ("https://[::1", Why.NO_ADDRESS),
        ("https://lights.example/a b", Why.NO_ADDRESS),
        ("https://lights.example/\n", Why.NO_ADDRESS),
        ("https://lichter.exämple/", Why.NO_ADDRESS),
        ("https://lights.example/" + "x" * 500, Why.NO_ADDRESS),
        ("https://user:word@lights.example/", Why.HAS_USER),
        ("https://user@lights.example/", Why.HAS_USER),
        ("https://lights.example/#part", Why.HAS_FRAGMENT),
    ],
)
def test_what_is_no_address_to_send_to_is_refused(url: str, why: Why) -> None:
    with pytest.raises(UrlIsRefused) as refusal:
        calling_out.check_url(url)

    assert refusal.value.why is why


def test_a_name_with_one_address_that_is_not_public_is_not_called(
    listening: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolves_to(monkeypatch, ["8.8.8.8", "127.0.0.1"])

    with pytest.raises(NoAnswer) as refusal:
        post(f"https://lights.example:{listening.port}/hook")

    assert refusal.value.trouble is Trouble.ADDRESS_REFUSED
    assert listening() == 0


def test_a_name_that_leads_elsewhere_a_moment_later_is_asked_once_and_leads_nowhere_else(
    listening: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = resolves_to(monkeypatch, ["8.8.8.8"], ["127.0.0.1"])
    connected: list[Any] = []

    def refuse(address: Any, *_: Any, **__: Any) -> None:
        connected.append(address)
        raise OSError("nothing leaves this machine")

    monkeypatch.setattr("urllib3.util.connection.create_connection", refuse)

    with pytest.raises(NoAnswer):
        post(f"https://lights.example:{listening.port}/hook")
    with pytest.raises(NoAnswer) as second:
        post(f"https://lights.example:{listening.port}/hook")

    assert asked == ["lights.example"] * 2
    assert connected == [("8.8.8.8", listening.port)]
    assert second.value.trouble is Trouble.ADDRESS_REFUSED
    assert listening() == 0


def test_without_https_only_the_networks_of_the_installation_are_called(
    receiver: Receiver, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    post(receiver.url)
    settings.WEBHOOK_ALLOWED_NETWORKS = [ip_network("10.9.0.0/16")]
    resolves_to(monkeypatch, ["8.8.8.8"])

    for url in (receiver.url, "http://lights.example/hook"):
        with pytest.raises(NoAnswer) as refusal:
            post(url)
        assert refusal.value.trouble is Trouble.ADDRESS_REFUSED

    assert len(receiver.calls) == 1


def test_redirects_are_not_followed_and_proxies_of_the_machine_not_used(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver.status, receiver.headers = 307, {"Location": f"{receiver.url}/elsewhere"}
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    answer = post(receiver.url)

    assert (answer.status, len(receiver.calls)) == (307, 1)


def test_of_a_long_answer_the_beginning_is_kept(receiver: Receiver) -> None:
    receiver.answer = b"\0\xff" + b"x" * 300_000

    answer = post(receiver.url)

    assert answer.status == 200
    assert answer.text == "��" + "x" * 2046


@contextmanager
def dripping(content: bytes) -> Iterator[str]:
    """A server that sends a byte of its answer every 20 ms."""
    ends = threading.Event()

    def serve(server: socket.socket) -> None:
        connected, _ = server.accept()
        with connected:
            connected.recv(65536)
            for byte in content:
                if ends.is_set():
                    return
                try:
                    connected.sendall(bytes([byte]))
                except OSError:
                    return
                time.sleep(0.02)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, args=(server,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/hook"
        ends.set()
        thread.join()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 1000, id="in its headers"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b"x" * 1000, id="in its content"),
    ],
)
def test_an_answer_that_never_ends_is_left_alone(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    settings.WEBHOOK_ALLOWED_NETWORKS = LOOPBACK
    monkeypatch.setattr(calling_out, "LONGEST_CALL", 1.2)
    began = time.monotonic()

    with dripping(content) as url, pytest.raises(NoAnswer) as refusal:
        post(url)

    assert refusal.value.trouble is Trouble.TIMED_OUT
    assert time.monotonic() - began < 2.0


def test_a_name_that_nobody_answers_for_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calling_out, "LONGEST_STEP", 0.1)
    asked = threading.Event()

    def silent(name: str, *_: Any, flags: int = 0, **__: Any) -> Any:
        if flags:
            raise OSError
        asked.wait(5)
        raise OSError(name)

    monkeypatch.setattr(calling_out.socket, "getaddrinfo", silent)  # type: ignore[attr-defined]

    with pytest.raises(NoAnswer) as refusal:
        post("https://lights.example/hook")

    asked.set()
    assert refusal.value.trouble is Trouble.TIMED_OUT


@pytest.mark.parametrize(
    ("url", "trouble"),
    [
        ("https://nobody.invalid/hook", Trouble.NAME_UNKNOWN),
        ("http://127.0.0.1:1/hook", Trouble.NOT_REACHED),
    ],
)
def test_who_is_not_there_is_said(settings: Settings, url: str, trouble: Trouble) -> None:
    settings.WEBHOOK_ALLOWED_NETWORKS = LOOPBACK

    with pytest.raises(NoAnswer) as refusal:
        post(url)

    assert refusal.value.trouble is trouble


def a_certificate(name: str, directory: Path) -> Path:
    """A certificate of a name, signed by itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = directory / f"{name}.pem"
    kept = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(kept + made.public_bytes(serialization.Encoding.PEM))
    return path


@contextmanager
def with_certificate(path: Path) -> Iterator[tuple[int, list[str | None]]]:
    """A server with this certificate, and the names by which it was asked for one."""
    context, names = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), list[str | None]()
    context.load_cert_chain(path)
    context.sni_callback = lambda _socket, name, _context: names.append(name)

    def serve(server: socket.socket) -> None:
        try:
            with context.wrap_socket(server.accept()[0], server_side=True) as connected:
                while (came := connected.recv(65536)) and not came.endswith(b"{}"):
                    continue
                connected.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        except OSError:
            return

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, args=(server,), daemon=True)
        thread.start()
        yield server.getsockname()[1], names
        thread.join()


def test_the_certificate_is_held_against_the_name_and_not_the_address(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings.WEBHOOK_ALLOWED_NETWORKS = LOOPBACK
    certificate = a_certificate("lights.example", tmp_path)
    monkeypatch.setattr(calling_out, "TRUSTED", str(certificate))
    resolves_to(monkeypatch, ["127.0.0.1"])

    with with_certificate(certificate) as (port, names):
        answer = post(f"https://lights.example:{port}/hook")
    with with_certificate(certificate) as (port, _), pytest.raises(NoAnswer) as refusal:
        post(f"https://other.example:{port}/hook")
    monkeypatch.setattr(calling_out, "TRUSTED", True)
    with with_certificate(certificate) as (port, _), pytest.raises(NoAnswer) as untrusted:
        post(f"https://lights.example:{port}/hook")

    assert (answer.status, names) == (204, ["lights.example"])
    assert refusal.value.trouble is Trouble.BAD_CERTIFICATE
    assert untrusted.value.trouble is Trouble.BAD_CERTIFICATE
