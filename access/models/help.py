"""Guests who stand before a door that does not open."""

from django.db import models

from access.diagnosis import Cause
from access.models.grants import Grant
from access.models.stays import Stay
from properties.models import OrganizationOwned


class HelpRequest(OrganizationOwned):
    """That a guest asked for help at one door: the last time, and what was found then.

    `told_host_at` is since when the host knows; None while the guest can do something about it.
    `settled_at` is when the host said that it is settled.
    """

    stay = models.ForeignKey(Stay, on_delete=models.CASCADE, related_name="help_requests")
    grant = models.OneToOneField(Grant, on_delete=models.CASCADE, related_name="help_request")
    asked_at = models.DateTimeField()
    cause = models.CharField(max_length=24, choices=[(cause.value, cause.value) for cause in Cause])
    told_host_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        indexes = [
            models.Index(
                fields=["told_host_at"],
                condition=models.Q(told_host_at__isnull=False, settled_at__isnull=True),
                name="help_that_hosts_know_of",
            ),
        ]
