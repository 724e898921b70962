"""The calls about the log of what happened at smart locks."""

from collections.abc import Iterator
from datetime import datetime

from nuki_gateway.client.calls import Calls, asked, values
from nuki_gateway.models import LogEntry
from nuki_gateway.models.reading import written

LONGEST_PAGE = 50  # lines; the service silently cuts a larger limit (observed)
MOST_PAGES = 20  # a lock keeps its last 1000 lines (Nuki's help pages)


class LogCalls(Calls):
    """Scope: `smartlock.log`. The log trails the door by some seconds, and by more for an offline lock."""

    def log(
        self,
        smartlock_id: int | None = None,
        *,
        before_id: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = LONGEST_PAGE,
    ) -> list[LogEntry]:
        """One page of the log of a lock or of all locks, newest first: at most 50, older than `before_id`."""
        query = asked(
            id=before_id,
            fromDate=written(since) if since else None,
            toDate=written(until) if until else None,
            limit=min(limit, LONGEST_PAGE),
        )
        path = "/smartlock/log" if smartlock_id is None else f"/smartlock/{smartlock_id}/log"
        return values(LogEntry.from_json, self._transport.call("GET", path, query=query))

    def log_by_page(
        self,
        smartlock_id: int | None = None,
        *,
        before_id: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        most_pages: int = MOST_PAGES,
    ) -> Iterator[LogEntry]:
        """The log page by page, newest first, each line once.

        Ends with a page that brings nothing new, which is an empty one or one that repeats, and in any case
        after `most_pages`: a caller who needs every line compares the last one with what it knows.
        """
        seen: set[str] = set()
        for _ in range(most_pages):
            page = self.log(smartlock_id, before_id=before_id, since=since, until=until)
            found = {entry.id: entry for entry in page}
            new = [entry for entry in found.values() if entry.id not in seen]
            if not new:
                return
            seen.update(found)
            yield from new
            before_id = new[-1].id
