"""Which properties of a business a member sees, or somebody who is invited will: reading and writing it."""

from collections.abc import Collection

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet

from properties.models import (
    Invitation,
    InvitationProperty,
    Membership,
    MembershipProperty,
    Organization,
    Property,
)
from properties.reach import EVERYWHERE, Reach
from properties.roles import Role


def reach_of(member: Membership) -> Reach:
    """What a member sees: one query for those who are limited, none for the others."""
    if not member.is_limited:
        return EVERYWHERE
    chosen = MembershipProperty.objects.filter(membership=member)
    return Reach(frozenset(chosen.values_list("property_id", flat=True)))


def reaches_of(members: Collection[Membership]) -> dict[int, Reach]:
    """What each of them sees, by the keys of the memberships: one query, if any is limited."""
    found = {one.pk: EVERYWHERE for one in members}
    chosen: dict[int, set[int]] = {one.pk: set() for one in members if one.is_limited}
    if chosen:
        rows = MembershipProperty.objects.filter(membership__in=chosen)
        for member_id, property_id in rows.values_list("membership_id", "property_id"):
            chosen[member_id].add(property_id)
    return found | {member_id: Reach(frozenset(keys)) for member_id, keys in chosen.items()}


def offered_by(invitation: Invitation) -> Reach:
    """What somebody who was invited will see."""
    if not invitation.is_limited:
        return EVERYWHERE
    chosen = InvitationProperty.objects.filter(invitation=invitation)
    return Reach(frozenset(chosen.values_list("property_id", flat=True)))


def properties_of(organization: Organization) -> QuerySet[Property]:
    """What members can be limited to, by name."""
    return Property.objects.filter(organization=organization).order_by("name", "pk")


def names_in(organization: Organization, reach: Reach) -> list[str]:
    """What the properties are called to which somebody is limited; none for those who see all."""
    if not reach.is_limited:
        return []
    within = properties_of(organization).filter(reach.covers("pk"))
    return list(within.values_list("name", flat=True))


def names_of_members() -> ArraySubquery:
    """The same for each membership of a query."""
    chosen = MembershipProperty.objects.filter(membership=OuterRef("pk"))
    return ArraySubquery(chosen.order_by("property__name", "pk").values("property__name"))


def with_names(invitations: QuerySet[Invitation]) -> QuerySet[Invitation]:
    """The same invitations with the names of the properties that each is limited to (`limited_to`)."""
    chosen = InvitationProperty.objects.filter(invitation=OuterRef("pk"))
    names = ArraySubquery(chosen.order_by("property__name", "pk").values("property__name"))
    return invitations.annotate(limited_to=names)


def give(*, member: Membership, role: Role, reach: Reach) -> None:
    """Have a member be in this role and see this much. In a transaction."""
    Membership.objects.filter(pk=member.pk).update(role=role, is_limited=reach.is_limited)
    MembershipProperty.objects.filter(membership=member).delete()
    MembershipProperty.objects.bulk_create(
        MembershipProperty(organization_id=member.organization_id, membership=member, property_id=key)
        for key in sorted(reach.property_ids or ())
    )


def offer(*, invitation: Invitation, reach: Reach) -> None:
    """Have an invitation that was just made lead to this much. In a transaction."""
    InvitationProperty.objects.bulk_create(
        InvitationProperty(organization_id=invitation.organization_id, invitation=invitation, property_id=key)
        for key in sorted(reach.property_ids or ())
    )
