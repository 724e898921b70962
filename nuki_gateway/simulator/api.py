"""One call to the API from its arrival to its answer, with the faults that were ordered for it."""

import json
import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from nuki_gateway.simulator import answers, routes
from nuki_gateway.simulator.answers import Answer, ApiCall, Refused, Request
from nuki_gateway.simulator.calls import authenticate
from nuki_gateway.simulator.engine import Engine

KEPT_CALLS = 5000
FIRST_REFUSAL = 400
NO_ANSWER = 0
LOCK_PATH = re.compile(r"/smartlock/(\d{1,18})(/auth)?(/.*)?")
WRITING = frozenset({"PUT", "POST", "DELETE"})


@dataclass(frozen=True)
class Outcome:
    """What happens to the caller: the answer, or a broken connection (None), after a delay in seconds."""

    answer: Answer | None
    delay_seconds: float


class Api:
    """The way in to the simulated cloud."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.calls: deque[ApiCall] = deque(maxlen=KEPT_CALLS)
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
        script = self._engine.script
        smartlock_ids = set(self._named_locks(request))
        delay = script.take_delay()
        ordered = script.take_answer(smartlock_ids, request.method)
        if ordered is not None:
            return Outcome(answers.ordered(ordered.status, ordered.retry_after), delay), False
        is_write = _is_authorization_write(request)
        drop = script.take_drop(smartlock_ids) if is_write else None
        if drop is False:
            return Outcome(None, delay), False
        answer = self._ask(request)
        accepted = is_write and answer.status < FIRST_REFUSAL
        return Outcome(None if drop else answer, delay), accepted

    def _ask(self, request: Request) -> Answer:
        try:
            answer = routes.answer(self._engine, request)
        except Refused as refusal:
            return refusal.answer
        if request.method in WRITING:
            self._engine.changed = True
        return answer

    def _note(self, request: Request, outcome: Outcome) -> None:
        try:
            account_id = authenticate(self._engine, request).account_id
        except Refused:
            account_id = None
        status = NO_ANSWER if outcome.answer is None else outcome.answer.status
        self.calls.append(ApiCall(self._engine.now(), account_id, request.method, request.path, status))

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
