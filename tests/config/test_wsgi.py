"""The web server's entry: people by one way, programs by another."""

from http import HTTPStatus
from io import BytesIO
from typing import Any

import pytest

from access.models import Delivery
from config import wsgi
from nuki_gateway.webhooks import SIGNATURE_HEADER, signature
from properties.models import NukiAccount
from tests.worlds import Business

SIGNED = "HTTP_" + SIGNATURE_HEADER.upper().replace("-", "_")


def call(path: str, body: bytes = b"", **headers: str) -> tuple[int, dict[str, str]]:
    """Call the entry as a web server does."""
    heard: list[tuple[int, dict[str, str]]] = []

    def start_response(status: str, told: list[tuple[str, str]], *_: Any) -> None:
        heard.append((int(status.split(maxsplit=1)[0]), dict(told)))

    environ = {
        "REQUEST_METHOD": "POST" if body else "GET",
        "PATH_INFO": path,
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
        "wsgi.url_scheme": "http",
        **headers,
    }
    answer = wsgi.application(environ, start_response)
    close = getattr(answer, "close", None)
    if close is not None:
        close()
    return heard[0]


@pytest.mark.django_db(transaction=True)
def test_nuki_calls_past_everything_that_is_for_people(
    alice: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    NukiAccount.objects.filter(pk=alice.account.pk).update(webhook_secret="a-secret")
    body = b'{"feature": "DEVICE_NEW"}'
    monkeypatch.setattr(wsgi, "for_people", None)

    status, headers = call(
        f"/webhooks/nuki/{alice.account.pk}", body, **{SIGNED: signature("a-secret", body)}
    )

    assert (status, Delivery.objects.count()) == (HTTPStatus.NO_CONTENT, 1)
    assert headers.keys() <= {"Content-Type", "Content-Length"}


@pytest.mark.django_db(transaction=True)
def test_people_get_the_headers_that_are_for_pages() -> None:
    status, headers = call("/accounts/login/")

    assert status == HTTPStatus.OK
    assert "Content-Security-Policy" in headers


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/webhooks/nuki/", "/webhooks/nuki/x", "/webhooks/nuki/1/../../"])
def test_an_address_that_is_none_is_not_found(path: str) -> None:
    status, _ = call(path, b"{}")

    assert status == HTTPStatus.NOT_FOUND
