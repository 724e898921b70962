"""What just happened, one sentence each, for people who watch: kept in memory, never in a file."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from nuki_gateway.simulator.webhooks import Delivery

KEPT = 400


class HappeningKind(StrEnum):
    """Where it happened; the page gives each its own sign and word."""

    ACCEPTED = "accepted"  # the cloud took a write and queued it
    LOST = "lost"  # an accepted write will never be carried out
    CARRIED = "carried"  # the device has it
    REFUSED = "refused"  # the device did not take it, and the plain API tells nobody
    READ = "read"  # the cloud's copy learned of it
    STALE = "stale"  # it was carried out, and the copy does not show it
    MISSING = "missing"  # the copy was refreshed, and shows that nothing was carried out
    WEBHOOK = "webhook"
    DOOR = "door"  # somebody at the keypad, or the lock's connection
    APP = "app"  # the Nuki app changed the device behind the cloud's back
    DRILL = "drill"  # a fault was ordered


@dataclass(frozen=True)
class Happening:
    """One thing that happened. The words name people and codes, so they are not shown in logs."""

    sequence: int
    at: datetime
    kind: HappeningKind
    words: str = field(repr=False)
    smartlock_id: int = 0
    operation_id: str = ""
    delivery: Delivery | None = None
