"""Reach: the seconds in which a lock could be written, kept by looking at the simulated world alone."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from nuki_gateway.simulator.engine import Engine
from nuki_gateway.simulator.orders import Span
from nuki_gateway.simulator.world import Event, EventKind, World

NOTHING = timedelta(0)


@dataclass
class Gaps:
    """When something could not be reached; the last gap may be open (None)."""

    spans: list[tuple[datetime, datetime | None]] = field(default_factory=list)

    def open(self, at: datetime) -> None:
        """Not reached from now on."""
        if not self.spans or self.spans[-1][1] is not None:
            self.spans.append((at, None))

    def close(self, at: datetime) -> None:
        """Reached again."""
        if self.spans and self.spans[-1][1] is None:
            self.spans[-1] = (self.spans[-1][0], at)

    def within(self, start: datetime, end: datetime) -> Iterable[tuple[datetime, datetime]]:
        """The parts of the gaps that lie between two instants."""
        for begins, ends in reversed(self.spans):
            if ends is not None and ends <= start:
                return
            if begins < end:
                yield max(begins, start), min(ends or end, end)


class Reach:
    """When each lock was online and the service took writes for it, and when the portal was running."""

    def __init__(self, engine: Engine) -> None:
        self._world: World = engine.world
        self._locks: dict[int, Gaps] = defaultdict(Gaps)
        self._accounts: dict[int, Gaps] = defaultdict(Gaps)
        self._everybody = Gaps()
        self.portal = Gaps()
        self._known: set[Span] = set()
        for kind, lock_is_away in ((EventKind.LOCK_LEAVES, True), (EventKind.LOCK_RETURNS, False)):
            self._listen(engine, kind, is_away=lock_is_away)

    def note_spans(self, at: datetime) -> None:
        """Keep in mind what answers in the service's place now."""
        for span in self._world.orders.spans:
            if span in self._known:
                continue
            self._known.add(span)
            gaps = self._everybody
            if span.smartlock_id is not None:
                gaps = self._locks_spans(span.smartlock_id)
            elif span.account_id is not None:
                gaps = self._accounts[span.account_id]
            gaps.spans.append((at, span.ends_at))

    def of(self, lock: int, start: datetime, end: datetime) -> timedelta:
        """How long the lock was in reach between two instants."""
        account = self._world.locks[lock].account_id
        sources = (
            self._locks[lock],
            self._locks_spans(lock),
            self._accounts[account],
            self._everybody,
            self.portal,
        )
        parts = sorted(part for gaps in sources for part in gaps.within(start, end))
        away, upto = NOTHING, start
        for begins, ends in parts:
            away += max(NOTHING, ends - max(begins, upto))
            upto = max(upto, ends)
        return end - start - away

    def _locks_spans(self, lock: int) -> Gaps:
        return self._locks[-lock]  # beside the lock's own being offline: the two may overlap

    def _listen(self, engine: Engine, kind: EventKind, *, is_away: bool) -> None:
        react = engine.reactions[kind]

        def noted(engine: Engine, event: Event) -> None:
            react(engine, event)
            online = engine.lock(event.smartlock_id).device.online
            gaps = self._locks[event.smartlock_id]
            if is_away and not online:
                gaps.open(event.due_at)
            elif online:
                gaps.close(event.due_at)

        engine.reactions[kind] = noted
