"""Sweeping a Nuki account: how its locks are, and whether what is on them is as our rows say.

Two calls for the whole account, whatever the number of locks and grants. What is not as recorded makes its
lock due; what is to be done there is decided by the next look at that lock. Nothing is ever written on a lock
from here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import structlog
from django.db.models import Q

from access import app_invites, attention, backoff, health, looks, others, queries, stays, strays
from access.models import Grant
from nuki_gateway import errors
from nuki_gateway.client import NukiClient
from nuki_gateway.models import Authorization
from properties import nuki_accounts
from properties.models import NukiAccount, SmartLock
from properties.nuki_accounts import HealthChange

log = structlog.get_logger(__name__)

EVERY = timedelta(minutes=15)  # between sweeps while no webhook tells of changes: 96 a day
BESIDE_WEBHOOKS = timedelta(hours=3)  # they tell what changes; one in many is lost
BLIND = backoff.RESYNC  # how long an account may go without a sweep before its locks are read one by one
LOCKS_IN_ONE_ANSWER = 50  # with 200 codes and some phones each 3 MB; larger accounts are read by page


@dataclass
class Findings:
    """What of an account is not as recorded."""

    grants: list[Grant] = field(default_factory=list)  # to be looked at
    strays_on: list[SmartLock] = field(default_factory=list)
    other_codes: list[SmartLock] = field(default_factory=list)  # with what `foreign_codes` should be
    others: dict[SmartLock, list[Authorization]] = field(default_factory=dict)  # besides our grants'


def claim(account_id: int, *, now: datetime) -> bool:
    """Whether this account is still to be rung for. A ring counts as lost when the next one is due."""
    due = NukiAccount.objects.filter(Q(sweep_due_at=None) | Q(sweep_due_at__lte=now), pk=account_id)
    return due.update(sweep_due_at=now + EVERY) == 1


def sweep(*, account: NukiAccount, now: datetime) -> None:
    """Read the health of an account's locks, compare what is on them, and say when to do it again."""
    try:
        nuki_accounts.refresh(account=account, now=now, note=partial(_note_health, now))
    except errors.NukiError as failure:
        nuki_accounts.pause(account=account, failure=failure, now=now)
        _come_back(account, failure, now)
        return
    nuki_accounts.mend_webhook(account=account, now=now)
    for grant in queries.grants_with_a_new_keypad(account.pk, now):
        stays.use_new_keypad(grant=grant, now=now)
    for grant in queries.grants_without_their_keypad(account.pk, now):
        app_invites.use_instead_of_code(grant=grant, now=now)
    _compare(account, now)


def _note_health(now: datetime, lock: SmartLock, changes: list[HealthChange]) -> None:
    health.note(lock=lock, changes=changes, now=now)


def _compare(account: NukiAccount, now: datetime) -> None:
    locks = queries.locks_to_compare(account)
    try:
        listed = _list(nuki_accounts.client_for(account, background=True), len(locks))
    except errors.NukiError as failure:
        _go_without(account, failure, now)
        return
    found = compare(locks, listed, queries.grants_to_compare(account), now=now)
    SmartLock.objects.bulk_update(found.other_codes, ["foreign_codes"])
    others.keep(found.others, now=now)
    attention.not_as_recorded(grants=found.grants, strays_on=found.strays_on, now=now)
    is_told = nuki_accounts.is_told_of_changes(NukiAccount.objects.get(pk=account.pk), now=now)
    due_at = now + backoff.spread(BESIDE_WEBHOOKS if is_told else EVERY)
    NukiAccount.objects.filter(pk=account.pk).update(swept_at=now, sweep_due_at=due_at)
    log.info(
        "account_swept",
        account_id=account.pk,
        grants=len(found.grants),
        locks_with_strays=len(found.strays_on),
    )


def compare(
    locks: Sequence[SmartLock], listed: Sequence[Authorization], grants: Sequence[Grant], *, now: datetime
) -> Findings:
    """Find what is not as recorded, from one list of an account's locks and the open grants there."""
    entries: dict[int, list[Authorization]] = {}
    wishes: dict[int, list[Grant]] = {}
    for entry in listed:
        entries.setdefault(entry.smartlock_id, []).append(entry)
    for grant in grants:
        wishes.setdefault(grant.smart_lock_id, []).append(grant)
    found, gone = Findings(), {lock.pk for lock in locks if lock.gone_since is not None}
    taken_along = {grant.label for grant in grants if grant.is_wanted and grant.smart_lock_id in gone}
    for lock in locks:
        on_it = _OneLock(lock, entries.get(lock.smartlock_id, []), wishes.get(lock.pk, []))
        on_it.compare(found, taken_along, now)
    return found


@dataclass
class _OneLock:
    """What is listed on one smart lock, and what our rows say of it."""

    lock: SmartLock
    entries: list[Authorization]
    grants: list[Grant]

    def compare(self, found: Findings, taken_along: set[str], now: datetime) -> None:
        """Add to what was found on other locks. `taken_along`: labels of a lock that is gone."""
        ours = others.like_ours_among(self.entries)
        shown = _find_all(self.grants, ours)
        found.grants += [grant for grant in self.grants if _is_news(grant, shown.get(grant.pk), now)]
        keepers = {entry.id for entry in shown.values()}
        if strays.among(ours, keepers=keepers, taken_along=taken_along):
            found.strays_on.append(self.lock)
        labels = taken_along.union(grant.label for grant in self.grants)
        found.others[self.lock] = others.besides(self.entries, keepers=keepers, taken_along=taken_along)
        foreign = looks.foreign_codes(ours, labels=labels)
        if foreign != self.lock.foreign_codes:
            self.lock.foreign_codes = foreign
            found.other_codes.append(self.lock)


def _find_all(grants: list[Grant], entries: list[Authorization]) -> dict[int, Authorization]:
    """The authorization of each grant that has one, on a list of hundreds for hundreds."""
    by_key: dict[str, list[Authorization]] = {}
    for entry in entries:
        for key in {entry.name, entry.id}:
            by_key.setdefault(key, []).append(entry)
    found = {}
    for grant in grants:
        own = [*by_key.get(grant.label, []), *by_key.get(grant.authorization_id, [])]
        shown = looks.find(grant, own)
        if shown is not None:
            found[grant.pk] = shown
    return found


def _is_news(grant: Grant, entry: Authorization | None, now: datetime) -> bool:
    """Whether the list says something about a grant that its row does not know.

    What is over or unwanted has looks of its own, and so has what waits for a person.
    """
    if not grant.is_wanted or grant.allowed_until <= now:
        return False
    is_there = entry is not None and looks.entry_of(grant, entry) == looks.wanted_entry(grant)
    if grant.confirmed_at is None:
        return is_there and grant.listed_at is None
    return not is_there and not grant.problem and grant.confirmed_at < now  # else the list may be older


def _list(client: NukiClient, locks: int) -> list[Authorization]:
    if locks > LOCKS_IN_ONE_ANSWER:
        return list(client.authorizations_by_page())
    return client.authorizations()


def _go_without(account: NukiAccount, failure: errors.NukiError, now: datetime) -> None:
    """The codes cannot be listed at once: where that lasts, or is refused, each lock is read by itself."""
    log.info("account_not_swept", account_id=account.pk, reason=type(failure).__name__, status=failure.status)
    if isinstance(failure, nuki_accounts.OF_THE_WHOLE_ACCOUNT):
        nuki_accounts.pause(account=account, failure=failure, now=now)
    elif isinstance(failure, errors.NukiRefused) or now - (account.swept_at or account.connected_at) > BLIND:
        attention.look_at_each(account=account, now=now)
    _come_back(account, failure, now)


def _come_back(account: NukiAccount, failure: errors.NukiError, now: datetime) -> None:
    """Whoever claimed this sweep has said when the next one is due. What was not sent may come sooner."""
    if isinstance(failure, errors.NukiOverBudget):
        again = backoff.spread(timedelta(seconds=failure.retry_after or 0))
        NukiAccount.objects.filter(pk=account.pk).update(sweep_due_at=now + again)
