"""One authenticated call: who calls, what it names, and the right to it."""

from dataclasses import dataclass
from datetime import datetime

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
        """Return the lock that the path or the body names; raises Refused (404 unknown, 403 not theirs)."""
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
            if entry is not None and entry.listed:
                return lock, entry
        raise status_page(self.engine.switches.unknown_authorization_status)


def authenticate(engine: Engine, request: Request) -> Account:
    """Return the account whose token the call bears; raises Refused (401)."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        for account in engine.world.accounts:
            if account.token == token.strip() and not account.revoked:
                return account
    raise status_page(UNAUTHORIZED)
