"""What the demo keeps, and what it must forget."""

from pathlib import Path

from config.demo.whole import Whole
from config.embedded.postgres import PostgresServer


def test_a_database_whose_secrets_were_deleted_by_hand_is_made_anew(tmp_path: Path) -> None:
    Whole(tmp_path, environment={}).variables()
    server = PostgresServer(tmp_path / "postgres")
    server.start()
    server.stop()
    kept = server.home / "marker"
    kept.touch()

    Whole(tmp_path, environment={}).variables()
    with_secrets = kept.exists()
    (tmp_path / "secrets.json").unlink()
    Whole(tmp_path, environment={}).variables()
    without = kept.exists()
    server.discard()

    assert (with_secrets, without) == (True, False)
