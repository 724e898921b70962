"""Grants: one person's right on one smart lock, what is wanted there and what was last seen."""

from enum import StrEnum

from django.db import models

from access.models.stays import Stay
from properties.encryption import EncryptedTextField
from properties.models import Door, OrganizationOwned, SmartLock


class GrantIsASpare(Exception):
    """A backup code was taken for the code of a stay."""


class GrantKind(StrEnum):
    """By what the guest opens."""

    KEYPAD_CODE = "keypad code"
    APP_INVITE = "app invite"


class Problem(StrEnum):
    """Why a grant needs a person. Never read by the reconciler's choice of a step."""

    NO_ADDRESS = "no address"  # no keypad, and nobody to invite to the app
    INVITE_REFUSED = "invite refused"
    OWN_APP_RIGHT = "own app right"  # somebody else has given the guest the app on that lock
    KEYPAD_REFUSES = "keypad refuses"
    CODE_TAKEN = "code taken"
    REFUSED = "refused"
    LOCK_GONE = "lock gone"
    SUBSCRIPTION_ENDED = "subscription ended"
    NO_ROOM = "no room"
    KEYPAD_GONE = "keypad gone"


class Grant(OrganizationOwned):
    """One guest's right on one smart lock, or a backup code that is nobody's yet (`Spare`): without a stay.

    The first half is what we want, written by operations alone; each change of it bumps `generation`. The
    second half is what we last asked for and saw, written by the reconciler alone, and only while
    `generation` is as it was when it read.
    """

    stay = models.ForeignKey(Stay, on_delete=models.PROTECT, null=True, related_name="grants")
    smart_lock = models.ForeignKey(SmartLock, on_delete=models.PROTECT, related_name="grants")
    door = models.ForeignKey(Door, on_delete=models.SET_NULL, null=True, related_name="grants")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=12, choices=[(kind.value, kind.value) for kind in GrantKind])
    label = models.CharField(max_length=20, unique=True)
    # wanted
    is_wanted = models.BooleanField(default=True)
    code = EncryptedTextField(blank=True)
    code_digest = models.CharField(max_length=64, blank=True)
    allowed_from = models.DateTimeField()
    allowed_until = models.DateTimeField()
    generation = models.PositiveIntegerField(default=1)
    # of an app invite: how often it was made anew, and the authorization whose invite is void
    renewals = models.PositiveSmallIntegerField(default=0, db_default=0)
    void_id = models.CharField(max_length=64, blank=True, default="", db_default="")
    # asked and seen
    asked_at = models.DateTimeField(null=True, blank=True)
    asked_step = models.CharField(max_length=10, blank=True)
    asked_generation = models.PositiveIntegerField(default=0)
    authorization_id = models.CharField(max_length=64, blank=True)
    # of an app invite: whose it is at Nuki, when it was last asked for, when its use was first seen, and
    # until when another stay of the same guest has the one that Nuki gives
    account_user_id = models.BigIntegerField(null=True, blank=True)
    invited_at = models.DateTimeField(null=True, blank=True)
    redeemed_at = models.DateTimeField(null=True, blank=True)
    waits_until = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    listed_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(
        max_length=20, blank=True, choices=[(problem.value, problem.value) for problem in Problem]
    )
    # when to look next; null when there is nothing more to do
    due_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position", "pk"]
        indexes = [
            models.Index(
                fields=["due_at"],
                include=["smart_lock"],
                condition=models.Q(due_at__isnull=False),
                name="grants_that_are_due",
            ),
            models.Index(
                fields=["smart_lock"],
                condition=models.Q(closed_at__isnull=True),
                name="live_grants_of_a_lock",
            ),
            models.Index(
                fields=["allowed_from"],
                condition=models.Q(
                    closed_at__isnull=True, confirmed_at__isnull=True, is_wanted=True, stay__isnull=False
                ),
                name="codes_not_yet_on_their_doors",
            ),
            models.Index(
                fields=["smart_lock", "authorization_id"],
                condition=~models.Q(authorization_id=""),
                name="grants_by_authorization",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(allowed_until__gt=models.F("allowed_from")),
                name="grant_ends_after_it_starts",
            ),
            models.UniqueConstraint(
                fields=["smart_lock", "code_digest"],
                condition=models.Q(closed_at__isnull=True) & ~models.Q(code_digest=""),
                name="one_live_grant_for_a_code_on_a_lock",
            ),
            models.UniqueConstraint(
                fields=["stay", "smart_lock"],
                condition=models.Q(closed_at__isnull=True),
                name="one_live_grant_for_a_stay_on_a_lock",
            ),
            models.CheckConstraint(
                condition=models.Q(closed_at__isnull=True) | models.Q(due_at__isnull=True),
                name="a_closed_grant_is_never_due",
            ),
        ]

    @property
    def own_stay(self) -> Stay:
        """The stay whose guest has this right. Only of a guest's grant."""
        if self.stay is None:
            raise GrantIsASpare(self.pk)
        return self.stay

    @property
    def own_stay_id(self) -> int:
        """The key of that stay, without reading it."""
        if self.stay_id is None:
            raise GrantIsASpare(self.pk)
        return self.stay_id
