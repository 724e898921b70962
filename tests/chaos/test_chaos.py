"""Two minutes of chaos; `make chaos` has more of it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.chaos.installation import KEPT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.xdist_group("chaos")]

PROJECT = Path(__file__).parents[2]


def test_two_minutes_of_kills_stops_and_restarts_lose_nothing_and_double_nothing() -> None:
    fresh = {name: os.environ[name] for name in KEPT if name in os.environ}

    run = subprocess.run(
        [sys.executable, "-m", "tests.chaos", "--minutes", "2"],
        cwd=PROJECT,
        env=fresh,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
