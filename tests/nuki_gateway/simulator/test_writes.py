"""What becomes of writes: accepted, carried to the device, read back, or lost on the way."""

from http.client import RemoteDisconnected
from typing import Any

import pytest

from nuki_gateway.simulator import Simulator, Switches, TurnedClock
from nuki_gateway.simulator.answers import Request
from nuki_gateway.simulator.world import Account, Lock
from tests.nuki_gateway.simulator.caller import Caller
from tests.nuki_gateway.simulator.conftest import keypad_code

WINDOW: dict[str, Any] = {
    "allowedFromDate": "2026-05-04T13:00:00Z",
    "allowedUntilDate": "2026-05-06T08:00:00Z",
    "allowedWeekDays": 127,
    "allowedFromTime": 0,
    "allowedUntilTime": 0,
}


def listed(nuki: Caller, door: Lock) -> list[dict[str, Any]]:
    shapes: list[dict[str, Any]] = nuki("GET", f"/smartlock/{door.smartlock_id}/auth?types=13").json
    return shapes


def create(nuki: Caller, door: Lock, name: str = "Ada", code: int = 384174, **fields: Any) -> int:
    return nuki("PUT", f"/smartlock/{door.smartlock_id}/auth", keypad_code(name, code, **fields)).status


def created(simulator: Simulator, nuki: Caller, door: Lock, name: str = "Ada", code: int = 384174) -> str:
    create(nuki, door, name, code, **WINDOW)
    simulator.settle()
    path: str = next(
        f"/smartlock/{door.smartlock_id}/auth/{one['id']}"
        for one in listed(nuki, door)
        if one["name"] == name
    )
    return path


def test_a_new_code_is_on_the_device_first_and_listed_later(
    simulator: Simulator, clock: TurnedClock, nuki: Caller, door: Lock
) -> None:
    assert create(nuki, door, **WINDOW) == 204
    clock.turn(seconds=1.4)
    assert simulator.codes_on(door.smartlock_id) == []

    clock.turn(seconds=0.2)
    assert [(one.number, one.name, one.code) for one in simulator.codes_on(door.smartlock_id)] == [
        (4097, "Ada", "384174")
    ]
    assert listed(nuki, door) == []

    clock.turn(seconds=2)
    (shape,) = listed(nuki, door)
    assert shape | {"id": "", "updateDate": ""} == {
        "id": "",
        "smartlockId": door.smartlock_id,
        "authId": 4097,
        "code": 384174,
        "type": 13,
        "name": "Ada",
        "enabled": True,
        "remoteAllowed": False,
        "lockCount": 0,
        "allowedFromDate": "2026-05-04T13:00:00.000Z",
        "allowedUntilDate": "2026-05-06T08:00:00.000Z",
        "allowedWeekDays": 127,
        "allowedFromTime": 0,
        "allowedUntilTime": 0,
        "creationDate": "2026-05-04T08:00:00.000Z",
        "updateDate": "",
    }
    assert len(shape["id"]) == 24


@pytest.mark.parametrize("switches", [Switches(hide_until_confirmed=False)])
def test_a_new_code_can_be_listed_at_once_with_its_operation(
    simulator: Simulator, nuki: Caller, door: Lock
) -> None:
    create(nuki, door)

    (shape,) = listed(nuki, door)
    assert len(shape["operationId"]) == 24
    assert "authId" not in shape

    simulator.settle()
    (shape,) = listed(nuki, door)
    assert "operationId" not in shape
    assert shape["authId"] == 4097


def test_one_device_does_one_thing_after_another_and_another_device_at_the_same_time(
    simulator: Simulator, clock: TurnedClock, alice: Account, nuki: Caller, door: Lock
) -> None:
    flat = simulator.add_lock(alice, name="Flat", keypad="keypad")
    create(nuki, door, "Ada", 384174)
    create(nuki, door, "Bea", 384175)
    create(nuki, flat, "Ada", 384174)

    clock.turn(seconds=1.5)

    assert len(simulator.codes_on(door.smartlock_id)) == 1
    assert len(simulator.codes_on(flat.smartlock_id)) == 1


@pytest.mark.parametrize("switches", [Switches(lose_write_before_busy=False)])
def test_the_write_before_a_423_can_be_kept_by_a_switch(
    simulator: Simulator, nuki: Caller, door: Lock
) -> None:
    path = created(simulator, nuki, door)

    statuses = [nuki("POST", path, {"code": 444444}).status, nuki("DELETE", path).status]
    simulator.settle()

    assert statuses == [204, 423]
    assert [one.code for one in simulator.codes_on(door.smartlock_id)] == ["444444"]


def test_several_are_changed_and_deleted_in_one_call(simulator: Simulator, nuki: Caller, door: Lock) -> None:
    first = created(simulator, nuki, door, "Ada", 384174).rpartition("/")[2]
    second = created(simulator, nuki, door, "Bea", 384175).rpartition("/")[2]

    changed = nuki("POST", "/smartlock/auth", [{"id": first, "name": "Ann"}, {"id": second, "name": "Bet"}])
    simulator.settle()
    assert changed.status == 204
    assert [one["name"] for one in listed(nuki, door)] == ["Ann", "Bet"]

    wrapped = nuki("DELETE", "/smartlock/auth", {"ids": [first, second]})
    deleted = nuki("DELETE", "/smartlock/auth", [first, second])
    simulator.settle()
    assert (wrapped.status, deleted.status) == (422, 204)
    assert listed(nuki, door) == []
    assert simulator.codes_on(door.smartlock_id) == []


def test_the_number_of_a_deleted_code_is_given_out_again_and_its_id_never(
    simulator: Simulator, nuki: Caller, door: Lock
) -> None:
    first = created(simulator, nuki, door, "Ada", 384174)
    created(simulator, nuki, door, "Bea", 384175)
    nuki("DELETE", first)
    simulator.settle()

    third = created(simulator, nuki, door, "Cyd", 384176)

    assert [(one.number, one.name) for one in simulator.codes_on(door.smartlock_id)] == [
        (4097, "Cyd"),
        (4098, "Bea"),
    ]
    assert third != first
    assert nuki("GET", first).status == 404


def test_a_lost_write_is_accepted_and_changes_nothing(simulator: Simulator, nuki: Caller, door: Lock) -> None:
    simulator.script.lose_next_write(door)

    statuses = [create(nuki, door, "Ada", 384174), create(nuki, door, "Bea", 384175)]
    simulator.settle()

    assert statuses == [204, 204]
    assert [one.name for one in simulator.codes_on(door.smartlock_id)] == ["Bea"]
    assert [one["name"] for one in listed(nuki, door)] == ["Bea"]


def test_a_phantom_is_listed_and_opens_nothing(simulator: Simulator, nuki: Caller, door: Lock) -> None:
    simulator.script.phantom_next_create(door)

    create(nuki, door)
    simulator.settle()

    assert [(one["name"], one["authId"]) for one in listed(nuki, door)] == [("Ada", 4097)]
    assert simulator.type_code(door.smartlock_id, "384174").reason == "unknown code"
    nuki("POST", f"/smartlock/{door.smartlock_id}/sync")
    simulator.settle()
    assert listed(nuki, door) == []


def test_a_frozen_copy_shows_the_past_until_a_sync(simulator: Simulator, nuki: Caller, door: Lock) -> None:
    path = created(simulator, nuki, door)
    simulator.script.freeze_copy(door.smartlock_id)

    nuki("POST", path, {"code": 555555, **WINDOW})
    create(nuki, door, "Bea", 666666)
    simulator.settle()
    assert [one["code"] for one in listed(nuki, door)] == [384174]
    assert [one.code for one in simulator.codes_on(door.smartlock_id)] == ["555555", "666666"]

    nuki("POST", f"/smartlock/{door.smartlock_id}/sync")
    simulator.settle()
    assert [one["code"] for one in listed(nuki, door)] == [555555, 666666]


def test_a_code_that_only_the_device_knows_is_refused_there_in_silence(
    simulator: Simulator, nuki: Caller, door: Lock
) -> None:
    simulator.in_the_app(door.smartlock_id).add_code("Cousin", "384174")

    status = create(nuki, door, "Ada", 384174)
    simulator.settle()

    assert status == 204
    assert [one.name for one in simulator.codes_on(door.smartlock_id)] == ["Cousin"]
    assert listed(nuki, door) == []


def test_a_full_lock_takes_no_more_and_says_nothing(
    simulator: Simulator, alice: Account, nuki: Caller
) -> None:
    old = simulator.add_lock(alice, name="Old", device_type=0, keypad="keypad")
    old.device.capacity = 1

    statuses = [create(nuki, old, "Ada", 384174), create(nuki, old, "Bea", 384175)]
    simulator.settle()

    assert statuses == [204, 204]
    assert [one.name for one in simulator.codes_on(old.smartlock_id)] == ["Ada"]


@pytest.mark.parametrize(
    ("carried_out", "names"),
    [pytest.param(True, ["Ada"], id="done"), pytest.param(False, [], id="not done")],
)
def test_a_connection_breaks_in_place_of_the_answer(
    *, simulator: Simulator, nuki: Caller, door: Lock, carried_out: bool, names: list[str]
) -> None:
    simulator.script.drop_connection_on_next_write(door, carried_out=carried_out)

    with pytest.raises((RemoteDisconnected, ConnectionResetError)):
        create(nuki, door)
    simulator.settle()

    assert [one.name for one in simulator.codes_on(door.smartlock_id)] == names
    assert [(call.method, call.status) for call in simulator.calls] == [("PUT", 0)]


def test_ordered_answers_are_used_up_one_by_one(simulator: Simulator, nuki: Caller, door: Lock) -> None:
    simulator.script.answer_next(door, "PUT", 503, 2, retry_after=7)
    simulator.script.answer_next(None, "GET", 429, 1)

    busy = nuki("GET", "/smartlock")
    refused = [nuki("PUT", f"/smartlock/{door.smartlock_id}/auth", keypad_code()) for _ in range(3)]

    assert (busy.status, busy.headers.get("retry-after")) == (429, None)
    assert [one.status for one in refused] == [503, 503, 204]
    assert refused[0].headers["retry-after"] == "7"
    assert len(door.queue) == 1


def test_something_can_happen_between_acceptance_and_answer_once(
    simulator: Simulator, nuki: Caller, door: Lock
) -> None:
    seen: list[tuple[str, int]] = []

    def meanwhile(request: Request) -> None:
        seen.append((request.method, len(door.queue)))

    simulator.while_answering = meanwhile
    nuki("GET", "/smartlock")
    create(nuki, door, "Ada", 384174)
    create(nuki, door, "Bea", 384175)

    assert seen == [("PUT", 1)]
    assert simulator.while_answering is None


def test_an_app_invite_needs_a_user_sends_an_e_mail_and_ends_after_two_days(
    simulator: Simulator, clock: TurnedClock, nuki: Caller, door: Lock
) -> None:
    user = nuki("PUT", "/account/user", {"email": "ada@example.org", "name": "Ada"}).json
    body = {"name": "Ada", "type": 0, "remoteAllowed": True, "accountUserId": user["accountUserId"]}

    first = nuki("PUT", f"/smartlock/{door.smartlock_id}/auth", body)
    second = nuki("PUT", f"/smartlock/{door.smartlock_id}/auth", body)
    simulator.settle()

    assert (first.status, second.status) == (204, 400)
    (invite,) = simulator.invites
    assert (invite.email, invite.redeemed_at) == ("ada@example.org", None)
    found = nuki("GET", f"/smartlock/auth?accountUserId={user['accountUserId']}").json
    assert [(one["type"], one["authId"]) for one in found] == [(0, 1)]
    assert nuki("GET", "/smartlock/auth?accountUserId=-1").json == []

    clock.turn(seconds=48 * 60 * 60)
    assert simulator.redeem(invite) is False

    nuki("DELETE", f"/account/user/{user['accountUserId']}")
    simulator.settle()
    assert nuki("GET", "/account/user").json == []
    assert nuki("GET", "/smartlock/auth").json == []


def test_an_invite_is_redeemed_once(simulator: Simulator, nuki: Caller, door: Lock) -> None:
    user = nuki("PUT", "/account/user", {"email": "ada@example.org", "name": "Ada"}).json
    body = {"name": "Ada", "type": 0, "remoteAllowed": True, "accountUserId": user["accountUserId"]}
    nuki("PUT", f"/smartlock/{door.smartlock_id}/auth", body)
    simulator.settle()

    assert [simulator.redeem(simulator.invites[0]) for _ in range(2)] == [True, False]


def test_pages_of_authorizations_say_how_many_there_are(
    simulator: Simulator, nuki: Caller, door: Lock
) -> None:
    for name, code in (("Ada", 384174), ("Bea", 384175), ("Cyd", 384176)):
        created(simulator, nuki, door, name, code)

    page = nuki("GET", "/smartlock/auth/paged?page=1&size=2").json

    assert [one["name"] for one in page["results"]] == ["Cyd"]
    assert page["pagination"] == {
        "totalItems": 3,
        "totalPages": 2,
        "currentPage": 1,
        "prevPage": "0",
        "pageSize": 2,
    }
