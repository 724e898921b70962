"""People of a team, invitations with their links, and second factors: what tests about teams begin with."""

import re
from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core import mail

from properties import invitations, tenancy
from properties.models import Invitation, Membership, User
from properties.roles import Role
from tests.worlds import PASSWORD, Business

LINK = re.compile(r"https?://\S+(/invitations/\S+)")


def works_for(business: Business, email: str, role: Role, name: str = "") -> Membership:
    """Somebody with a place in the business."""
    user = User.objects.create_user(email, PASSWORD, name=name)
    return Membership.objects.create(organization=business.organization, user=user, role=role)


def invited(
    business: Business, *, now: datetime, email: str = "bob@harbour.example", role: Role = Role.STAFF
) -> Invitation:
    """An invitation whose e-mail is not sent yet."""
    return invitations.invite(
        organization=business.organization, email=email, role=role, invited_by=business.owner, now=now
    )


def send_due(*, now: datetime) -> None:
    """Send what is due, as the tick does."""
    with tenancy.across_organizations(because="the test sends everybody's invitations"):
        due = invitations.due(now, 10)
    for invitation in due:
        with tenancy.within(invitation.organization):
            invitations.send(invitation, now=now)


def link_to(address: str) -> str:
    """The path in the latest e-mail to an address."""
    text = next(str(sent.body) for sent in reversed(mail.outbox) if sent.to == [address])
    found = LINK.search(text)
    assert found is not None
    return found.group(1)


def give_second_factor(user: User) -> str:
    """Set up an app that shows codes; returns its secret."""
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(user, secret)
    assert Authenticator.objects.filter(user=user).count() == 1
    return str(secret)


def code_now(secret: str, *, now: datetime) -> str:
    """The code that the app shows at a moment."""
    counter = int(now.timestamp()) // 30
    return str(totp.format_hotp_value(totp.hotp_value(secret, counter)))


def roles_in(business: Business) -> dict[str, str]:
    """Who has which role, by the first part of their address."""
    places = Membership.objects.filter(organization=business.organization).select_related("user")
    return {place.user.email.partition("@")[0]: place.role for place in places}
