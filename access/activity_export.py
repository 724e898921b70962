"""The activity of a smart lock as a file for spreadsheets, made while it is sent: a chunk is in memory."""

import csv
from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from access import activity_pages, lock_queries
from access.activity_pages import MEANS
from access.lock_queries import Wanted
from access.log_entries import ActivityKind
from access.models import Activity
from properties import tenancy, wall_clock
from properties.models import SmartLock
from properties.reach import Reach

MARK = "\ufeff"  # by which spreadsheets know UTF-8
# Spreadsheets take a cell that begins so for a formula (OWASP on CSV injection), also in wide letters
WIDE = ("\uff1d", "\uff0b", "\uff0d", "\uff20")
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", *WIDE)
WHAT: dict[str, Any] = {
    ActivityKind.OPENED: later("opened"),
    ActivityKind.LOCKED: later("locked"),
    ActivityKind.CODE_REFUSED: later("code refused"),
    ActivityKind.LEFT_OPEN: later("door left open"),
    ActivityKind.FAILED: later("lock did not turn"),
    ActivityKind.DOOR_OPENED: later("door opened"),
    ActivityKind.DOOR_CLOSED: later("door closed"),
    ActivityKind.RANG: later("rang"),
    ActivityKind.BATTERY_LOW: later("battery nearly empty"),
    ActivityKind.KEYPAD_BATTERY_LOW: later("keypad's battery nearly empty"),
    ActivityKind.WENT_OFFLINE: later("went offline"),
    ActivityKind.CAME_BACK: later("came back online"),
}


class _Line:
    """Where the writer of the format puts one line, to be handed on at once."""

    def write(self, line: str) -> str:
        return line


def export(lock: SmartLock, reach: Reach, wanted: Wanted, *, zone: str) -> Iterator[bytes]:
    """The lines, the latest first.

    Each chunk is read in a scope of its own: the request's has ended when the answer is sent.
    """
    writer = csv.writer(_Line())

    def written(cells: Sequence[str]) -> str:
        return str(writer.writerow([harmless(cell) for cell in cells]))

    yield (MARK + written(_titles(zone))).encode()
    last: Activity | None = None
    while True:
        with tenancy.within(lock.organization):
            chunk = lock_queries.in_chunks(lock_queries.activity_of(lock, reach, wanted), last)
            lines = "".join(written(_cells(one, zone)) for one in chunk)
        if chunk:
            yield lines.encode()
        if len(chunk) < lock_queries.CHUNK:
            return
        last = chunk[-1]


def harmless(cell: str) -> str:
    """The cell so that a spreadsheet shows it, and works nothing out."""
    return f"'{cell}" if cell.lstrip(" ").startswith(FORMULAS) else cell


def _titles(zone: str) -> list[str]:
    return [_("When (%(zone)s)") % {"zone": zone}, _("Door"), _("What"), _("Who"), _("Means")]


def _cells(one: Activity, zone: str) -> list[str]:
    door = getattr(one.smart_lock, "door", None)
    return [
        f"{wall_clock.shown(one.happened_at, zone):%Y-%m-%d %H:%M:%S}",
        door.name if door else one.smart_lock.called,
        str(WHAT[one.kind]),
        activity_pages.who(one),
        str(MEANS.get(one.means, "")),
    ]
