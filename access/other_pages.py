"""The values behind what is on a smart lock besides our codes: what it is, since when, and who uses it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from access import codes, installation
from access.models import Holder, OtherAuthorization
from access.shown import Chip, Tone
from nuki_gateway.models import EVERY_DAY, AuthorizationType
from properties import wall_clock
from properties.models import SmartLock
from properties.roles import Right, Role, may

SHOWN_AT_ONCE = 8  # on the lock's own page; all of them have a page
KINDS: dict[int, Promise] = {
    AuthorizationType.APP: later("Nuki app"),
    AuthorizationType.BRIDGE: later("Bridge"),
    AuthorizationType.FOB: later("Fob"),
    AuthorizationType.KEYPAD: later("Keypad"),
    AuthorizationType.KEYPAD_CODE: later("Code"),
    AuthorizationType.Z_KEY: later("Key"),
    AuthorizationType.VIRTUAL: later("Virtual key"),
}
DEVICES = frozenset({AuthorizationType.BRIDGE, AuthorizationType.KEYPAD})  # used by no one person
DAYS: dict[int, Promise] = {
    64: later("Mon"),
    32: later("Tue"),
    16: later("Wed"),
    8: later("Thu"),
    4: later("Fri"),
    2: later("Sat"),
    1: later("Sun"),
}


@dataclass(frozen=True)
class OtherLine:
    """One entry that others have on a lock, or had."""

    called: str
    at_nuki: str  # its name there, where the host has named a person
    kind: str
    when: str
    made_at: datetime | None
    used_at: datetime | None
    was_used: bool
    can_be_used: bool
    chip: Chip | None
    name_url: str
    is_named: bool
    forget_url: str  # only of what is no longer there: the rest has a page for it


@dataclass(frozen=True)
class Others:
    """What is on a lock besides our codes, as far as a list has shown it."""

    lines: list[OtherLine]
    leaving: list[str]  # labels of ours that nobody wants
    count: int
    was_read: bool
    read_at: datetime | None
    all_url: str  # where all of it stands, and the names of what is gone

    @property
    def first(self) -> list[OtherLine]:
        """As many as the lock's own page shows."""
        return self.lines[:SHOWN_AT_ONCE]


def others_of(
    lock: SmartLock,
    found: Iterable[OtherAuthorization],
    *,
    zone: str,
    role: Role,
    gone: Iterable[Holder] = (),
) -> Others:
    """What was listed on a lock, with who holds it: those whom the host has named first, devices last.

    `gone` are the holders of what is no longer there.
    """
    listed = list(found)
    foreign = [one for one in listed if not is_stray(one)]
    foreign.sort(key=lambda one: (not _held_by(one), one.type in DEVICES))
    can_change = may(role, Right.CHANGE_PROPERTIES)
    return Others(
        lines=[
            *(_line(one, zone, can_change=can_change) for one in foreign),
            *(_gone(one, can_change=can_change) for one in gone),
        ],
        leaving=[one.name for one in listed if is_stray(one)],
        count=len(foreign),
        was_read=bool(lock.others_picture),
        read_at=read_at(lock),
        all_url=reverse("access:others", kwargs={"lock_id": lock.pk}),
    )


def is_stray(one: OtherAuthorization) -> bool:
    """Whether it is a code of ours that is being removed."""
    return one.type == AuthorizationType.KEYPAD_CODE and codes.is_ours(one.name, installation.token())


def read_at(lock: SmartLock) -> datetime | None:
    """When a list of what is on the lock was read last; None where that is not known."""
    if not lock.others_picture or lock.subscription_ended:
        return None
    moments = (lock.nuki_account.swept_at, lock.others_read_at)
    return max((at for at in moments if at is not None), default=None)


def can_be_named(one: OtherAuthorization) -> bool:
    """Whether a person may use it, whom the host can name."""
    return one.type not in DEVICES and not is_stray(one)


def kind_of(one: OtherAuthorization) -> str:
    """What it is, in a word."""
    return str(KINDS.get(one.type, later("Something new of Nuki's")))


def name_of(one: OtherAuthorization) -> str:
    """What the Nuki app calls it."""
    return one.name or _("Without a name")


def when(one: OtherAuthorization, zone: str) -> str:
    """When it opens."""
    parts = [*_dates(one, zone), *_week(one)]
    return ", ".join(parts) if parts else _("at any time")


def _held_by(one: OtherAuthorization) -> str:
    """Whom the host has named, which was fetched with it."""
    return getattr(one, "held_by", None) or ""


def _line(one: OtherAuthorization, zone: str, *, can_change: bool) -> OtherLine:
    held_by = _held_by(one)
    url = reverse("access:name_holder", kwargs={"authorization_id": one.pk})
    return OtherLine(
        called=held_by or name_of(one),
        at_nuki=name_of(one) if held_by else "",
        kind=kind_of(one),
        when="" if one.type in DEVICES else when(one, zone),
        made_at=one.made_at,
        used_at=one.used_at,
        was_used=one.uses > 0 or one.used_at is not None,
        can_be_used=one.type not in DEVICES,
        chip=None if one.enabled else Chip(Tone.PAST, _("Switched off")),
        name_url=url if can_change and can_be_named(one) else "",
        is_named=bool(held_by),
        forget_url="",
    )


def _gone(holder: Holder, *, can_change: bool) -> OtherLine:
    url = reverse("access:forget_holder", kwargs={"holder_id": holder.pk})
    return OtherLine(
        called=holder.called,
        at_nuki="",
        kind="",
        when="",
        made_at=None,
        used_at=None,
        was_used=False,
        can_be_used=False,
        chip=Chip(Tone.PAST, _("Gone from the lock")),
        name_url="",
        is_named=True,
        forget_url=url if can_change else "",
    )


def _dates(one: OtherAuthorization, zone: str) -> list[str]:
    begins, ends = (_moment(at, zone) for at in (one.allowed_from, one.allowed_until))
    if begins and ends:
        return [_("%(begins)s to %(ends)s") % {"begins": begins, "ends": ends}]
    if begins:
        return [_("from %(begins)s") % {"begins": begins}]
    return [_("until %(ends)s") % {"ends": ends}] if ends else []


def _week(one: OtherAuthorization) -> list[str]:
    """Days and hours, on the lock's own clock."""
    found = []
    if one.weekdays and one.weekdays != EVERY_DAY:
        found.append(" ".join(str(day) for bit, day in DAYS.items() if one.weekdays & bit))
    if one.from_minute or one.until_minute:
        found.append(f"{_clock(one.from_minute)}–{_clock(one.until_minute)}")  # noqa: RUF001  a span of time
    return found


def _moment(at: datetime | None, zone: str) -> str:
    return date_format(wall_clock.shown(at, zone), "DAY_OF_YEAR_CLOCK") if at else ""


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
