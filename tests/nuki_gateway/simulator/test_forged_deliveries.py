"""Webhooks that the service never sent: unsigned, signed wrongly, replayed or far too large."""

from collections.abc import Callable
from typing import Any

import pytest

from nuki_gateway.simulator import Simulator
from nuki_gateway.simulator.forgeries import NothingToReplay
from nuki_gateway.simulator.world import Account, Lock
from tests.nuki_gateway.simulator.caller import Caller
from tests.nuki_gateway.simulator.inbox import HOOK, Inbox, is_signed, register, tell


@pytest.mark.parametrize(
    ("order", "signed", "is_large"),
    [
        pytest.param(lambda script, alice: script.forge_webhook(alice), False, False, id="F21 unsigned"),
        pytest.param(
            lambda script, alice: script.sign_webhook_wrongly(alice), False, False, id="F21 a guess"
        ),
        pytest.param(
            lambda script, alice: script.sign_webhook_as_another(alice),
            False,
            False,
            id="F21 another's secret",
        ),
        pytest.param(lambda script, alice: script.replay_webhook(alice), True, False, id="F21 a replay"),
        pytest.param(lambda script, alice: script.oversize_webhook(alice), True, True, id="F21 oversized"),
    ],
)
def test_a_delivery_comes_that_the_service_never_sent(
    *,
    simulator: Simulator,
    calling: Callable[[str | None], Caller],
    nuki: Caller,
    alice: Account,
    door: Lock,
    inbox: Inbox,
    order: Callable[[Any, Account], None],
    signed: bool,
    is_large: bool,
) -> None:
    secret = register(nuki)["secret"]
    simulator.add_account(name="Charlie", token="charlie-token")
    others = register(calling("charlie-token"), "https://charlie.example.org/nuki")["secret"]
    tell(simulator, door)

    order(simulator.script, alice)

    _, forged = inbox.posts
    assert forged.url == HOOK
    assert is_signed(forged, secret) is signed
    assert (len(forged.body) > 1_000_000) is is_large
    assert is_signed(forged, others) is (order.__code__.co_names[0] == "sign_webhook_as_another")
    assert simulator.deliveries[-1].webhook_id == 0


def test_nothing_is_replayed_before_anything_was_sent_f21(
    simulator: Simulator, nuki: Caller, alice: Account
) -> None:
    register(nuki)

    with pytest.raises(NothingToReplay):
        simulator.script.replay_webhook(alice)
