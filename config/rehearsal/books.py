"""What our own tables say where they are what is judged: who opened, what was audited, whose rows."""

from datetime import datetime

from django.db import connection

from access.log_entries import ActivityKind
from access.models import Activity, AuditEntry, AuditKind
from config.rehearsal.findings import Findings
from config.rehearsal.wishes import Wish
from nuki_gateway.simulator.world import World
from properties import tenancy

MOST_UNKNOWN = 0.005  # of the entries whose code the log names
SAMPLE = 40  # codes that are looked for in every row
TABLES = (
    "access_activity",
    "access_auditentry",
    "access_delivery",
    "access_grant",
    "access_message",
    "access_stay",
    "properties_smartlock",
)
STRANGERS = {  # rows of two tables that belong together, and to two organizations
    "a grant on another's lock": ("access_grant", "smart_lock_id", "properties_smartlock"),
    "a grant of another's stay": ("access_grant", "stay_id", "access_stay"),
    "a message about another's stay": ("access_message", "stay_id", "access_stay"),
    "activity by another's grant": ("access_activity", "grant_id", "access_grant"),
    "activity at another's lock": ("access_activity", "smart_lock_id", "properties_smartlock"),
}


def audit(
    findings: Findings,
    *,
    world: World,
    typed: dict[tuple[int, datetime], list[Wish]],
    writes: int,
    killed: int,
    not_sent: int,
) -> None:
    """Look through all of it, once everything is over."""
    with tenancy.across_organizations(because="a rehearsal is judged as a whole"):
        _who_opened(findings, world, typed)
        _intents(findings, writes=writes, killed=killed, not_sent=not_sent)
        _strangers(findings)
        codes = sorted({wish.code for wishes in typed.values() for wish in wishes if wish.code})
        _secrets(findings, codes[:: max(1, len(codes) // SAMPLE)])


def _who_opened(findings: Findings, world: World, typed: dict[tuple[int, datetime], list[Wish]]) -> None:
    named = {
        (number, entry.id)
        for number, lock in world.locks.items()
        for entry in lock.copy.log
        if entry.authorization_id or entry.name
    }
    unknown = 0
    entries = Activity.objects.filter(kind=ActivityKind.OPENED).select_related(
        "smart_lock", "grant__stay__guest"
    )
    for entry in entries.iterator():
        number = entry.smart_lock.smartlock_id
        wishes = typed.get((number, entry.happened_at), [])
        if not wishes:
            findings.note(11, f"an entry at lock {number} that nobody made")
        elif entry.grant is None:
            unknown += (number, entry.source) in named
        elif entry.grant.own_stay.guest.email not in {wish.email for wish in wishes}:
            findings.note(10, f"the entry at lock {number} is said to be another's", wishes[0].number)
    findings.count("entries without a name", unknown)
    if unknown > MOST_UNKNOWN * max(len(typed), 1 / MOST_UNKNOWN):
        findings.note(10, f"{unknown} of {len(typed)} entries are nobody's")


def _intents(findings: Findings, *, writes: int, killed: int, not_sent: int) -> None:
    intents = AuditEntry.objects.filter(kind=AuditKind.WRITE_INTENDED)
    intended = intents.count()
    open_ones = intents.filter(answers=None).count()
    if not writes <= intended <= writes + killed + not_sent:
        findings.note(20, f"{writes} writes, {intended} intents, {killed} killed, {not_sent} not sent")
    if open_ones > killed:
        findings.note(20, f"{open_ones} intents without an outcome, {killed} workers were killed")
    findings.count("intents", intended)


def _strangers(findings: Findings) -> None:
    with connection.cursor() as cursor:
        for words, (table, key, other) in STRANGERS.items():
            joined = f"{table} a JOIN {other} b ON b.id = a.{key}"
            cursor.execute(f"SELECT count(*) FROM {joined} WHERE a.organization_id <> b.organization_id")  # noqa: S608
            for _ in range(cursor.fetchone()[0]):
                findings.note(16, words)


# a row as text, without the fractions of its seconds: six digits of those may be anybody's code
WORDS = r"regexp_replace(t::text, '(\d\d:\d\d:\d\d)\.\d+', '\1', 'g')"


def _secrets(findings: Findings, codes: list[str]) -> None:
    if not codes:
        return
    pattern = f"(^|[^0-9a-zA-Z])({'|'.join(codes)})([^0-9a-zA-Z]|$)"
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT count(*) FROM {table} t WHERE {WORDS} ~ %s", [pattern])  # noqa: S608  ours
            if found := cursor.fetchone()[0]:
                findings.note(17, f"{found} rows of {table} hold codes in clear")
