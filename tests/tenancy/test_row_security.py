"""The net below: PostgreSQL itself, asked with plain SQL by the application's role."""

from typing import Any

import pytest
from django.db import ProgrammingError, connection, connections, transaction
from psycopg import sql

from tests.tenancy.conftest import TwoBusinesses

APPEND_ONLY = {"access_auditentry", "properties_teamentry"}  # refuses every change, whoever asks
# they are read to find out which scope to open
WITHOUT_ROW_SECURITY = {"properties_apikey", "properties_membership"}
SCOPE = "current_setting('keyturn.organization'::text, true)"
NEW_GUEST = (
    "INSERT INTO access_guest (organization_id, name, email, language) "
    "VALUES (%s, 'Mallory', 'm@guests.example', 'en')"
)
IS_OURS = f"(({SCOPE} = '*'::text) OR ({SCOPE} = (organization_id)::text))"
POLICY = f"( CASE WHEN {IS_OURS} THEN 1 ELSE 0 END <> 0)"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _only_the_test_tells_the_database(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row security by itself, without what the engine tells before each statement."""
    if "both" in request.fixturenames:
        request.getfixturevalue("both")
    monkeypatch.setattr(connection, "execute_wrappers", [])


def ask(question: str | sql.Composed, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        return list(cursor.fetchall())


def do(statement: str | sql.Composed, *values: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


def say_whose(whose: object) -> None:
    ask("SELECT set_config('keyturn.organization', %s, false)", str(whose))


def tables() -> list[str]:
    """Every table of which rows belong to organizations, by PostgreSQL's own account."""
    found = ask(
        "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
        "WHERE c.relkind IN ('r', 'p') AND a.attname = 'organization_id' AND NOT a.attisdropped "
        "AND c.relnamespace = 'public'::regnamespace ORDER BY c.relname"
    )
    return [name for (name,) in found if name not in WITHOUT_ROW_SECURITY]


def organizations_seen(table: str) -> set[int]:
    question = sql.SQL("SELECT DISTINCT organization_id FROM {}").format(sql.Identifier(table))
    return {organization for (organization,) in ask(question)}


def test_every_table_with_an_organization_forces_row_security_with_the_one_policy() -> None:
    secured = ask(
        "SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity, p.permissive, p.roles::text, p.cmd, "
        "regexp_replace(p.qual, '\\s+', ' ', 'g'), p.with_check "
        "FROM pg_class c LEFT JOIN pg_policies p ON p.tablename = c.relname "
        "WHERE c.relname = ANY (%s) AND c.relnamespace = 'public'::regnamespace ORDER BY c.relname",
        tables(),
    )

    assert len(tables()) >= 11
    assert secured == [
        (table, True, True, "PERMISSIVE", "{public}", "ALL", POLICY, None) for table in tables()
    ]


def test_the_applications_role_cannot_get_around_row_security() -> None:
    ((is_superuser, bypasses, makes_roles, owned, creates, empties),) = ask(
        "SELECT r.rolsuper, r.rolbypassrls, r.rolcreaterole, "
        "(SELECT count(*) FROM pg_class c WHERE pg_has_role(r.oid, c.relowner, 'MEMBER')), "
        "has_schema_privilege(r.oid, 'public', 'CREATE'), "
        "(SELECT count(*) FROM pg_auth_members m WHERE m.member = r.oid) "
        "FROM pg_roles r WHERE r.rolname = current_user"
    )

    assert (is_superuser, bypasses, makes_roles) == (False, False, False)
    assert (owned, creates) == (0, False)
    assert empties == 0
    assert connection.settings_dict["USER"] != connections["owner"].settings_dict["USER"]


@pytest.mark.parametrize("whose", ["", "nobody"])
def test_without_a_scope_no_row_is_visible(both: TwoBusinesses, whose: str) -> None:
    assert both.alice.organization.pk != 0
    say_whose(whose)

    assert {table: organizations_seen(table) for table in tables()} == {table: set() for table in tables()}


def test_a_connection_that_was_told_nothing_sees_no_row(both: TwoBusinesses) -> None:
    assert both.alices_stay
    do("RESET keyturn.organization")

    assert {table: organizations_seen(table) for table in tables()} == {table: set() for table in tables()}


def test_within_a_scope_only_its_own_rows_are_visible(both: TwoBusinesses) -> None:
    alice, charlie = both.alice.organization.pk, both.charlie.organization.pk

    say_whose(alice)
    seen_by_alice = {table: organizations_seen(table) for table in tables()}
    say_whose(charlie)
    seen_by_charlie = {table: organizations_seen(table) for table in tables()}
    say_whose("")

    assert seen_by_alice == {table: {alice} for table in tables()}
    assert seen_by_charlie == {table: {charlie} for table in tables()}


def test_a_row_cannot_be_put_into_another_organization(both: TwoBusinesses) -> None:
    alice, charlie = both.alice.organization.pk, both.charlie.organization.pk
    say_whose(charlie)

    with pytest.raises(ProgrammingError, match="row-level security policy"), transaction.atomic():
        do(
            NEW_GUEST,
            alice,
        )
    inserted = do(
        NEW_GUEST,
        charlie,
    )

    assert inserted == 1
    say_whose(alice)
    assert ask("SELECT count(*) FROM access_guest") == [(2,)]  # who booked, and who comes along


def test_no_row_can_be_moved_into_another_organization_or_out_of_it(both: TwoBusinesses) -> None:
    alice, charlie = both.alice.organization.pk, both.charlie.organization.pk
    changeable = [sql.Identifier(table) for table in tables() if table not in APPEND_ONLY]
    take = "UPDATE {} SET organization_id = %s WHERE organization_id = %s"
    say_whose(charlie)

    for table in changeable:
        with pytest.raises(ProgrammingError, match="row-level security policy"), transaction.atomic():
            do(sql.SQL("UPDATE {} SET organization_id = %s").format(table), alice)
    taken = [do(sql.SQL(take).format(table), charlie, alice) for table in changeable]
    deleted = [
        do(sql.SQL("DELETE FROM {} WHERE organization_id = %s").format(table), alice) for table in changeable
    ]

    assert len(changeable) >= 10
    assert (set(taken), set(deleted)) == ({0}, {0})
    say_whose(alice)
    assert {table: organizations_seen(table) for table in tables()} == {table: {alice} for table in tables()}


def test_the_audit_cannot_be_changed_or_deleted_even_by_its_own_organization(both: TwoBusinesses) -> None:
    say_whose(both.alice.organization.pk)
    before = ask("SELECT * FROM access_auditentry ORDER BY id")

    for statement in ("UPDATE access_auditentry SET answer = ''", "DELETE FROM access_auditentry"):
        with pytest.raises(Exception, match="append-only"), transaction.atomic():
            do(statement)

    assert len(before) > 0
    assert ask("SELECT * FROM access_auditentry ORDER BY id") == before
