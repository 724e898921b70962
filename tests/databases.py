"""The test databases: migrated once by the owner's role, copied for each worker, used by the other role."""

import fcntl
import os
from collections.abc import Generator
from pathlib import Path

import psycopg
import pytest
from django.core.management import call_command
from django.db import connections
from psycopg import sql
from pytest_django import DjangoDbBlocker

TEMPLATE = "test_keyturn_template"
ALIASES = ("default", "owner")


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker) -> Generator[None]:
    """Make this worker's database and point both aliases at it; stands in for pytest-django's own."""
    name = f"test_keyturn_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    with django_db_blocker.unblock():
        make_template_once(Path(os.environ["KEYTURN_TESTS_DIRECTORY"]))
        make_database(name, template=TEMPLATE)
        point_at(name)
        yield
        connections.close_all()
        drop_database(name)


def forget_template(directory: Path) -> None:
    """Have the next test that needs a database make the template anew."""
    (directory / "template-is-made").unlink(missing_ok=True)


def make_template_once(directory: Path) -> None:
    """Migrate a database that the others are copied from; the first worker does it and the others wait."""
    made = directory / "template-is-made"
    with (directory / "template-lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if made.exists():
            return
        make_database(TEMPLATE, template="template1")
        point_at(TEMPLATE)
        let_app_use_what_owner_makes()
        call_command("migrate", database="owner", interactive=False, verbosity=0)
        let_app_empty_tables()
        forget_the_heartbeat()
        connections.close_all()
        made.touch()


def make_database(name: str, *, template: str) -> None:
    """Make it from scratch, whatever an earlier run left."""
    database, copied = sql.Identifier(name), sql.Identifier(template)
    drop_database(name)
    as_owner(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(database, copied))
    as_owner(sql.SQL("REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC").format(database))


def drop_database(name: str) -> None:
    """Drop it. What threads of tests have left open only the role that opened it may end."""
    theirs = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
    dropped = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    for last in (False, False, True):
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
            connection.execute(theirs + " AND usename = current_user AND pid <> pg_backend_pid()", [name])
        try:
            as_owner(dropped)
        except psycopg.errors.InsufficientPrivilege:
            if last:  # a thread may have opened another one in between, but not for ever
                raise
        else:
            return


def as_owner(statement: sql.Composed) -> None:
    """Run a statement that concerns whole databases, where no test works."""
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as connection:
        connection.execute(statement)


def point_at(name: str) -> None:
    """Lead both aliases, in every thread, to this database."""
    connections.close_all()
    for alias in ALIASES:
        connections[alias].settings_dict["NAME"] = name


def let_app_use_what_owner_makes() -> None:
    """Give the application's role what it has in a real installation; a server of the operator's lacks it."""
    for_tables = "ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {}"
    for_sequences = "ALTER DEFAULT PRIVILEGES GRANT USAGE ON SEQUENCES TO {}"
    with connections["owner"].cursor() as cursor:
        cursor.execute(sql.SQL(for_tables).format(app_role()))
        cursor.execute(sql.SQL(for_sequences).format(app_role()))


def let_app_empty_tables() -> None:
    """Let tests that commit clear up after themselves."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(sql.SQL("GRANT TRUNCATE ON ALL TABLES IN SCHEMA public TO {}").format(app_role()))


def forget_the_heartbeat() -> None:
    """Have no tick to be missed: migrations wrote down the machine's time, and tests live in another one."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("DELETE FROM properties_heartbeat")


def app_role() -> sql.Identifier:
    """Name the role that tests run as."""
    return sql.Identifier(connections["default"].settings_dict["USER"])
