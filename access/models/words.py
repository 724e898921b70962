"""A business's own words around what its guests are told."""

from django.db import models
from django.db.models import Q

from access.models.messages import MessageKind
from properties.languages import CHOICES
from properties.models import OrganizationOwned


class MessageWords(OrganizationOwned):
    """How messages of one kind begin and end in one language. What is empty is said in our words."""

    kind = models.CharField(max_length=20, choices=[(kind.value, kind.value) for kind in MessageKind])
    language = models.CharField(max_length=5, choices=CHOICES)
    opening = models.TextField(blank=True)
    closing = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "message words"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "kind", "language"], name="own_words_once_in_each_language"
            ),
            models.CheckConstraint(
                condition=~Q(opening="", closing=""), name="words_that_are_empty_have_no_row"
            ),
        ]
