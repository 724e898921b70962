"""Which role may do what: the one table that pages and programs ask."""

from enum import StrEnum


class Role(StrEnum):
    """A person's place in an organization."""

    OWNER = "owner"
    MANAGER = "manager"
    STAFF = "staff"
    VIEWER = "viewer"


class Right(StrEnum):
    """Something that not everybody may do."""

    VIEW_STAYS = "view stays"
    CHANGE_STAYS = "change stays"
    REVEAL_CODES = "reveal codes"
    ERASE_GUESTS = "erase guests"
    OPEN_DOORS = "open doors"
    VIEW_PROPERTIES = "view properties"
    CHANGE_PROPERTIES = "change properties"
    CHANGE_NUKI_ACCOUNTS = "change Nuki accounts"
    CHANGE_BUSINESS = "change the business"
    VIEW_TEAM = "view the team"
    INVITE = "invite"
    CHANGE_TEAM = "change the team"
    MANAGE_API_KEYS = "manage API keys"
    MANAGE_WEBHOOKS = "manage webhooks"
    VIEW_AUDIT = "view the audit"


_VIEWER = frozenset({Right.VIEW_STAYS, Right.VIEW_PROPERTIES, Right.VIEW_TEAM})
_STAFF = _VIEWER | {Right.CHANGE_STAYS, Right.REVEAL_CODES, Right.OPEN_DOORS}
_MANAGER = _STAFF | {
    Right.ERASE_GUESTS,
    Right.CHANGE_PROPERTIES,
    Right.CHANGE_NUKI_ACCOUNTS,
    Right.CHANGE_BUSINESS,
    Right.MANAGE_API_KEYS,
    Right.MANAGE_WEBHOOKS,
    Right.INVITE,
    Right.VIEW_AUDIT,
}

RIGHTS: dict[Role, frozenset[Right]] = {
    Role.OWNER: frozenset(Right),
    Role.MANAGER: _MANAGER,
    Role.STAFF: _STAFF,
    Role.VIEWER: _VIEWER,
}
LIMITABLE = frozenset({Role.STAFF, Role.VIEWER})  # who may be limited to some properties of the business
INVITES: dict[Role, frozenset[Role]] = {
    Role.OWNER: frozenset(Role),
    Role.MANAGER: frozenset({Role.STAFF, Role.VIEWER}),
    Role.STAFF: frozenset(),
    Role.VIEWER: frozenset(),
}


def may(role: Role, right: Right) -> bool:
    """Whether this role carries this right."""
    return right in RIGHTS[role]


def may_invite(role: Role, invited: Role) -> bool:
    """Whether this role may invite people into that one, and take such an invitation back."""
    return invited in INVITES[role]


def may_be_limited(role: Role) -> bool:
    """Whether people in this role can be limited to some properties; the others see all."""
    return role in LIMITABLE
