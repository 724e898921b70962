"""The JSON shapes of Nuki Web. Keys without a value are left out, as recorded answers show."""

import json
from datetime import UTC, datetime
from typing import Any

from nuki_gateway.simulator import configuration
from nuki_gateway.simulator.authorization import Authorization
from nuki_gateway.simulator.configuration import Section
from nuki_gateway.simulator.device import LogEntry
from nuki_gateway.simulator.world import (
    AccountUser,
    AdvancedRequest,
    Entry,
    Lock,
    Notification,
    OperationKind,
    Webhook,
)

HARDWARE_VERSION = 1291
SMART_LOCK_5 = 5
PRO = 2  # the product variant


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
        "lmType": 0,
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
    for section in configuration.FURTHER:
        if lock.device.device_type in section.devices:
            shape[section.name] = _section(lock, section)
    if configuration.WEB.name in lock.copy.settings:
        shape[configuration.WEB.name] = configuration.shown(lock, configuration.WEB)
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
        "keypadBatteryCritical": known.keypad_battery_empty or known.keypad_battery_critical,
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


def notification(route: Notification) -> dict[str, Any]:
    """Return a push route, not yet used."""
    return present(
        notificationId=route.id,
        referenceId=route.reference_id,
        pushId=route.push_id,
        secret=route.secret,
        os=route.os,
        language=route.language,
        status=0,
        settings=json.loads(route.settings),
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


def master_news(lock: Lock, *, deleted: bool = False) -> dict[str, Any]:
    """Return the webhook about a lock's master data, or about a lock that left the account."""
    return {"feature": "DEVICE_MASTERDATA", "deleted": deleted, **_master(lock)}


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


def user_news(user: AccountUser, *, deleted: bool = False) -> dict[str, Any]:
    """Return the webhook about a person of an account; its shape is inferred from the others."""
    return {"feature": "ACCOUNT_USER", "deleted": deleted, "accountUser": account_user(user)}


def action_result(request: AdvancedRequest) -> dict[str, Any]:
    """Return the webhook about an Advanced action (documentation on API-triggered webhooks).

    Only the success is documented for it; the error code is placed as in the other results (inferred).
    """
    (result,) = request.results
    return present(
        type=request.type,
        requestId=request.id,
        smartlockId=result.smartlock_id,
        success=not result.error_code,
        errorCode=result.error_code or None,
    )


def creation_result(request: AdvancedRequest, codes: dict[str, str]) -> dict[str, Any]:
    """Return the webhook about an Advanced create; `codes` are the app codes by authorization id.

    The failure is documented. The success is our inference: that it hands over the code is told by Nuki staff
    (developer forum 2370), under which name is not.
    """
    return {
        "type": request.type,
        "requestId": request.id,
        "success": not any(one.error_code for one in request.results),
        "detail": [
            present(
                smartlockId=one.smartlock_id,
                success=not one.error_code,
                errorCode=one.error_code or None,
                id=one.authorization_id,
                inviteCode=None if one.error_code else codes.get(one.authorization_id),
            )
            for one in request.results
        ],
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
        "favorite": lock.favorite,
        "firmwareVersion": lock.firmware,
        "hardwareVersion": HARDWARE_VERSION,
        "serverState": lock.copy.server_state,
        "adminPinState": 0,
        "creationDate": timestamp(lock.created_at),
        "updateDate": timestamp(lock.copy.updated_at),
    }


def _config(lock: Lock) -> dict[str, Any]:
    device_type = lock.device.device_type
    return present(
        **_section(lock, configuration.CONFIG),
        capabilities=1,
        fobPaired=False,
        fobAction1=1,
        fobAction2=2,
        fobAction3=4,
        keypadPaired=lock.copy.keypad == "keypad",
        keypad2Paired=lock.copy.keypad == "keypad2",
        homekitState=0,
        matterState=0,
        deviceType=device_type,
        wifiEnabled=True,
        productVariant=PRO if device_type == SMART_LOCK_5 else None,
    )


def _section(lock: Lock, section: Section) -> dict[str, Any]:
    """Return a part of the configuration, with the operation that is about to change it."""
    waiting = [one.id for one in [*lock.queue, *lock.reading_back] if one.section == section.name]
    return present(
        **configuration.shown(lock, section),
        operationId=waiting[0] if waiting else None,
    )


def _keeps_lock_busy(kind: OperationKind) -> bool:
    return kind in {OperationKind.SYNC, OperationKind.ACTION}


def _timestamp_or_none(moment: datetime | None) -> str | None:
    return None if moment is None else timestamp(moment)
