"""The calls that read: always the cloud's copy, never the device."""

from datetime import datetime
from typing import Any

from nuki_gateway.simulator import bodies, subscriptions, wire
from nuki_gateway.simulator.answers import Answer, json_answer
from nuki_gateway.simulator.calls import Call
from nuki_gateway.simulator.device import LogEntry
from nuki_gateway.simulator.world import Entry, Lock

DEFAULT_LOG_LIMIT = 20
LONGEST_LOG_PAGE = 50  # limit=500 is silently cut to 50 (observed)
DEFAULT_PAGE_SIZE = 100


def smartlocks(call: Call) -> Answer:
    """GET /smartlock."""
    device_type = bodies.query_number(call.request, "type")
    own_authorization = bodies.query_number(call.request, "authId")
    return json_answer(
        [
            _smartlock(call, lock)
            for lock in call.locks()
            if device_type in {None, lock.device.device_type}
            and own_authorization in {None, lock.authorization_id}
        ]
    )


def smartlock(call: Call) -> Answer:
    """GET /smartlock/{id}."""
    return json_answer(wire.smartlock(call.lock()))


def authorizations(call: Call) -> Answer:
    """GET /smartlock/auth."""
    return json_answer(_account_authorizations(call))


def authorizations_paged(call: Call) -> Answer:
    """GET /smartlock/auth/paged; the neighbours' numbers are texts (the vendor's API definition)."""
    page = max(bodies.query_number(call.request, "page") or 0, 0)
    size = max(bodies.query_number(call.request, "size") or DEFAULT_PAGE_SIZE, 1)
    found = _account_authorizations(call)
    pages = -(-len(found) // size)
    pagination = wire.present(
        totalItems=len(found),
        totalPages=pages,
        currentPage=page,
        nextPage=str(page + 1) if page + 1 < pages else None,
        prevPage=str(page - 1) if page > 0 else None,
        pageSize=size,
    )
    return json_answer({"results": found[page * size : (page + 1) * size], "pagination": pagination})


def lock_authorizations(call: Call) -> Answer:
    """GET /smartlock/{id}/auth."""
    lock = call.lock()
    types = bodies.query_numbers(call.request, "types")
    return json_answer([wire.authorization(one, lock.smartlock_id) for one in _listed(lock, types)])


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


def _smartlock(call: Call, lock: Lock) -> dict[str, Any]:
    shape = wire.smartlock(lock)
    if subscriptions.is_missing(call.account, lock):
        return subscriptions.withheld(shape, subscriptions.SMARTLOCK_FIELDS, lock.smartlock_id)
    return shape


def _account_authorizations(call: Call) -> list[dict[str, Any]]:
    types = bodies.query_numbers(call.request, "types")
    user = bodies.query_number(call.request, "accountUserId")
    return [
        _authorization(call, lock, entry)
        for lock in call.locks()
        for entry in _listed(lock, types)
        if _is_of_user(entry, user)
    ]


def _authorization(call: Call, lock: Lock, entry: Entry) -> dict[str, Any]:
    shape = wire.authorization(entry, lock.smartlock_id)
    if subscriptions.is_missing(call.account, lock):
        return subscriptions.withheld(shape, subscriptions.AUTHORIZATION_FIELDS, lock.smartlock_id)
    return shape


def _listed(lock: Lock, types: set[int] | None) -> list[Entry]:
    return [
        entry
        for entry in lock.copy.entries.values()
        if entry.listed and (types is None or entry.values.type in types)
    ]


def _is_of_user(entry: Entry, wanted: int | None) -> bool:
    """Say whether the entry belongs to the user; a negative number asks for those without one."""
    if wanted is None:
        return True
    return entry.values.account_user_id is None if wanted < 0 else entry.values.account_user_id == wanted


def _log_page(call: Call, locks: list[Lock]) -> Answer:
    """Answer with a page of the log: newest first, older than the cursor `id`, unknown parameters ignored.

    Ids begin with their second, so they sort by age; the cursor's own line may be gone from the log.
    """
    cursor = call.request.query.get("id")
    fits = _log_filter(call)
    lines = sorted(
        (
            (entry, lock)
            for lock in locks
            for entry in lock.copy.log
            if (cursor is None or entry.id < cursor) and fits.matches(entry)
        ),
        key=lambda line: line[0].id,
        reverse=True,
    )
    limit = min(bodies.query_number(call.request, "limit") or DEFAULT_LOG_LIMIT, LONGEST_LOG_PAGE)
    return json_answer([_log_line(call, lock, entry) for entry, lock in lines[: max(limit, 0)]])


def _log_line(call: Call, lock: Lock, entry: LogEntry) -> dict[str, Any]:
    shape = wire.log_entry(entry, lock)
    if subscriptions.is_missing(call.account, lock):
        return subscriptions.withheld(shape, subscriptions.LOG_FIELDS, lock.smartlock_id)
    return shape


class _LogFilter:
    """What a reader of the log asked for."""

    def __init__(self, *, whose: str | None, user: int | None, action: int | None) -> None:
        self.whose, self.user, self.action = whose, user, action
        self.first: datetime | None = None
        self.last: datetime | None = None

    def matches(self, entry: LogEntry) -> bool:
        """Say whether the line is asked for; its time is taken as it is shown, to the millisecond."""
        at = entry.at.replace(microsecond=entry.at.microsecond // 1000 * 1000)
        return (
            self.whose in {None, entry.authorization_id}
            and self.user in {None, entry.account_user_id}
            and self.action in {None, entry.action}
            and (self.first is None or at >= self.first)
            and (self.last is None or at <= self.last)
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
