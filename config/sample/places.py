"""A business without its stays: people, a Nuki account, locks, houses, units, doors; and its units read."""

import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from access.models import Alert, AlertKind, Holder, OtherAuthorization
from config.sample import people
from config.sample.days import CHECK_IN, CHECK_OUT
from config.sample.history import OnTheWayIn, Place
from config.sample.plan import Kind, Part, Planned, share
from nuki_gateway.models import DeviceType, ServerState
from properties.models import (
    AlertMail,
    Door,
    Membership,
    NukiAccount,
    Organization,
    Property,
    SmartLock,
    Unit,
    UnitDoor,
    User,
)
from properties.roles import Role

ZONE = "Europe/Berlin"
PEOPLE = {Kind.LARGEST: 40, Kind.TYPICAL: 6, Kind.SMALL: 1}
NO_WORKER_FOR = timedelta(days=3650)  # nobody asks Nuki about accounts that it does not know
BATCH = 1_000
FIRST_LOCK = 20_000_000_000
DATABASE = "owner"


def found(planned: Planned, *, number: int, seed: int, now: datetime) -> Organization:
    """Make the business of that number. In a transaction of the owner's, who sees all rows."""
    chance = random.Random(f"{seed}/{planned.name}")  # noqa: S311  it is to be foreseen
    organization = Organization.objects.using(DATABASE).create(
        name=planned.name, slug=planned.slug, reply_to=f"owner@{planned.domain}"
    )
    _people(organization, planned)
    account = NukiAccount.objects.using(DATABASE).create(
        organization=organization,
        name="Nuki",
        token=f"sample-{number}",
        webhook_id=number,
        webhook_secret=f"sample-{number}",
        webhook_since=now,
        webhook_heard_at=now,
        connected_at=now - timedelta(days=400),
        swept_at=now,
        paused_until=now + NO_WORKER_FOR,
    )
    locks = _locks(account, planned, FIRST_LOCK + number * 1_000_000, chance, now)
    _others(locks, now)
    _alerts(locks, now)
    _houses(organization, planned, locks)
    return organization


def read(organization_id: int, planned: Planned, part: Part) -> list[Place]:
    """The units of one part, and how many stays and events each gets."""
    owner = Membership.objects.using(DATABASE).get(organization_id=organization_id, role=Role.OWNER)
    units = Unit.objects.using(DATABASE).filter(organization_id=organization_id).order_by("pk")
    chosen = list(units.values_list("pk", "property_id"))
    in_house: dict[int, int] = defaultdict(int)
    places = []
    ways_in = _ways_in(organization_id)
    for number, (unit_id, house) in enumerate(chosen):
        if part.first <= number < part.last:
            places.append(
                Place(
                    organization_id=organization_id,
                    unit_id=unit_id,
                    number=number,
                    in_house=in_house[house],
                    way_in=ways_in[unit_id],
                    booked_by=owner.user_id,
                    stays=share(planned.stays, number=number, among=len(chosen)),
                    events=share(planned.events, number=number, among=len(chosen)),
                )
            )
        in_house[house] += 1
    return places


def _ways_in(organization_id: int) -> dict[int, list[OnTheWayIn]]:
    found: dict[int, list[OnTheWayIn]] = defaultdict(list)
    steps = UnitDoor.objects.using(DATABASE).filter(organization_id=organization_id).order_by("position")
    for unit_id, door_id, lock_id in steps.values_list("unit_id", "door_id", "door__smart_lock_id"):
        found[unit_id].append(OnTheWayIn(door_id, lock_id))
    return found


def _people(organization: Organization, planned: Planned) -> None:
    """The owner, and who works there. Nobody has a password: `manage.py changepassword` gives one."""
    roles = [Role.OWNER, Role.MANAGER, *[Role.STAFF] * PEOPLE[planned.kind]][: PEOPLE[planned.kind]]
    users = [
        User(
            email=f"{role if index < 2 else f'person-{index}'}@{planned.domain}",  # noqa: PLR2004  one of each
            name=people.person(index).name,
            password="!",  # noqa: S106  no password fits
        )
        for index, role in enumerate(roles)
    ]
    User.objects.using(DATABASE).bulk_create(users)
    Membership.objects.using(DATABASE).bulk_create(
        Membership(organization=organization, user=user, role=role, alert_mail=AlertMail.NONE)
        for user, role in zip(users, roles, strict=True)
    )


def _locks(
    account: NukiAccount, planned: Planned, first: int, chance: random.Random, now: datetime
) -> list[SmartLock]:
    locks = []
    for number in range(planned.doors):
        is_offline, is_weak = chance.random() < 0.01, chance.random() < 0.02  # noqa: PLR2004  few are
        locks.append(
            SmartLock(
                organization_id=account.organization_id,
                nuki_account=account,
                smartlock_id=first + number,
                device_type=DeviceType.SMART_LOCK_3_4,
                name=f"Lock {number + 1}",
                has_keypad=True,
                time_zone=ZONE,
                server_state=ServerState.OFFLINE if is_offline else ServerState.OK,
                offline_since=now - timedelta(hours=3) if is_offline else None,
                battery_charge=12 if is_weak else 40 + int(chance.random() * 60),
                battery_critical=is_weak,
                firmware="3.9.5",
                contact_at=now,
                listed_at=now,
                others_read_at=now,
                foreign_codes=[f"{chance.getrandbits(256):064x}" for _ in range(5)],
            )
        )
    return SmartLock.objects.using(DATABASE).bulk_create(locks, batch_size=BATCH)


def _others(locks: list[SmartLock], now: datetime) -> None:
    """Two entries of others on each lock, one of which the host has named."""
    others = [
        OtherAuthorization(
            organization_id=lock.organization_id,
            smart_lock=lock,
            authorization_id=f"{lock.smartlock_id:020x}{number:04}",
            type=13,
            name=f"Cleaner {number}",
            enabled=True,
            weekdays=127,
            from_minute=0,
            until_minute=0,
            uses=number,
        )
        for lock in locks
        for number in (1, 2)
    ]
    OtherAuthorization.objects.using(DATABASE).bulk_create(others, batch_size=BATCH)
    Holder.objects.using(DATABASE).bulk_create(
        (
            Holder(
                organization_id=lock.organization_id,
                smart_lock=lock,
                authorization_id=f"{lock.smartlock_id:020x}{1:04}",
                name="Nadia",
                note="cleaner",
                named_at=now,
            )
            for lock in locks
        ),
        batch_size=BATCH,
    )


def _alerts(locks: list[SmartLock], now: datetime) -> None:
    Alert.objects.using(DATABASE).bulk_create(_alerts_of(locks, now), batch_size=BATCH)


def _alerts_of(locks: list[SmartLock], now: datetime) -> Iterator[Alert]:
    """What is open because it is so, and three of each lock that are over."""
    for lock in locks:
        for days in (20, 90, 200):
            opened_at = now - timedelta(days=days, seconds=lock.smartlock_id % 86_400)
            yield Alert(
                organization_id=lock.organization_id,
                kind=AlertKind.BATTERY_LOW,
                smart_lock=lock,
                opened_at=opened_at,
                closed_at=opened_at + timedelta(days=2),
            )
        kinds = {AlertKind.LOCK_OFFLINE: not lock.is_online, AlertKind.BATTERY_LOW: lock.battery_critical}
        for kind in (one for one, is_so in kinds.items() if is_so):
            yield Alert(
                organization_id=lock.organization_id,
                kind=kind,
                smart_lock=lock,
                opened_at=now - timedelta(hours=3),
            )


def _houses(organization: Organization, planned: Planned, locks: list[SmartLock]) -> None:
    """Each house has a front door, and a door for each unit; one with a single door is one unit."""
    houses = Property.objects.using(DATABASE).bulk_create(
        [
            Property(
                organization=organization,
                name=f"House {number + 1}",
                address=f"Street {number + 1}, Sampleton",
                time_zone=ZONE,
                check_in_time=CHECK_IN,
                check_out_time=CHECK_OUT,
                grace=timedelta(0),
            )
            for number in range(len(planned.houses))
        ],
        batch_size=BATCH,
    )
    free, doors, units, ways_in = iter(locks), [], [], []
    for house, count in zip(houses, planned.houses, strict=True):
        named = ["Front door", *(f"Flat {number}" for number in range(1, count))]
        there = [
            Door(organization=organization, property=house, name=name, smart_lock=next(free))
            for name in named
        ]
        doors += there
        for own in there[1:] or there:
            unit = Unit(organization=organization, property=house, name=own.name)
            units.append(unit)
            ways_in.append((unit, [there[0], own] if own is not there[0] else [own]))
    Door.objects.using(DATABASE).bulk_create(doors, batch_size=BATCH)
    Unit.objects.using(DATABASE).bulk_create(units, batch_size=BATCH)
    UnitDoor.objects.using(DATABASE).bulk_create(
        (
            UnitDoor(organization=organization, unit=unit, door=door, position=position)
            for unit, way_in in ways_in
            for position, door in enumerate(way_in, start=1)
        ),
        batch_size=BATCH,
    )
