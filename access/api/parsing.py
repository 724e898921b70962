"""Reading bodies: JSON as RFC 8259 has it, of bounded size, and nothing that two readers take differently."""

import json
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from access.api.problems import Code, Problem

MOST_BYTES = 256 * 1024  # a hundred stays with all their guests are a quarter of it


class StrictJson(BaseParser):
    """JSON in UTF-8, without numbers that are none and names that come twice."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,  # noqa: ARG002  REST framework's signature
        parser_context: Any = None,  # noqa: ARG002
    ) -> Any:
        """The value; raises ParseError, whose text says what is wrong."""
        try:
            return json.loads(
                stream.read().decode(), parse_constant=_refuse_constant, object_pairs_hook=_each_once
            )
        except UnicodeDecodeError:
            raise ParseError("The body is not in UTF-8.") from None
        except RecursionError:
            raise ParseError("The body is nested too deeply.") from None
        except json.JSONDecodeError as refusal:
            raise ParseError(f"{refusal.msg} (line {refusal.lineno}, column {refusal.colno})") from None
        except ValueError as refusal:
            raise ParseError(str(refusal)) from None


def check_size(request: Request) -> None:
    """Refuse a body that is too large before any of it is read."""
    try:
        announced = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        announced = 0
    if announced > MOST_BYTES:
        raise Problem(Code.TOO_LARGE, f"A body may have {MOST_BYTES} bytes.")


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON.")


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) < len(pairs):
        raise ValueError("A name stands twice in one object.")
    return read
