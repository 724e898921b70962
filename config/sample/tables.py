"""The large tables while they are filled: without what slows that down, which is put back afterwards.

Indexes and references are dropped and made anew, as that takes a tenth of the time; what they ask for is
checked then. COPY needs the owner's role without row security; the application's role keeps it all the while.
"""

from collections.abc import Iterator

from django.db import connections
from psycopg import sql

from config.sample.history import SEPARATOR, TABLES, Lines
from config.sample.places import DATABASE

FOR_THIS_SESSION = """
    SELECT set_config('keyturn.organization', '*', false);
    SET synchronous_commit = off;
    SET maintenance_work_mem = '512MB'
"""
INDEXES = """
    SELECT c.relname, pg_get_indexdef(i.indexrelid)
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE i.indrelid = %s::regclass AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid)
    ORDER BY c.relname
"""
CONSTRAINTS = """
    SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE conrelid = %s::regclass AND contype IN ('u', 'x', 'f') ORDER BY contype = 'f', conname
"""


def open_for_this_session() -> None:
    """Let the owner's connection see all rows, and not wait for the disk."""
    execute(sql.SQL(FOR_THIS_SESSION))


def take_apart() -> list[str]:
    """Drop what slows filling down; returns the statements that put it back, in their order."""
    made: list[str] = []
    references: list[str] = []
    for table in TABLES:
        made += _drop_indexes(table)
        for statement in _drop_constraints(table):
            (references if "FOREIGN KEY" in statement else made).append(statement)
        execute(sql.SQL("ALTER TABLE {} NO FORCE ROW LEVEL SECURITY").format(sql.Identifier(table)))
    return [*made, *references, *(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY" for table in TABLES)]


def put_back(statement: str) -> None:
    """Carry out one of these."""
    execute(sql.SQL(statement))  # the database's own words


def last_numbers() -> dict[str, int]:
    """Keep everybody else from writing until the commit; returns the last number of each table."""
    names = sql.SQL(", ").join(map(sql.Identifier, TABLES))
    execute(sql.SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE").format(names))
    with connections[DATABASE].cursor() as cursor:
        last = {}
        for table in TABLES:
            cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [table])
            (sequence,) = cursor.fetchone()
            cursor.execute(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}")  # noqa: S608
            (last[table],) = cursor.fetchone()
    return last


def copy(lines: Lines) -> None:
    """Write the lines, and have numbers go on behind them."""
    with connections[DATABASE].cursor() as cursor:
        for table, columns in TABLES.items():
            names = sql.SQL(", ").join(map(sql.Identifier, columns))
            into = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
            with cursor.copy(into) as stream:
                stream.write("".join(f"{line}\n" for line in lines.rows[table]))
            if lines.rows[table]:
                last = lines.rows[table][-1].split(SEPARATOR, 1)[0]
                cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, last])


def count_anew() -> None:
    """Tell the planner what there is, and which pages everybody may see."""
    for table in TABLES:
        execute(sql.SQL("VACUUM (ANALYZE) {}").format(sql.Identifier(table)))
    execute(sql.SQL("ANALYZE"))


def execute(statement: sql.Composable) -> None:
    """Run a statement as the owner."""
    with connections[DATABASE].cursor() as cursor:
        cursor.execute(statement)


def _drop_indexes(table: str) -> Iterator[str]:
    for name, definition in _rows(INDEXES, table):
        execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
        yield definition


def _drop_constraints(table: str) -> Iterator[str]:
    for name, definition in _rows(CONSTRAINTS, table):
        names = sql.Identifier(table), sql.Identifier(name)
        execute(sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(*names))
        yield f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}'


def _rows(statement: str, table: str) -> list[tuple[str, str]]:
    with connections[DATABASE].cursor() as cursor:
        cursor.execute(statement, [table])
        return list(cursor.fetchall())
