"""The values behind the page of one smart lock: is it well, and who opened it?"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from access import activity_pages, asked_pages, capacity_pages, door_pages, live, lock_facts, shown
from access.activity_pages import ActivityLine
from access.asked_pages import AskedLine, Outcome
from access.capacity_pages import Capacity
from access.forecast import Day
from access.lock_facts import Fact
from access.models import Activity, AuditEntry, AuditKind, Grant
from access.other_pages import Others
from access.shown import Chip, Tone
from access.spare_queries import OnLock
from properties.models import Door, SmartLock
from properties.pages import lock_health
from properties.roles import Right, Role, may

MOST_NAMED = 4  # guests; of a street door that many flats share there are more


@dataclass(frozen=True)
class CodeLine:
    """One of our codes on the lock."""

    guest_name: str
    stay_url: str
    label: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    chip: Chip


@dataclass(frozen=True)
class Doing:
    """What this role may do here; an address is empty where it may not."""

    open_url: str
    read_url: str
    rename_url: str
    move_url: str
    replace_url: str
    audit_url: str


@dataclass(frozen=True)
class Filters:
    """The page's own address with what is asked for, in its variants."""

    live_url: str  # empty on older pages, which stay as they are
    next_url: str | None
    export_url: str
    is_filtered: bool


@dataclass(frozen=True)
class LockView:
    """One smart lock as its page shows it."""

    name: str
    place: str
    zone: str
    answer: str
    tone: Tone
    facts: list[Fact]
    opening: Outcome | None
    reading: Outcome | None
    asked: list[AskedLine]
    codes: list[CodeLine]
    leaving: list[CodeLine]
    others: Others
    capacity: Capacity | None
    activity: list[ActivityLine]
    filters: Filters
    doing: Doing
    topic: str
    url: str

    @property
    def is_moving(self) -> bool:
        """Whether something that was asked is under way."""
        return any(one is not None and one.is_open for one in (self.opening, self.reading))


def zone_of(lock: SmartLock) -> str:
    """The zone of the property that the lock is at; UTC for one on no door."""
    door = door_of(lock)
    return door.property.time_zone if door else "UTC"


def door_of(lock: SmartLock) -> Door | None:
    """The door that the lock is on, which was fetched with it."""
    door: Door | None = getattr(lock, "door", None)
    return door


def name_of(lock: SmartLock) -> str:
    """The door's name, or the lock's own where it is on none."""
    door = door_of(lock)
    return door.name if door else lock.called


def lock_view(
    lock: SmartLock,
    *,
    entries: Sequence[AuditEntry],
    movement: Activity | None,
    grants: Sequence[Grant],
    others: Others,
    ahead: Sequence[Day],
    activity: Sequence[Activity],
    filters: Filters,
    role: Role,
    now: datetime,
    spares: OnLock | None = None,
) -> LockView:
    """One smart lock with its codes and what happened, as this role sees it. All was read before."""
    zone, door = zone_of(lock), door_of(lock)
    tone, sentence = _answer(lock, zone, now)
    opened = asked_pages.latest(entries, AuditKind.OPENING_ASKED, now)
    was_read = asked_pages.latest(entries, AuditKind.READING_ASKED, now)
    return LockView(
        name=name_of(lock),
        place=f"{door.property.name} · {door.name}" if door else _("On no door"),
        zone=zone,
        answer=sentence,
        tone=tone,
        facts=lock_facts.facts_of(lock, door, role, now, spares),
        opening=asked_pages.opening(opened, movement, now) if opened else None,
        reading=asked_pages.reading(was_read, lock, now) if was_read else None,
        asked=asked_pages.lines(entries),
        codes=[_code_line(grant, now) for grant in grants if not _leaves(grant, now)],
        leaving=[_code_line(grant, now) for grant in grants if _leaves(grant, now)],
        others=others,
        capacity=capacity_pages.capacity_of(lock, len(grants) + (spares.places if spares else 0), ahead)
        if lock.has_keypad
        else None,
        activity=[replace(activity_pages.line(one), lock_url="") for one in activity],
        filters=filters,
        doing=_doing(lock, door, role),
        topic=live.lock_topic(lock.pk),
        url=reverse("access:lock", kwargs={"lock_id": lock.pk}),
    )


def opening_consequences(lock: SmartLock, guests: Sequence[str]) -> list[str]:
    """What opening does to whom, said before it is done."""
    door = name_of(lock)
    sentences = [
        _("Whoever stands at %(door)s can walk in.") % {"door": door},
        _("It stays unlocked until somebody locks it, or it locks itself."),
        _("Your name and the time are kept with this lock."),
    ]
    if 0 < len(guests) <= MOST_NAMED:
        sentences.insert(1, _("In the house: %(guests)s.") % {"guests": ", ".join(guests)})
    elif guests:
        sentences.insert(1, _("%(count)d guests are in the house.") % {"count": len(guests)})
    return sentences


def filters(
    lock: SmartLock, asked: dict[str, str], found: Sequence[Activity], *, most: int, is_latest: bool
) -> Filters:
    """The addresses of the page with this filter; `found` holds one more than `most` if there is more."""
    where = {"lock_id": lock.pk}
    own = reverse("access:lock", kwargs=where)
    query = urlencode(asked)
    more = len(found) > most
    return Filters(
        live_url=(f"{own}?{query}" if query else own) if is_latest else "",
        next_url=f"?{urlencode({**asked, 'before': found[most - 1].pk})}" if more else None,
        export_url=reverse("access:export_activity", kwargs=where) + (f"?{query}" if query else ""),
        is_filtered=bool(asked),
    )


def _answer(lock: SmartLock, zone: str, now: datetime) -> tuple[Tone, str]:
    """Is this lock well? The same facts in the same order as `lock_health`, in whole sentences."""
    facts = {"door": name_of(lock), "reach": door_pages.reach(lock, zone, now), "zone": lock.time_zone}
    tone = Tone(lock_health(lock, zone if door_of(lock) else "", now)[0])
    if lock.gone_since is not None:
        return tone, _(
            "The lock of %(door)s is no longer in your Nuki account. Put another lock on the door."
        ) % facts
    if lock.subscription_ended:
        words = _(
            "Nuki refuses our calls for %(door)s: its Smart Hosting subscription has ended. "
            "Renew it in Nuki Web."
        )
        return tone, words % facts
    if not lock.is_online:
        if not lock.has_keypad:
            return tone, _("%(door)s %(reach)s.") % facts
        return tone, _("%(door)s %(reach)s. Codes that are on the lock keep working; changes wait.") % facts
    if lock.battery_critical:
        return tone, _("%(door)s is online. Change its batteries soon.") % facts
    if lock.keypad_battery_critical:
        return tone, _("%(door)s is online. Change the battery of its keypad soon.") % facts
    if tone is Tone.LOOK:
        return tone, _(
            "%(door)s is online. Its clock is set to %(zone)s: set it right in the Nuki app."
        ) % facts
    if not lock.has_keypad:
        return tone, _("%(door)s is online, and has no keypad: guests open it with the Nuki app.") % facts
    return tone, _("%(door)s is well.") % facts


def _code_line(grant: Grant, now: datetime) -> CodeLine:
    line = shown.door_line(grant, grant.own_stay.unit.property.time_zone, now)
    return CodeLine(
        guest_name=grant.own_stay.guest.called,
        stay_url=reverse("access:stay", kwargs={"stay_id": grant.stay_id}),
        label=grant.label,
        starts_at=grant.allowed_from,
        ends_at=grant.allowed_until,
        zone=grant.own_stay.unit.property.time_zone,
        chip=Chip(line.tone, line.grade),
    )


def _leaves(grant: Grant, now: datetime) -> bool:
    """Whether the code is being taken off the lock."""
    return not grant.is_wanted or grant.allowed_until <= now


def _doing(lock: SmartLock, door: Door | None, role: Role) -> Doing:
    where = {"lock_id": lock.pk}
    is_here = lock.gone_since is None
    can_open = is_here and lock.is_online and may(role, Right.OPEN_DOORS)
    can_change = may(role, Right.CHANGE_PROPERTIES)
    return Doing(
        open_url=reverse("access:open_lock", kwargs=where) if can_open else "",
        read_url=reverse("access:read_lock", kwargs=where)
        if is_here and may(role, Right.CHANGE_STAYS)
        else "",
        rename_url=reverse("access:rename_lock", kwargs=where) if can_change else "",
        move_url=reverse("access:move_lock", kwargs=where) if is_here and can_change else "",
        replace_url=reverse("access:replace_lock", kwargs={"door_id": door.pk})
        if door and can_change
        else "",
        audit_url=reverse("access:audit") + f"?lock={lock.pk}&who=all" if may(role, Right.VIEW_AUDIT) else "",
    )
