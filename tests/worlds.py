"""Alice's business and Charlie's, with locks in the simulator: what most tests begin with."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from django.db import connections

from access import log_reading, stays
from access.models import Grant, GrantKind, Message, MessageKind, Stay
from nuki_gateway.simulator import Simulator
from nuki_gateway.simulator.authorization import Authorization, AuthorizationType
from nuki_gateway.simulator.world import Lock
from properties import nuki_accounts, organizations, places, tenancy
from properties.models import Door, NukiAccount, Organization, Property, SmartLock, Unit, User

ZONE = "Europe/Vienna"
MONDAY_NOON = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)  # the clocks of Vienna show 14:00
PASSWORD = "a-Good-one-1"
CODE = "384174"


@dataclass
class Business:
    """A host business with one house: a front door that all flats share, and one door for each flat."""

    organization: Organization
    owner: User
    account: NukiAccount
    house: Property
    flats: dict[str, Unit]
    doors: dict[str, Door]
    locks: dict[str, SmartLock]
    simulator: Simulator

    def book(self, *, now: datetime, unit: str = "Flat 1", **details: object) -> Stay:
        """Book two nights from now on, unless told otherwise."""
        wanted: dict[str, object] = {
            "guest_name": "Ada Vogel",
            "guest_email": "ada@guests.example",
            "starts_at": now,
            "ends_at": now + timedelta(days=2),
            "booked_by": self.owner,
        }
        return stays.book(
            organization=self.organization,
            unit=self.flats[unit],
            now=now,
            **(wanted | details),  # type: ignore[arg-type]  # a test names what it changes
        )

    def meanwhile(self, action: Callable[[], object]) -> None:
        """Do something after the service has accepted the next write and before it answers.

        It happens in the server's thread, as by another worker: the test's rows have to be committed.
        """

        def act(_: object) -> None:
            try:
                with tenancy.within(self.organization):
                    action()
            finally:
                connections.close_all()

        self.simulator.while_answering = act

    def opens(self, door: str, code: str) -> bool:
        """Whether the keypad at a door takes the code now, judged by the lock itself."""
        return self.simulator.type_code(self.locks[door].smartlock_id, code).opened

    def phones_on(self, door: str) -> list[Authorization]:
        """The app authorizations of guests that the lock of a door really has."""
        device = self.simulator.engine.lock(self.locks[door].smartlock_id).device
        return [one for one in device.authorizations if one.type == AuthorizationType.APP]

    def opens_with_app(self, door: str) -> bool:
        """Whether the app of whoever was invited to a door last opens it now."""
        smartlock_id = self.locks[door].smartlock_id
        sent = [one for one in self.simulator.invites if one.smartlock_id == smartlock_id]
        return bool(sent) and self.simulator.open_with_app(sent[-1].authorization_id).opened

    def read_log(self, *, now: datetime) -> None:
        """Read the log of the account, as the task does."""
        log_reading.read(account=NukiAccount.objects.get(pk=self.account.pk), now=now)

    def codes_on(self, door: str) -> list[str]:
        """The codes that the lock of a door really has."""
        found = self.simulator.codes_on(self.locks[door].smartlock_id)
        return sorted(str(one.code) for one in found)


def found(simulator: Simulator, *, name: str, owner: str, token: str, now: datetime) -> Business:
    """Found a business with a house of two flats, and put locks on its doors."""
    at_nuki = simulator.add_account(name=name, token=token)
    made: dict[str, Lock] = {
        "Front door": simulator.add_lock(at_nuki, name="Front door", device_type=4, keypad="keypad2"),
        "Flat 1": simulator.add_lock(at_nuki, name="Flat 1", device_type=4, keypad="keypad"),
        "Flat 2": simulator.add_lock(at_nuki, name="Flat 2", device_type=5, keypad="keypad2"),
        "Cellar": simulator.add_lock(at_nuki, name="Cellar", device_type=4, keypad=None),
    }
    organization = organizations.found(name=name, owner_email=owner, password=PASSWORD)
    with tenancy.within(organization):
        account = nuki_accounts.connect(organization=organization, name="Nuki", token=token, now=now)
        locks = {lock.name: lock for lock in SmartLock.objects.filter(nuki_account=account)}
        assert locks.keys() == made.keys()
        house = places.add_property(
            organization=organization,
            name="House",
            time_zone=ZONE,
            check_in_time=time(15),
            check_out_time=time(10),
        )
        doors = {
            door: places.add_door(place=house, name=door, smart_lock=lock) for door, lock in locks.items()
        }
        flats = {
            "Flat 1": places.add_unit(
                place=house, name="Flat 1", way_in=[doors["Front door"], doors["Flat 1"]]
            ),
            "Flat 2": places.add_unit(
                place=house, name="Flat 2", way_in=[doors["Front door"], doors["Flat 2"]]
            ),
            "Cellar": places.add_unit(
                place=house, name="Cellar", way_in=[doors["Front door"], doors["Cellar"]]
            ),
            "Attic": places.add_unit(place=house, name="Attic", way_in=[]),
        }
    owner_user = User.objects.get(email=owner)
    return Business(organization, owner_user, account, house, flats, doors, locks, simulator)


def code_of(stay: Stay) -> str:
    """The code of a stay, the same on all its doors that take one."""
    wanted = Grant.objects.filter(stay=stay, is_wanted=True, closed_at=None, kind=GrantKind.KEYPAD_CODE)
    codes = {grant.code for grant in wanted}
    assert len(codes) == 1
    return codes.pop()


def grant_on(stay: Stay, door: str) -> Grant:
    """A stay's grant on one door."""
    return Grant.objects.get(stay=stay, door__name=door)


def write_message(stay: Stay, *, now: datetime, claimed_until: datetime | None = None) -> Message:
    """A message about a stay that is due now, as the outbox would have it."""
    return Message.objects.create(
        organization_id=stay.organization_id,
        stay=stay,
        kind=MessageKind.ACCESS_READY,
        revision=1,
        written_at=now,
        due_at=now,
        claimed_until=claimed_until,
    )


def unsend(stay: Stay, **fields: object) -> None:
    """Have the stay's message not sent: another stands in its place, as one that was sent never changes."""
    message = Message.objects.get(stay=stay)
    message.delete()
    message.pk, message.sent_at = None, None
    for name, value in fields.items():
        setattr(message, name, value)
    message.save(force_insert=True)


def writes(simulator: Simulator) -> Counter[str]:
    """How many writes on authorizations the service got, by method."""
    made = [call for call in simulator.calls if call.method in {"PUT", "POST", "DELETE"}]
    return Counter(call.method for call in made if call.path.endswith("/auth") or "/auth/" in call.path)
