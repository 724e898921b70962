"""Webhooks that are lost, doubled, late or turned round, and addresses that fail or hang."""

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from nuki_gateway.simulator import Simulator, Switches, Timings, TurnedClock
from nuki_gateway.simulator.world import Lock
from tests.nuki_gateway.simulator.caller import Caller
from tests.nuki_gateway.simulator.conftest import HOUR
from tests.nuki_gateway.simulator.inbox import Inbox, register, tell


@pytest.mark.parametrize(
    ("order", "at_once", "after_an_hour"),
    [
        pytest.param(lambda _script: None, [True, False, True], 3, id="no fault"),
        pytest.param(lambda script: script.lose_next_webhooks(2), [True], 1, id="F20 two are lost"),
        pytest.param(lambda script: script.silence_webhooks(), [], 0, id="F20 all are lost"),
        pytest.param(
            lambda script: script.double_next_webhook(), [True, True, False, True], 4, id="F20 one is doubled"
        ),
        pytest.param(lambda script: script.delay_next_webhook(HOUR), [False, True], 3, id="F20 one is late"),
        pytest.param(
            lambda script: script.reverse_next_webhooks(2),
            [False, True, True],
            3,
            id="F20 two are turned round",
        ),
        pytest.param(lambda script: script.reverse_next_webhooks(4), [], 0, id="F20 three wait for a fourth"),
    ],
)
def test_webhooks_do_not_tell_what_happened(
    *,
    simulator: Simulator,
    clock: TurnedClock,
    nuki: Caller,
    door: Lock,
    inbox: Inbox,
    order: Callable[[Any], None],
    at_once: list[bool],
    after_an_hour: int,
) -> None:
    register(nuki)
    order(simulator.script)

    tell(simulator, door, 3)
    assert inbox.offline() == at_once
    clock.turn(seconds=HOUR + 1)

    assert len(inbox.posts) == after_an_hour


def test_webhooks_are_sent_again_once_told_f20(
    simulator: Simulator, nuki: Caller, door: Lock, inbox: Inbox
) -> None:
    register(nuki)
    simulator.script.silence_webhooks()
    tell(simulator, door)

    simulator.script.silence_webhooks(until_told=False)
    tell(simulator, door)

    assert inbox.offline() == [False]


def test_a_thousand_webhooks_come_in_a_burst_f20(
    simulator: Simulator, clock: TurnedClock, nuki: Caller, door: Lock, inbox: Inbox
) -> None:
    register(nuki)
    simulator.script.burst_of_webhooks(door, 1000)

    clock.turn(seconds=1)

    assert len(inbox.posts) == 1000


@pytest.mark.parametrize(
    ("switches", "failing", "sent"),
    [
        pytest.param(Switches(), 19, 20, id="F22 fewer than twenty are no share"),
        pytest.param(Switches(), 20, 20, id="F22 twenty failures end it"),
        pytest.param(Switches(deactivate_decentral_webhooks=False), 20, 21, id="F22 not by this switch"),
    ],
)
def test_an_address_that_fails_too_often_gets_nothing_more(
    *, simulator: Simulator, nuki: Caller, door: Lock, inbox: Inbox, failing: int, sent: int
) -> None:
    register(nuki)
    inbox.status = 500
    tell(simulator, door, failing)

    inbox.status = 204
    tell(simulator, door)

    assert len(inbox.posts) == sent


def test_one_failure_in_twenty_is_not_more_than_a_twentieth_f22(
    simulator: Simulator, nuki: Caller, door: Lock, inbox: Inbox
) -> None:
    register(nuki)
    tell(simulator, door, 38)
    inbox.status = 500
    tell(simulator, door, 2)
    assert len(inbox.posts) == 40

    tell(simulator, door)
    tell(simulator, door)

    assert len(inbox.posts) == 41


class Slow(ThreadingHTTPServer):
    """An address that holds the first delivery until it is let go."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), SlowConnection)
        self.let_go = threading.Event()
        self.received: dict[str, list[bytes]] = {"/hanging": [], "/quick": []}


class SlowConnection(BaseHTTPRequestHandler):
    server: Slow

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/hanging":
            self.server.let_go.wait(10)
        self.server.received[self.path].append(body)
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  the base class's name
        pass


def wait_until(condition: Callable[[], bool]) -> None:
    ends = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.01)


def test_a_hanging_address_delays_no_other_and_each_hears_in_order() -> None:
    simulator = Simulator(timings=Timings(webhook_seconds=0))
    alice = simulator.add_account(name="Alice", token="alice-token")
    door = simulator.add_lock(alice, name="Front door")
    threads = threading.active_count()
    slow = Slow()
    serving = threading.Thread(target=slow.serve_forever, kwargs={"poll_interval": 0.01})
    serving.start()
    with simulator.serve() as url:
        nuki = Caller(url, alice.token)
        for path in ("hanging", "quick"):
            register(nuki, f"http://127.0.0.1:{slow.server_port}/{path}")
        for _ in range(10):
            simulator.take_offline(door.smartlock_id)
            simulator.bring_online(door.smartlock_id)

        wait_until(lambda: len(slow.received["/quick"]) == 20)
        assert slow.received["/hanging"] == []
        slow.let_go.set()
        wait_until(lambda: len(slow.received["/hanging"]) == 20)
        nuki.close()
    slow.shutdown()
    serving.join()
    slow.server_close()

    told = [[json.loads(one)["serverState"] for one in bodies] for bodies in slow.received.values()]
    assert told == [[4, 0] * 10, [4, 0] * 10]
    assert threading.active_count() == threads
