"""What all groups of calls share: the way to the service, and how its answers become values."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from nuki_gateway import errors
from nuki_gateway.models import OfAnotherShape
from nuki_gateway.models.reading import is_id
from nuki_gateway.transport import Transport

Value = TypeVar("Value")
Query = dict[str, str | int]


class Calls:
    """Calls that go one way."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport


class NoSmartLockNamed(ValueError):
    """Something was to be made on no lock at all; what the service makes of that is not known."""


def value(read: Callable[[Any], Value], body: Any) -> Value:
    """What an answer says. `NukiUnavailable` if it is of another shape."""
    try:
        return read(body)
    except OfAnotherShape as difference:
        raise errors.NukiUnavailable(f"{read.__qualname__}: {difference}") from None


def values(read: Callable[[Any], Value], body: Any) -> list[Value]:
    """What a list says. Half a list is none: what is missing there would look gone."""
    if not isinstance(body, list):
        raise errors.NukiUnavailable(f"{read.__qualname__}: not a list")
    return [value(read, item) for item in body]


def asked(**query: str | int | None) -> Query:
    """The questions that have an answer."""
    return {name: wanted for name, wanted in query.items() if wanted is not None}


def listed(numbers: Iterable[int]) -> str | None:
    """Numbers as a query takes them; none of them means that all are wanted."""
    return ",".join(str(int(one)) for one in numbers) or None


def smart_locks(smartlock_ids: Iterable[int]) -> list[int]:
    """Each lock once, in the order given."""
    distinct = list(dict.fromkeys(smartlock_ids))
    if not distinct:
        raise NoSmartLockNamed("Name one smart lock at least.")
    return distinct


def in_address(authorization_id: str) -> str:
    """An id that may stand in an address: with `..` in its place the call would be about the lock itself."""
    if not is_id(authorization_id):
        raise errors.NukiNotFound("no authorization has such an id")
    return authorization_id
