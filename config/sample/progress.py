"""How far a sample has come, in a table of its own beside it: a step and its note are one commit."""

import json
from typing import Any

from django.db import connections

from config.sample.places import DATABASE

TABLE = "keyturn_sample"
MAKE = f"CREATE TABLE IF NOT EXISTS {TABLE} (step text PRIMARY KEY, made jsonb NOT NULL)"


def begin() -> None:
    """Have the table."""
    _execute(MAKE)


def note(step: str, made: Any) -> None:
    """A step is done; with what the later ones need to know of it."""
    _execute(f"INSERT INTO {TABLE} VALUES (%s, %s)", step, json.dumps(made))  # noqa: S608  a constant


def drop(step: str) -> None:
    """A step is no longer to be done."""
    _execute(f"DELETE FROM {TABLE} WHERE step = %s", step)  # noqa: S608  a constant


def forget() -> None:
    """Have no sample noted any more; the rows stay."""
    _execute(f"DROP TABLE IF EXISTS {TABLE}")


def done() -> dict[str, Any]:
    """All steps that are done, in the order of their names; nothing where no sample was begun."""
    with connections[DATABASE].cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [TABLE])
        if cursor.fetchone() == (None,):
            return {}
        cursor.execute(f"SELECT step, made::text FROM {TABLE} ORDER BY step")  # noqa: S608  a constant
        return {step: json.loads(made) for step, made in cursor.fetchall()}


def _execute(statement: str, *values: str) -> None:
    with connections[DATABASE].cursor() as cursor:
        cursor.execute(statement, values)
