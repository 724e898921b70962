"""The values behind the pages about properties and Nuki accounts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import available_timezones

from django.urls import reverse
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from properties import wall_clock
from properties.models import Door, NukiAccount, Property, SmartLock, Unit
from properties.queries import MOST_LOCKS
from properties.roles import Right, Role, may


@dataclass(frozen=True)
class PropertyRow:
    """One property in the list."""

    url: str
    name: str
    address: str
    time_zone: str
    units_count: int
    doors_count: int


@dataclass(frozen=True)
class UnitRow:
    """A unit and the doors on its way in."""

    name: str
    doors: list[str]
    edit_url: str
    book_url: str
    needs_lock: bool


@dataclass(frozen=True)
class DoorRow:
    """A door and how its lock is."""

    name: str
    lock_name: str
    lock_url: str
    lock_state: str
    tone: str
    edit_url: str
    pictures_url: str


@dataclass(frozen=True)
class PropertyView:
    """One property as its page shows it."""

    name: str
    address: str
    time_zone: str
    check_in_time: time
    check_out_time: time
    told: str
    reminded: str
    edit_url: str
    texts_url: str
    send_time_url: str
    units: list[UnitRow]
    doors: list[DoorRow]
    add_unit_url: str
    add_door_url: str


@dataclass(frozen=True)
class LockRow:
    """A smart lock in the list of its account."""

    name: str
    url: str
    kind: str
    lock_state: str
    tone: str
    keypad: str
    door_name: str


@dataclass(frozen=True)
class AccountRow:
    """A Nuki account and its smart locks."""

    name: str
    tone: str
    word: str
    sentence: str
    news: str
    locks: list[LockRow]
    has_more: bool  # than are shown; the page of doors has those
    needs_host: bool  # nothing of it works until a person has done something
    import_url: str
    token_url: str
    sign_in_url: str


def time_zones() -> list[str]:
    """Every zone that can be chosen, by name."""
    return sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))


def property_row(place: Property) -> PropertyRow:
    """A property with the counts that `queries.properties_of` adds."""
    return PropertyRow(
        url=reverse("properties:property", kwargs={"property_id": place.pk}),
        name=place.name,
        address=place.address,
        time_zone=place.time_zone,
        units_count=getattr(place, "units_count", 0),
        doors_count=getattr(place, "doors_count", 0),
    )


def property_view(
    place: Property, units: Iterable[Unit], doors: Iterable[Door], *, role: Role, now: datetime
) -> PropertyView:
    """A property with its units and doors, read before. What this role may not do has no address here."""
    where = {"property_id": place.pk}
    can_change, can_book = may(role, Right.CHANGE_PROPERTIES), may(role, Right.CHANGE_STAYS)
    all_doors = list(doors)
    locked = {door.pk for door in all_doors if door.smart_lock_id}
    return PropertyView(
        name=place.name,
        address=place.address,
        time_zone=place.time_zone,
        check_in_time=place.check_in_time,
        check_out_time=place.check_out_time,
        told=_told(place),
        reminded=_reminded(place),
        edit_url=reverse("properties:edit_property", kwargs=where) if can_change else "",
        texts_url=reverse("properties:texts", kwargs=where) if can_change else "",
        send_time_url=reverse("access:send_time", kwargs=where) if can_change else "",
        units=[_unit_row(unit, locked, can_change=can_change, can_book=can_book) for unit in units],
        doors=[_door_row(door, place.time_zone, now, can_change=can_change) for door in all_doors],
        add_unit_url=reverse("properties:add_unit", kwargs=where) if can_change else "",
        add_door_url=reverse("properties:add_door", kwargs=where) if can_change else "",
    )


def _told(place: Property) -> str:
    """When guests are told their code."""
    if place.tell_days is None:
        return _("once the code is on every door")
    at = time_format(place.tell_time, "CLOCK")
    if place.tell_days == 0:
        return _("on the day of arrival, %(at)s") % {"at": at}
    sentence = ngettext(
        "the day before arrival, %(at)s", "%(count)d days before arrival, %(at)s", place.tell_days
    )
    return sentence % {"count": place.tell_days, "at": at}


def _reminded(place: Property) -> str:
    """What else guests get: by the calendar, and not because something changed."""
    sentences = []
    if place.remind_time is not None:
        at = time_format(place.remind_time, "CLOCK")
        sentences.append(_("Reminded on the day of arrival, %(at)s.") % {"at": at})
    if place.says_thanks:
        sentences.append(_("Thanked when they leave."))
    return " ".join(sentences)


def _unit_row(unit: Unit, locked: set[int], *, can_change: bool, can_book: bool) -> UnitRow:
    way_in = list(unit.way_in.all())
    needs_lock = not any(step.door_id in locked for step in way_in)
    book_url = reverse("access:book_stay") + f"?unit={unit.pk}"
    return UnitRow(
        name=unit.name,
        doors=[step.door.name for step in way_in],
        edit_url=reverse("access:edit_unit", kwargs={"unit_id": unit.pk}) if can_change else "",
        book_url=book_url if can_book and not needs_lock else "",
        needs_lock=needs_lock,
    )


def _door_row(door: Door, zone: str, now: datetime, *, can_change: bool) -> DoorRow:
    lock = door.smart_lock
    tone, state = lock_health(lock, zone, now) if lock else ("look", _("no smart lock yet"))
    return DoorRow(
        name=door.name,
        lock_name=f"{lock.called} · {lock.kind}" if lock else "",
        lock_url=reverse("access:lock", kwargs={"lock_id": lock.pk}) if lock else "",
        lock_state=state,
        tone=tone,
        edit_url=reverse("access:edit_door", kwargs={"door_id": door.pk}) if can_change else "",
        pictures_url=reverse("access:door_pictures", kwargs={"door_id": door.pk}) if can_change else "",
    )


def nuki_account_row(account: NukiAccount, *, role: Role, can_sign_in: bool, now: datetime) -> AccountRow:
    """An account with its locks, fetched with it. `can_sign_in`: whether hosts can sign in at Nuki here."""
    where = {"account_id": account.pk}
    locks: list[SmartLock] = account.some_locks  # type: ignore[attr-defined]  # as `queries` fetches them
    can_change = may(role, Right.CHANGE_NUKI_ACCOUNTS)
    is_broken = account.broken_since is not None
    signs_in = account.is_signed_in_at_nuki and can_sign_in
    tone, word, sentence = account_state(account, now, signs_in=signs_in)
    import_url = reverse("properties:import_locks", kwargs=where)
    token_url = reverse("properties:replace_token", kwargs=where)
    sign_in_url = reverse("properties:sign_in_again", kwargs=where)
    return AccountRow(
        name=account.name,
        tone=tone,
        word=word,
        sentence=sentence,
        news=_news(account) if not is_broken else "",
        locks=[_lock_row(lock, now) for lock in locks[:MOST_LOCKS]],
        has_more=len(locks) > MOST_LOCKS,
        needs_host=is_broken,
        import_url=import_url if can_change and not is_broken else "",
        token_url=token_url if can_change and not signs_in else "",
        sign_in_url=sign_in_url if can_change and signs_in and is_broken else "",
    )


def account_state(account: NukiAccount, now: datetime, *, signs_in: bool) -> tuple[str, str, str]:
    """Tone, word and sentence for how an account is, and what there is to do about it."""
    paused_until = account.paused_until
    if account.broken_since is not None and signs_in:
        return (
            "act",
            _("Signed out"),
            _("Your sign-in with Nuki has ended. Codes wait until you sign in again."),
        )
    if account.broken_since is not None:
        return (
            "act",
            _("Refused"),
            _("Nuki no longer accepts the token. Codes wait until you put in a new one."),
        )
    if paused_until is not None and (account.failures or paused_until > now):
        return "look", _("Paused"), _("Nuki did not answer. We try again by ourselves.")
    if account.is_signed_in_at_nuki:
        return "ready", _("Connected"), _("You are signed in with Nuki.")
    return "ready", _("Connected"), _("Nuki accepts the token.")


def _news(account: NukiAccount) -> str:
    """How we learn what happens at the doors."""
    if account.webhook_id is None:
        return _("We ask Nuki what happens at your doors: each minute while a guest is in.")
    if account.webhook_missed:
        return _(
            "Nuki tells us only part of what happens at your doors. We ask each minute while a guest is in."
        )
    return _("Nuki tells us at once what happens at your doors.")


def _lock_row(lock: SmartLock, now: datetime) -> LockRow:
    door: Door | None = getattr(lock, "door", None)
    tone, state = lock_health(lock, door.property.time_zone if door else "", now)
    return LockRow(
        name=lock.called,
        url=reverse("access:lock", kwargs={"lock_id": lock.pk}),
        kind=lock.kind,
        lock_state=state,
        tone=tone,
        keypad=_("has a keypad") if lock.has_keypad else _("no keypad: guests need the Nuki app"),
        door_name=f"{door.property.name} · {door.name}" if door else "",
    )


def lock_health(lock: SmartLock, zone: str, now: datetime) -> tuple[str, str]:
    """Tone and words for how a lock is. `zone` is that of its property, empty for a lock on no door."""
    if lock.gone_since is not None:
        return "act", _("left the Nuki account")
    if lock.subscription_ended:
        return "act", _("its subscription has ended")
    if not lock.is_online:
        return "act", _("does not answer")
    if lock.battery_critical:
        return "look", _("change the batteries")
    if lock.keypad_battery_critical:
        return "look", _("change the keypad's battery")
    if wall_clock.clocks_differ(lock.time_zone, zone, now):
        return "look", _("its clock is set to %(zone)s") % {"zone": lock.time_zone}
    if not lock.has_keypad:
        return "ready", _("online, guests use the app")
    return "ready", _("online")
