"""What the cloud checks before it accepts a write on authorizations, in the order that was observed.

JSON and required fields → name too long → code missing → code shape → code where none belongs → no keypad
known → code taken on this lock (all by the cloud's copy; the device may know better, and then refuses
silently).
"""

import re
from dataclasses import replace
from typing import Any

from nuki_gateway.simulator import bodies
from nuki_gateway.simulator.answers import empty_exception, status_page, value_not_valid
from nuki_gateway.simulator.authorization import EVERY_DAY, Authorization, AuthorizationType
from nuki_gateway.simulator.world import Entry, Lock

LONGEST_KEYPAD_NAME = 20  # characters (Nuki staff, developer forum 35593); the schema's prose says 32
MINUTES_OF_A_DAY = 24 * 60
CODE = re.compile(r"(?!12)[1-9]{6}")  # six digits 1 to 9, not starting 12 (tutorial on keypads)
CONFLICT = 409
UNPROCESSABLE = 422


def wanted_by_create(body: dict[str, Any], *, window_needs_weekdays: bool) -> Authorization:
    """Return the authorization that a create asks for; raises Refused."""
    authorization_type = bodies.whole_number(body, "type") or AuthorizationType.APP
    _require_for_create(body, authorization_type)
    wanted = Authorization(
        name=bodies.text(body, "name") or "",
        type=authorization_type,
        code=_code(body),
        remote_allowed=bodies.truth(body, "remoteAllowed") or False,
        account_user_id=bodies.whole_number(body, "accountUserId"),
    )
    _check_name(wanted)
    wanted = _with_window(wanted, body)
    if authorization_type == AuthorizationType.KEYPAD_CODE and wanted.code is None:
        raise value_not_valid("code", None)
    _check_code(wanted)
    if authorization_type not in set(AuthorizationType):
        raise value_not_valid("type", authorization_type)
    if window_needs_weekdays and wanted.weekdays is None:
        return _with_window(wanted, {})
    return wanted


def wanted_by_update(body: dict[str, Any], known: Authorization, *, needs_name: bool) -> Authorization:
    """Return what it becomes: fields not sent are kept, except the window's, which are cleared.

    Source: an update without allowedWeekDays cleared the window (observed); null removes a date (forum 86).
    """
    name, enabled = bodies.text(body, "name"), bodies.truth(body, "enabled")
    remote_allowed = bodies.truth(body, "remoteAllowed")
    if name is None and needs_name:
        raise status_page(UNPROCESSABLE)
    code = _code(body)
    user = bodies.whole_number(body, "accountUserId")
    changed = replace(
        known,
        name=known.name if name is None else name,
        code=known.code if code is None else code,
        enabled=known.enabled if enabled is None else enabled,
        remote_allowed=known.remote_allowed if remote_allowed is None else remote_allowed,
        account_user_id=known.account_user_id if user is None else user,
    )
    changed = _with_window(changed, body)
    _check_name(changed)
    _check_code(changed)
    return changed


def check_keypad(lock: Lock, wanted: Authorization) -> None:
    """Refuse a keypad code while the cloud knows of no keypad (observed: a complaint about `type`)."""
    if wanted.type == AuthorizationType.KEYPAD_CODE and lock.copy.keypad is None:
        raise value_not_valid("type", wanted.type)


def check_code_is_free(lock: Lock, wanted: Authorization, *, except_for: Entry | None = None) -> None:
    """Refuse a code that the cloud's copy or a write on its way has on this lock already.

    Source: Nuki staff, developer forum 22160 (409 has no other reason, and entries that the app deleted but
    the cloud still lists count too).
    """
    if wanted.code is None:
        return
    taken = {
        entry.values.code
        for entry in lock.copy.entries.values()
        if (entry.listed or entry.operation_id) and entry is not except_for
    }
    for operation in [*lock.queue, *lock.reading_back]:
        own = except_for is not None and operation.entry_id == except_for.id
        if operation.wanted is not None and not own:
            taken.add(operation.wanted.code)
    if wanted.code in taken:
        raise empty_exception(CONFLICT)


def _require_for_create(body: dict[str, Any], authorization_type: int) -> None:
    """Demand the required fields; remoteAllowed is left out of real keypad creates, which succeed."""
    if bodies.text(body, "name") is None:
        raise status_page(UNPROCESSABLE)
    needs_remote = authorization_type != AuthorizationType.KEYPAD_CODE
    if needs_remote and bodies.truth(body, "remoteAllowed") is None:
        raise status_page(UNPROCESSABLE)


def _check_name(wanted: Authorization) -> None:
    if wanted.type == AuthorizationType.KEYPAD_CODE and len(wanted.name) > LONGEST_KEYPAD_NAME:
        raise status_page(UNPROCESSABLE)


def _code(body: dict[str, Any]) -> str | None:
    code = bodies.whole_number(body, "code")
    return None if code is None else str(code)


def _check_code(wanted: Authorization) -> None:
    if wanted.code is None:
        return
    is_keypad_code = wanted.type == AuthorizationType.KEYPAD_CODE
    if not is_keypad_code or CODE.fullmatch(wanted.code) is None:
        raise value_not_valid("code", wanted.code)


def _with_window(wanted: Authorization, body: dict[str, Any]) -> Authorization:
    return replace(
        wanted,
        allowed_from=bodies.instant(body, "allowedFromDate"),
        allowed_until=bodies.instant(body, "allowedUntilDate"),
        weekdays=_within(body, "allowedWeekDays", EVERY_DAY),
        from_minute=_within(body, "allowedFromTime", MINUTES_OF_A_DAY),
        until_minute=_within(body, "allowedUntilTime", MINUTES_OF_A_DAY),
    )


def _within(body: dict[str, Any], name: str, most: int) -> int | None:
    value = bodies.whole_number(body, name)
    if value is not None and not 0 <= value <= most:
        raise value_not_valid(name, value)
    return value
