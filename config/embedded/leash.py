"""Runs a command that ends when its parent ends, even if the parent is killed with SIGKILL.

Run by its path, so that it needs nothing but the standard library:

    python -IS leash.py PARENT SIGNAL USER:GROUP -- COMMAND...

On Linux the kernel sends SIGNAL when the parent is gone, and this process becomes the command. Elsewhere it
stays, watches the parent and passes on the signals it gets. USER:GROUP may be empty: rights are kept.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

PR_SET_PDEATHSIG = 1  # from <linux/prctl.h>
LOOK_AT_PARENT = 0.5  # seconds
TIME_TO_END = 10.0  # seconds, before the command is killed
PARENT_IS_GONE = 113
# Python ignores the first two, a shell's background job the others, and exec would pass that on.
REINSTATED = (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT, signal.SIGQUIT)
PASSED_ON = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP)


def main(arguments: Sequence[str]) -> NoReturn:
    """Become the command, or watch over it."""
    parent, last_signal = int(arguments[0]), signal.Signals(int(arguments[1]))
    command = list(arguments[4:])
    if arguments[2]:
        give_up_rights(arguments[2])
    for number in REINSTATED:
        signal.signal(number, signal.SIG_DFL)
    if not sys.platform.startswith("linux"):
        sys.exit(watch(command, parent=parent, last_signal=last_signal))
    # After giving up rights: the kernel forgets the signal when the user changes.
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(last_signal))
    if os.getppid() != parent:  # it ended before the kernel knew
        sys.exit(PARENT_IS_GONE)
    os.execvp(command[0], command)  # noqa: S606  the command is our own caller's


def give_up_rights(user_and_group: str) -> None:
    """Become this user and group for good."""
    user, group = (int(number) for number in user_and_group.split(":"))
    os.setgroups([])
    os.setgid(group)
    os.setuid(user)


def watch(command: Sequence[str], *, parent: int, last_signal: signal.Signals) -> int:
    """Run the command until it or the parent ends; its exit code as a shell would say it."""
    child = subprocess.Popen(command)  # noqa: S603  the command is our own caller's

    def pass_on(number: int, _frame: FrameType | None) -> None:
        child.send_signal(number)

    for number in PASSED_ON:
        signal.signal(number, pass_on)
    while child.poll() is None and os.getppid() == parent:
        time.sleep(LOOK_AT_PARENT)
    if child.poll() is None:
        child.send_signal(last_signal)
        try:
            child.wait(TIME_TO_END)
        except subprocess.TimeoutExpired:
            child.kill()
    code = child.wait()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    main(sys.argv[1:])
