"""One authenticated call: who calls, what it names, and the right to it."""

from dataclasses import dataclass
from datetime import datetime

from nuki_gateway.simulator import subscriptions
from nuki_gateway.simulator.answers import Request, status_page
from nuki_gateway.simulator.engine import Engine
from nuki_gateway.simulator.world import Account, Entry, Lock

UNAUTHORIZED = 401
FORBIDDEN = 403
NOT_FOUND = 404


@dataclass(frozen=True)
class Call:
    """A call of an account, with the names that its path holds."""

    engine: Engine
    account: Account
    request: Request
    names: dict[str, str]
    at: datetime

    def lock(self, smartlock_id: int | None = None) -> Lock:
        """Return the lock that the path or the body names.

        Raises Refused: 404 unknown, 403 not theirs, or the answer to a lock without a subscription.
        """
        lock = self.own_lock(smartlock_id)
        if subscriptions.is_missing(self.account, lock):
            raise subscriptions.refusal(self.engine)
        return lock

    def own_lock(self, smartlock_id: int | None = None) -> Lock:
        """Return the lock, subscribed or not; raises Refused (404 unknown, 403 not theirs)."""
        wanted = int(self.names["smartlock_id"]) if smartlock_id is None else smartlock_id
        lock = self.engine.world.locks.get(wanted)
        if lock is None:
            raise status_page(NOT_FOUND)
        if lock.account_id != self.account.account_id:
            raise status_page(FORBIDDEN)
        return lock

    def locks(self) -> list[Lock]:
        """Return all locks of the account."""
        account_id = self.account.account_id
        return [lock for lock in self.engine.world.locks.values() if lock.account_id == account_id]

    def entry(self, lock: Lock) -> Entry:
        """Return the listed authorization that the path names; raises Refused."""
        entry = lock.copy.entries.get(self.names["authorization_id"])
        if entry is None or not entry.listed:
            raise status_page(self.engine.switches.unknown_authorization_status)
        return entry

    def owned_entry(self, authorization_id: str) -> tuple[Lock, Entry]:
        """Return the account's listed authorization with this id and its lock; raises Refused."""
        for lock in self.locks():
            entry = lock.copy.entries.get(authorization_id)
            if entry is None or not entry.listed:
                continue
            if subscriptions.is_missing(self.account, lock):
                raise subscriptions.refusal(self.engine)
            return lock, entry
        raise status_page(self.engine.switches.unknown_authorization_status)


@dataclass(frozen=True)
class Bearer:
    """Whose token a call bears, and what that token allows."""

    account: Account
    scopes: frozenset[str]


def authenticate(engine: Engine, request: Request) -> Account:
    """Return the account whose token the call bears; raises Refused (401)."""
    return bearer(engine, request).account


def bearer(engine: Engine, request: Request) -> Bearer:
    """Return who calls with which scopes, by API token or OAuth access token; raises Refused (401)."""
    scheme, _, written = request.headers.get("authorization", "").partition(" ")
    token = written.strip()
    if scheme.lower() != "bearer" or not token:
        raise status_page(UNAUTHORIZED)
    for account in engine.world.accounts:
        if account.token == token and not account.revoked:
            return Bearer(account, frozenset(account.scopes))
        for further in account.tokens:
            if further.token == token and not further.revoked:
                return Bearer(account, frozenset(further.scopes))
    return _bearer_by_consent(engine, token)


def _bearer_by_consent(engine: Engine, token: str) -> Bearer:
    at = engine.now()
    for held in engine.world.access_tokens:
        if held.token == token and held.ends_at is not None and at < held.ends_at:
            for account in engine.world.accounts:
                if account.account_id == held.account_id:
                    return Bearer(account, frozenset(held.scopes))
    raise status_page(UNAUTHORIZED)
