"""Reading bodies and queries of calls: what the real service's JSON mapping does before any rule is asked."""

import json
from datetime import UTC, datetime
from types import UnionType
from typing import Any
from urllib.parse import parse_qsl

from nuki_gateway.simulator.answers import Request, status_page, value_not_valid

UNPROCESSABLE = 422


def parsed(request: Request) -> Any:
    """Return the JSON of the body, whatever content type it claims; raises Refused (422)."""
    try:
        return json.loads(request.body)
    except ValueError as error:
        raise status_page(UNPROCESSABLE) from error


def parsed_object(request: Request) -> dict[str, Any]:
    """Return the body, which must be an object; raises Refused (422)."""
    body = parsed(request)
    if not isinstance(body, dict):
        raise status_page(UNPROCESSABLE)
    return body


def parsed_list(request: Request) -> list[Any]:
    """Return the body, which must be a bare array; raises Refused (422)."""
    body = parsed(request)
    if not isinstance(body, list):
        raise status_page(UNPROCESSABLE)
    return body


def form(request: Request) -> dict[str, str]:
    """Return the fields of a form, whatever content type it claims; what cannot be read is left out."""
    return dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))


def text(body: dict[str, Any], name: str) -> str | None:
    """Return a text field or None; raises Refused (422) for anything else."""
    value: str | None = _typed(body, name, str)
    return value


def whole_number(body: dict[str, Any], name: str) -> int | None:
    """Return a whole number or None; raises Refused (422) for anything else."""
    if isinstance(body.get(name), bool):
        raise status_page(UNPROCESSABLE)
    value: int | None = _typed(body, name, int)
    return value


def number(body: dict[str, Any], name: str) -> float | None:
    """Return a number or None; raises Refused (422) for anything else."""
    if isinstance(body.get(name), bool):
        raise status_page(UNPROCESSABLE)
    value: float | None = _typed(body, name, int | float)
    return value


def truth(body: dict[str, Any], name: str) -> bool | None:
    """Return true, false or None; raises Refused (422) for anything else."""
    value: bool | None = _typed(body, name, bool)
    return value


def instant(body: dict[str, Any], name: str) -> datetime | None:
    """Return an RFC 3339 instant or None; raises Refused (422) for anything else."""
    written = text(body, name)
    if written is None:
        return None
    moment = _instant(written)
    if moment is None:
        raise status_page(UNPROCESSABLE)
    return moment


def query_number(request: Request, name: str) -> int | None:
    """Return a whole number of the query or None; raises Refused (400)."""
    written = request.query.get(name)
    if written is None:
        return None
    try:
        return int(written)
    except ValueError as error:
        raise value_not_valid(name, written) from error


def query_numbers(request: Request, name: str) -> set[int] | None:
    """Return the whole numbers of a comma separated query value or None; raises Refused (400)."""
    written = request.query.get(name)
    if not written:
        return None
    try:
        return {int(one) for one in written.split(",")}
    except ValueError as error:
        raise value_not_valid(name, written) from error


def query_instant(request: Request, name: str) -> datetime | None:
    """Return an instant of the query or None; raises Refused (400), as was seen for epoch seconds."""
    written = request.query.get(name)
    if written is None:
        return None
    moment = _instant(written)
    if moment is None:
        raise value_not_valid(name, written)
    return moment


def _typed(body: dict[str, Any], name: str, wanted: type[Any] | UnionType) -> Any:
    value = body.get(name)
    if value is not None and not isinstance(value, wanted):
        raise status_page(UNPROCESSABLE)
    return value


def _instant(written: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return None
    return None if moment.tzinfo is None else moment.astimezone(UTC)
