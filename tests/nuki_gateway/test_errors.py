"""What the client makes of answers that are none: each has its class, no secret, and no second try."""

import logging
import traceback
from collections.abc import Callable

import pytest

from nuki_gateway import errors, transport
from nuki_gateway.client import NukiClient
from nuki_gateway.errors import (
    NukiBusy,
    NukiConflict,
    NukiError,
    NukiForbidden,
    NukiNotFound,
    NukiRefused,
    NukiThrottled,
    NukiUnauthorized,
    NukiUnavailable,
)
from nuki_gateway.simulator import Lock, Simulator
from tests.nuki_gateway.answering import Answering, answer, answering
from tests.nuki_gateway.conftest import CODE, ENTRY, TOKEN

HTML = b"<html><body>Bad Gateway</body></html>"
CALLS: dict[str, Callable[[NukiClient], object]] = {
    "smart locks": lambda nuki: nuki.smart_locks(),
    "one smart lock": lambda nuki: nuki.smart_lock(5),
    "sync": lambda nuki: nuki.sync(5),
    "codes": lambda nuki: nuki.keypad_codes(5),
    "create": lambda nuki: nuki.create_keypad_code(5, ENTRY),
    "update": lambda nuki: nuki.update_keypad_code(5, "66aa", ENTRY),
    "delete": lambda nuki: nuki.delete_authorization(5, "66aa"),
    "webhooks": lambda nuki: nuki.webhooks(),
    "register": lambda nuki: nuki.register_webhook("https://keys.example/hook"),
    "remove": lambda nuki: nuki.remove_webhook(7),
}
READS = ["smart locks", "one smart lock", "codes", "webhooks", "register"]


def failure_of(call: str, given: bytes | None) -> tuple[NukiError, Answering]:
    with answering(given) as service, pytest.raises(NukiError) as caught:
        CALLS[call](NukiClient(service.url, TOKEN))
    return caught.value, service


@pytest.mark.parametrize(
    ("status", "expected", "can_help"),
    [
        pytest.param(400, NukiRefused, False, id="400 is refused"),
        pytest.param(401, NukiUnauthorized, False, id="401 is unauthorized"),
        pytest.param(402, NukiRefused, False, id="402 is refused"),
        pytest.param(403, NukiForbidden, False, id="403 is forbidden"),
        pytest.param(404, NukiNotFound, False, id="404 is not found"),
        pytest.param(405, NukiRefused, False, id="405 is refused"),
        pytest.param(409, NukiConflict, False, id="409 is a conflict"),
        pytest.param(422, NukiRefused, False, id="422 is refused"),
        pytest.param(423, NukiBusy, True, id="423 is busy"),
        pytest.param(426, NukiRefused, False, id="426 is refused"),
        pytest.param(429, NukiThrottled, True, id="429 is throttled"),
        pytest.param(500, NukiUnavailable, True, id="500 is unavailable"),
        pytest.param(503, NukiUnavailable, True, id="503 is unavailable"),
    ],
)
def test_each_status_has_its_error_and_the_lock_hears_nothing(
    *,
    simulator: Simulator,
    door: Lock,
    nuki: NukiClient,
    status: int,
    expected: type[NukiError],
    can_help: bool,
) -> None:
    simulator.script.answer_next(door, "PUT", status)

    with pytest.raises(NukiError) as caught:
        nuki.create_keypad_code(door.smartlock_id, ENTRY)
    simulator.settle()

    assert type(caught.value) is expected
    assert (caught.value.status, caught.value.can_help) == (status, can_help)
    assert str(caught.value) == f"PUT /smartlock/{door.smartlock_id}/auth: {status}"
    assert [(call.method, call.status) for call in simulator.calls] == [("PUT", status)]
    assert simulator.codes_on(door.smartlock_id) == []


def test_a_wrong_token_is_unauthorized(simulator: Simulator, door: Lock, url: str) -> None:
    with pytest.raises(NukiUnauthorized):
        NukiClient(url, "somebody-elses").create_keypad_code(door.smartlock_id, ENTRY)
    simulator.settle()

    assert simulator.codes_on(door.smartlock_id) == []


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [
        pytest.param("30", 30, id="in seconds"),
        pytest.param("0", 0, id="at once"),
        pytest.param(None, None, id="not said"),
        pytest.param("", None, id="empty"),
        pytest.param("-5", None, id="negative"),
        pytest.param("Wed, 21 Oct 2026 07:28:00 GMT", None, id="as a date"),
        pytest.param("9" * 5000, None, id="longer than any number"),
    ],
)
def test_throttling_says_how_long_it_lasts_if_nuki_did(retry_after: str | None, seconds: int | None) -> None:
    told = {} if retry_after is None else {"Retry_After": retry_after}

    failure, _ = failure_of("create", answer("429 Too Many Requests", b"", **told))

    assert isinstance(failure, NukiThrottled)
    assert failure.retry_after == seconds


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    "given",
    [
        pytest.param(answer("502 Bad Gateway", HTML, Content_Type="text/html"), id="502 in HTML"),
        pytest.param(answer("200 OK", HTML, Content_Type="text/html"), id="HTML where JSON belongs"),
        pytest.param(answer("200 OK", b"[" * 100_000), id="JSON without a bottom"),
        pytest.param(answer("200 OK", b"\xff\xfe\x00"), id="no text at all"),
        pytest.param(b"", id="hung up without a word"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n[{", id="hung up in the middle"),
        pytest.param(b"this is no HTTP\r\n\r\n", id="another protocol"),
        pytest.param(
            answer("200 OK", b"not gzip", Content_Encoding="gzip"), id="an encoding that it does not have"
        ),
        pytest.param(answer("304 Not Modified"), id="304"),
        pytest.param(answer("302 Found"), id="a redirect to nowhere"),
    ],
)
def test_an_answer_that_is_none_is_unavailable_and_asked_for_once(call: str, given: bytes) -> None:
    failure, service = failure_of(call, given)

    assert type(failure) is NukiUnavailable
    assert len(service.asked) == 1


@pytest.mark.parametrize(
    "status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"]
)
@pytest.mark.parametrize("call", CALLS)
def test_a_redirect_is_not_followed(call: str, status: str) -> None:
    with answering(answer("200 OK", b"[]")) as elsewhere:
        failure, service = failure_of(call, answer(status, Location=elsewhere.url))

    assert type(failure) is NukiUnavailable
    assert len(service.asked) == 1
    assert elsewhere.asked == []


@pytest.mark.parametrize("call", READS)
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"null", id="null"),
        pytest.param(b"7", id="a number"),
        pytest.param(b'"text"', id="a text"),
        pytest.param(b'{"error": "no"}', id="an object without what is needed"),
        pytest.param(b"[null]", id="a list of null"),
        pytest.param(b'[{"smartlockId": "x", "id": "x"}]', id="a list of other objects"),
        pytest.param(b'{"smartlockId": 5, "type": 4, "config": "x", "id": []}', id="fields of other types"),
        pytest.param(b'[{"smartlockId": Infinity, "type": 4, "id": Infinity}]', id="numbers without end"),
        pytest.param(
            b'[{"smartlockId": 5, "type": 4, "id": "a", "updateDate": "0001-01-01T00:00:00+14:00"}]',
            id="a date before all dates",
        ),
    ],
)
def test_an_answer_of_another_shape_is_unavailable(call: str, body: bytes) -> None:
    failure, _ = failure_of(call, answer("200 OK", body))

    assert type(failure) is NukiUnavailable


@pytest.mark.parametrize("carried_out", [True, False])
def test_a_connection_that_breaks_after_a_write_is_unavailable_and_the_write_is_not_repeated(
    simulator: Simulator,
    door: Lock,
    nuki: NukiClient,
    *,
    carried_out: bool,
) -> None:
    simulator.script.drop_connection_on_next_write(door, carried_out=carried_out)

    with pytest.raises(NukiUnavailable):
        nuki.create_keypad_code(door.smartlock_id, ENTRY)
    simulator.settle()

    assert [call.method for call in simulator.calls] == ["PUT"]
    assert [one.code for one in simulator.codes_on(door.smartlock_id)] == ([CODE] if carried_out else [])


@pytest.mark.parametrize("call", CALLS)
def test_silence_ends_in_unavailable(call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "READ_TIMEOUT", 0.1)

    failure, service = failure_of(call, None)

    assert type(failure) is NukiUnavailable
    assert len(service.asked) == 1


def test_nobody_at_the_address_is_unavailable() -> None:
    with answering(b"") as service:
        pass

    with pytest.raises(NukiUnavailable):
        NukiClient(service.url, TOKEN).smart_locks()


def test_an_answer_that_does_not_end_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "LARGEST_ANSWER", 1000)
    monkeypatch.setattr(transport, "CHUNK", 100)

    failure, _ = failure_of("smart locks", answer("200 OK", b"[" + b" " * 999 + b"]"))

    assert type(failure) is NukiUnavailable
    assert str(failure) == "GET /smartlock: answer over 1000 bytes"


def test_an_answer_of_just_the_bound_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "LARGEST_ANSWER", 1000)

    with answering(answer("200 OK", b"[" + b" " * 998 + b"]")) as service:
        found = NukiClient(service.url, TOKEN).smart_locks()

    assert found == []


@pytest.mark.parametrize("token", ["two\nlines", "tökén", "tab\there", "€uro"])
def test_a_token_that_no_header_can_carry_is_unauthorized_and_not_repeated(token: str) -> None:
    with answering(answer("200 OK", b"[]")) as service, pytest.raises(NukiUnauthorized) as caught:
        NukiClient(service.url, token).smart_locks()

    assert service.asked == []
    assert token not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    "given",
    [
        pytest.param(
            answer("400 Bad Request", f'{{"detailMessage": "{CODE} {TOKEN}"}}'.encode()), id="in a refusal"
        ),
        pytest.param(answer("200 OK", f"{CODE} {TOKEN}".encode()), id="in what is no JSON"),
        pytest.param(
            answer("200 OK", f'[{{"code": {CODE}, "x": "{TOKEN}"}}]'.encode()), id="in another shape"
        ),
        pytest.param(answer("302 Found", Location=f"http://{TOKEN}/{CODE}"), id="in a redirect"),
        pytest.param(b"", id="in a broken connection"),
    ],
)
def test_no_token_and_no_code_stands_in_an_error_or_in_a_log(
    call: str, given: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    with answering(given) as service:
        nuki = NukiClient(service.url, TOKEN)
        told = "nothing"
        try:
            CALLS[call](nuki)
        except NukiError as failure:
            told = "".join(traceback.format_exception(failure)) + repr(failure) + repr(vars(failure))

    assert TOKEN not in told + caplog.text + repr(nuki) + repr(vars(nuki))
    assert CODE not in told + caplog.text


def test_a_cookie_of_one_account_is_not_sent_with_the_token_of_another() -> None:
    with answering(answer("200 OK", b"[]", Set_Cookie="session=alices; Path=/")) as service:
        NukiClient(service.url, TOKEN).smart_locks()
        NukiClient(service.url, "charlies").smart_locks()

    assert [asked.headers["Authorization"] for asked in service.asked] == [
        f"Bearer {TOKEN}",
        "Bearer charlies",
    ]
    assert [asked.headers["Cookie"] for asked in service.asked] == [None, None]


def test_whoever_tries_again_on_every_error_that_can_help_repeats_no_refusal() -> None:
    can_help = {kind.__name__ for kind in _kinds(errors.NukiError) if kind.can_help}

    assert can_help == {"NukiUnavailable", "NukiThrottled", "NukiOverBudget", "NukiResting", "NukiBusy"}


def _kinds(kind: type[NukiError]) -> list[type[NukiError]]:
    return [kind, *(deeper for below in kind.__subclasses__() for deeper in _kinds(below))]
