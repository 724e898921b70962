"""Codes that somebody else made stand in the way of ours, and numbers that were ours go to others."""

import pytest

from nuki_gateway.simulator import Simulator
from nuki_gateway.simulator.world import Lock
from tests.nuki_gateway.simulator.caller import Caller
from tests.nuki_gateway.simulator.conftest import keypad_code
from tests.nuki_gateway.simulator.doors import listed, on_the_lock, path


def test_foreign_codes_stand_on_the_lock_beside_ours_f16(
    simulator: Simulator, nuki: Caller, door: Lock
) -> None:
    nuki("PUT", path(door), keypad_code())
    simulator.settle()

    made = simulator.script.fill_with_foreign_codes(door, 500)

    codes = [one.code for one in simulator.codes_on(door.smartlock_id)]
    assert made == 199
    assert len(set(codes)) == 200
    assert len(listed(nuki, door)) == 200


@pytest.mark.parametrize(
    ("known", "status", "names"),
    [
        pytest.param(True, 409, ["Made in the app"], id="F17 known to the cloud"),
        pytest.param(False, 204, ["Made in the app"], id="F17 unknown, and silently lost"),
    ],
)
def test_somebody_else_makes_our_code_first(
    *, simulator: Simulator, nuki: Caller, door: Lock, known: bool, status: int, names: list[str]
) -> None:
    simulator.script.collide_with_next_code(door, known_to_cloud=known)

    answered = nuki("PUT", path(door), keypad_code()).status
    simulator.settle()

    assert answered == status
    assert on_the_lock(simulator, door) == names


@pytest.mark.parametrize("known", [pytest.param(True, id="F17 known"), pytest.param(False, id="F17 unknown")])
def test_a_foreign_code_can_be_there_long_before(
    *, simulator: Simulator, nuki: Caller, door: Lock, known: bool
) -> None:
    simulator.script.add_foreign_code(door, "384174", known_to_cloud=known)

    status = nuki("PUT", path(door), keypad_code()).status
    simulator.settle()

    assert status == (409 if known else 204)
    assert on_the_lock(simulator, door) == ["Made in the app"]


def test_the_smallest_free_number_goes_to_the_next_person_f19(
    simulator: Simulator, nuki: Caller, door: Lock, ada: str
) -> None:
    nuki("PUT", path(door), keypad_code("Bea", 384175))
    simulator.settle()
    before = {one["name"]: (one["authId"], one["id"]) for one in nuki("GET", path(door)).json}
    nuki("DELETE", ada)
    simulator.settle()

    nuki("PUT", path(door), keypad_code("Cyd", 384176))
    simulator.settle()

    after = {one["name"]: (one["authId"], one["id"]) for one in nuki("GET", path(door)).json}
    assert (before["Ada"][0], before["Bea"][0]) == (4097, 4098)
    assert after["Cyd"][0] == 4097
    assert after["Cyd"][1] != before["Ada"][1]
