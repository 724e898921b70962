"""Making, finding and revoking API keys: the only writer of them.

A key is `kt_` and 48 hexadecimal digits, of which the first 8 are kept to know it again: 160 bits are left
that nobody else has, so a plain digest hides it.
"""

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from properties import limits, memberships, team_audit
from properties.api_scopes import Scope
from properties.models import ApiKey, Organization, TeamEvent, User
from properties.reach import EVERYWHERE, Reach
from properties.roles import Right, may

BEGINS_WITH = "kt_"
RANDOM_BYTES = 24
SHOWN = len(BEGINS_WITH) + 8  # characters of a key that are kept
LONGEST_KEY = 200  # characters that are looked at; ours are shorter
MOST_KEYS = 50  # of a business at a time
TRIAL, TRIAL_LASTS = "Try-out", timedelta(hours=1)
USE_IS_NOTED = timedelta(minutes=1)  # no oftener: a busy key must not write a row with each request


class MayNotManageKeys(Exception):
    """The role of who asks does not carry it, or does not any more."""


class NameIsTaken(Exception):
    """Another key of the business that was not revoked has this name."""


class LimitedKeyManagesNone(Exception):
    """A key that is limited to some properties cannot look after keys, which are the whole business's."""


class TooManyKeys(Exception):
    """The business has as many keys as it may."""


class KeyIsUnknown(Exception):
    """There is no such key."""


class KeyIsRevoked(Exception):
    """Somebody has revoked this key."""


class KeyHasExpired(Exception):
    """The time for which the key was made is over."""


@transaction.atomic(durable=True)
def make(
    *,
    organization: Organization,
    name: str,
    scopes: Collection[Scope],
    expires_at: datetime | None,
    made_by: User,
    now: datetime,
    reach: Reach = EVERYWHERE,
) -> tuple[ApiKey, str]:
    """A new key, and its text, which is nowhere else. Raises this module's errors; nothing is made then.

    With a `reach` it finds nothing outside of those properties.
    """
    return made(
        organization=organization,
        name=name,
        scopes=scopes,
        expires_at=expires_at,
        made_by=made_by,
        now=now,
        reach=reach,
    )


def made(
    *,
    organization: Organization,
    name: str,
    scopes: Collection[Scope],
    expires_at: datetime | None,
    made_by: User,
    now: datetime,
    reach: Reach = EVERYWHERE,
) -> tuple[ApiKey, str]:
    """The same in a transaction of the caller."""
    if reach.is_limited and Scope.ADMIN in scopes:
        raise LimitedKeyManagesNone
    memberships.hold(organization)
    _check_may_manage(made_by, organization)
    standing = standing_of(organization)
    if standing.filter(name=name).exists():
        raise NameIsTaken
    if standing.count() >= MOST_KEYS:
        raise TooManyKeys
    text = BEGINS_WITH + secrets.token_hex(RANDOM_BYTES)
    key = ApiKey.objects.create(
        organization=organization,
        name=name,
        prefix=text[:SHOWN],
        digest=_digest(text),
        scopes=[scope for scope in Scope if scope in scopes],
        property_ids=None if reach.property_ids is None else sorted(reach.property_ids),
        made_by=made_by,
        made_at=now,
        expires_at=expires_at,
    )
    team_audit.note(
        TeamEvent.API_KEY_MADE,
        organization,
        by=made_by,
        api_key=key,
        limited_to=limits.names_in(organization, reach),
        now=now,
    )
    return key, text


@transaction.atomic(durable=True)
def make_to_try(*, organization: Organization, made_by: User, now: datetime) -> str:
    """The text of a key that reads for an hour, in the place of the one that this person had for that.

    Raises MayNotManageKeys, TooManyKeys.
    """
    name = f"{TRIAL} {made_by.pk}"
    memberships.hold(organization)
    _check_may_manage(made_by, organization)
    for before in standing_of(organization).filter(name=name):
        _end(before, made_by, now)
    expires_at = now + TRIAL_LASTS
    _, text = made(
        organization=organization,
        name=name,
        scopes=[Scope.READ],
        expires_at=expires_at,
        made_by=made_by,
        now=now,
    )
    return text


@transaction.atomic(durable=True)
def revoke(*, key: ApiKey, revoked_by: User, now: datetime) -> None:
    """End a key: its next request is refused. One that was revoked before stays as it is."""
    memberships.hold(key.organization)
    _check_may_manage(revoked_by, key.organization)
    _end(key, revoked_by, now)


def find(text: str, *, now: datetime) -> ApiKey:
    """The key of this text, with its organization. Raises KeyIsUnknown, KeyIsRevoked, KeyHasExpired."""
    if not text.startswith(BEGINS_WITH) or len(text) > LONGEST_KEY:
        raise KeyIsUnknown
    found = ApiKey.objects.filter(digest=_digest(text)).select_related("organization", "made_by").first()
    if found is None:
        raise KeyIsUnknown
    if found.revoked_at is not None:
        raise KeyIsRevoked
    if found.expires_at is not None and found.expires_at <= now:
        raise KeyHasExpired
    return found


def note_use(key: ApiKey, *, now: datetime) -> None:
    """Write down that a key is in use, once a minute at most."""
    unnoted = now - USE_IS_NOTED
    if key.last_used_at is None or key.last_used_at <= unnoted:
        old = Q(last_used_at=None) | Q(last_used_at__lte=unnoted)
        ApiKey.objects.filter(old, pk=key.pk).update(last_used_at=now)


def standing_of(organization: Organization) -> QuerySet[ApiKey]:
    """The keys of a business that were not revoked, the newest first."""
    keys = ApiKey.objects.filter(organization=organization, revoked_at=None)
    return keys.select_related("organization", "made_by").order_by("-pk")


def made_by(user: User, organization: Organization, *, now: datetime) -> int:
    """How many keys that work a person has made for a business."""
    works = Q(expires_at=None) | Q(expires_at__gt=now)
    return standing_of(organization).filter(works, made_by=user).count()


def _end(key: ApiKey, revoked_by: User, now: datetime) -> None:
    if ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now):
        team_audit.note(TeamEvent.API_KEY_REVOKED, key.organization, by=revoked_by, api_key=key, now=now)


def _check_may_manage(user: User, organization: Organization) -> None:
    role = memberships.role_of(user, organization)
    if role is None or not may(role, Right.MANAGE_API_KEYS):
        raise MayNotManageKeys


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
