"""What Nuki Web calls us with: whether a delivery is genuine, and what it says.

A delivery is news that something may have changed, never the truth: deliveries are lost, doubled and
reordered, so whoever receives one looks at the lock.
"""

import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

from nuki_gateway.models import (
    AuthorizationNews,
    Feature,
    LockNews,
    LogNews,
    OfAnotherShape,
    OtherNews,
    RequestOutcome,
    UserNews,
)

SIGNATURE_HEADER = "X-Nuki-Signature-SHA256"
LARGEST_DELIVERY = 64 * 1024  # bytes; the largest recorded one has under 4 KiB

Delivery = LockNews | AuthorizationNews | LogNews | UserNews | RequestOutcome | OtherNews


class ForgedDelivery(ValueError):
    """The signature does not fit the body."""


class UnreadableDelivery(ValueError):
    """Signed, but not a delivery as we know them."""


def signature(secret: str, body: bytes) -> str:
    """The hexadecimal HMAC-SHA256 over the raw body. Source: Nuki's documentation of decentral webhooks."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def check(*, secret: str, body: bytes, signed: str) -> None:
    """Raise `ForgedDelivery` unless this body was signed with this secret.

    The body is the raw one, byte for byte. A decentral webhook has a secret of its own, told when it is
    registered; the central one of an API key is signed with that key's OAuth client secret (observed in
    three programs that receive it).
    """
    told = signed.strip().lower().encode("utf-8", "replace")
    fits = hmac.compare_digest(signature(secret, body).encode(), told)
    if not secret or not fits:
        raise ForgedDelivery("The signature does not fit.")


def read(body: bytes) -> Delivery:
    """What a delivery says. Unknown keys and features are no error, and neither is what is missing.

    `UnreadableDelivery` is raised for what is no JSON object, or names neither a feature nor a type.
    """
    delivery = _object(body)
    feature, kind = _word(delivery, "feature"), _word(delivery, "type")
    if not feature and not kind:
        raise UnreadableDelivery("Not a delivery of Nuki Web.")
    read_news = _READERS.get(feature, OtherNews.from_json) if feature else RequestOutcome.from_json
    try:
        return read_news(delivery)
    except OfAnotherShape:
        return OtherNews.from_json(delivery)


_READERS: dict[str, Callable[[dict[str, Any]], Delivery]] = {
    Feature.DEVICE_STATUS: LockNews.from_json,
    Feature.DEVICE_MASTERDATA: LockNews.from_json,
    Feature.DEVICE_CONFIG: LockNews.from_json,
    Feature.DEVICE_AUTHS: AuthorizationNews.from_json,
    Feature.DEVICE_LOGS: LogNews.from_json,
    Feature.ACCOUNT_USER: UserNews.from_json,
}


def _object(body: bytes) -> dict[str, Any]:
    try:
        delivery = json.loads(body)
    except (ValueError, RecursionError):
        raise UnreadableDelivery("Not a delivery of Nuki Web.") from None
    if not isinstance(delivery, dict):
        raise UnreadableDelivery("Not a delivery of Nuki Web.")
    return delivery


def _word(delivery: dict[str, Any], key: str) -> str:
    word = delivery.get(key)
    return word if isinstance(word, str) else ""
