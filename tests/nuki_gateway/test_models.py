"""Reading what Nuki Web says: absent keys, unknown keys and nulls are no error, and codes are not shown."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from nuki_gateway.models import (
    AppEntry,
    Authorization,
    ErrorCode,
    KeypadEntry,
    OfAnotherShape,
    SmartLock,
    Webhook,
    Window,
    is_permanent,
)

LOCK = {"smartlockId": 5, "type": 4}
BARE_LOCK = SmartLock(
    smartlock_id=5,
    device_type=4,
    name="",
    keypad_paired=False,
    time_zone=None,
    server_state=0,
    battery_charge=None,
    battery_critical=False,
    keypad_battery_critical=False,
    updated_at=None,
    operation_runs=False,
)
CODE = {"id": "66aa00000000000000000002", "smartlockId": 5, "type": 13}
BARE_CODE = Authorization(
    id="66aa00000000000000000002",
    smartlock_id=5,
    type=13,
    name="",
    code=None,
    enabled=True,
    window=Window(None, None),
    lock_count=0,
    updated_at=None,
    operation_runs=False,
)
OBJECT_ID = {"timestamp": 1, "counter": 2, "time": 3, "machineIdentifier": 4, "processIdentifier": 5}
NOON = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({}, id="absent"),
        pytest.param({"name": "", "config": {}, "state": {}}, id="empty"),
        pytest.param(
            {"name": None, "config": None, "state": None, "serverState": None, "updateDate": None}, id="null"
        ),
        pytest.param({"operationId": None, "state": {"batteryCharge": None}}, id="null inside"),
        pytest.param({"matterState": 9, "config": {"new": [1]}, "state": {"x": {}}}, id="unknown keys"),
        pytest.param({"config": {"timezoneId": 46}}, id="a zone that is new to us"),
    ],
)
def test_a_smart_lock_needs_only_its_number_and_its_type(more: dict[str, Any]) -> None:
    assert SmartLock.from_json({**LOCK, **more}) == BARE_LOCK


def test_a_number_of_64_bits_is_read_whole() -> None:
    assert SmartLock.from_json({**LOCK, "smartlockId": 25_769_803_775}).smartlock_id == 25_769_803_775
    assert (
        Authorization.from_json({**CODE, "smartlockId": 2**63 - 1}).smartlock_id == 9_223_372_036_854_775_807
    )


@pytest.mark.parametrize(
    ("config", "is_paired"),
    [
        pytest.param({"keypadPaired": True, "keypad2Paired": False}, True, id="the first keypad"),
        pytest.param({"keypadPaired": False, "keypad2Paired": True}, True, id="the second keypad"),
        pytest.param({"keypad2Paired": True}, True, id="only the second is spoken of"),
        pytest.param({"keypadPaired": False, "keypad2Paired": False}, False, id="none"),
        pytest.param({"keypadPaired": None}, False, id="null"),
    ],
)
def test_a_keypad_of_either_generation_counts(
    config: dict[str, Any],
    *,
    is_paired: bool,
) -> None:
    assert SmartLock.from_json({**LOCK, "config": config}).keypad_paired is is_paired


@pytest.mark.parametrize(
    ("server_state", "is_online"), [(0, True), (1, True), (2, True), (3, True), (4, False)]
)
def test_only_the_state_offline_is_offline(
    server_state: int,
    *,
    is_online: bool,
) -> None:
    assert SmartLock.from_json({**LOCK, "serverState": server_state}).is_online is is_online


def test_batteries_are_read() -> None:
    state = {"batteryCharge": 0, "batteryCritical": True, "keypadBatteryCritical": True}

    lock = SmartLock.from_json({**LOCK, "state": state})

    assert (lock.battery_charge, lock.battery_critical, lock.keypad_battery_critical) == (0, True, True)


@pytest.mark.parametrize("operation", ["66aa", OBJECT_ID], ids=["as a text", "as an object"])
def test_an_operation_runs_when_it_is_named_in_either_form(operation: object) -> None:
    assert SmartLock.from_json({**LOCK, "operationId": operation}).operation_runs is True
    assert Authorization.from_json({**CODE, "operationId": operation}).operation_runs is True


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({}, id="absent"),
        pytest.param(
            {"name": None, "code": None, "enabled": None, "lockCount": None, "updateDate": None}, id="null"
        ),
        pytest.param(
            {
                "allowedFromDate": None,
                "allowedUntilDate": None,
                "allowedWeekDays": None,
                "allowedFromTime": None,
                "allowedUntilTime": None,
                "operationId": None,
            },
            id="a window of null",
        ),
        pytest.param({"fingerprints": {"a": "b"}, "authTypeAsString": "x"}, id="unknown keys"),
    ],
)
def test_an_authorization_needs_only_its_id_its_lock_and_its_type(more: dict[str, Any]) -> None:
    assert Authorization.from_json({**CODE, **more}) == BARE_CODE


def test_a_whole_authorization_is_read() -> None:
    found = Authorization.from_json(
        {
            **CODE,
            "authId": 8201,
            "code": 345678,
            "name": "Guest A",
            "enabled": False,
            "remoteAllowed": False,
            "lockCount": 3,
            "allowedFromDate": "2026-03-01T14:00:00.000Z",
            "allowedUntilDate": "2026-03-04T10:00:00.999+01:00",
            "allowedWeekDays": 0,
            "allowedFromTime": 60,
            "allowedUntilTime": 120,
            "updateDate": "2026-02-27T09:00:04.123Z",
        }
    )

    assert found.window == Window(
        datetime(2026, 3, 1, 14, tzinfo=UTC), datetime(2026, 3, 4, 9, tzinfo=UTC), 0, 60, 120
    )
    assert (found.code, found.name, found.enabled, found.lock_count) == ("345678", "Guest A", False, 3)
    assert found.updated_at == datetime(2026, 2, 27, 9, 0, 4, tzinfo=UTC)
    assert found.entry == KeypadEntry("Guest A", "345678", found.window, enabled=False)


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"type": 0, "code": 345678}, id="of the app"),
        pytest.param({"type": 2}, id="a fob"),
        pytest.param({"type": 3}, id="the keypad itself"),
        pytest.param({"type": 13}, id="a keypad code without a code"),
        pytest.param({"type": 99, "code": 345678}, id="of a type that is new to us"),
    ],
)
def test_what_is_no_keypad_code_is_no_entry(more: dict[str, Any]) -> None:
    assert Authorization.from_json({**CODE, **more}).entry is None


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"smartlockId": 5}, id="no type"),
        pytest.param({"type": 4}, id="no number"),
        pytest.param({"smartlockId": None, "type": 4}, id="null for a number"),
    ],
)
def test_a_smart_lock_without_its_number_or_type_cannot_be_read(body: dict[str, Any]) -> None:
    with pytest.raises(OfAnotherShape):
        SmartLock.from_json(body)


@pytest.mark.parametrize(
    "window",
    [
        pytest.param(Window(None, None), id="always"),
        pytest.param(Window(NOON, None), id="without an end"),
        pytest.param(Window(None, NOON), id="without a start"),
        pytest.param(Window(NOON, NOON + timedelta(days=2)), id="some days"),
        pytest.param(Window(NOON, NOON + timedelta(days=2), 96, 480, 1320), id="some hours of some days"),
        pytest.param(Window(NOON, NOON + timedelta(days=2), 0), id="no weekday"),
    ],
)
def test_a_window_comes_back_as_it_went_out(window: Window) -> None:
    assert Window.from_json(window.to_json()) == window


def test_a_window_goes_out_in_utc_whatever_zone_it_came_in() -> None:
    in_vienna = NOON.astimezone(timezone(timedelta(hours=2)))

    assert Window(in_vienna, None).to_json()["allowedFromDate"] == "2026-06-15T12:00:00.000Z"


def test_every_field_of_an_entry_goes_out() -> None:
    entry = KeypadEntry("Ada", "384174", Window(NOON, None), enabled=False)

    assert entry.to_json() == {
        "name": "Ada",
        "code": 384174,
        "enabled": False,
        "remoteAllowed": False,
        "allowedFromDate": "2026-06-15T12:00:00.000Z",
        "allowedUntilDate": None,
        "allowedWeekDays": 127,
        "allowedFromTime": 0,
        "allowedUntilTime": 0,
    }


@pytest.mark.parametrize("secret", [{}, {"secret": ""}, {"secret": None}], ids=["absent", "empty", "null"])
def test_a_webhook_in_a_list_has_no_secret(secret: dict[str, Any]) -> None:
    found = Webhook.from_json(
        {"id": 7, "webhookUrl": "https://keys.example", "webhookFeatures": [], **secret}
    )

    assert found == Webhook(7, "https://keys.example", "")


def test_neither_codes_nor_names_nor_secrets_are_shown() -> None:
    entry = KeypadEntry("kt-7Q2M", "384174", Window(None, None))
    authorization = Authorization.from_json({**CODE, "code": 384174, "name": "Ada Vogel"})
    webhook = Webhook(7, "https://keys.example", "s3cret")

    shown = f"{entry!r} {entry} {authorization!r} {authorization} {webhook!r} {webhook}"

    assert "384174" not in shown
    assert "Ada Vogel" not in shown
    assert "s3cret" not in shown
    assert repr(entry) == "<KeypadEntry kt-7Q2M>"
    assert repr(authorization) == "<Authorization 66aa00000000000000000002>"


@pytest.mark.parametrize(
    ("config", "generation"),
    [
        pytest.param({"keypadPaired": True}, 1, id="the first"),
        pytest.param({"keypad2Paired": True}, 2, id="the second"),
        pytest.param({"keypadPaired": True, "keypad2Paired": True}, 2, id="both"),
        pytest.param({}, None, id="none"),
    ],
)
def test_which_keypad_is_paired_is_read(config: dict[str, Any], generation: int | None) -> None:
    assert SmartLock.from_json({**LOCK, "config": config}).keypad_generation == generation


@pytest.mark.parametrize(
    ("number", "firmware"),
    [
        pytest.param(133135, "2.8.15", id="2.8.15"),
        pytest.param(199175, "3.10.7", id="3.10.7"),
        pytest.param(329988, "5.9.4", id="5.9.4"),
        pytest.param(2**24 - 1, "255.255.255", id="the largest"),
        pytest.param(2**24, None, id="longer than three bytes"),
        pytest.param("x", None, id="a word"),
        pytest.param(None, None, id="null"),
    ],
)
def test_the_firmware_is_read_as_people_write_it(number: object, firmware: str | None) -> None:
    assert SmartLock.from_json({**LOCK, "firmwareVersion": number}).firmware == firmware


@pytest.mark.parametrize(
    ("subscription", "is_active"),
    [
        pytest.param({"state": "ACTIVE"}, True, id="active"),
        pytest.param({"state": "EXPIRED"}, False, id="expired"),
        pytest.param({"state": "NEW_STATE"}, False, id="in a state that is new to us"),
        pytest.param({}, None, id="without a state"),
        pytest.param(None, None, id="null"),
        pytest.param("ACTIVE", None, id="of another shape"),
    ],
)
def test_whether_a_lock_has_its_subscription_is_known_or_not(
    subscription: object, *, is_active: bool | None
) -> None:
    lock = SmartLock.from_json({**LOCK, "currentSubscription": subscription})

    assert lock.subscription_is_active is is_active


def test_the_state_of_a_lock_and_its_door_is_read() -> None:
    lock = SmartLock.from_json(
        {
            **LOCK,
            "config": {"productVariant": 3},
            "state": {"state": 254, "doorState": 240, "mode": 5, "doorsensorBatteryCritical": True},
            "error": "words of the service",
        }
    )

    assert (lock.lock_state, lock.door_state, lock.mode, lock.product_variant) == (254, 240, 5, 3)
    assert (lock.door_sensor_battery_critical, lock.has_error) == (True, True)
    assert "words" not in str(vars(lock))


@pytest.mark.parametrize(
    "state",
    [
        pytest.param({"batteryCharge": 101}, id="more than all"),
        pytest.param({"batteryCharge": "x", "doorState": {}, "mode": -1, "state": 10**9}, id="no numbers"),
        pytest.param({"batteryCritical": "yes", "doorsensorBatteryCritical": 1}, id="neither true nor false"),
    ],
)
def test_what_only_informs_of_a_lock_is_unknown_where_it_cannot_be_read(state: dict[str, Any]) -> None:
    assert SmartLock.from_json({**LOCK, "state": state}) == BARE_LOCK


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"id": "../smartlock"}, id="an id that means something in an address"),
        pytest.param({"id": ""}, id="an empty id"),
        pytest.param({"id": 5}, id="a number for an id"),
        pytest.param({"smartlockId": 2**63}, id="more than 64 bits"),
        pytest.param({"smartlockId": True}, id="true for a number"),
        pytest.param({"smartlockId": 5.5}, id="a part of a number"),
        pytest.param({"smartlockId": -5}, id="a number below zero"),
        pytest.param({"smartlockId": "٣"}, id="digits of another alphabet"),
        pytest.param({"smartlockId": "9" * 5000}, id="digits without end"),
        pytest.param({"enabled": "no"}, id="a word for true or false"),
        pytest.param({"allowedUntilDate": "soon"}, id="a word for a date"),
        pytest.param({"allowedUntilDate": 1781524800}, id="a number for a date"),
        pytest.param({"allowedWeekDays": 2**15}, id="more days than there are"),
        pytest.param({"name": 5}, id="a number for a name"),
        pytest.param({"code": "three"}, id="a word for a code"),
    ],
)
def test_what_something_hangs_on_is_not_guessed(more: dict[str, Any]) -> None:
    with pytest.raises(OfAnotherShape):
        Authorization.from_json({**CODE, **more})


@pytest.mark.parametrize("number", [5, 5.0, "5"], ids=["a number", "with a point", "in quotes"])
def test_a_whole_number_is_read_however_it_is_written(number: object) -> None:
    assert Authorization.from_json({**CODE, "smartlockId": number}).smartlock_id == 5


def test_a_date_without_a_zone_is_utc() -> None:
    found = Authorization.from_json({**CODE, "allowedFromDate": "2026-06-15T12:00:00"})

    assert found.window.allowed_from == NOON


def test_a_name_comes_so_that_it_can_be_stored() -> None:
    assert Authorization.from_json({**CODE, "name": "A\0da\ud800 ß"}).name == "A?da? ß"


def test_an_app_authorization_is_read_as_an_app_entry() -> None:
    found = Authorization.from_json(
        {**CODE, "type": 0, "name": "Ada", "accountUserId": 700, "remoteAllowed": True, "lockCount": 1}
    )

    assert found.app_entry == AppEntry("Ada", 700, Window(None, None), remote_allowed=True)
    assert found.was_used is True


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"type": 13, "accountUserId": 700}, id="a keypad code"),
        pytest.param({"type": 0}, id="of nobody"),
    ],
)
def test_what_is_no_app_authorization_of_a_user_is_no_app_entry(more: dict[str, Any]) -> None:
    assert Authorization.from_json({**CODE, **more}).app_entry is None


@pytest.mark.parametrize(
    ("error_code", "permanent"),
    [
        pytest.param("13", True, id="no place left"),
        pytest.param("20", True, id="not authorised"),
        pytest.param("2a", True, id="the code exists"),
        pytest.param("4d", True, id="a firmware update is needed"),
        pytest.param("2c", False, id="a pause after wrong codes"),
        pytest.param("45", False, id="busy"),
        pytest.param("ff", False, id="offline"),
        pytest.param("77", False, id="new to us"),
        pytest.param(None, False, id="none"),
    ],
)
def test_some_error_codes_say_that_trying_again_is_no_use(error_code: str | None, *, permanent: bool) -> None:
    assert is_permanent(error_code) is permanent


def test_the_permanent_error_codes_are_these() -> None:
    permanent = {code.value for code in ErrorCode if is_permanent(code)}

    assert permanent == {"13", "20", "21", "22", "23", "24", "25", "26", "27", "28", "29", "2a", "2b", "4d"}
