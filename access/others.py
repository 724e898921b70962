"""Keeping what others have on smart locks: the Nuki app's codes, phones and fobs, as lists show them.

It is read and shown, and never changed or removed. A stray of ours is kept with it until it is gone.
"""

import json
from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import datetime

import structlog
from django.db import transaction

from access import live, looks, queries
from access.models import Grant, OtherAuthorization
from nuki_gateway import errors
from nuki_gateway.models import Authorization, AuthorizationType
from properties import nuki_accounts
from properties.encryption import digest
from properties.models import SmartLock

log = structlog.get_logger(__name__)

LIKE_OURS = frozenset({AuthorizationType.APP, AuthorizationType.KEYPAD_CODE})
LONGEST_NAME = 100
MOST_USES = 2**31 - 1  # what the column takes
SHOWN = (
    "type",
    "name",
    "enabled",
    "allowed_from",
    "allowed_until",
    "weekdays",
    "from_minute",
    "until_minute",
    "made_at",
    "used_at",
    "uses",
)


def like_ours_among(listed: Iterable[Authorization]) -> list[Authorization]:
    """The keypad codes and app authorizations of a list of all types: what grants are."""
    return [entry for entry in listed if entry.type in LIKE_OURS]


def besides(
    listed: Iterable[Authorization], *, keepers: Container[str], taken_along: Container[str] = ()
) -> list[Authorization]:
    """What of one lock's list is not ours, or is ours and nobody wants it. As for `strays.among`.

    `keepers` are the ids of the authorizations of its grants, `taken_along` the labels of grants that are
    wanted on a lock that is gone, which may be this one under another id.
    """
    once = {entry.id: entry for entry in listed}.values()  # whatever a page gave twice
    return [entry for entry in once if entry.id not in keepers and entry.name not in taken_along]


def keep(found: Mapping[SmartLock, Sequence[Authorization]], *, now: datetime, by_hand: bool = False) -> None:
    """Keep what is on these locks besides our codes. Writes only where a list shows another picture.

    `by_hand`: somebody had the lock read, and is told when that was.
    """
    rows = {lock: [_row(lock, entry) for entry in entries] for lock, entries in found.items()}
    pictures = {lock: _picture(seen) for lock, seen in rows.items()}
    changed = [lock for lock in found if pictures[lock] != lock.others_picture]
    if not (changed or by_hand):
        return
    with transaction.atomic(durable=True):
        if by_hand:
            SmartLock.objects.filter(pk__in=[lock.pk for lock in found]).update(others_read_at=now)
        if changed:
            _renew(changed, [row for lock in changed for row in rows[lock]], pictures)


def read(*, lock: SmartLock, now: datetime) -> None:
    """List all that is on one lock, because a person asked. A refusal is left to the next sweep."""
    account = lock.nuki_account
    is_paused = account.paused_until is not None and account.paused_until > now
    if is_paused or lock.subscription_ended:
        return
    try:
        listed = nuki_accounts.client_for(account, background=True).authorizations_on(lock.smartlock_id)
    except errors.NukiError as failure:
        log.info("others_not_read", lock_id=lock.pk, reason=type(failure).__name__, status=failure.status)
        return
    grants = list(Grant.objects.filter(smart_lock=lock, closed_at=None))
    ours = like_ours_among(listed)
    keepers = {entry.id for grant in grants if (entry := looks.find(grant, ours))}
    taken_along = queries.labels_at_home_on(lock) - {grant.label for grant in grants}
    keep({lock: besides(listed, keepers=keepers, taken_along=taken_along)}, now=now, by_hand=True)


def _renew(
    locks: Sequence[SmartLock], rows: Sequence[OtherAuthorization], pictures: Mapping[SmartLock, str]
) -> None:
    for lock in locks:
        lock.others_picture = pictures[lock]
    SmartLock.objects.bulk_update(locks, ["others_picture"])
    gone = OtherAuthorization.objects.filter(smart_lock__in=locks)
    gone.exclude(authorization_id__in=[row.authorization_id for row in rows]).delete()
    OtherAuthorization.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["smart_lock", "authorization_id"],
        update_fields=SHOWN,
    )
    for lock in locks:
        live.tell(lock.organization_id, {live.lock_topic(lock.pk)})


def _row(lock: SmartLock, entry: Authorization) -> OtherAuthorization:
    return OtherAuthorization(
        organization_id=lock.organization_id,
        smart_lock=lock,
        authorization_id=entry.id,
        type=entry.type,
        name=entry.name[:LONGEST_NAME],
        enabled=entry.enabled,
        allowed_from=entry.window.allowed_from,
        allowed_until=entry.window.allowed_until,
        weekdays=entry.window.weekdays,
        from_minute=entry.window.from_minute,
        until_minute=entry.window.until_minute,
        made_at=entry.created_at,
        used_at=entry.last_active_at,
        uses=min(entry.lock_count, MOST_USES),
    )


def _picture(rows: Iterable[OtherAuthorization]) -> str:
    """A digest by which two lists are compared, in whatever order Nuki gave them."""
    shown = sorted([row.authorization_id, *(getattr(row, field) for field in SHOWN)] for row in rows)
    return digest(json.dumps(shown, default=str))
