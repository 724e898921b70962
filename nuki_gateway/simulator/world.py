"""Everything that exists in the simulation, as plain values that can be written to a file and read again."""

import hashlib
import heapq
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from nuki_gateway.simulator.authorization import Authorization
from nuki_gateway.simulator.device import Device, DeviceState, LogEntry

ONLINE = 0
OFFLINE = 4  # serverState of a lock that the cloud cannot reach

ALL_SCOPES = (
    "account",
    "notification",
    "smartlock",
    "smartlock.readOnly",
    "smartlock.action",
    "smartlock.auth",
    "smartlock.config",
    "smartlock.log",
    "smartlock.create",
    "webhook.central",
    "webhook.decentral",
)


class OperationKind(StrEnum):
    """What can be carried to a device."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    SYNC = "sync"
    ACTION = "action"


class Fate(StrEnum):
    """What becomes of a write that was accepted."""

    CARRIED_OUT = "carried out"
    LOST = "lost"
    GHOST = "ghost"  # deleted on the device, listed all the same
    PHANTOM = "phantom"  # listed, and the device never got it


class OfflineWrites(StrEnum):
    """What becomes of writes for a lock that is offline; reports disagree, so all three exist."""

    DELIVERED_ON_RETURN = "delivered on return"
    LOST = "lost"
    PENDING = "pending"


class EventKind(StrEnum):
    """What can be due."""

    OPERATION_DONE = "operation done"
    COPY_READ = "copy read"
    LOG_ARRIVES = "log arrives"
    WEBHOOK_DUE = "webhook due"
    USER_REMOVED = "user removed"
    DAILY_SYNC = "daily sync"


@dataclass(frozen=True, order=True)
class Event:
    """Something that will happen at its time; ordered by time, then by the order in which it was planned."""

    due_at: datetime
    sequence: int
    kind: EventKind = field(compare=False)
    smartlock_id: int = field(compare=False, default=0)
    operation_id: str = field(compare=False, default="")
    subject_id: int = field(compare=False, default=0)
    body: str = field(compare=False, default="", repr=False)


@dataclass
class Operation:
    """One thing that waits to be carried to a device, or to be read back from it."""

    id: str
    kind: OperationKind
    entry_id: str = ""
    wanted: Authorization | None = None
    action: int = 0
    fate: Fate = Fate.CARRIED_OUT
    stuck: bool = False
    was_missing: bool = False


@dataclass
class Entry:
    """One authorization in the cloud's copy. `serial` is 0 until the device has taken it."""

    id: str
    values: Authorization
    created_at: datetime
    updated_at: datetime
    listed: bool
    operation_id: str = ""
    serial: int = 0


@dataclass
class Copy:
    """What the cloud believes about one lock."""

    updated_at: datetime
    keypad: str | None
    state: DeviceState
    server_state: int = ONLINE
    frozen: bool = False
    entries: dict[str, Entry] = field(default_factory=dict)
    log: list[LogEntry] = field(default_factory=list)


@dataclass
class Lock:
    """One smart lock: the device, the cloud's copy of it, and what is on the way between them."""

    smartlock_id: int
    account_id: int
    authorization_id: int
    name: str
    firmware: int
    created_at: datetime
    device: Device
    copy: Copy
    offline_writes: OfflineWrites = OfflineWrites.DELIVERED_ON_RETURN
    subscription: str = "ACTIVE"
    queue: list[Operation] = field(default_factory=list)
    running: str = ""
    reading_back: list[Operation] = field(default_factory=list)


@dataclass
class Account:
    """One Nuki Web account and its API token; a revoked token is answered with 401."""

    account_id: int
    name: str
    token: str
    scopes: list[str]
    revoked: bool = False


@dataclass
class AccountUser:
    """A person an account knows, who can be invited to the app."""

    account_user_id: int
    account_id: int
    email: str
    name: str
    language: str
    type: int
    created_at: datetime
    updated_at: datetime
    operation_id: str = ""


@dataclass
class Invite:
    """An e-mail that Nuki sent so that somebody can take an authorization into the app."""

    authorization_id: str
    smartlock_id: int
    account_user_id: int
    email: str
    sent_at: datetime
    redeemed_at: datetime | None = None


@dataclass
class Webhook:
    """An address that one account registered, with its own secret."""

    id: int
    account_id: int
    url: str
    features: list[str]
    secret: str


@dataclass
class World:
    """The whole simulation; every random choice comes from the seed and the number of draws so far."""

    seed: int = 1
    draws: int = 0
    accounts: list[Account] = field(default_factory=list)
    locks: dict[int, Lock] = field(default_factory=dict)
    users: dict[int, AccountUser] = field(default_factory=dict)
    invites: list[Invite] = field(default_factory=list)
    webhooks: dict[int, Webhook] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)

    def draw(self) -> float:
        """Return the next random number from 0 to below 1."""
        return self._digest() / 2**64

    def draw_number(self, low: int, high: int) -> int:
        """Return the next random whole number from low to below high."""
        return low + int(self.draw() * (high - low))

    def new_id(self, at: datetime) -> str:
        """Return a fresh id of 24 hex digits that sorts by age: seconds, the world's part, a counter."""
        self.draws += 1
        own = hashlib.sha256(str(self.seed).encode()).hexdigest()[:10]
        return f"{int(at.timestamp()) & 0xFFFFFFFF:08x}{own}{self.draws & 0xFFFFFF:06x}"

    def new_secret(self) -> str:
        """Return 40 hex digits that nobody can tell from the ones before."""
        return f"{self._digest():016x}{self._digest():016x}{self._digest():016x}"[:40]

    def plan(self, event: Event) -> None:
        """Put an event into the queue."""
        heapq.heappush(self.events, event)

    def pop_event(self) -> Event:
        """Take the next event out of the queue."""
        return heapq.heappop(self.events)

    def _digest(self) -> int:
        self.draws += 1
        digest = hashlib.sha256(f"{self.seed}:{self.draws}".encode()).digest()
        return int.from_bytes(digest[:8])
