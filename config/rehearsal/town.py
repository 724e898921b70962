"""The businesses of a rehearsal: houses of three kinds in five zones, with a lock on each door."""

from dataclasses import dataclass, field
from datetime import datetime, time

from nuki_gateway.simulator import Simulator, zones
from nuki_gateway.simulator.world import Account
from properties import nuki_accounts, organizations, places, tenancy
from properties.models import Organization, Property, SmartLock, Unit

CHECK_IN, CHECK_OUT = time(15), time(10)
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Sydney", "America/St_Johns", "Asia/Dubai")
FLATS = 5  # behind one front door
ROOMS = 2  # behind a gate and a house door
STUDIOS = 3  # with a door of their own
LOCKS_OF_A_BUSINESS = 1 + FLATS + 2 + ROOMS + STUDIOS
SMART_LOCK_2, SMART_LOCK_3 = 0, 4  # Nuki's device types: 100 and 200 codes


@dataclass(frozen=True)
class Home:
    """What a guest books, and the locks on the way in, by Nuki's number."""

    organization: Organization = field(repr=False)
    unit: Unit = field(repr=False)
    zone: str
    locks: tuple[int, ...]


def build(simulator: Simulator, *, number: int, locks: int, now: datetime) -> list[Home]:
    """Found one business, with at most so many locks, and give its homes."""
    zone = ZONES[number % len(ZONES)]
    account = simulator.add_account(name=f"Host {number}", token=f"token-{number}")
    plan = _plan(locks)
    for home, doors in enumerate(plan):
        for door in doors:
            _hang(simulator, account, door, zone, kind=SMART_LOCK_3 if home % 2 else SMART_LOCK_2)
    organization = organizations.found(name=f"Host {number}", owner_email=f"host-{number}@hosts.example")
    with tenancy.within(organization):
        connected = nuki_accounts.connect(
            organization=organization, name="Nuki", token=f"token-{number}", now=now
        )
        by_name = {lock.name: lock for lock in SmartLock.objects.filter(nuki_account=connected)}
        place = places.add_property(
            organization=organization,
            name=f"House {number}",
            time_zone=zone,
            check_in_time=CHECK_IN,
            check_out_time=CHECK_OUT,
        )
        return _homes(organization, place, plan, by_name)


def _plan(locks: int) -> list[tuple[str, ...]]:
    """The way into each home, by the names of its doors, with no more doors than there are locks."""
    ways: list[tuple[str, ...]] = [("Front door", f"Flat {flat}") for flat in range(1, FLATS + 1)]
    ways += [("Gate", "House door", f"Room {room}") for room in range(1, ROOMS + 1)]
    ways += [(f"Studio {studio}",) for studio in range(1, STUDIOS + 1)]
    hung: set[str] = set()
    plan = []
    for way in ways:
        if len(hung | set(way)) <= locks:
            hung |= set(way)
            plan.append(way)
    return plan


def _hang(simulator: Simulator, account: Account, name: str, zone: str, *, kind: int) -> None:
    world = simulator.world
    if any(lock.name == name and lock.account_id == account.account_id for lock in world.locks.values()):
        return
    zone_id = zones.NAMES.index(zone)
    simulator.add_lock(account, name=name, device_type=kind, keypad="keypad2", time_zone_id=zone_id)


def _homes(
    organization: Organization,
    place: Property,
    plan: list[tuple[str, ...]],
    by_name: dict[str, SmartLock],
) -> list[Home]:
    names = dict.fromkeys(name for way in plan for name in way)
    doors = {name: places.add_door(place=place, name=name, smart_lock=by_name[name]) for name in names}
    homes = []
    for way in plan:
        unit = places.add_unit(place=place, name=way[-1], way_in=[doors[name] for name in way])
        locks = tuple(by_name[name].smartlock_id for name in way)
        homes.append(Home(organization, unit, place.time_zone, locks))
    return homes
