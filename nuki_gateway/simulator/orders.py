"""What was ordered to go wrong, as plain values: they are part of the world and survive a restart."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Wire(StrEnum):
    """What the caller gets to see of an answer."""

    WHOLE = "whole"
    BROKEN = "broken"  # the connection ends without a byte
    SILENT = "silent"  # the connection stays open and nothing comes
    HALF = "half"  # the connection ends in the middle of the answer


class Stand(StrEnum):
    """What can answer in the service's place."""

    SERVICE = "service"  # the service itself, with a status of its own
    GATEWAY = "gateway"  # whatever stands before it: an HTML page
    NOT_JSON = "not json"  # 200, and something that is no JSON


class LogFault(StrEnum):
    """What becomes of one line of a lock's log."""

    NONE = "none"
    LATE = "late"
    MISSING = "missing"
    ANONYMOUS = "anonymous"  # without the authorization, and without its name


@dataclass(frozen=True)
class OrderedAnswer:
    """An answer given in place of the real one; `smartlock_id` None means any call."""

    smartlock_id: int | None
    method: str | None
    status: int
    retry_after: int | None
    stand: Stand = Stand.SERVICE


@dataclass(frozen=True)
class OrderedBreak:
    """How the connection of one call ends, and whether the call is carried out before."""

    smartlock_id: int | None
    wire: Wire
    carried_out: bool
    writes_only: bool


@dataclass(frozen=True)
class Span:
    """An answer to every call for a while: of one lock, of one account, or of all."""

    ends_at: datetime
    status: int
    retry_after: int | None = None
    smartlock_id: int | None = None
    account_id: int | None = None
    writes_only: bool = False
    drawn: bool = False  # by the mix, and over with it


@dataclass(frozen=True)
class OrderedLogFault:
    """What becomes of the next line of one lock's log."""

    smartlock_id: int
    fault: LogFault
    seconds: float = 0.0


@dataclass(frozen=True)
class HeldWebhook:
    """A webhook that waits until those that are to overtake it have come."""

    receiver_id: int
    body: str = field(repr=False)


@dataclass
class Orders:
    """All that is ordered. Lists of locks hold each lock as often as the fault is to happen there."""

    lost: list[int] = field(default_factory=list)
    ignored_deletes: list[int] = field(default_factory=list)
    ghosts: list[int] = field(default_factory=list)
    phantoms: list[int] = field(default_factory=list)
    unread: list[int] = field(default_factory=list)
    known_collisions: list[int] = field(default_factory=list)
    unknown_collisions: list[int] = field(default_factory=list)
    breaks: list[OrderedBreak] = field(default_factory=list)
    answers: list[OrderedAnswer] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    calls_a_second: int = 0
    ignored_invites: int = 0
    log_faults: list[OrderedLogFault] = field(default_factory=list)
    webhooks_silenced: bool = False
    webhooks_lost: int = 0
    webhooks_doubled: int = 0
    webhooks_late: list[float] = field(default_factory=list)
    webhooks_to_reverse: int = 0
    webhooks_held: list[HeldWebhook] = field(default_factory=list)
