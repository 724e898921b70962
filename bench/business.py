"""A business with one lock, for measurements. Imported once Django is set up."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from access import webhook_endpoints
from access.webhook_rules import EventType
from properties import organizations, tenancy
from properties.clock import now
from properties.models import Membership, NukiAccount, SmartLock, User

OWNER = "bench@bench.example"
LOCK = 17_900_000_001


@dataclass(frozen=True)
class Business:
    """What a measurement needs to know of it."""

    account_id: int

    def cookie(self) -> str:
        """A signed-in owner's session."""
        owner = User.objects.get(email=OWNER)
        session = SessionStore()
        session[SESSION_KEY] = str(owner.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = owner.get_session_auth_hash()
        session.create()
        return session.session_key or ""


def found(secret: str) -> Business:
    """Found it, with a webhook signed by this secret."""
    organization = organizations.found(name="Bench", owner_email=OWNER, password=secret)
    with tenancy.within(organization):
        account = NukiAccount.objects.create(
            organization=organization,
            name="Nuki",
            token=secret,
            webhook_id=1,
            webhook_secret=secret,
            connected_at=now(),
        )
        SmartLock.objects.create(
            organization=organization,
            nuki_account=account,
            smartlock_id=LOCK,
            device_type=4,
            name="Front door",
            has_keypad=True,
            server_state=0,
            listed_at=now(),
        )
    return Business(account.pk)


def tell(url: str) -> None:
    """Have a program at this address told who opens doors."""
    owner = User.objects.get(email=OWNER)
    organization = Membership.objects.select_related("organization").get(user=owner).organization
    with tenancy.within(organization):
        webhook_endpoints.make(
            organization=organization,
            name="Lights",
            url=url,
            types=[EventType.DOOR_OPENED],
            made_by=owner,
            now=now(),
        )
