"""The Smart Hosting subscription of a lock, without which short rental integrations are refused.

Source: Nuki staff, developer forum 21795 (since September 2023, on smart lock, authorization, log and
Advanced calls). Neither the status nor the text of the refusal is recorded.
"""

from nuki_gateway.simulator.answers import Refused, status_page
from nuki_gateway.simulator.engine import Engine
from nuki_gateway.simulator.world import ACTIVE_SUBSCRIPTION, SHORT_RENTAL, SUBSCRIPTIONS, Account, Lock

SMARTLOCK_FIELDS = (
    *("smartlockId", "accountId", "type", "authId", "name", "favorite", "serverState", "adminPinState"),
    "currentSubscription",
)
AUTHORIZATION_FIELDS = ("id", "smartlockId", "type", "name", "enabled", "remoteAllowed", "lockCount")
LOG_FIELDS = ("id", "smartlockId", "deviceType", "name", "action", "trigger", "state", "autoUnlock", "date")


class NoSuchSubscriptionState(Exception):
    """A subscription was set to a state that Nuki does not have."""


def is_missing(account: Account, lock: Lock) -> bool:
    """Say whether calls of this account for this lock are refused."""
    return account.kind == SHORT_RENTAL and lock.subscription != ACTIVE_SUBSCRIPTION


def refusal(engine: Engine) -> Refused:
    """Return the answer to a call that names a lock without a subscription."""
    return status_page(engine.switches.ended_subscription_status)


def complaint(smartlock_ids: list[int]) -> str:
    """Return the text of an `error` field, which names the locks (the vendor's API definition)."""
    named = ", ".join(map(str, smartlock_ids))
    return f"No active Smart Hosting subscription for smartlocks: {named}"


def withheld(shape: dict[str, object], fields: tuple[str, ...], smartlock_id: int) -> dict[str, object]:
    """Return what a list still shows of something on such a lock: the required fields, and why."""
    kept = {name: shape[name] for name in fields if name in shape}
    return {**kept, "error": complaint([smartlock_id])}


def set_state(engine: Engine, lock: Lock, state: str) -> None:
    """Put the lock's subscription into this state; raises NoSuchSubscriptionState."""
    if state not in SUBSCRIPTIONS:
        raise NoSuchSubscriptionState(f"There is no state {state!r}; there are {', '.join(SUBSCRIPTIONS)}.")
    with engine.change():
        lock.subscription = state
