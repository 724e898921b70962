"""Which deliveries are genuine, and what they are about."""

import hashlib
import hmac
import json
from typing import Any

import pytest

from nuki_gateway import webhooks
from nuki_gateway.client import NukiClient
from nuki_gateway.simulator import Account, Lock, Post, Simulator, TurnedClock
from nuki_gateway.webhooks import Delivery
from tests import worlds
from tests.nuki_gateway.conftest import ENTRY, TOKEN

SECRET = "5e3c0de5e3c0de5e3c0de5e3c0de5e3c0de5e3c0"
BODY = b'{"feature":"DEVICE_STATUS","smartlockId":17901234567}'
SIGNED = hmac.new(SECRET.encode(), BODY, hashlib.sha256).hexdigest()
LOCK = 17_901_234_567


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
    ("sent", "meant"),
    [
        pytest.param(
            {"feature": "DEVICE_STATUS", "smartlockId": LOCK, "state": {"mode": 2}, "serverState": 4},
            Delivery("DEVICE_STATUS", LOCK),
            id="DEVICE_STATUS",
        ),
        pytest.param(
            {"feature": "DEVICE_MASTERDATA", "deleted": True, "smartlockId": LOCK, "authId": 300200100},
            Delivery("DEVICE_MASTERDATA", LOCK),
            id="DEVICE_MASTERDATA",
        ),
        pytest.param(
            {"feature": "DEVICE_CONFIG", "smartlockId": LOCK, "config": {"keypadPaired": True}},
            Delivery("DEVICE_CONFIG", LOCK),
            id="DEVICE_CONFIG",
        ),
        pytest.param(
            {"feature": "DEVICE_LOGS", "smartlockLog": {"id": "66aa", "smartlockId": LOCK, "action": 1}},
            Delivery("DEVICE_LOGS", LOCK),
            id="DEVICE_LOGS",
        ),
        pytest.param(
            {
                "feature": "DEVICE_AUTHS",
                "deleted": False,
                "smartlockAuth": {"id": "66aa", "smartlockId": LOCK, "code": 345678, "type": 13},
            },
            Delivery("DEVICE_AUTHS", LOCK),
            id="DEVICE_AUTHS",
        ),
        pytest.param(
            {"feature": "ACCOUNT_USER", "deleted": False, "accountUser": {"accountUserId": 700}},
            Delivery("ACCOUNT_USER", None),
            id="ACCOUNT_USER",
        ),
        pytest.param(
            {"type": "UnlockAction", "requestId": "68c4", "smartlockId": LOCK, "success": True},
            Delivery("", LOCK),
            id="triggered by the API, about one lock",
        ),
        pytest.param(
            {
                "type": "AuthCreation",
                "requestId": "68b1",
                "success": False,
                "detail": [{"smartlockId": LOCK, "success": False, "errorCode": "ff"}],
            },
            Delivery("", None),
            id="triggered by the API, about several locks",
        ),
        pytest.param(
            {"feature": "DEVICE_NEW_THING", "smartlockId": LOCK, "new": [None]},
            Delivery("DEVICE_NEW_THING", LOCK),
            id="a feature that is new to us",
        ),
        pytest.param({"feature": None, "smartlockId": None}, Delivery("", None), id="null"),
        pytest.param(
            {"feature": "DEVICE_STATUS", "smartlockId": 2**63 - 1},
            Delivery("DEVICE_STATUS", 9_223_372_036_854_775_807),
            id="a number of 64 bits",
        ),
        pytest.param({}, Delivery("", None), id="nothing"),
    ],
)
def test_a_delivery_says_which_lock_it_is_about(sent: dict[str, Any], meant: Delivery) -> None:
    assert webhooks.read(json.dumps(sent).encode()) == meant


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
        pytest.param(b'{"smartlockId": "x"}', id="a lock without a number"),
        pytest.param(b'{"smartlockId": {}}', id="an object for a number"),
        pytest.param(b'{"smartlockId": Infinity}', id="a number without end"),
        pytest.param(b'{"smartlockAuth": null}', id="null inside"),
        pytest.param(b'{"smartlockLog": []}', id="a list inside"),
        pytest.param(b"[" * 60_000, id="a list without a bottom"),
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
    assert {delivery.smartlock_id for delivery in about} == {door.smartlock_id}
    assert {delivery.feature for delivery in about} >= {"DEVICE_AUTHS", "DEVICE_LOGS", "DEVICE_MASTERDATA"}
