"""The recipe that everybody writes first: create, wait, list, find by name, update, and believe it.

One code after another on a lock, and the locks of an account by some workers. Nothing is proven at the end.
"""

import heapq
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from bench import street
from bench.street import Case, Code, Doors
from config.rehearsal.line import Carried, Line
from nuki_gateway import codes as keypad
from nuki_gateway import errors, transport
from nuki_gateway.client import NukiClient
from nuki_gateway.models import KeypadEntry, Window
from nuki_gateway.simulator import Simulator

WORKERS = 10  # of an account
WAIT = 5.0  # seconds before a list: a write takes 4, and the cloud lists it 0.5 to 2 later
MOST_LISTS = 3  # programs are said to poll for some 16 s; then the code is given up
ALWAYS = Window(None, None)
DURING_THE_STAY = Window(street.FROM, street.UNTIL)

Worker = Iterator[float]  # what one does, with the seconds between: until when it waits


@dataclass(frozen=True)
class Result:
    """What the recipe took until it was done by its own belief, and what is on the doors by it."""

    makespan: float  # virtual seconds
    calls: dict[str, int]  # by kind
    doors: Doors


def play(case: Case) -> Result:
    """Put all codes on all locks by the recipe."""
    clock = street.Instant(street.START)
    made = street.simulator(case, clock.turned)
    calls: Counter[str] = Counter()

    def count(carried: Carried) -> None:
        calls[street.kind_of(carried.request)] += 1

    line = Line(made, clock, before=lambda _request: None, after=count)
    codes = _codes(case, list(made.world.locks))
    with transport.carried_by(lambda: line):
        _work_off(
            [worker for token, locks in _by_token(made) for worker in _workers(token, locks, codes)], clock
        )
    makespan = clock.monotonic()
    made.settle()
    doors = street.try_doors(made, clock.turned, [code for on_lock in codes.values() for code in on_lock])
    return Result(makespan, dict(calls), doors)


def _codes(case: Case, locks: list[int]) -> dict[int, list[Code]]:
    chance = random.Random(1)  # noqa: S311  it is to be foreseen
    return {lock: [Code(lock, code) for code in _differing(case.codes, chance)] for lock in locks}


def _differing(count: int, chance: random.Random) -> set[str]:
    found: set[str] = set()
    while len(found) < count:
        code = "9" + "".join(chance.choices(keypad.DIGITS, k=keypad.CODE_LENGTH - 1))
        found.add(keypad.check(code))
    return found


def _by_token(made: Simulator) -> Iterator[tuple[str, list[int]]]:
    for account in made.world.accounts:
        locks = made.world.locks.values()
        yield account.token, [lock.smartlock_id for lock in locks if lock.account_id == account.account_id]


def _workers(token: str, locks: list[int], codes: dict[int, list[Code]]) -> list[Worker]:
    """They take the next lock of the account when they are done with one."""
    client, waiting = NukiClient(street.API, token), iter(locks)
    return [_worker(client, waiting, codes) for _ in range(WORKERS)]


def _worker(client: NukiClient, waiting: Iterator[int], codes: dict[int, list[Code]]) -> Worker:
    for lock in waiting:
        for number, code in enumerate(codes[lock]):
            yield from _put(client, code, name=f"Guest {number}")


def _put(client: NukiClient, code: Code, *, name: str) -> Worker:
    client.create_keypad_code(code.smartlock_id, KeypadEntry(name, code.code, ALWAYS))
    for _ in range(MOST_LISTS):
        yield WAIT
        listed = client.keypad_codes(code.smartlock_id)
        found = next((entry for entry in listed if entry.name == name), None)
        if found is None:
            continue
        with suppress(errors.NukiBusy):  # the next list shows whether it is still to be done
            during = KeypadEntry(name, code.code, DURING_THE_STAY)
            client.update_keypad_code(code.smartlock_id, found.id, during)
            return


def _work_off(workers: list[Worker], clock: street.Instant) -> None:
    """Let all of them work at once, until the last has nothing left to do."""
    due = [(0.0, number) for number in range(len(workers))]
    while due:
        at, number = heapq.heappop(due)
        clock.turned.turn(seconds=max(0.0, at - clock.monotonic()))
        wait = next(workers[number], None)
        if wait is not None:
            heapq.heappush(due, (clock.monotonic() + wait, number))
