"""What the cloud refuses, in which order, and with which body."""

from collections.abc import Callable
from typing import Any

import pytest

from nuki_gateway.simulator import Simulator
from nuki_gateway.simulator.world import Account, Lock
from tests.nuki_gateway.simulator.caller import Caller
from tests.nuki_gateway.simulator.conftest import keypad_code

EMPTY_EXCEPTION: dict[str, Any] = {"stackTrace": [], "suppressedExceptions": []}
Calling = Callable[[str | None], Caller]


def complaint(parameter: str, value: str) -> dict[str, Any]:
    message = f"The supplied value '{value}' for parameter '{parameter}' is not valid"
    return {"detailMessage": message, **EMPTY_EXCEPTION}


TOO_LONG = "A name of 21 letters!"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(b"{", 422, id="not JSON, before anything else"),
        pytest.param([], 422, id="not an object"),
        pytest.param({"type": 13, "code": 12}, 422, id="no name, before the code's shape"),
        pytest.param({"name": "Ada", "type": 13, "code": "384174"}, 422, id="a code that is text"),
        pytest.param({"name": TOO_LONG, "type": 13}, 422, id="a long name, before the missing code"),
        pytest.param({"name": "Ada", "type": 0}, 422, id="an invite without remoteAllowed"),
        pytest.param(keypad_code(allowedFromDate="tomorrow"), 422, id="a date that is none"),
    ],
)
def test_what_cannot_be_read_is_answered_with_422(nuki: Caller, door: Lock, body: Any, status: int) -> None:
    reply = nuki("PUT", f"/smartlock/{door.smartlock_id}/auth", body)

    assert reply.status == status
    assert set(reply.json) == {"code", "description", "homeRef", "reasonPhrase", "uri"}
    assert door.queue == []


@pytest.mark.parametrize(
    ("body", "parameter", "value"),
    [
        pytest.param({"name": "Ada", "type": 13}, "code", "null", id="no code, before the missing keypad"),
        pytest.param(keypad_code(code=123456), "code", "123456", id="a code that starts with 12"),
        pytest.param(keypad_code(code=384074), "code", "384074", id="a code with a zero"),
        pytest.param(keypad_code(code=38417), "code", "38417", id="a code of five digits"),
        pytest.param(
            {"name": "Ada", "type": 0, "remoteAllowed": True, "code": 384174},
            "code",
            "384174",
            id="an invite with a code",
        ),
        pytest.param(keypad_code(), "type", "13", id="no keypad, last of all"),
        pytest.param(
            {"name": "Ada", "type": 0, "remoteAllowed": True},
            "accountUserId",
            "null",
            id="an invite without a user",
        ),
        pytest.param(keypad_code(allowedWeekDays=128), "allowedWeekDays", "128", id="an eighth weekday"),
    ],
)
def test_a_value_is_refused_with_the_programs_own_complaint(
    *, simulator: Simulator, alice: Account, nuki: Caller, body: Any, parameter: str, value: str
) -> None:
    bare = simulator.add_lock(alice, name="Cellar", keypad=None)

    reply = nuki("PUT", f"/smartlock/{bare.smartlock_id}/auth", body)

    assert (reply.status, reply.json) == (400, complaint(parameter, value))
    assert bare.queue == []


def test_a_code_that_the_cloud_knows_is_a_conflict_even_while_it_is_on_its_way(
    nuki: Caller, door: Lock
) -> None:
    nuki("PUT", f"/smartlock/{door.smartlock_id}/auth", keypad_code("Ada"))

    reply = nuki("PUT", f"/smartlock/{door.smartlock_id}/auth", keypad_code("Bea"))

    assert (reply.status, reply.json) == (409, EMPTY_EXCEPTION)
    assert len(door.queue) == 1


def test_the_same_code_may_be_on_another_lock(
    simulator: Simulator, alice: Account, nuki: Caller, door: Lock
) -> None:
    flat = simulator.add_lock(alice, name="Flat", keypad="keypad")
    body = {**keypad_code(), "smartlockIds": [door.smartlock_id, flat.smartlock_id]}

    reply = nuki("PUT", "/smartlock/auth", body)
    simulator.settle()

    assert (reply.status, reply.body) == (204, b"")
    assert [one.code for one in simulator.codes_on(door.smartlock_id)] == ["384174"]
    assert [one.code for one in simulator.codes_on(flat.smartlock_id)] == ["384174"]


def test_a_call_without_a_good_token_is_refused(
    simulator: Simulator, alice: Account, calling: Calling
) -> None:
    assert calling(None)("GET", "/smartlock").status == 401
    assert calling("wrong")("GET", "/smartlock").status == 401

    alice.revoked = True

    assert calling(alice.token)("GET", "/smartlock").status == 401
    assert [(call.account, call.status) for call in simulator.calls] == [(None, 401)] * 3


def test_a_token_reaches_only_what_its_scopes_and_its_account_allow(
    simulator: Simulator, door: Lock, calling: Calling
) -> None:
    charlie = simulator.add_account(name="Charlie", token="charlie-token", scopes=["smartlock.readOnly"])
    his = calling(charlie.token)

    assert his("GET", "/smartlock").json == []
    assert his("GET", f"/smartlock/{door.smartlock_id}").status == 403
    assert his("GET", "/smartlock/1").status == 404
    assert his("GET", "/smartlock/auth").status == 403
    assert his("GET", "/nothing").status == 404
    assert his("PUT", f"/smartlock/{door.smartlock_id}").status == 405


@pytest.mark.parametrize("status", [401, 402, 403, 404, 405, 422, 429, 500, 502, 503])
def test_most_refusals_have_the_body_of_the_framework(
    simulator: Simulator, nuki: Caller, status: int
) -> None:
    simulator.script.answer_next(None, "GET", status)

    reply = nuki("GET", "/smartlock")

    assert reply.status == status
    assert set(reply.json) == {"code", "description", "homeRef", "reasonPhrase", "uri"}
    assert (reply.json["code"], reply.json["homeRef"]) == (status, "/")
    assert reply.json["reasonPhrase"] != "Error"


@pytest.mark.parametrize("status", [409, 423])
def test_conflicts_and_running_operations_have_the_body_of_an_empty_exception(
    simulator: Simulator, nuki: Caller, status: int
) -> None:
    simulator.script.answer_next(None, "GET", status)

    reply = nuki("GET", "/smartlock")

    assert (reply.status, reply.json) == (status, EMPTY_EXCEPTION)


def test_a_lock_looks_like_a_recorded_one_without_empty_keys(nuki: Caller, door: Lock) -> None:
    (shape,) = nuki("GET", "/smartlock").json

    assert set(shape) == {
        *("accountId", "adminPinState", "advancedConfig", "authId", "config", "creationDate"),
        *("currentSubscription", "favorite", "firmwareVersion", "hardwareVersion", "lmType", "name"),
        *("serverState", "smartlockId", "state", "type", "updateDate", "virtualDevice"),
    }
    assert 4 * 2**32 <= door.smartlock_id < 5 * 2**32
    assert shape["config"]["keypad2Paired"] is True
    assert shape["config"]["keypadPaired"] is False
    assert shape["config"]["timezoneId"] == 37
    assert shape["creationDate"] == "2026-05-04T08:00:00.000Z"
