"""The words in braces that hosts write into their own texts, such as {guest}. Pure."""

import re
from collections.abc import Mapping
from enum import StrEnum

ANY_BRACE = re.compile(r"\{([^{}\n]*)\}|[{}]")


class Variable(StrEnum):
    """What a word in braces stands for."""

    GUEST = "guest"
    UNIT = "unit"
    PROPERTY = "property"
    ARRIVAL = "arrival"
    DEPARTURE = "departure"


class BrokenVariable(ValueError):
    """A brace stands around nothing that we know, or alone: what was written, and where (counted from 1)."""

    def __init__(self, written: str, line: int, column: int) -> None:
        super().__init__(written, line, column)
        self.written, self.line, self.column = written, line, column


def check(text: str) -> str:
    """The text itself, if every brace in it belongs to a word that can be filled in."""
    for found in ANY_BRACE.finditer(text):
        if found[1] is None or found[1].strip() not in list(Variable):
            before = text[: found.start()]
            line = before.count("\n") + 1
            column = found.start() - (before.rfind("\n") + 1) + 1
            raise BrokenVariable(found[0], line, column)
    return text


def fill(text: str, values: Mapping[Variable, str]) -> str:
    """The text with values in place of the words in braces. Braces in a value stay what they are."""
    return ANY_BRACE.sub(lambda found: _value(found, values), text)


def _value(found: re.Match[str], values: Mapping[Variable, str]) -> str:
    name = (found[1] or "").strip()
    return values[Variable(name)] if name in list(Variable) else found[0]
