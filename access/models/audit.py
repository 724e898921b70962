"""Who did what: rows that are only ever added. The database refuses to change or delete them."""

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext as _

from access.models.grants import Grant
from access.models.stays import Stay
from properties.models import ApiKey, OrganizationOwned, SmartLock, User


class AuditKind(StrEnum):
    """What happened."""

    STAY_BOOKED = "stay booked"
    STAY_CHANGED = "stay changed"
    STAY_CANCELLED = "stay cancelled"
    GUESTS_CHANGED = "guests changed"
    ADDRESS_CORRECTED = "address corrected"
    TIMES_DERIVED_ANEW = "times derived anew"
    CODE_DRAWN_ANEW = "code drawn anew"
    CODE_RENEWED = "code renewed"
    INVITE_RENEWED = "invite renewed"  # nobody had used it
    CODE_REVEALED = "code revealed"
    GUEST_SAW_CODE = "guest saw code"  # on the page of the stay, whoever has its link
    HELP_ASKED = "help asked"  # by whoever has the link: "My code does not work"
    HELP_SETTLED = "help settled"
    BACKUP_HANDED_OUT = "backup handed out"  # by a person, or because the guest's own code came too late
    BACKUP_TAKEN = "backup taken"  # by whoever has the link, at a door that the own code does not open
    LINK_REVEALED = "link revealed"
    LINK_RENEWED = "link renewed"
    LINK_REVOKED = "link revoked"
    TOLD_AGAIN = "told again"
    TOLD_AT_ONCE = "told at once"  # a message that waited for its time
    WRITE_INTENDED = "write intended"
    WRITE_ANSWERED = "write answered"
    CONFIRMED = "confirmed"
    DRIFTED = "drifted"
    CLOSED = "closed"
    MESSAGE_SENT = "message sent"
    TRIAL_ASKED = "trial asked"  # a message with made-up facts, to oneself
    TRIAL_ANSWERED = "trial answered"
    READING_ASKED = "reading asked"
    OPENING_ASKED = "opening asked"  # by a person, or from the page of a stay, which it names then
    LOCK_CALLED = "lock called"  # Nuki is about to be asked for what a person asked for
    LOCK_ANSWERED = "lock answered"
    LOCK_PUT_ON_DOOR = "lock put on door"
    GUESTS_OPEN_CHANGED = "guests open changed"  # whether they may, from their page: the `answer`
    PICTURE_ADDED = "picture added"  # to those that guests see of a door
    PICTURE_REMOVED = "picture removed"
    LOCK_RENAMED = "lock renamed"
    HOLDER_NAMED = "holder named"
    HOLDER_FORGOTTEN = "holder forgotten"
    WEBHOOK_MADE = "webhook made"
    WEBHOOK_CHANGED = "webhook changed"
    WEBHOOK_ROTATED = "webhook rotated"  # it has another secret
    WEBHOOK_ON = "webhook on"
    WEBHOOK_OFF = "webhook off"
    WEBHOOK_DELETED = "webhook deleted"
    WEBHOOK_TRIED = "webhook tried"
    WEBHOOK_SENT_AGAIN = "webhook sent again"


# where nobody is named: on their page
OF_GUESTS = frozenset({AuditKind.HELP_ASKED, AuditKind.OPENING_ASKED, AuditKind.BACKUP_TAKEN})


class AuditEntry(OrganizationOwned):
    """One fact. A change on a lock is two: the intent before the call, and how it was answered."""

    kind = models.CharField(max_length=20, choices=[(kind.value, kind.value) for kind in AuditKind])
    at = models.DateTimeField()
    by = models.ForeignKey(
        User, on_delete=models.DO_NOTHING, null=True, related_name="+", db_constraint=False
    )
    # where a program asked: with which key; `by` made that key, and answers for what is done with it
    api_key = models.ForeignKey(
        ApiKey, on_delete=models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False
    )
    stay = models.ForeignKey(Stay, on_delete=models.PROTECT, null=True, related_name="audit")
    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, null=True, related_name="audit")
    smart_lock = models.ForeignKey(
        SmartLock, on_delete=models.PROTECT, null=True, related_name="audit", db_index=False
    )  # of what was asked of a lock itself
    step = models.CharField(max_length=10, blank=True)
    answer = models.CharField(max_length=40, blank=True)
    intent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="answers")

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["organization", "-at", "-id"], name="audit_of_a_business"),
            models.Index(
                fields=["organization", "-at", "-id"],
                condition=models.Q(by__isnull=False),
                name="audit_of_people",
            ),
            models.Index(fields=["stay", "-at"], name="audit_of_a_stay"),
            models.Index(
                fields=["smart_lock", "-at"],
                condition=models.Q(smart_lock__isnull=False),
                name="audit_of_a_lock",
            ),
            models.Index(
                fields=["organization", "by", "-at"],
                condition=models.Q(kind=AuditKind.TRIAL_ASKED.value),
                name="trials_that_a_person_asked_for",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["intent"],
                condition=models.Q(kind=AuditKind.LOCK_CALLED.value),
                name="what_is_asked_of_a_lock_is_called_for_once",
            ),
        ]

    @property
    def who(self) -> str:
        """How pages name who did it: a person, a program by its key, a guest, or Keyturn itself."""
        if self.api_key is not None:
            return _("%(key)s (API key)") % {"key": self.api_key.name}
        if self.kind in OF_GUESTS and self.stay is not None and self.by is None:
            return _("%(guest)s (guest's page)") % {"guest": self.stay.guest.called}
        return self.by.get_full_name() if self.by else _("Keyturn")
