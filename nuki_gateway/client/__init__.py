"""The calls to Nuki Web that Keyturn makes, as functions of values.

Every method may raise the errors of `nuki_gateway.errors`, and nothing else because of an answer. A method
that writes returns nothing: the service answers 204 for "checked and queued", gives no id, and may still lose
the write. Only a list shows what is on a lock, and the cloud's list trails the lock.
"""

from nuki_gateway.client.account_users import AccountUserCalls
from nuki_gateway.client.authorizations import AuthorizationCalls
from nuki_gateway.client.logs import LogCalls
from nuki_gateway.client.smart_locks import SmartLockCalls
from nuki_gateway.client.webhooks import WEBHOOK_FEATURES, WebhookCalls
from nuki_gateway.credentials import Credentials
from nuki_gateway.limits import UNLIMITED, Limits
from nuki_gateway.transport import Transport

__all__ = ["WEBHOOK_FEATURES", "NukiClient"]


class NukiClient(SmartLockCalls, AuthorizationCalls, AccountUserCalls, LogCalls, WebhookCalls):
    """Calls in the name of one Nuki account."""

    def __init__(
        self,
        base_url: str,
        credentials: Credentials | str,
        *,
        limits: Limits = UNLIMITED,
        background: bool = False,
    ) -> None:
        """`credentials` may be an API token; `background` calls leave a share of the budget to the others."""
        super().__init__(Transport.of(base_url, credentials, limits, background=background))
