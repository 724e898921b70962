"""Setting up a business whole, for operators and scripts: all of it is there afterwards, or nothing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from django.db import transaction

from nuki_gateway.models import SmartLock as Listed
from properties import api_keys, nuki_accounts, organizations, places, tenancy, wall_clock
from properties.api_scopes import Scope
from properties.models import Membership, NukiAccount, Organization, SmartLock

ACCOUNT_NAME = "Nuki"
KEY_NAME = "Setup"
LONGEST_NAME = 100  # of places


class NameIsTaken(Exception):
    """There is a business of this name: a script that runs twice sets up one."""


class ZoneIsUnknown(Exception):
    """A lock does not say which zone its clock shows, and nobody else has. The text is the lock's name."""


@dataclass(frozen=True)
class Wanted:
    """What is to be there. Without a token there is no Nuki account, without scopes no API key."""

    name: str
    owner_email: str
    owner_name: str = ""
    password: str | None = None
    token: str = ""
    imports_locks: bool = False
    time_zone: str = ""  # of locks that do not say theirs
    scopes: Collection[Scope] = ()


@dataclass(frozen=True)
class Made:
    """What is there. `key` is the API key's text, which is nowhere else."""

    organization: Organization
    listed: int = 0  # smart locks
    placed: int = 0
    without_keypad: Sequence[str] = ()  # names of the locks that have no place for that
    key: str = ""


def set_up(wanted: Wanted, *, now: datetime) -> Made:
    """Make a business with its owner, a Nuki account, places for its locks, and a key.

    The token is tried first. Raises NameIsTaken, ZoneIsUnknown, `nuki_accounts.TokenRefused` and
    `nuki_accounts.NukiDoesNotAnswer`; nothing is made then.
    """
    listed = nuki_accounts.check(wanted.token) if wanted.token else []
    made, account = _make(wanted, listed, now)
    if account is not None:
        with tenancy.within(made.organization):
            nuki_accounts.ask_to_be_told(account=account, now=now)
    return made


@transaction.atomic(durable=True)
def _make(wanted: Wanted, listed: list[Listed], now: datetime) -> tuple[Made, NukiAccount | None]:
    if Organization.objects.filter(name__iexact=wanted.name).exists():
        raise NameIsTaken
    organization = organizations.founded(wanted.name, wanted.owner_email, wanted.owner_name, wanted.password)
    with tenancy.within(organization):  # it is not there before, so no way in could have entered it
        account = _connected(organization, wanted, listed, now)
        locks = list(SmartLock.objects.filter(nuki_account=account).order_by("name", "pk"))
        placed = [lock for lock in locks if lock.has_keypad] if wanted.imports_locks else []
        _place(organization, placed, wanted.time_zone)
        made = Made(
            organization,
            listed=len(locks),
            placed=len(placed),
            without_keypad=[lock.called for lock in locks if not lock.has_keypad],
            key=_key(organization, wanted.scopes, now),
        )
    return made, account


def _connected(
    organization: Organization, wanted: Wanted, listed: list[Listed], now: datetime
) -> NukiAccount | None:
    if not wanted.token:
        return None
    return nuki_accounts.keep(
        organization=organization, name=ACCOUNT_NAME, token=wanted.token, listed=listed, now=now
    )


def _place(organization: Organization, locks: Sequence[SmartLock], time_zone: str) -> None:
    """A property, a unit and a door for each lock, called as it is."""
    taken: set[str] = set()
    for lock in locks:
        name = _free_name(lock.called or lock.kind, taken)
        taken.add(name)
        place = places.add_property(
            organization=organization,
            name=name,
            time_zone=_zone_of(lock, time_zone),
            check_in_time=places.USUAL_CHECK_IN,
            check_out_time=places.USUAL_CHECK_OUT,
        )
        door = places.add_door(place=place, name=name, smart_lock=lock)
        places.add_unit(place=place, name=name, way_in=[door])


def _free_name(name: str, taken: Collection[str]) -> str:
    """The name itself, or with the first number that makes it another one: names of properties differ."""
    endings = ("" if number == 1 else f" {number}" for number in count(1))
    names = (name[: LONGEST_NAME - len(ending)] + ending for ending in endings)
    return next(one for one in names if one not in taken)


def _zone_of(lock: SmartLock, otherwise: str) -> str:
    """The zone that the lock's clock shows, as far as it says so."""
    for zone in (lock.time_zone, otherwise):
        try:
            return wall_clock.check_time_zone(zone)
        except wall_clock.UnknownTimeZone:
            continue
    raise ZoneIsUnknown(lock.called)


def _key(organization: Organization, scopes: Collection[Scope], now: datetime) -> str:
    """A key that the owner answers for."""
    if not scopes:
        return ""
    owner = Membership.objects.select_related("user").get(organization=organization).user
    _, text = api_keys.made(
        organization=organization,
        name=KEY_NAME,
        scopes=scopes,
        expires_at=None,
        made_by=owner,
        now=now,
    )
    return text
