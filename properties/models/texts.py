"""What a host tells guests of a house: texts by language, and facts that are the same in all of them."""

from enum import StrEnum

from django.db import models
from django.db.models import Q

from properties.encryption import EncryptedTextField
from properties.languages import CHOICES
from properties.models.owned import OrganizationOwned
from properties.models.places import Door, Property


class TextKind(StrEnum):
    """What a text is about."""

    WAY_IN = "way in"
    DOOR = "door"  # how to find one door
    HOUSE_RULES = "house rules"
    GOOD_TO_KNOW = "good to know"


class PropertyText(OrganizationOwned):
    """One text in one language. A text that is empty has no row."""

    property = models.ForeignKey(Property, on_delete=models.CASCADE, related_name="texts")
    door = models.ForeignKey(Door, on_delete=models.CASCADE, null=True, related_name="texts")
    language = models.CharField(max_length=5, choices=CHOICES)
    kind = models.CharField(max_length=15, choices=[(kind.value, kind.value) for kind in TextKind])
    text = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["property", "door", "language", "kind"],
                nulls_distinct=False,
                name="one_text_of_each_kind_in_a_language",
            ),
            models.CheckConstraint(
                condition=(Q(kind=TextKind.DOOR.value) & Q(door__isnull=False))
                | (~Q(kind=TextKind.DOOR.value) & Q(door__isnull=True)),
                name="a_text_about_a_door_names_the_door",
            ),
            models.CheckConstraint(condition=~Q(text=""), name="an_empty_text_has_no_row"),
        ]


class PropertyFacts(OrganizationOwned):
    """What is the same in every language. The password is the house's secret, encrypted as codes are."""

    property = models.OneToOneField(Property, on_delete=models.CASCADE, related_name="facts")
    wifi_name = models.CharField(max_length=32, blank=True)
    wifi_password = EncryptedTextField(blank=True)
    phone = models.CharField(max_length=30, blank=True)

    class Meta:
        verbose_name_plural = "property facts"
