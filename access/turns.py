"""Which of a guest's stays has the one app authorization that Nuki gives a person on a smart lock.

The stay that begins first has it until it is over; then the next one takes it over as it is in the guest's
phone. Guests are the same where their address is.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from access.looks import Look, record
from access.models import AppUser, Grant, GrantKind
from nuki_gateway.models import Authorization
from properties.encryption import digest


@dataclass(frozen=True)
class Turns:
    """The open app invites of some guests on one lock, the nearest arrival first."""

    grants: tuple[Grant, ...]
    now: datetime

    def holder(self, grant: Grant) -> Grant | None:
        """Whose turn it is among the stays of this grant's guest."""
        theirs = (one for one in self.grants if address_of(one) == address_of(grant))
        return next((one for one in theirs if is_to_open(one, self.now)), None)

    def is_taken_over(self, grant: Grant, found: Authorization) -> bool:
        """Whether another stay is about to take over what this one, which is over, still has on the lock."""
        heir = self.holder(grant)
        return heir is not None and heir.account_user_id == found.account_user_id and not heir.problem


def of(look: Look, due: Iterable[Grant]) -> Turns:
    """The turns of those who have an app invite among what is due. One query, and none without any."""
    addresses = {address_of(grant) for grant in due if grant.kind == GrantKind.APP_INVITE} - {""}
    if not addresses:
        return Turns((), look.now)
    there = Grant.objects.filter(smart_lock=look.lock, closed_at=None, kind=GrantKind.APP_INVITE)
    theirs = there.filter(stay__guest__email__in=addresses).select_related("stay__guest")
    grants = sorted(theirs, key=lambda grant: (grant.allowed_from, grant.pk))
    _note_users(look, grants)
    return Turns(tuple(grants), look.now)


def with_all_of_a_guest(due: Iterable[Grant], turns: Turns) -> list[Grant]:
    """What is due, and the other stays of its guests: what one leaves, the next takes over."""
    by_key = {grant.pk: grant for grant in turns.grants}
    ordered = {grant.pk: by_key.get(grant.pk, grant) for grant in due}
    return list({**ordered, **by_key}.values())


def is_to_open(grant: Grant, now: datetime) -> bool:
    """Whether a grant is wanted on its lock, now or later."""
    return grant.is_wanted and now < grant.allowed_until


def address_of(grant: Grant) -> str:
    """Where the guest is invited; empty for one who has no address, or whose was erased."""
    return grant.own_stay.guest.email


def _note_users(look: Look, grants: Iterable[Grant]) -> None:
    """Whom the account knows already needs no call."""
    unknown = [grant for grant in grants if grant.account_user_id is None]
    if not unknown:
        return
    digests = {digest(address_of(grant)) for grant in unknown}
    rows = AppUser.objects.filter(nuki_account=look.lock.nuki_account_id, email_digest__in=digests)
    users = dict(rows.values_list("email_digest", "account_user_id"))
    for grant in unknown:
        user_id = users.get(digest(address_of(grant)))
        if user_id is not None and record(grant, account_user_id=user_id):
            grant.account_user_id = user_id
