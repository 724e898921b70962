"""Django's Redis cache with one client for each thread: to make one takes longer than most questions."""

from typing import Any

from django.core.cache.backends.redis import RedisCache as DjangosRedisCache
from django.core.cache.backends.redis import RedisCacheClient
from redis import Redis


class _KeptClient(RedisCacheClient):
    """There is one server, and its client keeps the connections."""

    def __init__(self, *words: Any, **options: Any) -> None:
        super().__init__(*words, **options)
        self._kept: Redis | None = None

    def get_client(self, key: Any = None, *, write: bool = False) -> Redis:
        """Give the client that was made for the first question."""
        if self._kept is None:
            self._kept = super().get_client(key, write=write)
        return self._kept


class RedisCache(DjangosRedisCache):
    """The cache of an installation."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = _KeptClient
