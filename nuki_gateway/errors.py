"""What can go wrong between us and Nuki Web.

    NukiError
    ├── NukiUnavailable      no answer, half an answer, 5xx: try later; a write may have been carried out
    │   └── NukiThrottled    429: try later, not before `retry_after`
    ├── NukiBusy             423: another operation runs on the same authorization; look again
    └── NukiRefused          4xx: the same call will be refused again
        ├── NukiConflict     409: that keypad code stands on the lock already
        ├── NukiNotFound     404: no such smart lock, or not ours
        ├── NukiForbidden    403: the token lacks a scope, or the lock its subscription
        └── NukiUnauthorized 401: the token is wrong, or has ended: nothing of this account works

Only the status classifies: most bodies of refusals are undocumented, and a body may repeat a code, so none
is kept. A 204 is no success either: it means "checked and queued".
"""

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
    """Nuki asks us to slow down; `retry_after` is in seconds, None if it did not say."""

    def __init__(self, what: str, status: int | None = None, retry_after: int | None = None) -> None:
        super().__init__(what, status)
        self.retry_after = retry_after


class NukiBusy(NukiError):
    """Another operation runs on that authorization. The write accepted before this one may be lost."""

    can_help = True


class NukiRefused(NukiError):
    """Nuki understood the call and says no."""


class NukiConflict(NukiRefused):
    """The keypad code stands on that lock already, as far as the cloud knows."""


class NukiNotFound(NukiRefused):
    """No such smart lock, or not one of this account."""


class NukiForbidden(NukiRefused):
    """The token lacks the scope for this call, or the lock its subscription."""


class NukiUnauthorized(NukiRefused):
    """The token is wrong or has ended."""


MOST_DIGITS = 9  # of a Retry-After: some thirty years are long enough

_BY_STATUS: dict[int, type[NukiError]] = {
    HTTPStatus.UNAUTHORIZED: NukiUnauthorized,
    HTTPStatus.FORBIDDEN: NukiForbidden,
    HTTPStatus.NOT_FOUND: NukiNotFound,
    HTTPStatus.CONFLICT: NukiConflict,
    HTTPStatus.LOCKED: NukiBusy,
}


def from_status(what: str, status: int, retry_after: str | None) -> NukiError:
    """The error that a status means. A redirect is no answer: the service sends none."""
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return NukiThrottled(what, status, _seconds(retry_after))
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return _BY_STATUS.get(status, NukiRefused)(what, status)
    return NukiUnavailable(what, status)


def _seconds(retry_after: str | None) -> int | None:
    """A number of seconds, if it is one; the header may also hold a date."""
    if retry_after is None or not retry_after.isdecimal() or len(retry_after) > MOST_DIGITS:
        return None
    return int(retry_after)
