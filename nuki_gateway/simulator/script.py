"""Faults ordered for one lock and one moment.

A random mix of faults has its place in `Script.take_fate` and its neighbours, drawn from the world's seed.
"""

from collections import deque
from dataclasses import dataclass, field

from nuki_gateway.simulator.world import Fate, Lock, OperationKind, World


@dataclass(frozen=True)
class OrderedAnswer:
    """An answer given in place of the real one; `smartlock_id` None means any call."""

    smartlock_id: int | None
    method: str | None
    status: int
    retry_after: int | None


@dataclass
class Script:
    """What goes wrong next. Each order is used up by the first call or write that it fits."""

    world: World
    _lost: list[int] = field(default_factory=list)
    _ghosts: list[int] = field(default_factory=list)
    _phantoms: list[int] = field(default_factory=list)
    _drops: list[tuple[int, bool]] = field(default_factory=list)
    _answers: list[OrderedAnswer] = field(default_factory=list)
    _delays: deque[float] = field(default_factory=deque)

    def lose_next_write(self, lock: Lock | int) -> None:
        """Accept the lock's next authorization write with 204 and never carry it out."""
        self._lost.append(_id(lock))

    def drop_connection_on_next_write(self, lock: Lock | int, *, carried_out: bool) -> None:
        """Break the connection instead of answering the lock's next write, done or not."""
        self._drops.append((_id(lock), carried_out))

    def answer_next(
        self,
        lock: Lock | int | None,
        method: str | None,
        status: int,
        count: int = 1,
        retry_after: int | None = None,
    ) -> None:
        """Give this answer to the next `count` calls of the method that name the lock (None: any)."""
        smartlock_id = None if lock is None else _id(lock)
        self._answers += [OrderedAnswer(smartlock_id, method, status, retry_after)] * count

    def ghost_next_delete(self, lock: Lock | int) -> None:
        """Delete the next one on the device but keep it listed until a sync."""
        self._ghosts.append(_id(lock))

    def phantom_next_create(self, lock: Lock | int) -> None:
        """List the next new authorization although the device does not take it."""
        self._phantoms.append(_id(lock))

    def freeze_copy(self, lock: Lock | int) -> None:
        """Stop refreshing the cloud's copy of the lock until a sync."""
        self.world.locks[_id(lock)].copy.frozen = True

    def slow_next(self, seconds: float) -> None:
        """Keep the next call waiting for its answer, after it was carried out."""
        self._delays.append(seconds)

    def take_fate(self, smartlock_id: int, kind: OperationKind) -> Fate:
        """Return what becomes of the write that is being accepted."""
        if _take(self._lost, smartlock_id):
            return Fate.LOST
        if kind is OperationKind.DELETE and _take(self._ghosts, smartlock_id):
            return Fate.GHOST
        if kind is OperationKind.CREATE and _take(self._phantoms, smartlock_id):
            return Fate.PHANTOM
        return Fate.CARRIED_OUT

    def take_drop(self, smartlock_ids: set[int]) -> bool | None:
        """Return whether the write is carried out before the connection breaks; None: no break is ordered."""
        for order in self._drops:
            if order[0] in smartlock_ids:
                self._drops.remove(order)
                return order[1]
        return None

    def take_answer(self, smartlock_ids: set[int], method: str) -> OrderedAnswer | None:
        """Return the answer ordered for such a call."""
        for order in self._answers:
            fits = order.smartlock_id is None or order.smartlock_id in smartlock_ids
            if fits and order.method in {None, method}:
                self._answers.remove(order)
                return order
        return None

    def take_delay(self) -> float:
        """Return the seconds that this call is kept waiting."""
        return self._delays.popleft() if self._delays else 0.0


def _id(lock: Lock | int) -> int:
    return lock if isinstance(lock, int) else lock.smartlock_id


def _take(orders: list[int], smartlock_id: int) -> bool:
    if smartlock_id not in orders:
        return False
    orders.remove(smartlock_id)
    return True
