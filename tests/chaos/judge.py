"""What is wrong, judged on the simulated locks and the mailbox alone. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

OURS = "KT-"  # begins each label of ours
AROUND = timedelta(
    seconds=5
)  # how near a fault has to be to a letter, to have parted handing over from recording


@dataclass(frozen=True)
class Wanted:
    """What one stay is to have: one code for its window on each of its doors, and a guest who knows it."""

    serial: int
    doors: tuple[str, ...]
    allowed_from: datetime
    allowed_until: datetime
    address: str
    code: str = ""  # where the host chose it; else it was drawn
    stay_id: int = 0

    def __str__(self) -> str:
        span = f"{self.allowed_from:%d %b %H:%M:%S} to {self.allowed_until:%d %b %H:%M:%S}"
        return f"stay {self.stay_id} of {self.address}, {span}, on {' and '.join(self.doors)}"


@dataclass(frozen=True)
class Held:
    """One keypad code that a lock really has."""

    name: str
    code: str
    allowed_from: datetime | None = None
    allowed_until: datetime | None = None
    is_enabled: bool = True


Locks = Mapping[str, Sequence[Held]]  # by the lock's name


@dataclass(frozen=True)
class Wrong:
    """One thing that is not as it is to be."""

    what: str
    wanted: Wanted | None = None
    door: str = ""
    held: tuple[Held, ...] = ()

    def __str__(self) -> str:
        return " · ".join(str(part) for part in (self.what, self.door, self.wanted or "") if part)


def on_the_locks(wanted: Sequence[Wanted], locks: Locks, *, foreign: Locks) -> list[Wrong]:
    """What is missing, doubled, left over or touched; `foreign` is what others had put there before."""
    return [
        *(wrong for door in locks for wrong in _on_one(door, wanted, locks[door], foreign[door])),
        *(wrong for one in wanted for wrong in _codes_of(one, locks)),
    ]


def _on_one(
    door: str, wanted: Sequence[Wanted], all_held: Sequence[Held], foreign: Sequence[Held]
) -> Iterator[Wrong]:
    ours = [held for held in all_held if held.name.startswith(OURS)]
    by_window: dict[tuple[datetime | None, datetime | None], list[Held]] = {}
    for held in ours:
        by_window.setdefault((held.allowed_from, held.allowed_until), []).append(held)
    for one in wanted:
        if door not in one.doors:
            continue
        found = by_window.pop((one.allowed_from, one.allowed_until), [])
        if not found:
            yield Wrong("missing", one, door)
        elif len(found) > 1:
            yield Wrong(f"there {len(found)} times", one, door, tuple(found))
        elif not found[0].is_enabled:
            yield Wrong("disabled", one, door, tuple(found))
    for left_over in by_window.values():
        yield Wrong("wanted by nobody", None, door, tuple(left_over))
    yield from _of_others(door, all_held, foreign)


def _of_others(door: str, all_held: Sequence[Held], foreign: Sequence[Held]) -> Iterator[Wrong]:
    others = Counter(held for held in all_held if not held.name.startswith(OURS))
    if others != Counter(foreign):
        yield Wrong("codes of others were touched", None, door, tuple(others))
    for code, times in Counter(held.code for held in all_held).items():
        if times > 1:
            yield Wrong(f"one code {times} times", None, door, tuple(h for h in all_held if h.code == code))


def _codes_of(one: Wanted, locks: Locks) -> Iterator[Wrong]:
    codes = codes_of(one, locks)
    if len(codes) > 1:
        yield Wrong("another code on each door", one)
    elif one.code and codes and codes != {one.code}:
        yield Wrong("not the code that the host chose", one)


def codes_of(one: Wanted, locks: Locks) -> set[str]:
    """The codes that its doors take in its window."""
    window = (one.allowed_from, one.allowed_until)
    return {
        held.code
        for door in one.doors
        for held in locks.get(door, ())
        if held.name.startswith(OURS) and (held.allowed_from, held.allowed_until) == window
    }


@dataclass(frozen=True)
class Letter:
    """A message that arrived, as its reader sees it."""

    arrived_at: datetime
    address: str
    message_id: str
    stay: str  # the calendar entry's uid
    revision: int
    code: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Disturbance:
    """When somebody was hit who hands letters over, takes them or records it, and when that was over."""

    began_at: datetime
    ended_at: datetime


def in_the_mail(letters: Sequence[Letter], disturbances: Sequence[Disturbance]) -> tuple[list[str], int]:
    """What is wrong with the letters, and how many came again with good reason.

    One for each revision of a stay. A second one needs a fault between handing over and recording, and has
    the same Message-ID, so that mail programs show it once.
    """
    wrong: list[str] = []
    again = 0
    of_revision: dict[tuple[str, int], list[Letter]] = {}
    for letter in sorted(letters, key=lambda each: each.arrived_at):
        of_revision.setdefault((letter.stay, letter.revision), []).append(letter)
    for (stay, revision), same in of_revision.items():
        if len({letter.message_id for letter in same}) > 1:
            wrong.append(f"{stay}, revision {revision}: letters with several Message-IDs")
        for letter in same[:-1]:
            if any(_parts(disturbance, letter.arrived_at) for disturbance in disturbances):
                again += 1
            else:
                wrong.append(f"{stay}, revision {revision}: told again, and nothing had happened")
    return wrong, again


def _parts(disturbance: Disturbance, at: datetime) -> bool:
    return disturbance.began_at - AROUND <= at <= disturbance.ended_at + AROUND


def untold(wanted: Sequence[Wanted], letters: Sequence[Letter], locks: Locks) -> list[Wrong]:
    """Guests whose last letter does not tell the code and the times that hold."""
    last: dict[str, Letter] = {}
    for letter in letters:
        known = last.get(letter.address)
        if known is None or (known.revision, known.arrived_at) < (letter.revision, letter.arrived_at):
            last[letter.address] = letter
    return [Wrong(why, one) for one in wanted if (why := _why_untold(one, last.get(one.address), locks))]


def _why_untold(one: Wanted, letter: Letter | None, locks: Locks) -> str:
    if letter is None:
        return "guest told nothing"
    if (letter.starts_at, letter.ends_at) != (one.allowed_from, one.allowed_until):
        return "guest told other times"
    if {letter.code} != codes_of(one, locks):
        return "guest told another code"
    return ""
