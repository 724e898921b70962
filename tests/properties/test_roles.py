"""The table of who may do what, written down a second time."""

from itertools import product

import pytest

from properties.roles import INVITES, RIGHTS, Right, Role, may, may_invite

ALLOWED = {
    Role.OWNER: {
        Right.VIEW_STAYS,
        Right.CHANGE_STAYS,
        Right.REVEAL_CODES,
        Right.OPEN_DOORS,
        Right.ERASE_GUESTS,
        Right.VIEW_PROPERTIES,
        Right.CHANGE_PROPERTIES,
        Right.CHANGE_NUKI_ACCOUNTS,
        Right.CHANGE_BUSINESS,
        Right.VIEW_TEAM,
        Right.INVITE,
        Right.CHANGE_TEAM,
        Right.VIEW_AUDIT,
        Right.MANAGE_API_KEYS,
        Right.MANAGE_WEBHOOKS,
    },
    Role.MANAGER: {
        Right.VIEW_STAYS,
        Right.CHANGE_STAYS,
        Right.REVEAL_CODES,
        Right.OPEN_DOORS,
        Right.ERASE_GUESTS,
        Right.VIEW_PROPERTIES,
        Right.CHANGE_PROPERTIES,
        Right.CHANGE_NUKI_ACCOUNTS,
        Right.CHANGE_BUSINESS,
        Right.VIEW_TEAM,
        Right.INVITE,
        Right.VIEW_AUDIT,
        Right.MANAGE_API_KEYS,
        Right.MANAGE_WEBHOOKS,
    },
    Role.STAFF: {
        Right.VIEW_STAYS,
        Right.CHANGE_STAYS,
        Right.REVEAL_CODES,
        Right.OPEN_DOORS,
        Right.VIEW_PROPERTIES,
        Right.VIEW_TEAM,
    },
    Role.VIEWER: {Right.VIEW_STAYS, Right.VIEW_PROPERTIES, Right.VIEW_TEAM},
}
INVITED = {
    Role.OWNER: set(Role),
    Role.MANAGER: {Role.STAFF, Role.VIEWER},
    Role.STAFF: set(),
    Role.VIEWER: set(),
}


def test_every_role_stands_in_the_table() -> None:
    assert set(RIGHTS) == set(Role)


def test_every_right_belongs_to_somebody_and_the_owner_has_them_all() -> None:
    assert RIGHTS[Role.OWNER] == set(Right)


@pytest.mark.parametrize(
    ("role", "right"),
    [pytest.param(role, right, id=f"{role}: {right}") for role, right in product(Role, Right)],
)
def test_a_role_carries_the_rights_of_this_table_and_no_other(role: Role, right: Right) -> None:
    assert may(role, right) is (right in ALLOWED[role])


@pytest.mark.parametrize(
    ("role", "invited"),
    [pytest.param(role, invited, id=f"{role}: {invited}") for role, invited in product(Role, Role)],
)
def test_a_role_invites_into_the_roles_of_this_table_and_no_other(role: Role, invited: Role) -> None:
    assert may_invite(role, invited) is (invited in INVITED[role])


def test_nobody_invites_without_the_right_to() -> None:
    assert {role for role in Role if INVITES[role]} == {role for role in Role if may(role, Right.INVITE)}
