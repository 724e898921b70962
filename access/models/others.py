"""What is on smart locks besides our codes, as Nuki lists it, and whose that is by the host's word."""

from django.db import models

from properties.models import OrganizationOwned, SmartLock, User


class OtherAuthorization(OrganizationOwned):
    """One entry on a smart lock that is no open grant's: somebody else's, or a stray of ours.

    Nuki's own words, renewed with each list that shows another picture. Never with a code.
    """

    smart_lock = models.ForeignKey(SmartLock, on_delete=models.CASCADE, related_name="others")
    authorization_id = models.CharField(max_length=64)
    type = models.PositiveSmallIntegerField()  # an AuthorizationType, or a number that is new to us
    name = models.CharField(max_length=100, blank=True)
    enabled = models.BooleanField()
    allowed_from = models.DateTimeField(null=True, blank=True)
    allowed_until = models.DateTimeField(null=True, blank=True)
    weekdays = models.PositiveSmallIntegerField()  # bits, Monday 64 to Sunday 1
    from_minute = models.PositiveSmallIntegerField()  # in the lock's own zone; 0 to 0 is the whole day
    until_minute = models.PositiveSmallIntegerField()
    made_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)
    uses = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["smart_lock", "authorization_id"], name="each_other_authorization_once_on_a_lock"
            ),
        ]


class Holder(OrganizationOwned):
    """Who uses an authorization that is not ours. What happened keeps the name when that is gone."""

    smart_lock = models.ForeignKey(SmartLock, on_delete=models.CASCADE, related_name="holders")
    authorization_id = models.CharField(max_length=64)  # which Nuki never gives twice
    name = models.CharField(max_length=60)
    note = models.CharField(max_length=60, blank=True)
    named_at = models.DateTimeField()
    named_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["smart_lock", "authorization_id"], name="an_authorization_has_one_holder"
            ),
            models.CheckConstraint(
                condition=~models.Q(authorization_id=""), name="a_holder_holds_an_authorization"
            ),
        ]

    @property
    def called(self) -> str:
        """How pages name the person: `Nadia (cleaner)`."""
        return f"{self.name} ({self.note})" if self.note else self.name
