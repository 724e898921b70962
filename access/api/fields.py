"""The fields and bodies of the API: stricter than REST framework's own, and each unknown name is refused."""

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from access import names
from access.api import ids
from access.api.ids import Kind

RFC_3339 = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?(?P<offset>[Zz]|[+-]\d{2}:\d{2})?", re.ASCII
)
LONGEST_EXTERNAL_ID = 100


class Strict(serializers.Serializer[Any]):
    """What programs send: names that it does not have are refused, each by its name."""

    def to_internal_value(self, data: Any) -> Any:
        """Read it, and say everything that is wrong with it at once."""
        if not isinstance(data, Mapping):
            return super().to_internal_value(data)
        unknown = {
            name: [ErrorDetail("There is no such field.", "unknown_field")]
            for name in data
            if name not in self.fields
        }
        try:
            read = super().to_internal_value(data)
        except ValidationError as refusal:
            if not isinstance(refusal.detail, dict):
                raise
            raise ValidationError({**unknown, **refusal.detail}) from None
        if unknown:
            raise ValidationError(unknown)
        return read


class Nothing(Strict):
    """The body of what needs none."""


class Text(serializers.CharField):
    """A text, and not a number that would be taken for one."""

    def to_internal_value(self, data: Any) -> str:
        """Only strings."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Name(Text):
    """A person's name on one line, however it was pasted."""

    def to_internal_value(self, data: Any) -> str:
        """Without line breaks and letters that are not seen."""
        read = names.tidy(super().to_internal_value(data))
        if not read and not self.allow_blank:
            self.fail("blank")
        return read


class Email(serializers.EmailField):
    """An address."""

    def to_internal_value(self, data: Any) -> str:
        """Only strings, in lower case."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data).lower()


@extend_schema_field({"type": "string", "format": "date-time", "examples": ["2026-06-15T13:00:00Z"]})
class Instant(serializers.Field[datetime, Any, str, Any]):
    """An instant: with an offset on the way in, in UTC on the way out."""

    default_error_messages = {
        "invalid": "Write an instant such as 2026-06-15T15:00:00+02:00.",
        "offset_missing": "Say the offset too, such as 2026-06-15T15:00:00+02:00 or 2026-06-15T13:00:00Z.",
    }

    def to_internal_value(self, data: Any) -> datetime:
        """RFC 3339, whose offset is no decoration: without it nobody knows which instant is meant."""
        found = RFC_3339.fullmatch(data) if isinstance(data, str) else None
        if found is None:
            self.fail("invalid")
        if found["offset"] is None:
            self.fail("offset_missing")
        try:
            return datetime.fromisoformat(found[0].upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail("invalid")

    def to_representation(self, value: datetime) -> str:
        """In UTC."""
        return written(value)


@extend_schema_field({"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$", "examples": ["15:00"]})
class OnTheClock(serializers.TimeField):
    """What a clock on the wall shows, to the minute."""

    def __init__(self, **options: Any) -> None:
        super().__init__(format="%H:%M", **options)


class Id(serializers.Field[int, Any, str, Any]):
    """The id of a row, which says of what it is the id."""

    def __init__(self, kind: Kind, **options: Any) -> None:
        super().__init__(**options)
        self.kind = kind

    def to_internal_value(self, data: Any) -> int:
        """The row's number."""
        try:
            return ids.read(self.kind, data if isinstance(data, str) else "")
        except ids.NotAnId as refusal:
            raise ValidationError(str(refusal), code="invalid_id") from None

    def to_representation(self, value: int) -> str:
        """As programs see it."""
        return ids.made(self.kind, value)


class Expand(serializers.Field[frozenset[str], Any, str, Any]):
    """Which ids of the answer are to be whole objects, with commas between."""

    default_error_messages = {"unknown": "What can be expanded is: {known}."}

    def __init__(self, known: Collection[str], **options: Any) -> None:
        super().__init__(**options)
        self.known = sorted(known)

    def to_internal_value(self, data: Any) -> frozenset[str]:
        """The names."""
        asked = frozenset(str(data).split(","))
        if not asked <= set(self.known):
            self.fail("unknown", known=", ".join(self.known))
        return asked

    def to_representation(self, value: frozenset[str]) -> str:
        """As it is asked for."""
        return ",".join(sorted(value))


class ExternalId(Text):
    """What a property system calls a stay."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=LONGEST_EXTERNAL_ID, **options)


def written(instant: datetime) -> str:
    """An instant as answers have it."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def read(form: type[serializers.Serializer[Any]], sent: Any) -> dict[str, Any]:
    """What was sent, checked; raises ValidationError with all that is wrong with it."""
    checked = form(data=sent)
    checked.is_valid(raise_exception=True)
    return dict(checked.validated_data)
