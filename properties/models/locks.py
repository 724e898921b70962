"""Nuki accounts and the smart locks that they list."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from nuki_gateway.models import DeviceType, ServerState
from properties.encryption import EncryptedTextField
from properties.models.owned import OrganizationOwned


class NukiAccount(OrganizationOwned):
    """An organization's credentials at Nuki Web."""

    name = models.CharField(max_length=100)
    token = EncryptedTextField()
    webhook_id = models.BigIntegerField(null=True, blank=True)
    webhook_secret = EncryptedTextField(blank=True)
    connected_at = models.DateTimeField()
    broken_since = models.DateTimeField(null=True, blank=True)
    paused_until = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="nuki_account_names_differ"),
        ]


class SmartLock(OrganizationOwned):
    """A Nuki device, as its account lists it, and one worker's hold on it."""

    nuki_account = models.ForeignKey(NukiAccount, on_delete=models.CASCADE, related_name="smart_locks")
    smartlock_id = models.BigIntegerField()
    device_type = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=100)
    has_keypad = models.BooleanField()
    time_zone = models.CharField(max_length=64, blank=True)
    server_state = models.PositiveSmallIntegerField()
    battery_charge = models.PositiveSmallIntegerField(null=True, blank=True)
    battery_critical = models.BooleanField(default=False)
    keypad_battery_critical = models.BooleanField(default=False)
    listed_at = models.DateTimeField()
    offline_since = models.DateTimeField(null=True, blank=True)
    gone_since = models.DateTimeField(null=True, blank=True)
    # keyed digests of the codes that others have put on this lock: ours must differ from them
    foreign_codes = ArrayField(models.CharField(max_length=64), default=list, blank=True)
    # the lease: one worker's hold on this lock, with an end
    leased_until = models.DateTimeField(null=True, blank=True)
    lease = models.UUIDField(null=True, blank=True)
    # for when the workers were last told to look at this lock, so that one ring is on its way and not many
    rung_for = models.DateTimeField(null=True, blank=True)
    # back-off after the service could not be reached for this lock
    rests_until = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    # the last forced sync: when it was asked for, and the newest date of Nuki's that was known then
    sync_asked_at = models.DateTimeField(null=True, blank=True)
    sync_mark = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["nuki_account", "smartlock_id"], name="each_smart_lock_once_in_an_account"
            ),
        ]

    @property
    def is_online(self) -> bool:
        """Whether Nuki reached the lock when it was last listed."""
        return self.server_state != ServerState.OFFLINE

    @property
    def kind(self) -> str:
        """The device's name in shops."""
        return KINDS.get(self.device_type, "Nuki device")


KINDS: dict[int, str] = {
    DeviceType.SMART_LOCK_1_2: "Smart Lock 1/2",
    DeviceType.BOX: "Box",
    DeviceType.OPENER: "Opener",
    DeviceType.SMART_DOOR: "Smart Door",
    DeviceType.SMART_LOCK_3_4: "Smart Lock 3/4",
    DeviceType.SMART_LOCK_5: "Smart Lock 5",
}
