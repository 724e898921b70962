"""Which deliveries are genuine, and what they are about."""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from nuki_gateway import webhooks
from nuki_gateway.client import NukiClient
from nuki_gateway.models import (
    AuthorizationNews,
    LockNews,
    LockOutcome,
    LogEntry,
    LogNews,
    OtherNews,
    RequestOutcome,
    UserNews,
)
from nuki_gateway.simulator import Account, Lock, Post, Simulator, TurnedClock
from tests import worlds
from tests.nuki_gateway.conftest import ENTRY, TOKEN

SECRET = "5e3c0de5e3c0de5e3c0de5e3c0de5e3c0de5e3c0"
BODY = b'{"feature":"DEVICE_STATUS","smartlockId":17901234567}'
SIGNED = hmac.new(SECRET.encode(), BODY, hashlib.sha256).hexdigest()
LOCK = 17_901_234_567


def told(
    *,
    feature: str,
    updated_at: datetime | None = None,
    deleted: bool = False,
    server_state: int | None = None,
    battery_charge: int | None = None,
    battery_critical: bool | None = None,
    keypad_battery_critical: bool | None = None,
    door_sensor_battery_critical: bool | None = None,
) -> LockNews:
    return LockNews(
        feature=feature,
        smartlock_id=LOCK,
        updated_at=updated_at,
        deleted=deleted,
        server_state=server_state,
        battery_charge=battery_charge,
        battery_critical=battery_critical,
        keypad_battery_critical=keypad_battery_critical,
        door_sensor_battery_critical=door_sensor_battery_critical,
    )


def outcome(
    smartlock_id: int,
    *,
    succeeded: bool = False,
    error_code: str | None = None,
    authorization_id: str | None = None,
    invite_code: str | None = None,
) -> LockOutcome:
    return LockOutcome(smartlock_id, succeeded, error_code, authorization_id, invite_code)


@pytest.mark.parametrize(
    "signed",
    [
        pytest.param(SIGNED, id="lower case"),
        pytest.param(SIGNED.upper(), id="upper case"),
        pytest.param(f"  {SIGNED} ", id="with blanks around"),
    ],
)
def test_a_body_signed_with_the_secret_is_genuine(signed: str) -> None:
    webhooks.check(secret=SECRET, body=BODY, signed=signed)


@pytest.mark.parametrize(
    ("secret", "body", "signed"),
    [
        pytest.param("another", BODY, SIGNED, id="another secret"),
        pytest.param(SECRET, BODY + b" ", SIGNED, id="another body"),
        pytest.param(SECRET, BODY, "", id="no signature"),
        pytest.param(SECRET, BODY, SIGNED[:-1], id="one digit less"),
        pytest.param(SECRET, BODY, SIGNED[:-1] + ("0" if SIGNED[-1] != "0" else "1"), id="one digit else"),
        pytest.param(SECRET, BODY, "sha256=" + SIGNED, id="a prefix"),
        pytest.param(SECRET, BODY, "é" * 64, id="letters that no signature has"),
        pytest.param("", BODY, hmac.new(b"", BODY, hashlib.sha256).hexdigest(), id="an empty secret"),
        pytest.param("", BODY, "", id="an empty secret and no signature"),
        pytest.param(
            SECRET, BODY, hmac.new(SECRET.encode(), BODY, hashlib.sha1).hexdigest(), id="the older signature"
        ),
    ],
)
def test_anything_else_is_forged(secret: str, body: bytes, signed: str) -> None:
    with pytest.raises(webhooks.ForgedDelivery):
        webhooks.check(secret=secret, body=body, signed=signed)


@pytest.mark.parametrize(
    ("sent", "feature", "smartlock_id"),
    [
        pytest.param(
            {"feature": "DEVICE_STATUS", "smartlockId": LOCK, "state": {"mode": 2}, "serverState": 4},
            "DEVICE_STATUS",
            LOCK,
            id="DEVICE_STATUS",
        ),
        pytest.param(
            {"feature": "DEVICE_MASTERDATA", "deleted": True, "smartlockId": LOCK, "authId": 300200100},
            "DEVICE_MASTERDATA",
            LOCK,
            id="DEVICE_MASTERDATA",
        ),
        pytest.param(
            {"feature": "DEVICE_CONFIG", "smartlockId": LOCK, "config": {"keypadPaired": True}},
            "DEVICE_CONFIG",
            LOCK,
            id="DEVICE_CONFIG",
        ),
        pytest.param(
            {"feature": "DEVICE_LOGS", "smartlockLog": {"id": "66aa", "smartlockId": LOCK, "action": 1}},
            "DEVICE_LOGS",
            LOCK,
            id="DEVICE_LOGS without what a line needs",
        ),
        pytest.param(
            {"feature": "DEVICE_AUTHS", "smartlockAuth": {"smartlockId": LOCK, "code": 345678}},
            "DEVICE_AUTHS",
            LOCK,
            id="DEVICE_AUTHS",
        ),
        pytest.param(
            {"feature": "DEVICE_AUTHS", "smartlockId": LOCK, "smartlockAuth": None},
            "DEVICE_AUTHS",
            LOCK,
            id="DEVICE_AUTHS with the lock outside",
        ),
        pytest.param(
            {"feature": "ACCOUNT_USER", "deleted": False, "accountUser": {"accountUserId": 700}},
            "ACCOUNT_USER",
            None,
            id="ACCOUNT_USER",
        ),
        pytest.param(
            {"type": "UnlockAction", "requestId": "68c4", "smartlockId": LOCK, "success": True},
            "",
            LOCK,
            id="triggered by the API, about one lock",
        ),
        pytest.param(
            {"type": "AuthCreation", "success": False, "smartlockId": LOCK},
            "",
            LOCK,
            id="triggered by the API, without the request's id",
        ),
        pytest.param(
            {"feature": "DEVICE_NEW_THING", "smartlockId": LOCK, "new": [None]},
            "DEVICE_NEW_THING",
            LOCK,
            id="a feature that is new to us",
        ),
        pytest.param(
            {"feature": "DEVICE_STATUS", "smartlockId": 2**63 - 1},
            "DEVICE_STATUS",
            9_223_372_036_854_775_807,
            id="a number of 64 bits",
        ),
        pytest.param(
            {"feature": "DEVICE_STATUS", "smartlockId": 2**63},
            "DEVICE_STATUS",
            None,
            id="a number of more than 64 bits",
        ),
        pytest.param(
            {"feature": "DEVICE_STATUS", "smartlockId": "x"}, "DEVICE_STATUS", None, id="a word for a number"
        ),
        pytest.param(
            {"feature": ["DEVICE_STATUS"], "type": "LockAction"}, "", None, id="a list for a feature"
        ),
    ],
)
def test_a_delivery_says_which_lock_it_is_about(
    sent: dict[str, Any], feature: str, smartlock_id: int | None
) -> None:
    news = webhooks.read(json.dumps(sent).encode())

    assert (news.feature, news.smartlock_id) == (feature, smartlock_id)


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        pytest.param(
            {
                "feature": "DEVICE_STATUS",
                "smartlockId": LOCK,
                "state": {
                    "batteryCharge": 71,
                    "batteryCritical": False,
                    "keypadBatteryCritical": True,
                    "doorsensorBatteryCritical": False,
                },
                "serverState": 4,
            },
            told(
                feature="DEVICE_STATUS",
                server_state=4,
                battery_charge=71,
                battery_critical=False,
                keypad_battery_critical=True,
                door_sensor_battery_critical=False,
            ),
            id="a state",
        ),
        pytest.param(
            {
                "feature": "DEVICE_MASTERDATA",
                "smartlockId": LOCK,
                "type": 4,
                "deleted": True,
                "updateDate": "2026-03-01T08:00:00.250Z",
            },
            told(
                feature="DEVICE_MASTERDATA",
                updated_at=datetime(2026, 3, 1, 8, tzinfo=UTC),
                deleted=True,
            ),
            id="master data",
        ),
        pytest.param(
            {"feature": "DEVICE_CONFIG", "smartlockId": LOCK, "config": {}, "state": "x", "deleted": "yes"},
            told(feature="DEVICE_CONFIG"),
            id="a configuration, and things of other types",
        ),
        pytest.param(
            {
                "feature": "DEVICE_AUTHS",
                "deleted": True,
                "smartlockAuth": {
                    "id": "66aa00000000000000000002",
                    "smartlockId": LOCK,
                    "type": 13,
                    "name": "Guest A",
                    "operationId": {"timestamp": 1},
                    "updateDate": "2026-02-27T09:00:04.000Z",
                },
            },
            AuthorizationNews(
                LOCK,
                "66aa00000000000000000002",
                13,
                "Guest A",
                datetime(2026, 2, 27, 9, 0, 4, tzinfo=UTC),
                deleted=True,
                operation_runs=True,
            ),
            id="an authorization",
        ),
        pytest.param(
            {"feature": "DEVICE_AUTHS"},
            AuthorizationNews(None, None, None, "", None, deleted=False, operation_runs=False),
            id="an authorization of which nothing is told",
        ),
        pytest.param(
            {
                "feature": "DEVICE_LOGS",
                "smartlockLog": {
                    "id": "66aa00000000000000000001",
                    "smartlockId": LOCK,
                    "deviceType": 4,
                    "accountUserId": 700,
                    "authId": "66aa00000000000000000002",
                    "name": "Guest A",
                    "action": 1,
                    "trigger": 255,
                    "state": 0,
                    "autoUnlock": False,
                    "source": 1,
                    "date": "2026-03-01T14:03:11.000Z",
                },
            },
            LogNews(
                LogEntry(
                    id="66aa00000000000000000001",
                    smartlock_id=LOCK,
                    authorization_id="66aa00000000000000000002",
                    account_user_id=700,
                    name="Guest A",
                    action=1,
                    trigger=255,
                    state=0,
                    source=1,
                    at=datetime(2026, 3, 1, 14, 3, 11, tzinfo=UTC),
                    device_type=4,
                    auto_unlock=False,
                )
            ),
            id="a line of a log",
        ),
        pytest.param(
            {"feature": "ACCOUNT_USER", "deleted": True, "accountUser": {"accountUserId": 700}},
            UserNews(700, deleted=True),
            id="a user",
        ),
        pytest.param(
            {"feature": "ACCOUNT_USER", "accountUser": 700},
            UserNews(None, deleted=False),
            id="an unknown user",
        ),
        pytest.param(
            {"type": "UnlockAction", "requestId": "68c4", "smartlockId": LOCK, "success": True},
            RequestOutcome(
                kind="UnlockAction",
                request_id="68c4",
                succeeded=True,
                smartlock_id=LOCK,
                error_code=None,
                invite_code=None,
                details=(),
            ),
            id="an action that was carried out",
        ),
        pytest.param(
            {
                "type": "AuthCreation",
                "requestId": "68b1",
                "success": False,
                "detail": [
                    {"smartlockId": LOCK, "success": False, "errorCode": "FF", "id": "68b4"},
                    {"smartlockId": 5, "success": True, "inviteCode": "123456789"},
                    {"smartlockId": 6, "success": True, "code": 23456789},
                    None,
                ],
            },
            RequestOutcome(
                kind="AuthCreation",
                request_id="68b1",
                succeeded=False,
                smartlock_id=None,
                error_code=None,
                invite_code=None,
                details=(
                    outcome(LOCK, error_code="ff", authorization_id="68b4"),
                    outcome(5, succeeded=True, invite_code="123456789"),
                    outcome(6, succeeded=True, invite_code="023456789"),
                ),
            ),
            id="invites on several locks",
        ),
        pytest.param(
            {"feature": "DEVICE_LOGS", "smartlockLog": {"smartlockId": LOCK}},
            OtherNews("DEVICE_LOGS", LOCK),
            id="a line of a log that cannot be read",
        ),
        pytest.param(
            {"feature": "DEVICE_NEW_THING"}, OtherNews("DEVICE_NEW_THING", None), id="something new"
        ),
    ],
)
def test_what_a_delivery_says_is_read(sent: dict[str, Any], meant: webhooks.Delivery) -> None:
    assert webhooks.read(json.dumps(sent).encode()) == meant


def test_neither_codes_nor_names_are_shown_and_a_keypad_code_is_not_even_kept() -> None:
    made = {"id": "66aa", "smartlockId": LOCK, "type": 13, "name": "Ada Vogel", "code": 384174}
    line = {"id": "66ab", "smartlockId": LOCK, "name": "Ada Vogel", "action": 1, "trigger": 255, "state": 0}
    created = {"type": "AuthCreation", "requestId": "68b1", "success": True, "code": 384174111}
    news = [
        webhooks.read(json.dumps(sent).encode())
        for sent in (
            {"feature": "DEVICE_AUTHS", "smartlockAuth": made},
            {"feature": "DEVICE_LOGS", "smartlockLog": {**line, "date": "2026-03-01T14:03:11Z"}},
            {**created, "detail": [{"smartlockId": LOCK, "success": True, "inviteKey": 384174222}]},
        )
    ]

    shown = f"{news!r} {[str(one) for one in news]}"

    assert [type(one) for one in news] == [AuthorizationNews, LogNews, RequestOutcome]
    assert "384174" not in shown
    assert "Ada" not in shown
    assert "384174" not in str(vars(news[0]))


@pytest.mark.parametrize(
    ("succeeded", "error_code", "is_permanent"),
    [
        pytest.param(False, "2a", True, id="the code exists already"),
        pytest.param(False, "ff", False, id="the lock was offline"),
        pytest.param(False, "77", False, id="a code that is new to us"),
        pytest.param(False, None, False, id="no code"),
        pytest.param(True, "2a", False, id="no failure"),
    ],
)
def test_only_a_failure_of_a_known_kind_is_permanent(
    *, succeeded: bool, error_code: str | None, is_permanent: bool
) -> None:
    assert outcome(LOCK, succeeded=succeeded, error_code=error_code).is_permanent is is_permanent


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"hello", id="a text"),
        pytest.param(b"\xff\xfe\x00", id="bytes"),
        pytest.param(b"null", id="null"),
        pytest.param(b"7", id="a number"),
        pytest.param(b'"smartlockAuth"', id="a word that is a key elsewhere"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b'[{"feature": "DEVICE_STATUS"}]', id="a list of deliveries"),
        pytest.param(b"{}", id="an empty object"),
        pytest.param(b'{"smartlockId": 5}', id="neither feature nor type"),
        pytest.param(b'{"feature": null, "type": null}', id="null for both"),
        pytest.param(b'{"feature": "", "type": 4}', id="no words for both"),
        pytest.param(b"[" * 60_000, id="a list without a bottom"),
        pytest.param(b'{"feature": "A", "n": ' + b"9" * 5_000 + b"}", id="a number without end"),
    ],
)
def test_garbage_is_unreadable(body: bytes) -> None:
    with pytest.raises(webhooks.UnreadableDelivery, match="Not a delivery of Nuki Web"):
        webhooks.read(body)


def test_what_the_service_sends_is_genuine_and_about_the_lock_that_changed(clock: TurnedClock) -> None:
    posted: list[Post] = []

    def take(one: Post) -> int:
        posted.append(one)
        return 204

    simulator = Simulator(clock=clock, deliver=take)
    account: Account = simulator.add_account(name="Alice", token=TOKEN)
    door: Lock = simulator.add_lock(account, name="Front door", keypad="keypad2")

    with simulator.serve() as url:
        nuki = NukiClient(url, TOKEN)
        webhook = nuki.register_webhook("https://keys.example/hook")
        nuki.create_keypad_code(door.smartlock_id, ENTRY)
        nuki.sync(door.smartlock_id)
        clock.turn(seconds=60)
        simulator.type_code(door.smartlock_id, worlds.CODE)
        simulator.settle()

    for one in posted:
        webhooks.check(secret=webhook.secret, body=one.body, signed=one.headers[webhooks.SIGNATURE_HEADER])
    about = {webhooks.read(one.body) for one in posted}
    assert {news.smartlock_id for news in about} == {door.smartlock_id}
    assert {type(news) for news in about} == {AuthorizationNews, LockNews, LogNews}
    assert {news.feature for news in about} >= {"DEVICE_AUTHS", "DEVICE_LOGS", "DEVICE_MASTERDATA"}
    (opened,) = [news.entry for news in about if isinstance(news, LogNews)]
    assert (opened.was_opened_by_keypad, opened.is_refused_code) == (False, True)
