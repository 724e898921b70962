"""The locks of a makespan: how many, how slow, what goes wrong, and what opens at their doors at the end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from config.rehearsal.times import StageClock
from nuki_gateway.simulator import Mix, Simulator, Timings, TurnedClock
from nuki_gateway.simulator.answers import Request
from nuki_gateway.simulator.api import LOCK_PATH
from nuki_gateway.simulator.world import ALL_SCOPES

API = "http://127.0.0.1:1"  # nobody is there: calls are carried within the process
START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
FROM, UNTIL = START + timedelta(hours=6), START + timedelta(hours=24)  # of every stay
TIMINGS = Timings(operation_seconds=4.0)
ROUND = timedelta(minutes=2)  # between two codes at one keypad, which pauses after wrong ones
SETTINGS = {
    "no faults": Mix.NONE,
    "2 % of writes lost": Mix(name="losses", lost_writes=0.02),
    "no webhooks": Mix.NONE,
}


@dataclass(frozen=True)
class Case:
    """One run: a setting by its name, and how many of what."""

    setting: str
    accounts: int
    locks: int
    codes: int  # on each lock

    @property
    def all_codes(self) -> int:
        """How many codes are to be confirmed."""
        return self.locks * self.codes

    @property
    def writing(self) -> float:
        """Seconds that a lock needs for its codes: it carries out one write after another."""
        return self.codes * TIMINGS.operation_seconds

    @property
    def reading(self) -> float:
        """Seconds for reading a lock back once, without which nothing proves what is on it."""
        return TIMINGS.sync_seconds

    @property
    def bound(self) -> float:
        """Seconds below which nobody can be, as all locks work at once."""
        return self.writing + self.reading


@dataclass(frozen=True)
class Code:
    """What should open one door during the stay, and at no other time."""

    smartlock_id: int
    code: str


@dataclass(frozen=True)
class Doors:
    """What came of typing every code at its door."""

    shut: int  # did not open during the stay
    early: int  # opened before it


class Instant(StageClock):
    """Time for many workers in one thread: their calls and naps take none, or it would be added up."""

    def sleep(self, seconds: float) -> None:
        """Not at all."""


def simulator(case: Case, clock: TurnedClock) -> Simulator:
    """Nuki Web with the locks of all accounts; its tokens are `tokens`."""
    made = Simulator(clock=clock, timings=TIMINGS, seed=1)
    for number, token in enumerate(tokens(case)):
        account = made.add_account(name=f"Host {number}", token=token, scopes=ALL_SCOPES)
        for door in range(case.locks // case.accounts + (number < case.locks % case.accounts)):
            made.add_lock(account, name=f"Door {door}", keypad="keypad2")
    made.mix = SETTINGS[case.setting]
    if case.setting == "no webhooks":
        made.script.silence_webhooks()
    return made


def tokens(case: Case) -> list[str]:
    """One for each account."""
    return [f"token-{number}" for number in range(case.accounts)]


def try_doors(made: Simulator, clock: TurnedClock, codes: Sequence[Code]) -> Doors:
    """Type every code before the stays and during them."""
    made.deliver = lambda _post: 204  # nobody listens any more
    before = _opened(made, clock, codes, FROM - timedelta(hours=2))
    during = _opened(made, clock, codes, FROM + timedelta(hours=2))
    return Doors(shut=len(codes) - during, early=before)


def _opened(made: Simulator, clock: TurnedClock, codes: Sequence[Code], begins: datetime) -> int:
    """How many doors open from then on, when at each of them one code after another is typed."""
    clock.turn_to(max(begins, clock.now()))
    waiting, opened = list(codes), 0
    while waiting:
        at_once = {one.smartlock_id: one for one in reversed(waiting)}
        opened += sum(made.type_code(one.smartlock_id, one.code).opened for one in at_once.values())
        waiting = [one for one in waiting if at_once[one.smartlock_id] is not one]
        clock.turn(seconds=ROUND.total_seconds())
    return opened


def kind_of(request: Request) -> str:
    """A call without its numbers."""
    found = LOCK_PATH.fullmatch(request.path)
    if found is None:
        return f"{request.method} {request.path}"
    last = "/…" if found.group(2) and found.group(3) else found.group(3) or ""
    return f"{request.method} /smartlock/…{found.group(2) or ''}{last}"
