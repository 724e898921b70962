"""Our worker with a fault to order: `celery -A tests.config.a_worker worker`.

LOOK_EVERY says in what a hurry its watchdog is, in seconds. When the file that HANGS names appears, its
consumer hangs for good, as in a call that never returns.
"""

import os
import time
from pathlib import Path
from typing import Any

from celery import bootsteps

from config import watchdog
from config.celery import app

__all__ = ["app"]

watchdog.LOOK_EVERY = float(os.environ["LOOK_EVERY"])
watchdog.TIME_TO_END = 1.0
HANGS = Path(os.environ["HANGS"])


class HangsWhenTold(bootsteps.StartStopStep):
    """Looks for the file, in the thread that consumes."""

    def register_with_event_loop(self, _worker: Any, hub: Any) -> None:
        """Celery calls this before it begins to consume."""
        hub.call_repeatedly(0.1, self.look)

    def look(self) -> None:
        """Hang, once."""
        if HANGS.exists():
            HANGS.unlink()
            time.sleep(3600)


@app.task(name="tests.take_a_while")
def take_a_while(*, seconds: float, **_: Any) -> None:
    """Do something for so long."""
    time.sleep(seconds)


app.steps["worker"].add(HangsWhenTold)
