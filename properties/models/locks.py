"""Nuki accounts and the smart locks that they list."""

from enum import StrEnum

from django.contrib.postgres.fields import ArrayField
from django.db import models

from nuki_gateway.models import DeviceType, Mode, ServerState
from properties.encryption import EncryptedTextField
from properties.models.owned import OrganizationOwned


class SignsInWith(StrEnum):
    """What a Nuki account was connected with."""

    TOKEN = "token"  # noqa: S105  an API token, made by hand in Nuki Web
    NUKI = "nuki"  # the host signed in at Nuki (OAuth): tokens that end and are renewed


class NukiAccount(OrganizationOwned):
    """An organization's credentials at Nuki Web."""

    name = models.CharField(max_length=100)
    signs_in_with = models.CharField(
        max_length=10,
        choices=[(way.value, way.value) for way in SignsInWith],
        default=SignsInWith.TOKEN.value,
        db_default=SignsInWith.TOKEN.value,
    )
    token = EncryptedTextField()  # the API token, or the access token that holds now
    # only of those who signed in at Nuki
    refresh_token = EncryptedTextField(blank=True, default="", db_default="")
    token_ends_at = models.DateTimeField(null=True, blank=True)
    scopes = ArrayField(models.CharField(max_length=50), default=list, blank=True, db_default=[])
    tokens_version = models.PositiveIntegerField(default=0, db_default=0)  # one more with each that is stored
    renewing_until = models.DateTimeField(null=True, blank=True)  # one worker's hold on renewing, with an end
    sign_in_ended_at = models.DateTimeField(null=True, blank=True)  # only the host can help
    webhook_id = models.BigIntegerField(null=True, blank=True)
    webhook_secret = EncryptedTextField(blank=True)
    connected_at = models.DateTimeField()
    broken_since = models.DateTimeField(null=True, blank=True)
    paused_until = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    # the webhook, and the log, which shows what it left out
    webhook_refused_at = models.DateTimeField(null=True, blank=True)  # Nuki would not register one
    webhook_since = models.DateTimeField(null=True, blank=True)
    webhook_heard_at = models.DateTimeField(null=True, blank=True)
    webhook_missed = models.PositiveIntegerField(default=0)  # log entries in a row that no webhook brought
    log_due_at = models.DateTimeField(null=True, blank=True)
    log_read_deep_at = models.DateTimeField(null=True, blank=True)
    # when all its locks and their codes are to be compared with our rows next, and when that last was done
    sweep_due_at = models.DateTimeField(null=True, blank=True)
    swept_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["log_due_at"], name="accounts_whose_log_is_due"),
            models.Index(fields=["sweep_due_at"], name="accounts_whose_sweep_is_due"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="nuki_account_names_differ"),
            models.CheckConstraint(
                condition=models.Q(
                    signs_in_with=SignsInWith.TOKEN.value, refresh_token="", token_ends_at=None
                )
                | (
                    models.Q(signs_in_with=SignsInWith.NUKI.value, token_ends_at__isnull=False)
                    & ~models.Q(refresh_token="")
                ),
                name="who_signed_in_at_nuki_has_tokens_to_renew",
            ),
        ]

    @property
    def is_signed_in_at_nuki(self) -> bool:
        """Whether its tokens come from a sign-in, and not from the host's own hand."""
        return self.signs_in_with == SignsInWith.NUKI


class SmartLock(OrganizationOwned):
    """A Nuki device, as its account lists it, and one worker's hold on it."""

    nuki_account = models.ForeignKey(NukiAccount, on_delete=models.CASCADE, related_name="smart_locks")
    smartlock_id = models.BigIntegerField()
    device_type = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=100)  # as in the Nuki app
    own_name = models.CharField(max_length=100, blank=True, default="", db_default="")  # the host's, here
    has_keypad = models.BooleanField()
    keypad_gone_since = models.DateTimeField(null=True, blank=True)  # or since we know that there is none
    time_zone = models.CharField(max_length=64, blank=True)
    server_state = models.PositiveSmallIntegerField()
    mode = models.PositiveSmallIntegerField(null=True, blank=True)
    battery_charge = models.PositiveSmallIntegerField(null=True, blank=True)
    battery_critical = models.BooleanField(default=False)
    keypad_battery_critical = models.BooleanField(default=False)
    subscription_ended = models.BooleanField(default=False, db_default=False)
    subscription_state = models.CharField(max_length=20, blank=True, default="", db_default="")
    firmware = models.CharField(max_length=12, blank=True, default="", db_default="")
    contact_at = models.DateTimeField(null=True, blank=True)  # when Nuki's own copy of it last changed
    listed_at = models.DateTimeField()
    offline_since = models.DateTimeField(null=True, blank=True)
    gone_since = models.DateTimeField(null=True, blank=True)
    # keyed digests of the codes that others have put on this lock: ours must differ from them
    foreign_codes = ArrayField(models.CharField(max_length=64), default=list, blank=True)
    # what else is listed on this lock (`access.others`): a digest of it, and when somebody had it read
    others_picture = models.CharField(max_length=64, blank=True, default="", db_default="")
    others_read_at = models.DateTimeField(null=True, blank=True)
    # the lease: one worker's hold on this lock, with an end
    leased_until = models.DateTimeField(null=True, blank=True)
    lease = models.UUIDField(null=True, blank=True)
    # for when the workers were last told to look at this lock, so that one ring is on its way and not many
    rung_for = models.DateTimeField(null=True, blank=True)
    # back-off after the service could not be reached for this lock
    rests_until = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    # when to look at this lock although no grant on it is due: something of ours is there that nobody wants
    look_due_at = models.DateTimeField(null=True, blank=True)
    stray_looks = models.PositiveSmallIntegerField(
        default=0, db_default=0
    )  # in a row that found such a thing
    # the last forced sync: when it was asked for, and the newest date of Nuki's that was known then
    sync_asked_at = models.DateTimeField(null=True, blank=True)
    sync_mark = models.DateTimeField(null=True, blank=True)
    # the newest date of this lock that a webhook about a finished sync told
    sync_told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["look_due_at"],
                condition=models.Q(look_due_at__isnull=False),
                name="locks_that_are_due",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["nuki_account", "smartlock_id"], name="each_smart_lock_once_in_an_account"
            ),
        ]

    @property
    def called(self) -> str:
        """How pages name the lock: by the host's own name, else by the one in the Nuki app."""
        return self.own_name or self.name

    @property
    def is_online(self) -> bool:
        """Whether Nuki reached the lock when it was last listed."""
        return self.server_state != ServerState.OFFLINE

    @property
    def is_in_service(self) -> bool:
        """Whether it is set to move when it is asked: not in maintenance, pairing or off the door."""
        return self.mode in {None, Mode.DOOR, Mode.CONTINUOUS}

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
