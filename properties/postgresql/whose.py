"""Whose rows the database shows from here on: an organization's key, everybody's, or nobody's."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

NOBODY = ""
EVERYBODY = "*"

_wanted = ContextVar("whose rows are to be seen", default=NOBODY)


@contextmanager
def rows_of(whose: str) -> Iterator[None]:
    """In this block, those rows. The database is told with the next statement, and not asked for it."""
    before = _wanted.get()
    _wanted.set(whose)
    try:
        yield
    finally:
        _wanted.set(before)


def wanted() -> str:
    """Whose rows are to be seen now."""
    return _wanted.get()
