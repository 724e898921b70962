"""Why a stay could not be booked or changed, in the words and codes of the API."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from access import guests, messages, queries, stays
from access.api.ids import Kind, made
from access.api.matching import stale
from access.api.problems import Code, Problem
from access.models import Stay
from properties.reach import EVERYWHERE, Reach


@contextmanager
def refusals(  # noqa: C901  a table
    stay: Stay | None = None, wanted: Mapping[str, Any] | None = None, reach: Reach = EVERYWHERE
) -> Iterator[None]:
    """Turn refusals of the operations into problems. `wanted` is what the unit was to be taken for.

    A stay that is in the way is named only within reach; one of the same unit always is.
    """
    try:
        yield
    except stays.UnitIsTaken:
        raise _taken(stay, wanted or {}) from None
    except stays.ExternalIdIsTaken:
        raise _called_so(wanted or {}, reach) from None
    except stays.UnitHasNoSmartLock:
        raise Problem(Code.UNIT_WITHOUT_LOCK, "Put a lock on a door of its way in.", field="unit") from None
    except stays.StayIsOver:
        raise Problem(Code.STAY_IS_OVER, "Nothing was changed.") from None
    except stays.StayIsCancelled:
        raise Problem(Code.STAY_IS_CANCELLED, "Book a new one.") from None
    except stays.StayWasChanged:
        raise stale() from None
    except stays.StayHasNoCode:
        raise Problem(Code.NO_CODE, "There is none to change.") from None
    except stays.CodeIsTaken:
        raise _code_taken(is_chosen=bool((wanted or {}).get("code"))) from None
    except messages.DoorsAreNotReady:
        detail = "The guest is told by itself once every door has the code."
        raise Problem(Code.DOORS_NOT_READY, detail) from None
    except messages.WasJustSent:
        detail = "The message was sent a moment ago, or is being sent."
        raise Problem(Code.ASKED_JUST_NOW, detail, retry_after=60) from None
    except guests.GuestIsKnown:
        raise Problem(Code.GUEST_KNOWN, "Nothing of the guest was changed.", field="guest") from None
    except guests.GuestIsErased:
        raise Problem(Code.GUEST_ERASED, "Nothing of the guest was changed.", field="guest") from None


def _code_taken(*, is_chosen: bool) -> Problem:
    if is_chosen:
        return Problem(Code.CODE_TAKEN, "Choose another, or leave it out.", field="code")
    return Problem(Code.UNAVAILABLE, "No free code was found. Try again.", retry_after=1)


def _taken(stay: Stay | None, wanted: Mapping[str, Any]) -> Problem:
    other = _other(stay, wanted)
    if other is not None and other.external_id and other.external_id == wanted.get("external_id"):
        return _is_called_so(other)
    more = {"other_stay": made(Kind.STAY, other.pk)} if other else {}
    return Problem(Code.STAY_OVERLAPS, "Nothing was booked or moved.", field="unit", more=more)


def _other(stay: Stay | None, wanted: Mapping[str, Any]) -> Stay | None:
    """The stay that has the unit; it may have gone by now."""
    if "unit" not in wanted:
        return None
    return queries.neighbour(
        unit_id=wanted["unit"].pk,
        starts_at=wanted["starts_at"],
        ends_at=wanted["ends_at"],
        besides=stay.pk if stay else None,
    )


def _called_so(wanted: Mapping[str, Any], reach: Reach) -> Problem:
    standing = Stay.objects.filter(external_id=wanted.get("external_id", ""), cancelled_at=None)
    other = standing.filter(reach.covers("unit__property")).exclude(external_id="").first()
    if other is None:
        return Problem(Code.EXTERNAL_ID_TAKEN, "Nothing was booked or changed.", field="external_id")
    return _is_called_so(other)


def _is_called_so(other: Stay) -> Problem:
    return Problem(
        Code.EXTERNAL_ID_TAKEN,
        "Nothing was booked or changed. To change that stay, put it by its number.",
        field="external_id",
        more={"other_stay": made(Kind.STAY, other.pk)},
    )
