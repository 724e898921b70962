"""Run chaos: `python -m tests.chaos --minutes 15 --seed 7`; 1 and the story if anything was wrong."""

import argparse
import os
import secrets
import sys
import tempfile
from pathlib import Path

import django

from tests.chaos.installation import Installation

GAP = 12.0  # seconds between two faults, on average
SHORT_GAP = 7.0  # the same where there are but some minutes
SHORT = 5.0  # minutes


def main() -> int:
    """Run once and report."""
    chosen = _arguments()
    directory = Path(tempfile.mkdtemp(prefix="keyturn-chaos-"))
    installation = Installation(directory)
    os.environ |= installation.environment
    django.setup()
    from tests.chaos.run import Run  # noqa: PLC0415  its models need the settings, which exist from here on

    gap = SHORT_GAP if chosen.minutes < SHORT else GAP
    run = Run(installation, chosen.seed, chosen.minutes * 60, gap, say)
    report = run.go()
    keeps = chosen.keep or bool(report.wrong)
    installation.discard(keep_logs=keeps)
    for line in report.lines():
        say(line)
    if keeps:
        say(f"What each part said is in {directory}. Again: --seed {chosen.seed}")
    return 1 if report.wrong else 0


def say(line: str) -> None:
    """Speak to the person at the terminal."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--minutes", type=float, default=15.0, help="how long parts are hit")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10_000), help="what is hit when")
    parser.add_argument(
        "--keep", action="store_true", help="keep what the parts said, also of a run that went well"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
