"""Having Nuki call us when something changes at an account's locks, and go on calling.

Without it, or where it is refused, polling does it all: no failure here is anybody else's.
"""

from datetime import datetime, timedelta

import structlog

from nuki_gateway import errors
from nuki_gateway.client import NukiClient
from properties import addresses
from properties.models import NukiAccount

log = structlog.get_logger(__name__)

SILENT = 5  # log entries in a row that no webhook brought, after which it is taken to be switched off
REFUSED_FOR = timedelta(days=7)  # a registration that was refused; another token is tried at once
MOST_KEYS = 5  # API keys of an account that are looked at; one is usual


def mend(*, account: NukiAccount, client: NukiClient, now: datetime) -> None:
    """Have Nuki call us again where it has stopped: the registration is gone, or nothing comes of it.

    Whoever answers badly too often is not called any more (Nuki's documentation on monitoring). Where the
    account's integration can be read, it says so and can be started again. Elsewhere what the log has and no
    webhook brought is how that is noticed, and another registration takes the place of the silent one.
    """
    if account.webhook_refused_at is not None and now < account.webhook_refused_at + REFUSED_FOR:
        return
    is_silent = account.webhook_missed >= SILENT
    if not is_silent and is_registered(account, client):
        return
    if is_silent and _is_started_again(account, client):
        return
    if account.webhook_id is not None:
        _remove(account, client)
    register(account, client, now)


def is_registered(account: NukiAccount, client: NukiClient) -> bool:
    """Whether Nuki still calls us for this account: a token of another account has other webhooks."""
    if account.webhook_id is None:
        return False
    try:
        return account.webhook_id in {webhook.id for webhook in client.webhooks()}
    except errors.NukiError:
        return True  # not known: another registration could double every call


def register(account: NukiAccount, client: NukiClient, now: datetime) -> None:
    """Have Nuki call us when something changes."""
    url = addresses.public("access:nuki_webhook", account_id=account.pk)
    try:
        webhook = client.register_webhook(url)
    except errors.NukiError as failure:
        log.info("nuki_webhook_not_registered", account_id=account.pk, status=failure.status)
        if isinstance(failure, errors.NukiRefused) and not isinstance(failure, errors.NukiUnauthorized):
            NukiAccount.objects.filter(pk=account.pk).update(webhook_refused_at=now)
        return
    NukiAccount.objects.filter(pk=account.pk).update(
        webhook_id=webhook.id,
        webhook_secret=webhook.secret,
        webhook_since=now,
        webhook_missed=0,
        webhook_refused_at=None,
    )


def _is_started_again(account: NukiAccount, client: NukiClient) -> bool:
    """Whether Nuki had stopped all deliveries of the account and has been asked to go on."""
    try:
        stopped = next(filter(None, (_stopped(client, key) for key in _keys(client))), None)
        if stopped is None:
            return False
        client.reactivate_deliveries(stopped)
    except errors.NukiError as failure:
        log.info("nuki_webhook_not_started_again", account_id=account.pk, status=failure.status)
        return False
    log.info("nuki_webhook_started_again", account_id=account.pk)
    NukiAccount.objects.filter(pk=account.pk).update(webhook_missed=0)
    return True


def _keys(client: NukiClient) -> list[int]:
    """The account's API keys; none where they are not ours to know."""
    try:
        return [key.api_key_id for key in client.api_keys()[:MOST_KEYS]]
    except _NOT_OURS:
        return []


def _stopped(client: NukiClient, api_key_id: int) -> int | None:
    """The key, if it has an integration that Nuki does not deliver to any more."""
    try:
        return api_key_id if client.advanced_api_key(api_key_id).is_deactivated else None
    except _NOT_OURS:
        return None


_NOT_OURS = (errors.NukiUnauthorized, errors.NukiForbidden, errors.NukiNotFound)


def _remove(account: NukiAccount, client: NukiClient) -> None:
    """End a registration of which nothing comes, so that not two of them call us."""
    try:
        client.remove_webhook(account.webhook_id or 0)
    except errors.NukiError as failure:
        log.info("nuki_webhook_not_removed", account_id=account.pk, status=failure.status)
