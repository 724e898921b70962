"""What lists show: filters, pages, the account's log, and locks whose subscription ended."""

from typing import Any

import pytest

from nuki_gateway.simulator import Simulator, Switches, TurnedClock, subscriptions
from nuki_gateway.simulator.world import Account, Lock
from tests.nuki_gateway.simulator.caller import Caller
from tests.nuki_gateway.simulator.conftest import keypad_code
from tests.nuki_gateway.simulator.test_checks import Calling, complaint

UNKNOWN = "0123456789abcdef01234567"


def furnished(simulator: Simulator, nuki: Caller, door: Lock) -> int:
    """Put a keypad code and an app of one person on the door; return the person's number."""
    user: int = nuki("PUT", "/account/user", {"email": "ada@example.org", "name": "Ada"}).json[
        "accountUserId"
    ]
    path = f"/smartlock/{door.smartlock_id}/auth"
    nuki("PUT", path, {"name": "App", "type": 0, "remoteAllowed": True, "accountUserId": user})
    nuki("PUT", path, keypad_code("Code"))
    simulator.settle()
    return user


def names(nuki: Caller, path: str) -> list[str]:
    found = nuki("GET", path).json
    return [one["name"] for one in (found if isinstance(found, list) else found["results"])]


@pytest.mark.parametrize("path", ["/smartlock/auth", "/smartlock/auth/paged"])
def test_authorizations_are_chosen_by_type_and_person(
    simulator: Simulator, nuki: Caller, door: Lock, path: str
) -> None:
    user = furnished(simulator, nuki, door)

    assert sorted(names(nuki, path)) == ["App", "Code"]
    assert names(nuki, f"{path}?types=13") == ["Code"]
    assert sorted(names(nuki, f"{path}?types=0,13")) == ["App", "Code"]
    assert names(nuki, f"{path}?accountUserId={user}") == ["App"]
    assert names(nuki, f"{path}?accountUserId=-1") == ["Code"]
    assert names(nuki, f"{path}?accountUserId={user + 1}") == []
    assert nuki("GET", f"{path}?types=keypad").json == complaint("types", "keypad")


def test_one_locks_list_knows_types_and_no_persons(simulator: Simulator, nuki: Caller, door: Lock) -> None:
    furnished(simulator, nuki, door)
    path = f"/smartlock/{door.smartlock_id}/auth"

    assert names(nuki, f"{path}?types=13") == ["Code"]
    assert sorted(names(nuki, f"{path}?accountUserId=-1")) == ["App", "Code"]


def test_pages_are_counted_from_zero_and_neighbours_named_as_text(
    simulator: Simulator, nuki: Caller, door: Lock
) -> None:
    furnished(simulator, nuki, door)

    first = nuki("GET", "/smartlock/auth/paged?size=1").json["pagination"]
    beyond = nuki("GET", "/smartlock/auth/paged?size=1&page=2").json
    whole = nuki("GET", "/smartlock/auth/paged").json["pagination"]

    assert first == {"totalItems": 2, "totalPages": 2, "currentPage": 0, "nextPage": "1", "pageSize": 1}
    assert (beyond["results"], beyond["pagination"]["prevPage"]) == ([], "1")
    assert whole == {"totalItems": 2, "totalPages": 1, "currentPage": 0, "pageSize": 100}


@pytest.mark.parametrize("switches", [Switches(unknown_authorization_status=403)])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_unknown_authorization_is_answered_as_the_switch_says(
    nuki: Caller, door: Lock, method: str
) -> None:
    body = {"name": "Ada"} if method == "POST" else None

    assert nuki(method, f"/smartlock/{door.smartlock_id}/auth/{UNKNOWN}", body).status == 403


def test_locks_are_chosen_by_type_and_by_the_accounts_authorization(
    simulator: Simulator, alice: Account, nuki: Caller, door: Lock
) -> None:
    opener = simulator.add_lock(alice, name="Opener", device_type=2)

    assert names(nuki, "/smartlock?type=2") == ["Opener"]
    assert names(nuki, f"/smartlock?authId={door.authorization_id}") == ["Front door"]
    assert names(nuki, f"/smartlock?type=4&authId={opener.authorization_id}") == []


def test_the_accounts_log_has_all_its_locks_and_the_filters_of_one(
    simulator: Simulator, clock: TurnedClock, alice: Account, nuki: Caller, door: Lock
) -> None:
    user = furnished(simulator, nuki, door)
    flat = simulator.add_lock(alice, name="Flat", keypad="keypad")
    simulator.redeem(simulator.invites[0])
    simulator.open_with_app(simulator.invites[0].authorization_id)
    clock.turn(seconds=60)
    nuki("POST", f"/smartlock/{flat.smartlock_id}/action", {"action": 2})
    simulator.settle()

    both = nuki("GET", "/smartlock/log?dateSince=2030-01-01").json
    at = both[0]["date"]

    assert [one["smartlockId"] for one in both] == [flat.smartlock_id, door.smartlock_id]
    assert names(nuki, f"/smartlock/log?accountUserId={user}") == ["App"]
    assert names(nuki, "/smartlock/log?action=2") == ["Nuki Web"]
    assert names(nuki, f"/smartlock/log?fromDate={at}") == ["Nuki Web"]
    assert names(nuki, f"/smartlock/log?toDate={both[1]['date']}") == ["App"]
    assert names(nuki, "/smartlock/log?limit=1") == ["Nuki Web"]
    assert names(nuki, f"/smartlock/log?id={both[0]['id']}") == ["App"]
    assert names(nuki, f"/smartlock/log?authId={UNKNOWN}") == ["Nuki Web", "App"]
    assert names(nuki, f"/smartlock/{door.smartlock_id}/log?authId={UNKNOWN}") == []


def test_a_cursor_whose_line_is_gone_still_marks_its_place(
    simulator: Simulator, clock: TurnedClock, nuki: Caller, door: Lock
) -> None:
    for action in (1, 2, 3):
        nuki("POST", f"/smartlock/{door.smartlock_id}/action", {"action": action})
        simulator.settle()
        clock.turn(seconds=5)
    cursor = nuki("GET", "/smartlock/log").json[1]["id"]

    door.copy.log = [line for line in door.copy.log if line.id != cursor]

    assert [one["action"] for one in nuki("GET", f"/smartlock/log?id={cursor}").json] == [1]


@pytest.mark.parametrize(
    ("switches", "status"),
    [
        pytest.param(Switches(), 403, id="403"),
        pytest.param(Switches(ended_subscription_status=402), 402, id="402 by a switch"),
    ],
)
def test_a_lock_without_its_subscription_is_refused_to_short_rentals(
    simulator: Simulator, nuki: Caller, door: Lock, status: int
) -> None:
    furnished(simulator, nuki, door)
    (entry_id, *_) = door.copy.entries
    path = f"/smartlock/{door.smartlock_id}"
    assert nuki("GET", path).status == 200

    simulator.script.end_subscription(door)

    calls: list[tuple[str, str, Any]] = [
        ("GET", path, None),
        ("GET", f"{path}/auth", None),
        ("GET", f"{path}/auth/{entry_id}", None),
        ("GET", f"{path}/log", None),
        ("PUT", f"{path}/auth", keypad_code("Bea", 555555)),
        ("POST", "/smartlock/auth", [{"id": entry_id, "name": "Bea"}]),
        ("DELETE", "/smartlock/auth", [entry_id]),
        ("POST", f"{path}/action/advanced", {"action": 1}),
    ]
    assert [nuki(*call).status for call in calls] == [status] * len(calls)
    assert door.queue == []


def test_lists_name_the_lock_without_its_subscription_and_withhold_the_rest(
    simulator: Simulator, nuki: Caller, alice: Account, door: Lock
) -> None:
    user = furnished(simulator, nuki, door)
    simulator.type_code(door.smartlock_id, "384174")
    simulator.settle()
    alice.kind = "SHORT_RENTAL"
    flat = simulator.add_lock(alice, name="Flat")
    subscriptions.set_state(simulator.engine, door, "CANCELLED")
    error = f"No active Smart Hosting subscription for smartlocks: {door.smartlock_id}"

    locks = nuki("GET", "/smartlock").json
    entries = nuki("GET", "/smartlock/auth").json
    lines = nuki("GET", "/smartlock/log").json
    body = {"name": "Bea", "remoteAllowed": True, "accountUserId": user}
    ids = [door.smartlock_id, flat.smartlock_id]
    advanced = nuki("PUT", "/smartlock/auth/advanced", {**body, "smartlockIds": ids})

    assert [one.get("error") for one in locks] == [error, None]
    assert [("config" in one, one["currentSubscription"]["state"]) for one in locks] == [
        (False, "CANCELLED"),
        (True, "ACTIVE"),
    ]
    assert {one["error"] for one in entries} == {error}
    assert not any("code" in one for one in entries)
    assert [(one["error"], "authId" in one) for one in lines] == [(error, False)]
    assert (advanced.status, advanced.json["error"]) == (200, error)
    assert len(flat.queue) == 1

    for_nobody = nuki("PUT", "/smartlock/auth/advanced", {**body, "smartlockIds": ids[:1]})
    assert for_nobody.json["error"] == error
    assert len(simulator.world.requests) == 1


def test_an_api_token_of_ones_own_needs_no_subscription(
    simulator: Simulator, door: Lock, calling: Calling, alice: Account
) -> None:
    subscriptions.set_state(simulator.engine, door, "EXPIRED")

    shape = calling(alice.token)("GET", f"/smartlock/{door.smartlock_id}").json

    assert shape["currentSubscription"]["state"] == "EXPIRED"
    assert "error" not in shape
