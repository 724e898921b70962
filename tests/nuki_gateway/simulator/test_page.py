"""The page for people, and the control calls it uses."""

import time
from collections.abc import Callable

import pytest

from nuki_gateway.simulator import Simulator, TurnedClock
from nuki_gateway.simulator.world import Account, Lock
from tests.nuki_gateway.simulator.caller import Caller
from tests.nuki_gateway.simulator.conftest import keypad_code

Calling = Callable[[str | None], Caller]


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        pytest.param("/", "text/html; charset=UTF-8", id="page"),
        pytest.param("/-/simulator.css", "text/css; charset=UTF-8", id="style"),
        pytest.param("/-/simulator.js", "text/javascript; charset=UTF-8", id="script"),
        pytest.param("/-/story.js", "text/javascript; charset=UTF-8", id="module"),
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
    (operation,) = shown["operations"]
    assert (operation["words"], operation["stage"], operation["step"]) == (
        "Add Ada",
        "on its way to the lock",
        2,
    )
    assert operation["due_at"] == "2026-05-04T08:00:01.500000+00:00"
    assert [(one["method"], one["status"], one["account"]) for one in state["calls"]] == [
        ("PUT", 204, "Alice")
    ]
    assert "alice-token" not in str(state)


def test_each_difference_between_lock_and_cloud_has_its_word(
    simulator: Simulator, nuki: Caller, door: Lock, calling: Calling
) -> None:
    path, app = f"/smartlock/{door.smartlock_id}/auth", simulator.in_the_app(door.smartlock_id)
    nuki("PUT", path, keypad_code("Same", 384174))
    nuki("PUT", path, keypad_code("Renumbered", 495285))
    simulator.settle()
    simulator.script.phantom_next_create(door)
    nuki("PUT", path, keypad_code("Phantom", 516396))
    simulator.settle()
    app.edit("Renumbered", code="627417")
    app.add_code("Cousin", "999888")

    (shown,) = calling(None)("GET", "/-/state.json").json["doors"]

    verdicts = {(row["lock"] or row["cloud"])["name"]: row["verdict"] for row in shown["compared"]}
    assert verdicts == {
        "Same": "the same",
        "Renumbered": "differs",
        "Cousin": "only on the lock",
        "Phantom": "only in the cloud",
    }
    assert [row["differing"] for row in shown["compared"] if row["verdict"] == "differs"] == [["code"]]


def test_what_happens_to_a_write_is_told_step_by_step(
    simulator: Simulator, clock: TurnedClock, nuki: Caller, door: Lock, calling: Calling
) -> None:
    simulator.deliver = lambda _: 200
    asked_for = {"webhookUrl": "https://example.org/nuki", "webhookFeatures": ["DEVICE_AUTHS"]}
    nuki("PUT", "/api/decentralWebhook", asked_for)
    nuki("PUT", f"/smartlock/{door.smartlock_id}/auth", keypad_code())
    clock.turn(seconds=10)

    state = calling(None)("GET", "/-/state.json").json

    told = list(reversed(state["happenings"]))
    assert [one["kind"] for one in told] == ["accepted", "carried", "read", "webhook"]
    assert told[0]["words"] == ("The API took “Add Ada” and queued it: 204. Front door has not heard of it.")
    assert told[1]["at"] == "2026-05-04T08:00:01.500000+00:00"
    assert len({one["operation_id"] for one in told[:3]}) == 1
    assert told[3]["words"].startswith("DEVICE_AUTHS about Front door sent: answered 200 after ")
    assert [(one["feature"], one["status"], one["good"]) for one in state["webhooks"]] == [
        ("DEVICE_AUTHS", 200, True)
    ]


def lose(simulator: Simulator, door: Lock) -> None:
    simulator.script.lose_next_write(door)


def phantom(simulator: Simulator, door: Lock) -> None:
    simulator.script.phantom_next_create(door)


def take_in_the_app(simulator: Simulator, door: Lock) -> None:
    simulator.in_the_app(door.smartlock_id).add_code("Cousin", "384174")


@pytest.mark.parametrize(
    ("meanwhile", "kinds", "ending"),
    [
        pytest.param(
            lose, ["lost", "missing"], "and found “Add Ada” not done. No webhook says so.", id="lost"
        ),
        pytest.param(
            phantom, ["lost", "read"], "shows “Add Ada” done, although Front door never got it.", id="phantom"
        ),
        pytest.param(
            take_in_the_app,
            ["refused", "missing"],
            "and found “Add Ada” not done. No webhook says so.",
            id="code taken",
        ),
    ],
)
def test_a_write_that_fails_in_silence_is_told_as_it_was(
    *,
    simulator: Simulator,
    nuki: Caller,
    door: Lock,
    calling: Calling,
    meanwhile: Callable[[Simulator, Lock], None],
    kinds: list[str],
    ending: str,
) -> None:
    meanwhile(simulator, door)
    nuki("PUT", f"/smartlock/{door.smartlock_id}/auth", keypad_code())
    simulator.settle()

    told = calling(None)("GET", "/-/state.json").json["happenings"]

    of_the_write = [one for one in reversed(told) if one["operation_id"]]
    assert [one["kind"] for one in of_the_write] == ["accepted", *kinds]
    assert of_the_write[2]["words"].endswith(ending)


def test_a_deletion_that_stays_listed_is_told_as_a_copy_left_behind(
    simulator: Simulator, nuki: Caller, door: Lock, calling: Calling
) -> None:
    simulator.in_the_app(door.smartlock_id).add_code("Ada", "384174")
    nuki("POST", f"/smartlock/{door.smartlock_id}/sync")
    simulator.settle()
    (listed,) = nuki("GET", f"/smartlock/{door.smartlock_id}/auth").json
    simulator.script.ghost_next_delete(door)
    nuki("DELETE", f"/smartlock/{door.smartlock_id}/auth/{listed['id']}")
    simulator.settle()

    state = calling(None)("GET", "/-/state.json").json

    told = [one["kind"] for one in reversed(state["happenings"])]
    assert told == ["app", "accepted", "read", "accepted", "carried", "stale"]
    assert [row["verdict"] for row in state["doors"][0]["compared"]] == ["only in the cloud"]


def test_a_call_for_an_account_is_like_any_other(
    simulator: Simulator, alice: Account, door: Lock, calling: Calling
) -> None:
    page, path = calling(None), f"/smartlock/{door.smartlock_id}/auth"
    call = {"account_id": alice.account_id, "method": "PUT", "path": path, "body": keypad_code()}

    taken = page("POST", "/-/as-account", call)
    refused = page("POST", "/-/as-account", call)
    unread = page("POST", "/-/as-account", {**call, "account_id": 1})

    assert (taken.status, taken.json) == (200, {"status": 204, "body": None})
    assert refused.json["status"] == 409
    assert unread.status == 400
    assert [(one.account, one.path, one.status) for one in simulator.calls] == [
        (alice.account_id, path, 204),
        (alice.account_id, path, 409),
    ]


def test_an_invited_person_redeems_and_opens_on_the_page(
    simulator: Simulator, nuki: Caller, door: Lock, calling: Calling
) -> None:
    page = calling(None)
    user = nuki("PUT", "/account/user", {"email": "ada@example.org", "name": "Ada"}).json["accountUserId"]
    invite = {"name": "Ada", "type": 0, "remoteAllowed": False, "accountUserId": user}
    nuki("PUT", f"/smartlock/{door.smartlock_id}/auth", invite)
    simulator.settle()
    (sent,) = page("GET", "/-/state.json").json["invites"]
    its_own = {"authorization_id": sent["authorization_id"]}

    before = page("POST", "/-/open-with-app", its_own).json
    redeemed = [page("POST", "/-/redeem", its_own).status for _ in range(2)]
    after = page("POST", "/-/open-with-app", its_own).json
    unknown = page("POST", "/-/redeem", {"authorization_id": "none"}).status

    assert (sent["email"], sent["door"]) == ("ada@example.org", "Front door")
    assert before == {"opened": False, "reason": "invite not redeemed"}
    assert redeemed == [204, 409]
    assert after == {"opened": True, "reason": "open"}
    assert unknown == 404


def test_apart_from_the_api_the_page_has_an_address_of_its_own(
    simulator: Simulator, alice: Account, door: Lock
) -> None:
    with simulator.serve_apart() as (api_url, page_url):
        api, page = Caller(api_url, alice.token), Caller(page_url, alice.token)
        statuses = {
            (name, path): caller("GET", path).status
            for name, caller in (("api", api), ("page", page))
            for path in ("/", "/-/state.json", "/-/health", f"/smartlock/{door.smartlock_id}")
        }
        typed = api("POST", f"/-/locks/{door.smartlock_id}/offline").status
        api.close()
        page.close()

    assert statuses == {
        ("api", "/"): 404,
        ("api", "/-/state.json"): 404,
        ("api", "/-/health"): 200,
        ("api", f"/smartlock/{door.smartlock_id}"): 200,
        ("page", "/"): 200,
        ("page", "/-/state.json"): 200,
        ("page", "/-/health"): 200,
        ("page", f"/smartlock/{door.smartlock_id}"): 404,
    }
    assert typed == 404
    assert door.device.online is True


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
