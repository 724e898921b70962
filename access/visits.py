"""How often guests' pages are asked for from one address of the net.

Nobody finds a link by trying: it has 192 bits of chance. This only keeps those who try from costing much.
Without Redis nobody is counted, and guests read their pages as ever.
"""

from datetime import datetime

import structlog
from django.core.cache import cache
from redis.exceptions import RedisError

from properties.encryption import digest

log = structlog.get_logger(__name__)

MOST_VISITS = (
    300  # in a minute: the guests of a whole house, and what reads their mail, may share one address
)
MOST_MISSES = 20  # in a minute: links that lead nowhere
COUNTED = 60  # seconds
KEPT = 5 * COUNTED  # seconds that a minute's count is kept: nobody asks for it once the minute is over


class TooOften(Exception):
    """Too many pages, or too many that are none, were asked for from this address within the minute."""


def count(visitor: str, *, now: datetime) -> None:
    """Count a visit. Raises TooOften."""
    try:
        too_often = _add(_key("visits", visitor, now)) > MOST_VISITS
        too_often = too_often or cache.get(_key("misses", visitor, now), 0) >= MOST_MISSES
    except (RedisError, OSError) as failure:
        log.warning("visit_not_counted", reason=type(failure).__name__)
        return
    if too_often:
        raise TooOften


def count_miss(visitor: str, *, now: datetime) -> None:
    """Count a visit with a link that leads nowhere."""
    try:
        _add(_key("misses", visitor, now))
    except (RedisError, OSError) as failure:
        log.warning("visit_not_counted", reason=type(failure).__name__)


def _add(key: str) -> int:
    cache.add(key, 0, timeout=KEPT)
    try:
        return cache.incr(key)
    except ValueError:  # it has just ended
        return 1


def _key(kind: str, visitor: str, now: datetime) -> str:
    """One key for each minute; no address of anybody stands in it."""
    return f"guest-page:{kind}:{digest(visitor)[:24]}:{int(now.timestamp()) // COUNTED}"
