import os
import signal
import stat
from collections.abc import Generator
from pathlib import Path

import psycopg
import pytest

from config.embedded import private
from config.embedded.postgres import Address, PasswordsAreLost, PostgresServer
from config.embedded.private import PlaceIsNotOurs
from config.embedded.server import AlreadyRuns
from config.environment import Environment

pytestmark = pytest.mark.enable_socket
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another user")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[PostgresServer]:
    postgres = PostgresServer(tmp_path_factory.mktemp("postgres"))
    postgres.start()
    yield postgres
    postgres.stop()
    postgres.discard()


def run(url: str, *statements: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def test_it_speaks_utf8_and_utc_and_has_btree_gist(server: PostgresServer) -> None:
    shown = run(
        server.owner_url,
        "CREATE EXTENSION btree_gist",
        "SELECT current_setting('server_encoding'), current_setting('timezone'), lower('ÄÖ')",
    )

    assert shown == [("UTF8", "UTC", "äö")]


def test_settings_read_its_address_as_we_do(server: PostgresServer) -> None:
    settings = Environment({"DATABASE_URL": server.app_url}).database("DATABASE_URL")

    with psycopg.connect(
        dbname=settings["NAME"], user=settings["USER"], password=settings["PASSWORD"], **settings["OPTIONS"]
    ) as connection:
        assert connection.info.user == "keyturn_app"
        assert connection.info.host == str(server.home / "run")


def test_a_wrong_password_is_refused(server: PostgresServer) -> None:
    url = Address(server.home / "run", None).url(user="keyturn_app", password="wrong", database="keyturn")

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(url)


@only_root
def test_started_by_root_it_runs_as_nobody_in_a_directory_of_roots(server: PostgresServer) -> None:
    assert Path(f"/proc/{server.pid}").stat().st_uid == server.home.joinpath("cluster").stat().st_uid != 0
    assert server.home.stat().st_uid == 0
    assert stat.S_IMODE((server.home / "passwords.json").stat().st_mode) == 0o600


@only_root
@pytest.mark.parametrize("owner", [pytest.param(65534, id="another's"), pytest.param(None, id="a link")])
def test_root_uses_no_directory_that_somebody_else_put_there(tmp_path: Path, owner: int | None) -> None:
    home = private.home_for(tmp_path).path
    if owner is None:
        home.symlink_to(tmp_path)
    else:
        home.mkdir(mode=0o711)
        os.chown(home, owner, owner)
    try:
        with pytest.raises(PlaceIsNotOurs):
            PostgresServer(tmp_path).start()
        assert not list(home.iterdir())
    finally:
        home.unlink() if home.is_symlink() else home.rmdir()


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)",
        "CREATE TEMPORARY TABLE mine (id int)",
        "CREATE SCHEMA mine",
        "CREATE DATABASE mine",
        "CREATE ROLE mine",
        "ALTER ROLE keyturn_app BYPASSRLS",
        "SET ROLE keyturn_owner",
        "COPY (SELECT 1) TO PROGRAM 'true'",
    ],
)
def test_the_app_role_may_not(server: PostgresServer, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        run(server.app_url, statement)


def test_the_app_role_uses_what_the_owner_makes_in_any_database(server: PostgresServer) -> None:
    run(server.owner_url, "CREATE DATABASE another")
    another = {name: url.replace("/keyturn?", "/another?") for name, url in vars_of(server).items()}
    run(another["owner"], "CREATE TABLE stays (id serial, name text)")

    run(another["app"], "INSERT INTO stays (name) VALUES ('Ada')", "UPDATE stays SET name = 'Bob'")
    assert run(another["app"], "SELECT id, name FROM stays") == [(1, "Bob")]

    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        run(another["app"], "TRUNCATE stays")


def vars_of(server: PostgresServer) -> dict[str, str]:
    return {"owner": server.owner_url, "app": server.app_url}


def test_row_security_binds_the_app_role(server: PostgresServer) -> None:
    run(
        server.owner_url,
        "CREATE TABLE codes (organization int)",
        "ALTER TABLE codes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
        "CREATE POLICY own ON codes USING (organization = 1) WITH CHECK (true)",
        "INSERT INTO codes VALUES (1), (2)",
    )

    assert run(server.app_url, "SELECT organization FROM codes") == [(1,)]


def test_a_second_one_in_the_same_directory_is_refused_and_the_first_goes_on(
    server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    directory = tmp_path_factory.getbasetemp() / "postgres0"

    with pytest.raises(AlreadyRuns, match="postgres already runs in"):
        PostgresServer(directory).start()

    assert server.is_ready()


def test_what_was_committed_survives_a_kill(server: PostgresServer) -> None:
    run(server.owner_url, "CREATE TABLE kept (id int)", "INSERT INTO kept VALUES (7)")
    assert server.pid
    os.kill(server.pid, signal.SIGKILL)

    server.start()

    assert run(server.app_url, "SELECT id FROM kept") == [(7,)]


@pytest.mark.skipif(not Path("/proc").exists(), reason="needs a system that shows who works where")
def test_it_starts_although_a_stranger_has_the_number_of_the_killed_one(server: PostgresServer) -> None:
    server.stop()
    note = server.home / "cluster" / "postmaster.pid"
    note.write_text(f"{os.getpid()}\n", encoding="utf-8")

    server.start()

    assert server.is_ready()


def test_lost_passwords_are_said_and_not_made_anew(tmp_path: Path) -> None:
    postgres = PostgresServer(tmp_path)
    _ = postgres.app_url
    (postgres.home / "cluster").mkdir()
    (postgres.home / "passwords.json").unlink()

    with pytest.raises(PasswordsAreLost):
        _ = postgres.app_url
    postgres.discard()


def test_where_no_socket_fits_it_listens_on_a_port_of_this_machine(tmp_path: Path) -> None:
    address = Address(tmp_path, 5433)

    assert address.settings == {
        "listen_addresses": "127.0.0.1",
        "port": "5433",
        "unix_socket_directories": "",
    }
    assert address.url(user="a", password="b", database="c") == "postgresql://a:b@127.0.0.1:5433/c"
