"""The client that PyPI has under the name nuki-web-api drives the simulator, and the locks do what it says.

It is unmodified: the published wheel, checked against its hash, not a line of it replaced. Where the service
is, its constructor takes as an argument (`base_url`). The one liberty: it demands requests==2.32.5 exactly
and runs here with Keyturn's newer one, of which it uses `requests.request` and `HTTPError` alone.
What it does wrong stands in test_python_client_defects.py.
"""

import json
from typing import Any

import pytest
import requests

from nuki_gateway.simulator import Account, Lock, Post, Simulator, TurnedClock
from tests.nuki_gateway.conftest import CODE
from tests.nuki_gateway.third_party.conftest import WINDOW

pytestmark = [pytest.mark.slow, pytest.mark.timeout(150)]  # it is fetched from its registry

HOUR = 3600  # seconds


def create(client: Any, door: Lock, name: str, code: int) -> None:
    client.smartlock_auth.create_auth_for_smartlock(
        door.smartlock_id, name, remote_allowed=False, type=13, code=code, **WINDOW
    )


def on_the_lock(simulator: Simulator, door: Lock) -> list[tuple[str, str | None]]:
    return [(one.name, one.code) for one in simulator.codes_on(door.smartlock_id)]


def test_locks_are_listed_and_one_is_read(client: Any, door: Lock) -> None:
    (listed,) = client.smartlock.list_smartlocks()
    read = client.smartlock.get_smartlock(door.smartlock_id)

    assert (listed["smartlockId"], listed["name"], listed["type"]) == (door.smartlock_id, "Front door", 5)
    assert (read.id, read.name, read.battery_charge, read.is_locked) == (
        door.smartlock_id,
        "Front door",
        71,
        True,
    )
    assert read.hex_id == f"{door.smartlock_id & 0xFFFFFFFF:08X}"


def test_a_keypad_code_is_made_listed_and_opens_in_its_window(
    client: Any, simulator: Simulator, clock: TurnedClock, door: Lock
) -> None:
    create(client, door, "Ada", int(CODE))
    simulator.settle()

    (listed,) = client.smartlock_auth.list_auths_for_smartlock(door.smartlock_id, types="13")
    assert (listed["name"], listed["code"], listed["authId"]) == ("Ada", int(CODE), 4097)
    assert listed["allowedUntilDate"] == "2026-06-17T08:00:00.000Z"
    assert on_the_lock(simulator, door) == [("Ada", CODE)]
    assert simulator.type_code(door.smartlock_id, CODE).reason == "too early"
    clock.turn(seconds=2 * HOUR)
    assert simulator.type_code(door.smartlock_id, CODE).opened
    clock.turn(seconds=48 * HOUR)
    assert simulator.type_code(door.smartlock_id, CODE).reason == "ended"


def test_one_call_makes_a_code_on_several_locks(
    client: Any, simulator: Simulator, account: Account, door: Lock
) -> None:
    flat = simulator.add_lock(account, name="Flat", keypad="keypad")

    client.smartlock_auth.create_auth_for_smartlocks(
        "Ada", [door.smartlock_id, flat.smartlock_id], remote_allowed=False, type=13, code=int(CODE)
    )
    simulator.settle()

    assert on_the_lock(simulator, door) == on_the_lock(simulator, flat) == [("Ada", CODE)]
    listed = client.smartlock_auth.list_auths(types="13")
    assert [one["smartlockId"] for one in listed] == [door.smartlock_id, flat.smartlock_id]


def test_a_code_is_changed_and_its_window_repeated(
    client: Any, simulator: Simulator, clock: TurnedClock, door: Lock, ada: str
) -> None:
    client.smartlock_auth.update_auth(door.smartlock_id, ada, name="Ann", code=555555, **WINDOW)
    simulator.settle()
    clock.turn(seconds=2 * HOUR)

    assert on_the_lock(simulator, door) == [("Ann", "555555")]
    assert simulator.type_code(door.smartlock_id, CODE).reason == "unknown code"
    assert simulator.type_code(door.smartlock_id, "555555").opened


def test_several_codes_are_changed_and_then_deleted_in_one_call_each(
    client: Any, simulator: Simulator, door: Lock, ada: str
) -> None:
    create(client, door, "Bea", 384175)
    simulator.settle()
    bea = client.smartlock_auth.list_auths_for_smartlock(door.smartlock_id)[1]["id"]

    client.smartlock_auth.update_auths_bulk(
        [{"id": ada, "name": "Ann", "enabled": False}, {"id": bea, "name": "Bet", "code": 555555}]
    )
    simulator.settle()
    assert on_the_lock(simulator, door) == [("Ann", CODE), ("Bet", "555555")]
    assert simulator.type_code(door.smartlock_id, CODE).reason == "disabled"
    assert simulator.type_code(door.smartlock_id, "555555").opened

    client.smartlock_auth.delete_auths([ada, bea])
    simulator.settle()
    assert on_the_lock(simulator, door) == []
    assert client.smartlock_auth.list_auths() == []


def test_a_code_is_deleted(client: Any, simulator: Simulator, door: Lock, ada: str) -> None:
    client.smartlock_auth.delete_auth(door.smartlock_id, ada)
    simulator.settle()

    assert on_the_lock(simulator, door) == []
    assert simulator.type_code(door.smartlock_id, CODE).reason == "unknown code"
    assert client.smartlock_auth.list_auths_for_smartlock(door.smartlock_id) == []


@pytest.mark.usefixtures("ada")
def test_a_taken_code_is_refused_and_the_lock_keeps_what_it_has(
    client: Any, simulator: Simulator, door: Lock
) -> None:
    with pytest.raises(requests.HTTPError) as refused:
        create(client, door, "Bea", int(CODE))
    simulator.settle()

    assert refused.value.response is not None
    assert refused.value.response.status_code == 409
    assert on_the_lock(simulator, door) == [("Ada", CODE)]


@pytest.mark.usefixtures("ada")
def test_the_log_says_who_came_in(client: Any, simulator: Simulator, clock: TurnedClock, door: Lock) -> None:
    clock.turn(seconds=2 * HOUR)
    simulator.type_code(door.smartlock_id, CODE)
    simulator.settle()

    entered = client.smartlock_log.list_logs_for_smartlock(door.smartlock_id, {"limit": 1}).json()
    everywhere = client.smartlock_log.list_logs().json()

    assert [(one["name"], one["action"], one["trigger"], one["state"]) for one in entered] == [
        ("Ada", 1, 255, 0)
    ]
    assert everywhere == entered


def test_a_lock_is_locked_and_unlocked_by_both_ways_that_the_client_has(
    client: Any, simulator: Simulator, door: Lock
) -> None:
    lock = client.lock_instances[door.smartlock_id]
    acts = [
        (lambda: client.smartlock.unlock_smartlock(door.smartlock_id), 3),
        (lambda: client.smartlock.lock_smartlock(door.smartlock_id), 1),
        (lambda: client.smartlock.action(door.smartlock_id, {"action": 3}), 5),
        (lambda: lock.lock(full=True), 1),
        (lock.unlock, 3),
    ]

    for act, state in acts:
        act()
        simulator.settle()
        assert door.device.state.state == state
        assert lock.refresh()["state"]["state"] == state


def test_a_sync_makes_the_cloud_see_what_the_app_did(client: Any, simulator: Simulator, door: Lock) -> None:
    simulator.in_the_app(door.smartlock_id).add_code("Cousin", "384176")
    assert client.smartlock_auth.list_auths() == []

    client.smartlock.sync_smartlock(door.smartlock_id)
    simulator.settle()

    assert [one["name"] for one in client.smartlock_auth.list_auths()] == ["Cousin"]


def test_a_webhook_is_registered_and_told_of_a_new_code(
    client: Any, simulator: Simulator, posts: list[Post], door: Lock
) -> None:
    made = client.advanced_api.create_decentral_webhook("https://keyturn.example/hook", ["DEVICE_AUTHS"])
    create(client, door, "Ada", int(CODE))
    simulator.settle()

    (listed,) = client.advanced_api.list_decentral_webhooks()
    assert made == listed | {"secret": simulator.world.webhooks[made["id"]].secret}
    assert listed == {
        "id": made["id"],
        "webhookUrl": "https://keyturn.example/hook",
        "webhookFeatures": ["DEVICE_AUTHS"],
    }
    (post,) = posts
    assert post.url == "https://keyturn.example/hook"
    assert json.loads(post.body)["smartlockAuth"]["name"] == "Ada"


def test_account_users_are_made_listed_changed_and_deleted(client: Any, simulator: Simulator) -> None:
    made = client.account_user.create_account_user("ada@example.org", "Ada", language="de")
    known = simulator.world.users[made["accountUserId"]]
    assert (known.email, known.name, known.language) == ("ada@example.org", "Ada", "de")
    assert client.account_user.list_account_users() == [made]
    assert client.account_user.get_account_user(made["accountUserId"]) == made

    client.account_user.update_account_user(made["accountUserId"], "ann@example.org", "Ann", "fr")
    known = simulator.world.users[made["accountUserId"]]
    assert (known.email, known.name, known.language) == ("ann@example.org", "Ann", "fr")

    client.account_user.delete_account_user(made["accountUserId"])
    simulator.settle()

    assert simulator.world.users == {}
    assert client.account_user.list_account_users() == []


def test_a_wrong_token_is_refused(nukiwebapi: Any, url: str, door: Lock) -> None:
    stranger = nukiwebapi.NukiWebAPI("not-a-token", base_url=url)

    with pytest.raises(requests.HTTPError, match="401"):
        stranger.smartlock.lock_smartlock(door.smartlock_id)

    assert door.queue == []
