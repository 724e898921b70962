"""The tables of who hosts what, one module for each subject."""

from properties.models.api_keys import ApiKey
from properties.models.heartbeats import Heartbeat
from properties.models.locks import NukiAccount, SignsInWith, SmartLock
from properties.models.organizations import AlertMail, Membership, Organization, User
from properties.models.owned import OrganizationOwned
from properties.models.pictures import DoorPicture
from properties.models.places import Door, GuestsOpen, Property, Unit, UnitDoor
from properties.models.team import (
    Invitation,
    InvitationProperty,
    MembershipProperty,
    TeamEntry,
    TeamEvent,
)
from properties.models.texts import PropertyFacts, PropertyText, TextKind

__all__ = [
    "AlertMail",
    "ApiKey",
    "Door",
    "DoorPicture",
    "GuestsOpen",
    "Heartbeat",
    "Invitation",
    "InvitationProperty",
    "Membership",
    "MembershipProperty",
    "NukiAccount",
    "Organization",
    "OrganizationOwned",
    "Property",
    "PropertyFacts",
    "PropertyText",
    "SignsInWith",
    "SmartLock",
    "TeamEntry",
    "TeamEvent",
    "TextKind",
    "Unit",
    "UnitDoor",
    "User",
]
