"""What happened in one unit: its stays one after another with all that belongs to them, as lines for COPY."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from access.codes import LABEL_LENGTH, LABEL_LETTERS
from access.lifecycle import HORIZON, Step
from access.log_entries import ActivityKind, Means
from access.models import AuditKind, GrantKind, MessageKind, Problem
from config.sample import people
from config.sample.days import Days, Moment
from config.sample.people import Code
from properties import wall_clock

NULL = r"\N"
SEPARATOR = "\t"
COMING_SHARE, MOST_COMING = 0.12, 60  # of a unit's stays; nobody books further ahead
CODES_OF_A_UNIT = 101  # so that no two flats of a house have the same at one time
CANCELLED = 0.04  # of all stays
LATE = 0.01  # of the codes that are to be on the doors by now
GUESTS_COME_AGAIN = 4  # each fourth stay is of the guest before
HALF_A_DAY = timedelta(hours=12)  # a sample is looked at soon after it was made
A_MINUTE = timedelta(minutes=1)
THEIRS = ((ActivityKind.OPENED, Means.KEYPAD), (ActivityKind.OPENED, Means.KEYPAD))
NOBODYS = (
    (ActivityKind.LOCKED, Means.BY_HAND),
    (ActivityKind.DOOR_OPENED, Means.UNKNOWN),
    (ActivityKind.CODE_REFUSED, Means.KEYPAD),
)
STORY = (*THEIRS, *NOBODYS)  # what follows on what, again and again

TABLES: dict[str, tuple[str, ...]] = {
    "access_guest": ("id", "organization_id", "name", "email", "language"),
    "access_stay": (
        *("id", "organization_id", "unit_id", "guest_id", "starts_at", "ends_at", "starts_on_the_wall"),
        *("ends_on_the_wall", "zone_rules", "revision", "booked_at", "booked_by_id", "cancelled_at"),
    ),
    "access_grant": (
        *("id", "organization_id", "stay_id", "smart_lock_id", "door_id", "position", "kind", "label"),
        *("is_wanted", "code", "code_digest", "allowed_from", "allowed_until", "generation", "asked_at"),
        *("asked_step", "asked_generation", "authorization_id", "seen_at", "accepted_at", "listed_at"),
        *("confirmed_at", "problem", "due_at", "attempts", "closed_at"),
    ),
    "access_message": (
        *("id", "organization_id", "stay_id", "kind", "revision", "written_at", "attempts", "sent_at"),
        "sent_to",
    ),
    "access_auditentry": (
        *("id", "organization_id", "kind", "at", "by_id", "stay_id", "grant_id", "step", "answer"),
    ),
    "access_activity": (
        *("id", "organization_id", "smart_lock_id", "source", "happened_at", "recorded_at", "kind", "means"),
        *("authorization_id", "name", "grant_id"),
    ),
}


@dataclass(frozen=True)
class OnTheWayIn:
    """A door with its lock."""

    door_id: int
    lock_id: int


@dataclass(frozen=True)
class Place:
    """A unit, what is known of it, and how much is to happen in it."""

    organization_id: int
    unit_id: int
    number: int  # among the units of the business
    in_house: int  # among those of its house
    way_in: Sequence[OnTheWayIn]
    booked_by: int
    stays: int
    events: int


@dataclass
class Lines:
    """Rows of all tables, and the number of the last row of each."""

    last: dict[str, int]
    rows: dict[str, list[str]] = field(default_factory=lambda: {table: [] for table in TABLES})

    def add(self, table: str, *values: object) -> int:
        """Add a row; returns its number."""
        number = self.last[table] = self.last[table] + 1
        self.rows[table].append(SEPARATOR.join(map(str, (number, *values))))
        return number


@dataclass(frozen=True)
class _Span:
    """When a stay is, in days from today."""

    first: int
    last: int


@dataclass(frozen=True)
class _Booked:
    """One stay, and what becomes of its codes."""

    number: int  # of the stay in its unit
    key: int
    starts: Moment
    ends: Moment
    is_cancelled: bool
    is_over: bool
    pushed_at: str  # NULL while it is too early, or where it was cancelled
    is_late: bool  # its codes were sent, and are not on the locks

    @property
    def is_on_the_doors(self) -> bool:
        """Whether its codes are on the locks, or were."""
        return self.pushed_at != NULL and not self.is_late


@dataclass(frozen=True)
class _Past:
    """A stay that has begun, for what happened while it lasted."""

    starts_at: datetime
    ends_at: datetime
    grants: Sequence[int]


class Teller:
    """Tells the stories of units: the same for the same seed, whoever asks and when."""

    def __init__(self, *, seed: int, days: Days, token: str, codes: Sequence[Code]) -> None:
        self._seed = seed
        self._days = days
        self._token = token
        self._codes = codes

    def tell(self, place: Place, domain: str, lines: Lines) -> None:
        """Add everything that happened in a unit."""
        chance = random.Random(f"{self._seed}/{domain}/{place.number}")  # noqa: S311  it is to be foreseen
        begun: list[_Past] = []
        guest, address = 0, ""
        for number, span in enumerate(_spans(place.stays, chance)):
            if number % GUESTS_COME_AGAIN != GUESTS_COME_AGAIN - 1:
                guest, address = self._guest(place, number, lines)
            stay = self._stay(place, span, number=number, guest=guest, chance=chance, lines=lines)
            grants = [self._grant(place, position, stay, lines) for position in range(len(place.way_in))]
            if stay.is_on_the_doors:
                self._told(place, stay, address, lines)
            if stay.starts.at < self._days.moment and stay.is_on_the_doors:
                begun.append(_Past(stay.starts.at, min(stay.ends.at, self._days.moment), grants))
        self._happened(place, begun, lines)

    def _guest(self, place: Place, number: int, lines: Lines) -> tuple[int, str]:
        who = people.person(place.number * 10_007 + number)
        row = (place.organization_id, who.name, who.email, "en")
        return lines.add("access_guest", *row), who.email

    def _stay(
        self, place: Place, span: _Span, *, number: int, guest: int, chance: random.Random, lines: Lines
    ) -> _Booked:
        starts, ends = self._days.arrival(span.first), self._days.departure(span.last)
        booked = self._days.departure(min(span.first - 4, -1) - int(chance.random() * 60)).text
        is_cancelled, is_late = chance.random() < CANCELLED, chance.random() < LATE
        key = lines.add(
            "access_stay",
            *(place.organization_id, place.unit_id, guest, starts.text, ends.text),
            *(starts.on_the_wall, ends.on_the_wall, wall_clock.RULES, 2 if is_cancelled else 1),
            *(booked, place.booked_by, booked if is_cancelled else NULL),
        )
        kinds = [AuditKind.STAY_BOOKED, AuditKind.STAY_CANCELLED] if is_cancelled else [AuditKind.STAY_BOOKED]
        for kind in kinds:
            self._audit(lines, place, kind, booked, key, by=place.booked_by)
        is_over, push_at = ends.at <= self._days.moment, starts.at - HORIZON
        is_pushed = not is_cancelled and push_at <= self._days.moment + HALF_A_DAY
        return _Booked(
            number=number,
            key=key,
            starts=starts,
            ends=ends,
            is_cancelled=is_cancelled,
            is_over=is_over,
            pushed_at=min(push_at, self._days.moment - A_MINUTE).isoformat() if is_pushed else NULL,
            is_late=is_late and not is_over,
        )

    def _grant(self, place: Place, position: int, stay: _Booked, lines: Lines) -> int:
        """The one on the door at this position, counted from nought."""
        door, key = place.way_in[position], lines.last["access_grant"] + 1
        number = place.in_house * CODES_OF_A_UNIT + stay.number % CODES_OF_A_UNIT
        code = self._codes[number % len(self._codes)]
        is_pushed = stay.pushed_at != NULL
        seen_at = stay.pushed_at if stay.is_on_the_doors else NULL
        closed_at = stay.ends.text if stay.is_over or stay.is_cancelled else NULL
        lines.add(
            "access_grant",
            *(place.organization_id, stay.key, door.lock_id, door.door_id, position + 1),
            *(GrantKind.KEYPAD_CODE, self._label(key), "f" if stay.is_cancelled else "t"),
            *(code.encrypted, code.digest, stay.starts.text, stay.ends.text, 2 if stay.is_cancelled else 1),
            *(stay.pushed_at, Step.PUSH if is_pushed else "", 1 if is_pushed else 0),
            *(f"{key:024x}" if stay.is_on_the_doors else "", seen_at, stay.pushed_at, seen_at, seen_at),
            *(Problem.CODE_TAKEN if is_pushed and stay.is_late and position == 0 else "", _due(stay)),
            *(0, closed_at),
        )
        if stay.is_on_the_doors:
            self._audit(lines, place, AuditKind.CONFIRMED, stay.pushed_at, stay.key, grant=key)
        if closed_at != NULL:
            self._audit(lines, place, AuditKind.CLOSED, closed_at, stay.key, grant=key)
        return key

    def _told(self, place: Place, stay: _Booked, address: str, lines: Lines) -> None:
        at = stay.pushed_at
        row = (place.organization_id, stay.key, MessageKind.ACCESS_READY, 1, at, 0, at, address)
        lines.add("access_message", *row)
        self._audit(lines, place, AuditKind.MESSAGE_SENT, at, stay.key)

    @staticmethod
    def _audit(
        lines: Lines,
        place: Place,
        kind: AuditKind,
        at: str,
        stay: int,
        *,
        by: int | str = NULL,
        grant: int | str = NULL,
    ) -> None:
        lines.add("access_auditentry", place.organization_id, kind, at, by, stay, grant, "", "")

    def _happened(self, place: Place, begun: Sequence[_Past], lines: Lines) -> None:
        """Spread what happened over the stays that have begun; without any, over the last days."""
        spans = begun or [_Past(self._days.arrival(-10).at, self._days.arrival(-1).at, ())]
        for index, past in enumerate(spans):
            events = place.events * (index + 1) // len(spans) - place.events * index // len(spans)
            every = (past.ends_at - past.starts_at) / (events + 1)
            for number in range(events):
                self._event(place, past, number, past.starts_at + every * (number + 1), lines)

    @staticmethod
    def _event(place: Place, past: _Past, number: int, at: datetime, lines: Lines) -> None:
        kind, means = STORY[number % len(STORY)]
        door = number % len(place.way_in)
        is_theirs = number % len(STORY) < len(THEIRS) and past.grants
        grant: int | str = past.grants[door] if is_theirs else NULL
        when = at.isoformat(timespec="seconds")
        lines.add(
            "access_activity",
            *(place.organization_id, place.way_in[door].lock_id, f"{lines.last['access_activity'] + 1:024x}"),
            *(when, when, kind, means, f"{grant:024x}" if isinstance(grant, int) else "", "", grant),
        )

    def _label(self, number: int) -> str:
        """As `codes.label`, but for a number and not by chance."""
        own = ""
        for _ in range(LABEL_LENGTH):
            number, letter = divmod(number, len(LABEL_LETTERS))
            own += LABEL_LETTERS[letter]
        return f"KT-{self._token}-{own}"


def _due(stay: _Booked) -> str:
    """When the reconciler would look at its codes next."""
    if stay.is_over or stay.is_cancelled:
        return NULL
    return stay.ends.text if stay.pushed_at != NULL else (stay.starts.at - HORIZON).isoformat()


def _spans(count: int, chance: random.Random) -> list[_Span]:
    """So many stays that never overlap, the earliest first: some to come, one about now, the others over."""
    coming = min(int(count * COMING_SHARE), MOST_COMING)
    first = -int(chance.random() * 4)
    ahead = list(_forward(first, coming + 1, chance))[:count]
    over = list(_backward(first, count - len(ahead), chance))
    return [*reversed(over), *ahead]


def _forward(first: int, count: int, chance: random.Random) -> Iterator[_Span]:
    for _ in range(count):
        last = first + _nights(chance.random)
        yield _Span(first, last)
        first = last + _gap(chance.random)


def _backward(last: int, count: int, chance: random.Random) -> Iterator[_Span]:
    for _ in range(count):
        last -= _gap(chance.random)
        first = last - _nights(chance.random)
        yield _Span(first, last)
        last = first


def _nights(drawn: Callable[[], float]) -> int:
    return 1 + int(drawn() * 5)


def _gap(drawn: Callable[[], float]) -> int:
    """Half of the guests arrive on the day on which those before them leave."""
    return max(0, int(drawn() * 4) - 1)
