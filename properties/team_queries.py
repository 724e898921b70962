"""Reading teams for their page: each function is a bounded number of queries."""

from django.db.models import QuerySet

from properties import memberships
from properties.models import Membership, Organization, Property, TeamEntry

LONGEST_KEY = 18  # digits; what is longer was never a key


def members_after(organization: Organization, last: str, most: int) -> list[Membership]:
    """Members from one on, by their keys; one more than a page, if there are more."""
    everybody = memberships.of(organization)
    found = everybody.filter(pk__gt=int(last)) if last.isdecimal() and len(last) <= LONGEST_KEY else everybody
    return list(found[: most + 1])


def history_of(organization: Organization) -> QuerySet[TeamEntry]:
    """What happened to a team, the latest first."""
    entries = TeamEntry.objects.filter(organization=organization)
    return entries.select_related("by", "about", "invitation", "api_key")


def zone_of(organization: Organization) -> str:
    """The zone of the business's first property: a business has no zone of its own."""
    zones = Property.objects.filter(organization=organization).order_by("pk")
    return zones.values_list("time_zone", flat=True).first() or "UTC"
