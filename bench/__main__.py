"""Run the measurements that are named, or all."""

import sys

from bench import intake, live

ALL = {"intake": intake.main, "live": live.main}


def main(names: list[str]) -> None:
    """Measure, one after another."""
    for name in names or ALL:
        ALL[name]()


if __name__ == "__main__":
    main(sys.argv[1:])
