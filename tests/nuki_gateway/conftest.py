"""One Nuki account with one lock in the simulator, its client, and workers that share a Redis."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from secrets import token_hex

import pytest
from pytest_django.fixtures import Settings
from redis import Redis

from nuki_gateway.client import NukiClient
from nuki_gateway.models import KeypadEntry, Window
from nuki_gateway.redis_limits import RedisLimits, quick_redis
from nuki_gateway.simulator import Account, Lock, Simulator, TurnedClock

Worker = Callable[..., RedisLimits]

TOKEN = "a-token-of-alices"
CODE = "384174"
ENTRY = KeypadEntry(
    "Ada",
    CODE,
    Window(datetime(2026, 6, 15, 13, 0, tzinfo=UTC), datetime(2026, 6, 17, 8, 0, tzinfo=UTC), 96, 480, 1320),
)


@pytest.fixture
def account(simulator: Simulator) -> Account:
    return simulator.add_account(name="Alice", token=TOKEN)


@pytest.fixture
def door(simulator: Simulator, account: Account) -> Lock:
    return simulator.add_lock(account, name="Front door", device_type=5, keypad="keypad2", battery=71)


@pytest.fixture
def nuki(url: str, account: Account) -> NukiClient:
    return NukiClient(url, account.token)


@pytest.fixture
def url(simulator: Simulator, settings: Settings) -> str:  # noqa: ARG001  it serves while this is used
    return str(settings.NUKI_API_URL)


@pytest.fixture
def redis() -> Iterator[Redis]:
    with quick_redis(os.environ["REDIS_URL"]) as client:
        yield client


@pytest.fixture
def worker(redis: Redis, clock: TurnedClock) -> Worker:
    """Each call starts another worker on the same Redis and clock."""
    prefix = f"test-{token_hex(4)}"

    def start(calls_per_minute: int = 120) -> RedisLimits:
        return RedisLimits(
            redis,
            calls_per_minute=calls_per_minute,
            clock=lambda: clock.now().timestamp(),
            prefix=prefix,
        )

    return start
