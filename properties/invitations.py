"""Inviting people into a business. Whoever has the link and the address that it was sent to may join.

The link's token is drawn when its e-mail is made, stands in that e-mail and nowhere else, and is known again
by its digest. So a try that failed, or an invitation that is sent again, ends the token before.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from enum import StrEnum

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet

from properties import invitation_mail, limits, memberships, team_audit
from properties.models import Invitation, Membership, Organization, TeamEvent, User
from properties.reach import EVERYWHERE, Reach
from properties.roles import Role, may_be_limited, may_invite

log = structlog.get_logger(__name__)

LASTS = timedelta(days=7)
MOST_OPEN = 50  # invitations of one business at a time: nobody sends mail to strangers without end through us
NOT_OFTENER = timedelta(minutes=1)  # one e-mail for a button that is pressed twice
CLAIM = timedelta(minutes=2)  # one worker's hold on an e-mail; longer than the mail server's time-out
FIRST_TRY_AGAIN, LAST_TRY_AGAIN = timedelta(seconds=30), timedelta(hours=1)  # doubled in between


class MayNotInvite(Exception):
    """The role of who asks does not carry it, or does not any more."""


class AddressIsInvited(Exception):
    """There is an invitation for this address already; it can be sent again."""


class AddressIsOfAMember(Exception):
    """Who has this address works for the business already."""


class TooManyInvitations(Exception):
    """As many invitations are open as a business may have at a time."""


class InvitationIsOver(Exception):
    """It was accepted, withdrawn, or has expired."""


class InvitationIsForAnother(Exception):
    """It was sent to another address than that of the person who would use it."""


class Offer(StrEnum):
    """What has become of an invitation."""

    OPEN = "open"
    EXPIRED = "expired"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"


def offer(invitation: Invitation, now: datetime) -> Offer:
    """What has become of an invitation by now."""
    if invitation.accepted_at is not None:
        return Offer.ACCEPTED
    if invitation.withdrawn_at is not None:
        return Offer.WITHDRAWN
    return Offer.EXPIRED if invitation.expires_at <= now else Offer.OPEN


def digest(token: str) -> str:
    """By what a token is known again. It has 256 bits of chance, so nobody finds it from this."""
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic(durable=True)
def invite(
    *,
    organization: Organization,
    email: str,
    role: Role,
    invited_by: User,
    now: datetime,
    reach: Reach = EVERYWHERE,
) -> Invitation:
    """Offer a place in the business to an address, or in some of its properties. A worker sends the e-mail.

    Owners and managers are offered all, whatever `reach` says.
    """
    memberships.hold(organization)
    _check_may_invite(invited_by, organization, role)
    address = email.lower()
    if Membership.objects.filter(organization=organization, user__email__iexact=address).exists():
        raise AddressIsOfAMember
    waiting = waiting_of(organization)
    if waiting.filter(email=address).exists():
        raise AddressIsInvited
    if waiting.count() >= MOST_OPEN:
        raise TooManyInvitations
    within = reach if may_be_limited(role) else EVERYWHERE
    made = Invitation.objects.create(
        organization=organization,
        email=address,
        role=role,
        is_limited=within.is_limited,
        invited_by=invited_by,
        invited_at=now,
        expires_at=now + LASTS,
        due_at=now,
    )
    limits.offer(invitation=made, reach=within)
    _note(TeamEvent.INVITED, made, invited_by, now)
    return made


@transaction.atomic(durable=True)
def invite_again(*, invitation: Invitation, invited_by: User, now: datetime) -> None:
    """Have another e-mail sent, whose link holds for as long as a first one; the link before ends at once."""
    held = _hold(invitation, invited_by)
    if held.due_at is not None or (held.sent_at is not None and held.sent_at > now - NOT_OFTENER):
        return  # it is on its way, or has just arrived
    Invitation.objects.filter(pk=held.pk).update(
        token_digest="", expires_at=now + LASTS, due_at=now, attempts=0, claimed_until=None
    )
    _note(TeamEvent.INVITED_AGAIN, held, invited_by, now)


@transaction.atomic(durable=True)
def withdraw(*, invitation: Invitation, withdrawn_by: User, now: datetime) -> None:
    """Take an invitation back; its link ends at once."""
    held = _hold(invitation, withdrawn_by)
    _end(Invitation.objects.filter(pk=held.pk), now)
    _note(TeamEvent.INVITATION_WITHDRAWN, held, withdrawn_by, now)


def withdraw_beyond(*, organization: Organization, user: User, role: Role | None, now: datetime) -> None:
    """Take back what a person offered and could not offer in this role; None: in none. In a transaction."""
    theirs = waiting_of(organization).filter(invited_by=user)
    _end(theirs.exclude(role__in=[one for one in Role if role and may_invite(role, one)]), now)


@transaction.atomic(durable=True)
def accept(*, invitation: Invitation, user: User, now: datetime) -> None:
    """Join the business. Who works there already keeps the role that they have."""
    memberships.hold(invitation.organization)
    held = Invitation.objects.select_related("organization").get(pk=invitation.pk)
    if not is_for(held, user):
        raise InvitationIsForAnother
    if offer(held, now) != Offer.OPEN or held.token_digest != invitation.token_digest:
        raise InvitationIsOver
    Invitation.objects.filter(pk=held.pk).update(accepted_at=now, due_at=None, claimed_until=None)
    place, is_new = Membership.objects.get_or_create(
        organization=held.organization, user=user, defaults={"role": held.role}
    )
    if is_new:
        limits.give(member=place, role=Role(held.role), reach=limits.offered_by(held))
    _note(TeamEvent.JOINED, held, user, now)


def is_for(invitation: Invitation, user: User) -> bool:
    """Whether the person has the address that the invitation was sent to."""
    return user.email.lower() == invitation.email


def waiting_of(organization: Organization) -> QuerySet[Invitation]:
    """Invitations of a business that were neither accepted nor withdrawn, also those that have expired."""
    waiting = Invitation.objects.filter(organization=organization, accepted_at=None, withdrawn_at=None)
    return waiting.order_by("-invited_at", "-pk")


def by_token_digest(token_digest: str) -> Invitation | None:
    """The invitation of this token, in a scope over all: only it says of which business it is."""
    found = Invitation.objects.filter(token_digest=token_digest).exclude(token_digest="")
    return found.select_related("organization", "invited_by").first()


def due(now: datetime, most: int) -> list[Invitation]:
    """Invitations whose e-mail is to be sent now, and that no worker has claimed."""
    rows = Invitation.objects.filter(_unclaimed(now), due_at__lte=now, expires_at__gt=now)
    return list(rows.select_related("organization", "invited_by").order_by("due_at")[:most])


def send(invitation: Invitation, *, now: datetime) -> None:
    """Send the e-mail, unless another worker does, or the invitation is not open any more."""
    token = secrets.token_urlsafe(32)
    free = Invitation.objects.filter(_unclaimed(now), pk=invitation.pk, due_at=invitation.due_at)
    if free.update(claimed_until=now + CLAIM, token_digest=digest(token)) != 1:
        return
    ours = Invitation.objects.filter(pk=invitation.pk, token_digest=digest(token))
    try:
        invitation_mail.send(invitation, token)
    except invitation_mail.MailNotAccepted as failure:
        rest = min(FIRST_TRY_AGAIN * 2 ** min(invitation.attempts, 12), LAST_TRY_AGAIN)
        attempts = invitation.attempts + 1
        ours.filter(due_at__isnull=False).update(attempts=attempts, due_at=now + rest, claimed_until=None)
        log.warning("invitation_not_sent", invitation_id=invitation.pk, reason=str(failure))
        return
    ours.update(sent_at=now, due_at=None, claimed_until=None)
    log.info("invitation_sent", invitation_id=invitation.pk)


def _hold(invitation: Invitation, user: User) -> Invitation:
    """The invitation as it is now, if it still waits and the person may deal with it."""
    memberships.hold(invitation.organization)
    held = waiting_of(invitation.organization).select_related("organization").filter(pk=invitation.pk).first()
    if held is None:
        raise InvitationIsOver
    _check_may_invite(user, held.organization, Role(held.role))
    return held


def _check_may_invite(user: User, organization: Organization, role: Role) -> None:
    own = memberships.role_of(user, organization)
    if own is None or not may_invite(own, role):
        raise MayNotInvite


def _end(waiting: QuerySet[Invitation], now: datetime) -> None:
    waiting.update(withdrawn_at=now, due_at=None, claimed_until=None)


def _note(kind: TeamEvent, invitation: Invitation, by: User, now: datetime) -> None:
    team_audit.note(
        kind,
        invitation.organization,
        by=by,
        invitation=invitation,
        role=invitation.role,
        limited_to=limits.names_in(invitation.organization, limits.offered_by(invitation)),
        now=now,
    )


def _unclaimed(now: datetime) -> Q:
    return Q(claimed_until=None) | Q(claimed_until__lte=now)
