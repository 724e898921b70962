"""Places to die: whatever lasts when a process is gone. At one of them the process is killed.

What lasts is a commit, a statement outside of a transaction that writes, a call by which Nuki changes
something, a letter that is handed over, and a ring. Between two of them there is nothing but the memory of
the process, and what it has read: to die right after one is to die right before the next. So a process dies
before each of them, and at its end, before the broker hears that its task is done.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.db import connection

from config.rehearsal.workers import Killed

WRITING = re.compile(r"(?:^|; *)\s*(INSERT INTO|UPDATE|DELETE FROM) \"?(\w+)", re.IGNORECASE)
WORDS = 60  # of a statement, in a report


class Deaths:
    """Counts the places, and kills at one of them."""

    def __init__(self, die_at: int | None = None) -> None:
        self.places: list[str] = []
        self.has_killed = False
        self.is_armed = True
        self._die_at = die_at
        self._processes = 0
        self._is_dead = False
        self._wrote = ""

    def reach(self, what: str) -> None:
        """Come to a place: `what` is about to last. Raises `Killed` where it is the one to die at."""
        if self._is_dead:
            raise Killed
        if not (self._processes and self.is_armed):
            return
        number = len(self.places)
        self.places.append(what)
        if number == self._die_at:
            self.has_killed = self._is_dead = True
            raise Killed

    def die_in(self, places: int) -> None:
        """Die after so many more places (fewer than none: not at all), whoever comes to the last of them."""
        self.is_armed = places >= 0
        self._die_at = len(self.places) + places

    def told(self, number: int) -> str:
        """Words for a place."""
        before = self.places[number - 1] if number else "the beginning"
        return f"{number}: after {before}, before {self.places[number]}"

    @contextmanager
    def process(self, task: str, *, comes_back: bool = False) -> Iterator[None]:
        """A process at work. Whoever is killed in it is gone with it, and so is its connection.

        `comes_back`: whether its task is given to another one where nobody says that it is done.
        """
        self._processes += 1
        try:
            yield
            if comes_back:
                self.reach(f"the end of {task}")
        finally:
            self._processes -= 1
            if self._is_dead:
                self._bury()

    @contextmanager
    def process_beside(self, task: str) -> Iterator[None]:
        """The same within the call of another process, which lives on and keeps its connection."""
        self._processes += 1
        try:
            yield
            self.reach(f"the end of {task}")
        finally:
            self._processes -= 1
            if self._is_dead:
                self._is_dead = False

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Watch the database until the block ends."""
        commit = connection._commit  # type: ignore[attr-defined]

        def watched_commit() -> None:
            if self._wrote:
                what, self._wrote = f"the commit after {self._wrote}", ""
                self._before_commit(what)
            commit()

        connection._commit = watched_commit  # type: ignore[attr-defined]
        try:
            with connection.execute_wrapper(self._guard):
                yield
        finally:
            del connection._commit  # type: ignore[attr-defined]

    def _before_commit(self, what: str) -> None:
        try:
            self.reach(what)
        except Killed:
            connection._rollback()  # type: ignore[attr-defined]  # Django's own
            raise

    def _guard(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001
        if self._is_dead:
            raise Killed
        found = WRITING.search(sql)
        if found and connection.in_atomic_block:
            self._wrote = f"{found[1]} {found[2]}"
        elif found:
            self._wrote = ""
            self.reach(" ".join(sql[found.start(1) :].split())[:WORDS])
        return execute(sql, params, many, context)

    def _bury(self) -> None:
        self._is_dead, self._wrote = False, ""
        with suppress(Exception):
            connection.close()
