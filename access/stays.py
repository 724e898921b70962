"""Booking, changing and ending stays: the only writers of what is booked.

One durable transaction each, no network inside. What follows from it on the locks is in `wanted`.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F

from access import audit, codes, messages, party, queries, spares, wall_times, wanted, windows
from access.models import AuditKind, Grant, GrantKind, Stay
from access.party import Person
from access.wanted import CodeIsTaken, UnitHasNoSmartLock
from nuki_gateway import codes as keypad
from properties.encryption import digest
from properties.models import Door, Organization, Unit, User
from properties.queries import way_into

__all__ = [
    "CodeIsTaken",
    "ExternalIdIsTaken",
    "GuestIsUnknown",
    "StayEndsBeforeItStarts",
    "StayHasNoCode",
    "StayIsCancelled",
    "StayIsNotCancelled",
    "StayIsOver",
    "StayWasChanged",
    "UnitHasNoSmartLock",
    "UnitIsTaken",
    "book",
    "book_again",
    "cancel",
    "change",
    "check_open",
    "derive_times_anew",
    "draw_again",
    "renew_code",
    "use_new_keypad",
    "version",
]


class StayEndsBeforeItStarts(Exception):
    """The end of a stay does not lie after its start."""


class StayIsOver(Exception):
    """The stay would be over already, or is."""


class StayIsCancelled(Exception):
    """A cancelled stay cannot be changed."""


class UnitIsTaken(Exception):
    """Another stay of the unit overlaps."""


class ExternalIdIsTaken(Exception):
    """Another stay that was not cancelled is called so by the property system."""


class StayWasChanged(Exception):
    """Somebody else has changed the stay since the page was made."""


class StayIsNotCancelled(Exception):
    """Only a stay that was cancelled is booked again."""


class GuestIsUnknown(Exception):
    """The guest's name and address were erased: there is nobody to book for."""


class StayHasNoCode(Exception):
    """No door of the stay takes a code."""


@transaction.atomic(durable=True)
def book(
    *,
    organization: Organization,
    unit: Unit,
    guest_name: str,
    guest_email: str,
    starts_at: datetime,
    ends_at: datetime,
    booked_by: User | None,
    now: datetime,
    language: str = "en",
    code: str = "",
    companions: Sequence[Person] = (),
    external_id: str = "",
) -> Stay:
    """Book a unit for a guest and who comes along, and want one code on every door of the way in.

    `code` is the host's own choice; without one it is drawn. Raises this module's errors, and
    `nuki_gateway.codes.CodeRefusedByKeypads`; nothing is kept then.
    """
    starts_at, ends_at = windows.whole_seconds(starts_at), windows.whole_seconds(ends_at)
    _check_times(starts_at, ends_at, now)
    guest = party.booking_guest(organization, Person(guest_name, guest_email), language)
    stay = Stay(
        organization=organization,
        unit=unit,
        guest=guest,
        starts_at=starts_at,
        ends_at=ends_at,
        external_id=external_id,
        booked_at=now,
        booked_by=booked_by,
    )
    doors = _keep(stay, companions)
    chosen = keypad.check(code) if code else ""
    wanted.want(stay, doors, code=chosen, is_chosen=bool(chosen), now=now)
    audit.about_stay(AuditKind.STAY_BOOKED, stay, by=booked_by, now=now)
    return stay


@transaction.atomic(durable=True)
def book_again(*, stay: Stay, booked_by: User | None, now: datetime) -> Stay:
    """Book a cancelled stay once more: the same unit, guests and times, and the same code where it is free.

    While the old code is still being taken off a door it is not. Raises StayIsNotCancelled, StayIsOver,
    GuestIsUnknown, UnitIsTaken, UnitHasNoSmartLock, ExternalIdIsTaken.
    """
    old = Stay.objects.select_related("guest", "unit__property", "organization").get(pk=stay.pk)
    if old.cancelled_at is None:
        raise StayIsNotCancelled
    _check_times(old.starts_at, old.ends_at, now)
    if old.guest.erased_at is not None:
        raise GuestIsUnknown
    messages.take_back_cancellation(stay=old, now=now)
    again = Stay(
        organization=old.organization,
        unit=old.unit,
        guest=old.guest,
        starts_at=old.starts_at,
        ends_at=old.ends_at,
        external_id=old.external_id,
        booked_at=now,
        booked_by=booked_by,
    )
    along = [Person(guest.name, guest.email) for guest in party.companions(old) if guest.erased_at is None]
    doors = _keep(again, along)
    wanted.want(again, doors, code=_code_from_before(old, doors, now), is_chosen=False, now=now)
    audit.about_stay(AuditKind.STAY_BOOKED, again, by=booked_by, now=now)
    return again


@transaction.atomic(durable=True)
def change(
    *,
    stay: Stay,
    unit: Unit,
    starts_at: datetime,
    ends_at: datetime,
    changed_by: User | None,
    now: datetime,
    seen: str = "",
    external_id: str | None = None,
) -> None:
    """Move a stay in time, or to another unit. The code stays the same wherever it is free.

    `seen` is the `version` of the stay as whoever chose the change saw it; without one nobody asks for it.
    Raises StayWasChanged where the stay is another one by now. `external_id` is what the property system
    calls it from now on; None leaves that as it is.
    """
    current = Stay.objects.select_for_update().get(pk=stay.pk)
    starts_at, ends_at = windows.whole_seconds(starts_at), windows.whole_seconds(ends_at)
    check_open(current, now)
    _check_times(starts_at, ends_at, now)
    stands = (current.unit_id, current.starts_at, current.ends_at) == (unit.pk, starts_at, ends_at)
    if stands and external_id in {None, current.external_id}:
        return
    if seen and seen != version(current):
        raise StayWasChanged
    if external_id is not None:
        current.external_id = external_id
    if stands:  # no guest is told what a property system calls it
        _save(current)
    else:
        _move(current, unit, starts_at, ends_at, now)
    audit.about_stay(AuditKind.STAY_CHANGED, current, by=changed_by, now=now)


@transaction.atomic(durable=True)
def cancel(
    *, stay: Stay, cancelled_by: User | None, now: datetime, seen: str = "", tells_guest: bool = True
) -> None:
    """Stop wanting the stay's codes anywhere. A guest who was told is told of that, too.

    `seen` is as for `change`.
    """
    current = Stay.objects.select_for_update().get(pk=stay.pk)
    check_open(current, now)
    if seen and seen != version(current):
        raise StayWasChanged
    current.cancelled_at = now
    current.revision += 1
    current.save(update_fields=["cancelled_at", "revision"])
    wanted.unwant(queries.live_grants(current), now)
    messages.write_cancelled(stay=current, tells_guest=tells_guest, now=now)
    audit.about_stay(AuditKind.STAY_CANCELLED, current, by=cancelled_by, now=now)


@transaction.atomic(durable=True)
def derive_times_anew(*, stay: Stay, now: datetime) -> bool:
    """Bring a stay's instants in line with its times on the wall. False where they are, or it is settled.

    They part when a release of the zone database gives the property's zone other rules. They also do when a
    host gives the property another zone: three o'clock stays three o'clock, on the clocks of the new zone,
    and guests are told. Raises UnitIsTaken, StayEndsBeforeItStarts, `wall_clock.UnknownTimeZone`.
    """
    current = Stay.objects.select_for_update(of=("self",)).select_related("unit__property").get(pk=stay.pk)
    if current.cancelled_at is not None or current.ends_at <= now or not wall_times.derive(current):
        return False
    if current.ends_at <= current.starts_at:
        raise StayEndsBeforeItStarts
    current.revision += 1
    _save(current)
    for grant in queries.live_grants(current):
        if grant.is_wanted:
            wanted.update(grant, now, **vars(wanted.window(current)))
    audit.about_stay(AuditKind.TIMES_DERIVED_ANEW, current, by=None, now=now)
    return True


@transaction.atomic(durable=True)
def draw_again(*, stay: Stay, now: datetime) -> None:
    """Give a stay another code on all its doors, because the first one turned out to be taken."""
    current = Stay.objects.select_for_update().get(pk=stay.pk)
    if current.cancelled_at is not None:
        return
    _give_another_code(current, now)
    audit.about_stay(AuditKind.CODE_DRAWN_ANEW, current, by=None, now=now)


@transaction.atomic(durable=True)
def renew_code(*, stay: Stay, renewed_by: User | None, now: datetime) -> None:
    """Give a stay another code because somebody asks for it. The old one dies door by door, backup codes too.

    The guest is told the new one once it is on every door. Raises StayIsOver, StayIsCancelled, StayHasNoCode.
    """
    current = Stay.objects.select_for_update().get(pk=stay.pk)
    check_open(current, now)
    if not _give_another_code(current, now):
        raise StayHasNoCode
    spares.take_back(stay=current, now=now)
    audit.about_stay(AuditKind.CODE_RENEWED, current, by=renewed_by, now=now)


@transaction.atomic(durable=True)
def use_new_keypad(*, grant: Grant, now: datetime) -> None:
    """Want the stay's code on a lock that had no keypad when it was booked, and has one now."""
    stay = Stay.objects.select_for_update().get(pk=grant.own_stay_id)
    if stay.cancelled_at is not None or stay.ends_at <= now:
        return
    others = [one for one in queries.live_grants(stay) if one.is_wanted and one.pk != grant.pk]
    code = next((one.code for one in others if one.code), "")
    if not code or code in wanted.taken_on([grant.smart_lock_id], now):
        code = codes.draw(
            taken=wanted.taken_on([grant.smart_lock_id, *(one.smart_lock_id for one in others)], now)
        )
        for one in others:
            if one.code:
                wanted.update(one, now, code=code, code_digest=digest(code))
    wanted.change_kind(grant, GrantKind.KEYPAD_CODE, now, code=code, code_digest=digest(code))
    Stay.objects.filter(pk=stay.pk).update(revision=F("revision") + 1)
    audit.about_stay(AuditKind.STAY_CHANGED, stay, by=None, now=now)


def check_open(stay: Stay, now: datetime) -> None:
    """Raise StayIsCancelled or StayIsOver where nothing of the stay can be changed any more."""
    if stay.cancelled_at is not None:
        raise StayIsCancelled
    if stay.ends_at <= now:
        raise StayIsOver


def version(stay: Stay) -> str:
    """Unit and times of a stay in one word: what a form to change it was made from."""
    return f"{stay.unit_id}.{stay.starts_at.timestamp():.0f}.{stay.ends_at.timestamp():.0f}"


def _move(current: Stay, unit: Unit, starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    """To another unit or other times, with its codes. The stay's row is held."""
    if current.unit.property_id != unit.property_id:
        wall_times.forget(current)  # they were of another house's clocks
    current.unit, current.starts_at, current.ends_at = unit, starts_at, ends_at
    wall_times.keep(current)
    current.revision += 1
    _save(current)
    wanted.want_elsewhere(current, _doors_of(unit), now)


def _keep(stay: Stay, companions: Sequence[Person]) -> list[tuple[int, Door]]:
    """Write the stay down with who comes along; its doors, numbered from the street.

    They are read with the row in place: who lays the way in anew sees it, or is seen.
    """
    wall_times.keep(stay)
    _save(stay)
    party.bring(stay, companions)
    return list(enumerate(_doors_of(stay.unit), start=1))


def _code_from_before(old: Stay, doors: Sequence[tuple[int, Door]], now: datetime) -> str:
    """The code of a cancelled stay, if it is free on these doors; else none."""
    grants = Grant.objects.filter(stay=old).exclude(code_digest="").order_by("-pk")
    code = next((grant.code for grant in grants[:1]), "")
    locks = [door.smart_lock_id for _, door in doors if door.smart_lock_id]
    return code if code and code not in wanted.taken_on(locks, now, besides=old) else ""


def _give_another_code(stay: Stay, now: datetime) -> bool:
    """One that is free on all doors; False where no door takes a code. The stay's row is held."""
    grants = [grant for grant in queries.live_grants(stay) if grant.is_wanted and grant.code]
    if not grants:
        return False
    code = codes.draw(taken=wanted.taken_on([grant.smart_lock_id for grant in grants], now))
    for grant in grants:
        wanted.update(grant, now, code=code, code_digest=digest(code))
    Stay.objects.filter(pk=stay.pk).update(revision=F("revision") + 1)
    return True


def _check_times(starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    if ends_at <= starts_at:
        raise StayEndsBeforeItStarts
    if ends_at <= now:
        raise StayIsOver


def _doors_of(unit: Unit) -> list[Door]:
    doors = way_into(unit)
    if not doors:
        raise UnitHasNoSmartLock
    return doors


def _save(stay: Stay) -> None:
    try:
        with transaction.atomic():
            stay.save()
    except IntegrityError as refusal:
        if "stays_of_a_unit_do_not_overlap" in str(refusal):
            raise UnitIsTaken from None
        if "one_standing_stay_for_each_external_id" in str(refusal):
            raise ExternalIdIsTaken from None
        raise
