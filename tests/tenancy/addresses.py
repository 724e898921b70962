"""Every address of ours, found by walking the URL configuration: a new one is covered without a word."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.converters import IntConverter

from access.models import Grant, Holder, OtherAuthorization, Stay, WebhookDelivery
from properties import tenancy
from properties.models import ApiKey, DoorPicture, Invitation, Membership
from tests.worlds import Business

OURS = {"access", "properties"}
WEBHOOK = "access:nuki_webhook"  # for programs that sign: no person signs in there
WEBHOOKS = {WEBHOOK, "access:mail_webhook"}
BY_TOKEN = {
    "properties:invitation",
    "access:welcome",
    "access:welcome_backup",
    "access:welcome_code",
    "access:welcome_calendar",
    "access:welcome_door",
    "access:welcome_help",
    "access:welcome_open",
    "access:welcome_picture",
}  # for whoever has the link: strangers, too
WITHOUT_BUSINESS = {"properties:found_business"}  # for those who have none yet


@dataclass(frozen=True)
class Address:
    """One name of the URL configuration, and the names of the numbers in its path."""

    name: str
    numbers: frozenset[str]

    def of(self, business: Business) -> str:
        """The path to this business's own rows."""
        known = numbers_of(business)
        return reverse(self.name, kwargs={number: known[number] for number in self.numbers})


def numbers_of(business: Business) -> dict[str, int]:
    """A row of the business for each kind of number; a new kind of number has to be added here."""
    with tenancy.across_organizations(because="the test names a row of this business"):
        stay = Stay.objects.get(organization=business.organization)
        grant = Grant.objects.filter(stay=stay).latest("position", "pk")
        other = OtherAuthorization.objects.get(organization=business.organization)
        holder = Holder.objects.get(organization=business.organization)
        delivery = WebhookDelivery.objects.filter(organization=business.organization).earliest("pk")
        picture = DoorPicture.objects.get(organization=business.organization)
        invitation = Invitation.objects.get(organization=business.organization)
    key = ApiKey.objects.get(organization=business.organization)
    others = Membership.objects.filter(organization=business.organization).exclude(user=business.owner)
    colleague = others.earliest("pk")
    return {
        "account_id": business.account.pk,
        "authorization_id": other.pk,
        "delivery_id": delivery.pk,
        "door_id": business.doors["Flat 1"].pk,
        "endpoint_id": delivery.endpoint_id,
        "grant_id": grant.pk,
        "guest_id": stay.guest_id,
        "holder_id": holder.pk,
        "lock_id": business.locks["Flat 1"].pk,
        "picture_id": picture.pk,
        "property_id": business.house.pk,
        "invitation_id": invitation.pk,
        "key_id": key.pk,
        "membership_id": colleague.pk,
        "stay_id": stay.pk,
        "unit_id": business.flats["Flat 1"].pk,
    }


def within(business: Business, page: str) -> str:
    """The address of a page that says which business it is about."""
    return f"/b/{business.organization.slug}{page}"


def all_of_ours() -> list[Address]:
    """Every address of our own applications, but those that only programs call."""
    return [address for address in _walk(get_resolver(), "") if address.name not in WEBHOOKS]


def with_numbers() -> list[Address]:
    """Those that name a row."""
    return [address for address in all_of_ours() if address.numbers]


def _walk(resolver: URLResolver, namespace: str) -> Iterator[Address]:
    for found in resolver.url_patterns:
        if isinstance(found, URLResolver):
            yield from _walk(found, found.namespace or namespace)
        elif isinstance(found, URLPattern) and namespace in OURS:
            if f"{namespace}:{found.name}" in BY_TOKEN | WITHOUT_BUSINESS:
                continue
            converters = found.pattern.converters
            assert all(isinstance(one, IntConverter) for one in converters.values()), found
            yield Address(f"{namespace}:{found.name}", frozenset(converters))
