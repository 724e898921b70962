"""Fills the demo: two businesses, seven doors, and stays that are over, running and to come.

Everything goes through the same operations as the pages use. Run again, it does nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.core.management.base import BaseCommand

from access import stays
from config.demo.command import PASSWORD
from properties import nuki_accounts, organizations, places, tenancy, wall_clock
from properties.clock import now
from properties.models import Door, Organization, Property, SmartLock, Unit, User

ZONE = "Europe/Berlin"
CHECK_IN, CHECK_OUT = time(15), time(10)


@dataclass(frozen=True)
class SampleStay:
    """A stay by days from today: arrival on day `first`, departure on day `last`."""

    unit: str
    guest: str
    email: str
    first: int
    last: int


HARBOUR = (
    SampleStay("Flat 1", "Ines Moreau", "ines@guests.example", -6, -3),
    SampleStay("Flat 1", "Jonas Okafor", "jonas@guests.example", 4, 8),
    SampleStay("Flat 2", "Mina Sato", "mina@guests.example", -2, 3),
    SampleStay("Flat 2", "Familie Brandt", "brandt@guests.example", 3, 7),
    SampleStay("Flat 3", "Lucia Rossi", "lucia@guests.example", 0, 2),
    SampleStay("Flat 3", "Tom Berg", "tom@guests.example", 9, 12),
    SampleStay("Annexe", "Ana Silva", "ana@guests.example", 0, 4),
    SampleStay("Chalet", "Dana Cohen", "dana@guests.example", 1, 5),
)
LINDGREN = (SampleStay("Studio", "Karin Holm", "karin@guests.example", -1, 2),)


class Command(BaseCommand):
    help = "Fill an empty installation with the demo's sample data."

    def handle(self, **options: Any) -> None:  # noqa: ARG002  Django's signature
        if Organization.objects.exists():
            return
        moment = now()
        harbour = _found("Harbour Stays", "alice@harbour.example", "Alice Hafner")
        with tenancy.within(harbour):
            locks = _connect(harbour, "demo-token-harbour", moment)
            units = _harbour_house(harbour, locks) | _chalet(harbour, locks)
            _book(harbour, units, HARBOUR, moment)
        lindgren = _found("Lindgren Lodging", "charlie@lindgren.example", "Charlie Lindgren")
        with tenancy.within(lindgren):
            locks = _connect(lindgren, "demo-token-lindgren", moment)
            place = _property(lindgren, "Lindgren Studio", "Birkenweg 4, 22303 Hamburg")
            units = _units(place, {"Studio": [_door(place, "Studio door", locks["Studio"])]})
            _book(lindgren, units, LINDGREN, moment)


def _found(name: str, email: str, owner: str) -> Organization:
    return organizations.found(name=name, owner_email=email, owner_name=owner, password=PASSWORD)


def _connect(organization: Organization, token: str, moment: datetime) -> dict[str, SmartLock]:
    account = nuki_accounts.connect(organization=organization, name="Nuki", token=token, now=moment)
    return {lock.name: lock for lock in SmartLock.objects.filter(nuki_account=account)}


def _harbour_house(organization: Organization, locks: dict[str, SmartLock]) -> dict[str, Unit]:
    place = _property(organization, "Harbour House", "Am Hafen 12, 20457 Hamburg")
    front = _door(place, "Front door", locks["Harbour front door"])
    flats = {name: [front, _door(place, name, locks[name])] for name in ("Flat 1", "Flat 2", "Flat 3")}
    return _units(place, flats)


def _chalet(organization: Organization, locks: dict[str, SmartLock]) -> dict[str, Unit]:
    place = _property(organization, "Lake Chalet", "Seestraße 3, 82418 Murnau")
    gate = _door(place, "Annexe gate", locks["Annexe gate"])
    chalet = _door(place, "Chalet door", locks["Chalet door"])
    return _units(place, {"Annexe": [gate], "Chalet": [gate, chalet]})


def _property(organization: Organization, name: str, address: str) -> Property:
    return places.add_property(
        organization=organization,
        name=name,
        address=address,
        time_zone=ZONE,
        check_in_time=CHECK_IN,
        check_out_time=CHECK_OUT,
    )


def _door(place: Property, name: str, lock: SmartLock) -> Door:
    return places.add_door(place=place, name=name, smart_lock=lock)


def _units(place: Property, ways_in: dict[str, Sequence[Door]] | dict[str, list[Door]]) -> dict[str, Unit]:
    return {name: places.add_unit(place=place, name=name, way_in=doors) for name, doors in ways_in.items()}


def _book(
    organization: Organization, units: dict[str, Unit], sample: Sequence[SampleStay], moment: datetime
) -> None:
    owner = User.objects.get(memberships__organization=organization)
    today = wall_clock.shown(moment, ZONE).date()
    for one in sample:
        starts_at = wall_clock.arrival(wall_clock.at(today + timedelta(days=one.first), CHECK_IN), ZONE)
        ends_at = wall_clock.departure(wall_clock.at(today + timedelta(days=one.last), CHECK_OUT), ZONE)
        stays.book(
            organization=organization,
            unit=units[one.unit],
            guest_name=one.guest,
            guest_email=one.email,
            starts_at=starts_at,
            ends_at=ends_at,
            booked_by=owner,
            now=min(moment, starts_at - timedelta(days=1)) if ends_at <= moment else moment,
        )
