"""Invitations to join a business, and who changed its team: the latter are rows that are only ever added."""

from enum import StrEnum

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from properties.models.api_keys import ApiKey
from properties.models.organizations import Membership, User
from properties.models.owned import OrganizationOwned
from properties.models.places import Property
from properties.roles import LIMITABLE, Role


class MembershipProperty(OrganizationOwned):
    """A property that a limited member sees."""

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="limits")
    property = models.ForeignKey(Property, on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name_plural = "membership properties"
        constraints = [
            models.UniqueConstraint(
                fields=["membership", "property"], name="a_member_is_given_a_property_once"
            ),
        ]


class Invitation(OrganizationOwned):
    """An offer of a place in the business, for one address. Its token stands in the e-mail alone."""

    email = models.EmailField()  # in lower case
    role = models.CharField(max_length=10, choices=[(role.value, role.value) for role in Role])
    is_limited = models.BooleanField(default=False, db_default=False)  # as the membership will be
    invited_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    token_digest = models.CharField(max_length=64, blank=True, default="")  # empty until the e-mail is made
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    # the e-mail: when it is to be sent, one worker's hold on it, and when it left
    due_at = models.DateTimeField(null=True, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)  # that failed, since it was asked for
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(due_at__isnull=False), name="invitations_that_are_due"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "email"],
                condition=Q(accepted_at=None, withdrawn_at=None),
                name="one_open_invitation_for_each_address",
            ),
            models.UniqueConstraint(
                fields=["token_digest"], condition=~Q(token_digest=""), name="invitation_tokens_differ"
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(withdrawn_at=None), name="an_invitation_ends_one_way"
            ),
            models.CheckConstraint(
                condition=Q(due_at=None) | Q(accepted_at=None, withdrawn_at=None),
                name="an_invitation_that_ended_is_not_sent",
            ),
            models.CheckConstraint(
                condition=Q(role__in=[role.value for role in Role]), name="invitation_role_is_known"
            ),
            models.CheckConstraint(
                condition=Q(is_limited=False) | Q(role__in=sorted(role.value for role in LIMITABLE)),
                name="owners_and_managers_are_invited_to_all_properties",
            ),
        ]


class InvitationProperty(OrganizationOwned):
    """A property that somebody will see who was invited to some only."""

    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="limits")
    property = models.ForeignKey(Property, on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name_plural = "invitation properties"
        constraints = [
            models.UniqueConstraint(
                fields=["invitation", "property"], name="an_invitation_names_a_property_once"
            ),
        ]


class TeamEvent(StrEnum):
    """What happened to a team."""

    FOUNDED = "founded"
    INVITED = "invited"
    INVITED_AGAIN = "invited again"
    INVITATION_WITHDRAWN = "invitation withdrawn"
    JOINED = "joined"
    ROLE_CHANGED = "role changed"
    LIMIT_CHANGED = "limit changed"
    REMOVED = "removed"
    LEFT = "left"
    OWNERSHIP_TRANSFERRED = "ownership transferred"
    SECOND_FACTOR_REQUIRED = "second factor required"
    SECOND_FACTOR_FREE = "second factor free"
    API_KEY_MADE = "API key made"
    API_KEY_REVOKED = "API key revoked"


class TeamEntry(OrganizationOwned):
    """One fact: who did what to whom. The database refuses to change or delete it."""

    kind = models.CharField(max_length=30, choices=[(kind.value, kind.value) for kind in TeamEvent])
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False)
    about = models.ForeignKey(
        User, on_delete=models.DO_NOTHING, null=True, related_name="+", db_constraint=False
    )
    invitation = models.ForeignKey(Invitation, on_delete=models.PROTECT, null=True, related_name="+")
    api_key = models.ForeignKey(ApiKey, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    role = models.CharField(max_length=10, blank=True)
    # what the properties were called then to which the role was limited; empty: to none
    limited_to = ArrayField(models.CharField(max_length=100), default=list, blank=True, db_default=[])

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["organization", "-at"], name="changes_of_a_team")]
