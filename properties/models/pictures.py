"""Pictures that show guests a door."""

from django.db import models
from django.db.models import Q

from properties.models.owned import OrganizationOwned
from properties.models.places import Door

MOST_PICTURES = 3  # of a door
LONGEST_DESCRIPTION = 200


class DoorPicture(OrganizationOwned):
    """One picture of a door, small and without whatever its file told besides. Its bytes never change.

    Read it without `webp` where only its address is needed.
    """

    door = models.ForeignKey(Door, on_delete=models.CASCADE, related_name="pictures")
    position = models.PositiveSmallIntegerField()
    description = models.CharField(max_length=LONGEST_DESCRIPTION)  # for those who do not see it
    webp = models.BinaryField()
    digest = models.CharField(max_length=64)
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["door", "position"],
                deferrable=models.Deferrable.DEFERRED,
                name="one_picture_of_a_door_at_each_position",
            ),
            models.UniqueConstraint(fields=["door", "digest"], name="pictures_of_a_door_differ"),
            models.CheckConstraint(
                condition=Q(position__gte=1, position__lte=MOST_PICTURES), name="a_door_has_few_pictures"
            ),
        ]
