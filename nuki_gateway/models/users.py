"""Account users: the people whom app authorizations belong to."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from nuki_gateway.models import reading


class Language(StrEnum):
    """In which language Nuki writes to a user. Source: the vendor's API definition."""

    ENGLISH = "en"
    GERMAN = "de"
    SPANISH = "es"
    FRENCH = "fr"
    ITALIAN = "it"
    DUTCH = "nl"
    CZECH = "cs"
    SLOVAK = "sk"


@dataclass(frozen=True, repr=False)
class AccountUser:
    """A person whom the account knows. One address belongs to one person."""

    account_user_id: int
    email: str
    name: str
    language: str | None
    operation_runs: bool

    def has_address(self, email: str) -> bool:
        """Whether this is the person's address. Capital letters make no difference, but only ASCII ones.

        Other alphabets have different letters that become the same one when case is taken away, and the
        invite would go to somebody else.
        """
        if self.email == email:
            return True
        both_ascii = self.email.isascii() and email.isascii()
        return both_ascii and self.email.lower() == email.lower()

    @classmethod
    def from_json(cls, body: Any) -> Self:
        """Read one account user."""
        return cls(
            account_user_id=reading.number(body, "accountUserId"),
            email=reading.text(body, "email"),
            name=reading.optional_text(body, "name") or "",
            language=reading.if_readable(reading.optional_text, body, "language"),
            operation_runs=reading.is_named(body, "operationId"),
        )

    def __repr__(self) -> str:
        """Without the name and the address."""
        return f"<AccountUser {self.account_user_id}>"
