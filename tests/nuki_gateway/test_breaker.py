"""The rest of a refused token and of a failing service: nothing is sent but one probe of all workers."""

import contextlib
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from nuki_gateway import transport
from nuki_gateway.client import NukiClient
from nuki_gateway.errors import (
    NukiBusy,
    NukiError,
    NukiNotFound,
    NukiOverBudget,
    NukiRefused,
    NukiResting,
    NukiSignInEnded,
    NukiThrottled,
    NukiTokenRests,
    NukiUnauthorized,
    NukiUnavailable,
    RestReason,
)
from nuki_gateway.limits import Limits, Outcome
from nuki_gateway.simulator import TurnedClock
from tests.nuki_gateway.answering import answer, answering, answering_in_turn
from tests.nuki_gateway.conftest import TOKEN, Worker

EMPTY = answer("200 OK", b"[]")
REFUSED = answer("401 Unauthorized")
BROKEN = answer("503 Service Unavailable")
QUARTER = 15 * 60  # seconds


def before(limits: Limits, token: str = TOKEN) -> None:
    limits.before("GET /smartlock", token=token, background=False)


def passes(limits: Limits, token: str = TOKEN) -> bool:
    try:
        before(limits, token)
    except (NukiResting, NukiTokenRests):
        return False
    return True


def rest_of(limits: Limits) -> int | None:
    with pytest.raises(NukiResting) as caught:
        before(limits)
    assert caught.value.reason is RestReason.FAILED
    return caught.value.retry_after


def fail(limits: Limits, times: int) -> None:
    for _ in range(times):
        limits.after(Outcome.FAILED, token=TOKEN)


def how_many_of_fifty_pass(worker: Worker) -> Counter[bool]:
    together = threading.Barrier(50)

    def call(_: int) -> bool:
        limits = worker().of("17")
        together.wait()
        return passes(limits)

    with ThreadPoolExecutor(50) as callers:
        return Counter(callers.map(call, range(50)))


def test_a_token_that_was_refused_is_not_sent_again_by_any_worker(worker: Worker) -> None:
    with answering(REFUSED) as service:
        with pytest.raises(NukiUnauthorized) as first:
            NukiClient(service.url, TOKEN, limits=worker().of("17")).smart_locks()
        with pytest.raises(NukiUnauthorized) as second:
            NukiClient(service.url, TOKEN, limits=worker().of("17")).delete_authorization(5, "66aa")

    assert (type(first.value), first.value.status) == (NukiUnauthorized, 401)
    assert type(second.value) is NukiTokenRests
    assert second.value.retry_after == QUARTER
    assert str(second.value) == "DELETE /smartlock/5/auth/66aa: resting after 401"
    assert len(service.asked) == 1


def test_who_asks_whether_the_token_is_broken_is_answered_alike_before_and_during_its_rest() -> None:
    resting = NukiTokenRests("GET /smartlock", retry_after=QUARTER)

    assert isinstance(resting, NukiUnauthorized)
    assert not isinstance(resting, NukiUnavailable)
    assert resting.can_help is False


def test_who_asks_whether_to_come_back_later_is_answered_alike_for_429_and_for_every_rest() -> None:
    held_back: list[NukiError] = [
        NukiResting("GET /smartlock", reason=RestReason.FAILED, retry_after=15),
        NukiOverBudget("GET /smartlock", retry_after=15),
    ]

    assert all(isinstance(one, NukiThrottled) and one.retry_after == 15 for one in held_back)


def test_one_of_all_workers_probes_a_refused_token_every_quarter_of_an_hour(
    worker: Worker, clock: TurnedClock
) -> None:
    worker().of("17").after(Outcome.UNAUTHORIZED, token=TOKEN)

    passed = []
    for seconds in (QUARTER - 0.001, 0.001, QUARTER - 0.001, 0.001):
        clock.turn(seconds=seconds)
        passed.append(how_many_of_fifty_pass(worker)[True])

    assert passed == [0, 1, 0, 1]


def test_a_probe_that_is_accepted_ends_the_rest_of_the_token(worker: Worker, clock: TurnedClock) -> None:
    with answering_in_turn(REFUSED, EMPTY) as service:
        nuki = NukiClient(service.url, TOKEN, limits=worker().of("17"))
        with pytest.raises(NukiUnauthorized):
            nuki.smart_locks()
        clock.turn(seconds=QUARTER)
        found = [nuki.smart_locks() for _ in range(3)]

    assert found == [[], [], []]


def test_another_token_of_the_account_is_not_held_back_and_does_not_free_the_old_one(worker: Worker) -> None:
    limits = worker().of("17")
    limits.after(Outcome.UNAUTHORIZED, token=TOKEN)

    another = passes(limits, "another-token")
    limits.after(Outcome.ANSWERED, token="another-token")

    assert another
    assert not passes(limits)


def test_another_account_with_the_same_token_is_not_held_back(worker: Worker) -> None:
    worker().of("17").after(Outcome.UNAUTHORIZED, token=TOKEN)

    assert passes(worker().of("18"))


class Renewable:
    def __init__(self, given: str | NukiSignInEnded) -> None:
        self.given = given

    def token(self) -> str:
        return TOKEN

    def renewed(self, refused: str) -> str | None:  # noqa: ARG002  as the protocol has it
        if isinstance(self.given, NukiSignInEnded):
            raise self.given
        return self.given


def test_a_token_that_could_be_renewed_does_not_rest_for_those_who_still_have_it(worker: Worker) -> None:
    with answering_in_turn(REFUSED, EMPTY, REFUSED, EMPTY) as service:
        for _ in range(2):
            NukiClient(service.url, Renewable("new"), limits=worker().of("17")).smart_locks()

    assert [asked.headers["Authorization"] for asked in service.asked] == [
        f"Bearer {TOKEN}",
        "Bearer new",
        f"Bearer {TOKEN}",
        "Bearer new",
    ]


def test_a_token_whose_sign_in_has_ended_rests(worker: Worker) -> None:
    with answering(REFUSED) as service:
        nuki = NukiClient(service.url, Renewable(NukiSignInEnded("renewal")), limits=worker().of("17"))
        with pytest.raises(NukiSignInEnded):
            nuki.smart_locks()
        with pytest.raises(NukiTokenRests):
            nuki.smart_locks()

    assert len(service.asked) == 1


def test_after_five_failures_one_after_the_other_nothing_is_sent_by_any_worker(worker: Worker) -> None:
    with answering(BROKEN) as service:
        for _ in range(5):
            with pytest.raises(NukiUnavailable) as failure:
                NukiClient(service.url, TOKEN, limits=worker().of("17")).smart_locks()
            assert type(failure.value) is NukiUnavailable
        with pytest.raises(NukiResting) as caught:
            NukiClient(service.url, TOKEN, limits=worker().of("17")).smart_locks()

    assert (caught.value.reason, caught.value.retry_after) == (RestReason.FAILED, 15)
    assert str(caught.value) == "GET /smartlock: resting after 5xx"
    assert len(service.asked) == 5


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(None, id="silence"),
        pytest.param(b"", id="a connection that breaks"),
        pytest.param(answer("302 Found", Location="/elsewhere"), id="a redirect"),
        pytest.param(answer("200 OK", b"<html>"), id="no JSON"),
    ],
)
def test_no_usable_answer_counts_as_a_failure(
    given: bytes | None, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "READ_TIMEOUT", 0.1)

    with answering(given) as service:
        nuki = NukiClient(service.url, TOKEN, limits=worker().of("17"))
        for _ in range(6):
            with pytest.raises(NukiUnavailable) as caught:
                nuki.smart_locks()

    assert type(caught.value) is NukiResting
    assert len(service.asked) == 5


@pytest.mark.parametrize(
    "status", ["200 OK", "400 Bad Request", "404 Not Found", "409 Conflict", "423 Locked"]
)
def test_whatever_else_the_service_says_it_works(status: str, worker: Worker) -> None:
    limits = worker().of("17")
    fail(limits, 4)

    with answering(answer(status, b"[]")) as service, contextlib.suppress(NukiRefused, NukiBusy):
        NukiClient(service.url, TOKEN, limits=limits).smart_locks()
    fail(limits, 4)

    assert passes(limits)


@pytest.mark.parametrize("outcome", [Outcome.UNAUTHORIZED, Outcome.THROTTLED])
def test_401_and_429_are_no_sign_that_the_service_works(outcome: Outcome, worker: Worker) -> None:
    limits = worker().of("17")
    fail(limits, 4)

    limits.after(outcome, token="another-token", retry_after=0)
    fail(limits, 1)

    assert rest_of(limits) == 15


def test_the_rest_of_a_service_that_keeps_failing_doubles_up_to_a_quarter_of_an_hour(
    worker: Worker, clock: TurnedClock
) -> None:
    limits = worker().of("17")
    fail(limits, 5)

    rests = [rest_of(limits)]
    for _ in range(7):
        clock.turn(seconds=rests[-1] or 0)
        before(limits)
        fail(limits, 1)
        rests.append(rest_of(limits))

    assert rests == [15, 30, 60, 120, 240, 480, 900, 900]


def test_of_fifty_workers_at_once_one_probes_a_service_that_failed(
    worker: Worker, clock: TurnedClock
) -> None:
    fail(worker().of("17"), 5)
    clock.turn(seconds=15)

    passed = how_many_of_fifty_pass(worker)

    assert passed == {True: 1, False: 49}


def test_a_probe_that_nobody_hears_of_again_is_followed_by_another(
    worker: Worker, clock: TurnedClock
) -> None:
    limits = worker().of("17")
    fail(limits, 5)
    clock.turn(seconds=15)
    before(limits)

    clock.turn(seconds=29.999)
    early = passes(limits)
    clock.turn(seconds=0.001)

    assert not early
    assert passes(limits)


def test_a_probe_that_is_answered_ends_the_rest_and_the_next_one_begins_short(
    worker: Worker, clock: TurnedClock
) -> None:
    limits = worker().of("17")
    fail(limits, 5)
    clock.turn(seconds=15)
    before(limits)

    limits.after(Outcome.ANSWERED, token=TOKEN)
    free = how_many_of_fifty_pass(worker)
    fail(limits, 5)

    assert free == {True: 50}
    assert rest_of(limits) == 15


def test_calls_that_were_under_way_when_the_rest_began_do_not_lengthen_it(worker: Worker) -> None:
    limits = worker().of("17")

    fail(limits, 50)

    assert rest_of(limits) == 15


def test_a_service_that_fails_one_account_is_asked_for_the_others(worker: Worker) -> None:
    fail(worker().of("17"), 5)

    assert passes(worker().of("18"))


def test_a_probe_for_which_no_call_is_left_is_not_used_up(worker: Worker, clock: TurnedClock) -> None:
    limits = worker(calls_per_minute=1).of("17")
    clock.turn(seconds=10)
    before(limits)
    fail(limits, 5)
    clock.turn(seconds=59)

    with pytest.raises(NukiOverBudget):
        before(limits)
    clock.turn(seconds=1)

    assert passes(limits)
    assert not passes(limits)


def test_a_lock_that_is_not_there_is_said_so_however_often_it_is_asked_for(worker: Worker) -> None:
    with answering(answer("404 Not Found")) as service:
        nuki = NukiClient(service.url, TOKEN, limits=worker().of("17"))
        for _ in range(7):
            with pytest.raises(NukiNotFound):
                nuki.smart_lock(5)

    assert len(service.asked) == 7
