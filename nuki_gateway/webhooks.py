"""What Nuki Web calls us with: whether a delivery is genuine, and which smart lock it is about.

A delivery is news that something may have changed, never the news itself: deliveries are lost, doubled
and reordered, so whoever receives one looks at the lock.
"""

import hashlib
import hmac
import json
from dataclasses import dataclass

SIGNATURE_HEADER = "X-Nuki-Signature-SHA256"
LARGEST_DELIVERY = 64 * 1024  # bytes; the largest recorded one has under 4 KiB

_PLACES = ("smartlockAuth", "smartlockLog")


@dataclass(frozen=True)
class Delivery:
    """What a delivery is about; a smart lock's id is absent from those about account users."""

    feature: str
    smartlock_id: int | None


class ForgedDelivery(ValueError):
    """The signature does not fit the body."""


class UnreadableDelivery(ValueError):
    """Signed, but not a delivery as we know them."""


def signature(secret: str, body: bytes) -> str:
    """The hexadecimal HMAC-SHA256 over the raw body. Source: Nuki's documentation of decentral webhooks."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def check(*, secret: str, body: bytes, signed: str) -> None:
    """Raise `ForgedDelivery` unless this body was signed with this secret."""
    fits = hmac.compare_digest(signature(secret, body).encode(), signed.strip().lower().encode())
    if not secret or not fits:
        raise ForgedDelivery("The signature does not fit.")


def read(body: bytes) -> Delivery:
    """What a delivery is about. Unknown keys and features are no error."""
    try:
        delivery = json.loads(body)
        inner = next((delivery[place] for place in _PLACES if place in delivery), delivery)
        number = inner.get("smartlockId")
        return Delivery(str(delivery.get("feature") or ""), None if number is None else int(number))
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        raise UnreadableDelivery("Not a delivery of Nuki Web.") from None
