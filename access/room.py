"""Who gets the places that a smart lock has for codes: the nearest arrivals, as many as fit; the others wait.

No code that somebody has is ever removed to make a place for another one: ours go when they are over, others'
are not touched. Backup codes that nobody has yet give way, and none is put on a lock that is nearly full.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from access import backoff, capacity, queries, spares
from access.lifecycle import PATIENCE, Step
from access.looks import Look, record, record_problem
from access.models import Grant, GrantKind, Problem
from nuki_gateway.models import AuthorizationType
from properties.models import SmartLock

AFTER_A_SYNC = timedelta(seconds=30)  # copies lag so long; then the list says how full the lock really is


def with_those_that_wait(look: Look, due: list[Grant]) -> list[Grant]:
    """What is due here, and what waits for a place here, in the order in which it is done.

    So whoever frees a place, and whenever that is seen, the nearest arrival gets it.
    """
    known = {grant.pk for grant in due}
    waiting = [grant for grant in queries.waiting_for_room(look.lock) if grant.pk not in known]
    return queries.in_order([*due, *waiting], look.now) if waiting else due


def look_soon(lock: SmartLock, *, now: datetime) -> None:
    """Something is being removed: see before long whether that leaves a place."""
    soon = now + AFTER_A_SYNC
    queries.waiting_for_room(lock).filter(due_at__gt=soon).update(due_at=soon)


@dataclass
class Room:
    """The free places on one lock, as one look sees and takes them."""

    look: Look
    _free: int | None = None
    _read_again_at: datetime | None = None

    def has_place(self, grant: Grant) -> bool:
        """Whether this code fits. A backup code leaves places for guests."""
        if self._free is None:
            self._free = self._free_at_first()
        return self._free > (capacity.KEPT_FOR_GUESTS if grant.stay_id is None else 0)

    def take_place(self) -> None:
        """A code was sent, and is not listed yet."""
        self._free = max(0, (self._free or 0) - 1)

    def wait(self, grant: Grant) -> None:
        """Leave a grant until there is room. All of a lock wait for the same next reading of it.

        A backup code is given up instead, and those that are there make room for a guest's.
        """
        if grant.stay_id is None:
            spares.give_up(grant=grant, now=self.look.now)
            return
        if spares.make_room(lock=self.look.lock, now=self.look.now):
            self._read_again_at = self.look.now + AFTER_A_SYNC
        if self._read_again_at is None:
            self._read_again_at = self._next_reading(grant)
        due_at = min(self._read_again_at, grant.allowed_until)
        if grant.problem == Problem.NO_ROOM:
            record(grant, due_at=due_at, attempts=0)
        else:
            now, problem = self.look.now, Problem.NO_ROOM
            record_problem(grant, now=now, due_at=due_at, attempts=0, problem=problem)

    def _free_at_first(self) -> int:
        lock = self.look.lock
        codes = Grant.objects.filter(smart_lock=lock, closed_at=None, kind=GrantKind.KEYPAD_CODE)
        sent = codes.filter(asked_step=Step.PUSH, confirmed_at=None)
        if lock.is_online:  # else what was sent may still be delivered, however long ago that was
            sent = sent.filter(asked_at__gt=self.look.now - PATIENCE)
        on_their_way = sum(self.look.find(grant) is None for grant in sent)
        return capacity.free_places(
            device_type=lock.device_type,
            listed=sum(entry.type == AuthorizationType.KEYPAD_CODE for entry in self.look.listed),
            on_their_way=on_their_way,
        )

    def _next_reading(self, nearest: Grant) -> datetime:
        """Read a lock whose list is full once more after a sync, as the list may be old; then ever again."""
        look, sync = self.look, self.look.sync
        span = backoff.spread(capacity.next_look(until_arrival=nearest.allowed_from - look.now))
        if not look.lock.is_online:
            return look.now + span
        if sync is None or look.now >= sync.asked_at + capacity.SOONEST_LOOK:
            look.wants_sync_after.append(look.now)
            return look.now + AFTER_A_SYNC
        return look.now + span
