"""Whose rows may be seen now. Reads fail closed twice: in Python, and in PostgreSQL below it.

Outside a scope a tenant-owned model raises `ScopeError` (django-scopes). The database's row security knows
the same scope by a setting of the session and shows no row of another organization, whatever was asked.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import structlog
from django.db import DatabaseError, connection
from django_scopes import get_scope, scope, scopes_disabled

from properties.models.organizations import Organization

log = structlog.get_logger(__name__)

NOBODY = ""
EVERYBODY = "*"


@contextmanager
def within(organization: Organization) -> Iterator[None]:
    """See and write the rows of one organization. Entered by the ways in, outside of transactions."""
    before = _whose()
    with scope(organization=organization), _row_security(str(organization.pk), before):
        yield


@contextmanager
def across_organizations(*, because: str) -> Iterator[None]:
    """See the rows of all organizations: the one way out of a scope, with its reason."""
    log.debug("across_organizations", because=because)
    before = _whose()
    with scopes_disabled(), _row_security(EVERYBODY, before):
        yield


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


def _whose() -> str:
    """What the database was told last, by the scope that is open now."""
    now = get_scope()
    if not now.get("_enabled", True):
        return EVERYBODY
    organization: Organization | None = now.get("organization")
    return str(organization.pk) if organization else NOBODY


@contextmanager
def _row_security(whose: str, before: str) -> Iterator[None]:
    _tell(whose)
    try:
        yield
    finally:
        _restore(before)


def _tell(whose: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('keyturn.organization', %s, false)", [whose])


def _restore(whose: str) -> None:
    """Back to the scope before; a connection that cannot is closed, so that nothing leaks from it."""
    try:
        _tell(whose)
    except DatabaseError:
        log.warning("scope_left_on_a_broken_connection")
        connection.close()
