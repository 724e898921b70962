"""The values behind the page that a guest has of a stay: the code and its times, the way in, the house."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from access import codes, letters, messages, opening_rules, readiness, shown, squares, telling, told
from access.lifecycle import HORIZON
from access.models import Grant, GrantKind, Message, Spare, Stay
from access.shown import Tone
from access.squares import Square
from properties import dates, plain_text, wall_clock
from properties.models import DoorPicture, Property
from properties.texts import HouseTexts

AN_HOUR, A_MINUTE = 3_600, 60  # seconds
HELPS_FROM = timedelta(days=1)  # before the arrival: some come early
MOMENT = "LONG_WEEKDAY_CLOCK"


@dataclass(frozen=True)
class Picture:
    """What a door looks like. `number` is what its address calls it."""

    number: int
    width: int
    height: int
    description: str


@dataclass(frozen=True)
class Step:
    """One door on the way in."""

    name: str
    hint: str
    tone: Tone
    word: str
    number: int = 0  # what addresses call it
    is_by_app: bool = False  # the Nuki app opens it
    can_ask: bool = False  # for help
    can_open: bool = False  # from the page
    pictures: Sequence[Picture] = ()
    has_backup: bool = False  # a backup code opens it


@dataclass(frozen=True)
class Wifi:
    """The house's Wi-Fi; the password is there once it was asked for."""

    name: str
    password: str
    square: Square | None
    is_open: bool  # needs no password
    can_show: bool


@dataclass(frozen=True)
class Countdown:
    """How long it is until something; on its last day it goes on counting while the page is open."""

    at: datetime
    words: str
    is_near: bool = False


@dataclass(frozen=True)
class Welcome:
    """One stay as its guests see it."""

    business_name: str
    guest_name: str
    unit_name: str
    property_name: str
    address: str
    map_url: str
    tone: Tone
    headline: str
    detail: str
    can_show_code: bool
    code_grouped: str
    starts_at: datetime
    ends_at: datetime
    arrival: Countdown | None  # None once it has come
    departure: Countdown
    zone: str
    takes_code: bool  # each door does
    has_keypads: bool  # at a door or more
    awaits_invite: bool  # from Nuki, for a door or more
    doors: list[Step]
    way_in: str
    wifi: Wifi | None
    house_rules: str
    good_to_know: str
    phone: str
    phone_url: str
    reply_to: str


def welcome(
    stay: Stay,
    *,
    grants: Sequence[Grant],
    written: Sequence[Message],
    house: HouseTexts,
    pictures: Mapping[int, Sequence[DoorPicture]],
    shows_secrets: bool,
    now: datetime,
    spares: Sequence[Spare] = (),
) -> Welcome:
    """The page as it is now, in the language that is active. Code and password only where they are asked for.

    `grants` are those that are not closed, read after the stay was: so of a stay that is changed meanwhile
    the doors are the newer ones, and have no code yet. `spares` are the backup codes that its guests have.
    """
    place, wanted = stay.unit.property, [grant for grant in grants if grant.is_wanted]
    can_show = messages.may_be_shown(stay, grants, written, now)
    tone, headline, detail = _answer(stay, wanted, written, now, can_show=can_show)
    if spares and not can_show:
        can_show = bool(told.own_code_beside(wanted, spares))
        tone, headline, detail = _with_backup(wanted, spares, can_show=can_show)
    opened = {spare.handed_to_id for spare in spares}
    return Welcome(
        business_name=plain_text.one_line(stay.organization.name),
        guest_name=plain_text.one_line(stay.guest.name),
        unit_name=plain_text.one_line(stay.unit.name),
        property_name=plain_text.one_line(place.name),
        address=plain_text.one_line(place.address),
        map_url=letters.map_of(plain_text.one_line(place.address)),
        tone=tone,
        headline=headline,
        detail=detail,
        can_show_code=can_show and bool(_code(wanted)),
        code_grouped=_code(wanted) if shows_secrets and can_show else "",
        starts_at=stay.starts_at,
        ends_at=stay.ends_at,
        arrival=_countdown(stay.starts_at, place, now) if now < stay.starts_at else None,
        departure=_countdown(stay.ends_at, place, now),
        zone=place.time_zone,
        takes_code=_takes_code(wanted),
        has_keypads=not wanted or any(grant.kind == GrantKind.KEYPAD_CODE for grant in wanted),
        awaits_invite=any(_is_invited(grant) and grant.redeemed_at is None for grant in wanted),
        doors=[
            replace(
                _with_help(_step(grant, stay, house, now), grant, stay, now),
                pictures=_pictures(pictures.get(grant.door_id or 0, ())),
                has_backup=grant.pk in opened,
            )
            for grant in wanted
        ],
        way_in=house.way_in,
        wifi=_wifi(house, can_show=can_show or now >= stay.starts_at, shows=shows_secrets),
        house_rules=house.house_rules,
        good_to_know=house.good_to_know,
        phone=house.phone,
        phone_url=letters.call_of(house.phone),
        reply_to=stay.organization.reply_to,
    )


def _code(wanted: Sequence[Grant]) -> str:
    return next((codes.grouped(grant.code) for grant in wanted if grant.code), "")


def _takes_code(wanted: Sequence[Grant]) -> bool:
    return bool(wanted) and all(grant.kind == GrantKind.KEYPAD_CODE for grant in wanted)


def _is_invited(grant: Grant) -> bool:
    return grant.kind == GrantKind.APP_INVITE and not shown.problem_of(grant)


def _has_no_way(wanted: Sequence[Grant]) -> bool:
    """Whether neither a code nor the Nuki app is to open some door."""
    return not wanted or any(
        grant.kind == GrantKind.APP_INVITE and not _is_invited(grant) for grant in wanted
    )


def _answer(
    stay: Stay, wanted: Sequence[Grant], written: Sequence[Message], now: datetime, *, can_show: bool
) -> tuple[Tone, str, str]:
    """Whether the code works, in a sentence; and what the guest does about it."""
    if wanted and all(_is_invited(grant) for grant in wanted):
        return _answer_of_app(stay, wanted, written, now, can_show=can_show)
    zone = stay.unit.property.time_zone
    works_from = _("Your code works from %(starts)s.") % {
        "starts": dates.in_words(stay.starts_at, zone, MOMENT)
    }
    if can_show:
        return Tone.READY, works_from if now < stay.starts_at else _("Your code works now."), ""
    if _has_no_way(wanted):
        return (
            Tone.LOOK,
            _("Your host lets you in."),
            _("Not every door here takes a code. Ask your host how you get in."),
        )
    told_of = max((message.revision for message in written if message.sent_at), default=0)
    if told_of:
        headline = _("Your code is missing on a door at the moment.")
        if all(grant.confirmed_at or _is_invited(grant) for grant in wanted):
            headline = _("Nuki is sending you another invitation to its app.")
        if told_of < stay.revision:
            headline = _("Your stay has changed. Your code is not on every door yet.")
        return Tone.MOVING, headline, _("What you read here is how it is now. Look again in some minutes.")
    told_at = _told_at(stay, wanted, now)
    if now < told_at:
        seen = _("You can see it here from %(day)s.") % {"day": dates.in_words(told_at, zone, MOMENT)}
        return Tone.PLANNED, works_from, seen
    under_way = _("Your code is on its way to the doors.")
    if now >= stay.starts_at:
        return (
            Tone.LOOK,
            under_way,
            _("We keep trying. If you are there already, ask your host to let you in."),
        )
    return Tone.MOVING, under_way, _("You see it here once it is on every door. Look again in some minutes.")


def _answer_of_app(
    stay: Stay, wanted: Sequence[Grant], written: Sequence[Message], now: datetime, *, can_show: bool
) -> tuple[Tone, str, str]:
    """The same where the Nuki app opens each door, and there is no code."""
    zone = stay.unit.property.time_zone
    if can_show:
        return Tone.READY, _("You open the doors with the Nuki app."), ""
    told_at = _told_at(stay, wanted, now)
    if now < told_at and not any(message.sent_at for message in written):
        day = dates.in_words(told_at, zone, MOMENT)
        return (
            Tone.PLANNED,
            _("You open the doors with the Nuki app."),
            _("Nuki invites you by e-mail before your stay. Look here again from %(day)s.") % {"day": day},
        )
    return (
        Tone.MOVING,
        _("Your invitation to the Nuki app is on its way."),
        _("What you read here is how it is now. Look again in some minutes."),
    )


def _with_backup(
    wanted: Sequence[Grant], spares: Sequence[Spare], *, can_show: bool
) -> tuple[Tone, str, str]:
    """That another code opens a door to which the guest's own has not come."""
    opened = {spare.handed_to_id for spare in spares}
    names = [plain_text.one_line(shown.door_name(grant)) for grant in wanted if grant.pk in opened]
    headline = _("You have a backup code for %(doors)s.") % {"doors": ", ".join(names)}
    if can_show:
        return Tone.READY, headline, _("You find it below, at the door. Your own code opens the other doors.")
    return Tone.READY, headline, _("You find it below, at the door.")


def _told_at(stay: Stay, wanted: Sequence[Grant], now: datetime) -> datetime:
    """When the guest is told the code, if all goes well: no code is put on a door long before it opens it."""
    place = stay.unit.property
    chosen = telling.due_at(
        starts_at=stay.starts_at, zone=place.time_zone, days=place.tell_days, at=place.tell_time, now=now
    )
    return max(chosen, *(grant.allowed_from - HORIZON for grant in wanted))


def _with_help(step: Step, grant: Grant, stay: Stay, now: datetime) -> Step:
    """What can be done from the page when one stands before the door."""
    lock = grant.smart_lock
    answers = lock.is_online and lock.is_in_service and lock.gone_since is None
    return replace(
        step,
        number=grant.pk,
        is_by_app=_is_invited(grant),
        can_ask=now >= stay.starts_at - HELPS_FROM,
        can_open=answers and opening_rules.is_for_guests(grant, stay, now),
    )


def _pictures(found: Sequence[DoorPicture]) -> list[Picture]:
    return [Picture(one.pk, one.width, one.height, plain_text.one_line(one.description)) for one in found]


def _step(grant: Grant, stay: Stay, house: HouseTexts, now: datetime) -> Step:
    """One door. It is ready when its lock was seen to have the code, and nothing speaks against it since."""
    name = plain_text.one_line(shown.door_name(grant))
    hint = house.doors.get(grant.door_id, "") if grant.door_id else ""
    if grant.kind == GrantKind.APP_INVITE:
        return _app_step(grant, Step(name, hint, Tone.LOOK, _("takes no code")))
    if shown.problem_of(grant):
        return Step(name, hint, Tone.LOOK, _("ask your host"))
    if grant.confirmed_at is not None:
        return Step(name, hint, Tone.READY, _("ready"))
    is_late = readiness.is_slow(booked_at=stay.booked_at, allowed_from=grant.allowed_from, now=now)
    if is_late or now >= stay.starts_at or not grant.smart_lock.is_online:
        return Step(name, hint, Tone.MOVING, _("not ready yet"))
    by = dates.in_words(stay.starts_at, stay.unit.property.time_zone, "WEEKDAY_CLOCK")
    return Step(name, hint, Tone.PLANNED, _("will be ready by %(time)s") % {"time": by})


def _app_step(grant: Grant, step: Step) -> Step:
    """A door that the Nuki app opens."""
    if not _is_invited(grant):
        return step
    if grant.confirmed_at is not None:
        return replace(step, tone=Tone.READY, word=_("with the Nuki app"))
    return replace(step, tone=Tone.MOVING, word=_("with the Nuki app, soon"))


def _wifi(house: HouseTexts, *, can_show: bool, shows: bool) -> Wifi | None:
    """The Wi-Fi. Its password is as secret as the code, and those whom their host lets in need it, too."""
    if not house.wifi_name:
        return None
    is_open = not house.wifi_password
    if not is_open and not (shows and can_show):
        return Wifi(house.wifi_name, "", None, is_open, can_show)
    square = squares.of_wifi(house.wifi_name, house.wifi_password)
    return Wifi(house.wifi_name, house.wifi_password, square, is_open, can_show)


def _countdown(at: datetime, place: Property, now: datetime) -> Countdown:
    """In days as the house's calendar has them; on the last day in hours and minutes."""
    last, today = (wall_clock.shown(one, place.time_zone).date() for one in (at, now))
    days = (last - today).days
    if days > 1:
        return Countdown(at, ngettext("in %(count)d day", "in %(count)d days", days) % {"count": days})
    if days == 1:
        return Countdown(at, _("tomorrow"))
    seconds = max(0, int((at - now).total_seconds()))
    if seconds >= AN_HOUR:
        count = seconds // AN_HOUR
        words = ngettext("in %(count)d hour", "in %(count)d hours", count)
    else:
        count = seconds // A_MINUTE
        words = ngettext("in %(count)d minute", "in %(count)d minutes", count)
    return Countdown(at, words % {"count": count}, is_near=True)
