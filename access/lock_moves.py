"""The values behind putting a smart lock on a door: what it does to whom, said before it is done."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from access import lock_pages
from access.models import Grant
from properties.models import Door, SmartLock

SHOWN_AT_ONCE = 5  # stays; more stand behind a click, so that the button is near


@dataclass(frozen=True)
class MovingStay:
    """One stay whose code moves."""

    guest_name: str
    stay_url: str
    unit_name: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    sentence: str


@dataclass(frozen=True)
class LockMove:
    """What happens once it is confirmed."""

    title: str
    sentences: list[str]
    stays: list[MovingStay]

    @property
    def is_short(self) -> bool:
        """Whether the stays are shown at once."""
        return len(self.stays) <= SHOWN_AT_ONCE


def preview(lock: SmartLock, door: Door, grants: Sequence[Grant], taken: Container[str]) -> LockMove:
    """Put a lock on a door. `grants` are those on the door now, `taken` digests of codes on the lock."""
    before, left = door.smart_lock, lock_pages.door_of(lock)
    facts = {
        "door": door.name,
        "lock": lock.called,
        "before": before.called if before else "",
        "left": left.name if left else "",
    }
    sentences = [_("The lock %(lock)s is on %(door)s from now on.") % facts]
    if before is not None:
        sentences.append(_("The lock %(before)s is on no door then. Our codes are removed from it.") % facts)
    if left is not None:
        sentences.append(_("%(left)s has no smart lock then.") % facts)
    if not lock.is_online:
        sentences.append(_("The lock %(lock)s does not answer now. Codes go there when it is back.") % facts)
    moving = [grant for grant in grants if grant.smart_lock_id != lock.pk]
    changed = [
        grant for grant in moving if lock.has_keypad and grant.code_digest and grant.code_digest in taken
    ]
    kept = [grant for grant in moving if grant not in changed]
    if moving:
        sentences.append(_how_many(len(moving), len(changed)))
    return LockMove(
        title=_("Put the lock %(lock)s on %(door)s?") % facts,
        sentences=sentences,
        stays=[_moving(grant, lock, taken) for grant in [*changed, *kept]],
    )


def _how_many(moving: int, changed: int) -> str:
    sentence = ngettext("The code of %(count)d stay moves.", "The codes of %(count)d stays move.", moving)
    others = ngettext(
        "%(count)d guest gets another code, and a message.",
        "%(count)d guests get another code, and a message.",
        changed,
    )
    both = [sentence % {"count": moving}, others % {"count": changed}]
    return " ".join(both if changed else both[:1])


def _moving(grant: Grant, lock: SmartLock, taken: Container[str]) -> MovingStay:
    stay = grant.stay
    return MovingStay(
        guest_name=stay.guest.called,
        stay_url=reverse("access:stay", kwargs={"stay_id": stay.pk}),
        unit_name=stay.unit.name,
        starts_at=stay.starts_at,
        ends_at=stay.ends_at,
        zone=stay.unit.property.time_zone,
        sentence=_becomes(grant, lock, taken),
    )


def _becomes(grant: Grant, lock: SmartLock, taken: Container[str]) -> str:
    if not lock.has_keypad:
        return _("No code opens this lock: it has no keypad.")
    if not grant.code_digest:
        return _("Gets the stay's code.")
    if grant.code_digest in taken:
        return _("Gets another code on every door, and a message: somebody has this one on the new lock.")
    return _("Keeps the code.")
