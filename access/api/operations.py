"""What an operation needs and takes, said once: requests are read by it, and the schema is made from it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers

from access.api.fields import Nothing, Strict
from access.api.idempotency import HEADER
from access.api.problems import KNOWN, MEDIA_TYPE, Code
from properties.api_scopes import Scope

Method = TypeVar("Method", bound=Callable[..., Any])

OF_EVERY_ONE = (
    Code.INVALID_REQUEST,
    Code.API_KEY_MISSING,
    Code.API_KEY_UNKNOWN,
    Code.API_KEY_REVOKED,
    Code.API_KEY_EXPIRED,
    Code.SCOPE_MISSING,
    Code.NOT_ACCEPTABLE,
    Code.RATE_LIMITED,
    Code.INTERNAL_ERROR,
    Code.UNAVAILABLE,
)
OF_BODIES = (Code.MALFORMED_JSON, Code.TOO_LARGE, Code.UNSUPPORTED_MEDIA_TYPE)
OF_KEPT_ANSWERS = (Code.IDEMPOTENCY_KEY_INVALID, Code.IDEMPOTENCY_KEY_REUSED, Code.IN_PROGRESS)
MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The `version` in quotes: the change is refused (412) if the stay is another one by now.",
)
KEPT = OpenApiParameter(
    HEADER,
    {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    OpenApiParameter.HEADER,
    description="A word of yours, such as a UUID. The same request under it is carried out once in 24 hours.",
)


class FieldErrorOut(serializers.Serializer[Any]):
    """What is wrong with one field."""

    field = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class ProblemOut(serializers.Serializer[Any]):
    """A refusal, as RFC 9457 has it."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.ChoiceField(choices=[(code.value, title) for code, (_, title) in KNOWN.items()])
    detail = serializers.CharField()
    field = serializers.CharField(
        required=False, help_text="What the refusal is about; the first of `errors`."
    )
    errors = FieldErrorOut(many=True, required=False)  # type: ignore[assignment]  # a field
    scope = serializers.CharField(required=False, help_text="With `scope_missing`.")
    other_stay = serializers.CharField(required=False, help_text="With `stay_overlaps`, `external_id_taken`.")
    request_id = serializers.CharField()


@dataclass(frozen=True)
class Operation:
    """What is asked of a request before its method is called."""

    scope: Scope
    query: type[Strict]
    body: type[Strict] | None
    keeps_answers: bool


def operation(
    name: str,
    summary: str,
    *,
    scope: Scope,
    tag: str,
    answers: type[serializers.Serializer[Any]] | serializers.Serializer[Any],
    says: str = "",
    status: int = 200,
    also: int | None = None,
    query: type[Strict] = Nothing,
    body: type[Strict] | None = None,
    example: dict[str, Any] | None = None,
    problems: Sequence[Code] = (),
    keeps_answers: bool = False,
    matches: bool = False,
    path: Sequence[OpenApiParameter] = (),
) -> Callable[[Method], Method]:
    """Make a method an operation: with its scope, what its query and body may have, and what it answers.

    `also` is a second status with the same answer. `problems` are those beside the ones that all share.
    `path` says of parts of the address what no converter does.
    """
    refusals = [*OF_EVERY_ONE, *problems]
    refusals += OF_BODIES if body else ()
    refusals += OF_KEPT_ANSWERS if keeps_answers else ()
    refusals += (Code.STALE,) if matches else ()
    made = Operation(scope, query, body, keeps_answers)
    successes: dict[Any, Any] = dict.fromkeys([status, also] if also else [status], answers)

    def decorate(method: Method) -> Method:
        described = extend_schema(
            operation_id=name,
            summary=summary,
            description="\n\n".join(part for part in (says, f"Needs the scope `{scope}`.") if part),
            tags=[tag],
            parameters=[
                *path,
                *([] if query is Nothing else [query]),
                *([KEPT] if keeps_answers else []),
                *([MATCH] if matches else []),
            ],
            request=body,
            responses={**successes, **_refused(refusals)},
            examples=[OpenApiExample("Example", value=example, request_only=True)] if example else None,
        )(method)
        described.operation = made  # type: ignore[attr-defined]  # a function carries what is put on it
        return described

    return decorate


def operation_of(view: object, method: str) -> Operation | None:
    """What a view's method needs; None where it has no such method."""
    found: Operation | None = getattr(getattr(view, method.lower(), None), "operation", None)
    return found


def _refused(codes: Sequence[Code]) -> dict[Any, OpenApiResponse]:
    """The refusals by their status, each with its codes."""
    by_status: dict[int, list[Code]] = {}
    for code in dict.fromkeys(codes):
        by_status.setdefault(KNOWN[code][0], []).append(code)
    return {
        (status, MEDIA_TYPE): OpenApiResponse(ProblemOut, ", ".join(f"`{code}`" for code in found))
        for status, found in sorted(by_status.items())
    }
