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
    VIEW_PROPERTIES = "view properties"
    CHANGE_PROPERTIES = "change properties"
    CHANGE_NUKI_ACCOUNTS = "change Nuki accounts"


_VIEWER = frozenset({Right.VIEW_STAYS, Right.VIEW_PROPERTIES})
_STAFF = _VIEWER | {Right.CHANGE_STAYS, Right.REVEAL_CODES}
_MANAGER = _STAFF | {Right.CHANGE_PROPERTIES, Right.CHANGE_NUKI_ACCOUNTS}

RIGHTS: dict[Role, frozenset[Right]] = {
    Role.OWNER: frozenset(Right),
    Role.MANAGER: _MANAGER,
    Role.STAFF: _STAFF,
    Role.VIEWER: _VIEWER,
}


def may(role: Role, right: Right) -> bool:
    """Whether this role carries this right."""
    return right in RIGHTS[role]
