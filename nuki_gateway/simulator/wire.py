"""The JSON shapes of Nuki Web. Keys without a value are left out, as recorded answers show."""

from datetime import UTC, datetime
from typing import Any

from nuki_gateway.simulator.authorization import Authorization
from nuki_gateway.simulator.device import LogEntry
from nuki_gateway.simulator.world import AccountUser, Entry, Lock, OperationKind, Webhook

HARDWARE_VERSION = 1291
SMART_LOCK_5 = 5


def timestamp(moment: datetime) -> str:
    """Return the instant as Nuki writes it: UTC with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def present(**fields: Any) -> dict[str, Any]:
    """Return the fields that have a value."""
    return {key: value for key, value in fields.items() if value is not None}


def smartlock(lock: Lock) -> dict[str, Any]:
    """Return a smart lock as the cloud knows it."""
    shape = {
        **_master(lock),
        "config": _config(lock),
        "state": state(lock),
        "virtualDevice": False,
        "currentSubscription": {
            "type": "B2B",
            "state": lock.subscription,
            "shsSubscriptionType": "STANDARD",
            "creationDate": timestamp(lock.created_at),
        },
    }
    if (advanced := _ADVANCED.get(lock.device.device_type)) is not None:
        shape[advanced[0]] = dict(advanced[1])
    running = next((one for one in lock.queue if _keeps_lock_busy(one.kind)), None)
    return shape if running is None else {**shape, "operationId": running.id}


def state(lock: Lock) -> dict[str, Any]:
    """Return the state of a smart lock as it last reported it."""
    known = lock.copy.state
    return {
        "mode": 2,
        "state": known.state,
        "trigger": known.trigger,
        "lastAction": known.last_action,
        "batteryCritical": known.battery <= 20,  # noqa: PLR2004  per cent, where the app begins to warn
        "batteryCharging": False,
        "batteryCharge": known.battery,
        "keypadBatteryCritical": known.keypad_battery_empty,
        "doorsensorBatteryCritical": False,
        "doorState": 0,
        "ringToOpenTimer": 0,
        "nightMode": False,
    }


def authorization(entry: Entry, smartlock_id: int) -> dict[str, Any]:
    """Return one authorization of the cloud's copy; the code is in clear, and is a number."""
    values = entry.values
    return present(
        id=entry.id,
        smartlockId=smartlock_id,
        accountUserId=values.account_user_id,
        authId=values.number or None,
        code=None if values.code is None else int(values.code),
        type=values.type,
        name=values.name,
        enabled=values.enabled,
        remoteAllowed=values.remote_allowed,
        lockCount=values.lock_count,
        **window(values),
        lastActiveDate=_timestamp_or_none(values.last_active_at),
        creationDate=timestamp(entry.created_at),
        updateDate=timestamp(entry.updated_at),
        operationId=entry.operation_id or None,
    )


def window(values: Authorization) -> dict[str, Any]:
    """Return the five fields that say when somebody may enter."""
    return present(
        allowedFromDate=_timestamp_or_none(values.allowed_from),
        allowedUntilDate=_timestamp_or_none(values.allowed_until),
        allowedWeekDays=values.weekdays,
        allowedFromTime=values.from_minute,
        allowedUntilTime=values.until_minute,
    )


def log_entry(entry: LogEntry, lock: Lock) -> dict[str, Any]:
    """Return one line of a lock's log."""
    return present(
        id=entry.id,
        smartlockId=lock.smartlock_id,
        deviceType=lock.device.device_type,
        accountUserId=entry.account_user_id,
        authId=entry.authorization_id or None,
        name=entry.name,
        action=entry.action,
        trigger=entry.trigger,
        state=entry.state,
        autoUnlock=False,
        date=timestamp(entry.at),
        source=entry.source,
    )


def account_user(user: AccountUser) -> dict[str, Any]:
    """Return a person of an account."""
    return present(
        accountUserId=user.account_user_id,
        accountId=user.account_id,
        type=user.type,
        email=user.email,
        name=user.name,
        language=user.language,
        operationId=user.operation_id or None,
        creationDate=timestamp(user.created_at),
        updateDate=timestamp(user.updated_at),
    )


def webhook(registered: Webhook, *, with_secret: bool) -> dict[str, Any]:
    """Return a registered webhook; only the answer to its registration holds the secret (observed)."""
    return present(
        id=registered.id,
        secret=registered.secret if with_secret else None,
        webhookUrl=registered.url,
        webhookFeatures=registered.features,
    )


def status_news(lock: Lock) -> dict[str, Any]:
    """Return the webhook about a lock's state or reachability."""
    return {
        "feature": "DEVICE_STATUS",
        "smartlockId": lock.smartlock_id,
        "state": state(lock),
        "serverState": lock.copy.server_state,
        "adminPinState": 0,
    }


def master_news(lock: Lock) -> dict[str, Any]:
    """Return the webhook about a lock's master data."""
    return {"feature": "DEVICE_MASTERDATA", "deleted": False, **_master(lock)}


def config_news(lock: Lock) -> dict[str, Any]:
    """Return the webhook about a lock's configuration; its shape is inferred, not documented."""
    return {"feature": "DEVICE_CONFIG", "smartlockId": lock.smartlock_id, "config": _config(lock)}


def authorization_news(entry: Entry, smartlock_id: int, *, deleted: bool) -> dict[str, Any]:
    """Return the webhook about one authorization."""
    return {
        "feature": "DEVICE_AUTHS",
        "deleted": deleted,
        "smartlockAuth": authorization(entry, smartlock_id),
    }


def log_news(entry: LogEntry, lock: Lock) -> dict[str, Any]:
    """Return the webhook about one line of the log."""
    return {"feature": "DEVICE_LOGS", "smartlockLog": log_entry(entry, lock)}


def _master(lock: Lock) -> dict[str, Any]:
    return {
        "smartlockId": lock.smartlock_id,
        "accountId": lock.account_id,
        "type": lock.device.device_type,
        "authId": lock.authorization_id,
        "name": lock.name,
        "favorite": False,
        "firmwareVersion": lock.firmware,
        "hardwareVersion": HARDWARE_VERSION,
        "serverState": lock.copy.server_state,
        "adminPinState": 0,
        "creationDate": timestamp(lock.created_at),
        "updateDate": timestamp(lock.copy.updated_at),
    }


def _config(lock: Lock) -> dict[str, Any]:
    config = {
        "name": lock.name,
        "latitude": 47.0,
        "longitude": 15.4,
        "capabilities": 1,
        "autoUnlatch": False,
        "liftUpHandle": False,
        "pairingEnabled": True,
        "buttonEnabled": True,
        "ledEnabled": True,
        "ledBrightness": 3,
        "timezoneOffset": 0,
        "daylightSavingMode": 0,
        "fobPaired": False,
        "fobAction1": 1,
        "fobAction2": 2,
        "fobAction3": 4,
        "singleLock": False,
        "advertisingMode": 0,
        "keypadPaired": lock.copy.keypad == "keypad",
        "keypad2Paired": lock.copy.keypad == "keypad2",
        "homekitState": 0,
        "matterState": 0,
        "timezoneId": lock.device.time_zone_id,
        "deviceType": lock.device.device_type,
        "wifiEnabled": True,
    }
    return {**config, "productVariant": 2} if lock.device.device_type == SMART_LOCK_5 else config


def _keeps_lock_busy(kind: OperationKind) -> bool:
    return kind in {OperationKind.SYNC, OperationKind.ACTION}


def _timestamp_or_none(moment: datetime | None) -> str | None:
    return None if moment is None else timestamp(moment)


_LOCK_ADVANCED = {
    "totalDegrees": 890,
    "singleLockedPositionOffsetDegrees": -90,
    "unlockedToLockedTransitionOffsetDegrees": 0,
    "unlockedPositionOffsetDegrees": 90,
    "lockedPositionOffsetDegrees": -90,
    "detachedCylinder": False,
    "batteryType": 0,
    "autoLock": False,
    "autoLockTimeout": 300,
    "autoUpdateEnabled": True,
    "lngTimeout": 20,
    "singleButtonPressAction": 1,
    "doubleButtonPressAction": 4,
    "automaticBatteryTypeDetection": True,
    "unlatchDuration": 3,
}
_OPENER_ADVANCED = {"intercomId": 0, "busModeSwitch": 0, "shortCircuitDuration": 0, "soundLevel": 128}
_SMART_DOOR_ADVANCED = {"lngTimeout": 20, "autoUpdateEnabled": True, "unlatchDuration": 3}
_ADVANCED: dict[int, tuple[str, dict[str, Any]]] = {
    0: ("advancedConfig", _LOCK_ADVANCED),
    2: ("openerAdvancedConfig", _OPENER_ADVANCED),
    3: ("smartdoorAdvancedConfig", _SMART_DOOR_ADVANCED),
    4: ("advancedConfig", _LOCK_ADVANCED),
    5: ("advancedConfig", _LOCK_ADVANCED),
}
