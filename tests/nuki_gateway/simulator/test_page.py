"""The page for people, and the control calls it uses."""

import time
from collections.abc import Callable

import pytest

from nuki_gateway.simulator import Simulator
from nuki_gateway.simulator.world import Lock
from tests.nuki_gateway.simulator.caller import Caller
from tests.nuki_gateway.simulator.conftest import keypad_code

Calling = Callable[[str | None], Caller]


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        pytest.param("/", "text/html; charset=UTF-8", id="page"),
        pytest.param("/-/simulator.css", "text/css; charset=UTF-8", id="style"),
        pytest.param("/-/simulator.js", "text/javascript; charset=UTF-8", id="script"),
        pytest.param("/-/simulator.svg", "image/svg+xml", id="icon"),
    ],
)
def test_the_page_comes_with_its_files_and_allows_no_others(
    calling: Calling, path: str, content_type: str
) -> None:
    reply = calling(None)("GET", path)

    assert (reply.status, reply.headers["content-type"]) == (200, content_type)
    assert reply.headers["content-security-policy"].startswith("default-src 'self';")
    assert b"style=" not in reply.body
    assert b"<script>" not in reply.body


def test_the_state_shows_truth_beside_copy(
    simulator: Simulator, nuki: Caller, door: Lock, calling: Calling
) -> None:
    simulator.in_the_app(door.smartlock_id).add_code("Cousin", "999888")
    nuki("PUT", f"/smartlock/{door.smartlock_id}/auth", keypad_code())

    state = calling(None)("GET", "/-/state.json").json

    (shown,) = state["doors"]
    assert (shown["name"], shown["type"], shown["account"]) == ("Front door", "Smart Lock 4", "Alice")
    assert [(one["name"], one["code"]) for one in shown["on_the_lock"]] == [("Cousin", "999888")]
    assert shown["in_the_cloud"] == []
    assert shown["operations"] == [{"words": "Add Ada", "stage": "on its way to the lock"}]
    assert [(one["method"], one["status"], one["account"]) for one in state["calls"]] == [
        ("PUT", 204, "Alice")
    ]
    assert "alice-token" not in str(state)


def test_the_buttons_of_a_door_do_what_they_say(
    simulator: Simulator, nuki: Caller, door: Lock, calling: Calling
) -> None:
    page, path = calling(None), f"/-/locks/{door.smartlock_id}"

    online = []
    for button in ("offline", "online"):
        assert page("POST", f"{path}/{button}").status == 204
        online.append(door.device.online)
    assert online == [False, True]
    assert page("POST", f"{path}/lose-next-write").status == 204
    nuki("PUT", f"/smartlock/{door.smartlock_id}/auth", keypad_code())
    simulator.settle()
    assert simulator.codes_on(door.smartlock_id) == []
    assert page("POST", f"{path}/type-code", {"code": "384174"}).json == {
        "opened": False,
        "reason": "unknown code",
    }


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        pytest.param("POST", "/-/locks/1/offline", None, 404, id="an unknown lock"),
        pytest.param("POST", "/-/locks/{lock}/explode", None, 404, id="an unknown call"),
        pytest.param("PUT", "/-/locks/{lock}/offline", None, 404, id="another method"),
        pytest.param("POST", "/-/locks/{lock}/type-code", b"384174", 400, id="a bare code"),
        pytest.param("POST", "/-/locks/{lock}/type-code", b"{", 400, id="not JSON"),
        pytest.param("GET", "/-/../server.py", None, 404, id="another file"),
    ],
)
def test_other_control_calls_are_refused(
    *, door: Lock, calling: Calling, method: str, path: str, body: bytes | None, status: int
) -> None:
    reply = calling(None)(method, path.replace("{lock}", str(door.smartlock_id)), body)

    assert reply.status == status
    assert door.device.online is True


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Host": "simulator.example.org"}, id="another host"),
        pytest.param({"Host": "127.0.0.1.example.org"}, id="a host that looks like this machine"),
        pytest.param({"Origin": "https://example.org"}, id="a page elsewhere"),
    ],
)
def test_only_this_machine_sees_and_moves_the_doors(
    door: Lock, calling: Calling, headers: dict[str, str]
) -> None:
    caller = calling(None)

    statuses = [
        caller("GET", "/", **headers).status,
        caller("GET", "/-/state.json", **headers).status,
        caller("POST", f"/-/locks/{door.smartlock_id}/offline", **headers).status,
        caller("GET", "/-/health", **headers).status,
    ]

    assert statuses == [403, 403, 403, 200]
    assert door.device.online is True


def test_many_calls_on_one_connection_are_answered_without_delay(nuki: Caller, door: Lock) -> None:
    began = time.monotonic()

    statuses = {nuki("GET", f"/smartlock/{door.smartlock_id}", {}).status for _ in range(50)}

    assert statuses == {200}
    assert time.monotonic() - began < 2


def test_a_slow_answer_is_carried_out_first(simulator: Simulator, nuki: Caller, door: Lock) -> None:
    simulator.script.slow_next(0.2)
    began = time.monotonic()

    status = nuki("PUT", f"/smartlock/{door.smartlock_id}/auth", keypad_code()).status

    assert status == 204
    assert time.monotonic() - began >= 0.2
