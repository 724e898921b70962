"""Reading who did what in a business: two tables that only grow, as one list that can be paged."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from django.db.models import Q, QuerySet

from access import lock_queries
from access.models import AuditEntry, AuditKind, Stay
from properties import team_queries
from properties.models import Organization, SmartLock, TeamEntry, User

Entry = AuditEntry | TeamEntry
Row = TypeVar("Row", AuditEntry, TeamEntry)

LONGEST_KEY = 18  # digits; what is longer was never a key
MOST_PEOPLE = 200  # to choose from
OF_ACCESS, OF_TEAM = "a", "t"  # how a place names its table


class Doers(StrEnum):
    """By whom, where nobody in particular is asked for."""

    PEOPLE = "people"
    KEYTURN = "keyturn"  # what was done because it was due
    ALL = "all"


class Subject(StrEnum):
    """What an entry is about."""

    STAYS = "stays"
    CODES = "codes"
    MESSAGES = "messages"
    LOCKS = "locks"
    WEBHOOKS = "webhooks"
    TEAM = "team"


KINDS: dict[Subject, frozenset[AuditKind]] = {
    Subject.STAYS: frozenset(
        {
            AuditKind.STAY_BOOKED,
            AuditKind.STAY_CHANGED,
            AuditKind.STAY_CANCELLED,
            AuditKind.GUESTS_CHANGED,
            AuditKind.TIMES_DERIVED_ANEW,
            AuditKind.HELP_ASKED,
            AuditKind.HELP_SETTLED,
        }
    ),
    Subject.CODES: frozenset(
        {
            AuditKind.CODE_DRAWN_ANEW,
            AuditKind.CODE_RENEWED,
            AuditKind.INVITE_RENEWED,
            AuditKind.CODE_REVEALED,
            AuditKind.GUEST_SAW_CODE,
            AuditKind.BACKUP_HANDED_OUT,
            AuditKind.BACKUP_TAKEN,
            AuditKind.LINK_REVEALED,
            AuditKind.LINK_RENEWED,
            AuditKind.LINK_REVOKED,
            AuditKind.WRITE_INTENDED,
            AuditKind.WRITE_ANSWERED,
            AuditKind.CONFIRMED,
            AuditKind.DRIFTED,
            AuditKind.CLOSED,
        }
    ),
    Subject.MESSAGES: frozenset(
        {
            AuditKind.ADDRESS_CORRECTED,
            AuditKind.TOLD_AGAIN,
            AuditKind.TOLD_AT_ONCE,
            AuditKind.MESSAGE_SENT,
            AuditKind.TRIAL_ASKED,
            AuditKind.TRIAL_ANSWERED,
        }
    ),
    Subject.LOCKS: frozenset(lock_queries.ASKED_OF_LOCKS),
    Subject.WEBHOOKS: frozenset(
        {
            AuditKind.WEBHOOK_MADE,
            AuditKind.WEBHOOK_CHANGED,
            AuditKind.WEBHOOK_ROTATED,
            AuditKind.WEBHOOK_ON,
            AuditKind.WEBHOOK_OFF,
            AuditKind.WEBHOOK_DELETED,
            AuditKind.WEBHOOK_TRIED,
            AuditKind.WEBHOOK_SENT_AGAIN,
        }
    ),
    Subject.TEAM: frozenset(),
}


@dataclass(frozen=True)
class Wanted:
    """Which entries are asked for; what is left as it is asks for all that people did."""

    doers: Doers = Doers.PEOPLE
    person_id: int | None = None  # one of the people
    subject: Subject | None = None
    stay: Stay | None = None
    lock: SmartLock | None = None
    begins_at: datetime | None = None
    ends_at: datetime | None = None

    @property
    def has_team(self) -> bool:
        """Whether entries about the team can be among them."""
        is_about_one = self.stay is not None or self.lock is not None
        return self.doers is not Doers.KEYTURN and not is_about_one and self.subject in {None, Subject.TEAM}

    @property
    def has_access(self) -> bool:
        """Whether entries about stays and locks can be among them."""
        return self.subject is not Subject.TEAM


def latest(organization: Organization, wanted: Wanted, *, before: str, most: int) -> list[Entry]:
    """So many entries from a place on, the latest first; from the start where there is no such place."""
    last = _entry_at(organization, before)
    found: list[Entry] = []
    if wanted.has_access:
        ours = _after(_of_access(organization, wanted), last, AuditEntry)
        found += ours[:most]
    if wanted.has_team:
        theirs = _after(_narrowed(team_queries.history_of(organization), wanted), last, TeamEntry)
        found += theirs[:most]
    return sorted(found, key=_order, reverse=True)[:most]


def place_of(entry: Entry) -> str:
    """How an address names the place of an entry in the list."""
    return f"{OF_TEAM if isinstance(entry, TeamEntry) else OF_ACCESS}{entry.pk}"


def people_of(organization: Organization) -> list[User]:
    """Everybody who works for the business, or did."""
    team = TeamEntry.objects.filter(organization=organization)
    were_there = Q(pk__in=team.values("by")) | Q(pk__in=team.exclude(about=None).values("about"))
    are_there = Q(pk__in=organization.memberships.values("user"))
    return list(User.objects.filter(are_there | were_there).order_by("name", "email")[:MOST_PEOPLE])


def stay_named(organization: Organization, number: str) -> Stay | None:
    """The stay of ours that an address names."""
    if not _is_key(number):
        return None
    stays = Stay.objects.filter(organization=organization, pk=int(number))
    return stays.select_related("guest", "unit").first()


def lock_named(organization: Organization, number: str) -> SmartLock | None:
    """The smart lock of ours that an address names."""
    if not _is_key(number):
        return None
    locks = SmartLock.objects.filter(organization=organization, pk=int(number))
    return locks.select_related("door").first()


def _of_access(organization: Organization, wanted: Wanted) -> QuerySet[AuditEntry]:
    entries = (
        AuditEntry.objects.filter(organization=organization)
        .select_related(
            "by",
            "api_key",
            "stay__guest",
            "stay__unit__property",
            "smart_lock__door__property",
            "grant__door",
            "grant__smart_lock",
        )
        .defer("smart_lock__foreign_codes", "grant__smart_lock__foreign_codes")
        .order_by("-at", "-pk")
    )
    if wanted.subject is not None:
        entries = entries.filter(kind__in=KINDS[wanted.subject])
    if wanted.stay is not None:
        entries = entries.filter(stay=wanted.stay)
    if wanted.lock is not None:
        entries = entries.filter(smart_lock=wanted.lock)
    if wanted.doers is not Doers.ALL:
        entries = entries.filter(by__isnull=wanted.doers is Doers.KEYTURN)
    return _narrowed(entries, wanted)


def _narrowed(entries: QuerySet[Row], wanted: Wanted) -> QuerySet[Row]:
    """Of one person, in a span: what both tables know."""
    if wanted.person_id is not None:
        entries = entries.filter(by=wanted.person_id)
    if wanted.begins_at is not None:
        entries = entries.filter(at__gte=wanted.begins_at)
    if wanted.ends_at is not None:
        entries = entries.filter(at__lt=wanted.ends_at)
    return entries


def _entry_at(organization: Organization, place: str) -> Entry | None:
    table, number = place[:1], place[1:]
    if not _is_key(number) or table not in {OF_ACCESS, OF_TEAM}:
        return None
    if table == OF_TEAM:
        return TeamEntry.objects.filter(organization=organization, pk=int(number)).first()
    return AuditEntry.objects.filter(organization=organization, pk=int(number)).first()


def _after(entries: QuerySet[Row], last: Entry | None, table: type[Row]) -> QuerySet[Row]:
    """Those that stand below an entry: of one instant those about access come first, then by key."""
    if last is None:
        return entries
    if isinstance(last, table):
        return entries.filter(Q(at__lt=last.at) | Q(at=last.at, pk__lt=last.pk), at__lte=last.at)
    return entries.filter(at__lte=last.at) if table is TeamEntry else entries.filter(at__lt=last.at)


def _order(entry: Entry) -> tuple[datetime, bool, int]:
    return entry.at, isinstance(entry, AuditEntry), entry.pk


def _is_key(number: str) -> bool:
    return number.isdecimal() and len(number) <= LONGEST_KEY
