"""Connecting Nuki accounts, calling in their names, and keeping the list of their smart locks.

Every function here that speaks to Nuki does so outside of any transaction.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F

from nuki_gateway import errors
from nuki_gateway import models as nuki
from nuki_gateway.client import NukiClient
from nuki_gateway.limits import Outcome
from nuki_gateway.oauth import Tokens
from properties import nuki_limits, nuki_oauth, nuki_webhooks
from properties.models import NukiAccount, Organization, SmartLock

log = structlog.get_logger(__name__)

LEFT_OUT = 3  # log entries in a row that no webhook brought: one may be lost on the way
LONGEST_PAUSE = timedelta(minutes=15)  # between probes of an account that fails
SILENCE = timedelta(days=1)  # without any delivery, after which it is not known whether there would be one
LONGEST_STATE = 20  # letters of a subscription's state, which may be one that is new to us
LONGEST_THROTTLE = timedelta(days=1)  # whatever Nuki asks for: a slip of theirs is no end


OF_THE_WHOLE_ACCOUNT = (errors.NukiUnauthorized, errors.NukiThrottled, errors.NukiApplicationRefused)
"""Failures that the next call of the same account would meet as well: `pause` takes them."""


class HealthChange(StrEnum):
    """What of a smart lock's health became worse or better since it was last read."""

    BATTERY_LOW = "battery low"
    KEYPAD_BATTERY_LOW = "keypad battery low"
    WENT_OFFLINE = "went offline"
    CAME_BACK = "came back"


class TokenRefused(Exception):
    """Nuki does not accept the token, or it may not read smart locks."""


class NukiDoesNotAnswer(Exception):
    """The token could not be checked, because the service gave no usable answer."""


class NameTaken(Exception):
    """The organization has another Nuki account of that name."""


class SignInIsOver(Exception):
    """The code with which a host came back from Nuki was used before, or is too old."""


class NukiDoesNotAdmitUs(Exception):
    """Nuki does not know this installation, or not by its secret: nothing that a host could change."""


def client_for(account: NukiAccount, *, background: bool = False) -> NukiClient:
    """Calls in the name of this account; those in the background leave room for what is urgent."""
    credentials, limits = nuki_oauth.credentials_of(account), nuki_limits.of(account)
    return NukiClient(settings.NUKI_API_URL, credentials, limits=limits, background=background)


def connect(*, organization: Organization, name: str, token: str, now: datetime) -> NukiAccount:
    """Check the token, keep it, and import the smart locks that the account lists."""
    _check_name(organization, name)
    return _keep(organization, name, nuki_oauth.fields_of_token(token), now)


def connect_signed_in(*, organization: Organization, name: str, code: str, now: datetime) -> NukiAccount:
    """The same for a host who came back from signing in at Nuki, with the code given there."""
    _check_name(organization, name)
    return _keep(organization, name, nuki_oauth.fields_of(_tokens_for(code, now)), now)


def check(token: str) -> list[nuki.SmartLock]:
    """The smart locks that a new token shows. It has no account yet, and so no limits.

    Raises TokenRefused, NukiDoesNotAnswer.
    """
    try:
        return NukiClient(settings.NUKI_API_URL, token).smart_locks()
    except (errors.NukiUnauthorized, errors.NukiForbidden):
        raise TokenRefused from None
    except errors.NukiError as failure:
        log.warning("nuki_token_not_checked", status=failure.status)
        raise NukiDoesNotAnswer from None


def keep(
    *, organization: Organization, name: str, token: str, listed: list[nuki.SmartLock], now: datetime
) -> NukiAccount:
    """Keep a token that was just `check`ed, with the smart locks it lists. In a transaction of the caller.

    After the commit the caller asks for Nuki's calls (`ask_to_be_told`).
    """
    return _kept(organization, name, nuki_oauth.fields_of_token(token), listed, now)


def ask_to_be_told(*, account: NukiAccount, now: datetime) -> None:
    """Have Nuki call us when something changes; where it will not, we ask it."""
    nuki_webhooks.register(account, _webhook_client(account), now)


def replace_token(*, account: NukiAccount, token: str, now: datetime) -> None:
    """Give an account another token, once Nuki has accepted it, and let its work go on."""
    _use(account, nuki_oauth.fields_of_token(token), now)


def sign_in_again(*, account: NukiAccount, code: str, now: datetime) -> None:
    """The same by a new sign-in at Nuki."""
    _use(account, nuki_oauth.fields_of(_tokens_for(code, now)), now)


def refresh(
    *,
    account: NukiAccount,
    now: datetime,
    note: Callable[[SmartLock, list[HealthChange]], None] | None = None,
) -> dict[SmartLock, list[HealthChange]]:
    """Read the account's smart locks anew: their health, and which have come or gone.

    Returns the locks whose health changed. `note` is called for each of them in the transaction that keeps
    the change: the next reading sees none any more, so what follows from it must not be lost.
    """
    listed = client_for(account, background=True).smart_locks()
    with transaction.atomic(durable=True):
        known = {lock.smartlock_id: lock for lock in SmartLock.objects.filter(nuki_account=account)}
        NukiAccount.objects.filter(pk=account.pk).update(broken_since=None, paused_until=None, failures=0)
        _record(account, listed, now)
        changes = {
            lock: changed
            for seen in listed
            if (lock := known.get(seen.smartlock_id)) is not None and (changed := _changes(lock, seen))
        }
        if note is not None:
            for lock, changed in changes.items():
                note(lock, changed)
    return changes


def is_told_of_changes(account: NukiAccount, *, now: datetime) -> bool:
    """Whether Nuki's calls tell what changes in this account: some came lately, and hardly any is lacking."""
    heard_at = account.webhook_heard_at
    if account.webhook_id is None or account.webhook_missed >= LEFT_OUT or heard_at is None:
        return False
    return now - heard_at < SILENCE


def mend_webhook(*, account: NukiAccount, now: datetime) -> None:
    """Have Nuki call us again where it has stopped."""
    nuki_webhooks.mend(account=account, client=_webhook_client(account, background=True), now=now)


def pause(*, account: NukiAccount, failure: errors.NukiError, now: datetime) -> None:
    """Leave the account alone for a while: it is broken (401), throttled, or does not answer.

    Not for a budget that is used up: what is left of it is for what cannot wait, and whoever asked comes
    back by itself. A failure of tokens that are not the account's any more says nothing of it.
    """
    if isinstance(failure, errors.NukiOverBudget):
        return
    failures = account.failures if _was_not_sent(failure) else account.failures + 1
    span = _pause_after(failure, failures)
    paused, broken_since = NukiAccount.objects.filter(pk=account.pk), account.broken_since
    if isinstance(failure, errors.NukiUnauthorized):
        paused, broken_since = paused.filter(tokens_version=account.tokens_version), broken_since or now
        # reading the account is what shows that it works again
        NukiAccount.objects.filter(pk=account.pk, sweep_due_at__gt=now + span).update(sweep_due_at=now + span)
    paused.update(failures=failures, paused_until=now + span, broken_since=broken_since)
    log.warning(
        "nuki_account_paused",
        account_id=account.pk,
        seconds=span.total_seconds(),
        reason=type(failure).__name__,
        status=failure.status,
    )


def record_lock(*, lock: SmartLock, seen: nuki.SmartLock, now: datetime) -> list[HealthChange]:
    """Keep what Nuki says of one smart lock now; return what that changes.

    Called in one transaction with what follows from the changes: the next reading sees none any more.
    """
    SmartLock.objects.filter(pk=lock.pk).update(**_health(seen, lock, now))
    return _changes(lock, seen)


def _was_not_sent(failure: errors.NukiError) -> bool:
    return isinstance(failure, errors.NukiResting | errors.NukiTokenRests)


def _pause_after(failure: errors.NukiError, failures: int) -> timedelta:
    match failure:
        case errors.NukiThrottled(retry_after=int(seconds)) | errors.NukiTokenRests(retry_after=seconds):
            return min(timedelta(seconds=seconds), LONGEST_THROTTLE)
        case errors.NukiUnauthorized():
            return LONGEST_PAUSE
        case _:
            return min(timedelta(seconds=15 * 2 ** min(failures, 10)), LONGEST_PAUSE)


def _check_name(organization: Organization, name: str) -> None:
    if NukiAccount.objects.filter(organization=organization, name=name).exists():
        raise NameTaken(name)


def _tokens_for(code: str, now: datetime) -> Tokens:
    try:
        return nuki_oauth.tokens_for(code=code, now=now)
    except errors.NukiSignInEnded:
        raise SignInIsOver from None
    except errors.NukiApplicationRefused as failure:
        log.error("nuki_does_not_admit_us", status=failure.status)  # noqa: TRY400  its trace says no more
        raise NukiDoesNotAdmitUs from None
    except errors.NukiError as failure:
        log.warning("nuki_sign_in_not_finished", status=failure.status)
        raise NukiDoesNotAnswer from None


def _keep(organization: Organization, name: str, fields: Mapping[str, object], now: datetime) -> NukiAccount:
    listed = check(str(fields["token"]))
    try:
        with transaction.atomic(durable=True):
            account = _kept(organization, name, fields, listed, now)
    except IntegrityError as refusal:
        if "nuki_account_names_differ" not in str(refusal):
            raise
        raise NameTaken(name) from None
    ask_to_be_told(account=account, now=now)
    return account


def _kept(
    organization: Organization,
    name: str,
    fields: Mapping[str, object],
    listed: list[nuki.SmartLock],
    now: datetime,
) -> NukiAccount:
    account = NukiAccount.objects.create(organization=organization, name=name, connected_at=now, **fields)
    _record(account, listed, now)
    return account


def _use(account: NukiAccount, fields: Mapping[str, object], now: datetime) -> None:
    """Put tokens in the place of those that are there, once Nuki has accepted them."""
    listed = check(str(fields["token"]))
    with transaction.atomic(durable=True):
        NukiAccount.objects.filter(pk=account.pk).update(
            **fields,
            tokens_version=F("tokens_version") + 1,
            broken_since=None,
            paused_until=None,
            failures=0,
        )
        SmartLock.objects.filter(nuki_account=account).update(failures=0, rests_until=None)
        _record(account, listed, now)
    account.refresh_from_db()
    nuki_limits.of(account).after(Outcome.ANSWERED, token=account.token)
    client = _webhook_client(account)
    if not nuki_webhooks.is_registered(account, client):
        nuki_webhooks.register(account, client, now)


def _webhook_client(account: NukiAccount, *, background: bool = False) -> NukiClient:
    """Calls about webhooks: an account whose token may not make them works all the same."""
    credentials = nuki_oauth.credentials_of(account)
    limits = nuki_limits.BesideTheToken(nuki_limits.of(account))
    return NukiClient(settings.NUKI_API_URL, credentials, limits=limits, background=background)


def _record(account: NukiAccount, listed: list[nuki.SmartLock], now: datetime) -> None:
    rows = SmartLock.objects.filter(nuki_account=account)
    known = {
        lock.smartlock_id: lock for lock in rows.only("smartlock_id", "offline_since", "keypad_gone_since")
    }
    SmartLock.objects.bulk_create(
        [
            SmartLock(
                organization_id=account.organization_id,
                nuki_account=account,
                smartlock_id=seen.smartlock_id,
                **_health(seen, known.get(seen.smartlock_id), now),
            )
            for seen in listed
            if not (_is_withheld(seen) and seen.smartlock_id in known)
        ],
        update_conflicts=True,
        unique_fields=["nuki_account", "smartlock_id"],
        update_fields=list(_HEALTH_FIELDS),
    )
    numbers = {seen.smartlock_id for seen in listed}
    SmartLock.objects.filter(nuki_account=account, gone_since=None).exclude(smartlock_id__in=numbers).update(
        gone_since=now
    )
    withheld = {seen.smartlock_id for seen in listed if _is_withheld(seen)}
    SmartLock.objects.filter(nuki_account=account, smartlock_id__in=withheld).update(
        subscription_ended=True, listed_at=now, gone_since=None
    )


def _is_withheld(seen: nuki.SmartLock) -> bool:
    """Whether Nuki lists the lock but says nothing more of it: what we know of it stays as it is."""
    return seen.has_error and seen.subscription_is_active is False


_HEALTH_FIELDS = (
    "device_type",
    "name",
    "has_keypad",
    "keypad_gone_since",
    "time_zone",
    "server_state",
    "mode",
    "battery_charge",
    "battery_critical",
    "keypad_battery_critical",
    "subscription_ended",
    "subscription_state",
    "firmware",
    "contact_at",
    "listed_at",
    "offline_since",
    "gone_since",
)


def _health(seen: nuki.SmartLock, known: SmartLock | None, now: datetime) -> dict[str, object]:
    offline_since = known.offline_since if known is not None else None
    keypad_gone_since = known.keypad_gone_since if known is not None else None
    return {
        "device_type": seen.device_type,
        "name": seen.name[:100],
        "has_keypad": seen.keypad_paired,
        "keypad_gone_since": None if seen.keypad_paired else (keypad_gone_since or now),
        "time_zone": seen.time_zone or "",
        "server_state": seen.server_state,
        "mode": seen.mode,
        "battery_charge": seen.battery_charge,
        "battery_critical": seen.battery_critical,
        "keypad_battery_critical": seen.keypad_battery_critical,
        "subscription_ended": _is_withheld(seen),
        "subscription_state": (seen.subscription_state or "")[:LONGEST_STATE],
        "firmware": seen.firmware or "",
        "contact_at": seen.updated_at,
        "listed_at": now,
        "offline_since": None if seen.is_online else (offline_since or now),
        "gone_since": None,
    }


def _changes(known: SmartLock, seen: nuki.SmartLock) -> list[HealthChange]:
    """What the host has to be told of, by comparing what was known before with what is seen now."""
    found = {
        HealthChange.BATTERY_LOW: seen.battery_critical and not known.battery_critical,
        HealthChange.KEYPAD_BATTERY_LOW: seen.keypad_battery_critical and not known.keypad_battery_critical,
        HealthChange.WENT_OFFLINE: known.is_online and not seen.is_online,
        HealthChange.CAME_BACK: seen.is_online and not known.is_online,
    }
    return [change for change, happened in found.items() if happened]
