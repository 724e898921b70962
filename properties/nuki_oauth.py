"""Hosts who sign in at Nuki: our application there, the tokens that came of it, and who may renew them.

A refresh token may be used up by its first use, so of all workers one renews at a time. Its hold is a
compare-and-swap on the account's row with an end, as for smart locks: no transaction is open while Nuki is
asked, and a worker that dies or sleeps in the middle holds the others up for no longer than that end, which
a lock of the database's own would not promise. What it brings is stored only while `tokens_version` is as it
was read, so one that wakes late overwrites neither newer tokens nor a new sign-in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet

from nuki_gateway import errors
from nuki_gateway.credentials import ApiToken, Credentials
from nuki_gateway.limits import Limits, Outcome
from nuki_gateway.oauth import LONGEST_RENEWAL, TOKEN, OAuthApplication, OAuthCredentials, Tokens
from properties import addresses, clock, nuki_limits
from properties.models import NukiAccount, SignsInWith

log = structlog.get_logger(__name__)

SCOPES = (
    "smartlock.readOnly",
    "smartlock.action",
    "smartlock.auth",
    "smartlock.log",
    "account",
    "webhook.decentral",
)
HOLD = timedelta(seconds=LONGEST_RENEWAL + 5)  # of one worker on renewing; a renewal ends before it does
LOOK_AGAIN = 0.1  # seconds between looks at what the worker who renews has brought
RENEWAL = f"POST {TOKEN}"  # how errors name it
NEVER = datetime.max.replace(tzinfo=UTC)


def is_set_up() -> bool:
    """Whether hosts can sign in at Nuki: this installation is registered there."""
    return bool(settings.NUKI_OAUTH_CLIENT_ID)


def sign_in_address(*, state: str) -> str:
    """Where to send the host. Raises `NukiApplicationRefused` where `is_set_up` says no, as all here."""
    return _application().sign_in_address(scopes=SCOPES, state=state)


def tokens_for(*, code: str, now: datetime) -> Tokens:
    """The tokens for the code with which a host came back. Raises a `NukiError`."""
    return _application().sign_in(code=code, scopes=SCOPES, now=now)


def fields_of(tokens: Tokens) -> dict[str, object]:
    """What an account's row keeps of a sign-in."""
    return {
        "signs_in_with": SignsInWith.NUKI.value,
        "token": tokens.access_token,
        "refresh_token": tokens.refresh_token,
        "token_ends_at": tokens.expires_at,
        "scopes": sorted(tokens.scopes),
        "renewing_until": None,
        "sign_in_ended_at": None,
    }


def fields_of_token(token: str) -> dict[str, object]:
    """What an account's row keeps of an API token: nothing is left of a sign-in before."""
    return {
        "signs_in_with": SignsInWith.TOKEN.value,
        "token": token,
        "refresh_token": "",
        "token_ends_at": None,
        "scopes": [],
        "renewing_until": None,
        "sign_in_ended_at": None,
    }


def credentials_of(account: NukiAccount) -> Credentials:
    """In whose name the account's calls are made. Those of a sign-in are renewed in the middle of a run."""
    if not account.is_signed_in_at_nuki:
        return ApiToken(account.token)
    if account.sign_in_ended_at is not None:
        return _Ended()
    renewal = _Renewal(account.pk, nuki_limits.of(account))
    return OAuthCredentials(_tokens_of(account), renewal, clock=nuki_limits.clock)


class _Ended:
    """Those of a sign-in that Nuki has ended: no call is made until the host signs in again."""

    def token(self) -> str:
        """None can be had."""
        raise errors.NukiSignInEnded(f"{RENEWAL}: ended before")

    def renewed(self, refused: str) -> None:
        """Nothing: none was given."""


@dataclass(frozen=True)
class _Renewal:
    """Gives the tokens that hold now for those known to a client, which may be older."""

    account_id: int
    limits: Limits

    def __call__(self, known: Tokens) -> Tokens:
        """Raises `NukiSignInEnded` without a call once Nuki has said so."""
        ends_at = clock.monotonic() + HOLD.total_seconds()
        while True:
            account = NukiAccount.objects.get(pk=self.account_id)
            stored = _tokens_of(account)
            if stored.access_token != known.access_token:
                return stored
            if account.sign_in_ended_at is not None:
                raise errors.NukiSignInEnded(f"{RENEWAL}: ended before")
            until = _hold(account)
            if until is not None:
                return self._renewed(account, stored, until)
            if clock.monotonic() >= ends_at:
                raise errors.NukiUnavailable(f"{RENEWAL}: another worker is at it")
            clock.sleep(LOOK_AGAIN)

    def _renewed(self, account: NukiAccount, stored: Tokens, until: datetime) -> Tokens:
        try:
            renewed = self._ask(stored)
        except errors.NukiError as failure:
            _note_failure(account, failure, until)
            raise
        if _store(account, {**fields_of(renewed), "tokens_version": F("tokens_version") + 1}):
            log.info("nuki_tokens_renewed", account_id=account.pk)
            return renewed
        return _tokens_of(NukiAccount.objects.get(pk=account.pk))

    def _ask(self, stored: Tokens) -> Tokens:
        """Within the account's limits too, so that a service that fails is not asked for tokens either."""
        self.limits.before(RENEWAL, token=stored.refresh_token, background=False)
        try:
            renewed = _application().renew(stored, now=nuki_limits.clock())
        except errors.NukiError as failure:
            self._tell(failure, stored.refresh_token)
            raise
        self.limits.after(Outcome.ANSWERED, token=stored.refresh_token)
        return renewed

    def _tell(self, failure: errors.NukiError, token: str) -> None:
        match failure:
            case errors.NukiThrottled():
                self.limits.after(Outcome.THROTTLED, token=token, retry_after=failure.retry_after)
            case errors.NukiUnavailable():
                self.limits.after(Outcome.FAILED, token=token)
            case _:
                self.limits.after(Outcome.ANSWERED, token=token)


def _application() -> OAuthApplication:
    if not is_set_up():
        raise errors.NukiApplicationRefused("OAuth: this installation is not registered with Nuki")
    return OAuthApplication(
        base_url=settings.NUKI_API_URL,
        client_id=settings.NUKI_OAUTH_CLIENT_ID,
        client_secret=settings.NUKI_OAUTH_CLIENT_SECRET,
        redirect_uri=addresses.public("properties:signed_in_at_nuki"),
    )


def _tokens_of(account: NukiAccount) -> Tokens:
    """Those in the row; an API token that has taken their place in the meantime does not end."""
    return Tokens(
        access_token=account.token,
        refresh_token=account.refresh_token,
        expires_at=account.token_ends_at or NEVER,
        scopes=frozenset(account.scopes),
    )


def _hold(account: NukiAccount) -> datetime | None:
    """Until when this worker alone may renew the tokens of the row as it was read; None if another may."""
    now = nuki_limits.clock()
    free = Q(renewing_until=None) | Q(renewing_until__lte=now)
    with transaction.atomic(durable=True):  # inside of another transaction the new tokens could be undone
        held = _as_read(account).filter(free).update(renewing_until=now + HOLD)
    return now + HOLD if held else None


def _note_failure(account: NukiAccount, failure: errors.NukiError, until: datetime) -> None:
    """Let others try, unless Nuki has ended the sign-in: nobody asks again for that one."""
    if isinstance(failure, errors.NukiSignInEnded):
        _store(account, {"sign_in_ended_at": nuki_limits.clock(), "renewing_until": None})
    else:
        _as_read(account).filter(renewing_until=until).update(renewing_until=None)
    is_ours = isinstance(failure, errors.NukiApplicationRefused)
    report = log.error if is_ours else log.info
    report("nuki_tokens_not_renewed", account_id=account.pk, reason=type(failure).__name__)


def _store(account: NukiAccount, fields: Mapping[str, object]) -> bool:
    return _as_read(account).update(**fields) == 1


def _as_read(account: NukiAccount) -> QuerySet[NukiAccount]:
    return NukiAccount.objects.filter(pk=account.pk, tokens_version=account.tokens_version)
