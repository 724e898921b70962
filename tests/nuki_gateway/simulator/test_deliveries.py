"""Webhooks that are lost, doubled, late, turned round or forged, and what the service remembers of them."""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from nuki_gateway.simulator import Simulator, Switches, Timings, TurnedClock
from nuki_gateway.simulator.forgeries import NothingToReplay
from nuki_gateway.simulator.webhooks import Post
from nuki_gateway.simulator.world import Account, Lock
from tests.nuki_gateway.simulator.caller import Caller
from tests.nuki_gateway.simulator.conftest import START, keypad_code

HOOK = "https://hooks.example.org/nuki"
CENTRAL = "https://central.example.org/nuki"
HOUR = 60 * 60


class Inbox:
    """Takes every delivery and answers with a status."""

    def __init__(self) -> None:
        self.status = 204
        self.posts: list[Post] = []

    def __call__(self, post: Post) -> int:
        self.posts.append(post)
        return self.status

    def offline(self) -> list[bool]:
        """Whether each delivery about the lock's state says that it is offline."""
        return [json.loads(one.body)["serverState"] == 4 for one in self.posts]


@pytest.fixture
def inbox(simulator: Simulator) -> Inbox:
    simulator.deliver = made = Inbox()
    return made


def register(nuki: Caller, url: str = HOOK, features: tuple[str, ...] = ("DEVICE_STATUS",)) -> dict[str, Any]:
    made = nuki("PUT", "/api/decentralWebhook", {"webhookUrl": url, "webhookFeatures": list(features)})
    assert made.status == 200
    shape: dict[str, Any] = made.json
    return shape


def tell(simulator: Simulator, door: Lock, count: int = 1) -> None:
    """Let the lock go offline and come back in turn, each told by one webhook."""
    for _ in range(count):
        if door.device.online:
            simulator.take_offline(door.smartlock_id)
        else:
            simulator.bring_online(door.smartlock_id)
    simulator.settle()


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


def is_signed(post: Post, secret: str) -> bool:
    told = post.headers.get("X-Nuki-Signature-SHA256", "")
    return told == hmac.new(secret.encode(), post.body, hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    ("order", "signed", "is_large"),
    [
        pytest.param(lambda script, alice: script.forge_webhook(alice), False, False, id="F21 unsigned"),
        pytest.param(
            lambda script, alice: script.sign_webhook_wrongly(alice), False, False, id="F21 a guess"
        ),
        pytest.param(
            lambda script, alice: script.sign_webhook_as_another(alice),
            False,
            False,
            id="F21 another's secret",
        ),
        pytest.param(lambda script, alice: script.replay_webhook(alice), True, False, id="F21 a replay"),
        pytest.param(lambda script, alice: script.oversize_webhook(alice), True, True, id="F21 oversized"),
    ],
)
def test_a_delivery_comes_that_the_service_never_sent(
    *,
    simulator: Simulator,
    calling: Callable[[str | None], Caller],
    nuki: Caller,
    alice: Account,
    door: Lock,
    inbox: Inbox,
    order: Callable[[Any, Account], None],
    signed: bool,
    is_large: bool,
) -> None:
    secret = register(nuki)["secret"]
    simulator.add_account(name="Charlie", token="charlie-token")
    others = register(calling("charlie-token"), "https://charlie.example.org/nuki")["secret"]
    tell(simulator, door)

    order(simulator.script, alice)

    _, forged = inbox.posts
    assert forged.url == HOOK
    assert is_signed(forged, secret) is signed
    assert (len(forged.body) > 1_000_000) is is_large
    assert is_signed(forged, others) is (order.__code__.co_names[0] == "sign_webhook_as_another")
    assert simulator.deliveries[-1].webhook_id == 0


def test_nothing_is_replayed_before_anything_was_sent_f21(
    simulator: Simulator, nuki: Caller, alice: Account
) -> None:
    register(nuki)

    with pytest.raises(NothingToReplay):
        simulator.script.replay_webhook(alice)


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


def key_of(nuki: Caller) -> str:
    (key,) = nuki("GET", "/api/key").json
    return f"/api/key/{key['apiKeyId']}"


def test_a_central_webhook_is_counted_switched_off_and_reactivated_f22(
    simulator: Simulator, nuki: Caller, door: Lock, inbox: Inbox
) -> None:
    key = key_of(nuki)
    body = {"webhookUrl": CENTRAL, "webhookFeatures": ["DEVICE_STATUS"]}
    assert nuki("POST", f"{key}/advanced", body).status == 204
    tell(simulator, door)
    inbox.status = 500
    tell(simulator, door, 30)
    off = nuki("GET", f"{key}/advanced").json

    assert nuki("POST", f"{key}/advanced/reactivate").status == 204
    inbox.status = 204
    tell(simulator, door)

    on = nuki("GET", f"{key}/advanced").json
    assert (off["webhookStatus"], on["webhookStatus"]) == ("DEACTIVATED", "ACTIVE")
    assert (off["webhookSentSuccessfully"], off["webhookSentErroneous"]) == (1, 19)
    assert (off["lastPostSuccesful"], on["lastPostSuccesful"]) == (False, True)
    assert (on["webhookUrl"], on["webhookFeatures"]) == (CENTRAL, ["DEVICE_STATUS"])
    assert len(inbox.posts) == 21


def test_a_central_webhook_is_signed_with_the_programs_secret(
    simulator: Simulator, alice: Account, door: Lock, inbox: Inbox
) -> None:
    simulator.script.set_central_webhook(alice, CENTRAL, ["DEVICE_STATUS"], secret="the client secret")

    tell(simulator, door)

    (post,) = inbox.posts
    assert post.url == CENTRAL
    assert is_signed(post, "the client secret")


def test_a_central_webhook_hears_of_the_accounts_that_its_program_serves(
    simulator: Simulator, alice: Account, door: Lock, inbox: Inbox
) -> None:
    maker = simulator.add_account(name="Maker", token="maker-token")
    other = simulator.add_account(name="Charlie", token="charlie-token")
    theirs = simulator.add_lock(other, name="Elsewhere")
    simulator.script.set_central_webhook(maker, CENTRAL, ["DEVICE_STATUS"], serves=[alice])

    tell(simulator, door)
    tell(simulator, theirs)

    assert [json.loads(one.body)["smartlockId"] for one in inbox.posts] == [door.smartlock_id]


def test_the_last_three_hundred_deliveries_are_read_in_pages_newest_first(
    simulator: Simulator, nuki: Caller, door: Lock, inbox: Inbox
) -> None:
    register(nuki)
    tell(simulator, door, 301)
    inbox.status = 500
    tell(simulator, door)
    path = f"{key_of(nuki)}/webhook/logs"

    pages = [nuki("GET", f"{path}?limit=500").json]
    while pages[-1]:
        pages.append(nuki("GET", f"{path}?limit=500&id={pages[-1][-1]['id']}").json)

    assert [len(page) for page in pages] == [100, 100, 100, 0]
    ids = [one["id"] for page in pages for one in page]
    assert ids == sorted(set(ids), reverse=True)
    newest, before = pages[0][:2]
    assert (newest["succeeded"], newest["responseStatus"]) == (False, 500)
    assert (before["succeeded"], before["responseStatus"]) == (True, 204)
    assert newest["response"]["body"] == inbox.posts[-1].body.decode()
    assert newest["response"]["headers"] == inbox.posts[-1].headers
    assert len(nuki("GET", path).json) == 50


@pytest.mark.parametrize(
    ("method", "call"),
    [
        pytest.param("GET", "advanced", id="counters"),
        pytest.param("POST", "advanced/reactivate", id="reactivate"),
        pytest.param("GET", "webhook/logs", id="log"),
    ],
)
def test_the_key_of_another_account_is_unknown(
    *,
    simulator: Simulator,
    calling: Callable[[str | None], Caller],
    nuki: Caller,
    method: str,
    call: str,
) -> None:
    simulator.add_account(name="Charlie", token="charlie-token")
    theirs = key_of(calling("charlie-token"))

    assert nuki(method, f"{theirs}/{call}").status == 404


def test_calls_deliveries_and_orders_survive_a_restart(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    first = Simulator(clock=TurnedClock(START), state_path=state, deliver=lambda _post: 204)
    alice = first.add_account(name="Alice", token="alice-token")
    door = first.add_lock(alice, name="Front door", keypad="keypad2")
    with first.serve() as url, closing(Caller(url, "alice-token")) as nuki:
        register(nuki)
        first.take_offline(door.smartlock_id)
        first.settle()
        first.bring_online(door.smartlock_id)
        first.script.lose_next_write(door)
        first.script.fail_for(60)
        assert nuki("GET", "/smartlock").status == 503

    clock = TurnedClock(first.clock.now())
    second = Simulator(clock=clock, state_path=state, deliver=lambda _post: 204)
    assert [(one.method, one.status) for one in second.calls] == [("PUT", 200), ("GET", 503)]
    assert [(one.feature, one.status) for one in second.deliveries] == [("DEVICE_STATUS", 204)]
    with second.serve() as url, closing(Caller(url, "alice-token")) as nuki:
        assert nuki("GET", "/smartlock").status == 503
        clock.turn(seconds=60)
        assert nuki("PUT", f"/smartlock/{door.smartlock_id}/auth", keypad_code()).status == 204
        second.settle()
    assert second.codes_on(door.smartlock_id) == []


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
