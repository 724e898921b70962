"""Messages to guests: rows first, sent afterwards. With what they told they are the ledger."""

from enum import StrEnum

from django.db import models
from django.db.models import Q

from access.models.stays import Stay
from properties.encryption import EncryptedTextField
from properties.models import OrganizationOwned


class MessageKind(StrEnum):
    """What a message tells; also the name of its templates."""

    ACCESS_READY = "access_ready"
    ACCESS_CHANGED = "access_changed"
    NEW_CODE = "new_code"
    APP_INVITE = "app_invite"
    STAY_CANCELLED = "stay_cancelled"
    REMINDER = "reminder"
    THANK_YOU = "thank_you"
    BACKUP_CODE = "backup_code"


# these tell the guest the code, its times and the doors: of each revision of a stay one at most
TELLS_ACCESS = frozenset(
    {MessageKind.ACCESS_READY, MessageKind.ACCESS_CHANGED, MessageKind.NEW_CODE, MessageKind.APP_INVITE}
)
OF_A_REVISION = TELLS_ACCESS | {MessageKind.STAY_CANCELLED}


class Trouble(StrEnum):
    """Why the last try to send a message was in vain."""

    SILENT = "silent"  # no mail server, or none that answered to the end
    PUT_OFF = "put off"  # it asks to be asked later
    REFUSED = "refused"  # it refuses, though not because of the address


class Message(OrganizationOwned):
    """One message about one revision of a stay. Its text is made when it is sent, from what is true then.

    The second half is what it told, and what became of it. Of one that was sent only the latter may change:
    the database holds that.
    """

    stay = models.ForeignKey(Stay, on_delete=models.PROTECT, related_name="messages")
    kind = models.CharField(max_length=20, choices=[(kind.value, kind.value) for kind in MessageKind])
    revision = models.PositiveIntegerField()
    again = models.BooleanField(default=False, db_default=False)  # somebody asked for it once more
    written_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    trouble = models.CharField(
        max_length=10,
        blank=True,
        default="",
        db_default="",
        choices=[(one.value, one.value) for one in Trouble],
    )
    superseded_at = models.DateTimeField(null=True, blank=True)
    # what it told
    language = models.CharField(max_length=5, blank=True, default="", db_default="")
    told_code = EncryptedTextField(blank=True, default="", db_default="")
    told_code_digest = models.CharField(max_length=64, blank=True, default="", db_default="")
    told_from = models.DateTimeField(null=True, blank=True)
    told_until = models.DateTimeField(null=True, blank=True)
    told_unit = models.CharField(max_length=210, blank=True, default="", db_default="")
    told_doors = models.JSONField(null=True, blank=True)
    told_by_app = models.JSONField(
        null=True, blank=True
    )  # of those: which the app opens, and the how many-th invite
    # what became of it; addresses stand between commas
    channel = models.CharField(max_length=10, default="email", db_default="email")
    may_have_left_at = models.DateTimeField(null=True, blank=True)  # handed over, and no clear answer came
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_to = models.TextField(blank=True, default="", db_default="")
    provider_id = models.CharField(max_length=255, blank=True, default="", db_default="")
    delivered_at = models.DateTimeField(null=True, blank=True)
    delivered_to = models.TextField(blank=True, default="", db_default="")
    bounced_at = models.DateTimeField(null=True, blank=True)
    bounced_to = models.TextField(blank=True, default="", db_default="")
    complained_at = models.DateTimeField(null=True, blank=True)
    page_opened_at = models.DateTimeField(null=True, blank=True)  # the code was looked at there, first since

    class Meta:
        indexes = [
            models.Index(fields=["organization", "-written_at", "-id"], name="messages_of_a_business"),
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="messages_that_are_due"),
            models.Index(
                fields=["stay"],
                condition=Q(bounced_at__isnull=False) | Q(complained_at__isnull=False),
                name="messages_that_came_back",
            ),
            models.Index(
                fields=["provider_id"], condition=~Q(provider_id=""), name="messages_by_their_provider"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["stay", "revision"],
                condition=Q(kind__in=sorted(OF_A_REVISION)),
                name="one_message_for_each_revision",
            ),
            models.UniqueConstraint(
                fields=["stay", "revision", "kind"],
                condition=~Q(kind=MessageKind.BACKUP_CODE.value),
                name="one_message_of_a_kind_for_each_revision",
            ),
        ]


class EarlyMailEvent(models.Model):
    """What a provider told of a message whose number of theirs we had not written down yet.

    Of whose guests it speaks nobody knows then; the address stands there as a fingerprint only.
    """

    provider_id = models.CharField(max_length=255)
    address_digest = models.CharField(max_length=64)
    fate = models.CharField(max_length=15)
    at = models.DateTimeField()
    told_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["told_at"], name="early_mail_events_by_age")]
        constraints = [
            models.UniqueConstraint(
                fields=["provider_id", "address_digest", "fate"], name="each_early_mail_event_is_kept_once"
            )
        ]

    def __str__(self) -> str:
        return f"EarlyMailEvent {self.pk}"
