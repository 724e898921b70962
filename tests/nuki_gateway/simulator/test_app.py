"""App authorizations: invited by mail or by an Advanced call, redeemed, opening the door, running out."""

import json
from typing import Any

import pytest

from nuki_gateway.simulator import Simulator, TurnedClock
from nuki_gateway.simulator.authorization import Authorization
from nuki_gateway.simulator.webhooks import Post
from nuki_gateway.simulator.world import Account, Lock
from tests.nuki_gateway.simulator.caller import Caller


@pytest.fixture
def told(simulator: Simulator, nuki: Caller) -> list[dict[str, Any]]:
    received: list[dict[str, Any]] = []

    def deliver(post: Post) -> int:
        received.append(json.loads(post.body))
        return 200

    simulator.deliver = deliver
    hook = {"webhookUrl": "https://keyturn.example/hook", "webhookFeatures": ["DEVICE_MASTERDATA"]}
    nuki("PUT", "/api/decentralWebhook", hook)
    return received


@pytest.fixture
def ada(nuki: Caller) -> int:
    number: int = nuki("PUT", "/account/user", {"email": "ada@example.org", "name": "Ada"}).json[
        "accountUserId"
    ]
    return number


def invited(simulator: Simulator, nuki: Caller, door: Lock, user: int, **fields: Any) -> str:
    body = {"name": "Ada", "type": 0, "remoteAllowed": True, "accountUserId": user, **fields}
    assert nuki("PUT", f"/smartlock/{door.smartlock_id}/auth", body).status == 204
    simulator.settle()
    return simulator.invites[-1].authorization_id


def redeemed(simulator: Simulator, nuki: Caller, door: Lock, user: int, **fields: Any) -> str:
    authorization_id = invited(simulator, nuki, door, user, **fields)
    assert simulator.redeem_code(simulator.invites[-1].code)
    return authorization_id


def test_an_app_opens_once_its_invite_is_redeemed_and_its_use_is_seen(
    simulator: Simulator, nuki: Caller, door: Lock, ada: int
) -> None:
    authorization_id = invited(simulator, nuki, door, ada)
    assert simulator.open_with_app(authorization_id).reason == "invite not redeemed"
    assert simulator.redeem_code("123456789") is False
    assert simulator.redeem_code(simulator.invites[0].code) is True

    opened = simulator.open_with_app(authorization_id)
    simulator.settle()

    assert (opened.opened, opened.reason) == (True, "open")
    (line,) = nuki("GET", f"/smartlock/{door.smartlock_id}/log?authId={authorization_id}").json
    assert (line["name"], line["trigger"], line["state"], line["accountUserId"]) == ("Ada", 5, 0, ada)
    shape = nuki("GET", f"/smartlock/{door.smartlock_id}/auth/{authorization_id}").json
    assert (shape["lockCount"], shape["lastActiveDate"]) == (1, line["date"])
    assert nuki("GET", f"/smartlock/{door.smartlock_id}").json["state"]["state"] == 3


@pytest.mark.parametrize(
    ("fields", "remote", "reason"),
    [
        pytest.param({"allowedFromDate": "2026-05-05T08:00:00Z"}, False, "too early", id="too early"),
        pytest.param(
            {"allowedFromDate": "2026-05-01T08:00:00Z", "allowedUntilDate": "2026-05-03T08:00:00Z"},
            False,
            "ended",
            id="too late",
        ),
        pytest.param({"remoteAllowed": False}, True, "not allowed from afar", id="not from afar"),
        pytest.param({"remoteAllowed": False}, False, "open", id="at the door all the same"),
        pytest.param({}, True, "open", id="from afar"),
    ],
)
def test_the_device_judges_the_app_too(
    *,
    simulator: Simulator,
    nuki: Caller,
    door: Lock,
    ada: int,
    fields: dict[str, Any],
    remote: bool,
    reason: str,
) -> None:
    authorization_id = redeemed(simulator, nuki, door, ada, **fields)

    answer = simulator.open_with_app(authorization_id, remote=remote)

    assert (answer.opened, answer.reason) == (reason == "open", reason)


def test_an_app_that_is_disabled_deleted_or_cut_off_does_not_open(
    simulator: Simulator, nuki: Caller, door: Lock, ada: int
) -> None:
    authorization_id = redeemed(simulator, nuki, door, ada)
    path = f"/smartlock/{door.smartlock_id}/auth/{authorization_id}"

    simulator.take_offline(door.smartlock_id)
    assert simulator.open_with_app(authorization_id, remote=True).reason == "lock is offline"
    assert simulator.open_with_app(authorization_id).opened
    simulator.bring_online(door.smartlock_id)
    nuki("POST", path, {"enabled": False})
    simulator.settle()
    assert simulator.open_with_app(authorization_id).reason == "disabled"
    nuki("DELETE", path)
    simulator.settle()

    assert simulator.open_with_app(authorization_id).reason == "no longer on the lock"


def test_a_blocked_motor_keeps_the_app_out_and_counts_nothing(
    simulator: Simulator, nuki: Caller, door: Lock, ada: int
) -> None:
    authorization_id = redeemed(simulator, nuki, door, ada)
    simulator.script.block_motor(door)

    assert simulator.open_with_app(authorization_id).opened is False
    simulator.settle()

    (line,) = nuki("GET", "/smartlock/log").json
    assert line["state"] == 1
    assert nuki("GET", f"/smartlock/{door.smartlock_id}/auth/{authorization_id}").json["lockCount"] == 0


def test_an_advanced_create_invites_on_several_locks_and_hands_the_codes_over(
    *, simulator: Simulator, alice: Account, nuki: Caller, door: Lock, ada: int, told: list[dict[str, Any]]
) -> None:
    flat = simulator.add_lock(alice, name="Flat", keypad="keypad")
    body = {
        "name": "Ada",
        "remoteAllowed": True,
        "accountUserId": ada,
        "smartlockIds": [door.smartlock_id, flat.smartlock_id],
        "type": 13,
        "code": 384174,
    }

    reply = nuki("PUT", "/smartlock/auth/advanced", body)
    simulator.settle()

    assert (reply.status, set(reply.json)) == (200, {"requestId"})
    (result,) = told
    assert (result["type"], result["requestId"], result["success"]) == (
        "AuthCreation",
        reply.json["requestId"],
        True,
    )
    listed = nuki("GET", "/smartlock/auth").json
    assert [(one["id"], one["smartlockId"]) for one in result["detail"]] == [
        (one["id"], one["smartlockId"]) for one in listed
    ]
    assert {(one["type"], one.get("code")) for one in listed} == {(0, None)}
    assert simulator.invites == []
    assert [simulator.redeem_code(one["inviteCode"]) for one in result["detail"]] == [True, True]


def test_an_advanced_create_tells_what_failed_where(
    *, simulator: Simulator, alice: Account, nuki: Caller, door: Lock, ada: int, told: list[dict[str, Any]]
) -> None:
    full = simulator.add_lock(alice, name="Full", device_type=0)
    for number in range(100):
        full.device.add(Authorization(name=f"App {number}", type=0))
    simulator.take_offline(door.smartlock_id)
    locks = [door.smartlock_id, full.smartlock_id]
    body = {"name": "Ada", "remoteAllowed": True, "accountUserId": ada, "smartlockIds": locks}

    nuki("PUT", "/smartlock/auth/advanced", body)
    simulator.settle()

    (result,) = told
    assert result["success"] is False
    assert [(one["smartlockId"], one["success"], one["errorCode"]) for one in result["detail"]] == [
        (door.smartlock_id, False, "ff"),
        (full.smartlock_id, False, "13"),
    ]
    assert nuki("GET", "/smartlock/auth").json == []


def test_an_advanced_create_that_gets_lost_is_told_as_an_unknown_error(
    simulator: Simulator, nuki: Caller, door: Lock, ada: int, told: list[dict[str, Any]]
) -> None:
    body = {"name": "Ada", "remoteAllowed": True, "accountUserId": ada, "smartlockIds": [door.smartlock_id]}
    simulator.script.lose_next_write(door)

    nuki("PUT", "/smartlock/auth/advanced", body)
    simulator.settle()

    assert [(one["success"], one["detail"][0]["errorCode"]) for one in told] == [(False, "ff")]
    assert nuki("GET", "/smartlock/auth").json == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param({"name": "Ada", "remoteAllowed": True, "smartlockIds": []}, 422, id="nobody to invite"),
        pytest.param({"name": "Ada", "accountUserId": 1, "smartlockIds": [1]}, 422, id="no remoteAllowed"),
        pytest.param(
            {"name": "Ada", "remoteAllowed": True, "accountUserId": 1, "smartlockIds": []}, 400, id="no lock"
        ),
        pytest.param(
            {"name": "Ada", "remoteAllowed": True, "accountUserId": 1, "smartlockIds": [1]},
            404,
            id="an unknown lock",
        ),
    ],
)
def test_an_advanced_create_needs_its_fields(nuki: Caller, body: dict[str, Any], status: int) -> None:
    assert nuki("PUT", "/smartlock/auth/advanced", body).status == status


@pytest.mark.parametrize(
    ("device_type", "codes", "apps"),
    [
        pytest.param(0, 100, 100, id="Smart Lock 1 and 2"),
        pytest.param(3, 100, 200, id="Smart Door"),
        pytest.param(4, 200, 200, id="Smart Lock 3 and 4"),
        pytest.param(5, 200, 200, id="Smart Lock 5"),
    ],
)
def test_a_device_holds_so_many_codes_and_apps(
    *, simulator: Simulator, alice: Account, device_type: int, codes: int, apps: int
) -> None:
    device = simulator.add_lock(alice, name="Device", device_type=device_type, keypad="keypad").device

    assert (device.capacity, device.app_capacity) == (codes, apps)


def test_beyond_its_capacity_a_lock_accepts_a_plain_invite_and_nothing_follows(
    simulator: Simulator, clock: TurnedClock, nuki: Caller, door: Lock, ada: int
) -> None:
    door.device.app_capacity = 0

    authorization_id = invited(simulator, nuki, door, ada)
    clock.turn(seconds=60)

    assert nuki("GET", "/smartlock/auth").json == []
    assert simulator.redeem(simulator.invites[0]) is False
    assert simulator.open_with_app(authorization_id).opened is False
