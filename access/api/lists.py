"""Answers that are lists."""

from collections.abc import Mapping
from functools import cache
from typing import Any, cast

from rest_framework import serializers
from rest_framework.response import Response

from access.api.paging import Page

Serializer = serializers.Serializer[Any]


@cache
def list_of(item: type[Serializer]) -> type[Serializer]:
    """A page of such items, as the schema has it."""
    name = item.__name__.removesuffix("Out") + "PageOut"
    parts = {
        "__doc__": "A page of a list.",
        "__module__": item.__module__,
        "data": item(many=True),
        "next_cursor": serializers.CharField(
            allow_null=True, help_text="`cursor` of the next page; null at the end."
        ),
    }
    return cast("type[Serializer]", serializers.SerializerMetaclass(name, (serializers.Serializer,), parts))


def listed(page: Page[Any], item: type[Serializer], context: Mapping[str, Any] | None = None) -> Response:
    """The answer with a page."""
    shown = item(page.rows, many=True, context=dict(context or {}))
    return Response({"data": shown.data, "next_cursor": page.next_cursor})
