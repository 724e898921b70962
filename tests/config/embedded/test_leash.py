import os
import signal
import subprocess
import sys
from pathlib import Path

from config.embedded import leash, processes
from config.embedded.postgres import PostgresServer
from tests.config.processes import all_end

PROJECT = Path(__file__).parents[3]


def test_servers_end_in_order_when_their_parent_is_killed(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-m", "tests.config.embedded.a_parent", str(tmp_path)],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout
    with parent.stdout as output:
        pids = [int(pid) for pid in output.readline().split()]
    parent.kill()
    parent.wait()

    assert len(pids) == 2
    assert all_end(pids)
    postgres = PostgresServer(tmp_path / "postgres")
    assert "database system is shut down" in (postgres.home / "postgres.log").read_text(encoding="utf-8")
    postgres.discard()


def test_a_command_does_not_start_when_its_parent_is_gone_already() -> None:
    command = processes.leashed(["echo", "started"], last_signal=signal.SIGTERM)
    command[command.index(str(os.getpid()))] = "1"

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (leash.PARENT_IS_GONE, "")


def test_where_no_kernel_tells_the_leash_watches_and_says_the_exit_code() -> None:
    code = leash.watch([sys.executable, "-c", "exit(3)"], parent=os.getppid(), last_signal=signal.SIGTERM)

    assert code == 3


def test_where_no_kernel_tells_the_command_ends_with_the_parent() -> None:
    code = leash.watch(["sleep", "60"], parent=-1, last_signal=signal.SIGTERM)

    assert code == 128 + signal.SIGTERM
