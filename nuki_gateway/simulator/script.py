"""Faults ordered for the next call, write, log entry or webhook, and the ones that the world's mix draws.

Each order is used up by the first thing that it fits. What is ordered is part of the world. Whoever takes an
order here holds the engine's guard.
"""

from nuki_gateway.simulator.orders import (
    HeldWebhook,
    LogFault,
    OrderedAnswer,
    OrderedBreak,
    OrderedLogFault,
    Stand,
    Wire,
)
from nuki_gateway.simulator.world import Fate, Lock, OperationKind, World

HALF = 0.5
LATEST_SECONDS = 60 * 60.0  # how late a webhook or a log entry of the mix can be
OVERTAKEN_SECONDS = 10.0


class Script:
    """What goes wrong next. A lock is named by itself or by its smartlockId."""

    def __init__(self, world: World) -> None:
        self.world = world

    def lose_next_write(self, lock: Lock | int) -> None:
        """Accept the lock's next authorization write with 204 and never carry it out."""
        self.world.orders.lost.append(number(lock))

    def ignore_next_delete(self, lock: Lock | int) -> None:
        """Accept the lock's next deletion with 204 and do nothing at all."""
        self.world.orders.ignored_deletes.append(number(lock))

    def ghost_next_delete(self, lock: Lock | int) -> None:
        """Delete the next one on the device but keep it listed until a sync."""
        self.world.orders.ghosts.append(number(lock))

    def phantom_next_create(self, lock: Lock | int) -> None:
        """List the next new authorization although the device does not take it."""
        self.world.orders.phantoms.append(number(lock))

    def leave_next_write_unread(self, lock: Lock | int) -> None:
        """Carry the lock's next write out, and bring it into the cloud's copy by a sync only."""
        self.world.orders.unread.append(number(lock))

    def freeze_copy(self, lock: Lock | int) -> None:
        """Stop refreshing the cloud's copy of the lock until a sync."""
        self.world.locks[number(lock)].copy.frozen = True

    def collide_with_next_code(self, lock: Lock | int, *, known_to_cloud: bool) -> None:
        """Let somebody make the next new code in the Nuki app, just before us.

        Known to the cloud, it is answered with 409; otherwise the device refuses ours and nobody is told.
        """
        orders = self.world.orders
        (orders.known_collisions if known_to_cloud else orders.unknown_collisions).append(number(lock))

    def drop_connection_on_next_write(self, lock: Lock | int, *, carried_out: bool) -> None:
        """Break the connection instead of answering the lock's next write, done or not."""
        self._break(lock, Wire.BROKEN, carried_out=carried_out, writes_only=True)

    def silent_next(self, lock: Lock | int | None = None, *, carried_out: bool = True) -> None:
        """Send no byte in answer to the next call (None: any lock's) until the caller gives up."""
        self._break(lock, Wire.SILENT, carried_out=carried_out, writes_only=False)

    def half_answer_next(self, lock: Lock | int | None = None) -> None:
        """Carry the next call out and end the connection in the middle of its answer."""
        self._break(lock, Wire.HALF, carried_out=True, writes_only=False)

    def answer_next(
        self,
        lock: Lock | int | None,
        method: str | None,
        status: int,
        count: int = 1,
        retry_after: int | None = None,
    ) -> None:
        """Give this answer to the next `count` calls of the method that name the lock (None: any)."""
        smartlock_id = None if lock is None else number(lock)
        self.world.orders.answers += [OrderedAnswer(smartlock_id, method, status, retry_after)] * count

    def html_502_next(self, lock: Lock | int | None = None, method: str | None = None) -> None:
        """Answer the next call with the HTML page of a gateway in front of the service."""
        self._stand_in(lock, method, 502, Stand.GATEWAY)

    def not_json_next(self, lock: Lock | int | None = None, method: str | None = None) -> None:
        """Answer the next call with 200 and something that is no JSON; it is not carried out."""
        self._stand_in(lock, method, 200, Stand.NOT_JSON)

    def slow_next(self, seconds: float) -> None:
        """Keep the next call waiting for its answer, after it was carried out."""
        self.world.orders.delays.append(seconds)

    def ignore_next_invite(self) -> None:
        """Let the next person who is to redeem an app invite not do so, ever."""
        self.world.orders.ignored_invites += 1

    def delay_next_log_entry(self, lock: Lock | int, seconds: float) -> None:
        """Let the lock's next log entry reach the cloud so much later than usual."""
        self.world.orders.log_faults.append(OrderedLogFault(number(lock), LogFault.LATE, seconds))

    def lose_next_log_entry(self, lock: Lock | int) -> None:
        """Let the lock's next log entry never reach the cloud."""
        self.world.orders.log_faults.append(OrderedLogFault(number(lock), LogFault.MISSING))

    def strip_next_log_entry(self, lock: Lock | int) -> None:
        """Let the lock's next log entry reach the cloud without its authorization and name."""
        self.world.orders.log_faults.append(OrderedLogFault(number(lock), LogFault.ANONYMOUS))

    def lose_next_webhooks(self, count: int = 1) -> None:
        """Send the next so many webhooks to nobody."""
        self.world.orders.webhooks_lost += count

    def silence_webhooks(self, *, until_told: bool = True) -> None:
        """Send no webhooks at all, until this is called with `until_told=False`."""
        self.world.orders.webhooks_silenced = until_told

    def double_next_webhook(self, count: int = 1) -> None:
        """Send the next so many webhooks twice each."""
        self.world.orders.webhooks_doubled += count

    def delay_next_webhook(self, seconds: float) -> None:
        """Send the next webhook so much later than usual."""
        self.world.orders.webhooks_late.append(seconds)

    def reverse_next_webhooks(self, count: int) -> None:
        """Keep the next `count` webhooks back and send them, the last one first, once all are there."""
        self.world.orders.webhooks_to_reverse = count

    def take_fate(self, smartlock_id: int, kind: OperationKind) -> Fate:
        """Return what becomes of the write that is being accepted."""
        orders, mix = self.world.orders, self.world.mix
        is_delete, is_create = kind is OperationKind.DELETE, kind is OperationKind.CREATE
        if _take(orders.lost, smartlock_id) or (is_delete and _take(orders.ignored_deletes, smartlock_id)):
            return Fate.LOST
        if is_delete and _take(orders.ghosts, smartlock_id):
            return Fate.GHOST
        if is_create and _take(orders.phantoms, smartlock_id):
            return Fate.PHANTOM
        if self.world.happens(mix.lost_writes, f"lost:{smartlock_id}"):
            return Fate.LOST
        if is_delete and self.world.happens(mix.ghosts, f"ghost:{smartlock_id}"):
            return Fate.GHOST if self.world.chance(f"ghost:{smartlock_id}") < HALF else Fate.LOST
        if is_create and self.world.happens(mix.phantoms, f"phantom:{smartlock_id}"):
            return Fate.PHANTOM
        return Fate.CARRIED_OUT

    def take_unread(self, smartlock_id: int) -> bool:
        """Say whether the write that is being accepted stays out of the cloud's copy."""
        ordered = _take(self.world.orders.unread, smartlock_id)
        return ordered or self.world.happens(self.world.mix.unread_writes, f"unread:{smartlock_id}")

    def take_collision(self, smartlock_id: int) -> bool | None:
        """Return whether the cloud knows of the code made just before ours; None: no such code."""
        if _take(self.world.orders.known_collisions, smartlock_id):
            return True
        if _take(self.world.orders.unknown_collisions, smartlock_id):
            return False
        stream = f"collision:{smartlock_id}"
        if self.world.happens(self.world.mix.collisions, stream):
            return self.world.chance(stream) < HALF
        return None

    def take_break(self, smartlock_ids: set[int], *, is_write: bool) -> OrderedBreak | None:
        """Return how the connection of such a call is ordered to end."""
        for order in self.world.orders.breaks:
            fits = order.smartlock_id is None or order.smartlock_id in smartlock_ids
            if fits and (is_write or not order.writes_only):
                self.world.orders.breaks.remove(order)
                return order
        return None

    def take_answer(self, smartlock_ids: set[int], method: str) -> OrderedAnswer | None:
        """Return the answer ordered for such a call."""
        for order in self.world.orders.answers:
            fits = order.smartlock_id is None or order.smartlock_id in smartlock_ids
            if fits and order.method in {None, method}:
                self.world.orders.answers.remove(order)
                return order
        return None

    def take_delay(self) -> float:
        """Return the seconds that this call is kept waiting."""
        return self.world.orders.delays.pop(0) if self.world.orders.delays else 0.0

    def take_ignored_invite(self) -> bool:
        """Say whether the person who is asked now ignores the invite for good."""
        if self.world.orders.ignored_invites:
            self.world.orders.ignored_invites -= 1
            return True
        return self.world.happens(self.world.mix.invites_ignored, "invites")

    def take_log_fault(self, smartlock_id: int) -> OrderedLogFault:
        """Return what becomes of the log entry that is about to reach the cloud."""
        for order in self.world.orders.log_faults:
            if order.smartlock_id == smartlock_id:
                self.world.orders.log_faults.remove(order)
                return order
        stream = f"log:{smartlock_id}"
        if not self.world.happens(self.world.mix.odd_log_entries, stream):
            return OrderedLogFault(smartlock_id, LogFault.NONE)
        kinds = (LogFault.LATE, LogFault.MISSING, LogFault.ANONYMOUS)
        drawn = kinds[int(self.world.chance(stream) * len(kinds))]
        return OrderedLogFault(smartlock_id, drawn, self.world.chance(stream) * LATEST_SECONDS)

    def take_webhook(self, receiver_id: int, body: str) -> list[tuple[float, HeldWebhook]]:
        """Return what is sent now that this webhook is to be: extra seconds, and the webhook itself."""
        one, orders = HeldWebhook(receiver_id, body), self.world.orders
        if orders.webhooks_silenced:
            return []
        if orders.webhooks_lost:
            orders.webhooks_lost -= 1
            return []
        if orders.webhooks_to_reverse:
            return self._hold(one)
        if orders.webhooks_doubled:
            orders.webhooks_doubled -= 1
            return [(0.0, one), (0.0, one)]
        if orders.webhooks_late:
            return [(orders.webhooks_late.pop(0), one)]
        return [(seconds, one) for seconds in self._drawn_webhook(receiver_id)]

    def _hold(self, one: HeldWebhook) -> list[tuple[float, HeldWebhook]]:
        orders = self.world.orders
        orders.webhooks_held.append(one)
        if len(orders.webhooks_held) < orders.webhooks_to_reverse:
            return []
        held, orders.webhooks_held, orders.webhooks_to_reverse = orders.webhooks_held, [], 0
        return [(0.0, waiting) for waiting in reversed(held)]

    def _drawn_webhook(self, receiver_id: int) -> list[float]:
        mix, happens = self.world.mix, self.world.happens
        stream = f"webhook:{receiver_id}"
        if happens(mix.webhooks_lost, stream):
            return []
        if happens(mix.webhooks_doubled, stream):
            return [0.0, 0.0]
        if happens(mix.webhooks_late, stream):
            return [self.world.chance(stream) * LATEST_SECONDS]
        if happens(mix.webhooks_overtaken, stream):
            return [self.world.chance(stream) * OVERTAKEN_SECONDS]
        return [0.0]

    def _break(self, lock: Lock | int | None, wire: Wire, *, carried_out: bool, writes_only: bool) -> None:
        smartlock_id = None if lock is None else number(lock)
        self.world.orders.breaks.append(OrderedBreak(smartlock_id, wire, carried_out, writes_only))

    def _stand_in(self, lock: Lock | int | None, method: str | None, status: int, stand: Stand) -> None:
        smartlock_id = None if lock is None else number(lock)
        self.world.orders.answers.append(OrderedAnswer(smartlock_id, method, status, None, stand))


def number(lock: Lock | int) -> int:
    """Return the lock's smartlockId."""
    return lock if isinstance(lock, int) else lock.smartlock_id


def _take(orders: list[int], smartlock_id: int) -> bool:
    if smartlock_id not in orders:
        return False
    orders.remove(smartlock_id)
    return True
