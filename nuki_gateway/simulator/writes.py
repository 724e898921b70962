"""The calls that write authorizations: checked here, answered 204, queued, and done later or never."""

from typing import Any

from nuki_gateway.simulator import bodies, checks, invites, operations
from nuki_gateway.simulator.answers import NO_CONTENT, Answer, empty_exception, status_page, value_not_valid
from nuki_gateway.simulator.authorization import Authorization, AuthorizationType
from nuki_gateway.simulator.calls import Call
from nuki_gateway.simulator.world import Entry, Fate, Lock, Operation, OperationKind

BUSY = 423
UNPROCESSABLE = 422


def create(call: Call) -> Answer:
    """PUT /smartlock/{id}/auth: 204 and no id."""
    lock = call.lock()
    wanted = _wanted(call, bodies.parsed_object(call.request))
    check_create(call, lock, wanted)
    accept_create(call, lock, wanted)
    return NO_CONTENT


def create_on_many(call: Call) -> Answer:
    """PUT /smartlock/auth: one authorization on several locks, all or none."""
    body = bodies.parsed_object(call.request)
    wanted = _wanted(call, body)
    smartlock_ids = body.get("smartlockIds")
    if not isinstance(smartlock_ids, list) or not smartlock_ids:
        raise value_not_valid("smartlockIds", smartlock_ids)
    if not all(isinstance(one, int) for one in smartlock_ids):
        raise status_page(UNPROCESSABLE)
    locks = [call.lock(smartlock_id) for smartlock_id in dict.fromkeys(smartlock_ids)]
    for lock in locks:
        check_create(call, lock, wanted)
    for lock in locks:
        accept_create(call, lock, wanted)
    return NO_CONTENT


def update(call: Call) -> Answer:
    """POST /smartlock/{id}/auth/{authId}."""
    lock = call.lock()
    entry = call.entry(lock)
    wanted = _changed(call, bodies.parsed_object(call.request), lock, entry)
    _accept_update(call, lock, entry, wanted)
    return NO_CONTENT


def update_many(call: Call) -> Answer:
    """POST /smartlock/auth with an array: all or none."""
    changes = []
    for body in bodies.parsed_list(call.request):
        if not isinstance(body, dict) or not isinstance(body.get("id"), str) or "name" not in body:
            raise status_page(UNPROCESSABLE)
        lock, entry = call.owned_entry(body["id"])
        changes.append((lock, entry, _changed(call, body, lock, entry)))
    for lock, entry, wanted in changes:
        _accept_update(call, lock, entry, wanted)
    return NO_CONTENT


def delete(call: Call) -> Answer:
    """DELETE /smartlock/{id}/auth/{authId}."""
    lock = call.lock()
    entry = call.entry(lock)
    _refuse_while_busy(call, lock, entry)
    accept_delete(call, lock, entry)
    return NO_CONTENT


def delete_many(call: Call) -> Answer:
    """DELETE /smartlock/auth with a bare array of ids: all or none; an object around it fails (observed)."""
    found = []
    for authorization_id in bodies.parsed_list(call.request):
        if not isinstance(authorization_id, str):
            raise status_page(UNPROCESSABLE)
        found.append(call.owned_entry(authorization_id))
    for lock, entry in found:
        _refuse_while_busy(call, lock, entry)
    for lock, entry in found:
        accept_delete(call, lock, entry)
    return NO_CONTENT


def wanted_invite(call: Call, body: dict[str, Any]) -> Authorization:
    """Return the app authorization that an Advanced create asks for; it knows neither types nor codes."""
    return _wanted(call, {**body, "type": AuthorizationType.APP.value, "code": None})


def check_create(call: Call, lock: Lock, wanted: Authorization) -> None:
    """Refuse what the cloud knows not to fit on this lock; raises Refused."""
    if wanted.type == AuthorizationType.APP:
        invites.check(call, lock, wanted)
    checks.check_keypad(lock, wanted)
    checks.check_code_is_free(lock, wanted)


def accept_create(call: Call, lock: Lock, wanted: Authorization, *, request_id: str = "") -> None:
    """Queue a new authorization; an Advanced request gets the app code and hears what became of it."""
    entry = Entry(
        id=call.engine.world.new_id(call.at),
        values=wanted,
        created_at=call.at,
        updated_at=call.at,
        listed=not call.engine.switches.hide_until_confirmed,
    )
    operation = _operation(call, lock, OperationKind.CREATE, entry.id, wanted)
    operation.request_id = request_id
    operations.accept(call.engine, lock, operation, entry, at=call.at)
    if wanted.type == AuthorizationType.APP and operation.fate is not Fate.LOST:
        invites.send(call, lock, entry, mailed=not request_id)


def accept_delete(call: Call, lock: Lock, entry: Entry) -> None:
    """Queue the deletion of an authorization."""
    operation = _operation(call, lock, OperationKind.DELETE, entry.id)
    operations.accept(call.engine, lock, operation, entry, at=call.at)


def _wanted(call: Call, body: dict[str, Any]) -> Authorization:
    return checks.wanted_by_create(body, window_needs_weekdays=call.engine.switches.window_needs_weekdays)


def _changed(call: Call, body: dict[str, Any], lock: Lock, entry: Entry) -> Authorization:
    needs_name = call.engine.switches.update_needs_name
    wanted = checks.wanted_by_update(body, entry.values, needs_name=needs_name)
    _refuse_while_busy(call, lock, entry)
    if "code" in body:
        checks.check_code_is_free(lock, wanted, except_for=entry)
    return wanted


def _accept_update(call: Call, lock: Lock, entry: Entry, wanted: Authorization) -> None:
    operation = _operation(call, lock, OperationKind.UPDATE, entry.id, wanted)
    operations.accept(call.engine, lock, operation, entry, at=call.at)


def _refuse_while_busy(call: Call, lock: Lock, entry: Entry) -> None:
    """423 while an operation runs on the same authorization; what was accepted last is lost by it.

    Source: a user's rapid updates, answered 204, 204, 204, 204, 423, left the third value standing.
    """
    if not entry.operation_id:
        return
    if call.engine.switches.lose_write_before_busy:
        for operation in lock.queue:
            if operation.id == entry.operation_id:
                operation.fate = Fate.LOST
                call.engine.changed = True
    raise empty_exception(BUSY)


def _operation(
    call: Call, lock: Lock, kind: OperationKind, entry_id: str, wanted: Authorization | None = None
) -> Operation:
    return Operation(
        id=call.engine.world.new_id(call.at),
        kind=kind,
        entry_id=entry_id,
        wanted=wanted,
        fate=call.engine.script.take_fate(lock.smartlock_id, kind),
    )
