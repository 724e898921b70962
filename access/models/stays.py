"""Guests and their stays."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from properties.models import OrganizationOwned, Unit, User


class Guest(OrganizationOwned):
    """A person with a stay. Guests have no login. Name and address are empty once they were erased.

    Of those who only come along (`StayGuest`) an address is not always known.
    """

    name = models.CharField(max_length=100)
    email = models.EmailField()
    language = models.CharField(max_length=5, default="en")
    erased_at = models.DateTimeField(null=True, blank=True)
    # a column and not an expression: row security lets no index answer for what a function makes of a value
    sorted_by = models.GeneratedField(
        expression=Lower("name"), output_field=models.CharField(max_length=100), db_persist=True
    )

    class Meta:
        indexes = [
            models.Index(fields=["organization", "email"], name="guest_by_address"),
            models.Index(fields=["organization", "sorted_by", "id"], name="guests_in_order"),
        ]

    @property
    def called(self) -> str:
        """How pages name the guest."""
        return self.name or _("A former guest")


class Stay(OrganizationOwned):
    """A booking of one unit over `[starts_at, ends_at)`.

    `revision` counts what the guest has to be told: booking is 1, and each change adds one. `known_revision`
    is one at which there was nothing to tell: all was again as the guest had been told.

    What was booked is the time on the wall: `starts_on_the_wall` and `ends_on_the_wall` hold what the clocks
    of the property showed at the two instants (`wall_clock.kept`), and `zone_rules` the newest rules by which
    any process has worked them out (`wall_clock.RULES`). Empty where nobody has written them down yet.
    """

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="stays")
    guest = models.ForeignKey(Guest, on_delete=models.PROTECT, related_name="stays")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    starts_on_the_wall = models.CharField(max_length=32, blank=True, default="", db_default="")
    ends_on_the_wall = models.CharField(max_length=32, blank=True, default="", db_default="")
    zone_rules = models.CharField(max_length=10, blank=True, default="", db_default="")
    # what a property system calls the stay; one that was cancelled leaves it to the one booked in its place
    external_id = models.CharField(max_length=100, blank=True, default="", db_default="")
    revision = models.PositiveIntegerField(default=1)
    known_revision = models.PositiveIntegerField(null=True, blank=True)
    booked_at = models.DateTimeField()
    booked_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["organization", "ends_at", "id"], name="stays_by_end"),
            models.Index(fields=["organization", "starts_at", "id"], name="stays_by_start"),
            models.Index(
                fields=["organization", "ends_at", "starts_at"],
                condition=models.Q(cancelled_at__isnull=True),
                name="stays_that_stand",
            ),
            models.Index(
                fields=["organization", "external_id"],
                condition=~models.Q(external_id=""),
                name="stays_by_external_id",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=F("starts_at")), name="stay_ends_after_it_starts"
            ),
            models.UniqueConstraint(
                fields=["organization", "external_id"],
                condition=models.Q(cancelled_at__isnull=True) & ~models.Q(external_id=""),
                name="one_standing_stay_for_each_external_id",
            ),
            ExclusionConstraint(
                name="stays_of_a_unit_do_not_overlap",
                expressions=[
                    ("unit", RangeOperators.EQUAL),
                    (
                        Func("starts_at", "ends_at", function="tstzrange", output_field=DateTimeRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=models.Q(cancelled_at__isnull=True),
            ),
        ]


class StayGuest(OrganizationOwned):
    """One who comes along: a further guest of a stay, beside the one for whom it was booked."""

    stay = models.ForeignKey(Stay, on_delete=models.CASCADE, related_name="party")
    guest = models.ForeignKey(Guest, on_delete=models.PROTECT, related_name="companies")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["stay", "guest"], name="a_guest_comes_along_once"),
        ]
