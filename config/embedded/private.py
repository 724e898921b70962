"""Files and directories that only their owner reads, and the one place that root uses outside the project."""

import hashlib
import json
import os
import pwd
import stat
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from config.embedded.processes import Person

WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH
OPEN_TO_ALL = 0o755


class PlaceIsNotOurs(Exception):
    """The directory that we would use exists and is not a directory of ours."""


class NowhereToBe(Exception):
    """Every temporary directory of this machine is closed to unprivileged users."""


@dataclass(frozen=True)
class Home:
    """Where a server keeps its things, and the user it runs as; None: the one who starts it."""

    path: Path
    person: Person | None


def home_for(directory: Path) -> Home:
    """Choose where a server that refuses to run as root lives.

    For root that is a directory below the system's temporary one, as the project's own path may be closed to
    everybody else. Its name follows from `directory`, so the next start finds it again.
    """
    if os.geteuid() != 0:
        return Home(directory, None)
    name = hashlib.sha256(os.fsencode(directory.resolve())).hexdigest()[:12]
    nobody = pwd.getpwnam("nobody")
    return Home(_open_temporary_directory() / f"keyturn-{name}", Person(nobody.pw_uid, nobody.pw_gid))


def make_home(home: Home) -> None:
    """Make the directory, or see that the one that exists is really ours. What exists is never changed."""
    if home.person is None:
        home.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return
    try:
        home.path.mkdir(mode=0o700)
    except FileExistsError:
        _insist_on_ours(home.path)
    else:
        home.path.chmod(OPEN_TO_ALL)  # it must let the server's user through, whatever our umask is


def make_private_directory(path: Path, person: Person | None) -> None:
    """Make a directory for a server's user alone."""
    path.mkdir(mode=0o700)
    if person is not None:
        os.chown(path, person.user, person.group)


def write(path: Path, text: str, *, person: Person | None = None) -> None:
    """Write a file that only its owner reads; a reader sees the old text or the new one, never half of it."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        if person is not None:
            os.fchown(file.fileno(), person.user, person.group)
    draft.replace(path)


def remember(path: Path, make: Callable[[], dict[str, str]]) -> dict[str, str]:
    """Read the values kept in this file; make and keep them the first time."""
    if not path.exists():
        write(path, json.dumps(make(), indent=2) + "\n")
    values: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return values


def _insist_on_ours(path: Path) -> None:
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & WRITABLE_BY_OTHERS:
        raise PlaceIsNotOurs(f"{path} exists, and it is not a directory that only root writes to. Remove it.")


def _open_temporary_directory() -> Path:
    for candidate in dict.fromkeys((tempfile.gettempdir(), "/tmp", "/var/tmp")):  # noqa: S108  checked before use
        path = Path(candidate).resolve()
        if path.is_dir() and all(step.stat().st_mode & stat.S_IXOTH for step in (path, *path.parents)):
            return path
    raise NowhereToBe("PostgreSQL does not run as root, and no temporary directory is open to another user.")
