"""Sees to it that there is a Chromium for the tests in a browser: takes the machine's, or installs one."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def main() -> int:
    """Find a browser or install one; the exit code says whether there is one."""
    if found := browser():
        return say(f"The tests use {found}.")
    playwright = [sys.executable, "-m", "playwright", "install", "chromium"]
    if runs(playwright) and (found := browser()):
        return say(f"The tests use {found}.")
    if os.geteuid() == 0 and shutil.which("apt-get") and runs(["apt-get", "update"]):
        runs(["apt-get", "install", "--yes", "--no-install-recommends", "chromium"])
        if found := browser():
            return say(f"The tests use {found}.")
    say("There is no Chromium, and none could be installed. On Debian and Ubuntu: apt-get install chromium")
    return 1


def browser() -> str:
    """Find a Chromium: on the PATH, or the one that Playwright keeps; empty if there is none."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  slow to load, and rarely needed

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else ""


def runs(command: Sequence[str]) -> bool:
    """Run a command in sight of the person who waits; say whether it ended well."""
    say(f"$ {' '.join(command)}")
    return subprocess.run(command, check=False).returncode == 0  # noqa: S603  written above


def say(line: str) -> int:
    """Speak to the terminal."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
