"""The Advanced calls: actions and app invites that report their result by webhook."""

from nuki_gateway.simulator import advanced, bodies, lock_calls, subscriptions, wire, writes
from nuki_gateway.simulator.answers import Answer, json_answer, status_page, value_not_valid
from nuki_gateway.simulator.calls import Call
from nuki_gateway.simulator.world import Lock, LockResult

UNPROCESSABLE = 422
# How results of actions other than unlocking are named is not documented.
ACTION_TYPES = {lock_calls.LOCK: "LockAction"}
UNLOCK_ACTION = "UnlockAction"


def action(call: Call) -> Answer:
    """POST /smartlock/{id}/action/advanced."""
    return _act(call, lock_calls.wanted_action(call))


def unlock(call: Call) -> Answer:
    """POST /smartlock/{id}/action/unlock/advanced."""
    return _act(call, lock_calls.fit_action(call, lock_calls.UNLOCK))


def lock(call: Call) -> Answer:
    """POST /smartlock/{id}/action/lock/advanced."""
    return _act(call, lock_calls.fit_action(call, lock_calls.LOCK))


def create(call: Call) -> Answer:
    """PUT /smartlock/auth/advanced: app invites only; locks without a subscription are named in `error`."""
    body = bodies.parsed_object(call.request)
    smartlock_ids = body.get("smartlockIds")
    required = (bodies.text(body, "name"), bodies.whole_number(body, "accountUserId"))
    if None in {*required, bodies.truth(body, "remoteAllowed")} or not isinstance(smartlock_ids, list):
        raise status_page(UNPROCESSABLE)
    if not smartlock_ids or not all(isinstance(one, int) for one in smartlock_ids):
        raise value_not_valid("smartlockIds", smartlock_ids)
    named = [call.own_lock(smartlock_id) for smartlock_id in dict.fromkeys(smartlock_ids)]
    unpaid = [one.smartlock_id for one in named if subscriptions.is_missing(call.account, one)]
    locks = [one for one in named if one.smartlock_id not in unpaid]
    wanted = writes.wanted_invite(call, body)
    for one in locks:
        writes.check_create(call, one, wanted)
    request = advanced.begin(
        call.engine,
        account_id=call.account.account_id,
        kind=advanced.AUTH_CREATION,
        smartlock_ids=[one.smartlock_id for one in locks],
        at=call.at,
    )
    for one in locks:
        if one.device.online:
            writes.accept_create(call, one, wanted, request_id=request.id)
        else:
            _report_offline(call, one, request.id)
    error = subscriptions.complaint(unpaid) if unpaid else None
    return json_answer(wire.present(requestId=request.id, error=error))


def _act(call: Call, wanted: int) -> Answer:
    """Queue an action and promise its result; an offline lock is part of the result (inferred)."""
    smartlock = call.lock()
    lock_calls.refuse_while_busy(smartlock)
    request = advanced.begin(
        call.engine,
        account_id=call.account.account_id,
        kind=ACTION_TYPES.get(wanted, UNLOCK_ACTION),
        smartlock_ids=[smartlock.smartlock_id],
        at=call.at,
    )
    if smartlock.device.online:
        lock_calls.queue_action(call, smartlock, wanted, request_id=request.id)
    else:
        _report_offline(call, smartlock, request.id)
    return json_answer({"requestId": request.id})


def _report_offline(call: Call, smartlock: Lock, request_id: str) -> None:
    result = LockResult(smartlock.smartlock_id, advanced.UNKNOWN_ERROR)
    advanced.report(call.engine, request_id, result, at=call.at)
