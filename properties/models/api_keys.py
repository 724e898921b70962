"""Keys by which programs act for a business."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from properties.api_scopes import Scope
from properties.models.organizations import Organization, User
from properties.reach import EVERYWHERE, Reach


class ApiKey(models.Model):
    """A program's way in. The key itself is shown once, to whoever made it; here is its digest.

    Like a membership it is read to find out whose rows may be seen, so its table has no row security: every
    query names the organization, or the digest. It is revoked and never deleted, as audits name it.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=50)
    prefix = models.CharField(max_length=12)  # by which people know it again
    digest = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=10, choices=[(one.value, one.value) for one in Scope]))
    property_ids = ArrayField(models.BigIntegerField(), null=True, blank=True)  # None: all of the business
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)  # within a minute
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "name"],
                condition=Q(revoked_at=None),
                name="names_of_api_keys_differ",
            ),
            models.CheckConstraint(condition=Q(scopes__len__gt=0), name="an_api_key_has_a_scope"),
            models.CheckConstraint(
                condition=Q(property_ids=None) | ~Q(scopes__contains=[Scope.ADMIN.value]),
                name="an_api_key_that_is_limited_manages_none",
            ),
        ]

    def __str__(self) -> str:
        return f"ApiKey {self.pk}"

    @property
    def reach(self) -> Reach:
        """What of the business a program with this key sees."""
        return EVERYWHERE if self.property_ids is None else Reach(frozenset(self.property_ids))
