"""What is not known for certain about the real service, each as a switch that stands on the strict side."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Switches:
    """Choices between behaviours that reports disagree about or leave open."""

    # A new authorization is not listed before it was read back from the device (users, developer forum).
    hide_until_confirmed: bool = True
    # The write that was accepted last before a 423 vanishes (observed by a user, developer forum:
    # 204, 204, 204, 204, 423, and the third value stands).
    lose_write_before_busy: bool = True
    # Deleting what the device no longer has leaves the entry listed until a sync (forum 22160).
    delete_of_missing_stays: bool = True
    # A sync moves the updateDate of every entry that it read, changed or not. Seen of the daily sync by a
    # property manager; whether a forced one does the same is not known.
    sync_moves_entries_dates: bool = True
    # Dates and times sent with a create are ignored unless weekdays are sent too (one program's remark).
    window_needs_weekdays: bool = False
    # An update must repeat the name. Documented so, but bodies without it were answered with 204.
    update_needs_name: bool = False
    # Webhooks may go to plain http on this very machine; the real service takes https only.
    allow_loopback_webhooks: bool = True
    # The answer to an authorization that does not exist; no status is documented for it.
    unknown_authorization_status: int = 404
    # Each refresh gives a new refresh token and ends the one that was used; not documented.
    rotate_refresh_tokens: bool = True
    # A new consent of the same account for the same program ends its access tokens (seen by one program).
    consent_ends_access_tokens: bool = True
    # The answer to a call on a lock whose subscription ended, for short rental integrations (forum 21795);
    # the status is not recorded: 403, or 402 'account not paid'.
    ended_subscription_status: int = 403
    # A decentral webhook that fails too often is switched off like a central one; not documented.
    deactivate_decentral_webhooks: bool = True
