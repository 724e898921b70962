"""What goes wrong between the caller and the service: no answer, half of one, or a late or refused one."""

import http.client
import json
import time
from collections.abc import Callable
from urllib.parse import urlencode

import pytest

from nuki_gateway.simulator import Simulator, TurnedClock, oauth
from nuki_gateway.simulator.world import Account, Lock
from tests.nuki_gateway.simulator.caller import Caller
from tests.nuki_gateway.simulator.conftest import keypad_code
from tests.nuki_gateway.simulator.doors import path

BACK = "https://example.org/back"
Order = Callable[[Simulator, Lock], None]


def patience(nuki: Caller, seconds: float) -> None:
    nuki.connection.timeout = seconds


@pytest.mark.parametrize(
    ("order", "error", "is_done"),
    [
        pytest.param(
            lambda sim, door: sim.script.drop_connection_on_next_write(door, carried_out=True),
            http.client.RemoteDisconnected,
            True,
            id="F8 carried out, then broken",
        ),
        pytest.param(
            lambda sim, door: sim.script.silent_next(door),
            TimeoutError,
            True,
            id="F8 carried out, then silent",
        ),
        pytest.param(
            lambda sim, door: sim.script.drop_connection_on_next_write(door, carried_out=False),
            http.client.RemoteDisconnected,
            False,
            id="F9 not carried out, broken",
        ),
        pytest.param(
            lambda sim, door: sim.script.silent_next(door, carried_out=False),
            TimeoutError,
            False,
            id="F9 not carried out, silent",
        ),
        pytest.param(
            lambda sim, door: sim.script.half_answer_next(door),
            http.client.BadStatusLine,
            True,
            id="F9 half of a 204",
        ),
    ],
)
def test_no_answer_says_nothing_about_what_was_done(
    *,
    simulator: Simulator,
    nuki: Caller,
    door: Lock,
    order: Order,
    error: type[Exception],
    is_done: bool,
) -> None:
    patience(nuki, 0.3)
    order(simulator, door)

    with pytest.raises(error):
        nuki("PUT", path(door), keypad_code())
    simulator.settle()

    assert simulator.type_code(door.smartlock_id, "384174").opened is is_done
    assert simulator.calls[-1].status == 0
    nuki.close()
    assert nuki("GET", path(door)).status == 200


def test_half_an_answer_promises_more_than_it_holds_f9(
    simulator: Simulator, nuki: Caller, door: Lock
) -> None:
    simulator.script.half_answer_next()

    with pytest.raises(http.client.IncompleteRead) as failure:
        nuki("GET", path(door))

    assert failure.value.partial == b"[]"
    assert failure.value.expected == 2


def test_a_silent_socket_is_let_go_when_its_caller_goes_f9(
    simulator: Simulator, nuki: Caller, door: Lock
) -> None:
    patience(nuki, 0.2)
    simulator.script.silent_next()
    with pytest.raises(TimeoutError):
        nuki("GET", path(door))

    nuki.close()

    began = time.monotonic()
    assert nuki("GET", path(door)).status == 200
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("order", "status", "content_type"),
    [
        pytest.param(lambda sim: sim.script.not_json_next(), 200, "text/plain", id="F9 200 and no JSON"),
        pytest.param(lambda sim: sim.script.html_502_next(), 502, "text/html", id="F9 an HTML 502"),
    ],
)
def test_somebody_else_answers_in_the_services_place(
    *,
    simulator: Simulator,
    nuki: Caller,
    door: Lock,
    order: Callable[[Simulator], None],
    status: int,
    content_type: str,
) -> None:
    order(simulator)

    reply = nuki("PUT", path(door), keypad_code())
    simulator.settle()

    assert (reply.status, reply.headers["content-type"]) == (status, content_type)
    with pytest.raises(json.JSONDecodeError):
        _ = reply.json
    assert simulator.codes_on(door.smartlock_id) == []
    assert nuki("GET", path(door)).json == []


def test_a_slow_answer_is_done_long_before_it_comes_f9(
    simulator: Simulator, nuki: Caller, door: Lock
) -> None:
    patience(nuki, 0.2)
    simulator.script.slow_next(5)

    with pytest.raises(TimeoutError):
        nuki("PUT", path(door), keypad_code())
    simulator.settle()

    assert simulator.type_code(door.smartlock_id, "384174").opened


@pytest.mark.parametrize(
    ("order", "status", "retry_after"),
    [
        pytest.param(lambda sim: sim.script.fail_for(60), 503, None, id="F10 a burst of 503"),
        pytest.param(lambda sim: sim.script.fail_for(60, status=500), 500, None, id="F10 a burst of 500"),
        pytest.param(lambda sim: sim.script.throttle_for(60), 429, None, id="F11 without Retry-After"),
        pytest.param(
            lambda sim: sim.script.throttle_for(60, retry_after=30), 429, "30", id="F11 with Retry-After"
        ),
    ],
)
def test_a_bad_spell_passes_by_itself_or_when_told(
    *,
    simulator: Simulator,
    clock: TurnedClock,
    nuki: Caller,
    door: Lock,
    order: Callable[[Simulator], None],
    status: int,
    retry_after: str | None,
) -> None:
    order(simulator)
    reply = nuki("PUT", path(door), keypad_code())
    clock.turn(seconds=59)
    later = nuki("GET", path(door)).status
    clock.turn(seconds=1)
    after = nuki("GET", path(door)).status
    order(simulator)
    simulator.script.end_spans()

    assert (reply.status, reply.headers.get("retry-after")) == (status, retry_after)
    assert (later, after) == (status, 200)
    assert nuki("GET", path(door)).status == 200
    assert simulator.codes_on(door.smartlock_id) == []


def test_a_bad_spell_of_one_account_leaves_others_alone_f10(
    simulator: Simulator, calling: Callable[[str | None], Caller], alice: Account
) -> None:
    charlie = simulator.add_account(name="Charlie", token="charlie-token")
    simulator.script.fail_for(60, account=alice)

    assert calling(alice.token)("GET", "/smartlock").status == 503
    assert calling(charlie.token)("GET", "/smartlock").status == 200


def test_who_calls_too_often_is_blocked_for_a_minute_without_a_hint_f11(
    simulator: Simulator, clock: TurnedClock, nuki: Caller, door: Lock
) -> None:
    assert door
    simulator.script.block_beyond(5)
    within = [nuki("GET", "/smartlock").status for _ in range(5)]
    beyond = nuki("GET", "/smartlock")
    clock.turn(seconds=59)
    still = nuki("GET", "/smartlock").status
    clock.turn(seconds=1)

    assert within == [200] * 5
    assert (beyond.status, "retry-after" in beyond.headers, still) == (429, False, 429)
    paced = []
    for _ in range(20):
        paced.append(nuki("GET", "/smartlock").status)
        clock.turn(seconds=0.2)
    assert paced == [200] * 20


def test_access_ends_in_the_middle_of_a_run_and_a_refresh_is_refused_f12(
    simulator: Simulator, calling: Callable[[str | None], Caller], alice: Account, door: Lock
) -> None:
    program = simulator.add_oauth_client(client_id="keyturn", secret="a secret", redirect_uris=[BACK])
    scopes = ["smartlock.auth"]
    code = oauth.consent(simulator.engine, program, alice, redirect_uri=BACK, scopes=scopes)
    access, refresh = oauth.exchange(simulator.engine, program, code=code, redirect_uri=BACK)
    nuki = calling(access.token)
    form = {"grant_type": "refresh_token", "refresh_token": refresh.token}
    form |= {"client_id": program.id, "client_secret": program.secret}
    asked = urlencode(form).encode()
    before = nuki("GET", path(door)).status

    simulator.script.expire_access_tokens(alice)
    simulator.script.refuse_refresh(alice)

    assert (before, nuki("GET", path(door)).status) == (200, 401)
    assert calling(None)("POST", "/oauth/token", asked).status == 400
    simulator.script.refuse_refresh(alice, refused=False)
    renewed = calling(None)("POST", "/oauth/token", asked)
    assert renewed.status == 200
    assert calling(renewed.json["access_token"])("GET", path(door)).status == 200
