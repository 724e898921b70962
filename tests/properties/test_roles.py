"""The table of who may do what, written down a second time."""

from itertools import product

import pytest

from properties.roles import RIGHTS, Right, Role, may

ALLOWED = {
    Role.OWNER: {
        Right.VIEW_STAYS,
        Right.CHANGE_STAYS,
        Right.REVEAL_CODES,
        Right.VIEW_PROPERTIES,
        Right.CHANGE_PROPERTIES,
        Right.CHANGE_NUKI_ACCOUNTS,
    },
    Role.MANAGER: {
        Right.VIEW_STAYS,
        Right.CHANGE_STAYS,
        Right.REVEAL_CODES,
        Right.VIEW_PROPERTIES,
        Right.CHANGE_PROPERTIES,
        Right.CHANGE_NUKI_ACCOUNTS,
    },
    Role.STAFF: {Right.VIEW_STAYS, Right.CHANGE_STAYS, Right.REVEAL_CODES, Right.VIEW_PROPERTIES},
    Role.VIEWER: {Right.VIEW_STAYS, Right.VIEW_PROPERTIES},
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
