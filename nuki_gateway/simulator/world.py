"""Everything that exists in the simulation, as plain values that can be written to a file and read again."""

import hashlib
import heapq
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from nuki_gateway.simulator.answers import ApiCall
from nuki_gateway.simulator.authorization import Authorization
from nuki_gateway.simulator.device import Device, DeviceState, LogEntry
from nuki_gateway.simulator.mix import Mix
from nuki_gateway.simulator.orders import Orders
from nuki_gateway.simulator.webhooks import Delivery

ONLINE = 0
OFFLINE = 4  # serverState of a lock that the cloud cannot reach

NOBODY = 0  # the account of a lock that left its account

ACTIVE_SUBSCRIPTION = "ACTIVE"
SUBSCRIPTIONS = (
    ACTIVE_SUBSCRIPTION,
    "INACTIVE",
    "CANCELLED",
    "EXPIRED",
    "ON_HOLD",
    "PENDING",
    "PENDING_CANCEL",
)

ONLY_SECRET = "ONLY_SECRET"  # noqa: S105  a kind of integration
SHORT_RENTAL = "SHORT_RENTAL"
KINDS = (ONLY_SECRET, SHORT_RENTAL, "HEALTHCARE", "SMART_HOME", "OTHER")

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
    CONFIGURE = "configure"


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
    LATE_LOG_ARRIVES = "late log arrives"
    LATE_WEBHOOK_DUE = "late webhook due"
    FORGERY_DUE = "forgery due"
    WRITES_DROPPED = "writes dropped"
    WRITES_RELEASED = "writes released"
    LOCK_LEAVES = "lock leaves"
    LOCK_RETURNS = "lock returns"
    SERVICE_FAILS = "service fails"
    HOST_EDITS = "host edits"


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
    section: str = ""  # the part of the configuration that it sets, by its JSON name
    settings: str = ""  # and what it sets, as JSON
    request_id: str = ""  # the Advanced call that wants to hear the result
    fate: Fate = Fate.CARRIED_OUT
    stuck: bool = False
    was_missing: bool = False
    unread: bool = False
    accepted_at: datetime | None = None
    held_until: datetime | None = None


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
    settings: dict[str, str] = field(default_factory=dict)  # what was configured, JSON by section


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
    subscription: str = ACTIVE_SUBSCRIPTION
    favorite: bool = False
    motor_blocked: bool = False
    settings: dict[str, str] = field(default_factory=dict)  # as the device was configured, JSON by section
    queue: list[Operation] = field(default_factory=list)
    running: str = ""
    reading_back: list[Operation] = field(default_factory=list)
    dropped_after_seconds: float = 0.0  # writes that wait so long for an offline lock are lost; 0: never
    delivered_after_seconds: float = 0.0  # writes for an offline lock go on so long after its return
    late_log: list[LogEntry] = field(default_factory=list)
    furnished: bool = False  # the mix has chosen its foreign codes and its clock


@dataclass
class ApiToken:
    """A further API token of an account, with scopes of its own."""

    token: str = field(repr=False)
    scopes: list[str]
    revoked: bool = False


@dataclass
class Account:
    """One Nuki Web account and its API tokens; a revoked token is answered with 401.

    `kind` is the type of its Advanced API integration; SHORT_RENTAL pays for each lock by subscription.
    """

    account_id: int
    name: str
    token: str = field(repr=False)
    scopes: list[str]
    revoked: bool = False
    kind: str = ONLY_SECRET
    tokens: list[ApiToken] = field(default_factory=list)
    refuses_refresh: bool = False


@dataclass
class OAuthClient:
    """A program that acts for other people's accounts; redirect URIs are compared letter by letter."""

    id: str
    secret: str = field(repr=False)
    redirect_uris: list[str]


@dataclass
class OAuthCode:
    """What a consent hands to the program, good for one exchange within its time."""

    code: str = field(repr=False)
    client_id: str
    account_id: int
    redirect_uri: str
    scopes: list[str]
    ends_at: datetime


@dataclass
class OAuthToken:
    """An access or refresh token that a program holds for an account; a refresh token has no end."""

    token: str = field(repr=False)
    client_id: str
    account_id: int
    scopes: list[str]
    ends_at: datetime | None = None


@dataclass
class AccountUser:
    """A person an account knows, who can be invited to the app."""

    account_user_id: int
    account_id: int
    email: str = field(repr=False)
    name: str = field(repr=False)
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
    email: str = field(repr=False)
    sent_at: datetime
    redeemed_at: datetime | None = None
    ignored: bool | None = None  # whether the person leaves it lying; None until they are asked
    code: str = field(default="", repr=False)  # nine digits, typed into the app
    mailed: bool = True  # the Advanced create hands the code to its caller instead
    serial: int = 0  # the authorization's on the device, once redeemed


@dataclass
class Traffic:
    """What became of the deliveries to one address; `results` are those since it was last activated."""

    active: bool = True
    sent: int = 0
    failed: int = 0
    results: list[bool] = field(default_factory=list)
    last_at: datetime | None = None
    last_milliseconds: int = 0
    last_success_at: datetime | None = None


@dataclass
class Webhook:
    """An address that one account registered, with its own secret."""

    id: int
    account_id: int
    url: str
    features: list[str]
    secret: str
    traffic: Traffic = field(default_factory=Traffic)


@dataclass
class ApiKey:
    """An application: its one central address for all accounts that it serves, signed with its secret."""

    id: int
    account_id: int
    name: str
    secret: str
    url: str
    features: list[str]
    accounts: list[int]
    created_at: datetime
    traffic: Traffic = field(default_factory=Traffic)


@dataclass
class Notification:
    """A push route of an account: an app's or a web address. `settings` are kept as JSON."""

    id: str
    account_id: int
    push_id: str = field(default="", repr=False)
    os: int = 0
    language: str = "en"
    settings: str = "[]"
    reference_id: str | None = None
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class LockResult:
    """What became of an Advanced call on one lock; no error code means success."""

    smartlock_id: int
    error_code: str = ""
    authorization_id: str = ""


@dataclass
class AdvancedRequest:
    """An Advanced call whose result is still to be told; `waiting` are the locks that did not answer yet."""

    id: str
    account_id: int
    type: str
    waiting: list[int]
    results: list[LockResult] = field(default_factory=list)


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
    mix: Mix = field(default_factory=Mix)
    chances: dict[str, int] = field(default_factory=dict)
    orders: Orders = field(default_factory=Orders)
    calls: list[ApiCall] = field(default_factory=list)  # the last ones
    keys: dict[int, ApiKey] = field(default_factory=dict)
    deliveries: list[Delivery] = field(default_factory=list)  # the last ones
    deliveries_so_far: int = 0
    events: list[Event] = field(default_factory=list)
    requests: list[AdvancedRequest] = field(default_factory=list)
    notifications: list[Notification] = field(default_factory=list)
    oauth_clients: list[OAuthClient] = field(default_factory=list)
    oauth_codes: list[OAuthCode] = field(default_factory=list)
    access_tokens: list[OAuthToken] = field(default_factory=list)
    refresh_tokens: list[OAuthToken] = field(default_factory=list)

    def draw(self) -> float:
        """Return the next random number from 0 to below 1."""
        return self._digest() / 2**64

    def draw_number(self, low: int, high: int) -> int:
        """Return the next random whole number from low to below high."""
        return low + int(self.draw() * (high - low))

    def chance(self, stream: str) -> float:
        """Return the next random number of this stream, which no other stream disturbs."""
        drawn = self.chances[stream] = self.chances.get(stream, 0) + 1
        digest = hashlib.sha256(f"{self.seed}:{stream}:{drawn}".encode()).digest()
        return int.from_bytes(digest[:8]) / 2**64

    def happens(self, rate: float, stream: str) -> bool:
        """Say whether something of this rate happens now; a rate of nothing draws nothing."""
        return rate > 0 and self.chance(stream) < rate

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
