"""Lists, a page at a time: by a place in their order, which stays right whatever comes and goes meanwhile.

A cursor is the place of the last row that was shown. It is opaque to programs, and holds nothing but times
and numbers.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from access.api.fields import Strict

Row = TypeVar("Row", bound=Model)

USUAL, MOST = 50, 100  # rows of a page
LONGEST_CURSOR = 300
LARGEST_KEY = 10**18
BY_ID = ("pk",)


class PageQuery(Strict):
    """What every list takes."""

    cursor = serializers.CharField(
        required=False, max_length=LONGEST_CURSOR, help_text="`next_cursor` of the page before."
    )
    limit = serializers.IntegerField(
        required=False, min_value=1, max_value=MOST, default=USUAL, help_text="Rows of a page."
    )


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows, and the place from which the next page goes on; None at the end."""

    rows: list[Row]
    next_cursor: str | None


def page(found: QuerySet[Row], asked: dict[str, Any], *, order: Sequence[str] = BY_ID) -> Page[Row]:
    """A page of rows in an order, whose last part is the key: `-starts_at`, `-pk`. Other parts are times."""
    most: int = asked["limit"]
    return _cut(list(_ordered(found, asked, order)[: most + 1]), most, order)


def read_page(
    found: QuerySet[Row],
    asked: dict[str, Any],
    *,
    order: Sequence[str],
    columns: Sequence[str],
    read: Callable[[tuple[Any, ...]], Row],
) -> Page[Row]:
    """The same, of rows that are made by `read` from these columns."""
    most: int = asked["limit"]
    rows = _ordered(found, asked, order).values_list(*columns)[: most + 1]
    return _cut([read(row) for row in rows], most, order)


def _ordered(found: QuerySet[Row], asked: dict[str, Any], order: Sequence[str]) -> QuerySet[Row]:
    ordered = found.order_by(*order)
    if "cursor" in asked:
        ordered = ordered.filter(_after(order, _place(asked["cursor"], order)))
    return ordered


def _cut(rows: list[Row], most: int, order: Sequence[str]) -> Page[Row]:
    """The page; one row more than it holds was asked for, to know whether another page follows."""
    if len(rows) <= most:
        return Page(rows, None)
    return Page(rows[:most], _cursor(rows[most - 1], order))


def _after(order: Sequence[str], place: Sequence[Any]) -> Q:
    """Rows that stand after a place. The first part stands alone too, as an index leads there by it."""
    further = Q()
    for part, value in reversed(list(zip(order, place, strict=True))):
        name, is_later = part.removeprefix("-"), "lt" if part.startswith("-") else "gt"
        beyond = Q(**{f"{name}__{is_later}": value})
        further = beyond | (Q(**{name: value}) & further) if further else beyond
    first = order[0]
    if len(order) > 1:
        bound = "lte" if first.startswith("-") else "gte"
        further &= Q(**{f"{first.removeprefix('-')}__{bound}": place[0]})
    return further


def _cursor(row: Model, order: Sequence[str]) -> str:
    place = [_kept(getattr(row, part.removeprefix("-"))) for part in order]
    return urlsafe_b64encode(json.dumps([",".join(order), *place]).encode()).decode().rstrip("=")


def _kept(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _place(cursor: str, order: Sequence[str]) -> list[Any]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        named, *times, key = json.loads(urlsafe_b64decode(padded.encode("ascii")))
        return _checked([named, *(_instant(one) for one in times), key], order)
    except (ValueError, TypeError, NotBase64, RecursionError):
        refusal = "Take the next_cursor of a page of this very list, and the same order."
        raise ValidationError({"cursor": [refusal]}, code="invalid_cursor") from None


def _checked(read: Sequence[Any], order: Sequence[str]) -> list[Any]:
    named, *place = read
    if named != ",".join(order) or len(place) != len(order):
        raise ValueError("The cursor is of another list.")
    if type(place[-1]) is not int or not 0 <= place[-1] < LARGEST_KEY:
        raise ValueError("The cursor names no row.")
    return place


def _instant(text: Any) -> datetime:
    read = datetime.fromisoformat(text)
    if read.tzinfo is None:
        raise ValueError("An instant has an offset.")
    return read
