"""Who did what: rows that are only ever added. The database refuses to change or delete them."""

from enum import StrEnum

from django.db import models

from access.models.grants import Grant
from access.models.stays import Stay
from properties.models import OrganizationOwned, User


class AuditKind(StrEnum):
    """What happened."""

    STAY_BOOKED = "stay booked"
    STAY_CHANGED = "stay changed"
    STAY_CANCELLED = "stay cancelled"
    ADDRESS_CORRECTED = "address corrected"
    TIMES_DERIVED_ANEW = "times derived anew"
    CODE_DRAWN_ANEW = "code drawn anew"
    CODE_REVEALED = "code revealed"
    WRITE_INTENDED = "write intended"
    WRITE_ANSWERED = "write answered"
    CONFIRMED = "confirmed"
    DRIFTED = "drifted"
    CLOSED = "closed"
    MESSAGE_SENT = "message sent"


class AuditEntry(OrganizationOwned):
    """One fact. A change on a lock is two: the intent before the call, and how it was answered."""

    kind = models.CharField(max_length=20, choices=[(kind.value, kind.value) for kind in AuditKind])
    at = models.DateTimeField()
    by = models.ForeignKey(
        User, on_delete=models.DO_NOTHING, null=True, related_name="+", db_constraint=False
    )
    stay = models.ForeignKey(Stay, on_delete=models.PROTECT, null=True, related_name="audit")
    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, null=True, related_name="audit")
    step = models.CharField(max_length=10, blank=True)
    answer = models.CharField(max_length=40, blank=True)
    intent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="answers")

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["stay", "-at"], name="audit_of_a_stay")]
