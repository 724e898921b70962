"""The calls to Nuki Web that Keyturn makes, as functions of values.

Every method may raise the errors of `nuki_gateway.errors`. A method that writes returns nothing: the
service answers 204 for "checked and queued", gives no id, and may still lose the write. Only a list shows
what is on a lock, and the cloud's list trails the lock.
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from nuki_gateway import errors
from nuki_gateway.models import Authorization, AuthorizationType, KeypadEntry, SmartLock, Webhook
from nuki_gateway.transport import Transport

Value = TypeVar("Value")

WEBHOOK_FEATURES = ("DEVICE_STATUS", "DEVICE_MASTERDATA", "DEVICE_CONFIG", "DEVICE_LOGS", "DEVICE_AUTHS")


class NukiClient:
    """Calls in the name of one Nuki account."""

    def __init__(self, base_url: str, token: str) -> None:
        self._transport = Transport(base_url, token)

    def smart_locks(self) -> list[SmartLock]:
        """All smart locks of the account."""
        return _values(SmartLock.from_json, self._transport.call("GET", "/smartlock"))

    def smart_lock(self, smartlock_id: int) -> SmartLock:
        """One smart lock. `NukiNotFound` if it left the account."""
        return _value(SmartLock.from_json, self._transport.call("GET", f"/smartlock/{smartlock_id}"))

    def sync(self, smartlock_id: int) -> None:
        """Ask the cloud to read the lock anew. Done some seconds later, if the lock is reached."""
        self._transport.call("POST", f"/smartlock/{smartlock_id}/sync")

    def keypad_codes(self, smartlock_id: int) -> list[Authorization]:
        """The keypad codes of one lock, ours and foreign, as the cloud's copy has them."""
        return _values(
            Authorization.from_json,
            self._transport.call(
                "GET", f"/smartlock/{smartlock_id}/auth", query={"types": int(AuthorizationType.KEYPAD_CODE)}
            ),
        )

    def create_keypad_code(self, smartlock_id: int, entry: KeypadEntry) -> None:
        """Ask for a new keypad code. `NukiConflict` if the cloud knows that code on this lock."""
        body = {"type": int(AuthorizationType.KEYPAD_CODE), **entry.to_json()}
        del body["enabled"]  # not a field of a create; a new entry is enabled
        self._transport.call("PUT", f"/smartlock/{smartlock_id}/auth", body=body)

    def update_keypad_code(self, smartlock_id: int, authorization_id: str, entry: KeypadEntry) -> None:
        """Ask for a change. Every field is sent, since what is left out is cleared."""
        self._transport.call(
            "POST", f"/smartlock/{smartlock_id}/auth/{authorization_id}", body=entry.to_json()
        )

    def delete_authorization(self, smartlock_id: int, authorization_id: str) -> None:
        """Ask for its removal. It may still be listed afterwards, and still be on the lock."""
        self._transport.call("DELETE", f"/smartlock/{smartlock_id}/auth/{authorization_id}")

    def webhooks(self) -> list[Webhook]:
        """The account's decentral webhooks, without their secrets."""
        return _values(Webhook.from_json, self._transport.call("GET", "/api/decentralWebhook"))

    def register_webhook(self, url: str, features: Iterable[str] = WEBHOOK_FEATURES) -> Webhook:
        """Have the service call this https address. The secret comes back once: keep it."""
        body = {"webhookUrl": url, "webhookFeatures": list(features)}
        return _value(Webhook.from_json, self._transport.call("PUT", "/api/decentralWebhook", body=body))

    def remove_webhook(self, webhook_id: int) -> None:
        """End the calls to one webhook."""
        self._transport.call("DELETE", f"/api/decentralWebhook/{webhook_id}")


def _value(read: Callable[[dict[str, Any]], Value], body: Any) -> Value:
    try:
        return read(body)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        raise errors.NukiUnavailable(f"{read.__qualname__}: an answer of another shape") from None


def _values(read: Callable[[dict[str, Any]], Value], body: Any) -> list[Value]:
    if not isinstance(body, list):
        raise errors.NukiUnavailable(f"{read.__qualname__}: not a list")
    return [_value(read, item) for item in body]
