import json
import socket
import stat
import subprocess
from pathlib import Path

import pytest

from config.demo import variables
from config.demo.variables import Ports
from config.environment import Environment

pytestmark = pytest.mark.enable_socket


def test_a_port_that_is_taken_is_replaced_by_the_next_free_one_and_remembered(tmp_path: Path) -> None:
    kept = tmp_path / "ports.json"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        kept.write_text(json.dumps({"web": port}), encoding="utf-8")

        chosen = variables.choose_ports(kept)

    assert port < chosen.web < port + 20
    assert variables.choose_ports(kept) == chosen


def test_no_two_parts_get_the_same_port(tmp_path: Path) -> None:
    kept = tmp_path / "ports.json"
    kept.write_text(json.dumps({"web": 8010, "simulator": 8010}), encoding="utf-8")

    chosen = variables.choose_ports(kept)

    assert len({chosen.web, chosen.simulator, chosen.inbox, chosen.smtp}) == 4


def test_secrets_are_made_once_in_a_file_for_us_alone_and_please_the_settings(tmp_path: Path) -> None:
    kept = tmp_path / "secrets.json"

    made = variables.make_secrets(kept)

    assert variables.make_secrets(kept) == made
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert Environment(made).secret("SECRET_KEY") == made["SECRET_KEY"]
    assert Environment(made).fernet_keys("FIELD_KEYS") == [made["FIELD_KEYS"]]


def test_a_shell_reads_what_we_wrote(tmp_path: Path) -> None:
    written = variables.of_django(
        ports=Ports(),
        secret={"SECRET_KEY": "it's $HOME"},
        database="postgresql://a:b@/c?host=%2Fd",
        owner="postgresql://o:b@/c?host=%2Fd",
        redis="redis://:p@127.0.0.1:1/0",
        directory=tmp_path,
    )
    path = tmp_path / "environment"

    variables.write_for_shells(path, written)

    shown = subprocess.run(
        ["/bin/sh", "-c", f". '{path}'; printf '%s|%s' \"$SECRET_KEY\" \"$DATABASE_URL\""],
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout == "it's $HOME|postgresql://a:b@/c?host=%2Fd"
    assert all("='" in line for line in path.read_text(encoding="utf-8").splitlines())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
