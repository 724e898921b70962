"""A business that was founded a moment ago: what tests of the first steps begin with."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nuki_gateway.simulator import Account, Simulator
from properties import nuki_accounts, organizations, tenancy
from properties.models import NukiAccount, Organization, SmartLock, User
from tests.worlds import PASSWORD

TOKEN = "nora-token"
THREE_LOCKS: dict[str, str | None] = {"Front door": "keypad2", "Flat 1": "keypad", "Flat 2": None}


@dataclass
class Newcomer:
    """Nora, her business, and her account at Nuki with its locks."""

    organization: Organization
    owner: User
    simulator: Simulator
    at_nuki: Account
    account: NukiAccount | None = None

    @property
    def locks(self) -> dict[str, SmartLock]:
        """The locks that Keyturn knows, by name."""
        return {lock.name: lock for lock in SmartLock.objects.filter(organization=self.organization)}

    def connect(self, *, now: datetime) -> NukiAccount:
        """Connect the account."""
        with tenancy.within(self.organization):
            self.account = nuki_accounts.connect(
                organization=self.organization, name="Nuki", token=TOKEN, now=now
            )
        return self.account

    def typed(self, **changes: Mapping[str, Any]) -> dict[str, Any]:
        """The form that puts the locks on doors, as it is preset, with changes by the lock's name."""
        fields: dict[str, Any] = {"lock": [], "time_zone": "Europe/Berlin"}
        for name, lock in self.locks.items():
            row = {"use": "on", "house": "House", "door": name, "opens": "one", "unit": name}
            row |= changes.get(name.replace(" ", "_"), {})
            fields["lock"].append(str(lock.pk))
            fields |= {f"lock-{lock.pk}-{field}": value for field, value in row.items() if value is not None}
        return fields


def found(simulator: Simulator, *, locks: dict[str, str | None] | None = None) -> Newcomer:
    """Found Nora's business; its account at Nuki is not connected yet."""
    at_nuki = simulator.add_account(name="Lind Rooms", token=TOKEN)
    for name, keypad in (THREE_LOCKS if locks is None else locks).items():
        simulator.add_lock(at_nuki, name=name, device_type=4, keypad=keypad)
    organization = organizations.found(
        name="Lind Rooms", owner_email="nora@newcomer.example", owner_name="Nora Lind", password=PASSWORD
    )
    return Newcomer(organization, User.objects.get(email="nora@newcomer.example"), simulator, at_nuki)
