"""The judge of these tests: what the locks themselves say of a stay, and never our own tables."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.core import mail

from access.models import GrantKind, Message, MessageKind, Stay
from nuki_gateway.simulator import KeypadReason, Simulator
from nuki_gateway.simulator.authorization import judge
from properties.queries import way_into
from tests.timeline import Timeline
from tests.worlds import Business, code_of, writes

DOORS = ("Front door", "Flat 1")  # the way into Flat 1
SOON = timedelta(minutes=15)  # in which all has to be right again, once a fault is over
A_DAY = timedelta(days=1)
CLOCK_ERROR = timedelta(minutes=2)  # by which the clock of a lock may be off


@dataclass(frozen=True)
class Letter:
    """A message that left, and which of the guest's doors would not have taken the code then."""

    at: datetime
    stay_id: int
    shut: tuple[str, ...]


@dataclass
class Watch(Timeline):
    """A timeline that looks at the locks whenever a letter leaves."""

    letters: list[Letter] = field(default_factory=list)  # those with a code
    cancellations: list[int] = field(default_factory=list)  # of stays: letters that say so

    def send(self, message_id: int) -> None:
        """Send as always; a letter that left is kept with what the locks held at that moment."""
        before = len(mail.outbox)
        super().send(message_id)
        if len(mail.outbox) == before:
            return
        message = Message.objects.select_related("stay__unit").get(pk=message_id)
        stay = message.stay
        if message.kind == MessageKind.STAY_CANCELLED:
            assert stay.cancelled_at is not None
            assert stay.pk not in self.cancellations
            self.cancellations.append(stay.pk)
        else:
            assert stay.cancelled_at is None
            self.letters.append(Letter(self.now, stay.pk, self._shut(stay)))

    def _shut(self, stay: Stay) -> tuple[str, ...]:
        at = max(self.now, stay.starts_at + CLOCK_ERROR)
        by_app = set(
            stay.grants.filter(kind=GrantKind.APP_INVITE, closed_at=None).values_list("door", flat=True)
        )
        doors = [(door, door.smart_lock) for door in way_into(stay.unit)]
        by_code = [(door, lock) for door, lock in doors if lock is not None and door.pk not in by_app]
        code = code_of(stay) if by_code else ""
        invited = {one.smartlock_id for one in self.simulator.invites}
        return tuple(
            door.name
            for door, lock in doors
            if lock is not None
            and not (
                would_open(self.simulator, lock.smartlock_id, code, at=at)
                if (door, lock) in by_code
                else lock.smartlock_id in invited
            )
        )


@dataclass(frozen=True)
class Life:
    """How a stay went by on its locks."""

    letters: int = 1
    told_in_vain: int = 0  # letters that left while the code did not open every door
    opened: tuple[bool, ...] = (True, True)  # a quarter of an hour after the fault was over
    others: tuple[int, ...] = (0, 0)  # codes beside the guest's one, on each door
    writes_of_a_day: int = 0  # in the day after that
    opened_after: tuple[bool, ...] = (False, False)  # a quarter of an hour after the end
    left_over: tuple[int, ...] = (0, 0)  # codes on each door then


A_GOOD_LIFE = Life()


def live_through(alice: Business, timeline: Watch, stay: Stay) -> Life:
    """Let a stay in Flat 1 that has begun go by, for two days at most, and judge it at its doors."""
    timeline.pass_time(SOON)
    code = code_of(stay)
    opened = tuple(alice.opens(door, code) for door in DOORS)
    held = [alice.codes_on(door) for door in DOORS]
    written = writes(alice.simulator).total()
    timeline.pass_time(A_DAY)
    written_then = writes(alice.simulator).total()
    timeline.pass_time(stay.ends_at + SOON - timeline.now)
    letters = [letter for letter in timeline.letters if letter.stay_id == stay.pk]
    return Life(
        letters=len(letters),
        told_in_vain=sum(bool(letter.shut) for letter in letters),
        opened=opened,
        others=tuple(len(codes) - codes.count(code) for codes in held),
        writes_of_a_day=written_then - written,
        opened_after=tuple(alice.opens(door, code) for door in DOORS),
        left_over=tuple(len(alice.codes_on(door)) for door in DOORS),
    )


def would_open(simulator: Simulator, smartlock_id: int, code: str, *, at: datetime) -> bool:
    """Whether the lock, as it is now, would take the code at that moment. Leaves no trace in its log."""
    device = simulator.engine.lock(smartlock_id).device
    if device.keypad is None or device.state.keypad_battery_empty:
        return False
    return any(
        one.code == code and judge(one, at=device.clock(at), zone=device.zone()) is KeypadReason.OPEN
        for one in simulator.codes_on(smartlock_id)
    )
