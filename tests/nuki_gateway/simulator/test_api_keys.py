"""What hangs on a program's key: its central webhook, and the log of its last deliveries."""

import json
from collections.abc import Callable

import pytest

from nuki_gateway.simulator import Simulator
from nuki_gateway.simulator.world import Account, Lock
from tests.nuki_gateway.simulator.caller import Caller
from tests.nuki_gateway.simulator.inbox import Inbox, is_signed, register, tell

CENTRAL = "https://central.example.org/nuki"


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
