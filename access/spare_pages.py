"""The values behind what hosts see of backup codes: at a door how many are ready, of a stay who has which."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.utils.translation import ngettext

from access import codes, shown
from access.models import Grant, Spare, Stay, WhyHandedOut
from access.shown import Chip, Rung, Tone
from access.spare_queries import OnLock
from access.spare_rules import HOSTS_FROM
from properties.models import Door
from properties.roles import Right, Role, may


@dataclass(frozen=True)
class BackupLine:
    """A backup code that the guest of a stay has, or had, at one door."""

    door: str
    chip: Chip
    sentence: str
    ladder: list[Rung]
    reveal_url: str


@dataclass(frozen=True)
class BackupOffer:
    """A door at which one could be handed out now."""

    door: str
    url: str


@dataclass(frozen=True)
class BackupView:
    """The backup codes of a stay."""

    lines: list[BackupLine]
    offers: list[BackupOffer]


@dataclass(frozen=True)
class RevealedBackup:
    """One that was asked for, with its digits."""

    door: str
    code_grouped: str


REASONS: dict[str, Promise] = {
    WhyHandedOut.NOT_CONFIRMED: later("The guest's own code was not confirmed in time."),
    WhyHandedOut.GUEST_ASKED: later("The guest asked for it at the door."),
    WhyHandedOut.HOST_DECIDED: later("A host handed it out."),
}


def backup_view(stay: Stay, spares: Sequence[Spare], *, role: Role, now: datetime) -> BackupView | None:
    """What was handed out to a stay, and where one could be; None where there is nothing of it.

    The stay's grants were fetched with it, and with whether one `backup_waits` at their door.
    """
    opened = {spare.handed_to_id for spare in spares if spare.ended_at is None}
    begins_soon = stay.starts_at - HOSTS_FROM <= now < stay.ends_at and stay.cancelled_at is None
    can_offer = begins_soon and may(role, Right.CHANGE_STAYS)
    offers = [
        BackupOffer(shown.door_name(grant), _address("hand_out_backup", stay, grant))
        for grant in stay.grants.all()
        if can_offer and getattr(grant, "backup_waits", False) and _lacks_one(grant, opened)
    ]
    lines = [_line(spare, stay, role, now) for spare in spares if spare.handed_to is not None]
    return BackupView(lines, offers) if lines or offers else None


def revealed(spare: Spare) -> RevealedBackup:
    """The digits, for whoever may see them."""
    door = shown.door_name(spare.handed_to) if spare.handed_to else ""
    return RevealedBackup(door, codes.grouped(spare.grant.code))


def at_door(door: Door | None, found: OnLock) -> str:
    """How many are ready at a door, of how many; never their digits. Empty where it is to have none."""
    wanted = door.property.backup_codes if door is not None and door.has_backup_codes else 0
    if not wanted and not found.ready:
        return ""
    ready = ngettext("%(count)d ready", "%(count)d ready", found.ready) % {"count": found.ready}
    if found.ready >= wanted:
        return ready
    return _("%(ready)s of %(wanted)d") % {"ready": ready, "wanted": wanted}


def _lacks_one(grant: Grant, opened: Container[int | None]) -> bool:
    return grant.closed_at is None and grant.is_wanted and bool(grant.code) and grant.pk not in opened


def _line(spare: Spare, stay: Stay, role: Role, now: datetime) -> BackupLine:
    grant = spare.handed_to
    is_live = spare.ended_at is None and spare.grant.closed_at is None and spare.grant.allowed_until > now
    may_see = is_live and may(role, Right.REVEAL_CODES)
    return BackupLine(
        door=shown.door_name(grant) if grant else "",
        chip=_chip(spare, now),
        sentence=str(REASONS.get(spare.why, "")),
        ladder=_ladder(spare) if is_live else [],
        reveal_url=_address("reveal_backup", stay, grant) if may_see and grant else "",
    )


def _chip(spare: Spare, now: datetime) -> Chip:
    if spare.grant.closed_at is not None:
        return Chip(Tone.PAST, _("Removed"))
    if spare.ended_at is not None or spare.grant.allowed_until <= now:
        return Chip(Tone.MOVING, _("Being removed"))
    if _used_at(spare) is not None:
        return Chip(Tone.READY, _("Used"))
    return Chip(Tone.LOOK, _("Handed out"))


def _ladder(spare: Spare) -> list[Rung]:
    """What is known of it, and since when. That its end was moved is seen only when the lock says so."""
    told_at = spare.message.sent_at if spare.message is not None else None
    steps = [
        (_("On the lock"), spare.seen_on_lock_at),
        (_("Handed out"), spare.handed_out_at),
        (_("Guest told"), told_at),
        (_("Ends with the stay"), spare.grant.confirmed_at),
        (_("Used"), _used_at(spare)),
    ]
    reached = [index for index, (word, at) in enumerate(steps) if at is not None]
    latest = max(reached, default=-1)
    return [
        Rung(word=word, at=at, reached=at is not None, is_current=index == latest)
        for index, (word, at) in enumerate(steps)
    ]


def _used_at(spare: Spare) -> datetime | None:
    """When it first opened its door, where that was fetched with it."""
    first: datetime | None = getattr(spare, "used_at", None)
    return first


def _address(name: str, stay: Stay, grant: Grant) -> str:
    return reverse(f"access:{name}", kwargs={"stay_id": stay.pk, "grant_id": grant.pk})
