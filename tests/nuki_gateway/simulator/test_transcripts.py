"""What people recorded of the real service, call by call, each as one exchange with the simulator."""

from nuki_gateway.simulator import Simulator, TurnedClock
from nuki_gateway.simulator.world import Account, Lock
from tests.nuki_gateway.simulator.caller import Caller
from tests.nuki_gateway.simulator.conftest import keypad_code
from tests.nuki_gateway.simulator.test_checks import complaint
from tests.nuki_gateway.simulator.test_writes import create, created, listed


def test_the_fifth_rapid_write_is_refused_and_the_third_value_stands(
    simulator: Simulator, nuki: Caller, door: Lock
) -> None:
    path = created(simulator, nuki, door)
    for code in (111111, 222222, 333333):
        assert nuki("POST", path, {"code": code}).status == 204
        simulator.settle()

    assert nuki("POST", path, {"code": 444444}).status == 204
    refused = nuki("POST", path, {"code": 555555})
    simulator.settle()

    assert refused.status == 423
    assert refused.json == {"stackTrace": [], "suppressedExceptions": []}
    assert [one.code for one in simulator.codes_on(door.smartlock_id)] == ["333333"]
    assert [one["code"] for one in listed(nuki, door)] == [333333]


def test_an_update_clears_the_window_it_does_not_repeat_and_keeps_the_rest(
    simulator: Simulator, nuki: Caller, door: Lock
) -> None:
    path = created(simulator, nuki, door)

    nuki("POST", path, {"enabled": False, "allowedFromDate": "2026-05-05T13:00:00Z"})
    simulator.settle()

    shape = nuki("GET", path).json
    assert (shape["name"], shape["code"], shape["enabled"]) == ("Ada", 384174, False)
    assert {key: one for key, one in shape.items() if key.startswith("allowed")} == {
        "allowedFromDate": "2026-05-05T13:00:00.000Z"
    }


def test_a_keypad_that_the_cloud_does_not_know_is_found_by_a_sync(
    simulator: Simulator, alice: Account, nuki: Caller
) -> None:
    flat = simulator.add_lock(alice, name="Flat", keypad=None)
    simulator.set_keypad(flat.smartlock_id, "keypad2", known_to_cloud=False)
    path = f"/smartlock/{flat.smartlock_id}/auth"
    assert nuki("PUT", path, keypad_code()).status == 400

    nuki("POST", f"/smartlock/{flat.smartlock_id}/sync")
    simulator.settle()

    assert nuki("PUT", path, keypad_code()).status == 204


def test_a_ghost_is_off_the_lock_but_listed_and_blocks_its_code_until_a_sync(
    simulator: Simulator, nuki: Caller, door: Lock
) -> None:
    path = created(simulator, nuki, door)
    simulator.script.ghost_next_delete(door)

    assert nuki("DELETE", path).status == 204
    simulator.settle()
    assert simulator.codes_on(door.smartlock_id) == []
    assert [one["name"] for one in listed(nuki, door)] == ["Ada"]
    assert create(nuki, door) == 409

    nuki("POST", f"/smartlock/{door.smartlock_id}/sync")
    simulator.settle()
    assert listed(nuki, door) == []
    assert create(nuki, door) == 204


def test_the_log_is_read_backwards_by_cursor_in_pages_of_fifty_at_most(
    simulator: Simulator, clock: TurnedClock, nuki: Caller, door: Lock
) -> None:
    simulator.in_the_app(door.smartlock_id).add_code("Ada", "384174")
    for _ in range(134):
        simulator.type_code(door.smartlock_id, "384174")
        clock.turn(seconds=1)
    simulator.settle()
    path = f"/smartlock/{door.smartlock_id}/log"

    pages = [nuki("GET", f"{path}?limit=500&offset=7").json]
    while pages[-1]:
        pages.append(nuki("GET", f"{path}?limit=500&id={pages[-1][-1]['id']}").json)

    assert [len(page) for page in pages] == [50, 50, 34, 0]
    dates = [line["date"] for page in pages for line in page]
    assert dates == sorted(dates, reverse=True)
    assert len(set(dates)) == 134
    assert len(nuki("GET", path).json) == 20
    assert len(nuki("GET", f"{path}?fromDate=2026-05-04T08:02:00Z").json) == 14
    assert nuki("GET", f"{path}?fromDate=1777881600").status == 400


def test_a_missing_code_is_complained_of_first_and_a_missing_keypad_with_a_good_code_next(
    simulator: Simulator, alice: Account, nuki: Caller
) -> None:
    bare = simulator.add_lock(alice, name="Cellar", keypad=None)
    path = f"/smartlock/{bare.smartlock_id}/auth"

    without_code = nuki("PUT", path, {"name": "Ada", "type": 13})
    with_code = nuki("PUT", path, keypad_code())

    assert (without_code.status, without_code.json) == (400, complaint("code", "null"))
    assert (with_code.status, with_code.json) == (400, complaint("type", "13"))


def test_an_update_of_the_code_alone_is_accepted_and_keeps_the_name(
    simulator: Simulator, nuki: Caller, door: Lock
) -> None:
    path = created(simulator, nuki, door)

    status = nuki("POST", path, {"code": 555555}).status
    simulator.settle()

    assert status == 204
    assert [(one["name"], one["code"]) for one in listed(nuki, door)] == [("Ada", 555555)]


def test_only_a_bare_array_of_ids_deletes_several(simulator: Simulator, nuki: Caller, door: Lock) -> None:
    path = created(simulator, nuki, door)
    own_id = path.rpartition("/")[2]

    wrapped = nuki("DELETE", "/smartlock/auth", {"ids": [own_id]}).status
    simulator.settle()
    kept = len(simulator.codes_on(door.smartlock_id))
    bare = nuki("DELETE", "/smartlock/auth", [own_id]).status
    simulator.settle()

    assert (wrapped, kept) == (422, 1)
    assert (bare, simulator.codes_on(door.smartlock_id)) == (204, [])


def test_a_body_on_a_read_and_an_odd_content_type_disturb_nobody(
    simulator: Simulator, nuki: Caller, door: Lock
) -> None:
    path = f"/smartlock/{door.smartlock_id}/auth"

    read = nuki("GET", "/smartlock", {}, **{"Content-Type": "application/json"})
    as_text = nuki("PUT", path, keypad_code("Ada", 384174), **{"Content-Type": "text/plain"})
    without_type = nuki("PUT", path, keypad_code("Bea", 384175))
    simulator.settle()

    assert [one["smartlockId"] for one in read.json] == [door.smartlock_id]
    assert (as_text.status, without_type.status) == (204, 204)
    assert [one.name for one in simulator.codes_on(door.smartlock_id)] == ["Ada", "Bea"]
