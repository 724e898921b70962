"""The calls that move a lock or have it read anew."""

from nuki_gateway.simulator import bodies, operations
from nuki_gateway.simulator.answers import NO_CONTENT, Answer, empty_exception, status_page, value_not_valid
from nuki_gateway.simulator.calls import Call
from nuki_gateway.simulator.world import Operation, OperationKind

BUSY = 423
UNPROCESSABLE = 422
METHOD_NOT_ALLOWED = 405
MOST_ACTION = 7
UNLOCK, LOCK = 1, 2
OPENER = 2


def sync(call: Call) -> Answer:
    """POST /smartlock/{id}/sync."""
    operations.request_sync(call.engine, call.lock(), at=call.at)
    return NO_CONTENT


def action(call: Call) -> Answer:
    """POST /smartlock/{id}/action."""
    wanted = bodies.whole_number(bodies.parsed_object(call.request), "action")
    if wanted is None:
        raise status_page(UNPROCESSABLE)
    if not 0 <= wanted <= MOST_ACTION:
        raise value_not_valid("action", wanted)
    return _act(call, wanted)


def unlock(call: Call) -> Answer:
    """POST /smartlock/{id}/action/unlock."""
    return _act_on_lock(call, UNLOCK)


def lock(call: Call) -> Answer:
    """POST /smartlock/{id}/action/lock."""
    return _act_on_lock(call, LOCK)


def _act_on_lock(call: Call, wanted: int) -> Answer:
    """Act on a device that can lock. When the real service answers 405 is not known; an Opener is a guess."""
    if call.lock().device.device_type == OPENER:
        raise status_page(METHOD_NOT_ALLOWED)
    return _act(call, wanted)


def _act(call: Call, wanted: int) -> Answer:
    """Queue an action; 423 for a lock that is offline or busy (observed by home automation programs)."""
    smartlock = call.lock()
    busy = any(one.kind in {OperationKind.ACTION, OperationKind.SYNC} for one in smartlock.queue)
    if busy or not smartlock.device.online:
        raise empty_exception(BUSY)
    operation = Operation(call.engine.world.new_id(call.at), OperationKind.ACTION, action=wanted)
    operations.accept(call.engine, smartlock, operation, at=call.at)
    return NO_CONTENT
