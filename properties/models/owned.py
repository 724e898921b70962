"""What every row of a business has in common: whose it is."""

from typing import TYPE_CHECKING, TypeVar

from django.db import models
from django_scopes import ScopedManager

from properties.models.organizations import Organization

Row_co = TypeVar("Row_co", bound=models.Model, covariant=True)

if TYPE_CHECKING:
    Scoped = models.Manager
else:
    Scoped = type(ScopedManager(organization="organization"))  # django-scopes makes a class without a name


class OwnedManager(Scoped[Row_co]):
    """Rows of the organization whose scope is open. Outside a scope every query raises `ScopeError`."""


class OrganizationOwned(models.Model):
    """A row of one organization. Reading any outside a scope raises."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")

    objects = OwnedManager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{type(self).__name__} {self.pk}"
