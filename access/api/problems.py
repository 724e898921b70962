"""Every refusal in one form: problem details (RFC 9457) with a code that does not change.

Problem                     a refusal of ours, with its code
rest_framework's exceptions are turned into one
anything else               is a crash: logged with its request, answered without a word about why
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Any

import structlog
from django.db import OperationalError
from django.http import Http404, UnreadablePostError
from rest_framework import exceptions
from rest_framework.response import Response

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:keyturn:problem:"
LONGEST_ECHO = 200  # characters of what was sent that an answer repeats


class Code(StrEnum):
    """Why something was refused. Programs may rely on these words."""

    INVALID_REQUEST = "invalid_request"
    MALFORMED_JSON = "malformed_json"
    IDEMPOTENCY_KEY_INVALID = "idempotency_key_invalid"
    API_KEY_MISSING = "api_key_missing"
    API_KEY_UNKNOWN = "api_key_unknown"
    API_KEY_REVOKED = "api_key_revoked"
    API_KEY_EXPIRED = "api_key_expired"
    SCOPE_MISSING = "scope_missing"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    NOT_ACCEPTABLE = "not_acceptable"
    STAY_OVERLAPS = "stay_overlaps"
    EXTERNAL_ID_TAKEN = "external_id_taken"
    STAY_IS_OVER = "stay_is_over"
    STAY_IS_CANCELLED = "stay_is_cancelled"
    UNIT_WITHOUT_LOCK = "unit_without_lock"
    GUEST_DIFFERS = "guest_differs"
    GUEST_KNOWN = "guest_known"
    GUEST_ERASED = "guest_erased"
    CODE_TAKEN = "code_taken"
    CODE_DIFFERS = "code_differs"
    DOORS_NOT_READY = "doors_not_ready"
    NO_CODE = "no_code"
    IS_OWNER = "is_owner"
    ADDRESS_INVITED = "address_invited"
    ADDRESS_OF_MEMBER = "address_of_member"
    TOO_MANY_INVITATIONS = "too_many_invitations"
    LOCK_GONE = "lock_gone"
    LOCK_OFFLINE = "lock_offline"
    ACCOUNT_UNAVAILABLE = "account_unavailable"
    NAME_TAKEN = "name_taken"
    TOO_MANY = "too_many"
    WEBHOOK_OFF = "webhook_off"
    IDEMPOTENCY_KEY_REUSED = "idempotency_key_reused"
    IN_PROGRESS = "in_progress"
    STALE = "stale"
    TOO_LARGE = "too_large"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"
    ASKED_JUST_NOW = "asked_just_now"
    RATE_LIMITED = "rate_limited"
    INTERNAL_ERROR = "internal_error"
    UNAVAILABLE = "unavailable"


KNOWN: dict[Code, tuple[int, str]] = {
    Code.INVALID_REQUEST: (400, "Something in the request is not as it has to be"),
    Code.MALFORMED_JSON: (400, "The body is no JSON that we read"),
    Code.IDEMPOTENCY_KEY_INVALID: (400, "The Idempotency-Key is not as it has to be"),
    Code.API_KEY_MISSING: (401, "An API key is needed"),
    Code.API_KEY_UNKNOWN: (401, "There is no such API key"),
    Code.API_KEY_REVOKED: (401, "The API key was revoked"),
    Code.API_KEY_EXPIRED: (401, "The API key has expired"),
    Code.SCOPE_MISSING: (403, "The API key may not do this"),
    Code.NOT_FOUND: (404, "There is nothing here"),
    Code.METHOD_NOT_ALLOWED: (405, "This address does not take this method"),
    Code.NOT_ACCEPTABLE: (406, "Answers are JSON"),
    Code.STAY_OVERLAPS: (409, "Another stay has the unit at that time"),
    Code.EXTERNAL_ID_TAKEN: (409, "Another stay has this external id"),
    Code.STAY_IS_OVER: (409, "The stay is over, or would be"),
    Code.STAY_IS_CANCELLED: (409, "The stay was cancelled"),
    Code.UNIT_WITHOUT_LOCK: (409, "No door of the unit has a smart lock"),
    Code.GUEST_DIFFERS: (409, "The stay was booked for another guest"),
    Code.GUEST_KNOWN: (409, "Another guest has this name and address"),
    Code.GUEST_ERASED: (409, "The guest's personal data was erased"),
    Code.CODE_TAKEN: (409, "Another stay has this code at one of the doors, or had it until lately"),
    Code.CODE_DIFFERS: (409, "The stay has another code"),
    Code.DOORS_NOT_READY: (409, "The code is not on every door yet"),
    Code.NO_CODE: (409, "No door of the stay takes a code"),
    Code.IS_OWNER: (409, "Programs remove no owner"),
    Code.ADDRESS_INVITED: (409, "This address is invited already"),
    Code.ADDRESS_OF_MEMBER: (409, "Who has this address works for the business"),
    Code.TOO_MANY_INVITATIONS: (409, "As many invitations wait as may"),
    Code.LOCK_GONE: (409, "The lock is no longer in its Nuki account"),
    Code.LOCK_OFFLINE: (409, "Nuki does not reach the lock"),
    Code.ACCOUNT_UNAVAILABLE: (409, "Nuki does not answer for the lock's account"),
    Code.NAME_TAKEN: (409, "Another has this name"),
    Code.TOO_MANY: (409, "There are as many as there may be"),
    Code.WEBHOOK_OFF: (409, "The webhook endpoint is switched off"),
    Code.IDEMPOTENCY_KEY_REUSED: (409, "The Idempotency-Key was used for another request"),
    Code.IN_PROGRESS: (409, "The same request is being carried out"),
    Code.STALE: (412, "The stay was changed since"),
    Code.TOO_LARGE: (413, "The body is too large"),
    Code.UNSUPPORTED_MEDIA_TYPE: (415, "Bodies are JSON"),
    Code.ASKED_JUST_NOW: (429, "The same was asked a moment ago"),
    Code.RATE_LIMITED: (429, "Too many requests"),
    Code.INTERNAL_ERROR: (500, "Something went wrong here"),
    Code.UNAVAILABLE: (503, "We cannot answer now"),
}


SEND_THE_KEY = "Send the key in the header: Authorization: Bearer kt_…"
OF_THE_FRAMEWORK: list[tuple[type[Exception], Code, str]] = [
    (Http404, Code.NOT_FOUND, "There is no such address, or nothing of yours at it."),
    (exceptions.NotFound, Code.NOT_FOUND, "There is no such address, or nothing of yours at it."),
    (exceptions.MethodNotAllowed, Code.METHOD_NOT_ALLOWED, "The header Allow names what it takes."),
    (exceptions.NotAcceptable, Code.NOT_ACCEPTABLE, "Accept application/json, or leave the header out."),
    (exceptions.UnsupportedMediaType, Code.UNSUPPORTED_MEDIA_TYPE, "Send the body as application/json."),
    (exceptions.NotAuthenticated, Code.API_KEY_MISSING, SEND_THE_KEY),
    (exceptions.PermissionDenied, Code.API_KEY_MISSING, SEND_THE_KEY),
]


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field of a body, or one word of a query."""

    field: str
    code: str
    detail: str


@dataclass(eq=False)
class Problem(Exception):
    """A refusal. `more` are further members of the answer, such as the other stay's id."""

    code: Code
    detail: str
    field: str = ""
    errors: Sequence[FieldError] = ()
    more: Mapping[str, Any] | None = None
    retry_after: int | None = None  # seconds

    @property
    def status(self) -> int:
        """The HTTP status that goes with the code."""
        return KNOWN[self.code][0]


def there_is_no(what: str, *, field: str = "") -> Problem:
    """The refusal of an id that is not one of the caller's: whether it is anybody else's, nobody learns."""
    return Problem(Code.NOT_FOUND, f"There is no {what} with this id.", field=field)


def answer(exception: Exception, context: Mapping[str, Any]) -> Response:
    """What REST framework asks for each exception of a view."""
    response = response_to(problem_of(exception))
    if isinstance(exception, exceptions.MethodNotAllowed):
        response["Allow"] = ", ".join(context["view"].allowed_methods)
    return response


def response_to(problem: Problem) -> Response:
    """The answer that says what was refused, and why."""
    told: dict[str, str] = {}
    if problem.retry_after is not None:
        told["Retry-After"] = str(problem.retry_after)
    if problem.status == HTTPStatus.UNAUTHORIZED:
        told["WWW-Authenticate"] = "Bearer"
    return Response(content_of(problem), status=problem.status, headers=told, content_type=MEDIA_TYPE)


def content_of(problem: Problem) -> dict[str, Any]:
    """What was refused, and why, in the one form that all refusals have."""
    status, title = KNOWN[problem.code]
    content: dict[str, Any] = {
        "type": TYPE + problem.code,
        "title": title,
        "status": status,
        "code": problem.code.value,
        "detail": _shown(problem.detail),
    }
    named = problem.field or (problem.errors[0].field if problem.errors else "")
    if named:
        content["field"] = _shown(named)
    if problem.errors:
        content["errors"] = [
            {"field": _shown(one.field), "code": one.code, "detail": _shown(one.detail)}
            for one in problem.errors
        ]
    content |= problem.more or {}
    content["request_id"] = request_id()
    return content


def request_id() -> str:
    """How the log calls the request that is answered."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


def problem_of(exception: Exception) -> Problem:
    """Anything that a view raised, as a refusal."""
    if isinstance(exception, Problem):
        return exception
    if isinstance(exception, exceptions.ValidationError):
        errors = list(_flat(exception.detail))
        return Problem(Code.INVALID_REQUEST, " ".join(_sentence(one) for one in errors), errors=errors)
    if isinstance(exception, exceptions.ParseError | UnreadablePostError):
        return Problem(Code.MALFORMED_JSON, str(exception) or "The body ended too early.")
    for kind, code, detail in OF_THE_FRAMEWORK:
        if isinstance(exception, kind):
            return Problem(code, detail)
    if isinstance(exception, OperationalError):
        log.error("api_unavailable", exc_info=exception)
        return Problem(Code.UNAVAILABLE, "Nothing is known to have changed. Try again.", retry_after=5)
    log.error("api_crashed", exc_info=exception)
    return Problem(Code.INTERNAL_ERROR, "The log has it under this request id. Tell whoever runs Keyturn.")


def _flat(detail: Any, path: str = "") -> Iterator[FieldError]:
    """Errors of nested bodies, each with the way to its field: `guest.email`, `companions.0.name`."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            here = path if name == "non_field_errors" else f"{path}.{name}".lstrip(".")
            yield from _flat(inner, here)
    elif isinstance(detail, list):
        for number, inner in enumerate(detail):
            is_leaf = isinstance(inner, exceptions.ErrorDetail)
            yield from _flat(inner, path if is_leaf else f"{path}.{number}".lstrip("."))
    else:
        yield FieldError(path, getattr(detail, "code", "invalid"), str(detail))


def _sentence(error: FieldError) -> str:
    return f"{error.field}: {error.detail}" if error.field else error.detail


def _shown(text: str) -> str:
    """Fit for an answer: what was sent may be long, and have letters that cannot be written."""
    return text[:LONGEST_ECHO].encode("utf-8", "replace").decode()
