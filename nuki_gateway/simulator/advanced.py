"""Advanced calls: answered at once with a request id, and told what became of them by webhook later.

Source: the documentation on API-triggered webhooks.
"""

from datetime import datetime

from nuki_gateway.simulator import news, wire
from nuki_gateway.simulator.engine import Engine
from nuki_gateway.simulator.world import AdvancedRequest, LockResult

UNKNOWN_ERROR = "ff"  # most often: the lock is offline (documentation on error codes)
MOTOR_BLOCKED = "42"
TOO_MANY = "13"
AUTH_CREATION = "AuthCreation"


def begin(
    engine: Engine, *, account_id: int, kind: str, smartlock_ids: list[int], at: datetime
) -> AdvancedRequest:
    """Note a request whose result these locks will give; without locks none will ever come."""
    made = AdvancedRequest(engine.world.new_id(at), account_id, kind, list(smartlock_ids))
    if smartlock_ids:
        engine.world.requests.append(made)
        engine.changed = True
    return made


def report(engine: Engine, request_id: str, result: LockResult, *, at: datetime) -> None:
    """Take in what became of the request on one lock; once all have answered, tell the account."""
    request = next((one for one in engine.world.requests if one.id == request_id), None)
    if request is None or result.smartlock_id not in request.waiting:
        return
    request.waiting.remove(result.smartlock_id)
    request.results.append(result)
    if not request.waiting:
        engine.world.requests.remove(request)
        _announce(engine, request, at=at)


def _announce(engine: Engine, request: AdvancedRequest, *, at: datetime) -> None:
    if request.type == AUTH_CREATION:
        codes = {one.authorization_id: one.code for one in engine.world.invites}
        payload = wire.creation_result(request, codes)
    else:
        payload = wire.action_result(request)
    news.announce(engine, request.account_id, payload, at=at)
