"""Messages to guests: rows first, sent afterwards."""

from enum import StrEnum

from django.db import models

from access.models.stays import Stay
from properties.models import OrganizationOwned


class MessageKind(StrEnum):
    """What a message tells; also the name of its templates."""

    ACCESS_READY = "access_ready"
    ACCESS_CHANGED = "access_changed"


class Message(OrganizationOwned):
    """One message about one revision of a stay. Its text is made when it is sent, from what is true then."""

    stay = models.ForeignKey(Stay, on_delete=models.PROTECT, related_name="messages")
    kind = models.CharField(max_length=20, choices=[(kind.value, kind.value) for kind in MessageKind])
    revision = models.PositiveIntegerField()
    written_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_to = models.TextField(blank=True, default="", db_default="")  # the guests' addresses at that time
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"], condition=models.Q(due_at__isnull=False), name="messages_that_are_due"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["stay", "revision"], name="one_message_for_each_revision"),
        ]
