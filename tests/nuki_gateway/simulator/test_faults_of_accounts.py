"""An account loses a subscription, a lock or a right, and its invites are left lying."""

from collections.abc import Callable

import pytest

from nuki_gateway.simulator import Simulator
from nuki_gateway.simulator.world import Account, Lock
from tests.nuki_gateway.simulator.caller import Caller
from tests.nuki_gateway.simulator.conftest import keypad_code
from tests.nuki_gateway.simulator.doors import listed, opens, path


def test_a_lock_without_a_subscription_is_refused_until_it_is_renewed_f24(
    simulator: Simulator, nuki: Caller, door: Lock
) -> None:
    simulator.script.end_subscription(door)
    refused = nuki("PUT", path(door), keypad_code()).status

    simulator.script.renew_subscription(door)

    assert refused == 403
    assert nuki("PUT", path(door), keypad_code()).status == 204


def test_a_lock_that_left_the_account_is_refused_and_its_codes_open_on_f25(
    simulator: Simulator, nuki: Caller, door: Lock, ada: str
) -> None:
    simulator.script.leave_account(door)

    assert nuki("DELETE", ada).status == 403
    assert nuki("GET", "/smartlock").json == []
    assert opens(simulator, door)


def test_a_replaced_lock_has_another_id_and_no_codes_f25(
    simulator: Simulator, nuki: Caller, door: Lock, ada: str
) -> None:
    made = simulator.script.replace_lock(door)

    assert nuki("GET", ada).status == 403
    assert [one["smartlockId"] for one in nuki("GET", "/smartlock").json] == [made.smartlock_id]
    assert listed(nuki, made) == []
    assert not opens(simulator, made)
    assert nuki("PUT", path(made), keypad_code()).status == 204
    simulator.settle()
    assert opens(simulator, made)


def test_a_lock_that_changes_its_id_finishes_what_was_on_its_way_f25(
    simulator: Simulator, nuki: Caller, door: Lock
) -> None:
    nuki("PUT", path(door), keypad_code())
    old = door.smartlock_id

    new = simulator.script.change_id(door)
    simulator.settle()

    assert new == door.smartlock_id != old
    assert nuki("GET", f"/smartlock/{old}/auth").status == 404
    assert listed(nuki, door) == ["Ada"]
    assert opens(simulator, door)


def test_an_invite_that_somebody_leaves_lying_is_never_redeemed_f26(
    simulator: Simulator, nuki: Caller, door: Lock
) -> None:
    user = nuki("PUT", "/account/user", {"email": "guest@example.org", "name": "Gus"}).json
    nuki("PUT", path(door), {"name": "Gus", "remoteAllowed": False, "accountUserId": user["accountUserId"]})
    simulator.settle()
    simulator.script.ignore_next_invite()

    (invite,) = simulator.invites

    assert [simulator.redeem(invite), simulator.redeem(invite)] == [False, False]


@pytest.mark.parametrize(
    ("break_it", "mend_it", "status"),
    [
        pytest.param(
            lambda sim, alice: sim.script.revoke_token(alice),
            lambda sim, alice: sim.script.restore_token(alice),
            401,
            id="F12 token revoked",
        ),
        pytest.param(
            lambda sim, alice: sim.script.lose_scope(alice, "smartlock.auth"),
            lambda sim, alice: sim.script.regain_scope(alice, "smartlock.auth"),
            403,
            id="F12 scope lost",
        ),
    ],
)
def test_an_account_loses_its_rights_and_gets_them_back(
    *,
    simulator: Simulator,
    nuki: Caller,
    alice: Account,
    door: Lock,
    break_it: Callable[[Simulator, Account], None],
    mend_it: Callable[[Simulator, Account], None],
    status: int,
) -> None:
    break_it(simulator, alice)
    refused = nuki("PUT", path(door), keypad_code()).status

    mend_it(simulator, alice)

    assert refused == status
    assert nuki("PUT", path(door), keypad_code()).status == 204
