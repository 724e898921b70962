"""Reading the log of a Nuki account: all of it where nobody calls us, else what the webhooks left out."""

from datetime import datetime, timedelta

import structlog
from django.db.models import F, Q

from access import activity, backoff, queries
from access.models import Activity
from nuki_gateway import errors
from nuki_gateway.models import LogEntry
from properties import nuki_accounts
from properties.models import NukiAccount

log = structlog.get_logger(__name__)

PAGE = 50  # entries; Nuki gives no more at once, whatever is asked for
MOST_PAGES = 20  # of one reading, so that a long log holds up nothing: 1,000 entries, as a lock keeps
DEEP_EVERY = timedelta(days=1)  # entries come late, too: once a day all of two days is read again
DEEP = timedelta(days=2)
LATE = timedelta(minutes=2)  # after this a webhook would have brought an entry

BUSY = timedelta(minutes=15)  # between readings while a guest is in the house and no webhook works
IDLE = timedelta(minutes=30)  # while nobody is
BESIDE_WEBHOOKS = timedelta(hours=1)
FAILED = timedelta(minutes=15)  # no sooner than any reading: no account is read more than 96 times a day


def claim(account_id: int, *, now: datetime) -> bool:
    """Whether this account's log is still to be rung for; the ring counts as lost after a while."""
    due = NukiAccount.objects.filter(Q(log_due_at=None) | Q(log_due_at__lte=now), pk=account_id)
    return due.update(log_due_at=now + FAILED) == 1


def read(*, account: NukiAccount, now: datetime) -> None:
    """Store what is new in the account's log, and say when to read it again."""
    is_deep = account.log_read_deep_at is None or now - account.log_read_deep_at >= DEEP_EVERY
    try:
        missed = _read_pages(account, is_deep=is_deep, now=now)
    except errors.NukiError as failure:
        _put_off(account, failure, now)
        return
    changes: dict[str, object] = {"log_due_at": now + backoff.spread(_interval(account, missed, now))}
    if is_deep:
        changes["log_read_deep_at"] = now
    if missed:
        changes["webhook_missed"] = F("webhook_missed") + missed
        log.info("log_entries_without_webhook", account_id=account.pk, count=missed)
    NukiAccount.objects.filter(pk=account.pk).update(**changes)


def _read_pages(account: NukiAccount, *, is_deep: bool, now: datetime) -> int:
    """Read from the newest entry back to what is known; how many a webhook should have brought."""
    client = nuki_accounts.client_for(account, background=True)
    missed, before_id = 0, None
    for _ in range(MOST_PAGES):
        page = client.log(before_id=before_id, limit=PAGE)
        fresh = activity.record(account=account, entries=page, now=now)
        missed += sum(_is_missed(one, account, now) for one in fresh)
        if len(page) < PAGE or (not fresh and not is_deep) or _is_far_back(page, now):
            break
        before_id = page[-1].id
    return missed


def _is_missed(one: Activity, account: NukiAccount, now: datetime) -> bool:
    since = account.webhook_since
    if account.webhook_id is None or since is None:
        return False
    return since < one.happened_at < now - LATE


def _is_far_back(page: list[LogEntry], now: datetime) -> bool:
    return page[-1].at < now - DEEP


def _interval(account: NukiAccount, missed: int, now: datetime) -> timedelta:
    if not missed and nuki_accounts.is_told_of_changes(account, now=now):
        return BESIDE_WEBHOOKS
    return BUSY if queries.somebody_is_in(account.pk, now) else IDLE


def _put_off(account: NukiAccount, failure: errors.NukiError, now: datetime) -> None:
    log.info("log_not_read", account_id=account.pk, reason=type(failure).__name__, status=failure.status)
    if isinstance(failure, nuki_accounts.OF_THE_WHOLE_ACCOUNT):
        nuki_accounts.pause(account=account, failure=failure, now=now)
    again = FAILED
    if isinstance(failure, errors.NukiOverBudget):
        again = timedelta(seconds=failure.retry_after or 0)
    NukiAccount.objects.filter(pk=account.pk).update(log_due_at=now + backoff.spread(again))
