"""What the cloud learns late: changes at the door, a lock that was offline, a keypad paired later."""

import pytest

from nuki_gateway.simulator import OfflineWrites, Simulator, TurnedClock
from nuki_gateway.simulator.world import Lock
from tests.nuki_gateway.simulator.caller import Caller
from tests.nuki_gateway.simulator.conftest import keypad_code

DAY = 24 * 60 * 60


def names(nuki: Caller, door: Lock) -> list[tuple[str, bool]]:
    found = nuki("GET", f"/smartlock/{door.smartlock_id}/auth").json
    return [(one["name"], one["enabled"]) for one in found]


def test_what_the_app_changes_is_unknown_until_a_forced_sync(
    simulator: Simulator, clock: TurnedClock, nuki: Caller, door: Lock
) -> None:
    app = simulator.in_the_app(door.smartlock_id)
    app.add_code("Ada", "384174")
    app.add_code("Bea", "384175")
    app.add_code("Cyd", "384176")
    nuki("POST", f"/smartlock/{door.smartlock_id}/sync")
    simulator.settle()
    app.disable("Ada")
    app.rename("Bea", "Bet")
    app.delete("Cyd")
    assert names(nuki, door) == [("Ada", True), ("Bea", True), ("Cyd", True)]

    synced = nuki("POST", f"/smartlock/{door.smartlock_id}/sync")
    assert len(nuki("GET", f"/smartlock/{door.smartlock_id}").json["operationId"]) == 24
    clock.turn(seconds=2)

    assert synced.status == 204
    assert names(nuki, door) == [("Ada", False), ("Bet", True)]
    lock = nuki("GET", f"/smartlock/{door.smartlock_id}").json
    assert "operationId" not in lock
    assert lock["updateDate"] == "2026-05-04T08:00:04.000Z"
    auths = nuki("GET", f"/smartlock/{door.smartlock_id}/auth").json
    assert {one["updateDate"] for one in auths} == {"2026-05-04T08:00:04.000Z"}


def test_the_daily_sync_finds_it_too(
    simulator: Simulator, clock: TurnedClock, nuki: Caller, door: Lock
) -> None:
    simulator.in_the_app(door.smartlock_id).add_code("Ada", "384174")

    clock.turn(seconds=DAY + 1)
    assert names(nuki, door) == []

    clock.turn(seconds=1)
    assert names(nuki, door) == [("Ada", True)]


def test_deleting_what_the_app_deleted_leaves_it_listed_until_a_sync(
    simulator: Simulator, nuki: Caller, door: Lock
) -> None:
    nuki("PUT", f"/smartlock/{door.smartlock_id}/auth", keypad_code())
    simulator.settle()
    simulator.in_the_app(door.smartlock_id).delete("Ada")
    (shape,) = nuki("GET", f"/smartlock/{door.smartlock_id}/auth").json

    assert nuki("DELETE", f"/smartlock/{door.smartlock_id}/auth/{shape['id']}").status == 204
    simulator.settle()
    assert names(nuki, door) == [("Ada", True)]

    nuki("POST", f"/smartlock/{door.smartlock_id}/sync")
    simulator.settle()
    assert names(nuki, door) == []


@pytest.mark.parametrize(
    ("mode", "after_return", "after_sync"),
    [
        pytest.param(OfflineWrites.DELIVERED_ON_RETURN, ["Ada"], ["Ada"], id="delivered"),
        pytest.param(OfflineWrites.LOST, [], [], id="lost"),
        pytest.param(OfflineWrites.PENDING, [], [], id="pending"),
    ],
)
def test_a_write_for_an_offline_lock_is_accepted_and_fares_as_its_mode_says(
    *,
    simulator: Simulator,
    nuki: Caller,
    door: Lock,
    mode: OfflineWrites,
    after_return: list[str],
    after_sync: list[str],
) -> None:
    simulator.take_offline(door.smartlock_id, writes=mode)
    status = nuki("PUT", f"/smartlock/{door.smartlock_id}/auth", keypad_code()).status
    action = nuki("POST", f"/smartlock/{door.smartlock_id}/action/unlock").status
    simulator.settle()
    assert (status, action) == (204, 423)
    assert nuki("GET", f"/smartlock/{door.smartlock_id}").json["serverState"] == 4
    assert simulator.codes_on(door.smartlock_id) == []
    assert names(nuki, door) == []

    simulator.bring_online(door.smartlock_id)
    simulator.settle()
    assert nuki("GET", f"/smartlock/{door.smartlock_id}").json["serverState"] == 0
    assert [one.name for one in simulator.codes_on(door.smartlock_id)] == after_return

    nuki("POST", f"/smartlock/{door.smartlock_id}/sync")
    simulator.settle()
    assert [name for name, _ in names(nuki, door)] == after_sync


def test_a_pending_change_keeps_the_authorization_busy_until_a_sync(
    simulator: Simulator, nuki: Caller, door: Lock
) -> None:
    nuki("PUT", f"/smartlock/{door.smartlock_id}/auth", keypad_code())
    simulator.settle()
    (shape,) = nuki("GET", f"/smartlock/{door.smartlock_id}/auth").json
    path = f"/smartlock/{door.smartlock_id}/auth/{shape['id']}"
    simulator.take_offline(door.smartlock_id, writes=OfflineWrites.PENDING)
    nuki("POST", path, {"name": "Ann"})
    simulator.bring_online(door.smartlock_id)
    simulator.settle()
    assert nuki("DELETE", path).status == 423

    nuki("POST", f"/smartlock/{door.smartlock_id}/sync")
    simulator.settle()

    assert names(nuki, door) == [("Ada", True)]
    assert nuki("DELETE", path).status == 204


def test_an_operation_that_is_cut_off_begins_again_on_return(
    simulator: Simulator, clock: TurnedClock, nuki: Caller, door: Lock
) -> None:
    nuki("PUT", f"/smartlock/{door.smartlock_id}/auth", keypad_code())
    clock.turn(seconds=1)
    simulator.take_offline(door.smartlock_id)
    clock.turn(seconds=60)
    assert simulator.codes_on(door.smartlock_id) == []

    simulator.bring_online(door.smartlock_id)
    clock.turn(seconds=1.5)

    assert [one.name for one in simulator.codes_on(door.smartlock_id)] == ["Ada"]


def test_an_action_turns_the_lock_and_a_second_one_meanwhile_is_busy(
    simulator: Simulator, nuki: Caller, door: Lock
) -> None:
    path = f"/smartlock/{door.smartlock_id}/action"

    statuses = [nuki("POST", path, {"action": 1}).status, nuki("POST", path, {"action": 2}).status]
    simulator.settle()

    assert statuses == [204, 423]
    assert nuki("GET", f"/smartlock/{door.smartlock_id}").json["state"]["state"] == 3
    (line,) = nuki("GET", f"/smartlock/{door.smartlock_id}/log").json
    assert (line["action"], line["trigger"], line["name"]) == (1, 4, "Nuki Web")
    assert nuki("POST", path, {"action": 9}).status == 400
