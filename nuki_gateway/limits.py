"""Whether a call may be made now: what is asked before each call and told after it.

`redis_limits` has the limits that all workers share; without any, nothing is held back.
"""

from enum import StrEnum
from typing import Protocol


class Outcome(StrEnum):
    """How a call ended, as far as the next one is concerned."""

    ANSWERED = "answered"  # the service did its part, whatever it said
    UNAUTHORIZED = "unauthorized"  # 401
    THROTTLED = "throttled"  # 429
    FAILED = "failed"  # 5xx, or no usable answer


class Limits(Protocol):
    """The limits of one account."""

    def before(self, what: str, *, token: str, background: bool) -> None:
        """Let a call pass, or raise one of `NukiOverBudget`, `NukiResting` and `NukiTokenRests`."""

    def after(self, outcome: Outcome, *, token: str, retry_after: int | None = None) -> None:
        """Learn how a call ended that was let pass; `retry_after` is in seconds, if a 429 said so."""


class NoLimits:
    """Lets every call pass."""

    def before(self, what: str, *, token: str, background: bool) -> None:
        """Nothing is held back."""

    def after(self, outcome: Outcome, *, token: str, retry_after: int | None = None) -> None:
        """Nothing is kept."""


UNLIMITED = NoLimits()
