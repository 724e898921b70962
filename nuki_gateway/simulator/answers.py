"""A call to the simulated API, its answer, and the error bodies that the real one was seen to give."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

JSON_TYPE = "application/json;charset=UTF-8"
REASONS = {
    400: ("Bad Request", "The request could not be understood by the server due to malformed syntax"),
    402: ("Payment Required", "This code is reserved for future use"),
    401: ("Unauthorized", "The request requires user authentication"),
    403: ("Forbidden", "The server understood the request, but is refusing to fulfill it"),
    404: ("Not Found", "The server has not found anything matching the request URI"),
    405: ("Method Not Allowed", "The method specified in the request is not allowed for the resource"),
    422: ("Unprocessable Entity", "The server understands the content type and syntax but cannot process it"),
    429: ("Too Many Requests", "The user has sent too many requests in a given amount of time"),
    500: ("Internal Server Error", "The server encountered an unexpected condition"),
    502: ("Bad Gateway", "The server received an invalid response from the upstream server"),
    503: ("Service Unavailable", "The server is temporarily unable to handle the request"),
}


@dataclass(frozen=True)
class Request:
    """What came over HTTP; header names are in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class Answer:
    """What goes back over HTTP; no body at all when it is empty."""

    status: int
    body: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ApiCall:
    """One call that the simulator answered; status 0 means that the connection was broken instead."""

    at: datetime
    account: int | None
    method: str
    path: str
    status: int


class Refused(Exception):
    """The cloud does not accept a call."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"HTTP {answer.status}")
        self.answer = answer


NO_CONTENT = Answer(204)


def json_answer(value: Any, status: int = 200) -> Answer:
    """Return the value as JSON."""
    body = json.dumps(value, separators=(",", ":")).encode()
    return Answer(status, body, {"Content-Type": JSON_TYPE})


def value_not_valid(parameter: str, value: Any) -> Refused:
    """400 with the program's own complaint about a value (observed); an absent value is written 'null'."""
    text = "null" if value is None else str(value)
    message = f"The supplied value '{text}' for parameter '{parameter}' is not valid"
    shape = {"detailMessage": message, "stackTrace": [], "suppressedExceptions": []}
    return Refused(json_answer(shape, 400))


def empty_exception(status: int) -> Refused:
    """Refuse with an exception that has no message: observed for 423, taken over for 409."""
    return Refused(json_answer({"stackTrace": [], "suppressedExceptions": []}, status))


def status_page(status: int) -> Refused:
    """Refuse with the framework's status body: observed for 422, taken over for the other statuses."""
    phrase, description = REASONS.get(status, ("Error", "The server refused the request"))
    shape = {
        "code": status,
        "description": description,
        "homeRef": "/",
        "reasonPhrase": phrase,
        "uri": "https://www.rfc-editor.org/rfc/rfc9110",
    }
    return Refused(json_answer(shape, status))


def oauth_error(status: int, error: str, description: str) -> Refused:
    """Refuse with the body of the calls under /oauth/ (keys seen by one program)."""
    return Refused(json_answer({"error": error, "error_description": description}, status))


def ordered(status: int, retry_after: int | None) -> Answer:
    """Return the answer that a test ordered in place of the real one."""
    refusal = empty_exception(status) if status in {409, 423} else status_page(status)
    waits = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Answer(status, refusal.answer.body, {**refusal.answer.headers, **waits})
