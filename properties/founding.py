"""Businesses that people found by themselves, where signing up is open to everybody."""

from datetime import datetime

from django.db import transaction

from properties import organizations, team_audit, tenancy
from properties.models import Membership, Organization, TeamEvent, User
from properties.roles import Role


@transaction.atomic(durable=True)
def found(*, name: str, founder: User, now: datetime) -> Organization:
    """Make a business whose owner the founder is. Who has a place in one already is given that one.

    So a form that was sent twice founds one business: its founder's row is held until the first is there.
    """
    User.objects.select_for_update(no_key=True).get(pk=founder.pk)
    place = Membership.objects.filter(user=founder).select_related("organization").order_by("pk").first()
    if place is not None:
        return place.organization
    organization = organizations.made(name, founder.email)
    Membership.objects.create(organization=organization, user=founder, role=Role.OWNER)
    with tenancy.within(organization):  # it is not there before, so no way in could have entered it
        team_audit.note(TeamEvent.FOUNDED, organization, by=founder, role=Role.OWNER, now=now)
    return organization
