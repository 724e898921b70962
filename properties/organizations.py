"""Founding a business: the organization, and the person who owns it."""

from allauth.account.models import EmailAddress
from django.db import transaction

from properties.models import Membership, Organization, User
from properties.roles import Role


@transaction.atomic(durable=True)
def found(*, name: str, owner_email: str, owner_name: str = "", password: str | None = None) -> Organization:
    """Make an organization with its owner; a user who is there already keeps name and password.

    Whoever founds vouches for the owner's address.
    """
    owner = User.objects.filter(email__iexact=owner_email).first()
    if owner is None:
        owner = User.objects.create_user(owner_email, password, name=owner_name)
        EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)
    organization = Organization.objects.create(name=name, reply_to=owner.email)
    Membership.objects.create(organization=organization, user=owner, role=Role.OWNER)
    return organization


def places_of(user: User) -> list[Membership]:
    """A user's places with their organizations, by the organization's name."""
    places = Membership.objects.filter(user=user).select_related("organization")
    return list(places.order_by("organization__name", "organization_id"))
