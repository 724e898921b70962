"""The calls that move a lock or have it read anew."""

from nuki_gateway.simulator import bodies, operations
from nuki_gateway.simulator.answers import NO_CONTENT, Answer, empty_exception, status_page, value_not_valid
from nuki_gateway.simulator.calls import Call
from nuki_gateway.simulator.world import Lock, Operation, OperationKind

BUSY = 423
UNPROCESSABLE = 422
METHOD_NOT_ALLOWED = 405
MOST_OPTION = 7  # a mask: 2 force, 4 full lock
UNLOCK, LOCK = 1, 2
BOX, OPENER = 1, 2
LOCK_ACTIONS = frozenset({UNLOCK, LOCK, 3, 4, 5})  # and 3 unlatch, 4 and 5 lock-and-go without and with it
ACTIONS = {
    BOX: frozenset({UNLOCK}),
    OPENER: frozenset({1, 2, 3, 6, 7}),  # ring to open on and off, open, continuous mode on and off
}
FIT_FOR_SHORT_CALL = {BOX: frozenset({UNLOCK}), OPENER: frozenset[int]()}


def sync(call: Call) -> Answer:
    """POST /smartlock/{id}/sync."""
    operations.request_sync(call.engine, call.lock(), at=call.at)
    return NO_CONTENT


def action(call: Call) -> Answer:
    """POST /smartlock/{id}/action."""
    return _act(call, wanted_action(call))


def unlock(call: Call) -> Answer:
    """POST /smartlock/{id}/action/unlock."""
    return _act(call, fit_action(call, UNLOCK))


def lock(call: Call) -> Answer:
    """POST /smartlock/{id}/action/lock."""
    return _act(call, fit_action(call, LOCK))


def wanted_action(call: Call) -> int:
    """Return the action of the body, fit for the device; raises Refused (422, 400).

    Source: the vendor's API definition lists the actions of each type of device.
    """
    device_type = call.lock().device.device_type
    body = bodies.parsed_object(call.request)
    wanted, option = bodies.whole_number(body, "action"), bodies.whole_number(body, "option")
    if wanted is None:
        raise status_page(UNPROCESSABLE)
    if wanted not in ACTIONS.get(device_type, LOCK_ACTIONS):
        raise value_not_valid("action", wanted)
    if option is not None and not 0 <= option <= MOST_OPTION:
        raise value_not_valid("option", option)
    return wanted


def fit_action(call: Call, wanted: int) -> int:
    """Return the action of a call that names it in its path; raises Refused (405) for an unfit device.

    405 is declared, but when the real service gives it is not known: a device that cannot do this is a guess.
    """
    device_type = call.lock().device.device_type
    if wanted not in FIT_FOR_SHORT_CALL.get(device_type, LOCK_ACTIONS):
        raise status_page(METHOD_NOT_ALLOWED)
    return wanted


def refuse_while_busy(lock: Lock) -> None:
    """423 while the lock does something else (observed by home automation programs)."""
    if any(one.kind in {OperationKind.ACTION, OperationKind.SYNC} for one in lock.queue):
        raise empty_exception(BUSY)


def queue_action(call: Call, lock: Lock, wanted: int, *, request_id: str = "") -> None:
    """Queue an action; an Advanced request hears what becomes of it."""
    operation = Operation(
        call.engine.world.new_id(call.at), OperationKind.ACTION, action=wanted, request_id=request_id
    )
    operations.accept(call.engine, lock, operation, at=call.at)


def _act(call: Call, wanted: int) -> Answer:
    """Queue an action; 423 for a lock that is offline too (observed by home automation programs)."""
    smartlock = call.lock()
    refuse_while_busy(smartlock)
    if not smartlock.device.online:
        raise empty_exception(BUSY)
    queue_action(call, smartlock, wanted)
    return NO_CONTENT
