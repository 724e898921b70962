"""Reading single facts out of what Nuki Web says: every value has its type, or it is not taken.

Absent keys and nulls mean the same. A fact that something hangs on is read as it is or refused
(`OfAnotherShape`); one that only informs is `if_readable`, so that a new form of it costs nothing else.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

Value = TypeVar("Value")

LARGEST_NUMBER = 2**63 - 1  # smart locks are numbered in 64 bits
LARGEST_SMALL_NUMBER = 2**15 - 1  # types, states, minutes: the largest known has four digits
LONGEST_NUMERAL = 19  # digits of the largest number
ID = re.compile(r"[0-9A-Za-z_-]{1,64}")  # 24 hex digits so far; nothing that means something in an address


class OfAnotherShape(ValueError):
    """What stands there is not what the vendor's API definition and all recorded answers have there."""


def storable(text: str) -> str:
    """The text with question marks for what no database and no address takes: halves of characters, NUL."""
    return text.replace("\0", "?").encode("utf-8", "replace").decode("utf-8")


def is_id(text: str) -> bool:
    """Whether this can be an id of Nuki's, and so can stand in an address."""
    return ID.fullmatch(text) is not None


def part(body: Any, key: str) -> Any:
    """An object inside an object; one without anything where it is absent."""
    inner = _at(body, key)
    return {} if inner is None else _object(inner, key)


def items(body: Any, key: str) -> list[Any]:
    """A list inside an object; an empty one where it is absent."""
    inner = _at(body, key)
    if inner is None:
        return []
    if not isinstance(inner, list):
        raise OfAnotherShape(f"{key} is no list")
    return inner


def number(body: Any, key: str, most: int = LARGEST_NUMBER) -> int:
    """A whole number that has to be there, from 0 to `most`."""
    return _there(optional_number(body, key, most), key)


def optional_number(body: Any, key: str, most: int = LARGEST_NUMBER) -> int | None:
    """A whole number from 0 to `most`, or None. Digits in quotes are a number too."""
    value = _at(body, key)
    if value is None:
        return None
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= LONGEST_NUMERAL:
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise OfAnotherShape(f"{key} is no number from 0 to {most}")
    return value


def small_number(body: Any, key: str) -> int:
    """A number of some list of numbers: a type, a state, an action."""
    return number(body, key, LARGEST_SMALL_NUMBER)


def optional_small_number(body: Any, key: str) -> int | None:
    """The same, or None."""
    return optional_number(body, key, LARGEST_SMALL_NUMBER)


def identifier(body: Any, key: str) -> str:
    """An id that has to be there."""
    return _there(optional_identifier(body, key), key)


def optional_identifier(body: Any, key: str) -> str | None:
    """An id, or None where there is none or an empty one."""
    value = _at(body, key)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or not is_id(value):
        raise OfAnotherShape(f"{key} is no id")
    return value


def text(body: Any, key: str) -> str:
    """A text that has to be there."""
    return _there(optional_text(body, key), key)


def optional_text(body: Any, key: str) -> str | None:
    """A text that can be stored and sent on, or None."""
    value = _at(body, key)
    if value is None:
        return None
    if not isinstance(value, str):
        raise OfAnotherShape(f"{key} is no text")
    return storable(value)


def flag(body: Any, key: str, *, absent: bool = False) -> bool:
    """Whether something is so; `absent` where nothing is said."""
    told = optional_flag(body, key)
    return absent if told is None else told


def optional_flag(body: Any, key: str) -> bool | None:
    """Whether something is so, or None."""
    value = _at(body, key)
    if value is not None and not isinstance(value, bool):
        raise OfAnotherShape(f"{key} is neither true nor false")
    return value


def is_named(body: Any, key: str) -> bool:
    """Whether there is anything, of whatever shape: `operationId` comes as a text or as an object."""
    return bool(_at(body, key))


def instant(body: Any, key: str) -> datetime:
    """A date and time that has to be there."""
    return _there(optional_instant(body, key), key)


def optional_instant(body: Any, key: str) -> datetime | None:
    """A date and time in UTC, to the second, or None. One without a zone is UTC."""
    value = _at(body, key)
    if value is None or value == "":
        return None
    try:
        read = datetime.fromisoformat(value)
        in_a_zone = read if read.tzinfo else read.replace(tzinfo=UTC)
        return in_a_zone.astimezone(UTC).replace(microsecond=0)
    except (TypeError, ValueError, OverflowError):
        raise OfAnotherShape(f"{key} is no date") from None


def written(moment: datetime) -> str:
    """The instant as the service takes it: RFC 3339 in UTC; seconds since 1970 are refused (observed)."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def if_readable(read: Callable[[Any, str], Value | None], body: Any, key: str) -> Value | None:
    """What is read there, or None where it is of another shape."""
    try:
        return read(body, key)
    except OfAnotherShape:
        return None


def _at(body: Any, key: str) -> Any:
    return _object(body, "the whole").get(key)


def _object(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise OfAnotherShape(f"{what} is no object")
    return value


def _there(value: Value | None, key: str) -> Value:
    if value is None:
        raise OfAnotherShape(f"{key} is absent")
    return value
