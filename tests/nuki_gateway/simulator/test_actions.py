"""Turning locks: which action fits which device, what a blocked motor does, and the Advanced results."""

import json
from typing import Any

import pytest

from nuki_gateway.simulator import Simulator
from nuki_gateway.simulator.webhooks import Post
from nuki_gateway.simulator.world import Account, Lock
from tests.nuki_gateway.simulator.caller import Caller
from tests.nuki_gateway.simulator.test_checks import EMPTY_EXCEPTION, complaint

SMART_LOCK, BOX, OPENER = 4, 1, 2


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


@pytest.mark.parametrize(
    ("device_type", "fit", "unfit"),
    [
        pytest.param(SMART_LOCK, {1, 2, 3, 4, 5}, {0, 6, 7, 8}, id="a smart lock"),
        pytest.param(BOX, {1}, {0, 2, 3, 4, 5, 6, 7}, id="a box"),
        pytest.param(OPENER, {1, 2, 3, 6, 7}, {0, 4, 5, 8}, id="an opener"),
    ],
)
def test_each_device_knows_its_own_actions(
    *,
    simulator: Simulator,
    alice: Account,
    nuki: Caller,
    device_type: int,
    fit: set[int],
    unfit: set[int],
) -> None:
    device = simulator.add_lock(alice, name="Device", device_type=device_type)
    statuses: dict[int, set[int]] = {204: set(), 400: set()}

    for action in sorted(fit | unfit):
        reply = nuki("POST", f"/smartlock/{device.smartlock_id}/action", {"action": action})
        statuses[reply.status].add(action)
        simulator.settle()

    assert statuses == {204: fit, 400: unfit}
    assert {line["action"] for line in nuki("GET", "/smartlock/log").json} == fit


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param({"action": 2, "option": 6}, 204, id="force and full lock"),
        pytest.param({"action": 2, "option": 8}, 400, id="no such option"),
        pytest.param({"option": 2}, 422, id="no action"),
    ],
)
def test_an_action_is_required_and_its_option_is_a_mask(
    nuki: Caller, door: Lock, body: dict[str, int], status: int
) -> None:
    assert nuki("POST", f"/smartlock/{door.smartlock_id}/action", body).status == status


@pytest.mark.parametrize(
    ("device_type", "lock", "unlock"),
    [
        pytest.param(SMART_LOCK, 204, 204, id="a smart lock does both"),
        pytest.param(BOX, 405, 204, id="a box opens"),
        pytest.param(OPENER, 405, 405, id="an opener does neither"),
    ],
)
@pytest.mark.parametrize("suffix", ["", "/advanced"])
def test_the_short_calls_are_not_allowed_on_an_unfit_device(
    *,
    simulator: Simulator,
    alice: Account,
    nuki: Caller,
    device_type: int,
    lock: int,
    unlock: int,
    suffix: str,
) -> None:
    device = simulator.add_lock(alice, name="Device", device_type=device_type)
    path = f"/smartlock/{device.smartlock_id}/action"

    locked = nuki("POST", f"{path}/lock{suffix}").status
    simulator.settle()
    unlocked = nuki("POST", f"{path}/unlock{suffix}").status

    accepted = 200 if suffix else 204
    assert (locked, unlocked) == tuple(accepted if one == 204 else one for one in (lock, unlock))


def test_a_blocked_motor_leaves_its_mark_and_nothing_opens(
    simulator: Simulator, nuki: Caller, door: Lock
) -> None:
    simulator.script.block_motor(door)

    status = nuki("POST", f"/smartlock/{door.smartlock_id}/action", {"action": 1}).status
    simulator.settle()

    assert status == 204
    assert nuki("GET", f"/smartlock/{door.smartlock_id}").json["state"]["state"] == 254
    (line,) = nuki("GET", "/smartlock/log").json
    assert (line["action"], line["trigger"], line["state"]) == (1, 4, 1)

    simulator.script.block_motor(door, blocked=False)
    nuki("POST", f"/smartlock/{door.smartlock_id}/action", {"action": 1})
    simulator.settle()
    assert nuki("GET", f"/smartlock/{door.smartlock_id}").json["state"]["state"] == 3


def test_an_advanced_action_is_answered_with_a_request_and_told_once_it_is_done(
    simulator: Simulator, nuki: Caller, door: Lock, told: list[dict[str, Any]]
) -> None:
    reply = nuki("POST", f"/smartlock/{door.smartlock_id}/action/advanced", {"action": 3})
    assert told == []
    simulator.settle()

    assert reply.status == 200
    request_id = reply.json["requestId"]
    assert set(reply.json) == {"requestId"}
    assert len(request_id) == 24
    assert told == [
        {
            "type": "UnlockAction",
            "requestId": request_id,
            "smartlockId": door.smartlock_id,
            "success": True,
        }
    ]
    assert simulator.world.requests == []


@pytest.mark.parametrize(
    ("trouble", "code"),
    [pytest.param("offline", "ff", id="offline"), pytest.param("motor", "42", id="motor")],
)
def test_an_advanced_action_that_fails_tells_its_error_code(
    *, simulator: Simulator, nuki: Caller, door: Lock, told: list[dict[str, Any]], trouble: str, code: str
) -> None:
    if trouble == "offline":
        simulator.take_offline(door.smartlock_id)
    else:
        simulator.script.block_motor(door)

    reply = nuki("POST", f"/smartlock/{door.smartlock_id}/action/unlock/advanced")
    simulator.settle()

    assert reply.status == 200
    assert [(one["type"], one["success"], one["errorCode"]) for one in told] == [
        ("UnlockAction", False, code)
    ]


def test_a_second_advanced_action_meanwhile_is_busy(
    simulator: Simulator, nuki: Caller, door: Lock, told: list[dict[str, Any]]
) -> None:
    path = f"/smartlock/{door.smartlock_id}/action/lock/advanced"
    nuki("POST", path)

    refused = nuki("POST", path)
    simulator.settle()

    assert (refused.status, refused.json) == (423, EMPTY_EXCEPTION)
    assert len(told) == 1


def test_an_unknown_action_is_complained_of(nuki: Caller, door: Lock) -> None:
    reply = nuki("POST", f"/smartlock/{door.smartlock_id}/action", {"action": 9})

    assert reply.json == complaint("action", "9")
