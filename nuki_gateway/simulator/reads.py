"""The calls that read: always the cloud's copy, never the device."""

from datetime import datetime

from nuki_gateway.simulator import bodies, wire
from nuki_gateway.simulator.answers import Answer, Request, json_answer
from nuki_gateway.simulator.calls import Call
from nuki_gateway.simulator.device import LogEntry
from nuki_gateway.simulator.world import Entry, Lock

DEFAULT_LOG_LIMIT = 20
LONGEST_LOG_PAGE = 50  # limit=500 is silently cut to 50 (observed)
DEFAULT_PAGE_SIZE = 100


def smartlocks(call: Call) -> Answer:
    """GET /smartlock."""
    wanted = bodies.query_number(call.request, "type")
    locks = [lock for lock in call.locks() if wanted in {None, lock.device.device_type}]
    return json_answer([wire.smartlock(lock) for lock in locks])


def smartlock(call: Call) -> Answer:
    """GET /smartlock/{id}."""
    return json_answer(wire.smartlock(call.lock()))


def authorizations(call: Call) -> Answer:
    """GET /smartlock/auth."""
    return json_answer(_account_authorizations(call))


def authorizations_paged(call: Call) -> Answer:
    """GET /smartlock/auth/paged."""
    page = max(bodies.query_number(call.request, "page") or 0, 0)
    size = max(bodies.query_number(call.request, "size") or DEFAULT_PAGE_SIZE, 1)
    found = _account_authorizations(call)
    pages = -(-len(found) // size)
    pagination = wire.present(
        totalItems=len(found),
        totalPages=pages,
        currentPage=page,
        nextPage=page + 1 if page + 1 < pages else None,
        prevPage=page - 1 if page > 0 else None,
        pageSize=size,
    )
    return json_answer({"results": found[page * size : (page + 1) * size], "pagination": pagination})


def lock_authorizations(call: Call) -> Answer:
    """GET /smartlock/{id}/auth."""
    lock = call.lock()
    return json_answer([wire.authorization(one, lock.smartlock_id) for one in _listed(lock, call.request)])


def authorization(call: Call) -> Answer:
    """GET /smartlock/{id}/auth/{authId}."""
    lock = call.lock()
    return json_answer(wire.authorization(call.entry(lock), lock.smartlock_id))


def logs(call: Call) -> Answer:
    """GET /smartlock/log."""
    return _log_page(call, call.locks())


def lock_log(call: Call) -> Answer:
    """GET /smartlock/{id}/log."""
    return _log_page(call, [call.lock()])


def _account_authorizations(call: Call) -> list[dict[str, object]]:
    return [
        wire.authorization(entry, lock.smartlock_id)
        for lock in call.locks()
        for entry in _listed(lock, call.request)
    ]


def _listed(lock: Lock, request: Request) -> list[Entry]:
    types = bodies.query_numbers(request, "types")
    user = bodies.query_number(request, "accountUserId")
    return [
        entry
        for entry in lock.copy.entries.values()
        if entry.listed and (types is None or entry.values.type in types) and _is_of_user(entry, user)
    ]


def _is_of_user(entry: Entry, wanted: int | None) -> bool:
    """Say whether the entry belongs to the user; a negative number asks for those without one."""
    if wanted is None:
        return True
    return entry.values.account_user_id is None if wanted < 0 else entry.values.account_user_id == wanted


def _log_page(call: Call, locks: list[Lock]) -> Answer:
    """Answer with a page of the log: newest first, older than the cursor `id`, unknown parameters ignored."""
    lines = sorted(
        ((entry, lock) for lock in locks for entry in lock.copy.log),
        key=lambda line: (line[0].at, line[0].id),
        reverse=True,
    )
    cursor = call.request.query.get("id")
    if cursor is not None:
        place = next((at for at, (entry, _) in enumerate(lines) if entry.id == cursor), len(lines))
        lines = lines[place + 1 :]
    fits = _log_filter(call)
    limit = min(bodies.query_number(call.request, "limit") or DEFAULT_LOG_LIMIT, LONGEST_LOG_PAGE)
    chosen = [line for line in lines if fits.matches(line[0])][: max(limit, 0)]
    return json_answer([wire.log_entry(entry, lock) for entry, lock in chosen])


class _LogFilter:
    """What a reader of the log asked for."""

    def __init__(self, *, whose: str | None, user: int | None, action: int | None) -> None:
        self.whose, self.user, self.action = whose, user, action
        self.first: datetime | None = None
        self.last: datetime | None = None

    def matches(self, entry: LogEntry) -> bool:
        """Say whether the line is asked for."""
        return (
            self.whose in {None, entry.authorization_id}
            and self.user in {None, entry.account_user_id}
            and self.action in {None, entry.action}
            and (self.first is None or entry.at >= self.first)
            and (self.last is None or entry.at <= self.last)
        )


def _log_filter(call: Call) -> _LogFilter:
    request = call.request
    whose = request.query.get("authId") if "smartlock_id" in call.names else None
    fits = _LogFilter(
        whose=whose,
        user=bodies.query_number(request, "accountUserId"),
        action=bodies.query_number(request, "action"),
    )
    fits.first = bodies.query_instant(request, "fromDate")
    fits.last = bodies.query_instant(request, "toDate")
    return fits
