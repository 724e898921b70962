"""Webhooks: registered with a secret of their own, signed, delivered when their time comes."""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from nuki_gateway.simulator import Simulator, Switches, Timings, TurnedClock
from nuki_gateway.simulator.webhooks import Post
from nuki_gateway.simulator.world import Lock
from tests.nuki_gateway.simulator.caller import Caller
from tests.nuki_gateway.simulator.conftest import keypad_code

EVERYTHING = ["DEVICE_STATUS", "DEVICE_MASTERDATA", "DEVICE_AUTHS", "DEVICE_LOGS"]


class Receiver(HTTPServer):
    def __init__(self, status: int) -> None:
        super().__init__(("127.0.0.1", 0), ReceiverConnection)
        self.status = status
        self.received: list[tuple[str, dict[str, str], bytes]] = []


class ReceiverConnection(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.path, dict(self.headers.items()), body))
        self.send_response(self.server.status)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  the base class's name
        pass


@contextmanager
def receiving(status: int = 200) -> Iterator[Receiver]:
    receiver = Receiver(status)
    thread = Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.shutdown()
        thread.join()
        receiver.server_close()


def register(nuki: Caller, url: str, features: list[str] = EVERYTHING) -> str:
    made = nuki("PUT", "/api/decentralWebhook", {"webhookUrl": url, "webhookFeatures": features})
    assert made.status == 200
    secret: str = made.json["secret"]
    return secret


def test_a_webhook_is_posted_with_the_signature_of_its_own_secret(
    simulator: Simulator, nuki: Caller, door: Lock
) -> None:
    with receiving() as receiver:
        secret = register(nuki, f"http://127.0.0.1:{receiver.server_port}/hook", ["DEVICE_AUTHS"])
        nuki("PUT", f"/smartlock/{door.smartlock_id}/auth", keypad_code())
        simulator.settle()

    ((path, headers, body),) = receiver.received
    news = json.loads(body)
    assert path == "/hook"
    assert headers["X-Nuki-Signature-SHA256"] == hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    assert headers["Content-Type"] == "application/json; charset=UTF-8"
    assert (news["feature"], news["deleted"]) == ("DEVICE_AUTHS", False)
    assert news["smartlockAuth"] == nuki("GET", f"/smartlock/{door.smartlock_id}/auth").json[0]
    assert [(one.feature, one.status) for one in simulator.deliveries] == [("DEVICE_AUTHS", 200)]
    assert "384174" not in repr(simulator.deliveries)


def test_with_the_wall_clock_a_thread_delivers_and_ends_with_the_server() -> None:
    simulator = Simulator(timings=Timings(webhook_seconds=0))
    alice = simulator.add_account(name="Alice", token="alice-token")
    door = simulator.add_lock(alice, name="Front door")
    threads = threading.active_count()
    with receiving() as receiver:
        with simulator.serve() as url:
            nuki = Caller(url, alice.token)
            register(nuki, f"http://localhost:{receiver.server_port}/hook")
            simulator.take_offline(door.smartlock_id)
            ends = time.monotonic() + 10
            while not simulator.deliveries and time.monotonic() < ends:
                time.sleep(0.01)
        nuki.close()

    assert [(one.feature, one.status) for one in simulator.deliveries] == [("DEVICE_STATUS", 200)]
    assert threading.active_count() == threads


def test_a_redirect_is_an_answer_and_not_followed(simulator: Simulator, nuki: Caller, door: Lock) -> None:
    with receiving(status=302) as receiver:
        register(nuki, f"http://127.0.0.1:{receiver.server_port}/hook")
        simulator.take_offline(door.smartlock_id)
        simulator.settle()

    assert [path for path, _, _ in receiver.received] == ["/hook"]
    assert [one.status for one in simulator.deliveries] == [302]


def test_an_address_where_nobody_listens_is_noted_without_a_status(
    simulator: Simulator, nuki: Caller, door: Lock
) -> None:
    with receiving() as receiver:
        port = receiver.server_port
    register(nuki, f"http://127.0.0.1:{port}/hook")

    simulator.take_offline(door.smartlock_id)
    simulator.settle()

    assert [(one.feature, one.status) for one in simulator.deliveries] == [("DEVICE_STATUS", None)]


def test_each_change_is_told_in_its_own_feature(
    simulator: Simulator, clock: TurnedClock, nuki: Caller, door: Lock
) -> None:
    told: list[str] = []

    def deliver(post: Post) -> int:
        told.append(post.feature)
        return 204

    simulator.deliver = deliver
    register(nuki, "https://hooks.example.org/nuki")
    simulator.in_the_app(door.smartlock_id).add_code("Ada", "384174")

    nuki("POST", f"/smartlock/{door.smartlock_id}/sync")
    clock.turn(seconds=2)
    assert told == []
    clock.turn(seconds=0.3)
    assert told == ["DEVICE_AUTHS", "DEVICE_MASTERDATA"]

    simulator.type_code(door.smartlock_id, "384174")
    simulator.settle()
    assert told[2:] == ["DEVICE_STATUS", "DEVICE_LOGS"]

    (shape,) = nuki("GET", f"/smartlock/{door.smartlock_id}/auth").json
    nuki("DELETE", f"/smartlock/{door.smartlock_id}/auth/{shape['id']}")
    simulator.settle()
    assert told[4:] == ["DEVICE_AUTHS"]
    assert json.loads(simulator.deliveries[-1].body)["deleted"] is True


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("http://hooks.example.org/nuki", id="plain http"),
        pytest.param("ftp://127.0.0.1/nuki", id="another protocol"),
        pytest.param("https:///nuki", id="no host"),
        pytest.param("https://hooks.example.org:99999/nuki", id="a port that does not exist"),
    ],
)
def test_an_address_that_is_not_https_is_refused(nuki: Caller, address: str) -> None:
    reply = nuki("PUT", "/api/decentralWebhook", {"webhookUrl": address, "webhookFeatures": EVERYTHING})

    assert reply.status == 400
    assert nuki("GET", "/api/decentralWebhook").json == []


@pytest.mark.parametrize("switches", [Switches(allow_loopback_webhooks=False)])
def test_this_very_machine_is_refused_too_when_the_switch_says_so(nuki: Caller) -> None:
    body = {"webhookUrl": "http://127.0.0.1:9/hook", "webhookFeatures": EVERYTHING}

    assert nuki("PUT", "/api/decentralWebhook", body).status == 400


def test_the_secret_is_told_once_and_a_deleted_webhook_hears_nothing(
    simulator: Simulator, nuki: Caller, door: Lock
) -> None:
    register(nuki, "https://hooks.example.org/nuki")
    (shape,) = nuki("GET", "/api/decentralWebhook").json
    assert set(shape) == {"id", "webhookUrl", "webhookFeatures"}

    simulator.take_offline(door.smartlock_id)
    deleted = nuki("DELETE", f"/api/decentralWebhook/{shape['id']}")
    simulator.settle()

    assert deleted.status == 204
    assert list(simulator.deliveries) == []
