"""How often a key may ask: counted in Redis for all processes. Without Redis nobody counts."""

from dataclasses import dataclass
from math import ceil

import structlog
from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError

from access.api.problems import Code, Problem
from properties.models import ApiKey

log = structlog.get_logger(__name__)

WINDOW = 60  # seconds
KEPT = 2 * WINDOW  # seconds; the window before still counts, less and less


@dataclass(frozen=True)
class Allowance:
    """What a key may still ask for now."""

    most: int
    left: int
    starts_anew_in: int  # seconds

    @property
    def is_used_up(self) -> bool:
        """Whether this very request is one too many."""
        return self.left < 0

    def headers(self) -> dict[str, str]:
        """As the IETF's draft on rate limits has them."""
        return {
            "RateLimit-Policy": f'"key";q={self.most};w={WINDOW}',
            "RateLimit": f'"key";r={max(0, self.left)};t={self.starts_anew_in}',
        }


def count(key: ApiKey, *, seconds: float) -> Allowance | None:
    """Count one request at a time in seconds; None where nobody counts. The caller refuses.

    Requests of the window before are taken to have come evenly, so of it counts the share that is less than
    a minute ago: a key cannot ask for twice as much around the turn of a window.
    """
    window, since = divmod(seconds, WINDOW)
    here, before = _name(key, int(window)), _name(key, int(window) - 1)
    try:
        cache.add(here, 0, KEPT)
        asked = cache.incr(here)
        earlier = cache.get(before, 0)
    except (RedisError, OSError, ValueError) as failure:  # ValueError: forgotten just now
        log.warning("api_not_counted", reason=type(failure).__name__)
        return None
    most = settings.API_CALLS_PER_MINUTE
    weighed = asked + earlier * (WINDOW - since) / WINDOW
    return Allowance(most, max(-1, int(most - weighed)), ceil(WINDOW - since))


def refusal(allowance: Allowance) -> Problem:
    """What a key is told that has asked too often."""
    return Problem(
        Code.RATE_LIMITED,
        f"A key may ask {allowance.most} times a minute.",
        retry_after=max(1, min(allowance.starts_anew_in, ceil(WINDOW / max(allowance.most, 1)))),
    )


def _name(key: ApiKey, window: int) -> str:
    return f"api:asked:{key.pk}:{window}"
