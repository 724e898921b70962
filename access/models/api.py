"""What programs asked for over the API under a key of their own, so that a repeated call changes nothing."""

from django.db import models

from access.models.stays import Stay
from properties.encryption import EncryptedTextField
from properties.models import OrganizationOwned


class ApiRequest(OrganizationOwned):
    """One change, asked for under an `Idempotency-Key`, and what was answered.

    It is claimed by whoever carries it out. `done_at` is written in the transaction of the change itself: a
    process that dies before it has answered leaves a row that says what became of it. The answer holds names
    of guests and is encrypted; codes are never in it.
    """

    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)  # of method, address and body
    asked_at = models.DateTimeField()
    claimed_until = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    stay = models.ForeignKey(Stay, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    etag = models.CharField(max_length=64, blank=True)
    answer = EncryptedTextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["asked_at"], name="api_requests_by_age")]
        constraints = [
            models.UniqueConstraint(fields=["organization", "key"], name="each_idempotency_key_once"),
        ]
