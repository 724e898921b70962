"""What can be set on a lock: shown as the cloud knows it, carried to the device, and back."""

from datetime import UTC, datetime
from typing import Any

import pytest

from nuki_gateway.simulator import OfflineWrites, Simulator, TurnedClock
from nuki_gateway.simulator.world import Account, Lock
from tests.nuki_gateway.simulator.caller import Caller
from tests.nuki_gateway.simulator.test_checks import complaint

LONDON = 40


def shown(nuki: Caller, door: Lock) -> dict[str, Any]:
    shape: dict[str, Any] = nuki("GET", f"/smartlock/{door.smartlock_id}").json
    return shape


def configured(nuki: Caller, door: Lock, **changes: Any) -> int:
    whole = {**shown(nuki, door)["config"], **changes}
    return nuki("POST", f"/smartlock/{door.smartlock_id}/config", whole).status


def test_the_configuration_has_the_keys_of_a_recorded_lock(nuki: Caller, door: Lock) -> None:
    shape = shown(nuki, door)

    assert set(shape["config"]) == {
        *("advertisingMode", "autoUnlatch", "buttonEnabled", "capabilities", "daylightSavingMode"),
        *("deviceType", "fobAction1", "fobAction2", "fobAction3", "fobPaired", "homekitState"),
        *("keypad2Paired", "keypadPaired", "latitude", "ledBrightness", "ledEnabled", "liftUpHandle"),
        *("longitude", "matterState", "name", "pairingEnabled", "singleLock", "timezoneId"),
        *("timezoneOffset", "wifiEnabled"),
    }
    assert set(shape["advancedConfig"]) == {
        *("autoLock", "autoLockTimeout", "autoUpdateEnabled", "automaticBatteryTypeDetection"),
        *("batteryType", "detachedCylinder", "doubleButtonPressAction", "lngTimeout"),
        *("lockedPositionOffsetDegrees", "singleButtonPressAction", "singleLockedPositionOffsetDegrees"),
        *("totalDegrees", "unlatchDuration", "unlockedPositionOffsetDegrees"),
        "unlockedToLockedTransitionOffsetDegrees",
    }
    assert shape["currentSubscription"]["state"] == "ACTIVE"


def test_a_new_time_zone_travels_to_the_device_and_moves_its_hours(
    simulator: Simulator, clock: TurnedClock, nuki: Caller, door: Lock
) -> None:
    simulator.in_the_app(door.smartlock_id).add_code(
        "Ada", "384174", allowed_from=datetime(2026, 5, 4, tzinfo=UTC), from_minute=600, until_minute=660
    )
    assert simulator.type_code(door.smartlock_id, "384174").opened

    status = configured(nuki, door, timezoneId=LONDON, name="Street door", keypadPaired=True)
    before = shown(nuki, door)["config"]
    clock.turn(seconds=1.5)

    assert status == 204
    assert (before["timezoneId"], len(before["operationId"])) == (37, 24)
    assert simulator.type_code(door.smartlock_id, "384174").reason == "not at this time of day"
    simulator.settle()
    after = shown(nuki, door)
    assert (after["config"]["timezoneId"], after["config"]["name"]) == (LONDON, "Street door")
    assert (after["name"], after["config"]["keypadPaired"]) == ("Front door", False)
    assert "operationId" not in after["config"]


@pytest.mark.parametrize(
    "missing",
    ["advertisingMode", "latitude", "longitude", "name", "singleLock", "timezoneId", "timezoneOffset"],
)
def test_the_configuration_is_sent_as_a_whole(nuki: Caller, door: Lock, missing: str) -> None:
    whole = shown(nuki, door)["config"]
    del whole[missing]

    reply = nuki("POST", f"/smartlock/{door.smartlock_id}/config", whole)

    assert reply.status == 422
    assert door.queue == []


@pytest.mark.parametrize(
    ("name", "value"), [("timezoneId", 46), ("advertisingMode", 4), ("ledBrightness", 6)]
)
def test_a_value_out_of_its_range_is_refused(nuki: Caller, door: Lock, name: str, value: int) -> None:
    whole = shown(nuki, door)["config"] | {name: value}

    reply = nuki("POST", f"/smartlock/{door.smartlock_id}/config", whole)

    assert (reply.status, reply.json) == (400, complaint(name, str(value)))


def test_a_second_configuration_meanwhile_is_busy(simulator: Simulator, nuki: Caller, door: Lock) -> None:
    assert [configured(nuki, door, name="First"), configured(nuki, door, name="Second")] == [204, 423]

    simulator.settle()

    assert shown(nuki, door)["config"]["name"] == "First"


def test_a_time_zone_changed_on_the_device_is_unknown_until_a_sync(
    simulator: Simulator, nuki: Caller, door: Lock
) -> None:
    door.device.time_zone_id = LONDON
    assert shown(nuki, door)["config"]["timezoneId"] == 37

    nuki("POST", f"/smartlock/{door.smartlock_id}/sync")
    simulator.settle()

    assert shown(nuki, door)["config"]["timezoneId"] == LONDON


def test_an_offline_lock_may_never_hear_of_it(simulator: Simulator, nuki: Caller, door: Lock) -> None:
    simulator.take_offline(door.smartlock_id, writes=OfflineWrites.LOST)

    assert configured(nuki, door, timezoneId=LONDON) == 204
    simulator.bring_online(door.smartlock_id)
    simulator.settle()

    assert shown(nuki, door)["config"]["timezoneId"] == 37
    assert door.device.time_zone_id == 37


@pytest.mark.parametrize(
    ("device_type", "call", "section", "change"),
    [
        pytest.param(4, "config", "advancedConfig", {"autoLock": True, "lngTimeout": 60}, id="smart lock"),
        pytest.param(2, "openerconfig", "openerAdvancedConfig", {"rtoTimeout": 5}, id="opener"),
        pytest.param(3, "smartdoorconfig", "smartdoorAdvancedConfig", {"buzzerVolume": 0}, id="smart door"),
    ],
)
def test_each_device_has_its_advanced_configuration(
    *,
    simulator: Simulator,
    alice: Account,
    nuki: Caller,
    device_type: int,
    call: str,
    section: str,
    change: dict[str, Any],
) -> None:
    device = simulator.add_lock(alice, name="Device", device_type=device_type)
    whole = {**shown(nuki, device)[section], **change}
    paths = [f"/smartlock/{device.smartlock_id}/advanced/{one}" for one in ("config", "openerconfig")]
    others = [path for path in paths if not path.endswith(f"/{call}")]

    status = nuki("POST", f"/smartlock/{device.smartlock_id}/advanced/{call}", whole).status
    simulator.settle()

    assert status == 204
    assert shown(nuki, device)[section] == whole
    assert {nuki("POST", path, whole).status for path in others} == {405}


def test_name_and_star_are_the_accounts_own_and_change_at_once(nuki: Caller, door: Lock) -> None:
    path = f"/smartlock/{door.smartlock_id}"

    renamed = nuki("POST", path, {"name": "Gate"}).status
    starred = nuki("POST", path, {"favorite": True}).status

    shape = shown(nuki, door)
    assert (renamed, starred) == (204, 204)
    assert (shape["name"], shape["favorite"], shape["config"]["name"]) == ("Gate", True, "Front door")
    assert nuki("POST", path, {"name": ""}).status == 400


def test_a_lock_that_leaves_the_account_still_opens_its_door(
    simulator: Simulator, nuki: Caller, door: Lock
) -> None:
    simulator.in_the_app(door.smartlock_id).add_code("Ada", "384174")

    status = nuki("DELETE", f"/smartlock/{door.smartlock_id}").status

    assert status == 204
    assert nuki("GET", "/smartlock").json == []
    assert nuki("GET", f"/smartlock/{door.smartlock_id}").status == 403
    assert simulator.type_code(door.smartlock_id, "384174").opened


def test_a_replaced_lock_has_a_configuration_of_its_own(
    simulator: Simulator, nuki: Caller, door: Lock
) -> None:
    configured(nuki, door, name="Street door")
    simulator.settle()

    new = simulator.script.replace_lock(door)

    assert nuki("GET", f"/smartlock/{door.smartlock_id}").status == 403
    config = shown(nuki, new)["config"]
    assert (config["name"], config["timezoneId"]) == ("Front door", 37)


def test_the_web_configuration_stays_in_the_cloud(nuki: Caller, door: Lock) -> None:
    assert "webConfig" not in shown(nuki, door)
    wanted = {"batteryWarningPerMailEnabled": True}

    one = nuki("POST", f"/smartlock/{door.smartlock_id}/web/config", wanted).status
    first = shown(nuki, door)["webConfig"]
    request = {"smartlockId": door.smartlock_id, "webConfig": {"batteryWarningPerMailEnabled": False}}
    many = nuki("POST", "/bulk-web-config", {"webConfigRequests": [request]}).status

    assert (one, first) == (204, wanted)
    assert (many, shown(nuki, door)["webConfig"]) == (204, {"batteryWarningPerMailEnabled": False})
    assert door.queue == []


@pytest.mark.parametrize(
    ("body", "status"),
    [({"adminPin": 9999}, 204), ({"adminPin": 10000}, 400), ({}, 422)],
    ids=["four digits", "five", "none"],
)
def test_an_admin_pin_is_accepted_by_its_range(
    nuki: Caller, door: Lock, body: dict[str, int], status: int
) -> None:
    assert nuki("POST", f"/smartlock/{door.smartlock_id}/admin/pin", body).status == status
