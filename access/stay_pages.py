"""The values behind the pages about stays: lists of them, and one stay with its doors."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as in_time

from access import activity_pages, codes, help_pages, ledger_pages, link_pages, live, shown, telling
from access.activity_pages import ActivityLine
from access.help_pages import HelpView
from access.ledger_pages import MessageLine
from access.link_pages import LinkView
from access.models import (
    Activity,
    AuditEntry,
    AuditKind,
    Grant,
    GrantKind,
    Guest,
    GuestLink,
    HelpRequest,
    Message,
    Problem,
    Stay,
)
from access.shown import Chip, DoorLine, Tone
from access.spare_pages import BackupView, RevealedBackup
from properties import wall_clock
from properties.roles import Right, Role, may


@dataclass(frozen=True)
class StayCard:
    """One stay in a list."""

    url: str
    guest_name: str
    unit_name: str
    property_name: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    chip: Chip
    sentence: str


@dataclass(frozen=True)
class HistoryLine:
    """One fact of a stay's past."""

    sentence: str
    at: datetime


@dataclass(frozen=True)
class GuestLine:
    """One of a stay's guests, and the way to what is known of them."""

    name: str
    email: str
    url: str


@dataclass(frozen=True)
class StayView:
    """One stay as its page shows it."""

    guest_name: str
    guests: list[GuestLine]
    unit_name: str
    property_name: str
    address: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    chip: Chip
    headline: str
    is_moving: bool
    doors: list[DoorLine]
    messages: list[MessageLine]
    no_messages: str
    history: list[HistoryLine]
    audit_url: str
    activity: list[ActivityLine]
    link: LinkView | None
    help: HelpView | None
    backup: BackupView | None
    topics: str
    can_change: bool
    can_cancel: bool
    url: str
    change_url: str
    party_url: str
    cancel_url: str
    book_again_url: str
    tell_again_url: str
    tell_again_word: str
    renew_code_url: str
    live_url: str
    sheet_url: str
    reveal_url: str
    code_grouped: str = ""
    change_back_url: str = ""  # from what this person made of it a moment ago
    revealed_backup: RevealedBackup | None = None

    @property
    def tone(self) -> Tone:
        """The tone of the whole."""
        return self.chip.tone


def card(stay: Stay, now: datetime) -> StayCard:
    """One stay in a list. Its grants have been fetched with it."""
    place = stay.unit.property
    state = shown.state_of(stay, list(stay.grants.all()), now)
    return StayCard(
        url=reverse("access:stay", kwargs={"stay_id": stay.pk}),
        guest_name=stay.guest.called,
        unit_name=stay.unit.name,
        property_name=place.name,
        starts_at=stay.starts_at,
        ends_at=stay.ends_at,
        zone=place.time_zone,
        chip=state.chip,
        sentence=state.sentence,
    )


def is_open(stay: Stay, now: datetime) -> bool:
    """Whether it can still be changed or cancelled."""
    return stay.cancelled_at is None and stay.ends_at > now


def stay_view(
    stay: Stay,
    *,
    messages: Sequence[Message],
    history: Sequence[AuditEntry],
    activity: Sequence[Activity],
    role: Role,
    now: datetime,
    link: GuestLink | None = None,
    help_requests: Sequence[HelpRequest] = (),
    backup: BackupView | None = None,
) -> StayView:
    """One stay with its doors, what happened there, messages and past, as this role sees it."""
    place = stay.unit.property
    grants = _latest_on_each_lock(list(stay.grants.all()))
    state = shown.state_of(stay, grants, now)
    can_change = is_open(stay, now) and may(role, Right.CHANGE_STAYS)
    has_code = any(grant.code and grant.is_wanted and grant.closed_at is None for grant in grants)
    waits = any(ledger_pages.waits_for_its_time(message, stay, now) for message in messages)
    where = {"stay_id": stay.pk}
    return StayView(
        guest_name=stay.guest.called,
        guests=[_guest_line(guest) for guest in (stay.guest, *(one.guest for one in stay.party.all()))],
        unit_name=stay.unit.name,
        property_name=place.name,
        address=place.address,
        starts_at=stay.starts_at,
        ends_at=stay.ends_at,
        zone=place.time_zone,
        chip=state.chip,
        headline=state.sentence,
        is_moving=state.is_moving or any(message.due_at and message.due_at <= now for message in messages),
        doors=[shown.door_line(grant, place.time_zone, now) for grant in grants],
        no_messages=_no_messages(stay, grants, now),
        messages=[ledger_pages.line(message, stay) for message in messages],
        history=[_history_line(entry) for entry in history],
        audit_url=reverse("access:audit") + f"?stay={stay.pk}&who=all" if may(role, Right.VIEW_AUDIT) else "",
        activity=[activity_pages.line(one) for one in activity],
        help=help_pages.help_view(help_requests, stay, role=role, now=now),
        backup=backup,
        link=link_pages.link_view(stay, link, is_open=is_open(stay, now), role=role),
        topics=" ".join([live.stay_topic(stay.pk), *(live.lock_topic(one.smart_lock_id) for one in grants)]),
        can_change=can_change,
        can_cancel=can_change,
        url=reverse("access:stay", kwargs=where),
        change_url=reverse("access:change_stay", kwargs=where),
        party_url=reverse("access:change_party", kwargs=where),
        cancel_url=reverse("access:cancel_stay", kwargs=where),
        book_again_url=reverse("access:book_again", kwargs=where)
        if _can_come_again(stay, now) and may(role, Right.CHANGE_STAYS)
        else "",
        tell_again_url=reverse("access:tell_again", kwargs=where)
        if can_change and (waits or any(message.sent_at or message.bounced_at for message in messages))
        else "",
        tell_again_word=_("Send message now") if waits else _("Send message again"),
        renew_code_url=reverse("access:renew_code", kwargs=where) if can_change and has_code else "",
        live_url=reverse("access:stay_live", kwargs=where),
        sheet_url=reverse("access:print_sheet", kwargs=where)
        if has_code and may(role, Right.REVEAL_CODES)
        else "",
        reveal_url=reverse("access:reveal_code", kwargs=where)
        if has_code and may(role, Right.REVEAL_CODES)
        else "",
    )


def _guest_line(guest: Guest) -> GuestLine:
    return GuestLine(guest.called, guest.email, reverse("access:guest", kwargs={"guest_id": guest.pk}))


def _can_come_again(stay: Stay, now: datetime) -> bool:
    """Whether it was cancelled, and could still be."""
    return stay.cancelled_at is not None and stay.ends_at > now and stay.guest.erased_at is None


def _latest_on_each_lock(grants: Sequence[Grant]) -> list[Grant]:
    """The grants that count: a stay that came back to a lock has an older, closed one there."""
    latest: dict[int, Grant] = {}
    for grant in sorted(grants, key=lambda one: (one.closed_at is None, one.pk)):
        latest[grant.smart_lock_id] = grant
    return sorted(latest.values(), key=lambda one: (not one.is_wanted, one.position, one.pk))


def code_of(grants: Sequence[Grant]) -> str:
    """A stay's code in groups, or nothing."""
    return next((codes.grouped(grant.code) for grant in grants if grant.code and grant.is_wanted), "")


def cancel_consequences(stay: Stay, grants: Sequence[Grant]) -> list[str]:
    """What cancelling does to whom, said before it is done."""
    doors = [shown.door_name(grant) for grant in grants if grant.is_wanted]
    is_told = any(message.sent_at for message in stay.messages.all())
    sentences = [
        _("The code is taken off %(doors)s.") % {"doors": ", ".join(doors)},
        _("%(unit)s is free to be booked again at once.") % {"unit": stay.unit.name},
    ]
    if is_told:
        sentences.append(
            _("%(guest)s already has the code, and is told that the stay is cancelled.")
            % {"guest": stay.guest.called}
        )
    return sentences


def renew_consequences(stay: Stay, grants: Sequence[Grant], *, has_backup: bool = False) -> list[str]:
    """What another code does to whom, said before it is done."""
    doors = [shown.door_name(grant) for grant in grants if grant.is_wanted and grant.code]
    return [
        _("The code of today stops opening %(doors)s, one door after the other.")
        % {"doors": ", ".join(doors)},
        _("%(guest)s is told the new one once it is on every door.") % {"guest": stay.guest.called},
        _("A door that is not reached keeps the old code until it is back."),
        *([_("A backup code that was handed out ends, too.")] if has_backup else []),
    ]


def _no_messages(stay: Stay, grants: Sequence[Grant], now: datetime) -> str:
    """Why the guest was told nothing, and whether that will change."""
    if not is_open(stay, now):
        return _("None was sent.")
    if any(grant.is_wanted and shown.problem_of(grant) == Problem.NO_ADDRESS for grant in grants):
        return _(
            "None. We send no code that does not open every door: show it here, and tell the guest yourself."
        )
    place = stay.unit.property
    tell_at = telling.due_at(
        starts_at=stay.starts_at, zone=place.time_zone, days=place.tell_days, at=place.tell_time, now=now
    )
    if tell_at <= now:
        return _("None yet. The guest is told the code once it is on every door.")
    day = date_format(wall_clock.shown(tell_at, place.time_zone), "LONG_WEEKDAY_CLOCK")
    return _("None yet. The guest is told the code on %(day)s, if it is on every door by then.") % {
        "day": day
    }


HISTORY: dict[str, Promise] = {
    AuditKind.STAY_BOOKED: in_time("Booked by %(who)s"),
    AuditKind.STAY_CHANGED: in_time("Changed by %(who)s"),
    AuditKind.STAY_CANCELLED: in_time("Cancelled by %(who)s"),
    AuditKind.GUESTS_CHANGED: in_time("Who comes was changed by %(who)s"),
    AuditKind.ADDRESS_CORRECTED: in_time("The guest's address was corrected by %(who)s"),
    AuditKind.TIMES_DERIVED_ANEW: in_time(
        "Times worked out anew: the rules of the property's time zone are others now"
    ),
    AuditKind.CODE_DRAWN_ANEW: in_time("Another code was drawn: the first was taken on a lock"),
    AuditKind.CODE_RENEWED: in_time("Another code asked for by %(who)s"),
    AuditKind.INVITE_RENEWED: in_time("Another app invitation for %(door)s: nobody had used the last"),
    AuditKind.TOLD_AGAIN: in_time("Message sent again by %(who)s"),
    AuditKind.TOLD_AT_ONCE: in_time("Message sent before its time by %(who)s"),
    AuditKind.CODE_REVEALED: in_time("Code shown to %(who)s"),
    AuditKind.GUEST_SAW_CODE: in_time("Code looked at on the guest's page"),
    AuditKind.HELP_ASKED: in_time("Help asked for at %(door)s on the guest's page"),
    AuditKind.HELP_SETTLED: in_time("Help marked as settled by %(who)s"),
    AuditKind.BACKUP_HANDED_OUT: in_time("Backup code for %(door)s handed out by %(who)s"),
    AuditKind.BACKUP_TAKEN: in_time("Backup code for %(door)s asked for on the guest's page"),
    AuditKind.OPENING_ASKED: in_time("Opening of %(door)s asked for on the guest's page"),
    AuditKind.LINK_REVEALED: in_time("Link to the guest's page shown to %(who)s"),
    AuditKind.LINK_RENEWED: in_time("New link to the guest's page made by %(who)s"),
    AuditKind.LINK_REVOKED: in_time("Guest's page closed by %(who)s"),
    AuditKind.CONFIRMED: in_time("Code confirmed on %(door)s"),
    AuditKind.DRIFTED: in_time("%(door)s had changed without us; put right"),
    AuditKind.CLOSED: in_time("Code gone from %(door)s"),
    AuditKind.MESSAGE_SENT: in_time("Message sent to the guest"),
}


INVITE_HISTORY: dict[str, Promise] = {
    AuditKind.CONFIRMED: in_time("Guest invited to open %(door)s with the Nuki app"),
    AuditKind.CLOSED: in_time("The app's right is gone from %(door)s"),
}


def _history_line(entry: AuditEntry) -> HistoryLine:
    door = shown.door_name(entry.grant) if entry.grant else ""
    by_app = entry.grant is not None and entry.grant.kind == GrantKind.APP_INVITE
    words = INVITE_HISTORY.get(entry.kind, HISTORY[entry.kind]) if by_app else HISTORY[entry.kind]
    return HistoryLine(str(words) % {"who": entry.who, "door": door}, entry.at)
