"""Runs a command in an environment that the settings accept, for tools that read settings and open nothing.

`python -m tests.with_environment COMMAND …`; with `--production` first, as an installation with https has it.
"""

import os
import sys
from pathlib import Path

VALUES = Path(__file__).parent / "environment.env"
NOWHERE = {
    "DATABASE_URL": "postgres://nobody:nothing@127.0.0.1:1/nowhere",
    "REDIS_URL": "redis://127.0.0.1:1/0",
}
PRODUCTION = {"PUBLIC_URL": "https://keys.example.com", "ALLOWED_HOSTS": "keys.example.com"}


def main(words: list[str]) -> None:
    """Set the values and become the command."""
    for line in VALUES.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, value = line.split("=", 1)
            os.environ[name] = value
    os.environ |= NOWHERE
    if words[:1] == ["--production"]:
        os.environ |= PRODUCTION
        words = words[1:]
    os.execvp(words[0], words)  # noqa: S606  the words come from ./check


if __name__ == "__main__":
    main(sys.argv[1:])
