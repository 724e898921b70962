"""The values behind the pages about a team."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from properties import invitations
from properties.invitations import Offer
from properties.models import Invitation, Membership, Organization, TeamEntry, TeamEvent, User
from properties.role_words import role_within, role_word
from properties.roles import Right, Role, may, may_invite


@dataclass(frozen=True)
class MemberRow:
    """Somebody who works for the business."""

    name: str
    email: str
    role: str
    since: datetime
    is_you: bool
    has_second_factor: bool
    role_url: str
    remove_url: str
    transfer_url: str


@dataclass(frozen=True)
class InvitationRow:
    """Somebody who was invited and has not joined yet."""

    email: str
    role: str
    tone: str
    word: str
    expires_at: datetime
    is_open: bool
    again_url: str
    withdraw_url: str


@dataclass(frozen=True)
class TeamLine:
    """Something that happened to the team."""

    at: datetime
    sentence: str


@dataclass(frozen=True)
class TeamView:
    """The team as its page shows it."""

    business: str
    zone: str
    members: list[MemberRow]
    invitations: list[InvitationRow]
    history: list[TeamLine]
    invite_url: str
    leave_url: str
    second_factor: str
    second_factor_url: str
    shows_second_factors: bool
    next_url: str


def team_view(
    organization: Organization,
    *,
    members: Sequence[Membership],
    waiting: Sequence[Invitation],
    history: Sequence[TeamEntry],
    next_url: str,
    zone: str,
    user: User,
    role: Role,
    now: datetime,
) -> TeamView:
    """The team, from rows read before. What this role may not do has no address here."""
    may_change = may(role, Right.CHANGE_TEAM)
    return TeamView(
        business=organization.name,
        zone=zone,
        members=[
            _member_row(one, user, may_change=may_change, may_invite=may(role, Right.INVITE))
            for one in members
        ],
        invitations=[_invitation_row(one, role, now) for one in waiting],
        history=[TeamLine(entry.at, sentence(entry)) for entry in history],
        invite_url=reverse("properties:invite") if may(role, Right.INVITE) else "",
        leave_url=reverse("properties:leave_team"),
        second_factor=_second_factor(organization),
        second_factor_url=reverse("properties:second_factor_rule") if may_change else "",
        shows_second_factors=may_change,
        next_url=next_url,
    )


def _second_factor(organization: Organization) -> str:
    if organization.requires_second_factor:
        return _("Everybody has to sign in with a second factor, so a stolen password alone opens no door.")
    return _("Signing in takes a password; a second factor is everybody's own choice.")


def _member_row(member: Membership, user: User, *, may_change: bool, may_invite: bool) -> MemberRow:
    """Which properties colleagues are limited to is not for everybody: the names would show what there is."""
    where = {"membership_id": member.pk}
    is_you = member.user_id == user.pk
    may_change_them = may_change and not is_you
    transfer_url = reverse("properties:transfer_ownership", kwargs=where)
    return MemberRow(
        name=member.user.get_full_name(),
        email=member.user.email if member.user.name else "",
        role=_role(member) if may_invite or is_you else role_word(member.role),
        since=member.since,
        is_you=is_you,
        has_second_factor=bool(getattr(member, "has_second_factor", False)),
        role_url=reverse("properties:change_role", kwargs=where) if may_change else "",
        remove_url=reverse("properties:remove_member", kwargs=where) if may_change_them else "",
        transfer_url=transfer_url if may_change_them and member.role != Role.OWNER else "",
    )


def _invitation_row(invitation: Invitation, role: Role, now: datetime) -> InvitationRow:
    where = {"invitation_id": invitation.pk}
    may_change = may_invite(role, Role(invitation.role))
    tone, word = _invitation_state(invitation, now)
    return InvitationRow(
        email=invitation.email,
        role=_role(invitation),
        tone=tone,
        word=word,
        expires_at=invitation.expires_at,
        is_open=invitations.offer(invitation, now) == Offer.OPEN,
        again_url=reverse("properties:invite_again", kwargs=where) if may_change else "",
        withdraw_url=reverse("properties:withdraw_invitation", kwargs=where) if may_change else "",
    )


def _invitation_state(invitation: Invitation, now: datetime) -> tuple[str, str]:
    """Tone and word for how far an invitation has come."""
    if invitations.offer(invitation, now) == Offer.EXPIRED:
        return "past", _("Expired")
    if invitation.due_at is None:
        return "planned", _("Sent, not answered yet")
    if invitation.attempts:
        return "look", _("Not sent yet, we try again")
    return "moving", _("Is being sent")


def _role(place: Membership | Invitation) -> str:
    """The role, and what it is limited to, whose names were fetched with it."""
    if not place.is_limited:
        return role_word(place.role)
    return role_within(place.role, getattr(place, "limited_to", ()))


def _role_then(entry: TeamEntry) -> str:
    """The same as it was written down."""
    if entry.limited_to:
        return role_within(entry.role, entry.limited_to)
    if entry.kind == TeamEvent.LIMIT_CHANGED:
        return _("%(role)s for all properties") % {"role": role_word(entry.role)}
    return role_word(entry.role) if entry.role else ""


def keys_left_by(user: User, count: int) -> list[str]:
    """What is to be done about so many API keys that somebody has made, and so may know."""
    if not count:
        return []
    sentence = ngettext(
        "%(name)s made an API key, which goes on working. Make another one and revoke it under Settings.",
        "%(name)s made %(count)d API keys, which go on working. Make others and revoke these under Settings.",
        count,
    )
    return [sentence % {"name": user.get_full_name(), "count": count}]


def sentence(entry: TeamEntry) -> str:
    """What happened to the team, in words. People and invitation have been fetched with it."""
    names = {
        "by": entry.by.get_full_name(),
        "about": entry.about.get_full_name() if entry.about else "",
        "email": entry.invitation.email if entry.invitation else "",
        "role": _role_then(entry),
        "key": entry.api_key.name if entry.api_key else "",
    }
    return {
        TeamEvent.FOUNDED: _("%(by)s founded the business"),
        TeamEvent.INVITED: _("%(by)s invited %(email)s · %(role)s"),
        TeamEvent.INVITED_AGAIN: _("%(by)s invited %(email)s again · %(role)s"),
        TeamEvent.INVITATION_WITHDRAWN: _("%(by)s withdrew the invitation of %(email)s"),
        TeamEvent.JOINED: _("%(by)s joined · %(role)s"),
        TeamEvent.ROLE_CHANGED: _("%(by)s changed the role of %(about)s · %(role)s"),
        TeamEvent.LIMIT_CHANGED: _("%(by)s changed what %(about)s sees · %(role)s"),
        TeamEvent.REMOVED: _("%(by)s removed %(about)s from the team"),
        TeamEvent.LEFT: _("%(by)s left the team"),
        TeamEvent.OWNERSHIP_TRANSFERRED: _("%(by)s made %(about)s the owner"),
        TeamEvent.SECOND_FACTOR_REQUIRED: _("%(by)s asked everybody for a second factor"),
        TeamEvent.SECOND_FACTOR_FREE: _("%(by)s left a second factor to everybody's choice"),
        TeamEvent.API_KEY_MADE: _("%(by)s made the API key “%(key)s”"),
        TeamEvent.API_KEY_REVOKED: _("%(by)s revoked the API key “%(key)s”"),
    }[TeamEvent(entry.kind)] % names
