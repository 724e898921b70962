"""How the OpenAPI schema is made: which addresses are in it, what its parts are called, how ids look."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers

from access.api import ids
from access.api.fields import Strict, Text

Endpoint = tuple[str, str, str, Callable[..., Any]]
PREFIX = "/api/v1/"
SOMETHING = r"\S"  # but blanks


def only_operations(endpoints: list[Endpoint], **_: Any) -> list[Endpoint]:
    """Leave out what is no operation."""
    return [one for one in endpoints if one[0].startswith(PREFIX)]


class Schema(AutoSchema):
    """Calls things what they are."""

    def _get_serializer_name(self, serializer: Any, direction: Any, *args: Any, **kwargs: Any) -> str:
        """What answers are made of has the name of the thing."""
        name: str = super()._get_serializer_name(serializer, direction, *args, **kwargs)
        return name.removesuffix("Out")

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> dict[str, Any]:
        """What is sent has no other fields than those, and no more of anything than there may be."""
        described: dict[str, Any] = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        known = serializer() if isinstance(serializer, type) else serializer
        if isinstance(known, Strict):
            described["additionalProperties"] = False
            for name, field in known.fields.items():
                most = getattr(field, "max_length", None)
                if isinstance(field, serializers.ListSerializer) and most is not None:
                    described["properties"][name]["maxItems"] = most
                if isinstance(field, Text) and not field.allow_blank:
                    described["properties"][name]["pattern"] = SOMETHING
        return described


class IdSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """Ids say what they are of."""

    target_class = "access.api.fields.Id"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        """A text of one form."""
        del auto_schema, direction
        kind = self.target.kind
        return {"type": "string", "pattern": ids.pattern(kind), "examples": [ids.made(kind, 42)]}


class ExpandSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """Names with commas between."""

    target_class = "access.api.fields.Expand"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        """Any of those that can be expanded."""
        del auto_schema, direction
        known = "|".join(self.target.known)
        return {
            "type": "string",
            "pattern": f"^({known})(,({known}))*$",
            "examples": [",".join(self.target.known)],
        }


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How programs say who they are."""

    target_class = "access.api.keys.KeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """A scheme that HTTP knows."""
        del auto_schema
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A key of the business, made under Settings → API keys.",
        }
