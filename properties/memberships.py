"""Who has which place in a business, read while nobody else changes its team."""

from django.db.models import Exists, OuterRef, QuerySet

from properties import limits, second_factors
from properties.models import Membership, Organization, User
from properties.roles import Role


def hold(organization: Organization) -> None:
    """Have one change of a team made at a time, until the transaction that is open now ends."""
    Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)


def role_of(user: User, organization: Organization) -> Role | None:
    """A person's role now; None for those who do not, or no longer, work for the business."""
    place = Membership.objects.filter(organization=organization, user=user).first()
    return Role(place.role) if place else None


def is_last_owner(membership: Membership) -> bool:
    """Whether the business would have no owner without this one."""
    owners = Membership.objects.filter(organization_id=membership.organization_id, role=Role.OWNER)
    return membership.role == Role.OWNER and not owners.exclude(pk=membership.pk).exists()


def of(organization: Organization) -> QuerySet[Membership]:
    """Everybody who works for a business, the longest there first.

    With whether they have a second factor, and the names of the properties that each is limited to.
    """
    theirs = second_factors.usable().filter(user=OuterRef("user"))
    return (
        Membership.objects.filter(organization=organization)
        .select_related("user")
        .annotate(has_second_factor=Exists(theirs), limited_to=limits.names_of_members())
        .order_by("pk")
    )
