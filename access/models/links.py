"""The links by which guests reach the page of their stay."""

from django.db import models

from access.models.stays import Stay
from properties.models import OrganizationOwned


class GuestLink(OrganizationOwned):
    """One address of a stay's page for its guests. A stay has one that works, at most.

    Neither the address nor its token is stored: `access.guest_links` makes the token of the nonce, and knows
    it again by its digest. `first_opened_at` and `last_opened_at` are when somebody looked at the code there.
    """

    stay = models.ForeignKey(Stay, on_delete=models.CASCADE, related_name="links")
    nonce = models.CharField(max_length=64)
    token_digest = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    first_opened_at = models.DateTimeField(null=True, blank=True)
    last_opened_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["token_digest"], name="tokens_of_links_differ"),
            models.UniqueConstraint(
                fields=["stay"],
                condition=models.Q(revoked_at__isnull=True),
                name="one_link_that_works_for_each_stay",
            ),
        ]
