"""What tests ask about processes that are not their own children."""

import os
from collections.abc import Iterable
from pathlib import Path

from config.embedded import processes


def all_end(pids: Iterable[int], *, within: float = 5) -> bool:
    """Say whether none of these processes is left after at most so many seconds."""
    return processes.becomes_true(lambda: all(has_ended(pid) for pid in pids), within=within)


def has_ended(pid: int) -> bool:
    """Say whether a process is gone, or waits as a zombie for somebody to notice."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return Path("/proc/self").exists()
