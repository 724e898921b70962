"""What can go wrong between us and Nuki Web.

    NukiError
    ├── NukiUnavailable      no answer, half an answer, 5xx: try later; a write may have been carried out
    │   └── NukiThrottled    429: not carried out; try later, not before `retry_after`
    │       ├── NukiOverBudget   not sent: the account's calls of this minute are used up
    │       └── NukiResting      not sent: the account rests after 429 or after failures
    ├── NukiBusy             423: another operation runs on the same authorization; look again
    └── NukiRefused          4xx: the same call will be refused again
        ├── NukiConflict     409: that keypad code stands on the lock already
        ├── NukiNotFound     404: no such smart lock, or not ours
        ├── NukiForbidden    403: the token lacks a scope, or the lock its subscription
        ├── NukiApplicationRefused  the OAuth application itself is not admitted
        └── NukiUnauthorized 401: the token is wrong, or has ended: nothing of this account works
            ├── NukiTokenRests   not sent: this token was answered 401 lately
            └── NukiSignInEnded  no token can be had: the host has to sign in again

Only the status classifies: most bodies of refusals are undocumented, and a body may repeat a code, so none
is kept. A 204 is no success either: it means "checked and queued".
"""

import math
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from http import HTTPStatus
from typing import ClassVar


class NukiError(Exception):
    """A call to Nuki Web did not do what it was made for. `can_help` says whether trying again can."""

    can_help: ClassVar[bool] = False

    def __init__(self, what: str, status: int | None = None) -> None:
        super().__init__(f"{what}: {status}" if status else what)
        self.status = status


class NukiUnavailable(NukiError):
    """No usable answer came. A write that ended so may have been carried out: look before repeating it."""

    can_help = True


class NukiThrottled(NukiUnavailable):
    """Nuki asks us to slow down; `retry_after` is in seconds, None if it did not say. Not carried out."""

    def __init__(self, what: str, status: int | None = None, retry_after: int | None = None) -> None:
        super().__init__(what, status)
        self.retry_after = retry_after


class NukiOverBudget(NukiThrottled):
    """We slow down ourselves: the account's calls of this minute are used up. Nothing was sent."""

    def __init__(self, what: str, *, retry_after: int) -> None:
        super().__init__(f"{what}: over budget", retry_after=retry_after)


class RestReason(StrEnum):
    """Why an account rests."""

    THROTTLED = "429"
    FAILED = "5xx"  # or no usable answer


class NukiResting(NukiThrottled):
    """The account rests until the next try, which one of all workers makes. Nothing was sent."""

    def __init__(self, what: str, *, reason: RestReason, retry_after: int) -> None:
        super().__init__(f"{what}: resting after {reason}", retry_after=retry_after)
        self.reason = reason


class NukiBusy(NukiError):
    """Another operation runs on that authorization. The write accepted before this one may be lost.

    To an action on a lock it also says that the lock is not reached (observed by home automation programs).
    """

    can_help = True


class NukiRefused(NukiError):
    """Nuki understood the call and says no."""


class NukiConflict(NukiRefused):
    """The keypad code stands on that lock already, as far as the cloud knows.

    To the change of an account user it says that the address is somebody else's (the API definition).
    """


class NukiNotFound(NukiRefused):
    """No such smart lock, or not one of this account."""


class NukiForbidden(NukiRefused):
    """The token lacks the scope for this call, or the lock its subscription."""


class NukiApplicationRefused(NukiRefused):
    """Nuki does not admit our OAuth application: its id, secret or rights are wrong, not the host's."""


class NukiUnauthorized(NukiRefused):
    """The token is wrong or has ended."""


class NukiTokenRests(NukiUnauthorized):
    """This token was answered 401 and is tried again in `retry_after` seconds. Nothing was sent."""

    def __init__(self, what: str, *, retry_after: int) -> None:
        super().__init__(f"{what}: resting after 401")
        self.retry_after = retry_after


class NukiSignInEnded(NukiUnauthorized):
    """What the host signed in for is over, or the sign-in's code is: only a new sign-in helps."""


MOST_DIGITS = 9  # of a Retry-After: some thirty years are long enough
LONGEST_RETRY_AFTER = timedelta(days=1)  # whatever the header asks for: a slip of the service's is no end

_BY_STATUS: dict[int, type[NukiError]] = {
    HTTPStatus.UNAUTHORIZED: NukiUnauthorized,
    HTTPStatus.FORBIDDEN: NukiForbidden,
    HTTPStatus.NOT_FOUND: NukiNotFound,
    HTTPStatus.CONFLICT: NukiConflict,
    HTTPStatus.LOCKED: NukiBusy,
}


def from_status(what: str, status: int, retry_after: str | None, *, now: datetime) -> NukiError:
    """The error that a status means. A redirect is no answer: the service sends none."""
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return NukiThrottled(what, status, seconds_of(retry_after, now=now))
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return _BY_STATUS.get(status, NukiRefused)(what, status)
    return NukiUnavailable(what, status)


def seconds_of(retry_after: str | None, *, now: datetime) -> int | None:
    """How long a Retry-After asks to wait, at most a day; None if it says nothing that is still to come.

    The header holds seconds or a date (RFC 9110, 10.2.3). A date that is over is our clock's or theirs
    being wrong, and no leave to go on at once.
    """
    if retry_after is None:
        return None
    if retry_after.isdecimal() and len(retry_after) <= MOST_DIGITS:
        return min(int(retry_after), int(LONGEST_RETRY_AFTER.total_seconds()))
    try:
        date = parsedate_to_datetime(retry_after)
        span = (date if date.tzinfo else date.replace(tzinfo=UTC)) - now
    except (ValueError, OverflowError, TypeError):
        return None
    if span <= timedelta(0):
        return None
    return math.ceil(min(span, LONGEST_RETRY_AFTER).total_seconds())
