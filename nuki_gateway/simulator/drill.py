"""One fire drill: something that can be made to go wrong, with the words that a page shows for it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from nuki_gateway.simulator.scenes import Scenes

Values = dict[str, Any]


class Scope(StrEnum):
    """What a drill is about."""

    LOCK = "lock"
    ACCOUNT = "account"
    WORLD = "world"


@dataclass(frozen=True)
class Parameter:
    """Something to fill in; the default says whether it is a number, a text or a choice of yes and no.

    `least` and `most` bound a number, `pattern` a text.
    """

    name: str
    label: str
    default: float | str | bool
    choices: tuple[str, ...] = ()
    least: float = 0
    most: float = 1_000_000_000
    pattern: str = ".*"

    def shape(self) -> Values:
        """Return what the list of drills says of it."""
        shape: Values = {"name": self.name, "label": self.label, "default": self.default}
        return {**shape, "choices": list(self.choices)} if self.choices else shape


@dataclass(frozen=True)
class Drill:
    """One thing that can be made to go wrong, or to go right again."""

    key: str
    words: str
    hint: str
    scope: Scope
    run: Callable[[Scenes, Any, Values], object]
    parameters: tuple[Parameter, ...] = ()

    def shape(self) -> Values:
        """Return what the list of drills says of it."""
        return {
            "key": self.key,
            "words": self.words,
            "hint": self.hint,
            "scope": str(self.scope),
            "parameters": [one.shape() for one in self.parameters],
        }


SECONDS = Parameter("seconds", "For how many seconds", 600.0)
CARRIED_OUT = Parameter("carried_out", "It is carried out", default=True)
