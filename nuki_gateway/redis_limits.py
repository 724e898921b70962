"""Budget, rest and breaker of each account, shared by all workers through Redis: one round trip each way.

Before a call: is its token refused, does its account rest, are calls left in this minute? After it: how did
it end? Both are scripts, so of many workers that ask at once exactly as many pass as may. Whoever is the
first to ask after the end of a rest makes the probe, and moves that end: a probe that is never told of costs
one more rest. Without Redis each process goes on by itself with a small budget, and never waits for it.
"""

import logging
import math
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from enum import IntEnum
from hashlib import sha256
from secrets import token_hex
from typing import Any, cast

from redis import Redis
from redis.backoff import NoBackoff
from redis.commands.core import Script
from redis.exceptions import RedisError
from redis.retry import Retry

from nuki_gateway.errors import NukiError, NukiOverBudget, NukiResting, NukiTokenRests, RestReason
from nuki_gateway.limits import Outcome

log = logging.getLogger(__name__)

MINUTE = 60_000  # milliseconds, as all spans of the scripts
BACKGROUND_SHARE = 0.7  # of the budget: a revocation or a push always finds room
FIRST_REST, LONGEST_REST = 5_000, 300_000  # after a 429 that does not say how long
FAILURES_BEFORE_REST = 5  # one after the other; single ones are usual
FIRST_OUTAGE, LONGEST_OUTAGE = 15_000, 900_000  # between probes of a service that fails
TOKEN_REST = 900_000  # between probes of a token that is refused
KEPT = 172_800_000  # two days: longer than any rest

REDIS_PATIENCE = 0.25  # seconds, to connect and again to answer; usual is under a millisecond
REDIS_REST = 5.0  # seconds without a try after one that failed
ALONE_SHARE = 0.25  # of the budget, for each process, while Redis is away

_MOMENT = """
local function moment(key, field) return tonumber(redis.call('HGET', key, field) or 0) end
local function grown(first, times, longest) return math.min(first * 2 ^ math.min(times - 1, 20), longest) end
"""

_BEFORE = (
    _MOMENT
    + """
local calls, service, token = KEYS[1], KEYS[2], KEYS[3]
local now, most, name = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
local minute, token_rest = tonumber(ARGV[4]), tonumber(ARGV[5])
local first_outage, longest_outage, kept = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])

local refused_until = moment(token, 'until')
if now < refused_until then return {1, refused_until - now} end
local rests_until = moment(service, 'rests_until')
if now < rests_until then return {2, rests_until - now} end
local fails_until = moment(service, 'fails_until')
if now < fails_until then return {3, fails_until - now} end

redis.call('ZREMRANGEBYSCORE', calls, '-inf', now - minute)
local used = redis.call('ZCARD', calls)
if used >= most then
  local leaves = redis.call('ZRANGE', calls, used - most, used - most, 'WITHSCORES')
  return {4, leaves[2] + minute - now}
end
redis.call('ZADD', calls, now, name)
redis.call('PEXPIRE', calls, minute)

if refused_until > 0 then
  redis.call('HSET', token, 'until', now + token_rest)
  redis.call('PEXPIRE', token, kept)
end
if fails_until > 0 then
  local times = redis.call('HINCRBY', service, 'outages', 1)
  redis.call('HSET', service, 'fails_until', now + grown(first_outage, times, longest_outage))
  redis.call('PEXPIRE', service, kept)
end
return {0, 0}
"""
)

# Calls that were on their way when a rest began end the same way: they make it no longer.
_AFTER = (
    _MOMENT
    + """
local service, token = KEYS[1], KEYS[2]
local now, outcome, asked = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3])
local token_rest, first_rest, longest_rest = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local most_failures, kept = tonumber(ARGV[7]), tonumber(ARGV[8])
local first_outage, longest_outage = tonumber(ARGV[9]), tonumber(ARGV[10])
local rests_until = moment(service, 'rests_until')

if outcome == 'answered' then
  redis.call('DEL', token)
  redis.call('HDEL', service, 'failures', 'outages', 'fails_until')
  if rests_until <= now then redis.call('HDEL', service, 'throttles', 'rests_until') end
elseif outcome == 'unauthorized' then
  redis.call('HSET', token, 'until', now + token_rest)
  redis.call('PEXPIRE', token, kept)
elseif outcome == 'throttled' then
  if asked >= 0 then
    redis.call('HSET', service, 'rests_until', math.max(rests_until, now + asked))
  elseif rests_until <= now then
    local times = redis.call('HINCRBY', service, 'throttles', 1)
    redis.call('HSET', service, 'rests_until', now + grown(first_rest, times, longest_rest))
  end
elseif moment(service, 'fails_until') <= now then
  if redis.call('HINCRBY', service, 'failures', 1) >= most_failures then
    local times = redis.call('HINCRBY', service, 'outages', 1)
    redis.call('HSET', service, 'fails_until', now + grown(first_outage, times, longest_outage))
  end
end
redis.call('PEXPIRE', service, kept)
"""
)


class _Verdict(IntEnum):
    PASSES = 0
    TOKEN_RESTS = 1
    THROTTLED = 2
    FAILED = 3
    OVER_BUDGET = 4


class RedisClientIsPatient(ValueError):
    """This client may wait for Redis longer than a call may be held up; `quick_redis` makes a fit one."""


def quick_redis(url: str) -> Redis:
    """A client that gives up early and tries nothing twice."""
    return Redis.from_url(
        url,
        socket_timeout=REDIS_PATIENCE,
        socket_connect_timeout=REDIS_PATIENCE,
        retry=Retry(NoBackoff(), 0),
    )


class RedisLimits:
    """The limits of all accounts of one installation; one object for a whole process, made once.

    `calls_per_minute` is of one account: Nuki publishes no number. `clock` gives seconds since 1970 and has
    to go alike in all workers. Raises `RedisClientIsPatient`.
    """

    def __init__(
        self,
        client: Redis,
        *,
        calls_per_minute: int = 120,
        clock: Callable[[], float] = time.time,
        prefix: str = "nuki",
    ) -> None:
        _check(client)
        if calls_per_minute < 1:
            raise ValueError("an account without calls cannot be served")
        self._calls_per_minute = calls_per_minute
        self._clock = clock
        self._prefix = prefix
        self._before: Script = client.register_script(_BEFORE)
        self._after: Script = client.register_script(_AFTER)
        self._alone = _Alone()

    def of(self, account: str) -> "AccountLimits":
        """Those of one account, named by whatever tells it from all others."""
        return AccountLimits(self, account)

    def before(self, what: str, *, account: str, token: str, background: bool) -> None:
        """See `Limits`."""
        now = self._clock()
        share = BACKGROUND_SHARE if background else 1.0
        found = self._ask(
            self._before,
            keys=[self._key(account, "calls"), *self._keys(account, token)],
            arguments=[
                _milliseconds(now),
                max(1, math.floor(self._calls_per_minute * share)),
                token_hex(8),
                MINUTE,
                TOKEN_REST,
                FIRST_OUTAGE,
                LONGEST_OUTAGE,
                KEPT,
            ],
        )
        if found is None:
            most = max(1, math.floor(self._calls_per_minute * ALONE_SHARE * share))
            self._alone.before(what, account=account, most=most, now=now)
            return
        verdict, span = cast("list[int]", found)
        if verdict != _Verdict.PASSES:
            raise _held_back(what, _Verdict(verdict), seconds=math.ceil(span / 1000))

    def after(self, outcome: Outcome, *, account: str, token: str, retry_after: int | None) -> None:
        """See `Limits`."""
        if outcome is Outcome.THROTTLED:
            span = FIRST_REST / 1000 if retry_after is None else retry_after
            self._alone.rest(account, until=self._clock() + span)
        self._ask(
            self._after,
            keys=self._keys(account, token),
            arguments=[
                _milliseconds(self._clock()),
                outcome,
                -1 if retry_after is None else retry_after * 1000,
                TOKEN_REST,
                FIRST_REST,
                LONGEST_REST,
                FAILURES_BEFORE_REST,
                KEPT,
                FIRST_OUTAGE,
                LONGEST_OUTAGE,
            ],
        )

    def _ask(self, script: Script, *, keys: list[str], arguments: list[int | str]) -> Any:
        """What the script says; None if Redis does not say anything, or was silent a moment ago."""
        if self._alone.is_certain(self._clock()):
            return None
        try:
            return script(keys=keys, args=arguments)
        except (RedisError, OSError) as failure:
            self._alone.begin(self._clock())
            log.warning("limits_not_shared reason=%s", type(failure).__name__)
            return None

    def _keys(self, account: str, token: str) -> list[str]:
        """By the token too, so that a new one is never held back for the refusals of the one before."""
        return [
            self._key(account, "service"),
            self._key(account, f"token:{sha256(token.encode()).hexdigest()[:16]}"),
        ]

    def _key(self, account: str, what: str) -> str:
        return f"{self._prefix}:{{{account}}}:{what}"


class AccountLimits:
    """The `Limits` of one account; cheap to make."""

    def __init__(self, limits: RedisLimits, account: str) -> None:
        self._limits = limits
        self._account = account

    def before(self, what: str, *, token: str, background: bool) -> None:
        """See `Limits`."""
        self._limits.before(what, account=self._account, token=token, background=background)

    def after(self, outcome: Outcome, *, token: str, retry_after: int | None = None) -> None:
        """See `Limits`."""
        self._limits.after(outcome, account=self._account, token=token, retry_after=retry_after)


class _Alone:
    """What one process allows itself while Redis is away. Moments are in seconds of the limits' clock."""

    def __init__(self) -> None:
        self._ends_at = -math.inf
        self._calls: defaultdict[str, deque[float]] = defaultdict(deque)
        self._rests: dict[str, float] = {}
        self._lock = threading.Lock()

    def begin(self, now: float) -> None:
        """Leave Redis alone for a while."""
        self._ends_at = now + REDIS_REST

    def is_certain(self, now: float) -> bool:
        """Whether Redis was away a moment ago. An end that is too far off is that of a clock put back."""
        return now < self._ends_at <= now + REDIS_REST

    def rest(self, account: str, *, until: float) -> None:
        """Remember a 429, which Redis may not have heard of."""
        self._rests[account] = until

    def before(self, what: str, *, account: str, most: int, now: float) -> None:
        """Let a call pass, or raise."""
        rests_until = self._rests.get(account, now)
        if now < rests_until:
            raise NukiResting(what, reason=RestReason.THROTTLED, retry_after=math.ceil(rests_until - now))
        with self._lock:
            calls = self._calls[account]
            while calls and not now - MINUTE / 1000 < calls[0] <= now:
                calls.popleft()
            if len(calls) >= most:
                span = calls[len(calls) - most] + MINUTE / 1000 - now
                raise NukiOverBudget(what, retry_after=math.ceil(span))
            calls.append(now)


def _check(client: Redis) -> None:
    known = client.get_connection_kwargs()
    spans = [known.get("socket_timeout"), known.get("socket_connect_timeout")]
    retry = client.get_retry()
    if any(span is None or span > REDIS_PATIENCE for span in spans) or (retry and retry.get_retries()):
        raise RedisClientIsPatient


def _held_back(what: str, verdict: _Verdict, *, seconds: int) -> NukiError:
    if verdict is _Verdict.TOKEN_RESTS:
        return NukiTokenRests(what, retry_after=seconds)
    if verdict is _Verdict.OVER_BUDGET:
        return NukiOverBudget(what, retry_after=seconds)
    reason = RestReason.THROTTLED if verdict is _Verdict.THROTTLED else RestReason.FAILED
    return NukiResting(what, reason=reason, retry_after=seconds)


def _milliseconds(seconds: float) -> int:
    return int(seconds * 1000)
