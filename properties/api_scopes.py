"""What an API key may be made for. Each scope stands alone: none includes another. Pure."""

from collections.abc import Collection
from enum import StrEnum


class Scope(StrEnum):
    """Something that a program may do with a key."""

    READ = "read"
    STAYS = "stays"
    LOCKS = "locks"
    UNLOCK = "unlock"
    CODES = "codes"
    ADMIN = "admin"


def allows(held: Collection[str], needed: Scope) -> bool:
    """Whether a key with these scopes may do what needs that one."""
    return needed in held
