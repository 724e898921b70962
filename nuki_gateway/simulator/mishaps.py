"""What happens to one call on its way: what was ordered, what lasts for a while, what the mix draws."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from nuki_gateway.simulator import answers
from nuki_gateway.simulator.answers import Answer
from nuki_gateway.simulator.engine import Engine
from nuki_gateway.simulator.mix import Mix
from nuki_gateway.simulator.orders import OrderedAnswer, Span, Stand, Wire
from nuki_gateway.simulator.world import World

BUSY = 423
TOO_MANY = 429
SERVER_ERRORS = (500, 502, 503)
STORM_SHARE = 0.1  # of the spurious 423s (ours; reports only say that storms of ten minutes happen)
STORM = timedelta(minutes=10)
BLOCK = timedelta(minutes=1)  # how long a hidden block lasts: ours, nothing is published
SECOND = timedelta(seconds=1)
LONGEST_RETRY_AFTER = 30  # seconds
HALF = 0.5

GATEWAY_PAGE = Answer(
    502,
    b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>",
    {"Content-Type": "text/html"},
)
NOT_JSON = Answer(
    200, b"upstream connect error or disconnect/reset before headers", {"Content-Type": "text/plain"}
)


@dataclass(frozen=True)
class Arrival:
    """A call as far as faults choose by it."""

    at: datetime
    account_id: int | None
    method: str
    smartlock_ids: frozenset[int]
    is_write: bool

    @property
    def stream(self) -> str:
        """Return where the mix draws for this call, so that other locks and accounts disturb nothing."""
        named = ",".join(map(str, sorted(self.smartlock_ids)))
        return f"call:{self.account_id}:{named}:{self.method}"


@dataclass(frozen=True)
class Mishap:
    """What happens to a call: an answer in place of the real one, or how the real one gets out."""

    answer: Answer | None = None
    carried_out: bool = True
    wire: Wire = Wire.WHOLE
    delay_seconds: float = 0.0


NO_MISHAP = Mishap()


class Mishaps:
    """What goes wrong with calls. It keeps the pace of each account in memory only."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._paces: dict[int, deque[datetime]] = defaultdict(deque)

    def of(self, arrival: Arrival) -> Mishap:
        """Return what happens to this call; the caller holds the engine's guard."""
        world, script = self._engine.world, self._engine.script
        ids = set(arrival.smartlock_ids)
        if (ordered := script.take_answer(ids, arrival.method)) is not None:
            return Mishap(_stand_in(ordered), carried_out=False)
        self._block_when_too_fast(arrival)
        if (span := _span_over(world, arrival)) is not None:
            return Mishap(answers.ordered(span.status, span.retry_after), carried_out=False)
        if (cut := script.take_break(ids, is_write=arrival.is_write)) is not None:
            return Mishap(carried_out=cut.carried_out, wire=cut.wire)
        return NO_MISHAP if world.mix == Mix.NONE else _drawn(world, arrival)

    def _block_when_too_fast(self, arrival: Arrival) -> None:
        """Block an account that calls too often.

        Source: Nuki staff, developer forum 9746 (abuse protection exists); the numbers are ours.
        """
        world = self._engine.world
        most = world.orders.calls_a_second or world.mix.calls_a_second
        if not most or arrival.account_id is None:
            return
        pace = self._paces[arrival.account_id]
        pace.append(arrival.at)
        while pace[0] <= arrival.at - SECOND:
            pace.popleft()
        if len(pace) > most:
            pace.clear()
            block = Span(arrival.at + BLOCK, TOO_MANY, account_id=arrival.account_id, drawn=True)
            world.orders.spans.append(block)


def _stand_in(ordered: OrderedAnswer) -> Answer:
    if ordered.stand is Stand.GATEWAY:
        return GATEWAY_PAGE
    if ordered.stand is Stand.NOT_JSON:
        return NOT_JSON
    return answers.ordered(ordered.status, ordered.retry_after)


def _span_over(world: World, arrival: Arrival) -> Span | None:
    """Return what answers in the service's place at this time, and forget what is over."""
    spans = world.orders.spans
    if any(one.ends_at <= arrival.at for one in spans):
        world.orders.spans = spans = [one for one in spans if one.ends_at > arrival.at]
    return next((one for one in spans if _covers(one, arrival)), None)


def _covers(span: Span, arrival: Arrival) -> bool:
    if span.writes_only and not arrival.is_write:
        return False
    if span.smartlock_id is not None and span.smartlock_id not in arrival.smartlock_ids:
        return False
    return span.account_id in {None, arrival.account_id}


def _drawn(world: World, arrival: Arrival) -> Mishap:
    """Draw once for the call; its faults exclude each other."""
    point = world.chance(arrival.stream)
    for rate, happen in _choices(world.mix, is_write=arrival.is_write):
        if point < rate:
            return happen(world, arrival)
        point -= rate
    return NO_MISHAP


def _choices(mix: Mix, *, is_write: bool) -> Iterable[tuple[float, "Happen"]]:
    if is_write:
        yield mix.spurious_busy, _busy
        yield mix.done_then_broken, _done_then_broken
        yield mix.undone_then_broken, _undone_then_broken
    yield mix.slow_answers, _slow
    yield mix.silent_sockets, _silent
    yield mix.half_answers, _half_an_answer
    yield mix.answers_not_json, _not_json
    yield mix.html_502s, _gateway_page
    yield mix.server_errors, _server_error
    yield mix.throttled, _throttled


def _busy(world: World, arrival: Arrival) -> Mishap:
    if world.chance(arrival.stream) < STORM_SHARE:
        world.orders.spans += [
            Span(arrival.at + STORM, BUSY, smartlock_id=one, writes_only=True, drawn=True)
            for one in sorted(arrival.smartlock_ids)
        ]
    return Mishap(answers.ordered(BUSY, None), carried_out=False)


def _done_then_broken(world: World, arrival: Arrival) -> Mishap:
    return Mishap(wire=_broken_or_silent(world, arrival))


def _undone_then_broken(world: World, arrival: Arrival) -> Mishap:
    return Mishap(carried_out=False, wire=_broken_or_silent(world, arrival))


def _slow(world: World, arrival: Arrival) -> Mishap:
    longest = max(1.0, world.mix.slowest_answer_seconds)
    return Mishap(delay_seconds=1.0 + (longest - 1.0) * world.chance(arrival.stream))


def _silent(world: World, arrival: Arrival) -> Mishap:
    return Mishap(carried_out=world.chance(arrival.stream) < HALF, wire=Wire.SILENT)


def _half_an_answer(_world: World, _arrival: Arrival) -> Mishap:
    return Mishap(wire=Wire.HALF)


def _not_json(_world: World, _arrival: Arrival) -> Mishap:
    return Mishap(NOT_JSON, carried_out=False)


def _gateway_page(world: World, arrival: Arrival) -> Mishap:
    """Answer by the gateway, half of the time after the service has done what was asked."""
    return Mishap(GATEWAY_PAGE, carried_out=world.chance(arrival.stream) < HALF)


def _server_error(world: World, arrival: Arrival) -> Mishap:
    status = SERVER_ERRORS[int(world.chance(arrival.stream) * len(SERVER_ERRORS))]
    return Mishap(answers.ordered(status, None), carried_out=False)


def _throttled(world: World, arrival: Arrival) -> Mishap:
    told = world.chance(arrival.stream) < HALF
    seconds = 1 + int(world.chance(arrival.stream) * LONGEST_RETRY_AFTER)
    return Mishap(answers.ordered(TOO_MANY, seconds if told else None), carried_out=False)


def _broken_or_silent(world: World, arrival: Arrival) -> Wire:
    return Wire.BROKEN if world.chance(arrival.stream) < HALF else Wire.SILENT


Happen = Callable[[World, Arrival], Mishap]
