"""In whose name a call is made: a token that stays, or one that can be renewed in the middle of a run."""

from dataclasses import dataclass, field
from typing import Protocol


class Credentials(Protocol):
    """Where the token of a call comes from. Both may raise a `NukiError`, and may ask a database."""

    def token(self) -> str:
        """The token to make a call with now."""

    def renewed(self, refused: str) -> str | None:
        """Another token in the place of one that was answered 401; None if there is no other."""


@dataclass(frozen=True)
class ApiToken:
    """A token made by hand in Nuki Web: it does not end by itself, and nothing renews it."""

    value: str = field(repr=False)

    def token(self) -> str:
        """The one token that there is."""
        return self.value

    def renewed(self, refused: str) -> None:
        """Nothing: a person has to make another one."""
