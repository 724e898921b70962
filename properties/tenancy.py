"""Whose rows may be seen now. Reads fail closed twice: in Python, and in PostgreSQL below it.

Outside a scope a tenant-owned model raises `ScopeError` (django-scopes). The database's row security knows
the same scope by a setting of the session and shows no row of another organization, whatever was asked.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import structlog
from django.db import connection
from django_scopes import get_scope, scope, scopes_disabled

from properties.models.organizations import Organization
from properties.postgresql.base import DatabaseWrapper
from properties.postgresql.whose import EVERYBODY, rows_of

log = structlog.get_logger(__name__)


@contextmanager
def within(organization: Organization) -> Iterator[None]:
    """See and write the rows of one organization. Entered by the ways in, outside of transactions."""
    with scope(organization=organization), rows_of(str(organization.pk)):
        yield


@contextmanager
def across_organizations(*, because: str) -> Iterator[None]:
    """See the rows of all organizations: the one way out of a scope, with its reason."""
    log.debug("across_organizations", because=because)
    with scopes_disabled(), rows_of(EVERYBODY):
        yield


def current() -> Organization | None:
    """The organization whose scope is open, as it was read by whoever entered it; None outside of one."""
    ours: Organization | None = get_scope().get("organization")
    return ours


def write(organization_id: int, statement: str, values: Sequence[Any]) -> None:
    """Run one writing statement as this organization, in one trip to the database.

    The setting ends with the statement, which is a transaction of its own unless one is open. For where
    every tenth of a millisecond counts; everything else enters a scope.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT set_config('keyturn.organization', %s, true); {statement}",
            [str(organization_id), *values],
        )
    if connection.in_atomic_block:  # there the setting lasts longer
        cast("DatabaseWrapper", connection).forget_whose()
