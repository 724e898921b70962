"""The client against the simulator, over HTTP: what is asked for is what the lock gets."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nuki_gateway import errors
from nuki_gateway.client import WEBHOOK_FEATURES, NukiClient
from nuki_gateway.models import (
    Authorization,
    DoorState,
    KeypadEntry,
    LockState,
    Mode,
    ProductVariant,
    SmartLock,
    Webhook,
    Window,
)
from nuki_gateway.simulator import Account, Lock, Simulator, TurnedClock
from tests.nuki_gateway.answering import answer, answering
from tests.nuki_gateway.conftest import CODE, ENTRY, TOKEN

CREATED = answer("204 No Content")
WHOLE_WINDOW = {
    "allowedFromDate": "2026-06-15T13:00:00.000Z",
    "allowedUntilDate": "2026-06-17T08:00:00.000Z",
    "allowedWeekDays": 96,
    "allowedFromTime": 480,
    "allowedUntilTime": 1320,
}


def listed(nuki: NukiClient, door: Lock) -> Authorization:
    (one,) = nuki.keypad_codes(door.smartlock_id)
    return one


def test_smart_locks_are_listed_with_what_is_known_of_them(
    simulator: Simulator, account: Account, door: Lock, nuki: NukiClient, clock: TurnedClock
) -> None:
    cellar = simulator.add_lock(
        account, name="Cellar", device_type=4, battery=15, online=False, time_zone_id=40
    )

    found = nuki.smart_locks()

    assert found == [
        SmartLock(
            smartlock_id=door.smartlock_id,
            device_type=5,
            name="Front door",
            keypad_paired=True,
            time_zone="Europe/Berlin",
            server_state=0,
            battery_charge=71,
            battery_critical=False,
            keypad_battery_critical=False,
            updated_at=clock.now(),
            operation_runs=False,
            keypad_generation=2,
            lock_state=LockState.LOCKED,
            door_state=DoorState.NONE,
            mode=Mode.DOOR,
            firmware="5.9.4",
            product_variant=ProductVariant.PRO,
            subscription_state="ACTIVE",
        ),
        SmartLock(
            smartlock_id=cellar.smartlock_id,
            device_type=4,
            name="Cellar",
            keypad_paired=False,
            time_zone="Europe/London",
            server_state=4,
            battery_charge=15,
            battery_critical=True,
            keypad_battery_critical=False,
            updated_at=clock.now(),
            operation_runs=False,
            keypad_generation=None,
            lock_state=LockState.LOCKED,
            door_state=DoorState.NONE,
            mode=Mode.DOOR,
            firmware="3.10.7",
            product_variant=None,
            subscription_state="ACTIVE",
        ),
    ]
    assert [one.is_online for one in found] == [True, False]


def test_one_smart_lock_is_read_by_its_number(door: Lock, nuki: NukiClient) -> None:
    found = nuki.smart_lock(door.smartlock_id)

    assert (found.smartlock_id, found.name) == (door.smartlock_id, "Front door")


def test_a_lock_of_another_account_is_not_read(simulator: Simulator, nuki: NukiClient) -> None:
    charlie = simulator.add_account(name="Charlie", token="charlie-token")
    foreign = simulator.add_lock(charlie, name="Lodge", keypad="keypad")

    with pytest.raises(errors.NukiRefused):
        nuki.smart_lock(foreign.smartlock_id)

    assert [lock.smartlock_id for lock in nuki.smart_locks()] == []


def test_a_created_code_is_on_the_lock_with_its_whole_window(
    simulator: Simulator, door: Lock, nuki: NukiClient
) -> None:
    nuki.create_keypad_code(door.smartlock_id, ENTRY)
    simulator.settle()

    (on_the_lock,) = simulator.codes_on(door.smartlock_id)
    assert (on_the_lock.name, on_the_lock.code, on_the_lock.enabled) == ("Ada", CODE, True)
    assert on_the_lock.remote_allowed is False
    assert on_the_lock.allowed_from == datetime(2026, 6, 15, 13, 0, tzinfo=UTC)
    assert on_the_lock.allowed_until == datetime(2026, 6, 17, 8, 0, tzinfo=UTC)
    assert (on_the_lock.weekdays, on_the_lock.from_minute, on_the_lock.until_minute) == (96, 480, 1320)
    assert listed(nuki, door).entry == ENTRY


def test_an_update_changes_what_differs_and_clears_nothing(
    simulator: Simulator, door: Lock, nuki: NukiClient
) -> None:
    nuki.create_keypad_code(door.smartlock_id, ENTRY)
    simulator.settle()
    (before,) = simulator.codes_on(door.smartlock_id)
    changed = KeypadEntry("Ada", "594683", ENTRY.window, enabled=False)

    nuki.update_keypad_code(door.smartlock_id, listed(nuki, door).id, changed)
    simulator.settle()

    (after,) = simulator.codes_on(door.smartlock_id)
    assert (after.code, after.enabled) == ("594683", False)
    assert (after.name, after.remote_allowed) == (before.name, before.remote_allowed)
    assert (after.allowed_from, after.allowed_until) == (before.allowed_from, before.allowed_until)
    assert (after.weekdays, after.from_minute, after.until_minute) == (96, 480, 1320)
    assert listed(nuki, door).entry == changed


def test_a_create_sends_the_type_and_every_field_but_the_one_that_creates_do_not_have() -> None:
    with answering(CREATED) as service:
        NukiClient(service.url, TOKEN).create_keypad_code(17_901_234_567, ENTRY)

    (asked,) = service.asked
    assert asked.line == "PUT /smartlock/17901234567/auth HTTP/1.1"
    assert asked.headers["Authorization"] == f"Bearer {TOKEN}"
    assert json.loads(asked.body) == {
        "type": 13,
        "name": "Ada",
        "code": 384174,
        "remoteAllowed": False,
        **WHOLE_WINDOW,
    }


def test_a_netrc_file_of_the_machine_does_not_replace_the_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login somebody password else\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))

    with answering(answer("200 OK", b"[]")) as service:
        NukiClient(service.url, TOKEN).smart_locks()

    assert [asked.headers["Authorization"] for asked in service.asked] == [f"Bearer {TOKEN}"]


def test_an_update_sends_every_field() -> None:
    with answering(CREATED) as service:
        NukiClient(service.url, TOKEN).update_keypad_code(5, "66aa00000000000000000002", ENTRY)

    (asked,) = service.asked
    assert asked.line == "POST /smartlock/5/auth/66aa00000000000000000002 HTTP/1.1"
    assert json.loads(asked.body) == {
        "name": "Ada",
        "code": 384174,
        "enabled": True,
        "remoteAllowed": False,
        **WHOLE_WINDOW,
    }


def test_an_open_end_is_sent_as_null_and_not_left_out() -> None:
    entry = KeypadEntry("Ada", CODE, Window(None, None))

    with answering(CREATED) as service:
        NukiClient(service.url, TOKEN).update_keypad_code(5, "66aa", entry)

    sent = json.loads(service.asked[0].body)
    assert (sent["allowedFromDate"], sent["allowedUntilDate"]) == (None, None)
    assert (sent["allowedWeekDays"], sent["allowedFromTime"], sent["allowedUntilTime"]) == (127, 0, 0)


def test_only_keypad_codes_are_asked_for() -> None:
    with answering(answer("200 OK", b"[]")) as service:
        found = NukiClient(service.url, TOKEN).keypad_codes(5)

    assert found == []
    assert [asked.line for asked in service.asked] == ["GET /smartlock/5/auth?types=13 HTTP/1.1"]


def test_codes_that_others_made_are_listed_too(simulator: Simulator, door: Lock, nuki: NukiClient) -> None:
    simulator.in_the_app(door.smartlock_id).add_code("Neighbour", "738291")
    nuki.sync(door.smartlock_id)
    simulator.settle()

    found = listed(nuki, door)

    assert found.entry == KeypadEntry("Neighbour", "738291", Window(None, None))


def test_a_sync_makes_the_cloud_read_the_lock_anew(
    simulator: Simulator, door: Lock, nuki: NukiClient
) -> None:
    simulator.in_the_app(door.smartlock_id).add_code("Neighbour", "738291")
    before = nuki.keypad_codes(door.smartlock_id)

    nuki.sync(door.smartlock_id)
    runs = nuki.smart_lock(door.smartlock_id).operation_runs
    simulator.settle()

    assert before == []
    assert runs is True
    assert nuki.smart_lock(door.smartlock_id).operation_runs is False
    assert listed(nuki, door).code == "738291"


def test_a_deleted_code_is_gone_from_the_lock_and_from_the_list(
    simulator: Simulator, door: Lock, nuki: NukiClient
) -> None:
    nuki.create_keypad_code(door.smartlock_id, ENTRY)
    simulator.settle()

    nuki.delete_authorization(door.smartlock_id, listed(nuki, door).id)
    simulator.settle()

    assert simulator.codes_on(door.smartlock_id) == []
    assert nuki.keypad_codes(door.smartlock_id) == []


def test_a_code_that_stands_on_the_lock_already_is_a_conflict(
    simulator: Simulator, door: Lock, nuki: NukiClient
) -> None:
    nuki.create_keypad_code(door.smartlock_id, ENTRY)
    simulator.settle()

    with pytest.raises(errors.NukiConflict):
        nuki.create_keypad_code(door.smartlock_id, KeypadEntry("Bob", CODE, ENTRY.window))
    simulator.settle()

    assert [one.name for one in simulator.codes_on(door.smartlock_id)] == ["Ada"]


def test_a_second_write_while_the_first_one_runs_is_busy(
    simulator: Simulator, door: Lock, nuki: NukiClient
) -> None:
    nuki.create_keypad_code(door.smartlock_id, ENTRY)
    simulator.settle()
    known = listed(nuki, door)
    nuki.delete_authorization(door.smartlock_id, known.id)

    with pytest.raises(errors.NukiBusy) as refusal:
        nuki.update_keypad_code(door.smartlock_id, known.id, ENTRY)

    assert refusal.value.status == 423
    assert listed(nuki, door).operation_runs is True


def test_a_name_that_is_too_long_for_a_keypad_is_refused(
    simulator: Simulator, door: Lock, nuki: NukiClient
) -> None:
    with pytest.raises(errors.NukiRefused) as refusal:
        nuki.create_keypad_code(door.smartlock_id, KeypadEntry("A" * 21, CODE, ENTRY.window))
    simulator.settle()

    assert (type(refusal.value), refusal.value.status) == (errors.NukiRefused, 422)
    assert simulator.codes_on(door.smartlock_id) == []


def test_a_lock_without_a_keypad_refuses_codes(
    simulator: Simulator, account: Account, nuki: NukiClient
) -> None:
    cellar = simulator.add_lock(account, name="Cellar")

    with pytest.raises(errors.NukiRefused) as refusal:
        nuki.create_keypad_code(cellar.smartlock_id, ENTRY)

    assert (type(refusal.value), refusal.value.status) == (errors.NukiRefused, 400)


def test_a_token_without_the_scope_is_forbidden(simulator: Simulator, url: str) -> None:
    reader = simulator.add_account(name="Reader", token="reads-only", scopes=["smartlock.readOnly"])
    lock = simulator.add_lock(reader, name="Lodge", keypad="keypad")

    with pytest.raises(errors.NukiForbidden):
        NukiClient(url, "reads-only").create_keypad_code(lock.smartlock_id, ENTRY)
    simulator.settle()

    assert simulator.codes_on(lock.smartlock_id) == []


def test_a_webhook_is_registered_listed_without_its_secret_and_removed(nuki: NukiClient) -> None:
    made = nuki.register_webhook("https://keys.example/webhooks/nuki/1")
    known = nuki.webhooks()
    nuki.remove_webhook(made.id)

    assert len(made.secret) == 40
    assert known == [
        Webhook(
            id=made.id,
            url="https://keys.example/webhooks/nuki/1",
            secret="",
            features=(
                "DEVICE_STATUS",
                "DEVICE_MASTERDATA",
                "DEVICE_CONFIG",
                "DEVICE_LOGS",
                "DEVICE_AUTHS",
            ),
        )
    ]
    assert nuki.webhooks() == []


def test_a_webhook_is_registered_for_everything_that_concerns_locks(
    simulator: Simulator, nuki: NukiClient
) -> None:
    made = nuki.register_webhook("https://keys.example/hook")

    assert simulator.world.webhooks[made.id].features == list(WEBHOOK_FEATURES)
    assert WEBHOOK_FEATURES == (
        "DEVICE_STATUS",
        "DEVICE_MASTERDATA",
        "DEVICE_CONFIG",
        "DEVICE_LOGS",
        "DEVICE_AUTHS",
    )


def test_a_webhook_to_an_address_without_https_is_refused(simulator: Simulator, nuki: NukiClient) -> None:
    with pytest.raises(errors.NukiRefused):
        nuki.register_webhook("http://keys.example/hook")

    assert simulator.world.webhooks == {}
