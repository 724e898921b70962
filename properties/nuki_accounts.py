"""Connecting Nuki accounts and keeping the list of their smart locks.

Every function here that speaks to Nuki does so outside of any transaction.
"""

from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse

from nuki_gateway import errors
from nuki_gateway import models as nuki
from nuki_gateway.client import NukiClient
from properties.models import NukiAccount, Organization, SmartLock

log = structlog.get_logger(__name__)

LONGEST_PAUSE = timedelta(minutes=15)  # between probes of an account that fails
LONGEST_THROTTLE = timedelta(days=1)  # whatever Nuki asks for: a slip of theirs is no end


class TokenRefused(Exception):
    """Nuki does not accept the token, or it may not read smart locks."""


class NukiDoesNotAnswer(Exception):
    """The token could not be checked, because the service gave no usable answer."""


class NameTaken(Exception):
    """The organization has another Nuki account of that name."""


def client_for(account: NukiAccount) -> NukiClient:
    """Calls in the name of this account."""
    return NukiClient(settings.NUKI_API_URL, account.token)


def connect(*, organization: Organization, name: str, token: str, now: datetime) -> NukiAccount:
    """Check the token, keep it, and import the smart locks that the account lists."""
    if NukiAccount.objects.filter(organization=organization, name=name).exists():
        raise NameTaken(name)
    listed = _check(token)
    try:
        with transaction.atomic(durable=True):
            account = NukiAccount.objects.create(
                organization=organization, name=name, token=token, connected_at=now
            )
            _record(account, listed, now)
    except IntegrityError as refusal:
        if "nuki_account_names_differ" not in str(refusal):
            raise
        raise NameTaken(name) from None
    _register_webhook(account)
    return account


def replace_token(*, account: NukiAccount, token: str, now: datetime) -> None:
    """Give an account another token, once Nuki has accepted it, and let its work go on."""
    listed = _check(token)
    with transaction.atomic(durable=True):
        NukiAccount.objects.filter(pk=account.pk).update(
            token=token, broken_since=None, paused_until=None, failures=0
        )
        _record(account, listed, now)
    account.refresh_from_db()
    if not _has_webhook(account):
        _register_webhook(account)


def refresh(*, account: NukiAccount, now: datetime) -> None:
    """Read the account's smart locks anew: their health, and which have come or gone."""
    listed = client_for(account).smart_locks()
    with transaction.atomic(durable=True):
        NukiAccount.objects.filter(pk=account.pk).update(broken_since=None, paused_until=None, failures=0)
        _record(account, listed, now)


def pause(*, account: NukiAccount, failure: errors.NukiError, now: datetime) -> None:
    """Leave the account alone for a while: it is broken (401), throttled, or does not answer."""
    failures = account.failures + 1
    span = min(timedelta(seconds=15 * 2 ** min(failures, 10)), LONGEST_PAUSE)
    if isinstance(failure, errors.NukiThrottled) and failure.retry_after is not None:
        span = min(timedelta(seconds=failure.retry_after), LONGEST_THROTTLE)
    broken_since = account.broken_since
    if isinstance(failure, errors.NukiUnauthorized):
        broken_since, span = broken_since or now, LONGEST_PAUSE
    NukiAccount.objects.filter(pk=account.pk).update(
        failures=failures, paused_until=now + span, broken_since=broken_since
    )
    log.warning(
        "nuki_account_paused", account_id=account.pk, seconds=span.total_seconds(), status=failure.status
    )


def record_lock(*, lock: SmartLock, seen: nuki.SmartLock, now: datetime) -> None:
    """Keep what Nuki says of one smart lock now."""
    SmartLock.objects.filter(pk=lock.pk).update(**_health(seen, lock.offline_since, now))


def _check(token: str) -> list[nuki.SmartLock]:
    try:
        return NukiClient(settings.NUKI_API_URL, token).smart_locks()
    except (errors.NukiUnauthorized, errors.NukiForbidden):
        raise TokenRefused from None
    except errors.NukiError as failure:
        log.warning("nuki_token_not_checked", status=failure.status)
        raise NukiDoesNotAnswer from None


def _record(account: NukiAccount, listed: list[nuki.SmartLock], now: datetime) -> None:
    known = dict(SmartLock.objects.filter(nuki_account=account).values_list("smartlock_id", "offline_since"))
    SmartLock.objects.bulk_create(
        [
            SmartLock(
                organization_id=account.organization_id,
                nuki_account=account,
                smartlock_id=seen.smartlock_id,
                **_health(seen, known.get(seen.smartlock_id), now),
            )
            for seen in listed
        ],
        update_conflicts=True,
        unique_fields=["nuki_account", "smartlock_id"],
        update_fields=list(_HEALTH_FIELDS),
    )
    SmartLock.objects.filter(nuki_account=account, gone_since=None).exclude(
        smartlock_id__in=[seen.smartlock_id for seen in listed]
    ).update(gone_since=now)


_HEALTH_FIELDS = (
    "device_type",
    "name",
    "has_keypad",
    "time_zone",
    "server_state",
    "battery_charge",
    "battery_critical",
    "keypad_battery_critical",
    "listed_at",
    "offline_since",
    "gone_since",
)


def _health(seen: nuki.SmartLock, offline_since: datetime | None, now: datetime) -> dict[str, object]:
    return {
        "device_type": seen.device_type,
        "name": seen.name[:100],
        "has_keypad": seen.keypad_paired,
        "time_zone": seen.time_zone or "",
        "server_state": seen.server_state,
        "battery_charge": seen.battery_charge,
        "battery_critical": seen.battery_critical,
        "keypad_battery_critical": seen.keypad_battery_critical,
        "listed_at": now,
        "offline_since": None if seen.is_online else (offline_since or now),
        "gone_since": None,
    }


def _has_webhook(account: NukiAccount) -> bool:
    """Whether Nuki still calls us for this account: a token of another account has other webhooks."""
    if account.webhook_id is None:
        return False
    try:
        return account.webhook_id in {webhook.id for webhook in client_for(account).webhooks()}
    except errors.NukiError:
        return True  # not known: another registration could double every call


def _register_webhook(account: NukiAccount) -> None:
    """Have Nuki call us when something changes. Without it, or where it is refused, polling does it all."""
    url = settings.PUBLIC_URL + reverse("access:nuki_webhook", kwargs={"account_id": account.pk})
    try:
        webhook = client_for(account).register_webhook(url)
    except errors.NukiError as failure:
        log.info("nuki_webhook_not_registered", account_id=account.pk, status=failure.status)
        return
    NukiAccount.objects.filter(pk=account.pk).update(webhook_id=webhook.id, webhook_secret=webhook.secret)
