"""The values that Nuki Web speaks of. Dicts stay at the wire: `from_json` in, `to_json` out.

Keys may be absent rather than null, and unknown keys come with new firmware: neither is an error
(observed in recorded payloads). What cannot be read raises `OfAnotherShape`. No repr holds a code, a secret,
an address or a person's name.
"""

from nuki_gateway.models.actions import Action, ActionOption, Confirmation
from nuki_gateway.models.authorizations import (
    EVERY_DAY,
    AppEntry,
    Authorization,
    AuthorizationType,
    Entry,
    KeypadEntry,
    Window,
)
from nuki_gateway.models.error_codes import ErrorCode, is_permanent
from nuki_gateway.models.locks import (
    DeviceType,
    DoorState,
    LockState,
    Mode,
    OpenerState,
    ProductVariant,
    ServerState,
    SmartLock,
    SubscriptionState,
)
from nuki_gateway.models.logs import LogAction, LogEntry, LogSource, LogState, LogTrigger
from nuki_gateway.models.news import (
    AuthorizationNews,
    LockNews,
    LockOutcome,
    LogNews,
    OtherNews,
    RequestOutcome,
    UserNews,
)
from nuki_gateway.models.reading import OfAnotherShape
from nuki_gateway.models.users import AccountUser, Language
from nuki_gateway.models.webhooks import (
    AdvancedApiKey,
    ApiKey,
    DeliveryRecord,
    Feature,
    Webhook,
    WebhookStatus,
)

__all__ = [
    "EVERY_DAY",
    "AccountUser",
    "Action",
    "ActionOption",
    "AdvancedApiKey",
    "ApiKey",
    "AppEntry",
    "Authorization",
    "AuthorizationNews",
    "AuthorizationType",
    "Confirmation",
    "DeliveryRecord",
    "DeviceType",
    "DoorState",
    "Entry",
    "ErrorCode",
    "Feature",
    "KeypadEntry",
    "Language",
    "LockNews",
    "LockOutcome",
    "LockState",
    "LogAction",
    "LogEntry",
    "LogNews",
    "LogSource",
    "LogState",
    "LogTrigger",
    "Mode",
    "OfAnotherShape",
    "OpenerState",
    "OtherNews",
    "ProductVariant",
    "RequestOutcome",
    "ServerState",
    "SmartLock",
    "SubscriptionState",
    "UserNews",
    "Webhook",
    "WebhookStatus",
    "Window",
    "is_permanent",
]
