"""The budget of an account and its rest after a 429, shared through a real Redis; and life without it."""

import os
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from redis import Redis

from nuki_gateway.client import NukiClient
from nuki_gateway.errors import NukiOverBudget, NukiResting, NukiThrottled, RestReason
from nuki_gateway.limits import Limits, Outcome
from nuki_gateway.redis_limits import RedisClientIsPatient, RedisLimits, quick_redis
from nuki_gateway.simulator import TurnedClock
from tests.nuki_gateway.answering import answer, answering, answering_in_turn
from tests.nuki_gateway.conftest import TOKEN, Worker


def passes(limits: Limits, *, background: bool = False) -> bool:
    try:
        limits.before("GET /smartlock", token=TOKEN, background=background)
    except NukiOverBudget:
        return False
    return True


def held_back(limits: Limits, *, background: bool = False) -> NukiThrottled:
    with pytest.raises(NukiThrottled) as caught:
        limits.before("GET /smartlock", token=TOKEN, background=background)
    return caught.value


def test_of_fifty_callers_at_once_just_as_many_pass_as_the_budget_has(worker: Worker) -> None:
    together = threading.Barrier(50)

    def call(_: int) -> bool:
        limits = worker(calls_per_minute=20).of("17")
        together.wait()
        return passes(limits)

    with ThreadPoolExecutor(50) as callers:
        passed = Counter(callers.map(call, range(50)))

    assert passed == {True: 20, False: 30}


def test_background_calls_leave_three_tenths_to_the_others(worker: Worker) -> None:
    limits = worker(calls_per_minute=10).of("17")

    background = [passes(limits, background=True) for _ in range(8)]
    others = [passes(limits) for _ in range(4)]

    assert background == [True] * 7 + [False]
    assert others == [True] * 3 + [False]


def test_background_calls_find_no_room_once_the_others_have_taken_their_share(worker: Worker) -> None:
    limits = worker(calls_per_minute=10).of("17")

    others = [passes(limits) for _ in range(7)]

    assert others == [True] * 7
    assert not passes(limits, background=True)


def test_a_call_leaves_the_budget_a_minute_after_it_was_made(worker: Worker, clock: TurnedClock) -> None:
    limits = worker(calls_per_minute=2).of("17")
    passes(limits)
    clock.turn(seconds=20)
    passes(limits)
    clock.turn(seconds=39.999)

    refusal = held_back(limits)
    clock.turn(seconds=0.001)

    assert isinstance(refusal, NukiOverBudget)
    assert refusal.retry_after == 1
    assert [passes(limits), passes(limits)] == [True, False]


@pytest.mark.parametrize(
    ("background", "seconds"),
    [
        pytest.param(False, 50, id="when the oldest call leaves"),
        pytest.param(True, 53, id="when as many have left as exceed the share"),
    ],
)
def test_who_is_over_budget_learns_when_there_will_be_room(
    worker: Worker, clock: TurnedClock, *, background: bool, seconds: int
) -> None:
    limits = worker(calls_per_minute=10).of("17")
    for _ in range(10):
        passes(limits)
        clock.turn(seconds=1)

    refusal = held_back(limits, background=background)

    assert isinstance(refusal, NukiOverBudget)
    assert refusal.retry_after == seconds


def test_accounts_have_budgets_of_their_own(worker: Worker) -> None:
    workers = worker(calls_per_minute=1)

    assert [passes(workers.of("17")), passes(workers.of("17"))] == [True, False]
    assert passes(workers.of("18"))


def test_a_call_over_budget_is_not_sent(worker: Worker) -> None:
    limits = worker(calls_per_minute=1).of("17")

    with answering(answer("200 OK", b"[]")) as service:
        nuki = NukiClient(service.url, TOKEN, limits=limits)
        nuki.smart_locks()
        with pytest.raises(NukiOverBudget) as caught:
            nuki.delete_authorization(5, "66aa")

    assert isinstance(caught.value, NukiThrottled)
    assert str(caught.value) == "DELETE /smartlock/5/auth/66aa: over budget"
    assert len(service.asked) == 1


def test_a_client_in_the_background_has_the_share_of_the_background(worker: Worker) -> None:
    limits = worker(calls_per_minute=10).of("17")

    with answering(answer("200 OK", b"[]")) as service:
        polling = NukiClient(service.url, TOKEN, limits=limits, background=True)
        for _ in range(7):
            polling.smart_locks()
        with pytest.raises(NukiOverBudget):
            polling.smart_locks()
        NukiClient(service.url, TOKEN, limits=limits).smart_locks()

    assert len(service.asked) == 8


def test_after_a_429_the_account_rests_in_all_workers_as_long_as_the_service_says(
    worker: Worker, clock: TurnedClock
) -> None:
    throttled = answer("429 Too Many Requests", Retry_After="30")

    with answering_in_turn(throttled, answer("200 OK", b"[]")) as service:
        with pytest.raises(NukiThrottled):
            NukiClient(service.url, TOKEN, limits=worker().of("17")).smart_locks()
        clock.turn(seconds=29.5)
        other = NukiClient(service.url, TOKEN, limits=worker().of("17"))
        with pytest.raises(NukiResting) as caught:
            other.smart_locks()
        asked_while_resting = len(service.asked)
        NukiClient(service.url, TOKEN, limits=worker().of("18")).smart_locks()
        clock.turn(seconds=0.5)
        other.smart_locks()

    assert (caught.value.reason, caught.value.retry_after) == (RestReason.THROTTLED, 1)
    assert asked_while_resting == 1
    assert len(service.asked) == 3


def test_a_rest_of_which_the_service_does_not_say_the_length_grows(
    worker: Worker, clock: TurnedClock
) -> None:
    limits = worker().of("17")

    rests: list[int | None] = []
    for _ in range(8):
        limits.before("GET /smartlock", token=TOKEN, background=False)
        limits.after(Outcome.THROTTLED, token=TOKEN)
        rests.append(held_back(limits).retry_after)
        clock.turn(seconds=rests[-1] or 0)

    assert rests == [5, 10, 20, 40, 80, 160, 300, 300]


def test_a_success_after_a_rest_lets_the_next_one_begin_short(worker: Worker, clock: TurnedClock) -> None:
    limits = worker().of("17")
    for _ in range(3):
        limits.after(Outcome.THROTTLED, token=TOKEN)
        clock.turn(seconds=60)

    limits.after(Outcome.ANSWERED, token=TOKEN)
    limits.after(Outcome.THROTTLED, token=TOKEN)

    assert held_back(limits).retry_after == 5


def test_calls_that_were_under_way_when_a_rest_began_neither_lengthen_nor_end_it(worker: Worker) -> None:
    limits = worker().of("17")

    for _ in range(10):
        limits.after(Outcome.THROTTLED, token=TOKEN)
    limits.after(Outcome.ANSWERED, token=TOKEN)

    assert held_back(limits).retry_after == 5


def test_a_shorter_rest_does_not_replace_a_longer_one(worker: Worker) -> None:
    limits = worker().of("17")

    limits.after(Outcome.THROTTLED, token=TOKEN, retry_after=600)
    limits.after(Outcome.THROTTLED, token=TOKEN, retry_after=1)

    assert held_back(limits).retry_after == 600


@contextmanager
def silent_redis() -> Iterator[tuple[str, socket.socket]]:
    """An address that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0)
        yield f"redis://127.0.0.1:{listening.getsockname()[1]}/0", listening


def connections_to(listening: socket.socket) -> int:
    count = 0
    while True:
        try:
            listening.accept()[0].close()
        except BlockingIOError:
            return count
        count += 1


def nobody() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return f"redis://127.0.0.1:{listening.getsockname()[1]}/0"


def without_redis(url: str, clock: TurnedClock, calls_per_minute: int = 120) -> RedisLimits:
    return RedisLimits(
        quick_redis(url), calls_per_minute=calls_per_minute, clock=lambda: clock.now().timestamp()
    )


def test_where_nobody_is_at_redis_address_each_process_has_a_quarter_of_the_budget(
    clock: TurnedClock,
) -> None:
    limits = without_redis(nobody(), clock, calls_per_minute=40).of("17")

    background = [passes(limits, background=True) for _ in range(8)]
    others = [passes(limits) for _ in range(4)]
    refusal = held_back(limits)
    clock.turn(seconds=60)

    assert background == [True] * 7 + [False]
    assert others == [True] * 3 + [False]
    assert (type(refusal), refusal.retry_after) == (NukiOverBudget, 60)
    assert passes(limits)


def test_a_silent_redis_holds_no_call_up_and_is_left_alone_for_five_seconds(clock: TurnedClock) -> None:
    with silent_redis() as (url, listening):
        limits = without_redis(url, clock).of("17")
        started = time.monotonic()
        for _ in range(10):
            assert passes(limits)
            limits.after(Outcome.ANSWERED, token=TOKEN)
        lasted = time.monotonic() - started
        first = connections_to(listening)
        clock.turn(seconds=4.9)
        assert passes(limits)
        while_resting = connections_to(listening)
        clock.turn(seconds=0.1)
        assert passes(limits)
        afterwards = connections_to(listening)

    assert lasted < 1.0
    assert (first, while_resting, afterwards) == (1, 0, 1)


def test_a_clock_that_is_put_back_does_not_keep_redis_away(clock: TurnedClock) -> None:
    now = [clock.now().timestamp()]
    with silent_redis() as (url, listening):
        limits = RedisLimits(quick_redis(url), clock=lambda: now[0]).of("17")
        passes(limits)
        connections_to(listening)

        now[0] -= 3600
        passes(limits)

        assert connections_to(listening) == 1


def test_without_redis_a_429_is_heeded_by_the_process_that_got_it(clock: TurnedClock) -> None:
    limits = without_redis(nobody(), clock)

    limits.of("17").after(Outcome.THROTTLED, token=TOKEN, retry_after=30)

    refusal = held_back(limits.of("17"))
    assert (type(refusal), refusal.retry_after) == (NukiResting, 30)
    assert passes(limits.of("18"))
    clock.turn(seconds=30)
    assert passes(limits.of("17"))


def test_when_redis_forgets_its_scripts_they_are_given_anew(redis: Redis, worker: Worker) -> None:
    limits = worker(calls_per_minute=2).of("17")
    assert passes(limits)

    redis.script_flush()

    assert [passes(limits), passes(limits)] == [True, False]


def test_a_client_that_may_wait_for_redis_is_not_taken() -> None:
    with Redis.from_url(os.environ["REDIS_URL"]) as patient, pytest.raises(RedisClientIsPatient):
        RedisLimits(patient)


def test_all_keys_end_by_themselves_and_no_token_stands_in_them(redis: Redis, worker: Worker) -> None:
    limits = worker()
    limits.of("17").before("GET /smartlock", token=TOKEN, background=False)
    limits.of("17").after(Outcome.UNAUTHORIZED, token=TOKEN)
    limits.of("17").after(Outcome.FAILED, token=TOKEN)

    keys = [key.decode() for key in redis.scan_iter(f"{limits._prefix}:*")]

    assert len(keys) == 3
    assert all(redis.pttl(key) > 0 for key in keys)
    assert TOKEN not in "".join(keys)
