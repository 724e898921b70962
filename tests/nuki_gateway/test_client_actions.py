"""Telling a lock to move."""

import json

import pytest

from nuki_gateway import errors
from nuki_gateway.client import NukiClient
from nuki_gateway.models import Action, ActionOption, Confirmation, LockState
from nuki_gateway.simulator import Lock, Simulator
from tests.nuki_gateway.answering import answer, answering
from tests.nuki_gateway.conftest import TOKEN


def test_a_lock_is_unlocked_some_seconds_later_and_busy_until_then(
    simulator: Simulator, door: Lock, nuki: NukiClient
) -> None:
    nuki.act(door.smartlock_id, Action.UNLOCK)
    at_once = nuki.smart_lock(door.smartlock_id)
    with pytest.raises(errors.NukiBusy):
        nuki.act(door.smartlock_id, Action.LOCK)
    simulator.settle()

    assert (at_once.lock_state, at_once.operation_runs) == (LockState.LOCKED, True)
    assert nuki.smart_lock(door.smartlock_id).lock_state == LockState.UNLOCKED


def test_a_lock_that_is_not_reached_is_busy(simulator: Simulator, door: Lock, nuki: NukiClient) -> None:
    simulator.take_offline(door.smartlock_id)

    with pytest.raises(errors.NukiBusy):
        nuki.act(door.smartlock_id, Action.UNLATCH)


def test_a_token_without_the_scope_moves_nothing(simulator: Simulator, url: str) -> None:
    reader = simulator.add_account(name="Reader", token="reads-only", scopes=["smartlock.readOnly"])
    lodge = simulator.add_lock(reader, name="Lodge")

    with pytest.raises(errors.NukiForbidden):
        NukiClient(url, "reads-only").act(lodge.smartlock_id, Action.UNLOCK)
    simulator.settle()

    assert NukiClient(url, "reads-only").smart_lock(lodge.smartlock_id).lock_state == LockState.LOCKED


@pytest.mark.parametrize(
    ("action", "options", "body"),
    [
        pytest.param(Action.UNLOCK, ActionOption.NONE, {"action": 1, "option": 0}, id="unlock"),
        pytest.param(Action.LOCK, ActionOption.FULL_LOCK, {"action": 2, "option": 4}, id="full lock"),
        pytest.param(
            Action.LOCK,
            ActionOption.FORCE | ActionOption.FULL_LOCK,
            {"action": 2, "option": 6},
            id="both options",
        ),
        pytest.param(Action.UNLATCH, ActionOption.NONE, {"action": 3, "option": 0}, id="unlatch"),
        pytest.param(
            Action.CONTINUOUS_MODE_ON, ActionOption.NONE, {"action": 6, "option": 0}, id="continuous mode"
        ),
    ],
)
def test_actions_and_options_go_out_as_numbers(
    action: Action, options: ActionOption, body: dict[str, int]
) -> None:
    with answering(answer("204 No Content")) as service:
        NukiClient(service.url, TOKEN).act(5, action, options)

    (asked,) = service.asked
    assert asked.line == "POST /smartlock/5/action HTTP/1.1"
    assert json.loads(asked.body) == body


def test_an_advanced_action_gives_the_id_by_which_the_webhook_will_speak_of_it() -> None:
    with answering(answer("200 OK", b'{"requestId": "68c400000000000000000001"}')) as service:
        confirmation = NukiClient(service.url, TOKEN).act_advanced(5, Action.UNLOCK)

    (asked,) = service.asked
    assert asked.line == "POST /smartlock/5/action/advanced HTTP/1.1"
    assert json.loads(asked.body) == {"action": 1, "option": 0}
    assert confirmation == Confirmation("68c400000000000000000001", None)
