"""A part's output: into its log with the time before each line, the last lines kept at hand."""

import subprocess
import threading
from collections import deque
from datetime import datetime
from pathlib import Path
from typing import IO

LAST_LINES = 20
TIME_TO_FINISH = 1.0  # seconds; a grandchild may hold the pipe open


class Output:
    """The log of one part over all its starts."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.last_lines: deque[str] = deque(maxlen=LAST_LINES)
        self._words = ""
        self._said = threading.Event()
        self._reader: threading.Thread | None = None
        path.write_bytes(b"")

    def follow(self, process: subprocess.Popen[bytes], *, until_it_says: str = "") -> None:
        """Read what a new process writes, in a thread of its own, and notice the words."""
        self._words = until_it_says
        self._said.clear()
        self._reader = threading.Thread(target=self._read, args=[process.stdout], daemon=True)
        self._reader.start()

    def said_it(self) -> bool:
        """Say whether the words were among what it wrote."""
        return self._said.is_set()

    def finish(self) -> None:
        """Wait for the last lines of a process that ended."""
        if self._reader is not None:
            self._reader.join(TIME_TO_FINISH)

    def _read(self, stream: IO[bytes]) -> None:
        with stream, self.path.open("a", encoding="utf-8") as log:
            for raw in stream:
                line = raw.decode(errors="replace").rstrip()
                self.last_lines.append(line)
                log.write(f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S} {line}\n")
                log.flush()
                if self._words and self._words in line:
                    self._said.set()
