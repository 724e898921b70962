"""The values behind "Getting started": how far a business has come, and what each smart lock lacks.

Nothing is remembered of a walk through these pages: each step's state is worked out from what is there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from access import asked_pages, door_pages, live
from access.asked_pages import Outcome
from access.models import AuditEntry, AuditKind
from access.shown import Chip, Tone
from access.start_queries import Facts
from properties import wall_clock
from properties.models import Door, NukiAccount, SmartLock


@dataclass(frozen=True)
class Step:
    """One step on the way to the first stay."""

    title: str
    sentence: str
    chip: Chip
    url: str
    word: str
    is_done: bool
    is_next: bool


@dataclass(frozen=True)
class StartPage:
    """All steps, with the answer: what comes next?"""

    answer: str
    tone: Tone
    done: int
    steps: list[Step]

    @property
    def count(self) -> int:
        """How many steps there are."""
        return len(self.steps)


@dataclass(frozen=True)
class Help:
    """The one thing that helps now: an address that is looked at, or a form that is sent there."""

    url: str
    word: str
    is_form: bool = False


@dataclass(frozen=True)
class LockRow:
    """A smart lock and what it lacks."""

    name: str
    kind: str
    url: str
    door_name: str
    chip: Chip
    lacks: list[str]
    help: Help | None
    reading: Outcome | None


@dataclass(frozen=True)
class AccountRow:
    """A Nuki account whose list can be fetched again."""

    name: str
    import_url: str


@dataclass(frozen=True)
class LocksPage:
    """The smart locks of all accounts."""

    answer: str
    tone: Tone
    rows: list[LockRow]
    accounts: list[AccountRow]
    topic: str
    live_url: str  # empty on further pages, which stay as they are
    next_url: str | None
    doors_url: str

    @property
    def is_moving(self) -> bool:
        """Whether some lock is being read."""
        return any(row.reading is not None and row.reading.is_open for row in self.rows)


@dataclass(frozen=True)
class _Draft:
    title: str
    is_done: bool
    done: str
    todo: str
    url: str
    word: str
    trouble: str = ""


def start_page(facts: Facts) -> StartPage:
    """The steps: the first one that is not done comes next."""
    drafts = _drafts(facts)
    following = next((number for number, draft in enumerate(drafts) if not draft.is_done), None)
    done = sum(draft.is_done for draft in drafts)
    answer, tone = _("Everything is set up."), Tone.READY
    if following is not None:
        answer, tone = drafts[following].todo, Tone.PLANNED
    if facts.refused_accounts:
        answer, tone = _("Nuki no longer accepts one of your accounts."), Tone.ACT
    steps = [_step(draft, is_next=number == following) for number, draft in enumerate(drafts)]
    return StartPage(answer=answer, tone=tone, done=done, steps=steps)


def _drafts(facts: Facts) -> list[_Draft]:
    return [
        _Draft(
            title=_("Connect Nuki"),
            is_done=facts.accounts > 0,
            done=_("Keyturn speaks to your locks through Nuki Web."),
            todo=_("Connect the Nuki account that your locks belong to."),
            url=reverse("properties:nuki_accounts" if facts.accounts else "properties:connect_nuki"),
            word=_("Connect Nuki"),
            trouble=_("Nuki no longer accepts one of your accounts.") if facts.refused_accounts else "",
        ),
        _Draft(
            title=_("Your locks"),
            is_done=facts.locks > 0,
            done=_locks_sentence(facts),
            todo=_("See which locks the account has, and what they lack."),
            url=reverse("access:start_locks"),
            word=_("See locks"),
            trouble=_locks_sentence(facts) if facts.locks and facts.lacking_locks else "",
        ),
        _Draft(
            title=_("Doors and units"),
            is_done=facts.has_ready_unit,
            done=_doors_sentence(facts),
            todo=_("Say which door each lock is on, and what your guests book."),
            url=reverse("access:start_doors"),
            word=_("Put locks on doors"),
        ),
        _Draft(
            title=_("A test code"),
            is_done=facts.had_code_confirmed,
            done=_("A code arrived on a lock and was seen there."),
            todo=_("Put a code on a door for yourself and type it in."),
            url=reverse("access:start_test"),
            word=_("Try a door"),
        ),
        _Draft(
            title=_("The first stay"),
            is_done=facts.has_stay,
            done=_("Guests have stays."),
            todo=_("Book the first stay. The guest gets the code by e-mail."),
            url=reverse("access:book_stay"),
            word=_("Book stay"),
        ),
    ]


def _step(draft: _Draft, *, is_next: bool) -> Step:
    if draft.trouble:
        chip = Chip(Tone.LOOK, _("Look at it"))
    elif draft.is_done:
        chip = Chip(Tone.READY, _("Done"))
    else:
        chip = Chip(Tone.PLANNED, _("Next") if is_next else _("Not yet"))
    return Step(
        title=draft.title,
        sentence=draft.trouble or (draft.done if draft.is_done else draft.todo),
        chip=chip,
        url=draft.url if draft.is_done or is_next else "",
        word=draft.word,
        is_done=draft.is_done,
        is_next=is_next,
    )


def _locks_sentence(facts: Facts) -> str:
    count = ngettext("%(count)d lock.", "%(count)d locks.", facts.locks) % {"count": facts.locks}
    if not facts.lacking_locks:
        return _("%(locks)s None of them lacks anything.") % {"locks": count}
    lacking = ngettext("%(count)d lacks something.", "%(count)d lack something.", facts.lacking_locks)
    return f"{count} {lacking % {'count': facts.lacking_locks}}"


def _doors_sentence(facts: Facts) -> str:
    if not facts.free_locks:
        return _("Every lock is on a door.")
    sentence = ngettext(
        "%(count)d lock is on no door yet.", "%(count)d locks are on no door yet.", facts.free_locks
    )
    return sentence % {"count": facts.free_locks}


def locks_page(
    found: Sequence[SmartLock],
    readings: Mapping[int, Sequence[AuditEntry]],
    accounts: Sequence[NukiAccount],
    *,
    most: int,
    is_first: bool,
    now: datetime,
) -> LocksPage:
    """The smart locks; `found` holds one more than `most` where there is a next page."""
    rows = [_lock_row(lock, readings.get(lock.pk, []), now) for lock in found[:most]]
    answer, tone = _answer(rows, has_more=len(found) > most or not is_first)
    return LocksPage(
        answer=answer,
        tone=tone,
        rows=rows,
        accounts=[_account_row(account) for account in accounts],
        topic=live.ACTIVITY,
        live_url=reverse("access:start_locks") if is_first else "",
        next_url=f"?after={found[most - 1].pk}" if len(found) > most else None,
        doors_url=reverse("access:start_doors"),
    )


def _account_row(account: NukiAccount) -> AccountRow:
    import_url = reverse("properties:import_locks", kwargs={"account_id": account.pk})
    return AccountRow(account.name, import_url)


def _answer(rows: Sequence[LockRow], *, has_more: bool) -> tuple[str, Tone]:
    """Is every lock ready for codes?"""
    if not rows:
        return _("Nuki lists no smart lock in your account yet."), Tone.LOOK
    lacking = sum(bool(row.lacks) for row in rows)
    if lacking:
        sentence = ngettext("%(count)d lock lacks something.", "%(count)d locks lack something.", lacking) % {
            "count": lacking
        }
        return sentence, Tone.LOOK
    if has_more:
        return _("These locks are ready for codes."), Tone.READY
    return _("Every lock is ready for codes."), Tone.READY


def _lock_row(lock: SmartLock, entries: Sequence[AuditEntry], now: datetime) -> LockRow:
    door: Door | None = getattr(lock, "door", None)
    asked = asked_pages.latest(entries, AuditKind.READING_ASKED, now)
    found = lacks(lock, door, now)
    chip = found[0][0] if found else Chip(Tone.READY, _("Ready for codes"))
    return LockRow(
        name=lock.called,
        kind=lock.kind,
        url=reverse("access:lock", kwargs={"lock_id": lock.pk}),
        door_name=f"{door.property.name} · {door.name}" if door else "",
        chip=chip,
        lacks=[sentence for _chip, sentence, _help in found],
        help=found[0][2] if found else _next_for(door),
        reading=asked_pages.reading(asked, lock, now) if asked else None,
    )


def _next_for(door: Door | None) -> Help:
    """What to do with a lock that lacks nothing."""
    if door is None:
        return Help(reverse("access:start_doors"), _("Put on a door"))
    return Help(f"{reverse('access:start_test')}?door={door.pk}", _("Try this door"))


def lacks(lock: SmartLock, door: Door | None, now: datetime) -> list[tuple[Chip, str, Help]]:
    """What keeps codes from opening here, or may soon: the worst first, each with what helps."""
    zone = door.property.time_zone if door else "UTC"
    read = reverse("access:read_lock", kwargs={"lock_id": lock.pk})
    again = Help(read, _("Look again"), is_form=True)
    found = []
    if lock.subscription_ended:
        words = _(
            "Nuki refuses our calls for it: its Smart Hosting subscription has ended. Renew it in Nuki Web."
        )
        found.append((Chip(Tone.ACT, _("No subscription")), words, Help(NUKI_WEB, _("Open Nuki Web"))))
    if not lock.is_online:
        since = door_pages.moment(lock.offline_since or lock.listed_at, zone, now)
        words = _("Nuki does not reach it since %(moment)s. Check its Wi-Fi or its bridge.") % {
            "moment": since
        }
        found.append((Chip(Tone.ACT, _("Does not answer")), words, again))
    if not lock.has_keypad:
        words = _(
            "Nuki shows no keypad at it, so guests open it with the Nuki app. "
            "For codes, pair a keypad there, then look again."
        )
        sync = Help(read, _("Sync and look again"), is_form=True)
        found.append((Chip(Tone.LOOK, _("No keypad")), words, sync))
    if lock.battery_critical:
        words = _("Its batteries are nearly empty. Change them.")
        found.append((Chip(Tone.LOOK, _("Batteries low")), words, again))
    if lock.keypad_battery_critical:
        words = _("The battery of its keypad is nearly empty. Change it.")
        found.append((Chip(Tone.LOOK, _("Keypad battery low")), words, again))
    if door is not None and wall_clock.clocks_differ(lock.time_zone, zone, now):
        words = _(
            "Its clock is set to %(lock)s, and %(property)s is in %(zone)s. Set it right in the Nuki app, "
            "or give the property the other zone."
        ) % {"lock": lock.time_zone, "property": door.property.name, "zone": zone}
        edit = reverse("properties:edit_property", kwargs={"property_id": door.property_id})
        found.append((Chip(Tone.LOOK, _("Another time zone")), words, Help(edit, _("Edit property"))))
    return found


NUKI_WEB = "https://web.nuki.io"
