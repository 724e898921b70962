"""Founding a business, what it is called, and what its people are written to about."""

from itertools import count

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import IntegrityError, transaction

from properties import addresses, reading
from properties.code_styles import CodeStyle
from properties.models import AlertMail, Membership, Organization, User
from properties.roles import Role

OPEN = "open"  # what SIGN_UP says where anybody may make an account


def sign_up_is_open() -> bool:
    """Whether anybody may make an account here, and found a business."""
    return bool(settings.SIGN_UP == OPEN)


@transaction.atomic(durable=True)
def found(*, name: str, owner_email: str, owner_name: str = "", password: str | None = None) -> Organization:
    """Make an organization with its owner; a user who is there already keeps name and password.

    Whoever founds vouches for the owner's address.
    """
    return founded(name, owner_email, owner_name, password)


def founded(name: str, owner_email: str, owner_name: str, password: str | None) -> Organization:
    """The same in a transaction of the caller."""
    owner = User.objects.filter(email__iexact=owner_email).first()
    if owner is None:
        owner = User.objects.create_user(owner_email, password, name=owner_name)
        EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)
    organization = made(name, owner.email)
    Membership.objects.create(organization=organization, user=owner, role=Role.OWNER)
    return organization


def made(name: str, reply_to: str) -> Organization:
    """The business under the first slug of its name that is free."""
    numbers = count(1)
    while True:
        slug = addresses.slug_of(name, next(numbers))
        if Organization.objects.filter(slug=slug).exists():
            continue
        try:
            with transaction.atomic():
                return Organization.objects.create(name=name, slug=slug, reply_to=reply_to)
        except IntegrityError:
            continue  # another of this name was founded at the same time


@transaction.atomic(durable=True)
def change(*, organization: Organization, name: str, reply_to: str) -> None:
    """Give the business another name, or guests another address to answer to."""
    Organization.objects.filter(pk=organization.pk).update(name=name, reply_to=reply_to)


@transaction.atomic(durable=True)
def choose_code_style(*, organization: Organization, code_style: CodeStyle) -> None:
    """Decide how new codes are drawn. Those that are there stay as they are."""
    Organization.objects.filter(pk=organization.pk).update(code_style=code_style)


@transaction.atomic(durable=True)
def choose_alert_mail(*, organization: Organization, user: User, alert_mail: AlertMail) -> None:
    """Decide what one is written to about in this business."""
    Membership.objects.filter(organization=organization, user=user).update(alert_mail=alert_mail)


def alert_mail_of(place: Membership) -> AlertMail:
    """What somebody is written to about: chosen, or usual: owners and managers are told all."""
    if place.alert_mail:
        return AlertMail(place.alert_mail)
    return AlertMail.ALL if place.role in {Role.OWNER, Role.MANAGER} else AlertMail.NONE


def language_of(organization: Organization) -> str:
    """What its owner reads: nearer than English to people who have chosen none. "" where no owner chose."""
    owners = Membership.objects.filter(organization=organization, role=Role.OWNER, user__is_active=True)
    chosen = (reading.chosen_by(owner.user) for owner in owners.select_related("user").order_by("pk"))
    return next((language for language in chosen if language), "")


def places_of(user: User) -> list[Membership]:
    """A user's places with their organizations, by the organization's name."""
    places = Membership.objects.filter(user=user).select_related("organization")
    return list(places.order_by("organization__name", "organization_id"))
