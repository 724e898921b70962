"""The tables of who may enter when, one module for each subject."""

from access.models.activity import Activity, Delivery
from access.models.alerts import Alert, AlertKind
from access.models.api import ApiRequest
from access.models.app_users import AppUser
from access.models.audit import AuditEntry, AuditKind
from access.models.grants import Grant, GrantKind, Problem
from access.models.help import HelpRequest
from access.models.links import GuestLink
from access.models.messages import EarlyMailEvent, Message, MessageKind, Trouble
from access.models.others import Holder, OtherAuthorization
from access.models.spares import Spare, WhyHandedOut
from access.models.stays import Guest, Stay, StayGuest
from access.models.webhooks import DeliveryState, Off, WebhookDelivery, WebhookEndpoint, WebhookEvent
from access.models.words import MessageWords

__all__ = [
    "Activity",
    "Alert",
    "AlertKind",
    "ApiRequest",
    "AppUser",
    "AuditEntry",
    "AuditKind",
    "Delivery",
    "DeliveryState",
    "EarlyMailEvent",
    "Grant",
    "GrantKind",
    "Guest",
    "GuestLink",
    "HelpRequest",
    "Holder",
    "Message",
    "MessageKind",
    "MessageWords",
    "Off",
    "OtherAuthorization",
    "Problem",
    "Spare",
    "Stay",
    "StayGuest",
    "Trouble",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookEvent",
    "WhyHandedOut",
]
