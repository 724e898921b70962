"""Webhooks out: which programs of a business are told what, and what became of each telling."""

from datetime import datetime
from enum import StrEnum

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from access.webhook_rules import EventType
from properties.encryption import EncryptedTextField
from properties.models import OrganizationOwned, User

TYPES = [(one.value, one.value) for one in EventType]


class Off(StrEnum):
    """Why an endpoint is switched off."""

    BY_HAND = "by hand"
    GONE = "gone"  # it answered 410: whoever runs it wants no more
    FAILING = "failing"  # for days


class DeliveryState(StrEnum):
    """How far a delivery is."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


class WebhookEndpoint(OrganizationOwned):
    """An address of a program that wants to be told. It is kept like a secret, as it often holds one."""

    name = models.CharField(max_length=40)
    url = EncryptedTextField()
    types = ArrayField(models.CharField(max_length=30, choices=TYPES))
    secret = EncryptedTextField()
    old_secret = EncryptedTextField(blank=True)  # of the last rotation, which signs too until its end
    old_secret_ends_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    switched_off_at = models.DateTimeField(null=True, blank=True)
    off = models.CharField(max_length=10, blank=True, choices=[(one.value, one.value) for one in Off])
    # since its last success
    failing_since = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    is_slow = models.BooleanField(default=False)
    rests_until = models.DateTimeField(null=True, blank=True)
    last_delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="names_of_webhooks_differ"),
            models.CheckConstraint(
                condition=Q(switched_off_at=None, off="") | (Q(switched_off_at__isnull=False) & ~Q(off="")),
                name="a_webhook_is_off_for_a_reason",
            ),
        ]

    @property
    def is_on(self) -> bool:
        """Whether it is told anything."""
        return self.switched_off_at is None

    def secrets(self, now: datetime) -> list[str]:
        """Those that sign now, the newest first."""
        lives = self.old_secret_ends_at is not None and self.old_secret_ends_at > now
        return [self.secret, self.old_secret] if lives else [self.secret]


class WebhookEvent(OrganizationOwned):
    """Something that happened and that some endpoint wanted to be told: written in the same transaction.

    `facts` is what is sent, word for word, however often. `subject` is whose order is kept.
    """

    type = models.CharField(max_length=30, choices=TYPES)
    subject = models.CharField(max_length=30)
    happened_at = models.DateTimeField()
    written_at = models.DateTimeField()
    facts = models.JSONField()

    class Meta:
        indexes = [
            models.Index(fields=["organization", "-id"], name="webhook_events_of_a_business"),
            models.Index(fields=["written_at"], name="webhook_events_by_age"),
        ]


class WebhookDelivery(OrganizationOwned):
    """One event for one endpoint. The row is the queue: what has a `due_at` is not done yet."""

    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="deliveries")
    event = models.ForeignKey(WebhookEvent, on_delete=models.CASCADE, related_name="deliveries")
    subject = models.CharField(max_length=30)
    is_replay = models.BooleanField(default=False)
    written_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    delivered_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)
    # the last try
    tried_at = models.DateTimeField(null=True, blank=True)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    trouble = models.CharField(max_length=20, blank=True)
    answer = models.TextField(blank=True)  # its first 2 kB
    took_ms = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "webhook deliveries"
        indexes = [
            models.Index(
                fields=["endpoint", "due_at"], condition=Q(due_at__isnull=False), name="webhooks_that_are_due"
            ),
            models.Index(
                fields=["endpoint", "subject", "id"],
                condition=Q(due_at__isnull=False),
                name="webhooks_in_their_order",
            ),
            models.Index(fields=["endpoint", "-id"], name="deliveries_of_an_endpoint"),
            models.Index(fields=["organization", "-id"], name="webhook_deliveries_in_order"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(due_at__isnull=False, delivered_at=None, given_up_at=None)
                | Q(due_at=None, delivered_at__isnull=False, given_up_at=None)
                | Q(due_at=None, delivered_at=None, given_up_at__isnull=False),
                name="a_webhook_is_due_or_delivered_or_given_up",
            ),
            models.UniqueConstraint(
                fields=["endpoint", "event"],
                condition=Q(due_at__isnull=False),
                name="an_event_waits_once_for_an_endpoint",
            ),
        ]

    @property
    def state(self) -> DeliveryState:
        """How far it is."""
        if self.delivered_at is not None:
            return DeliveryState.DELIVERED
        return DeliveryState.GIVEN_UP if self.given_up_at is not None else DeliveryState.WAITING
