"""What Nuki told us, until it is taken in; and what happened at the doors, each thing once."""

from django.db import models

from access.log_entries import ActivityKind, Means
from access.models.grants import Grant
from properties.models import NukiAccount, OrganizationOwned, SmartLock


class Delivery(OrganizationOwned):
    """One genuine webhook of Nuki Web, stored before anything is done about it. Never with a code.

    `facts` holds what `access.deliveries` needs of it, and nothing else of the body is kept.
    """

    nuki_account = models.ForeignKey(NukiAccount, on_delete=models.CASCADE, related_name="deliveries")
    received_at = models.DateTimeField()
    feature = models.CharField(max_length=24)
    smartlock_id = models.BigIntegerField(null=True)
    facts = models.JSONField(default=dict)
    taken_in_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["nuki_account", "id"],
                condition=models.Q(taken_in_at__isnull=True),
                name="deliveries_to_take_in",
            ),
            models.Index(
                fields=["taken_in_at"],
                condition=models.Q(taken_in_at__isnull=False),
                name="deliveries_taken_in",
            ),
        ]


class Activity(OrganizationOwned):
    """One thing that happened at a smart lock.

    `source` is the id of Nuki's log entry, or a key of our own for what we saw of the lock's health: with
    it, whatever comes twice is stored once. `grant` is whose right was used, where that is certain.
    """

    smart_lock = models.ForeignKey(SmartLock, on_delete=models.PROTECT, related_name="activity")
    source = models.CharField(max_length=64)
    happened_at = models.DateTimeField()  # by the lock's own clock
    recorded_at = models.DateTimeField()
    kind = models.CharField(max_length=20, choices=[(kind.value, kind.value) for kind in ActivityKind])
    means = models.CharField(max_length=12, choices=[(means.value, means.value) for means in Means])
    authorization_id = models.CharField(max_length=64, blank=True)
    name = models.CharField(
        max_length=100, blank=True
    )  # whom Nuki names: a label of ours, or the host's word
    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, null=True, related_name="activity")

    class Meta:
        ordering = ["-happened_at", "-pk"]
        indexes = [
            models.Index(fields=["organization", "-happened_at", "-id"], name="activity_of_an_organization"),
            models.Index(fields=["smart_lock", "-happened_at"], name="activity_of_a_lock"),
            models.Index(
                fields=["smart_lock", "authorization_id"],
                condition=models.Q(grant__isnull=True) & ~models.Q(authorization_id=""),
                name="activity_of_nobody_yet",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["smart_lock", "source"], name="each_activity_once"),
        ]
