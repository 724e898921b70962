"""Buildings, what guests book in them, and the doors on the way in."""

from datetime import time
from enum import StrEnum

from django.db import models

from properties.models.locks import SmartLock
from properties.models.owned import OrganizationOwned

MOST_BACKUP_CODES = 3  # on one door: each is one more code that opens it
MOST_TELL_DAYS = 3  # no code is on its doors earlier, and nobody is told one that does not open them


class Property(OrganizationOwned):
    """A building, with the zone its clocks show and its usual times.

    `tell_days` before arrival, at `tell_time` on its clocks, guests are told their code; None: at once.
    On the day itself they are reminded at `remind_time`; None: never. `says_thanks`: when they leave.
    """

    name = models.CharField(max_length=100)
    address = models.CharField(max_length=200, blank=True)
    time_zone = models.CharField(max_length=64)
    check_in_time = models.TimeField()
    check_out_time = models.TimeField()
    grace = models.DurationField()
    tell_days = models.PositiveSmallIntegerField(null=True, blank=True)
    tell_time = models.TimeField(default=time(10), db_default=time(10))
    remind_time = models.TimeField(null=True, blank=True, default=time(9), db_default=time(9))
    says_thanks = models.BooleanField(default=False, db_default=False)
    backup_codes = models.PositiveSmallIntegerField(default=0, db_default=0)  # on each door with a keypad

    class Meta:
        verbose_name_plural = "properties"
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="property_names_differ"),
            models.CheckConstraint(
                condition=models.Q(tell_days=None) | models.Q(tell_days__lte=MOST_TELL_DAYS),
                name="guests_are_told_when_codes_are_on_doors",
            ),
            models.CheckConstraint(
                condition=models.Q(backup_codes__lte=MOST_BACKUP_CODES), name="few_backup_codes_on_a_door"
            ),
        ]


class Unit(OrganizationOwned):
    """What a guest books."""

    property = models.ForeignKey(Property, on_delete=models.CASCADE, related_name="units")
    name = models.CharField(max_length=100)
    doors: "models.ManyToManyField[Door, UnitDoor]" = models.ManyToManyField(
        "Door", through="UnitDoor", related_name="units"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["property", "name"], name="unit_names_differ_in_a_property"),
        ]


class GuestsOpen(StrEnum):
    """Whether guests may have a door opened from the page of their stay."""

    NO = "no"
    YES = "yes"
    TELL_HOST = "tell host"  # they may, and the host is written to


class Door(OrganizationOwned):
    """What a lock is on: of one unit, or shared by several."""

    property = models.ForeignKey(Property, on_delete=models.CASCADE, related_name="doors")
    name = models.CharField(max_length=100)
    smart_lock = models.OneToOneField(
        SmartLock, on_delete=models.SET_NULL, null=True, blank=True, related_name="door"
    )
    guests_open = models.CharField(
        max_length=10,
        choices=[(choice.value, choice.value) for choice in GuestsOpen],
        default=GuestsOpen.NO.value,
        db_default=GuestsOpen.NO.value,
    )
    has_backup_codes = models.BooleanField(default=True, db_default=True)  # as many as its property says

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["property", "name"], name="door_names_differ_in_a_property"),
        ]


class UnitDoor(OrganizationOwned):
    """A door on the way into a unit; positions count from the street."""

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="way_in")
    door = models.ForeignKey(Door, on_delete=models.CASCADE, related_name="opens")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "door"], name="a_door_stands_once_on_a_way_in"),
            models.UniqueConstraint(
                fields=["unit", "position"],
                name="one_door_at_each_position_of_a_way_in",
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]
