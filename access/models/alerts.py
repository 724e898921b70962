"""What needs a host: opened when a fact is there, closed when it is gone."""

from enum import StrEnum

from django.db import models

from access.models.stays import Stay
from access.models.webhooks import WebhookEndpoint
from properties.models import NukiAccount, OrganizationOwned, SmartLock


class AlertKind(StrEnum):
    """What is wrong, the most urgent first. The first six cannot wait.

    Two are no problem (`FOR_INFORMATION`): the host wants to know of them, at once.
    """

    GUEST_NEEDS_HELP = "guest needs help"  # at a door, and asked for it
    GUEST_MAY_NOT_GET_IN = "guest may not get in"
    ADDRESS_TAKES_NO_MAIL = "address takes no mail"
    GUEST_NOT_TOLD = "guest not told"
    ACCOUNT_BROKEN = "account broken"
    LOCK_GONE = "lock gone"
    LOCK_OFFLINE = "lock offline"
    BATTERY_LOW = "battery low"
    KEYPAD_BATTERY_LOW = "keypad battery low"
    SUBSCRIPTION_ENDED = "subscription ended"
    GUEST_OPENED_DOOR = "guest opened door"  # from the page of the stay
    BACKUP_HANDED_OUT = "backup handed out"  # a guest got a backup code
    WEBHOOK_OFF = "webhook off"  # by itself, after failures


URGENT = frozenset(
    {
        AlertKind.GUEST_NEEDS_HELP,
        AlertKind.GUEST_MAY_NOT_GET_IN,
        AlertKind.ADDRESS_TAKES_NO_MAIL,
        AlertKind.GUEST_NOT_TOLD,
        AlertKind.ACCOUNT_BROKEN,
        AlertKind.LOCK_GONE,
    }
)
FOR_INFORMATION = frozenset({AlertKind.GUEST_OPENED_DOOR, AlertKind.BACKUP_HANDED_OUT})
TOLD_AT_ONCE = URGENT | FOR_INFORMATION


class Alert(OrganizationOwned):
    """One problem of one subject. Of each kind a subject has one that is open, at most.

    `mail_due_at` is when the host is to be written to about it; a reader's settings decide who is.
    """

    kind = models.CharField(max_length=24, choices=[(kind.value, kind.value) for kind in AlertKind])
    stay = models.ForeignKey(Stay, on_delete=models.CASCADE, null=True, related_name="alerts")
    smart_lock = models.ForeignKey(SmartLock, on_delete=models.CASCADE, null=True, related_name="alerts")
    nuki_account = models.ForeignKey(NukiAccount, on_delete=models.CASCADE, null=True, related_name="alerts")
    webhook_endpoint = models.ForeignKey(
        WebhookEndpoint, on_delete=models.CASCADE, null=True, related_name="alerts"
    )
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    mail_due_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["organization", "opened_at"],
                condition=models.Q(closed_at__isnull=True),
                name="alerts_that_are_open",
            ),
            models.Index(
                fields=["organization", "-closed_at", "-id"],
                condition=models.Q(closed_at__isnull=False),
                name="alerts_that_are_closed",
            ),
            models.Index(
                fields=["mail_due_at"],
                condition=models.Q(mail_due_at__isnull=False),
                name="alerts_to_write_about",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "stay", "smart_lock", "nuki_account", "webhook_endpoint"],
                condition=models.Q(closed_at__isnull=True),
                nulls_distinct=False,
                name="one_open_alert_for_each_problem",
            ),
        ]
