"""A copy of the project to be mutated, and running a killer in it."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.mutants.mutant import Ended

PROJECT = Path(__file__).parents[2]
LEFT_OUT = {".git", ".venv", "var", "static_root"}  # at the top
CACHES = ("__pycache__", ".*_cache", ".hypothesis", ".coverage*")
LONGEST = 300  # seconds that a killer may take; some mutants never come to rest
NO_END = 124  # the code of one that took longer, as `timeout` has it


@contextmanager
def copied() -> Iterator[Path]:
    """A copy of the project as it is now, with the same `.venv`; removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="keyturn-mutants-") as directory:
        copy = Path(directory) / "project"
        of_caches = shutil.ignore_patterns(*CACHES)

        def leave_out(where: str, names: list[str]) -> set[str]:
            at_the_top = LEFT_OUT & set(names) if Path(where) == PROJECT else set()
            return at_the_top | set(of_caches(where, names))

        shutil.copytree(PROJECT, copy, ignore=leave_out, symlinks=True)
        (copy / ".venv").symlink_to(PROJECT / ".venv")
        yield copy


def run(command: Sequence[str], *, project: Path) -> Ended:
    """Run it there, and wait. What it says is kept, and no bytecode: two mutants may share a second."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command,
            cwd=project,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LONGEST,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Ended(NO_END, "")
    return Ended(done.returncode, done.stdout)
