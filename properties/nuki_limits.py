"""How many calls a Nuki account may make now: its budget, rest and breaker, which all our processes share."""

from datetime import datetime
from functools import cache

from django.conf import settings

from nuki_gateway.limits import Limits, Outcome
from nuki_gateway.redis_limits import RedisLimits, quick_redis
from properties.clock import now
from properties.models import NukiAccount


def clock() -> datetime:
    """What limits and the ends of tokens are measured by: calls take time, so it is asked at each of them."""
    return now()


def of(account: NukiAccount) -> Limits:
    """The limits of one account."""
    return _of_this_process(settings.REDIS_URL, settings.NUKI_CALLS_PER_MINUTE).of(str(account.pk))


class BesideTheToken:
    """Limits of calls that an account can do without.

    A 401 to one of them may be about a scope that its token never had: it must not put the token to rest.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits

    def before(self, what: str, *, token: str, background: bool) -> None:
        """As for all calls."""
        self._limits.before(what, token=token, background=background)

    def after(self, outcome: Outcome, *, token: str, retry_after: int | None = None) -> None:
        """As for all calls, but for a 401."""
        if outcome is not Outcome.UNAUTHORIZED:
            self._limits.after(outcome, token=token, retry_after=retry_after)


@cache
def _of_this_process(redis_url: str, calls_per_minute: int) -> RedisLimits:
    return RedisLimits(
        quick_redis(redis_url), calls_per_minute=calls_per_minute, clock=lambda: clock().timestamp()
    )
