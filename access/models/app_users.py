"""Whom an organization's Nuki accounts know as users of the app, so that none is made twice."""

from django.db import models

from properties.models import NukiAccount, OrganizationOwned


class AppUser(OrganizationOwned):
    """A guest's address as a Nuki account knows it. The address itself stands with the guest alone."""

    nuki_account = models.ForeignKey(NukiAccount, on_delete=models.CASCADE, related_name="app_users")
    email_digest = models.CharField(max_length=64)
    account_user_id = models.BigIntegerField()
    is_ours = models.BooleanField()  # made by us; whom others made keeps name and language
    found_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["nuki_account", "email_digest"], name="one_app_user_for_each_address"
            ),
        ]
