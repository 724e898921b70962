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
    button: str

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
    changed = [grant for grant in moving if _gets_another(grant, lock, taken)]
    kept = [grant for grant in moving if grant not in changed]
    if moving:
        sentences.append(_how_many(len(moving), len(changed)))
    return LockMove(
        title=_("Put the lock %(lock)s on %(door)s?") % facts,
        sentences=sentences,
        stays=[_moving(grant, _becomes(grant, lock, taken)) for grant in [*changed, *kept]],
        button=_("Put the lock on"),
    )


@dataclass(frozen=True)
class Side:
    """One of two locks that change doors: the grants on its door, and the digests of the codes on it."""

    lock: SmartLock
    grants: Sequence[Grant]
    taken: Container[str]


def preview_of_swap(one: Side, two: Side) -> LockMove:
    """Put each lock on the other's door. Both were fetched with their doors."""
    facts = {
        "one": one.lock.called,
        "two": two.lock.called,
        "here": lock_pages.name_of(one.lock),
        "there": lock_pages.name_of(two.lock),
    }
    sentences = [_("The lock %(one)s is on %(there)s from now on, and the lock %(two)s on %(here)s.") % facts]
    sentences += [
        _("The lock %(lock)s does not answer now. Codes go there when it is back.")
        % {"lock": side.lock.called}
        for side in (one, two)
        if not side.lock.is_online
    ]
    both = {grant.stay_id for grant in one.grants} & {grant.stay_id for grant in two.grants}
    through_both = [grant for grant in one.grants if grant.stay_id in both]
    moving = [
        (grant, to)
        for side, to in ((one, two), (two, one))
        for grant in side.grants
        if grant.stay_id not in both
    ]
    changed = [(grant, to) for grant, to in moving if _gets_another(grant, to.lock, to.taken)]
    kept = [pair for pair in moving if pair not in changed]
    if moving:
        sentences.append(_how_many(len(moving), len(changed)))
    return LockMove(
        title=_("Swap the locks %(one)s and %(two)s?") % facts,
        sentences=sentences,
        stays=[
            *(_moving(grant, _becomes(grant, to.lock, to.taken)) for grant, to in [*changed, *kept]),
            *(_moving(grant, _("Nothing moves: the code is on both locks.")) for grant in through_both),
        ],
        button=_("Swap the locks"),
    )


def _gets_another(grant: Grant, lock: SmartLock, taken: Container[str]) -> bool:
    return bool(lock.has_keypad and grant.code_digest and grant.code_digest in taken)


def _how_many(moving: int, changed: int) -> str:
    sentence = ngettext("The code of %(count)d stay moves.", "The codes of %(count)d stays move.", moving)
    others = ngettext(
        "%(count)d guest gets another code, and a message.",
        "%(count)d guests get another code, and a message.",
        changed,
    )
    both = [sentence % {"count": moving}, others % {"count": changed}]
    return " ".join(both if changed else both[:1])


def _moving(grant: Grant, sentence: str) -> MovingStay:
    stay = grant.own_stay
    return MovingStay(
        guest_name=stay.guest.called,
        stay_url=reverse("access:stay", kwargs={"stay_id": stay.pk}),
        unit_name=stay.unit.name,
        starts_at=stay.starts_at,
        ends_at=stay.ends_at,
        zone=stay.unit.property.time_zone,
        sentence=sentence,
    )


def _becomes(grant: Grant, lock: SmartLock, taken: Container[str]) -> str:
    if not lock.has_keypad:
        if grant.own_stay.guest.email:
            return _("Is invited to the Nuki app: this lock has no keypad.")
        return _("No code opens this lock: it has no keypad.")
    if not grant.code_digest:
        return _("Gets the stay's code.")
    if grant.code_digest in taken:
        return _("Gets another code on every door, and a message: somebody has this one on the new lock.")
    return _("Keeps the code.")
