"""The cache of a rehearsal: in this process, and by virtual time."""

from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.locmem import LocMemCache

from properties import clock


class Memory(LocMemCache):
    """Django's cache in memory, whose entries end by `properties.clock`."""

    def get_backend_timeout(self, timeout: Any = DEFAULT_TIMEOUT) -> float | None:
        """When an entry ends, in seconds of the rehearsal's clock."""
        span = self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout
        return None if span is None else clock.now().timestamp() + span

    def _has_expired(self, key: str) -> bool:
        ends_at = self._expire_info.get(key, -1)  # type: ignore[attr-defined]  # Django has it, its types do not
        return ends_at is not None and ends_at <= clock.now().timestamp()
