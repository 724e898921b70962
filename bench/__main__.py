"""Run the measurement that is named, or all, each in a process: Django is set up but once in one.

What follows the name of one is for it: `python -m bench pages --doors 10000`.
"""

import subprocess
import sys

from bench import api, hooks, intake, live, makespan, pages

ALL = {
    "api": api.main,
    "hooks": hooks.main,
    "intake": intake.main,
    "live": live.main,
    "makespan": makespan.main,
    "pages": pages.main,
}


def main(names: list[str]) -> int:
    """Measure; 2 for a name that there is not."""
    if names[:1] in (["api"], ["pages"]):
        (api if names[0] == "api" else pages).main(names[1:])
        return 0
    if any(name not in ALL for name in names):
        sys.stderr.write(f"usage: python -m bench [{'|'.join(ALL)}]\n")
        return 2
    if len(names) == 1:
        ALL[names[0]]()
        return 0
    for name in names or ALL:
        subprocess.run([sys.executable, "-m", "bench", name], check=True)  # noqa: S603  ourselves
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
