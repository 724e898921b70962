"""Backup codes: on a door's lock before anybody needs them, and whose they become."""

from enum import StrEnum

from django.db import models
from django.db.models import Q

from access.models.grants import Grant
from access.models.messages import Message
from properties.models import Door, OrganizationOwned


class WhyHandedOut(StrEnum):
    """Why a guest got a backup code."""

    NOT_CONFIRMED = "not confirmed"  # their own code was not on the door in time
    GUEST_ASKED = "guest asked"
    HOST_DECIDED = "host decided"


class Spare(OrganizationOwned):
    """One backup code of one door. Its grant has no stay: the reconciler treats it as any other.

    The second half is written when it is handed out: `handed_to` is the grant in whose place it opens then,
    and whose end it takes over. `ended_at` is since when nobody is to have it any more.
    """

    grant = models.OneToOneField(Grant, on_delete=models.PROTECT, related_name="spare")
    door = models.ForeignKey(Door, on_delete=models.SET_NULL, null=True, related_name="spares")
    drawn_at = models.DateTimeField()
    good_until = models.DateTimeField()  # for as long as nobody has it
    ended_at = models.DateTimeField(null=True, blank=True)
    # since somebody has it
    handed_to = models.ForeignKey(Grant, on_delete=models.PROTECT, null=True, related_name="stand_ins")
    handed_out_at = models.DateTimeField(null=True, blank=True)
    why = models.CharField(
        max_length=20, blank=True, default="", choices=[(why.value, why.value) for why in WhyHandedOut]
    )
    seen_on_lock_at = models.DateTimeField(null=True, blank=True)  # the last proof before it was handed out
    message = models.ForeignKey(Message, on_delete=models.SET_NULL, null=True, related_name="spares")

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(
                fields=["door"],
                condition=Q(handed_to__isnull=True, ended_at__isnull=True),
                name="spares_that_wait_at_a_door",
            ),
            models.Index(
                fields=["handed_out_at"],
                condition=Q(handed_to__isnull=False, ended_at__isnull=True),
                name="spares_that_somebody_has",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["handed_to"],
                condition=Q(handed_to__isnull=False, ended_at__isnull=True),
                name="one_spare_in_the_place_of_a_grant",
            ),
            models.CheckConstraint(
                condition=Q(handed_to__isnull=True, handed_out_at__isnull=True)
                | Q(handed_to__isnull=False, handed_out_at__isnull=False),
                name="a_spare_that_somebody_has_was_handed_out",
            ),
        ]
