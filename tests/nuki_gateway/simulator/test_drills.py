"""Fire drills, from the list that a page shows to what they do; and the mix and the clock from outside."""

from collections.abc import Callable
from typing import Any

import pytest

from nuki_gateway.simulator import Mix, Simulator, TurnedClock, drills
from nuki_gateway.simulator.drill import Drill, Scope
from nuki_gateway.simulator.happenings import HappeningKind
from nuki_gateway.simulator.world import Account, Lock
from tests.nuki_gateway.simulator.caller import Caller, Reply
from tests.nuki_gateway.simulator.conftest import START, keypad_code
from tests.nuki_gateway.simulator.doors import path

Calling = Callable[[str | None], Caller]


@pytest.fixture
def page(calling: Calling) -> Caller:
    return calling(None)


def run(page: Caller, key: str, **body: Any) -> Reply:
    return page("POST", f"/-/drills/{key}", body)


def test_the_list_says_what_a_page_needs_for_each_button(page: Caller) -> None:
    listed = page("GET", "/-/drills.json").json

    assert [one["key"] for one in listed] == [one.key for one in drills.DRILLS]
    assert len({one["key"] for one in listed}) == len(listed)
    assert {one["scope"] for one in listed} == {"lock", "account", "world"}
    assert all(one["words"] and one["hint"].endswith(".") for one in listed)
    (storm,) = [one for one in listed if one["key"] == "busy-storm"]
    assert storm == {
        "key": "busy-storm",
        "words": "Be busy for a while",
        "hint": "Every write on this lock is answered with 423 (F3).",
        "scope": "lock",
        "parameters": [{"name": "seconds", "label": "For how many seconds", "default": 600.0}],
    }


def test_the_faults_that_can_be_ordered_all_have_a_drill() -> None:
    hints = " ".join(one.hint for one in drills.DRILLS)

    inherent = {2, 7, 22}  # they need nothing but calls
    ordered = set(range(1, 29)) - inherent
    assert [
        number for number in sorted(ordered) if f"F{number})" not in hints and f"F{number}," not in hints
    ] == []


@pytest.mark.parametrize("drill", [pytest.param(one, id=one.key) for one in drills.DRILLS])
def test_every_drill_runs_with_its_defaults(
    *, simulator: Simulator, nuki: Caller, page: Caller, alice: Account, door: Lock, drill: Drill
) -> None:
    simulator.deliver = lambda _post: 204
    simulator.in_the_app(door.smartlock_id).add_code("Cousin", "384174")
    if drill.key == "app-add":
        simulator.in_the_app(door.smartlock_id).delete("Cousin")
    body = {"webhookUrl": "https://hooks.example.org/nuki", "webhookFeatures": ["DEVICE_STATUS"]}
    nuki("PUT", "/api/decentralWebhook", body)
    simulator.take_offline(door.smartlock_id)
    simulator.settle()
    target = {
        Scope.LOCK: {"smartlock_id": door.smartlock_id},
        Scope.ACCOUNT: {"account_id": alice.account_id},
        Scope.WORLD: {},
    }[drill.scope]

    reply = run(page, drill.key, **target)

    assert (reply.status, reply.body) == (204, b"")
    told = simulator.engine.happenings[-1]
    assert told.kind is HappeningKind.DRILL
    assert drill.words in told.words


def test_a_drill_bites_a_host_who_trusts_204_f1(
    simulator: Simulator, nuki: Caller, page: Caller, door: Lock
) -> None:
    run(page, "lose-next-write", smartlock_id=door.smartlock_id)

    status = nuki("PUT", path(door), keypad_code()).status
    simulator.settle()

    assert status == 204
    assert not simulator.type_code(door.smartlock_id, "384174").opened


def test_the_parameters_of_a_drill_are_taken_f13(
    simulator: Simulator, clock: TurnedClock, nuki: Caller, page: Caller, door: Lock
) -> None:
    run(page, "offline", smartlock_id=door.smartlock_id, hours=3, dropped_after_hours=1)
    nuki("PUT", path(door), keypad_code())

    clock.turn(seconds=3 * 60 * 60)
    simulator.settle()

    assert door.device.online
    assert simulator.codes_on(door.smartlock_id) == []


@pytest.mark.parametrize(
    ("key", "body", "status", "problem"),
    [
        pytest.param("explode", {}, 404, "There is no such drill.", id="unknown drill"),
        pytest.param("lose-next-write", {}, 404, "There is no such lock.", id="no lock"),
        pytest.param(
            "lose-next-write", {"smartlock_id": 1}, 404, "There is no such lock.", id="unknown lock"
        ),
        pytest.param("lose-next-write", {"smartlock_id": []}, 404, "There is no such lock.", id="odd lock"),
        pytest.param(
            "revoke-token", {"account_id": 1}, 404, "There is no such account.", id="unknown account"
        ),
        pytest.param("fail", {"minutes": 1}, 400, "The drill takes no 'minutes'.", id="unknown parameter"),
        pytest.param("fail", {"seconds": "1"}, 400, "The parameter 'seconds' cannot be that.", id="text"),
        pytest.param("fail", {"seconds": True}, 400, "The parameter 'seconds' cannot be that.", id="truth"),
        pytest.param("fail", {"seconds": -1}, 400, "The parameter 'seconds' cannot be that.", id="negative"),
        pytest.param("fail", {"seconds": 1e12}, 400, "The parameter 'seconds' cannot be that.", id="huge"),
        pytest.param(
            "double-webhook",
            {"count": 1.5},
            400,
            "The parameter 'count' cannot be that.",
            id="half a webhook",
        ),
        pytest.param(
            "silence-webhooks", {"silent": 1}, 400, "The parameter 'silent' cannot be that.", id="no truth"
        ),
    ],
)
def test_a_drill_that_cannot_be_is_refused_with_a_sentence(
    *,
    simulator: Simulator,
    alice: Account,
    page: Caller,
    key: str,
    body: dict[str, Any],
    status: int,
    problem: str,
) -> None:
    before = simulator.world.orders

    reply = run(page, key, **body)

    assert (reply.status, reply.json) == (status, {"problem": problem})
    assert simulator.world.orders == before
    assert (alice.revoked, list(simulator.engine.happenings)) == (False, [])


@pytest.mark.parametrize(
    ("key", "fields", "status", "problem"),
    [
        pytest.param(
            "app-delete", {"name": "Nobody"}, 409, "The lock has nothing of this name.", id="no such code"
        ),
        pytest.param(
            "app-add",
            {"name": "Twin", "code": "384174"},
            409,
            "The lock refuses: it holds this code already, or it is full.",
            id="a code twice",
        ),
        pytest.param(
            "app-add",
            {"code": "123456"},
            400,
            "The parameter 'code' cannot be that.",
            id="a code that no keypad takes",
        ),
        pytest.param(
            "offline",
            {"writes": "eaten"},
            400,
            "The parameter 'writes' cannot be that.",
            id="no such choice",
        ),
    ],
)
def test_a_drill_that_fits_nothing_on_the_lock_says_so(
    *,
    simulator: Simulator,
    page: Caller,
    door: Lock,
    key: str,
    fields: dict[str, str],
    status: int,
    problem: str,
) -> None:
    simulator.in_the_app(door.smartlock_id).add_code("Cousin", "384174")

    reply = run(page, key, smartlock_id=door.smartlock_id, **fields)

    assert (reply.status, reply.json) == (status, {"problem": problem})
    assert [one.name for one in simulator.codes_on(door.smartlock_id)] == ["Cousin"]
    assert door.device.online


@pytest.mark.parametrize(
    ("call", "body"),
    [
        pytest.param("drills/revoke-token", {}, id="drill"),
        pytest.param("mix", {"mix": "stress"}, id="mix"),
        pytest.param("clock", {"seconds": 60}, id="clock"),
    ],
)
def test_a_page_elsewhere_cannot_make_anything_go_wrong(
    *,
    simulator: Simulator,
    clock: TurnedClock,
    page: Caller,
    alice: Account,
    call: str,
    body: dict[str, Any],
) -> None:
    given = {"account_id": alice.account_id, **body} if call.startswith("drills") else body

    reply = page("POST", f"/-/{call}", given, Origin="https://example.org")

    assert reply.status == 403
    assert (alice.revoked, simulator.mix, clock.now()) == (False, Mix.NONE, START)


def test_the_mix_is_switched_from_outside(simulator: Simulator, page: Caller) -> None:
    statuses = [page("POST", "/-/mix", {"mix": name}).status for name in ("base", "stress", "chaos")]

    assert statuses == [204, 204, 400]
    assert simulator.mix == Mix.STRESS
    assert page("POST", "/-/mix", {"mix": "none"}).status == 204
    assert simulator.mix == Mix.NONE


def test_the_clock_is_turned_from_outside_where_it_can_be(
    simulator: Simulator, clock: TurnedClock, page: Caller, nuki: Caller, door: Lock
) -> None:
    nuki("PUT", path(door), keypad_code())

    turned = page("POST", "/-/clock", {"seconds": 3600}).status
    refused = [page("POST", "/-/clock", {"seconds": wrong}).status for wrong in (-1, "1", True, 1e12, None)]

    assert turned == 204
    assert refused == [400] * 5
    assert (clock.now() - START).total_seconds() == 3600
    assert [one.name for one in simulator.codes_on(door.smartlock_id)] == ["Ada"]


def test_the_wall_clock_is_turned_by_nobody() -> None:
    simulator = Simulator()
    with simulator.serve() as url:
        page = Caller(url)
        reply = page("POST", "/-/clock", {"seconds": 3600})
        page.close()

    assert reply.status == 409
