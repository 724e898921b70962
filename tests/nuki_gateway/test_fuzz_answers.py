"""Whatever the service answers, a call gives values of the types it promises or raises a `NukiError`."""

import copy
import dataclasses
import itertools
import json
import types
import typing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nuki_gateway import webhooks
from nuki_gateway.client import NukiClient
from nuki_gateway.errors import NukiError
from nuki_gateway.models import Action, AppEntry, Language, Window
from tests.nuki_gateway.conftest import TOKEN

pytestmark = pytest.mark.slow  # hundreds of answers of each kind

quickly = settings(
    max_examples=50, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
MOST_STORABLE = 2**63 - 1

INVITE = AppEntry("Ada", 700, Window(None, None))
NOON = "2026-06-15T12:00:00.000Z"
LOCK: dict[str, Any] = {
    "smartlockId": 17_901_234_567,
    "type": 4,
    "name": "Flat 2",
    "config": {"keypadPaired": True, "keypad2Paired": False, "timezoneId": 37, "productVariant": 2},
    "state": {"mode": 2, "state": 3, "batteryCharge": 71, "batteryCritical": False, "doorState": 2},
    "firmwareVersion": 199175,
    "serverState": 0,
    "updateDate": NOON,
    "operationId": {"timestamp": 1},
    "currentSubscription": {"state": "ACTIVE"},
}
AUTHORIZATION: dict[str, Any] = {
    "id": "66aa00000000000000000002",
    "smartlockId": 17_901_234_567,
    "accountUserId": 700,
    "code": 345678,
    "type": 13,
    "name": "Guest A",
    "enabled": True,
    "remoteAllowed": False,
    "lockCount": 3,
    "allowedFromDate": NOON,
    "allowedUntilDate": NOON,
    "allowedWeekDays": 127,
    "allowedFromTime": 0,
    "allowedUntilTime": 0,
    "creationDate": NOON,
    "updateDate": NOON,
    "operationId": "66aa00000000000000000003",
}
LINE: dict[str, Any] = {
    "id": "66aa00000000000000000001",
    "smartlockId": 17_901_234_567,
    "deviceType": 4,
    "accountUserId": 700,
    "authId": "66aa00000000000000000002",
    "name": "Guest A",
    "action": 1,
    "trigger": 255,
    "state": 0,
    "autoUnlock": False,
    "source": 1,
    "date": NOON,
}
USER: dict[str, Any] = {
    "accountUserId": 700,
    "email": "ada@guests.example",
    "name": "Ada",
    "language": "en",
    "operationId": None,
}
WEBHOOK: dict[str, Any] = {
    "id": 7,
    "secret": "0" * 40,
    "webhookUrl": "https://keys.example",
    "webhookFeatures": ["DEVICE_AUTHS"],
}
ADVANCED: dict[str, Any] = {
    "status": "ACTIVE",
    "webhookStatus": "ACTIVE",
    "webhookFeatures": ["DEVICE_LOGS"],
    "webhookSentSuccessfully": 5,
    "webhookSentErroneous": 6,
    "lastSuccessfulPost": NOON,
    "lastPostDuration": 466,
    "lastPostSuccesful": True,
}
RECORD: dict[str, Any] = {
    "id": "66aa",
    "requestId": "68c4",
    "succeeded": True,
    "responseStatus": 204,
    "duration": 466,
    "created": NOON,
    "response": {"body": "{}"},
}
CONFIRMATION: dict[str, Any] = {"requestId": "68c4", "error": "no"}
PAGE: dict[str, Any] = {"results": [AUTHORIZATION], "pagination": {"totalPages": 1, "nextPage": "1"}}


@dataclasses.dataclass(frozen=True)
class Reading:
    """One call that reads, and an answer that it understands."""

    call: Callable[[NukiClient], object]
    answer: Any


READINGS = {
    "smart locks": Reading(lambda nuki: nuki.smart_locks(), [LOCK]),
    "smart lock": Reading(lambda nuki: nuki.smart_lock(5), LOCK),
    "keypad codes": Reading(lambda nuki: nuki.keypad_codes(5), [AUTHORIZATION]),
    "authorizations on": Reading(lambda nuki: nuki.authorizations_on(5), [AUTHORIZATION]),
    "authorizations": Reading(lambda nuki: nuki.authorizations(), [AUTHORIZATION, AUTHORIZATION]),
    "authorizations by page": Reading(lambda nuki: list(nuki.authorizations_by_page(most_pages=3)), PAGE),
    "authorization": Reading(lambda nuki: nuki.authorization(5, "66aa"), AUTHORIZATION),
    "advanced invite": Reading(lambda nuki: nuki.create_app_invite_advanced([5], INVITE), CONFIRMATION),
    "advanced action": Reading(lambda nuki: nuki.act_advanced(5, Action.UNLOCK), CONFIRMATION),
    "log": Reading(lambda nuki: nuki.log(5), [LINE]),
    "log by page": Reading(lambda nuki: list(nuki.log_by_page(most_pages=3)), [LINE]),
    "users": Reading(lambda nuki: nuki.account_users(), [USER]),
    "user by address": Reading(lambda nuki: nuki.account_user_of("ada@guests.example"), [USER]),
    "user": Reading(lambda nuki: nuki.account_user(700), USER),
    "new user": Reading(
        lambda nuki: nuki.create_account_user(email="a@b.example", name="A", language=Language.DUTCH), USER
    ),
    "webhooks": Reading(lambda nuki: nuki.webhooks(), [WEBHOOK]),
    "new webhook": Reading(lambda nuki: nuki.register_webhook("https://keys.example"), WEBHOOK),
    "api keys": Reading(lambda nuki: nuki.api_keys(), [{"apiKeyId": 9, "creationDate": NOON}]),
    "advanced api key": Reading(lambda nuki: nuki.advanced_api_key(9), ADVANCED),
    "delivery log": Reading(lambda nuki: nuki.delivery_log(9), [RECORD]),
}
SHAPES = [  # one call for each kind of value
    "smart lock",
    "authorization",
    "authorizations by page",
    "advanced action",
    "log",
    "user",
    "new webhook",
    "api keys",
    "advanced api key",
    "delivery log",
]
DELIVERIES: list[dict[str, Any]] = [
    {"feature": "DEVICE_STATUS", **LOCK},
    {"feature": "DEVICE_MASTERDATA", "deleted": False, **LOCK},
    {"feature": "DEVICE_CONFIG", "smartlockId": 5, "config": {}},
    {"feature": "DEVICE_AUTHS", "deleted": True, "smartlockAuth": AUTHORIZATION},
    {"feature": "DEVICE_LOGS", "smartlockLog": LINE},
    {"feature": "ACCOUNT_USER", "deleted": False, "accountUser": USER},
    {"type": "UnlockAction", "requestId": "68c4", "smartlockId": 5, "success": True},
    {
        "type": "AuthCreation",
        "requestId": "68c4",
        "success": False,
        "detail": [
            {"smartlockId": 5, "success": False, "errorCode": "2a", "id": "66aa"},
            {"smartlockId": 6, "success": True, "inviteCode": 123456789},
        ],
    },
]

ODD: list[Any] = [
    None,
    True,
    -1,
    0,
    2**31,
    2**63,
    10**400,
    5.5,
    float("inf"),
    float("nan"),
    "",
    "\ud800",
    "a\0b",
    "..",
    "5",
    "9" * 30,
    "9" * 5_000,
    "٣",
    NOON,
    "2026-06-15T12:00:00",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "DEVICE_LOGS",
    [],
    [[]],
    {},
    {"a": {}},
]
strange = st.one_of(st.sampled_from(ODD), st.integers(), st.floats(), st.text(max_size=12))
arbitrary = st.recursive(
    strange,
    lambda inside: st.one_of(
        st.lists(inside, max_size=3),
        st.dictionaries(st.sampled_from([*LOCK, *AUTHORIZATION, *LINE, "results"]), inside, max_size=4),
    ),
    max_leaves=12,
)
no_json = st.sampled_from(
    [
        b"",
        b"<html><body>Bad Gateway</body></html>",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'[{"smartlockId": 1e400, "type": 4}]',
        b'[{"smartlockId": ' + b"9" * 5_000 + b', "type": 4}]',
        b'{"smartlockId": NaN, "id": NaN, "requestId": Infinity, "apiKeyId": -Infinity}',
        b"\xff\xfe\x00",
        b'{"id": "\\ud800", "name": "\\udfff", "email": "\\ud800", "status": "\\u0000"}',
        b"\xef\xbb\xbf[]",
        b"[] []",
    ]
)


@st.composite
def mutated(draw: st.DrawFn, answer: Any) -> Any:
    """A valid answer in which some values are replaced or taken away, at any depth."""
    changed = copy.deepcopy({"": answer})
    for _ in range(draw(st.integers(1, 3))):
        places = list(_places(changed))
        container, key = draw(st.sampled_from(places))
        if isinstance(container, dict) and key and draw(st.booleans()):
            del container[key]
        else:
            container[key] = draw(arbitrary)
    return changed[""]


def one_by_one(answer: Any) -> Iterator[Any]:
    """A valid answer with each odd value in each place."""
    for number, _ in enumerate(_places({"": answer})):
        for odd in ODD:
            changed = copy.deepcopy({"": answer})
            container, key = next(itertools.islice(_places(changed), number, None))
            container[key] = odd
            yield changed[""]


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place of a value: what holds it, and under which key."""
    keys: list[Any] = list(value) if isinstance(value, dict) else list(range(len(value)))
    for key in keys:
        yield value, key
        if isinstance(value[key], dict | list):
            yield from _places(value[key])


def body_of(value: Any) -> bytes:
    return json.dumps(value).encode()


class Told:
    """A service that answers what it was told to."""

    url: str
    body: bytes = b""


@contextmanager
def telling() -> Iterator[Told]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(200)
            self.send_header("Content-Length", str(len(service.body)))
            self.end_headers()
            self.wfile.write(service.body)

        do_GET = do_PUT = do_POST = do_DELETE = answer  # noqa: N815  http.server's names

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    service = Told()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    service.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def told() -> Iterator[Told]:
    with telling() as service:
        yield service


@pytest.mark.parametrize("name", READINGS)
def test_an_answer_as_it_is_known_is_understood(told: Told, name: str) -> None:
    told.body = body_of(READINGS[name].answer)

    found = READINGS[name].call(NukiClient(told.url, TOKEN))

    assert found
    check_value(found)


@pytest.mark.parametrize("name", READINGS)
def test_any_answer_gives_values_of_the_promised_types_or_a_nuki_error(told: Told, name: str) -> None:
    reading = READINGS[name]
    bodies = st.one_of(mutated(reading.answer).map(body_of), arbitrary.map(body_of), no_json)

    @quickly
    @given(body=bodies)
    def holds(body: bytes) -> None:
        told.body = body
        try:
            found = reading.call(NukiClient(told.url, TOKEN))
        except NukiError:
            return
        check_value(found)

    holds()


@pytest.mark.parametrize("name", SHAPES)
def test_each_odd_value_in_each_place_gives_the_promised_types_or_a_nuki_error(told: Told, name: str) -> None:
    reading, nuki = READINGS[name], NukiClient(told.url, TOKEN)
    refused = 0

    for changed in one_by_one(reading.answer):
        told.body = body_of(changed)
        try:
            check_value(reading.call(nuki))
        except NukiError:
            refused += 1

    assert refused > 0


def test_each_odd_value_in_each_place_of_a_delivery_gives_news_or_is_unreadable() -> None:
    unreadable = 0

    for delivery in DELIVERIES:
        for changed in one_by_one(delivery):
            try:
                check_value(webhooks.read(body_of(changed)))
            except webhooks.UnreadableDelivery:
                unreadable += 1

    assert unreadable > 0


@settings(quickly, max_examples=500)
@given(
    body=st.one_of(
        st.sampled_from(DELIVERIES).flatmap(mutated).map(body_of),
        arbitrary.map(body_of),
        no_json,
        st.binary(),
    )
)
def test_any_delivery_gives_news_of_the_promised_types_or_is_unreadable(body: bytes) -> None:
    try:
        news = webhooks.read(body)
    except webhooks.UnreadableDelivery:
        return

    check_value(news)
    assert isinstance(news.feature, str)
    assert news.smartlock_id is None or 0 <= news.smartlock_id <= MOST_STORABLE


@settings(quickly, max_examples=100)
@given(signed=st.one_of(st.text(), st.just("\ud800")), body=st.binary(max_size=50))
def test_no_header_breaks_the_check_of_a_signature(signed: str, body: bytes) -> None:
    with pytest.raises(webhooks.ForgedDelivery):
        webhooks.check(secret="a secret", body=body, signed=signed)


def check_value(found: object) -> None:
    """Every field has its type and can be stored, compared and shown."""
    if isinstance(found, list | tuple):
        for one in found:
            check_value(one)
    elif found is not None:
        assert dataclasses.is_dataclass(found)
        assert isinstance(repr(found), str)
        assert isinstance(hash(found), int)
        for name, promised in typing.get_type_hints(type(found)).items():
            value = getattr(found, name)
            assert conforms(value, promised), f"{type(found).__name__}.{name}"


def conforms(value: Any, promised: Any) -> bool:
    """Whether a value is what its annotation says, and neither longer nor odder than a database takes."""
    origin, inside = typing.get_origin(promised), typing.get_args(promised)
    if origin in {types.UnionType, typing.Union}:
        return any(conforms(value, one) for one in inside)
    if origin is ClassVar:
        return conforms(value, inside[0])
    if origin is tuple:
        return isinstance(value, tuple) and all(conforms(one, inside[0]) for one in value)
    if promised is int:
        return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_STORABLE
    if promised is str:
        return isinstance(value, str) and "\0" not in value and value.encode().decode() == value
    if promised is datetime:
        return isinstance(value, datetime) and value.tzinfo is UTC
    if dataclasses.is_dataclass(promised):
        check_value(value)
    return isinstance(value, promised)
