"""Changing who may do what in a business: the only writer of memberships once it was founded.

A business always has an owner. Changes of one team are made one at a time, and who makes one has to be an
owner still when it is their turn: of two owners who remove each other at once, the first one stays.
"""

from datetime import datetime

from django.db import transaction

from properties import invitations, limits, memberships, second_factors, team_audit
from properties.models import Membership, Organization, TeamEvent, User
from properties.reach import EVERYWHERE, Reach
from properties.roles import Right, Role, may, may_be_limited


class MayNotChangeTheTeam(Exception):
    """The role of who asks does not carry it, or does not any more."""


class NoMemberAnyMore(Exception):
    """Who is to be changed does not work for the business any more."""


class LastOwner(Exception):
    """The business would have no owner."""


class NoSecondFactorOfOnesOwn(Exception):
    """Who asks everybody for a second factor has to have one first, or would be shut out by it."""


@transaction.atomic(durable=True)
def change_role(
    *, membership: Membership, role: Role, reach: Reach | None = None, changed_by: User, now: datetime
) -> None:
    """Give a member another role, or have them see other properties; left out, they see what they saw.

    Whoever becomes an owner or a manager sees all.
    """
    held = _hold(membership, changed_by)
    before = limits.reach_of(held)
    wanted = (before if reach is None else reach) if may_be_limited(role) else EVERYWHERE
    if (held.role, before) == (role, wanted):
        return
    _set_role(held, role, wanted, now)
    team_audit.note(
        TeamEvent.ROLE_CHANGED if held.role != role else TeamEvent.LIMIT_CHANGED,
        held.organization,
        by=changed_by,
        about=held.user,
        role=role,
        limited_to=limits.names_in(held.organization, wanted),
        now=now,
    )


@transaction.atomic(durable=True)
def remove(*, membership: Membership, removed_by: User, now: datetime) -> None:
    """End a member's place. Their next request of the business finds nothing."""
    held = _hold(membership, removed_by)
    _end(held, now)
    team_audit.note(TeamEvent.REMOVED, held.organization, by=removed_by, about=held.user, now=now)


@transaction.atomic(durable=True)
def leave(*, organization: Organization, user: User, now: datetime) -> None:
    """End one's own place. The last owner has to make somebody else one before."""
    memberships.hold(organization)
    held = _find(organization, user)
    _end(held, now)
    team_audit.note(TeamEvent.LEFT, organization, by=user, about=user, now=now)


@transaction.atomic(durable=True)
def transfer_ownership(*, membership: Membership, transferred_by: User, now: datetime) -> None:
    """Make a member the owner in one's own place, and oneself a manager."""
    held = _hold(membership, transferred_by)
    if held.user_id == transferred_by.pk:
        return
    limits.give(member=held, role=Role.OWNER, reach=EVERYWHERE)
    _set_role(_find(held.organization, transferred_by), Role.MANAGER, EVERYWHERE, now)
    team_audit.note(
        TeamEvent.OWNERSHIP_TRANSFERRED,
        held.organization,
        by=transferred_by,
        about=held.user,
        role=Role.OWNER,
        now=now,
    )


@transaction.atomic(durable=True)
def ask_for_second_factor(
    *, organization: Organization, is_required: bool, decided_by: User, now: datetime
) -> None:
    """Decide whether everybody of the business has to sign in with a second factor."""
    memberships.hold(organization)
    _check_may_change(decided_by, organization)
    if is_required and not second_factors.has_one(decided_by):
        raise NoSecondFactorOfOnesOwn
    rows = Organization.objects.filter(pk=organization.pk, requires_second_factor=not is_required)
    if rows.update(requires_second_factor=is_required):
        kind = TeamEvent.SECOND_FACTOR_REQUIRED if is_required else TeamEvent.SECOND_FACTOR_FREE
        team_audit.note(kind, organization, by=decided_by, now=now)


def _hold(membership: Membership, user: User) -> Membership:
    """The membership as it is now, if the person may change it."""
    memberships.hold(membership.organization)
    _check_may_change(user, membership.organization)
    return _find(membership.organization, membership.user)


def _check_may_change(user: User, organization: Organization) -> None:
    own = memberships.role_of(user, organization)
    if own is None or not may(own, Right.CHANGE_TEAM):
        raise MayNotChangeTheTeam


def _find(organization: Organization, user: User) -> Membership:
    found = Membership.objects.filter(organization=organization, user=user).select_related(
        "organization", "user"
    )
    held = found.first()
    if held is None:
        raise NoMemberAnyMore
    return held


def _set_role(held: Membership, role: Role, reach: Reach, now: datetime) -> None:
    if role != Role.OWNER and memberships.is_last_owner(held):
        raise LastOwner
    limits.give(member=held, role=role, reach=reach)
    invitations.withdraw_beyond(organization=held.organization, user=held.user, role=role, now=now)


def _end(held: Membership, now: datetime) -> None:
    if memberships.is_last_owner(held):
        raise LastOwner
    Membership.objects.filter(pk=held.pk).delete()
    invitations.withdraw_beyond(organization=held.organization, user=held.user, role=None, now=now)
