"""Writing the world to a file and reading it again: dataclasses to JSON and back by their annotations."""

import dataclasses
import json
import os
from datetime import datetime
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

Value = TypeVar("Value")


class StateFileIsBad(Exception):
    """The state file cannot be continued; the text is one sentence that says why."""


def write(path: Path, text: str) -> None:
    """Put the text in the file's place in one step: a killed process leaves the old file or the new."""
    draft = path.with_name(f"{path.name}.draft")
    with draft.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(path)


def read(path: Path, into: type[Value]) -> Value:
    """Read back what was written of a value of this type; raises StateFileIsBad."""
    try:
        value: Value = from_json(json.loads(path.read_text(encoding="utf-8")), into)
    except OSError as error:
        raise StateFileIsBad(f"The state file {path} cannot be read: {error.strerror}.") from error
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise StateFileIsBad(f"The state file {path} is not one that a simulator wrote.") from error
    return value


def text(value: Any) -> str:
    """Return the value as the text of a file."""
    return json.dumps(to_json(value), separators=(",", ":"))


def to_json(value: Any) -> Any:
    """Return the value as dicts, lists, texts and numbers."""
    if dataclasses.is_dataclass(value):
        return {one.name: to_json(getattr(value, one.name)) for one in dataclasses.fields(value)}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, list):
        return [to_json(one) for one in value]
    if isinstance(value, dict):
        return {str(key): to_json(one) for key, one in value.items()}
    return value


def from_json(value: Any, into: Any) -> Any:
    """Return the value of the annotated type that this JSON was made from."""
    if get_origin(into) is UnionType:
        wanted = next(one for one in get_args(into) if one is not NoneType)
        return None if value is None else from_json(value, wanted)
    if get_origin(into) is list:
        return [from_json(one, get_args(into)[0]) for one in value]
    if get_origin(into) is dict:
        key_type, value_type = get_args(into)
        return {key_type(key): from_json(one, value_type) for key, one in value.items()}
    if dataclasses.is_dataclass(into):
        return _dataclass_from_json(value, into)
    if into is datetime:
        return datetime.fromisoformat(value)
    return into(value)


def _dataclass_from_json(value: dict[str, Any], into: Any) -> Any:
    hints = get_type_hints(into)
    return into(**{name: from_json(one, hints[name]) for name, one in value.items() if name in hints})
