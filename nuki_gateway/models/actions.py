"""What a smart lock can be told to do, and the answer of the calls whose outcome comes by webhook."""

from dataclasses import dataclass
from enum import IntEnum, IntFlag
from typing import Any, Self

from nuki_gateway.models import reading


class Action(IntEnum):
    """What to do. Source: the vendor's API definition.

    Smart Locks and Smart Doors take 1 to 5. A Box takes only 1. An Opener reads the numbers its own way:
    1 switches ring-to-open on and 2 off, 3 opens, and only it takes 6 and 7.
    """

    UNLOCK = 1  # Opener: ring-to-open on
    LOCK = 2  # Opener: ring-to-open off
    UNLATCH = 3  # Opener: open
    LOCK_AND_GO = 4
    LOCK_AND_GO_WITH_UNLATCH = 5
    CONTINUOUS_MODE_ON = 6
    CONTINUOUS_MODE_OFF = 7


class ActionOption(IntFlag):
    """How to do it. Source: the vendor's API definition."""

    NONE = 0
    FORCE = 2
    FULL_LOCK = 4


@dataclass(frozen=True, repr=False)
class Confirmation:
    """The answer of an Advanced call: checked and queued. The outcome comes as a `RequestOutcome`.

    `error` is the service's text about locks that are left out for want of a subscription.
    """

    request_id: str
    error: str | None = None

    @classmethod
    def from_json(cls, body: Any) -> Self:
        """Read a confirmation. The id is a UUID by the definition, and 24 hex digits when seen."""
        return cls(
            request_id=reading.identifier(body, "requestId"),
            error=reading.if_readable(reading.optional_text, body, "error") or None,
        )

    def __repr__(self) -> str:
        """Without the service's words."""
        return f"<Confirmation {self.request_id}>"
