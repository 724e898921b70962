"""Django's PostgreSQL, which tells the session whose rows may be seen before whatever needs to know it.

Row security reads the setting `keyturn.organization`. Told at each beginning and end of a scope, it was every
fourth statement; so it is told with the first statement that finds it otherwise. A rollback takes back what
was told since, and then nobody knows: it is told again.
"""

from collections.abc import Callable
from typing import Any

from django.db.backends.postgresql import base

from properties.postgresql import whose

TELL = "SELECT set_config('keyturn.organization', %s, false)"
TELLS_ITSELF = TELL.partition(",")[0]
NEEDS_NO_ROWS = ("SAVEPOINT", "RELEASE", "ROLLBACK")  # also allowed where nothing else is, after an error


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._told: str | None = None  # None: nobody knows
        self.execute_wrappers = [self._tell_first]

    def init_connection_state(self) -> None:
        """A new session, which was told nothing yet."""
        super().init_connection_state()
        self.forget_whose()

    def forget_whose(self) -> None:
        """Tell it again with the next statement."""
        self._told = None

    def _tell_first(
        self,
        execute: Callable[..., Any],
        sql: Any,
        params: Any,
        many: bool,  # noqa: FBT001  as Django calls it
        context: Any,
    ) -> Any:
        wanted = whose.wanted()
        if wanted != self._told and not str(sql).startswith((TELLS_ITSELF, *NEEDS_NO_ROWS)):
            self._tell(wanted)
        return execute(sql, params, many, context)

    def _tell(self, wanted: str) -> None:
        self._told = wanted
        try:
            with self.cursor() as cursor:
                cursor.execute(TELL, [wanted])
        except BaseException:
            self.forget_whose()
            if not self.in_atomic_block:  # it is of no use any more, and what comes next gets another
                self.close()
            raise

    def _rollback(self) -> None:
        self.forget_whose()
        super()._rollback()  # type: ignore[misc]  # Django's own

    def _savepoint_rollback(self, sid: str) -> None:
        super()._savepoint_rollback(sid)  # type: ignore[misc]  # Django's own
        self.forget_whose()
