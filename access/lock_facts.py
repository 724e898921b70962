"""The values behind what is known of a smart lock: its reach, its batteries, and what Nuki says of it."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from access import door_pages, spare_pages
from access.spare_queries import OnLock
from nuki_gateway.models import SubscriptionState
from properties.models import Door, SmartLock
from properties.roles import Right, Role, may

SUBSCRIPTIONS: dict[str, Promise] = {
    SubscriptionState.ACTIVE: later("active"),
    SubscriptionState.INACTIVE: later("not active"),
    SubscriptionState.CANCELLED: later("cancelled"),
    SubscriptionState.EXPIRED: later("has expired"),
    SubscriptionState.ON_HOLD: later("on hold"),
    SubscriptionState.PENDING: later("being set up"),
    SubscriptionState.PENDING_CANCEL: later("active, and cancelled for its end"),
}


@dataclass(frozen=True)
class Fact:
    """One thing that is known of a lock."""

    term: str
    words: str
    at: datetime | None = None
    url: str = ""


def facts_of(
    lock: SmartLock, door: Door | None, role: Role, now: datetime, spares: OnLock | None = None
) -> list[Fact]:
    """What is known of a lock on this door. What is not known has no line."""
    zone = door.property.time_zone if door else "UTC"
    where = reverse("properties:property", kwargs={"property_id": door.property_id}) if door else ""
    account_url = reverse("properties:nuki_accounts") if may(role, Right.VIEW_PROPERTIES) else ""
    place = f"{door.property.name} · {door.name}" if door else _("On no door")
    found = [
        Fact(_("Door"), place, url=where),
        Fact(_("Reached by Nuki"), door_pages.reach(lock, zone, now)),
        Fact(_("Last contact with Nuki"), "", at=lock.contact_at),
        Fact(_("Lock"), door_pages.battery(lock)),
        Fact(_("Keypad"), door_pages.keypad(lock)),
        Fact(_("Backup codes"), spare_pages.at_door(door, spares) if spares else ""),
        Fact(_("Smart Hosting"), _subscription(lock)),
        Fact(_("Device"), f"{lock.called} · {lock.kind}"),
        Fact(_("In the Nuki app"), lock.name if lock.own_name else ""),
        Fact(_("Firmware"), lock.firmware),
        Fact(_("Nuki account"), _account(lock), url=account_url),
        Fact(_("Last read at Nuki"), "", at=lock.listed_at),
    ]
    return [fact for fact in found if fact.words or fact.at]


def _subscription(lock: SmartLock) -> str:
    """In our words; a state that is new to us stands as Nuki writes it."""
    if lock.subscription_ended:
        return _("subscription has ended")
    return str(SUBSCRIPTIONS.get(lock.subscription_state, lock.subscription_state))


def _account(lock: SmartLock) -> str:
    account = lock.nuki_account
    return account.name if account.broken_since is None else f"{account.name} · {_('Nuki refuses it')}"
