"""Would this guest get in? From what is known of each door on the way, and of the message. Pure.

A keypad needs no network: a door whose code was confirmed opens, whether or not Nuki reaches its lock.

    lock, keypad and code              near     later       the verdict on a door
    gone, no keypad, takes no code     SHUT     SHUT
    confirmed, all is well             OPENS    OPENS
    confirmed, something is weak       WEAK     WEAK        it opens for now
    late, or out of reach              SHUT     DOUBTFUL    there is time to help
    on its way                         ON_ITS_WAY
    planned                            PLANNED

A stay has the worst verdict of its doors; one without a door is shut out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Code(StrEnum):
    """How far the guest's code is at one door."""

    CONFIRMED = "confirmed"  # read from the lock itself, with the window that is wanted now
    ON_ITS_WAY = "on its way"
    LATE = "late"
    PLANNED = "planned"
    BLOCKED = "blocked"  # it waits for a person


class Told(StrEnum):
    """What became of the message with the code."""

    SENT = "sent"
    RETURNED = "returned"  # the address takes no mail
    WAITING = "waiting"  # written, and not due or just being sent
    LATE = "late"
    NOT_YET = "not yet"  # it is written once every door is ready


class Verdict(StrEnum):
    """Whether the guest gets in: the worst first."""

    SHUT = "shut"
    DOUBTFUL = "doubtful"
    UNTOLD = "untold"
    WEAK = "weak"
    ON_ITS_WAY = "on its way"
    PLANNED = "planned"
    OPENS = "opens"


WORST_FIRST = list(Verdict)
NEEDS_SOMEBODY = frozenset({Verdict.SHUT, Verdict.DOUBTFUL, Verdict.UNTOLD})


@dataclass(frozen=True)
class DoorFacts:
    """What is known of one door on the way in."""

    code: Code
    is_listed: bool = True  # the lock is in its Nuki account
    has_keypad: bool = True  # or needs none, as the app opens it
    is_online: bool = True
    battery_is_low: bool = False
    keypad_battery_is_low: bool = False
    is_subscribed: bool = True

    @property
    def is_well(self) -> bool:
        """Whether nothing about the lock is worth a look."""
        is_weak = self.battery_is_low or self.keypad_battery_is_low
        return self.is_online and self.is_subscribed and not is_weak


def at_door(facts: DoorFacts, *, is_near: bool) -> Verdict:
    """The verdict on one door, from the table above. `is_near`: there already, or arriving within a day."""
    if facts.code is Code.BLOCKED or not facts.is_listed or not facts.has_keypad:
        return Verdict.SHUT
    if facts.code is Code.CONFIRMED:
        return Verdict.OPENS if facts.is_well else Verdict.WEAK
    if facts.code is Code.LATE or not facts.is_online:
        return Verdict.SHUT if is_near else Verdict.DOUBTFUL
    return Verdict.ON_ITS_WAY if facts.code is Code.ON_ITS_WAY else Verdict.PLANNED


def of_stay(doors: Iterable[Verdict], told: Told) -> Verdict:
    """The verdict on a stay: who does not know the code stands before a door that would open."""
    found = list(doors)
    if not found:
        return Verdict.SHUT
    untold = [Verdict.UNTOLD] if told in {Told.LATE, Told.RETURNED} else []
    return worst([*found, *untold])


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The one that decides."""
    return min(verdicts, key=WORST_FIRST.index)
