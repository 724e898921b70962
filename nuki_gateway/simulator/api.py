"""One call to the API from its arrival to its answer, with what goes wrong on the way."""

import json
import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from nuki_gateway.simulator import foreign_codes, routes
from nuki_gateway.simulator.answers import Answer, ApiCall, Refused, Request
from nuki_gateway.simulator.calls import authenticate
from nuki_gateway.simulator.engine import Engine
from nuki_gateway.simulator.mishaps import NO_MISHAP, Arrival, Mishap, Mishaps
from nuki_gateway.simulator.orders import Wire

KEPT_CALLS = 5000
KEPT_OVER_RESTART = 300  # calls
FIRST_REFUSAL = 400
NO_ANSWER = 0
LOCK_PATH = re.compile(r"/smartlock/(\d{1,18})(/auth)?(/.*)?")
WRITING = frozenset({"PUT", "POST", "DELETE"})


@dataclass(frozen=True)
class Outcome:
    """What happens to the caller: the answer, or none (None), after a delay in seconds.

    `wire` says how much of the answer gets through, or how the connection ends that has none.
    """

    answer: Answer | None
    delay_seconds: float
    wire: Wire = Wire.WHOLE


class Api:
    """The way in to the simulated cloud."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._mishaps = Mishaps(engine)
        self.calls: deque[ApiCall] = deque(engine.world.calls, maxlen=KEPT_CALLS)
        self.while_answering: Callable[[Request], None] | None = None

    def answer(self, request: Request) -> Outcome:
        """Carry out the call and say what the caller gets to see."""
        self._engine.run_due()
        with self._engine.guard:
            outcome, accepted_write = self._carry_out(request)
            self._note(request, outcome)
        if accepted_write and self.while_answering is not None:
            meanwhile, self.while_answering = self.while_answering, None
            meanwhile(request)
        return outcome

    def _carry_out(self, request: Request) -> tuple[Outcome, bool]:
        smartlock_ids = frozenset(self._named_locks(request))
        arrival = Arrival(
            at=self._engine.now(),
            account_id=self._account_id(request),
            method=request.method,
            smartlock_ids=smartlock_ids,
            is_write=_is_authorization_write(request),
        )
        delay = self._engine.script.take_delay()
        mishap = self._mishaps.of(arrival)
        if delay or mishap is not NO_MISHAP:
            self._engine.changed = True  # an order was used up
        if not mishap.carried_out:
            return _outcome(mishap, mishap.answer, delay), False
        if arrival.is_write:
            foreign_codes.collide(self._engine, request, smartlock_ids, at=arrival.at)
        answer = self._ask(request)
        accepted = arrival.is_write and answer.status < FIRST_REFUSAL
        return _outcome(mishap, mishap.answer or answer, delay), accepted

    def _ask(self, request: Request) -> Answer:
        try:
            answer = routes.answer(self._engine, request)
        except Refused as refusal:
            return refusal.answer
        if request.method in WRITING:
            self._engine.changed = True
        return answer

    def _note(self, request: Request, outcome: Outcome) -> None:
        seen = outcome.answer is not None and outcome.wire is Wire.WHOLE
        status = outcome.answer.status if outcome.answer is not None and seen else NO_ANSWER
        call = ApiCall(self._engine.now(), self._account_id(request), request.method, request.path, status)
        self.calls.append(call)
        world = self._engine.world
        world.calls = [*world.calls[1 - KEPT_OVER_RESTART :], call]

    def _account_id(self, request: Request) -> int | None:
        try:
            return authenticate(self._engine, request).account_id
        except Refused:
            return None

    def _named_locks(self, request: Request) -> Iterator[int]:
        """Yield the locks that the path or the body of the call names."""
        found = LOCK_PATH.fullmatch(request.path)
        if found is not None:
            yield int(found.group(1))
            return
        if request.path != "/smartlock/auth" or request.method not in WRITING:
            return
        named = set(_texts_and_numbers(_json_or_nothing(request.body)))
        for lock in self._engine.world.locks.values():
            if lock.smartlock_id in named or not named.isdisjoint(lock.copy.entries):
                yield lock.smartlock_id


def _outcome(mishap: Mishap, answer: Answer | None, delay: float) -> Outcome:
    if mishap.wire in {Wire.BROKEN, Wire.SILENT}:
        answer = None
    return Outcome(answer, delay + mishap.delay_seconds, mishap.wire)


def _is_authorization_write(request: Request) -> bool:
    if request.method not in WRITING:
        return False
    found = LOCK_PATH.fullmatch(request.path)
    return request.path == "/smartlock/auth" or (found is not None and found.group(2) is not None)


def _json_or_nothing(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _texts_and_numbers(value: Any) -> Iterator[str | int]:
    if isinstance(value, list):
        for one in value:
            yield from _texts_and_numbers(one)
    elif isinstance(value, dict):
        yield from _texts_and_numbers([value.get("id"), value.get("smartlockIds")])
    elif isinstance(value, str | int):
        yield value
